"""`linda mail` as a person types it, with a folder and with a real mail server."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linda_pipeline.cli import app
from linda_pipeline.errors import Exit, exit_code
from linda_pipeline_tests.post.mail_servers import Mailbox, mail_server


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    for variable in ("LINDA_DATABASE_URL", "LINDA_SMTP_URL", "LINDA_MAIL_FROM"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def linda(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def listed(*words: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(linda("mail", "list", "--format", "json", *words).stdout)
    return found


def test_without_a_server_a_test_mail_is_a_file_beside_the_lake(folder: Path) -> None:
    told = linda("mail", "test", "jan@example.nl")
    assert (told.exit_code, told.stdout) == (0, f"1 sent · {folder / 'outbox'}\n")
    (path,) = (folder / "outbox").iterdir()
    message = BytesParser(policy=default).parsebytes(path.read_bytes())
    assert (message["To"], message["Subject"]) == ("jan@example.nl", "LINDA: deze mail is een test")
    assert [one["state"] for one in listed()] == ["sent"]


def test_a_bounce_is_shown_ends_with_1_and_can_be_sent_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Mailbox(refused={"jan@example.nl": "550 no such user"})
    with mail_server(box) as port:
        monkeypatch.setenv("LINDA_SMTP_URL", f"smtp://127.0.0.1:{port}")
        assert linda("mail", "test", "jan@example.nl", "--language", "en").exit_code == Exit.FINDINGS
        (refused,) = listed("--state", "refused")
        assert refused["answer"] == "550 no such user"
        box.refused.clear()
        told = linda("mail", "resend", str(refused["id"]))
        assert (told.exit_code, told.stdout) == (0, f"1 sent · smtp://127.0.0.1:{port}\n")
    (message,) = box.taken
    assert message["Subject"] == "LINDA: this mail is a test"
    assert linda("mail", "send").stdout.startswith("nothing to send")


def test_a_server_that_is_away_is_the_users_to_mend_and_the_mail_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server(Mailbox()) as port:
        pass
    monkeypatch.setenv("LINDA_SMTP_URL", f"smtp://127.0.0.1:{port}")
    failure = linda("mail", "test", "jan@example.nl").exception
    assert failure is not None
    assert exit_code(failure) == Exit.INPUT
    assert "cannot be used" in str(failure)
    assert [one["state"] for one in listed()] == ["waiting"]


WRONG = {
    "smtp://": "LINDA_SMTP_URL is written as smtp://host:25",
    "http://mail.example": "LINDA_SMTP_URL is written as",
    "smtp://mail.example:many": "LINDA_SMTP_URL is written as",
    "smtp://linda:a-secret@mail.example": "in the open to mail.example",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_setting_that_cannot_be_used_is_one_sentence_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINDA_SMTP_URL", url)
    failure = linda("mail", "send").exception
    assert failure is not None
    assert exit_code(failure) == Exit.INPUT
    assert WRONG[url] in str(failure)
    assert "a-secret" not in str(failure)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mail", "test", "jan.example.nl"), "'jan.example.nl' is no e-mail address"),
        (("mail", "test", "jan@example.nl", "--language", "fr"), "--language is nl or en"),
        (("mail", "list", "--state", "lost"), "--state is one of waiting, sent, refused, given_up"),
        (("mail", "resend", "7"), "no mail with the number 7"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(words: tuple[str, ...], said: str) -> None:
    failure = linda(*words).exception
    assert failure is not None
    assert exit_code(failure) == Exit.INPUT
    assert said in str(failure)
    assert listed() == []


def test_a_sender_that_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINDA_MAIL_FROM", "LINDA")
    assert "LINDA_MAIL_FROM is written as" in str(linda("mail", "test", "jan@example.nl").exception)
