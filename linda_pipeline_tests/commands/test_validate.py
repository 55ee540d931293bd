"""`linda validate` as a person runs it: exit codes, files, standard input, and no Dagster."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linda_pipeline.simulator.plan import Plan, feeds_of

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
    """The command, in a process where Dagster cannot be imported; its exit code and what it printed."""
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
    code, text = linda(
        "validate", "cdrs.json", "--pulled-at", "2026-11-23T03:00:00Z", "--party", "NL-ABC", folder=tmp_path
    )
    assert code == 0, text
    summary = json.loads((tmp_path / "linda-report" / "summary.json").read_text())
    assert summary["counts"]["cdrs"]["accepted"] == 30
    assert (tmp_path / "linda-report" / "rapport.html").exists()


def test_a_rejected_record_is_exit_code_1(tmp_path: Path, good: bytes) -> None:
    code, text = linda("validate", "-", "--out", "r", folder=tmp_path, given=good.replace(b'"EUR"', b'"euro"', 1))
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
