"""Sending what waits in the outbox: each mail once, tried again with growing pauses, and refused ones shown.

Here: taking mails so that two processes do not send the same one, the pauses, and what comes of each. Not here: the wire
(carrier.py). A process that dies between the server's yes and our note leaves the mail taken; after a while another one sends
it again, with the same Message-ID, and nothing else is ever sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, undefer

from linda_pipeline.post.carrier import Carrier, CarrierUnusable, Hatch, NotTaken
from linda_pipeline.post.mail_table import Mail, MailState
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.events import PORTAL, note

TAKEN_FOR = timedelta(minutes=10)
"""So long a mail belongs to the process that took it."""
KEPT_TRYING_FOR = timedelta(days=5)
"""As long as mail servers try (RFC 5321, 4.5.4.1: four to five days)."""
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
_AT_ONCE = 20


@dataclass
class Sending:
    """What came of a round."""

    sent: int = 0
    refused: int = 0
    later: int = 0
    """Not taken for now, and tried again."""
    given_up: int = 0
    unusable: str | None = None
    """Why nothing went out, or nothing more; None where the way was open."""


def send_waiting(database: RegisterDatabase, carrier: Carrier, sender: str, clock: Callable[[], datetime]) -> Sending:
    """Send every mail whose time has come. Raises DatabaseUnusable; a way that is closed is told in what comes back."""
    round_ = Sending()
    if not is_anything_due(database, clock()):
        return round_
    try:
        with carrier.opened() as hatch:
            while taken := _take(database, clock()):
                for number in taken:
                    _send(database, hatch, sender, number, clock, round_)
    except CarrierUnusable as closed:
        round_.unusable = str(closed)
        with database.writing() as session:
            for mail in session.scalars(_due(clock())):
                mail.answer = round_.unusable
                if _is_old(mail, clock()):
                    _end(session, mail, MailState.GIVEN_UP, clock())
                    round_.given_up += 1
    return round_


def is_anything_due(database: RegisterDatabase, now: datetime) -> bool:
    """Whether a mail waits whose time has come and that nobody is sending. Raises DatabaseUnusable."""
    with database.reading() as session:
        return session.scalars(_due(now).limit(1)).first() is not None


def _due(now: datetime) -> Select[Mail]:
    """Mails that wait, whose time has come and that nobody has taken, oldest first."""
    free = or_(Mail.taken_until.is_(None), Mail.taken_until <= now)
    waits = Mail.state == MailState.WAITING.value
    return select(Mail).where(waits, Mail.next_try_at <= now, free).order_by(Mail.id)


def _take(database: RegisterDatabase, now: datetime) -> list[int]:
    with database.writing() as session:
        taken = session.scalars(_due(now).limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
        for mail in taken:
            mail.taken_until = now + TAKEN_FOR
        return [mail.id for mail in taken]


def _send(
    database: RegisterDatabase,
    hatch: Hatch,
    sender: str,
    number: int,
    clock: Callable[[], datetime],
    round_: Sending,
) -> None:
    with database.reading() as session:
        mail = session.get_one(Mail, number, options=[undefer(Mail.message)])
        message, message_id, receiver = mail.message, mail.message_id, mail.receiver
    try:
        hatch.hand_over(message, message_id, sender, receiver)
    except NotTaken as refusal:
        _note_refusal(database, number, refusal, clock(), round_)
    except CarrierUnusable:
        with database.writing() as session:
            session.get_one(Mail, number).taken_until = None
        raise
    else:
        with database.writing() as session:
            _end(session, session.get_one(Mail, number), MailState.SENT, clock())
        round_.sent += 1


def _note_refusal(database: RegisterDatabase, number: int, refusal: NotTaken, now: datetime, round_: Sending) -> None:
    with database.writing() as session:
        mail = session.get_one(Mail, number)
        mail.answer, mail.taken_until = refusal.answer, None
        if refusal.is_final:
            _end(session, mail, MailState.REFUSED, now)
            round_.refused += 1
        elif _is_old(mail, now):
            _end(session, mail, MailState.GIVEN_UP, now)
            round_.given_up += 1
        else:
            mail.next_try_at = now + _PAUSES[min(mail.tries, len(_PAUSES) - 1)]
            mail.tries += 1
            round_.later += 1


def _is_old(mail: Mail, now: datetime) -> bool:
    return now - mail.waiting_since >= KEPT_TRYING_FOR


def _end(session: Session, mail: Mail, state: MailState, now: datetime) -> None:
    """A mail's last state, with its event; what the server said stands with it where it was not taken."""
    mail.state, mail.ended_at, mail.taken_until = state.value, now, None
    mail.tries += 1
    if state is MailState.SENT:
        mail.answer = None
    note(session, now, PORTAL, state.value, "mail", mail.id, mail.answer)
