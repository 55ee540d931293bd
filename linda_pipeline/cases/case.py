"""A re-delivery case: one refused record of a CPO, from the delivery that refused it to its end.

Here: the two tables of cases, their states, and the event of every change. Not here: what opens and closes a case
(taking_in.py), objections (objections.py), and questions (lookup.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, ForeignKey, Index, String, Text, insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from linda_pipeline.register.sql_tables import Base, Event

KIND = "case"
"""The subject of a case's events in the register."""
_EVENTS: Any = Event.__table__
_ONE_WRITER = 0x11DB
"""The number of the advisory lock under which cases are changed in PostgreSQL."""


class CaseState(StrEnum):
    """How a case stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    OBJECTED = "objected"
    """The CPO says that the rule is wrong, and NDW has not answered yet."""
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    """Nothing is to be delivered again: the CPO credited it, or what was judged again asks for it no more."""
    UPHELD = "upheld"
    """The CPO was right to object."""


UNSOLVED = (CaseState.OPEN, CaseState.OVERDUE, CaseState.OBJECTED)
"""The states of a case that still waits for something."""


class Words(TypeDecorator[list[str]]):
    """A list of words without blanks, kept as a text in which each can be looked for with its blanks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """Each word between blanks."""
        return None if value is None else f" {' '.join(value)} "

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """The words."""
        return None if value is None else value.split()


class RedeliveryCase(Base):
    """A refused record that is followed; or, without an id, the records of a delivery that break one rule."""

    __tablename__ = "redelivery_case"
    __table_args__ = (
        Index("redelivery_case_identity", "cpo", "module", "identity"),
        Index("redelivery_case_state", "cpo", "module", "state"),
        Index("redelivery_case_due", "state", "due_date"),
        Index("redelivery_case_delivery", "delivery_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Given out in order by the one writer (case_law.py)."""
    cpo: Mapped[str] = mapped_column(String(20))
    module: Mapped[str] = mapped_column(String(20))
    object: Mapped[str] = mapped_column(String(20))
    identity: Mapped[str] = mapped_column(Text)
    """The folded identity of the record; see identities.py."""
    record_id: Mapped[str | None] = mapped_column(Text)
    """Its id as it was delivered, without signs that nobody sees; null where it has none."""
    records: Mapped[int]
    rules: Mapped[list[str]] = mapped_column(Words)
    """The rules that the newest refusal names."""
    nal_region: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    first_seen: Mapped[datetime]
    due_date: Mapped[date | None]
    delivery_id: Mapped[str] = mapped_column(String(80))
    """The delivery that opened it."""
    last_window: Mapped[date]
    """The newest window or night that refused it …"""
    last_pull: Mapped[str] = mapped_column(String(40))
    """… and the stamp of that pull."""
    closed_on: Mapped[date | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))
    """The delivery that mended or credited it, `replay` where judging again did, `objection` where NDW agreed."""
    closed_window: Mapped[date | None]
    """The window or night of the delivery that closed it."""
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("redelivery_case.id"))
    """The case that was closed before the same record was refused again."""
    reminded_on: Mapped[date | None]
    """The day on which the CPO was reminded that its last day comes …"""
    overdue_told_on: Mapped[date | None]
    """… and the one on which it was told that this is over."""


class TakenIn(Base):
    """The judgement of a delivery that the register has taken in; a newer one takes its place."""

    __tablename__ = "taken_in"

    delivery_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    cpo: Mapped[str] = mapped_column(String(20))
    module: Mapped[str] = mapped_column(String(20))
    window: Mapped[date]
    judgement: Mapped[str] = mapped_column(String(64))
    """SHA-256 of its ledger entry."""
    pull: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


def one_writer(session: Session) -> None:
    """Wait until nobody else changes cases, and keep others waiting until the transaction ends; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")


def event(
    case_id: int, at: datetime, actor: str, action: str, why: str | None = None, **details: Any
) -> dict[str, Any]:
    """The row of an event on a case. `action` is the new state, or opened, refused_again, rules_changed, dropped."""
    return {
        "at": at,
        "actor": actor,
        "action": action,
        "subject_kind": KIND,
        "subject_id": str(case_id),
        "why": why,
        "details": details,
    }


def tell(session: Session, events: Iterable[Mapping[str, Any]]) -> None:
    """Add events in the transaction of the changes that they tell."""
    rows = list(events)
    if rows:
        session.connection().execute(insert(_EVENTS), rows)
