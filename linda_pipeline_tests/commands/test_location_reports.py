"""`linda location-reports` as a person types it, from a report to the mail that the CPO gets."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from linda_pipeline.cli import app
from linda_pipeline.errors import Exit, exit_code
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import CPO, REGISTER, delivered, location

WRONG_PLACE: dict[str, Any] = {"latitude": "51.846870", "longitude": "5.863410"}
REPORT = ("location-reports", "add", "--wrong", "Round the corner.", "--role", "municipality")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    delivered(Lake(tmp_path / "lake"), [location(1, **WRONG_PLACE)], module="locations")
    (tmp_path / "cpos.toml").write_text(
        REGISTER.replace("\nversions_url", '\nquality_contact = "data@abc.example"\nversions_url'), encoding="utf-8"
    )
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    for variable in ("LINDA_DATABASE_URL", "LINDA_SMTP_URL", "LINDA_MAIL_FROM"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def linda(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def evse_id() -> str:
    return str(location(1)["evses"][0]["evse_id"])


def the_mail(folder: Path) -> EmailMessage:
    (path,) = (folder / "outbox").iterdir()
    message = BytesParser(policy=default).parsebytes(path.read_bytes())
    assert isinstance(message, EmailMessage)
    return message


def test_a_verified_report_reaches_the_cpo_with_both_places_and_nothing_of_the_reporter(folder: Path) -> None:
    made = linda(*REPORT, "--evse", evse_id(), "--latitude", "51.8475", "--longitude", "5.86341",
                 "--reporter", "jan@example.nl")  # fmt: skip
    assert made.exit_code == 0, made.stdout
    told = linda("location-reports", "verify", "1", "--why", "The permit.")
    assert "Told by mail: data@abc.example" in told.stdout
    assert linda("mail", "send").stdout.startswith("1 sent")
    mail = the_mail(folder)
    text = mail.get_body(("plain",))
    assert text is not None
    words = " ".join(text.get_content().split())
    assert "staat op de verkeerde plek" in words
    assert "51.846870, 5.863410" in words
    assert "51.847500, 5.863410" in words
    assert "jan@example.nl" not in mail.as_string()
    (row,) = json.loads(linda("location-reports", "list", "--format", "json").stdout)
    assert (row["state"], row["cpo"], row["evse_id"]) == ("verified", CPO.key, evse_id())
    assert "jan@example.nl" not in json.dumps(row)


def test_show_tells_what_happened_to_a_report() -> None:
    linda(*REPORT, "--evse", evse_id(), "--address", "Stationsplein 7")
    linda("location-reports", "refuse", "1", "--why", "It stands where the permit says.")
    events = json.loads(linda("location-reports", "show", "1", "--format", "json").stdout)
    assert [event["action"] for event in events] == ["reported", "refused"]
    assert events[1]["why"] == "It stands where the permit says."
    assert linda("location-reports", "follow").stdout == "Nothing changed.\n"


MISTAKES = [
    (
        (*REPORT, "--latitude", "52.1", "--longitude", "5.1"),
        "Name the charge point by --evse, or by --cpo and --location",
    ),
    ((*REPORT, "--evse", "NL*XYZ*E9", "--address", "A 1"), "No CPO delivers the EVSE 'NL*XYZ*E9' now"),
    ((*REPORT, "--evse", evse_id(), "--latitude", "50.85", "--longitude", "4.35"), "does not lie in the Netherlands"),
    (("location-reports", "verify", "7"), "There is no report 7"),
    (("location-reports", "list", "--state", "lost"), "--state is one of reported, verified"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES)
def test_what_cannot_be_is_one_sentence_for_the_user_and_changes_nothing(words: tuple[str, ...], said: str) -> None:
    failure = linda(*words).exception
    assert failure is not None
    assert exit_code(failure) == Exit.INPUT
    assert said in str(failure)
    assert json.loads(linda("location-reports", "list", "--format", "json").stdout) == []


def test_a_cpo_without_a_contact_is_said_to_be_told_by_nobody(folder: Path) -> None:
    (folder / "cpos.toml").write_text(REGISTER, encoding="utf-8")
    linda(*REPORT, "--evse", evse_id(), "--address", "Stationsplein 7")
    told = linda("location-reports", "verify", "1")
    assert "Nobody was told: NL-ABC has no quality contact." in told.stdout
