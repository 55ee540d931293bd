"""The table of mails in the register: what was written, to whom, and how far it came.

Here: the row of a mail and its states. Not here: writing one (outbox.py) and sending it (sending.py).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from linda_pipeline.register.sql_tables import Base


class MailState(StrEnum):
    """How far a mail came."""

    WAITING = "waiting"
    """To be sent, now or at its next try."""
    SENT = "sent"
    """A mail server took it over."""
    REFUSED = "refused"
    """The server said that it never will take it: a bounce."""
    GIVEN_UP = "given_up"
    """It could not be sent for so long that its news is old."""


class Mail(Base):
    """One mail to one address, with every byte of it. It is written with the event that causes it, in one transaction."""

    __tablename__ = "mail"
    __table_args__ = (Index("mail_waiting", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(500), unique=True)
    """What it tells and to whom: the same news is never written twice to the same address."""
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    """report, region, reminder, test, …"""
    of: Mapped[str] = mapped_column(String(100))
    """Whom it is about: a CPO's key or a NAL region's name; empty for NDW itself."""
    receiver: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(300))
    message: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    written_at: Mapped[datetime]
    waiting_since: Mapped[datetime]
    """Written, or last sent anew: so old is its news."""
    state: Mapped[str] = mapped_column(String(20), default=MailState.WAITING.value)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    """While a process is sending it; when that process dies, another one takes it up after this moment."""
    ended_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)
    """What the server said last, where it did not take the mail."""
