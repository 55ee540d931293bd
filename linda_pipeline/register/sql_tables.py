"""The tables of the register that every room stands on: what happened, papers, and people to write to.

Here: the declarative base, moments in UTC, events, documents and contacts. Not here: the tables of cases, mail, requests and
keys; each is declared in its own room on this base. Nothing in these tables is overwritten or deleted but by retention: every
change leaves an event that says who, when, what and why.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Date, DateTime, Dialect, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment with a time zone, kept in UTC; the same on SQLite and PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC without a zone. A moment without a zone is a mistake of ours."""
        if value is None:
            return None
        assert value.tzinfo is not None, "a moment without a time zone is no moment"
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of every table in the register."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        date: Date,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class Event(Base):
    """Something that changed: who did it, when, to what, and why. Rows are only ever added."""

    __tablename__ = "event"
    __table_args__ = (Index("event_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    """Who: `portal` for what happens by itself, else a user of the machine or a signed-in person's key."""
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    """What was changed: contact, document, case, location_report, mail, …"""
    subject_id: Mapped[str] = mapped_column(String(200))
    why: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Document(Base):
    """A paper that was sent or signed, with its bytes; the register of CPOs refers to it by its key."""

    __tablename__ = "document"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    """Its reference, such as LINDA-2026-014."""
    kind: Mapped[str] = mapped_column(String(40))
    """confirmation_letter, signed_permission, agreement, …"""
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Contact(Base):
    """A person or mailbox to write to, in a role and for a time."""

    __tablename__ = "contact"
    __table_args__ = (Index("contact_role", "role", "of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(40))
    """One of register.contacts.ROLES."""
    of: Mapped[str] = mapped_column(String(100))
    """Whom they speak for: a CPO's key, a NAL region's name, an owner's key; empty for NDW itself."""
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(2))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """The last day; null while it holds."""
