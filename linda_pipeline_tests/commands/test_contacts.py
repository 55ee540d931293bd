"""`linda contacts` and `linda register` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linda_pipeline.cli import app, tell
from linda_pipeline.errors import exit_code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cpos.toml").write_text(
        '[cpo.NL-ABC]\nname = "Voorbeeld"\nversions_url = "https://ocpi.example.nl/"\nnal_regions = ["Zuid"]\n'
    )
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.delenv("LINDA_DATABASE_URL", raising=False)
    return tmp_path


def linda(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def added(*more: str) -> Result:
    return linda("contacts", "add", "--role", "quality", "--of", "NL-ABC", "--name", "Desk", *more)


def test_a_contact_is_added_listed_and_ended(folder: Path) -> None:
    assert linda("contacts", "check").exit_code == 1
    assert "Contact 1: data@example.nl for NL-ABC" in added("--address", "data@example.nl").stdout
    assert (
        linda("contacts", "add", "--role", "region", "--of", "Zuid", "--name", "A", "--address", "a@b.nl").exit_code
        == 0
    )
    told = linda("contacts", "check")
    assert (told.exit_code, told.stdout) == (0, "Every active CPO, region and permission has a contact.\n")
    (first, _) = json.loads(linda("contacts", "list", "--format", "json").stdout)
    assert (first["id"], first["role"], first["address"], first["valid_until"]) == (
        1,
        "quality",
        "data@example.nl",
        None,
    )
    assert linda("contacts", "end", "1").exit_code == 0
    assert "has ended" in str(linda("contacts", "end", "1").exception)


def test_an_address_that_is_none_is_one_sentence_and_the_users_to_mend(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = added("--address", "data.example.nl").exception
    assert failure is not None
    tell(failure)
    assert (exit_code(failure), capsys.readouterr().err.strip().count("\n")) == (2, 0)
    assert json.loads(linda("contacts", "list", "--all", "--format", "json").stdout) == []


def test_a_register_is_made_and_upgraded_and_it_is_said(folder: Path) -> None:
    assert "was made, of version" in linda("register", "upgrade").stdout
    assert "the newest" in linda("register", "upgrade").stdout
    assert (folder / "register.sqlite").is_file()
