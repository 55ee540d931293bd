"""The outbox and its sending, with a real mail server: once, later, never, and by two processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from linda_pipeline.post.carrier import MailFolder, read_carrier
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_table import Mail, MailState
from linda_pipeline.post.outbox import NoSuchMail, mails, put, send_anew
from linda_pipeline.post.sending import KEPT_TRYING_FOR, TAKEN_FOR, Sending, send_waiting
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of
from linda_pipeline_tests.post.mail_servers import PASSWORD, Mailbox, mail_server, self_signed

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SENDER = "LINDA <linda@ndw.example>"
LETTER = Letter(
    key="cdrs/NL-ABC/2026-11-09",
    kind="report",
    of="NL-ABC",
    receiver="data@abc.example",
    language="nl",
    subject="Uw levering van 9 november: één CDR afgekeurd",
    text="Beste collega,\n\nUw levering is gecontroleerd. €\n",
    html="<p>Uw levering is gecontroleerd. €</p>",
)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[RegisterDatabase]:
    database = RegisterDatabase(address_of(None, tmp_path / "lake"))
    yield database
    database.close()


def write(register: RegisterDatabase, *letters: Letter) -> list[int]:
    """Put letters into the outbox; the numbers of those that were new."""
    with register.writing() as session:
        put_in = [put(session, letter, SENDER, NOON) for letter in letters]
        return [mail.id for mail in put_in if mail is not None]


def send(register: RegisterDatabase, port: int, at: datetime = NOON, scheme: str = "smtp", login: str = "") -> Sending:
    carrier = read_carrier(f"{scheme}://{login}127.0.0.1:{port}", Path())
    return send_waiting(register, carrier, SENDER, lambda: at)


def the_mail(register: RegisterDatabase) -> Mail:
    with register.reading() as session:
        return session.scalars(select(Mail)).one()


def actions(register: RegisterDatabase, number: int) -> list[str]:
    with register.reading() as session:
        return [event.action for event in events_of(session, "mail", number)]


def test_a_mail_goes_out_once_in_both_shapes_and_every_step_leaves_an_event(register: RegisterDatabase) -> None:
    (number,) = write(register, LETTER)
    box = Mailbox()
    with mail_server(box) as port:
        assert send(register, port) == Sending(sent=1)
        assert send(register, port) == Sending()
    (message,) = box.taken
    assert (message["To"], message["From"], message["Subject"]) == (LETTER.receiver, SENDER, LETTER.subject)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == LETTER.text.splitlines()
    assert html.get_content().strip() == LETTER.html
    assert the_mail(register).state == MailState.SENT
    assert actions(register, number) == ["written", "sent"]


def test_the_same_news_is_written_to_an_address_once(register: RegisterDatabase) -> None:
    assert len(write(register, LETTER)) == 1
    assert write(register, LETTER, replace(LETTER, receiver="Data@ABC.example", text="other words")) == []
    assert len(write(register, replace(LETTER, receiver="other@abc.example"))) == 1


def test_a_mail_that_is_not_committed_was_never_written(register: RegisterDatabase) -> None:
    def dies_meanwhile() -> None:
        with register.writing() as session:
            put(session, LETTER, SENDER, NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies_meanwhile()
    with register.reading() as session:
        assert list(mails(session)) == []


def test_a_refused_receiver_is_a_bounce_that_holds_up_nobody(register: RegisterDatabase) -> None:
    refused, taken = write(register, LETTER, replace(LETTER, receiver="other@abc.example"))
    box = Mailbox(refused={LETTER.receiver: "550 5.1.1 no such user here"})
    with mail_server(box) as port:
        assert send(register, port) == Sending(sent=1, refused=1)
    with register.reading() as session:
        bounced = session.get_one(Mail, refused)
        assert (bounced.state, bounced.answer) == (MailState.REFUSED, "550 5.1.1 no such user here")
        assert session.get_one(Mail, taken).state == MailState.SENT
    assert actions(register, refused) == ["written", "refused"]


def test_not_now_is_tried_again_after_growing_pauses_and_given_up_in_the_end(register: RegisterDatabase) -> None:
    (number,) = write(register, LETTER)
    box = Mailbox(refused={LETTER.receiver: "451 try again later"})
    tried = []
    with mail_server(box) as port:
        now = NOON
        while (mail := the_mail(register)).state == MailState.WAITING:
            now = mail.next_try_at
            assert send(register, port, now - timedelta(seconds=1)) == Sending(), "not before its time"
            send(register, port, now)
            tried.append(now)
    pauses = [(b - a) / timedelta(minutes=1) for a, b in pairwise(tried)]
    assert pauses[:5] == [1, 5, 15, 60, 240]
    assert pauses == sorted(pauses)
    assert (the_mail(register).state, the_mail(register).answer) == (MailState.GIVEN_UP, "451 try again later")
    assert tried[-1] - NOON >= KEPT_TRYING_FOR
    assert actions(register, number)[-1] == "given_up"


def test_a_server_that_is_away_for_a_day_loses_nothing_and_is_told(register: RegisterDatabase) -> None:
    write(register, LETTER)
    box = Mailbox()
    with mail_server(box) as port:
        pass
    for hours in range(24):
        away = send(register, port, NOON + timedelta(hours=hours))
        assert away.unusable is not None
        assert f"smtp://127.0.0.1:{port} cannot be used" in away.unusable
    assert the_mail(register).answer == away.unusable
    with mail_server(box) as port:
        assert send(register, port, NOON + timedelta(days=1)) == Sending(sent=1)
    assert the_mail(register).answer is None


def test_mail_is_encrypted_by_starttls_and_a_certificate_that_is_not_trusted_gets_none(
    register: RegisterDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(register, LETTER)
    box, certificate = Mailbox(), self_signed(tmp_path)
    with mail_server(box, certificate, PASSWORD) as port:
        untrusted = send(register, port, scheme="smtp+starttls", login=f"linda:{PASSWORD}@")
        assert untrusted.unusable is not None
        assert "certificate" in untrusted.unusable
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        wrong = send(register, port, scheme="smtp+starttls", login="linda:another@")
        assert wrong.unusable is not None
        assert "refuses this user or password" in wrong.unusable
        assert "another" not in wrong.unusable
        assert send(register, port, scheme="smtp+starttls", login=f"linda:{PASSWORD}@") == Sending(sent=1)
    assert box.was_encrypted == [True]


class _Dies:
    """A way on which the process dies once the server has said yes."""

    place = "nowhere"

    def __init__(self) -> None:
        self.carried: list[str] = []

    def __enter__(self) -> _Dies:
        return self

    def __exit__(self, *_: object) -> None: ...

    def opened(self) -> _Dies:
        return self

    def hand_over(self, message: bytes, message_id: str, sender: str, receiver: str) -> None:
        self.carried.append(message_id)
        if len(self.carried) == 1:
            raise KeyboardInterrupt


def test_a_kill_after_the_servers_yes_repeats_the_mail_with_the_same_id_and_no_sooner_than_it_is_free(
    register: RegisterDatabase,
) -> None:
    write(register, LETTER)
    way = _Dies()
    with pytest.raises(KeyboardInterrupt):
        send_waiting(register, way, SENDER, lambda: NOON)
    assert send_waiting(register, way, SENDER, lambda: NOON + TAKEN_FOR / 2) == Sending(), (
        "it still belongs to the dead one"
    )
    assert send_waiting(register, way, SENDER, lambda: NOON + TAKEN_FOR) == Sending(sent=1)
    assert way.carried[0] == way.carried[1]


def test_a_folder_takes_each_mail_as_one_file_that_opens(register: RegisterDatabase, tmp_path: Path) -> None:
    (number,) = write(register, LETTER)
    folder = MailFolder(tmp_path / "outbox")
    assert send_waiting(register, folder, SENDER, lambda: NOON) == Sending(sent=1)
    with register.writing() as session:
        send_anew(session, number, "jan", NOON)
    assert send_waiting(register, folder, SENDER, lambda: NOON) == Sending(sent=1)
    (path,) = folder.folder.iterdir()
    assert BytesParser(policy=default).parsebytes(path.read_bytes())["Subject"] == LETTER.subject
    assert actions(register, number) == ["written", "sent", "sent_anew", "sent"]


def test_a_folder_that_cannot_be_made_is_told(register: RegisterDatabase, tmp_path: Path) -> None:
    write(register, LETTER)
    (tmp_path / "outbox").write_text("a file stands here")
    told = send_waiting(register, MailFolder(tmp_path / "outbox"), SENDER, lambda: NOON).unusable
    assert told is not None
    assert "outbox cannot be made" in told


def test_a_mail_that_is_not_there_cannot_be_sent_anew(register: RegisterDatabase) -> None:
    with register.writing() as session, pytest.raises(NoSuchMail, match="number 7"):
        send_anew(session, 7, "jan", NOON)
