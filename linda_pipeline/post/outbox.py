"""The outbox: mails that are written in the transaction of the event that causes them, listed, and sent anew when asked.

Here: putting a letter in, once for its news and receiver; the list; sending one anew. Not here: the sending (sending.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.errors import InputMistake
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_table import Mail, MailState
from linda_pipeline.register.events import PORTAL, note


class NoSuchMail(InputMistake):
    """There is no mail with this number."""


def put(session: Session, letter: Letter, sender: str, at: datetime) -> Mail | None:
    """Write a letter into the outbox, with its event; None where the same news was written to this address before."""
    if session.scalar(select(Mail.id).where(Mail.key == letter.full_key)) is not None:
        return None
    mail = Mail(
        key=letter.full_key,
        message_id=letter.message_id(sender),
        kind=letter.kind,
        of=letter.of,
        receiver=letter.receiver,
        subject=letter.subject,
        message=letter.message(sender, at),
        written_at=at,
        waiting_since=at,
        state=MailState.WAITING.value,
        next_try_at=at,
    )
    session.add(mail)
    session.flush()
    note(session, at, PORTAL, "written", "mail", mail.id, key=letter.key)
    return mail


def mails(session: Session, state: str | None = None, of: str | None = None) -> Sequence[Mail]:
    """The mails of the outbox, newest first, without their bytes."""
    asked = select(Mail).order_by(Mail.id.desc())
    if state is not None:
        asked = asked.where(Mail.state == state)
    if of is not None:
        asked = asked.where(Mail.of == of)
    return session.scalars(asked).all()


def stuck(session: Session) -> str | None:
    """Of the mails that wait though they were tried, how many there are and why, in a sentence; None where there is none."""
    waiting = [mail for mail in mails(session, MailState.WAITING.value) if mail.answer is not None]
    if not waiting:
        return None
    one = len(waiting) == 1
    return (
        f"{len(waiting):,} {'mail waits' if one else 'mails wait'}, and {'is' if one else 'are'} tried again: "
        f"{(waiting[0].answer or '').removesuffix('.')}. linda mail list --state waiting shows {'it' if one else 'them'}."
    )


def send_anew(session: Session, number: int, actor: str, at: datetime) -> Mail:
    """Let a mail go out once more, by the next sending, with the bytes and the Message-ID that it has. Raises NoSuchMail."""
    mail = session.get(Mail, number)
    if mail is None:
        raise NoSuchMail(f"There is no mail with the number {number}. `linda mail list` shows which there are.")
    mail.state, mail.tries = MailState.WAITING.value, 0
    mail.next_try_at = mail.waiting_since = at
    mail.taken_until = mail.ended_at = mail.answer = None
    note(session, at, actor, "sent_anew", "mail", mail.id)
    return mail
