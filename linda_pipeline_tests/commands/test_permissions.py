"""`linda permissions` as a person types it: the letter, the permission, the signed paper, and its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linda_pipeline.cli import app, tell
from linda_pipeline.errors import exit_code
from linda_pipeline_tests.register.test_cpos_file import WRITTEN
from linda_pipeline_tests.register.test_permission_changes import SCAN

NEW = ("--cpo", "NL-XYZ", "--owner", "Gemeente Utrecht", "--from", "2026-12-01", "--area", "GM0344")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cpos.toml").write_text(WRITTEN)
    (tmp_path / "scan.pdf").write_bytes(SCAN)
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.delenv("LINDA_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def linda(*words: str) -> Result:
    return CliRunner().invoke(app, ["permissions", *words])


def listed() -> list[tuple[str, str, str | None, bool]]:
    rows = json.loads(linda("list", "--format", "json").stdout)
    return [(row["cpo"], row["document"], row["until"], row["signed"]) for row in rows]


def test_the_letter_comes_first_then_the_permission_with_its_signed_paper_and_at_last_its_end(folder: Path) -> None:
    assert "by which Gemeente Utrecht permits NL-XYZ, from 2026-12-01" in linda("letter", "L-2", *NEW).stdout
    assert (folder / "l-2.pdf").read_bytes().startswith(b"%PDF-")
    added = linda("add", "L-2", *NEW, "--signed", "scan.pdf", "--why", "artikel 4")
    assert added.exit_code == 0, added.output
    assert listed() == [("NL-ABC", "L-1", None, False), ("NL-XYZ", "L-2", None, True)]
    assert linda("sign", "L-1", "scan.pdf").exit_code == 0
    ended = linda("end", "L-2", "--cpo", "NL-XYZ", "--on", "2027-01-31")
    assert ended.stdout == "L-2 of NL-XYZ holds until and with 2027-01-31.\n"
    assert listed() == [("NL-ABC", "L-1", None, True), ("NL-XYZ", "L-2", "2027-01-31", True)]
    on = json.loads(linda("list", "--on", "2027-02-01", "--format", "json").stdout)
    assert [row["document"] for row in on] == ["L-1"]
    letter = linda("letter", "L-2", "--cpo", "NL-XYZ", "--out", "again.pdf")
    assert "from 2026-12-01 until and with 2027-01-31" in letter.stdout


def test_a_permission_without_its_paper_says_what_is_still_to_do(folder: Path) -> None:
    assert "The signed paper is not on record: `linda permissions sign L-2 FILE`." in linda("add", "L-2", *NEW).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "L-2", "--cpo", "NL-XZY", *NEW[2:]), "There is no CPO NL-XZY in the register. Did you mean NL-XYZ?"),
        (("add", "L-2", *NEW[:-1], "Utrecht"), "a list of municipality codes such as GM0772"),
        (("add", "L-2", *NEW, "--until", "2026-11-01"), "until"),
        (("add", "L-2", *NEW, "--signed", "cpos.toml"), "cpos.toml is no PDF"),
        (("end", "L-9", "--cpo", "NL-ABC"), "has no permission by the document 'L-9'"),
        (("end", "L-1", "--cpo", "NL-ABC", "--on", "2024-01-01"), "cannot end on 2024-01-01"),
        (("sign", "L-9", "scan.pdf"), "No permission in the register has the document 'L-9'"),
        (("letter", "L-9", "--cpo", "NL-ABC"), "does not stand in the register yet. Give --owner and --from"),
        (("letter", "L-1", "--cpo", "NL-ABC", "--owner", "X"), "its letter says what stands there"),
        (("letter", "L-1", "--cpo", "NL-ABC", "--out", "scan.pdf"), "There is a file scan.pdf already"),
        (("letter", "L-1", "--cpo", "NL-ABC", "--out", "no/such.pdf"), "cannot be written"),
        (("letter", "L-1", "--cpo", "NL-ABC", "--template", "scan.pdf"), "The template scan.pdf lacks"),
    ],
)
def test_a_mistake_is_one_sentence_the_users_to_mend_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    failure = linda(*words).exception
    assert failure is not None
    assert exit_code(failure) == 2
    tell(failure)
    sentence = capsys.readouterr().err
    assert told in sentence
    assert sentence.strip().count("\n") == 0
    assert (folder / "cpos.toml").read_text() == WRITTEN
    assert (folder / "scan.pdf").read_bytes() == SCAN
