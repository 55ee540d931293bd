"""The README keeps its word: a newcomer's first line, typed in a fresh copy, and the demo that it leaves seen from all sides.

The line is typed once; all that can be looked at afterwards, the other commands of the README too, is looked at there.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.ledger.entry import BUCKETS, read_judgement
from linda_pipeline.ocpi.columns import OBJECTS
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.demo_cpos import CPOS, WINDOWS
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.linda_here import bare_environment
from linda_pipeline_tests.test_readme import ROOT, TEST_LINE, commands

SHORTEST = 8
"""Shorter personal values also occur by chance."""


pytestmark = pytest.mark.slow


class Demo(NamedTuple):
    """What the demo left, and all that it printed."""

    copy: Path
    """The copy of the project in which it was typed."""
    folder: Path
    printed: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The README's first line, typed in what a fresh clone holds: the files that git tracks, as they are now."""
    copy = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    told = typed(commands()[0], copy, COLUMNS="120", PIP_NO_COMPILE="1")  # of which most is never imported
    return Demo(copy, copy / "data" / "demo", told.stdout + told.stderr)


def typed(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command as it stands, in a shell in which nothing of LINDA's is set, nor of the environment that runs the tests."""
    bare = {
        name: value
        for name, value in bare_environment().items()
        if not name.startswith(("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"))
    }
    told = subprocess.run(
        ["bash", "-c", command],
        cwd=folder, env=bare | environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert told.returncode == 0, f"{command}\n{told.stdout[-2000:]}\n{told.stderr[-2000:]}"
    return told


def test_every_other_command_of_the_readme_runs_in_the_same_copy(demo: Demo) -> None:
    others = [command for command in commands()[1:] if not command.endswith(TEST_LINE)]
    assert len(others) >= 4
    for command in others:
        typed(command, demo.copy)


def test_every_delivery_of_the_demo_adds_up(demo: Demo) -> None:
    lake = Lake(demo.folder / "lake")
    deliveries = lake.judged("cdrs") + lake.judged("locations")
    permitted = [cpo.key for cpo in CPOS if cpo.document is not None]
    assert len(deliveries) == len(permitted) * (len(WINDOWS) + 1)
    for delivery in deliveries:
        pull = newest_pull(lake, delivery)
        assert pull is not None
        for counts in conserve(lake, delivery, pull).counts.values():
            assert counts.received == sum(map(counts.of, BUCKETS))
            assert counts.received > 0


def test_the_careless_cpo_fills_every_bucket(demo: Demo) -> None:
    lake = Lake(demo.folder / "lake")
    deliveries = lake.judged("cdrs", "NL-SLO")
    assert len(deliveries) == len(WINDOWS)
    for delivery in deliveries:
        entry = read_judgement(lake, delivery)
        assert all(entry.main.of(bucket) > 0 for bucket in BUCKETS)


def test_cases_of_the_first_window_are_closed_by_the_second_or_overdue_when_the_clock_has_moved_on(demo: Demo) -> None:
    connection = open_readonly(Lake(demo.folder / "lake"))
    counted = dict(
        connection.sql(
            "SELECT state, count(*) FROM redelivery_case WHERE delivery_id = 'cdrs/NL-SLO/2026-10-26' GROUP BY ALL"
        ).fetchall()
    )
    assert counted.keys() >= {"corrected", "overdue"}
    assert "open" not in counted
    (by,) = connection.sql(
        "SELECT DISTINCT closed_by FROM redelivery_case WHERE cpo = 'NL-SLO' AND state = 'corrected' AND module = 'cdrs'"
    ).fetchall()
    assert by == ("cdrs/NL-SLO/2026-11-09",)
    (untold,) = connection.sql(
        "SELECT count(*) FROM redelivery_case WHERE id NOT IN (SELECT case_id FROM case_event WHERE action = 'opened')"
    ).fetchall()[0]
    assert untold == 0
    overdue = connection.sql("SELECT count(*) FROM redelivery_case WHERE state = 'overdue'").fetchall()[0][0]
    assert f"{overdue} cases of rejected CDRs are overdue" in " ".join(demo.printed.split())
    assert "overdue" in typed(open_next(demo.printed, "what its CPO is to deliver again"), demo.copy).stdout


def test_every_delivery_and_what_is_overdue_was_told_by_mail(demo: Demo) -> None:
    folder = Path(open_next(demo.printed, "the mails that its CPOs got"))
    sent = [BytesParser(policy=default).parsebytes(path.read_bytes()) for path in (demo.copy / folder).glob("*.eml")]
    late = [mail for mail in sent if "termijn verlopen" in mail["Subject"]]
    assert {str(mail["To"]) for mail in late} == {"data@nl-slo.example", "data@nl-zon.example"}
    assert {str(mail["To"]) for mail in sent} == {f"data@{cpo}.example" for cpo in ("nl-zon", "nl-lic", "nl-slo")}
    assert len(sent) == len(late) + 2 * 3 + 2, "two windows of three CPOs, and the two nights with something new"
    assert list((demo.copy / folder).glob("*.partial")) == []


def test_the_cpo_without_permission_was_never_contacted(demo: Demo) -> None:
    assert "NL-STL has no permission of a data owner: its server was asked 0 times." in demo.printed
    assert not list((demo.folder / "lake" / "raw").glob("*/cpo=NL-STL"))


def test_every_report_has_its_files_and_opens_without_a_network(demo: Demo) -> None:
    reports = list((demo.folder / "lake" / "reports").glob("*/*/*"))
    assert len(reports) == 9
    for report in reports:
        assert sorted(path.name for path in report.iterdir()) == [
            "bevindingen.csv",
            "findings.csv",
            "findings.xlsx",
            "rapport.html",
            "rejected.jsonl.gz",
            "report.html",
            "summary.json",
        ]
        for page in report.glob("*.html"):
            text = page.read_text(encoding="utf-8")
            assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)


def test_every_rejected_record_comes_back_as_it_was_received(demo: Demo) -> None:
    lake, rejected = Lake(demo.folder / "lake"), 0
    for delivery in lake.judged("cdrs"):
        pull = newest_pull(lake, delivery)
        assert pull is not None
        with gzip.open(lake.report(delivery) / "rejected.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                raw = pull.page(line["page"])[line["position"]]
                as_text = raw.decode("utf-8", "backslashreplace")
                assert line["record"] == as_text or line["record"] == json.loads(raw)
                assert any(finding["severity"] == "error" for finding in line["findings"])
                rejected += 1
    assert rejected > 100


def test_the_database_answers_and_explains_itself(demo: Demo) -> None:
    connection = open_readonly(Lake(demo.folder / "lake"))
    (sessions,) = connection.sql("SELECT count(*) FROM cdrs").fetchall()[0]
    (counted,) = connection.sql(
        "SELECT sum(value) FROM kpi WHERE kpi_id = 'sessions' AND area_level = 'nation' AND cpo = 'ALL' AND dimension IS NULL"
    ).fetchall()[0]
    assert sessions == counted > 0
    unexplained = connection.sql(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal AND schema_name = 'main'"
    ).fetchall()
    assert unexplained == []


def personal_values(lake: Lake) -> set[str]:
    """Every personal value that the demo's CPOs sent, long enough not to occur by chance.

    Left out is what stands in a field that is not personal too: the simulator's defects are the examples of the rules, and
    some of those serve for several fields, and for the texts of the report.
    """
    personal: set[str] = set()
    public = set(re.findall(r"[\w+/=*-]+", str([(rule.good, rule.bad) for rule in RULES.values()])))
    for delivery in lake.judged("cdrs"):
        pull = newest_pull(lake, delivery)
        assert pull is not None
        table = normalise("cdr", pull.ocpi_version, pull.pages()).table
        for column in OBJECTS["cdr"]:
            if column.name in table.column_names and not column.fields:
                values = {str(value) for value in table[column.name].to_pylist() if value is not None}
                if column.personal:
                    personal |= values
                else:
                    public |= values
    return {value for value in personal - public if len(value) >= SHORTEST}


def texts_outside(folder: Path) -> Iterator[tuple[str, Any]]:
    """All that the demo left on disk, apart from raw and rejected: each file with the texts in it."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if (
            not path.is_file()
            or place.parts[:2] in (("lake", "raw"), ("lake", "rejected"))
            or path.name == "rejected.jsonl.gz"
        ):
            continue
        if path.suffix == ".parquet":
            yield str(place), values_in(pq.read_table(path))
        else:
            yield str(place), path.read_bytes().decode("utf-8", "replace")
    connection = open_readonly(Lake(folder / "lake"))
    for (table,) in connection.sql("SELECT table_name FROM information_schema.tables").fetchall():
        yield f"linda.duckdb:{table}", values_in(connection.sql(f'FROM "{table}"').to_arrow_table())


def values_in(table: pa.Table) -> str:
    """Every value that stands in a table, those of simple columns once each."""
    columns = [column if pa.types.is_nested(column.type) else column.unique() for column in table.columns]
    return json.dumps([column.to_pylist() for column in columns], default=str)


def open_next(printed: str, beginning: str) -> str:
    """The command that stands below a line of the demo's end, as it is to be typed."""
    lines = [line.strip() for line in printed.splitlines()]
    (at,) = [number for number, line in enumerate(lines) if line.startswith(beginning)]
    return lines[at + 1]


def test_every_version_of_ocpi_comes_from_pull_to_kpi(demo: Demo) -> None:
    connection = open_readonly(Lake(demo.folder / "lake"))
    asked = connection.sql(
        "SELECT ocpi_version, cpo, count(*) FROM cdrs WHERE cpo IN (SELECT cpo FROM kpi WHERE kpi_id = 'sessions') GROUP BY ALL"
    ).fetchall()
    assert {version for version, _, _ in asked} == {"2.1.1", "2.2.1", "2.3.0"}
    assert all(count > 1000 for _, _, count in asked)


def test_the_kpis_that_the_demo_names_are_asked_as_they_stand_and_show_their_coverage(demo: Demo) -> None:
    asked = typed(open_next(demo.printed, "a KPI per municipality"), demo.copy, COLUMNS="80").stdout
    heading, _, *rows = asked.strip().splitlines()
    assert heading.split() == ["month", "area_code", "value", "sessions", "coverage", "status"]
    assert len(rows) == len(set(rows)) >= 8


def test_what_the_demo_names_to_open_is_there(demo: Demo) -> None:
    for beginning in ("a quality report for a CPO", "every rejected record as received"):
        assert (demo.copy / open_next(demo.printed, beginning)).is_file()


def test_a_look_at_the_demo_touches_nothing_of_a_real_portal(demo: Demo, tmp_path: Path) -> None:
    command = open_next(demo.printed, "the runs in Dagster")
    shell, executable = command.removeprefix("(").partition(" && ")[::2]
    assert (demo.copy / executable.split()[0]).is_file()
    assert "-h 127.0.0.1" in executable
    real = {
        "LINDA_LAKE": str(tmp_path),
        "LINDA_CPOS": str(tmp_path / "c"),
        "LINDA_ALERT_SMTP": "smtp://mail.example.nl",
        "LINDA_POSTGRES_URL": "postgresql://linda@db.example.nl/linda",
    }
    said = typed(f"{shell} && env", demo.copy, **real, LINDA_TOKEN_NL_ABC="x").stdout
    told = dict(line.partition("=")[::2] for line in said.splitlines())
    own = {name: value for name, value in told.items() if name.startswith("LINDA_")}
    assert {"LINDA_LAKE", "LINDA_CPOS", "LINDA_ALERT_FILE", "LINDA_PROFILE", "LINDA_PLACES"} <= own.keys()
    assert not own.keys() & {"LINDA_ALERT_SMTP", "LINDA_TOKEN_NL_ABC"}
    assert own.pop("LINDA_POSTGRES_URL") == real["LINDA_POSTGRES_URL"], "the demo's history may go to the same server"
    places = {name: value for name, value in own.items() if name not in ("LINDA_AREAS", "LINDA_PSEUDONYM_KEY")}
    outside = {name: value for name, value in places.items() if (demo.copy / value).parent != demo.folder}
    assert outside == {}
    assert Path(told["DAGSTER_HOME"]).parent == demo.folder


def test_personal_values_stay_in_raw_and_rejected(demo: Demo) -> None:
    to, printed = demo.folder, demo.printed
    values = personal_values(Lake(to / "lake"))
    assert len(values) > 1000
    anywhere = re.compile(r"[\w*.:=+/-]+")
    for place, text in [*texts_outside(to), ("what was printed", printed)]:
        leaked = values & set(anywhere.findall(text))
        assert not leaked, f"{place}: {sorted(leaked)[:5]}"


def test_no_token_and_no_key_is_written_anywhere(demo: Demo) -> None:
    to, printed = demo.folder, demo.printed
    secrets = [cpo.token for cpo in CPOS]
    for path in sorted(to.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert not [secret for secret in secrets if secret.encode() in content], path
    assert not [secret for secret in secrets if secret in printed]
