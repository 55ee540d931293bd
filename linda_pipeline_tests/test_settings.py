"""Settings: their defaults, where secrets come from, and that those show nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.settings import MemoryUnusable, SecretUnreadable, environment_to_hand_on, read_settings, take_over

TOKEN = "LINDA_TOKEN_NL_ABC"
SECRETS = {
    "LINDA_PSEUDONYM_KEY": "pseudonym_key",
    "LINDA_POSTGRES_URL": "postgres_url",
    "LINDA_ALERT_SMTP": "alert_smtp",
    "LINDA_ALERT_WEBHOOK": "alert_webhook",
}


def test_a_token_comes_from_the_environment_before_the_secrets_folder(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_text("from-file\n")
    secrets = {"LINDA_SECRETS": str(tmp_path)}
    assert read_settings(secrets).secret(TOKEN) == "from-file"
    assert read_settings(secrets | {TOKEN: "from-environment"}).secret(TOKEN) == "from-environment"
    assert read_settings({"LINDA_SECRETS": str(tmp_path / "none")}).secret(TOKEN) is None
    assert read_settings({}).secret(TOKEN) is None


@pytest.mark.parametrize(("variable", "name"), SECRETS.items())
def test_every_secret_may_be_a_file(variable: str, name: str, tmp_path: Path) -> None:
    assert getattr(read_settings({"LINDA_SECRETS": str(tmp_path)}), name) is None
    (tmp_path / variable).write_text("from-file\n")
    assert getattr(read_settings({"LINDA_SECRETS": str(tmp_path)}), name) == "from-file"
    assert getattr(read_settings({"LINDA_SECRETS": str(tmp_path), variable: "set"}), name) == "set"


def test_a_secret_that_cannot_be_read_is_named_without_its_content(tmp_path: Path) -> None:
    (tmp_path / TOKEN).write_bytes(b"geheim\xff")
    with pytest.raises(SecretUnreadable, match=r"LINDA_TOKEN_NL_ABC cannot be read \(it is no text\)") as raised:
        read_settings({"LINDA_SECRETS": str(tmp_path)}).secret(TOKEN)
    assert "geheim" not in str(raised.value)


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    settings = read_settings({TOKEN: "geheim-7f3a", **dict.fromkeys(SECRETS, "geheim-7f3a")})
    assert "geheim" not in repr(settings)


def test_the_operators_own_files_come_before_those_that_are_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).cpos == Path("data/cpos.toml"), "that is where to make one"
    (tmp_path / "data" / "reference").mkdir(parents=True)
    (tmp_path / "data" / "reference" / "cpos.toml").touch()
    assert read_settings({}).cpos == Path("data/reference/cpos.toml")
    (tmp_path / "data" / "cpos.toml").touch()
    assert read_settings({}).cpos == Path("data/cpos.toml")
    assert read_settings({"LINDA_CPOS": "elsewhere.toml"}).cpos == Path("elsewhere.toml")


def test_the_old_name_of_dagsters_address_is_still_read() -> None:
    old = {"LINDA_PORTAL_URL": "https://old.example.nl/"}
    assert read_settings({}).dagster_url == "http://localhost:3000"
    assert read_settings(old).dagster_url == "https://old.example.nl"
    assert read_settings(old | {"LINDA_DAGSTER_URL": "https://new.example.nl"}).dagster_url == "https://new.example.nl"


def test_alerts_stand_beside_the_lake_unless_set(tmp_path: Path) -> None:
    assert read_settings({"LINDA_LAKE": str(tmp_path / "lake")}).alert_file == tmp_path / "alerts.jsonl"
    assert read_settings({"LINDA_ALERT_FILE": "a.jsonl"}).alert_file == Path("a.jsonl")
    assert read_settings({"LINDA_ALERT_TO": " a@b.nl, ,c@d.nl"}).alert_to == ("a@b.nl", "c@d.nl")


def test_a_process_takes_over_the_settings_of_the_one_it_works_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINDA_LAKE", "mine")
    before = environment_to_hand_on()
    take_over({"LINDA_LAKE": "theirs"})
    try:
        assert read_settings().lake == Path("theirs")
        assert environment_to_hand_on() == {"LINDA_LAKE": "theirs"}
    finally:
        take_over(before)
    assert read_settings().lake == Path("mine")


def test_limits_are_handed_on_as_they_were_written() -> None:
    assert read_settings({"LINDA_LIMIT_PAGES": " many ", "LINDA_LAKE": "x"}).limits == {"LINDA_LIMIT_PAGES": " many "}


@pytest.mark.parametrize(("given", "taken"), [("", "1GB"), ("800MB", "800MB"), (" 2.5 gb ", "2.5GB")])
def test_the_memory_of_a_station_is_an_amount(given: str, taken: str) -> None:
    assert read_settings({"LINDA_MEMORY": given}).memory_limit == taken


@pytest.mark.parametrize("given", ["much", "1", "100MB", "0.1GB", "1TB", "-1GB"])
def test_memory_that_is_no_amount_or_too_little_is_told_with_an_example(given: str) -> None:
    with pytest.raises(MemoryUnusable, match=r"LINDA_MEMORY is .* such as 800MB or 4GB"):
        read_settings({"LINDA_MEMORY": given})
