"""Settings: where tokens come from, and that they show nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.register.cpos import parse_register
from linda_pipeline.settings import SecretUnreadable, read_settings

CPO = parse_register({"cpo": {"NL-ABC": {"name": "V", "versions_url": "https://ocpi.example.nl/v"}}})["NL-ABC"]


def test_a_token_comes_from_the_environment_before_the_secrets_folder(tmp_path: Path) -> None:
    (tmp_path / "LINDA_TOKEN_NL_ABC").write_text("from-file\n")
    secrets = {"LINDA_SECRETS": str(tmp_path)}
    assert read_settings(secrets).token(CPO) == "from-file"
    assert read_settings(secrets | {"LINDA_TOKEN_NL_ABC": "from-environment"}).token(CPO) == "from-environment"
    assert read_settings({"LINDA_SECRETS": str(tmp_path / "none")}).token(CPO) is None
    assert read_settings({}).token(CPO) is None


def test_a_secret_that_cannot_be_read_is_named_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "LINDA_TOKEN_NL_ABC").write_bytes(b"geheim\xff")
    with pytest.raises(SecretUnreadable, match=r"LINDA_TOKEN_NL_ABC cannot be read \(it is no text\)") as raised:
        read_settings({"LINDA_SECRETS": str(tmp_path)}).token(CPO)
    assert "geheim" not in str(raised.value)


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    settings = read_settings({"LINDA_TOKEN_NL_ABC": "geheim-7f3a", "LINDA_PSEUDONYM_KEY": "ab" * 32})
    assert "geheim-7f3a" not in repr(settings)
    assert "abab" not in repr(settings)


def test_the_register_is_the_operators_own_and_one_of_before_is_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine, before = tmp_path / "data" / "cpos.toml", tmp_path / "data" / "reference" / "cpos.toml"
    assert read_settings({}).cpos.absolute() == mine
    before.parent.mkdir(parents=True)
    before.write_text("")
    assert read_settings({}).cpos.absolute() == before
    mine.write_text("")
    assert read_settings({}).cpos.absolute() == mine
    assert read_settings({"LINDA_CPOS": "elsewhere.toml"}).cpos == Path("elsewhere.toml")
