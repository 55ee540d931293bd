"""The demo as a newcomer meets it: run once, as its own process, and looked at from all sides."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

SHORTEST = 8
"""Shorter personal values also occur by chance."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo filled, and all that it printed."""
    to = tmp_path_factory.mktemp("demo")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LINDA_", "DAGSTER_"))}
    told = subprocess.run(
        [sys.executable, "-m", "linda_pipeline.cli", "demo", "--out", str(to)],
        env={**clean, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return to, told.stdout + told.stderr


def test_every_delivery_of_the_demo_adds_up(demo: tuple[Path, str]) -> None:
    lake = Lake(demo[0] / "lake")
    deliveries = lake.judged("cdrs") + lake.judged("locations")
    permitted = [cpo.key for cpo in CPOS if cpo.document is not None]
    assert len(deliveries) == len(permitted) * (len(WINDOWS) + 1)
    for delivery in deliveries:
        pull = newest_pull(lake, delivery)
        assert pull is not None
        for counts in conserve(lake, delivery, pull).counts.values():
            assert counts.received == sum(map(counts.of, BUCKETS))
            assert counts.received > 0


def test_the_careless_cpo_fills_every_bucket(demo: tuple[Path, str]) -> None:
    lake = Lake(demo[0] / "lake")
    for delivery in lake.judged("cdrs", "NL-SLO"):
        entry = read_judgement(lake, delivery)
        assert all(entry.main.of(bucket) > 0 for bucket in BUCKETS)


def test_the_cpo_without_permission_was_never_contacted(demo: tuple[Path, str]) -> None:
    assert "NL-STL has no permission of a data owner: its server was asked 0 times." in demo[1]
    assert not list((demo[0] / "lake" / "raw").glob("*/cpo=NL-STL"))


def test_every_report_has_its_files_and_opens_without_a_network(demo: tuple[Path, str]) -> None:
    reports = list((demo[0] / "lake" / "reports").glob("*/*/*"))
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


def test_every_rejected_record_comes_back_as_it_was_received(demo: tuple[Path, str]) -> None:
    lake = Lake(demo[0] / "lake")
    for delivery in lake.judged("cdrs"):
        pull = newest_pull(lake, delivery)
        assert pull is not None
        with gzip.open(lake.report(delivery) / "rejected.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                raw = pull.page(line["page"])[line["position"]]
                assert line["record"] in (json.loads(raw), raw.decode("utf-8", "backslashreplace"))
                assert any(finding["severity"] == "error" for finding in line["findings"])


def test_the_database_answers_and_explains_itself(demo: tuple[Path, str]) -> None:
    connection = open_readonly(Lake(demo[0] / "lake"))
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
            yield str(place), json.dumps(pq.read_table(path).to_pylist(), default=str)
        else:
            yield str(place), path.read_bytes().decode("utf-8", "replace")
    connection = open_readonly(Lake(folder / "lake"))
    for (table,) in connection.sql("SELECT table_name FROM information_schema.tables").fetchall():
        yield f"linda.duckdb:{table}", json.dumps(connection.sql(f'FROM "{table}"').fetchall(), default=str)


def open_next(printed: str, beginning: str) -> str:
    """The command that stands below a line of the demo's end, as it is to be typed."""
    lines = [line.strip() for line in printed.splitlines()]
    (at,) = [number for number, line in enumerate(lines) if line.startswith(beginning)]
    return lines[at + 1]


def typed(command: str, **environment: str) -> str:
    told = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_every_version_of_ocpi_comes_from_pull_to_kpi(demo: tuple[Path, str]) -> None:
    connection = open_readonly(Lake(demo[0] / "lake"))
    asked = connection.sql(
        "SELECT ocpi_version, cpo, count(*) FROM cdrs WHERE cpo IN (SELECT cpo FROM kpi WHERE kpi_id = 'sessions') GROUP BY ALL"
    ).fetchall()
    assert {version for version, _, _ in asked} == {"2.1.1", "2.2.1", "2.3.0"}
    assert all(count > 1000 for _, _, count in asked)


def test_the_kpis_that_the_demo_names_are_asked_as_they_stand_and_show_their_coverage(demo: tuple[Path, str]) -> None:
    asked = typed(open_next(demo[1], "a KPI per municipality"), COLUMNS="80")
    heading, _, *rows = asked.strip().splitlines()
    assert heading.split() == ["month", "area_code", "value", "sessions", "coverage", "status"]
    assert len(rows) == len(set(rows)) >= 8


def test_what_the_demo_names_to_open_is_there(demo: tuple[Path, str]) -> None:
    for beginning in ("a quality report for a CPO", "every rejected record as received"):
        assert Path(open_next(demo[1], beginning)).is_file()


def test_a_look_at_the_demo_touches_nothing_of_a_real_portal(demo: tuple[Path, str], tmp_path: Path) -> None:
    command = open_next(demo[1], "the runs in Dagster")
    shell, executable = command.removeprefix("(").partition(" && ")[::2]
    assert Path(executable.split()[0]).is_file()
    assert "-h 127.0.0.1" in executable
    real = {
        "LINDA_LAKE": str(tmp_path),
        "LINDA_CPOS": str(tmp_path / "c"),
        "LINDA_ALERT_SMTP": "smtp://mail.example.nl",
    }
    told = dict(
        line.partition("=")[::2] for line in typed(f"{shell} && env", **real, LINDA_TOKEN_NL_ABC="x").splitlines()
    )
    own = {name: value for name, value in told.items() if name.startswith("LINDA_")}
    assert {"LINDA_LAKE", "LINDA_CPOS", "LINDA_ALERT_FILE", "LINDA_PROFILE", "LINDA_PLACES"} <= own.keys()
    assert not own.keys() & {"LINDA_ALERT_SMTP", "LINDA_TOKEN_NL_ABC"}
    places = {name: value for name, value in own.items() if name not in ("LINDA_AREAS", "LINDA_PSEUDONYM_KEY")}
    outside = {name: value for name, value in places.items() if Path(value).parent != demo[0]}
    assert outside == {}
    assert Path(told["DAGSTER_HOME"]).parent == demo[0]


def test_personal_values_stay_in_raw_and_rejected(demo: tuple[Path, str]) -> None:
    to, printed = demo
    values = personal_values(Lake(to / "lake"))
    assert len(values) > 1000
    anywhere = re.compile(r"[\w*.:=+/-]+")
    for place, text in [*texts_outside(to), ("what was printed", printed)]:
        leaked = values & set(anywhere.findall(text))
        assert not leaked, f"{place}: {sorted(leaked)[:5]}"


def test_no_token_and_no_key_is_written_anywhere(demo: tuple[Path, str]) -> None:
    to, printed = demo
    secrets = [cpo.token for cpo in CPOS]
    for path in sorted(to.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert not [secret for secret in secrets if secret.encode() in content], path
    assert not [secret for secret in secrets if secret in printed]
