"""`linda validate` as a person runs it: exit codes, files, standard input, and no Dagster."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from linda_pipeline.quality.profile import profile_on
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline_tests.linda_here import linda_here

WITHOUT_DAGSTER = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("dagster", "dagster_postgres", "dagster_webserver"):
            raise ImportError(name + " is not installed")
sys.meta_path.insert(0, Refuse())
from linda_pipeline.cli import main
sys.argv = ["linda", *sys.argv[1:]]
main()
"""


def linda(*words: str, folder: Path, given: bytes = b"") -> tuple[int, str]:
    """The command in this process; its exit code and what it printed."""
    done = linda_here(*words, folder=folder, given=given)
    return done.returncode, done.stdout + done.stderr


def linda_without_dagster(*words: str, folder: Path, given: bytes = b"") -> tuple[int, str]:
    """The command in a process of its own, where Dagster cannot be imported; its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DAGSTER, *words], cwd=folder, input=given, capture_output=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def good() -> bytes:
    """Clean CDRs."""
    plan = Plan("NL-ABC", seed=5, locations=3, until=datetime(2026, 11, 1, tzinfo=UTC))
    return b"\n".join(one.body for one in feeds_of(plan)["cdrs"].records[:30])


def test_clean_files_are_fine_and_the_report_stands_there(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "cdrs.json").write_bytes(good)
    code, text = linda_without_dagster(
        "validate", "cdrs.json", "--pulled-at", "2026-11-23T03:00:00Z", "--party", "NL-ABC", folder=tmp_path
    )
    assert code == 0, text
    summary = json.loads((tmp_path / "linda-report" / "summary.json").read_text())
    assert summary["counts"]["cdrs"]["accepted"] == 30
    assert (tmp_path / "linda-report" / "rapport.html").exists()


def test_a_rejected_record_is_exit_code_1(tmp_path: Path, good: bytes) -> None:
    spoilt = good.replace(b'"EUR"', b'"euro"', 1)
    code, text = linda_without_dagster("validate", "-", "--out", "r", folder=tmp_path, given=spoilt)
    assert code == 1, text
    assert (tmp_path / "r" / "rejected.jsonl.gz").stat().st_mode & 0o777 == 0o600


def test_broken_json_is_told_by_line_and_column(tmp_path: Path, good: bytes) -> None:
    lines = good.split(b"\n")
    lines[6] = b'{"country_code" "NL"}'
    code, text = linda("validate", "-", "--out", "r", folder=tmp_path, given=b"\n".join(lines))
    assert code == 1
    assert "line 7, column 17" in text
    counts = json.loads((tmp_path / "r" / "summary.json").read_text())["counts"]["cdrs"]
    assert counts == {"received": 30, "accepted": 29, "rejected": 1, "identical": 0, "held_back": 0}


def test_cdrs_are_held_against_a_file_of_locations(tmp_path: Path, good: bytes) -> None:
    feeds = feeds_of(Plan("NL-ABC", seed=5, locations=3, until=datetime(2026, 11, 1, tzinfo=UTC)))
    (tmp_path / "places.json").write_bytes(b"\n".join(one.body for one in feeds["locations"].records[:1]))
    code, text = linda("validate", "-", "--locations", "places.json", "--out", "r", folder=tmp_path, given=good)
    assert code == 0, text
    summary = json.loads((tmp_path / "r" / "cdrs" / "summary.json").read_text())
    assert 0 < summary["warnings"]["known_location"] < 30
    assert not {"known_location", "power_plausible"} & {one["rule"] for one in summary["rules_not_run"]}
    assert (tmp_path / "r" / "locations" / "report.html").exists()


def test_a_file_of_locations_that_holds_none_is_a_mistake(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "cdrs.json").write_bytes(good)
    code, text = linda("validate", "-", "--locations", "cdrs.json", folder=tmp_path, given=good)
    assert code == 2
    assert "cdrs.json holds no Locations" in " ".join(text.split())


SPOILT = {
    "nan": (b'"currency":"EUR"', b'"currency":NaN', "currency_unreadable"),
    "no UTF-8": (b'"city":"', b'"city":"\xeb', "text_utf8"),
    "half a character": (b'"city":"', b'"city":"\\ud83d', "text_utf8"),
    "a missing comma": (b',"currency":', b'"currency":', "record_is_json"),
    "a comment": (b'"currency":"EUR"', b'/* x */"currency":"EUR"', "record_is_json"),
    "a name twice": (b'"currency":"EUR"', b'"currency":"EUR","currency":"USD"', "names_unique"),
    "5,000 digits": (b'"currency":"EUR"', b'"currency":' + b"9" * 5000, "currency_unreadable"),
    "100,000 levels": (b'"currency"', b'"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"currency"', "record_is_json"),
}


@pytest.mark.parametrize("version", [[], ["--ocpi", "2.2.1"]])
@pytest.mark.parametrize(("old", "new", "rule"), SPOILT.values(), ids=SPOILT)
def test_one_bad_record_alone_gets_the_verdict_that_it_has_among_others(
    tmp_path: Path, good: bytes, old: bytes, new: bytes, rule: str, version: list[str]
) -> None:
    bad, *others = good.split(b"\n")[:3]
    bad = bad.replace(old, new, 1)
    found = {}
    for name, body in (("alone", b"[" + bad + b"]"), ("among", b"[" + b",".join([*others, bad]) + b"]")):
        (tmp_path / f"{name}.json").write_bytes(body)
        words = [f"{name}.json", "--out", name, "--party", "NL-ABC", "--pulled-at", "2026-11-23T03:00:00Z", *version]
        code, text = linda("validate", *words, folder=tmp_path)
        assert code == 1, text
        with (tmp_path / name / "findings.csv").open(encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file) if row["severity"] == "error"]
        found[name] = [(row["id"], row["rule"], row["path"]) for row in rows]
        assert rule in text
    assert found["alone"] == found["among"]
    assert [rule for _, rule, _ in found["alone"]] == [rule]
    assert found["alone"][0][0] == json.loads(good.split(b"\n")[0])["id"]


def test_a_broken_record_has_its_line_and_column_in_the_findings_and_in_the_report(tmp_path: Path, good: bytes) -> None:
    lines = good.split(b"\n")[:4]
    lines[2] = lines[2].replace(b',"currency"', b'"currency"')
    column = lines[2].index(b'"currency"') + 1
    (tmp_path / "cdrs.json").write_bytes(b"[\n" + b",\n".join(lines) + b"]")
    code, text = linda("validate", "cdrs.json", folder=tmp_path)
    assert code == 1
    assert f"cdrs.json, line 4, column {column}: expected ',' or '}}'" in text
    for name in ("findings.csv", "report.html", "rapport.html"):
        assert f"4:{column}" in (tmp_path / "linda-report" / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_that_is_no_utf_8_is_called_that_with_the_remedy(tmp_path: Path, good: bytes, encoding: str) -> None:
    code, text = linda("validate", "-", folder=tmp_path, given=good.decode().encode(encoding))
    assert code == 2
    assert f"line 1, column 1: the text is {encoding[:6].upper()}, and OCPI is UTF-8; save it as UTF-8" in text


def test_the_first_findings_stand_on_the_screen_with_record_path_value_remedy_and_next_step(
    tmp_path: Path, good: bytes
) -> None:
    (tmp_path / "cdrs.json").write_bytes(good.replace(b'"currency":"EUR"', b'"currency":"euro"', 1))
    code, text = linda("validate", "cdrs.json", "--out", "r", folder=tmp_path)
    assert code == 1
    assert "(cdrs.json, record 0)" in text
    assert "currency: euro" in text
    assert RULES["cdr.currency_iso_4217"].fix_en in " ".join(text.split())
    assert "1 would be rejected" in text
    assert "  linda validate cdrs.json --out r" in text
    sentences = ("Report", "In Dutch", "Parties", "1 would", "The first")
    assert not [line for line in text.splitlines() if len(line.rstrip()) > 80 and not line.startswith(sentences)]


def test_the_profile_of_a_day_judges(tmp_path: Path, good: bytes) -> None:
    code, _ = linda("validate", "-", "--as-of", "2025-05-01", folder=tmp_path, given=good)
    assert code == 0
    told = json.loads((tmp_path / "linda-report" / "summary.json").read_text())["profile_version"]
    assert told == profile_on(date(2025, 5, 1)).version
    code, text = linda("validate", "-", "--as-of", "soon", folder=tmp_path, given=good)
    assert code == 2, text


def test_a_file_whose_name_is_no_utf_8_and_steers_a_terminal_is_judged_like_any_other(
    tmp_path: Path, good: bytes
) -> None:
    name = os.fsdecode(b"caf\xe9-\x1b[31m.json")
    (tmp_path / name).write_bytes(good.replace(b'"EUR"', b'"euro"', 1) + b"\n{")
    code, text = linda("validate", name, folder=tmp_path)
    assert code == 1, text
    assert "\x1b" not in text
    assert "caf\\udce9-\\u001b[31m.json" in text
    (tmp_path / name).write_bytes(b"")
    code, text = linda("validate", name, folder=tmp_path)
    assert (code, "failure of the portal" in text) == (2, False)
    code, text = linda("validate", name + "x", folder=tmp_path)
    assert (code, "failure of the portal" in text) == (2, False)


def test_a_damaged_gzip_says_one_thing(tmp_path: Path, good: bytes) -> None:
    whole = gzip.compress(good, mtime=0)
    (tmp_path / "crc.json.gz").write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
    code, text = linda("validate", "crc.json.gz", folder=tmp_path)
    assert code == 1
    assert "its gzip is damaged: the checksum does not match; what came before that was judged" in text
    assert "holds no CDRs" not in text
    assert json.loads((tmp_path / "linda-report" / "summary.json").read_text())["counts"]["cdrs"]["accepted"] == 30


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda one: json.dumps({"status_code": 1000, "data": f"[{one}]"}), "JSON written as a text once more"),
        (lambda one: json.dumps({"status_code": 1000, "data": {"a": json.loads(one)}}), "records stand under names"),
        (lambda one: json.dumps({"a": json.loads(one)}), "records stand under names"),
        (lambda _: "PK\x03\x04" + "x" * 99, "it is packed as zip, which is not read here"),
    ],
)
def test_a_file_that_cannot_be_judged_says_what_to_do(
    tmp_path: Path, good: bytes, body: Callable[[str], str], said: str
) -> None:
    code, text = linda("validate", "-", folder=tmp_path, given=body(good.split(b"\n")[0].decode()).encode())
    assert code == 2
    assert said in text


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_ended_leaves_no_scratch_folder(tmp_path: Path, good: bytes, told: signal.Signals) -> None:
    (tmp_path / "scratch").mkdir()
    begun = subprocess.Popen(
        [sys.executable, "-c", WITHOUT_DAGSTER, "validate", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path / "scratch")},
        # Whoever runs the tests under nohup, or in the background, has signals ignored; at a prompt they are not.
        preexec_fn=lambda: signal.signal(told, signal.SIG_DFL if told != signal.SIGINT else signal.default_int_handler),
    )
    assert begun.stdin is not None
    begun.stdin.write(good)
    begun.stdin.flush()
    while not any((tmp_path / "scratch").iterdir()):
        assert begun.poll() is None
        time.sleep(0.05)
    begun.send_signal(told)
    out, err = begun.communicate()
    assert begun.returncode == 128 + told, err
    assert list((tmp_path / "scratch").iterdir()) == []
    assert b"Traceback" not in err + out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no-such.json"], "There is no file or folder no-such.json"),
        (["-", "--ocpi", "3.0"], "OCPI 3.0 cannot be judged"),
        (["-", "--party", "abc"], "--party is a country code"),
        (["-", "--pulled-at", "soon"], "--pulled-at is a moment"),
        (["-"], "Nothing here can be judged"),
    ],
)
def test_a_mistake_of_the_user_is_exit_code_2_and_one_sentence(tmp_path: Path, words: list[str], told: str) -> None:
    code, text = linda("validate", *words, folder=tmp_path, given=b"<html>")
    assert code == 2, text
    assert told in " ".join(text.split())
    assert "Traceback" not in text
