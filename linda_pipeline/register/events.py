"""What happened in the register, noted with the change itself.

Here: adding an event in the transaction of the change it tells, and reading the events of one thing. Not here: what may
change (each room's own code). The clock is handed in: nothing here asks what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.register.sql_tables import Event

PORTAL = "portal"
"""The actor of what happens by itself: a delivery that was judged, a term that ran out."""


def note(
    session: Session,
    at: datetime,
    actor: str,
    action: str,
    subject_kind: str,
    subject_id: object,
    why: str | None = None,
    **details: Any,
) -> Event:
    """Add an event to the transaction that makes the change."""
    event = Event(
        at=at,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        why=why,
        details=details,
    )
    session.add(event)
    return event


def events_of(session: Session, subject_kind: str, subject_id: object) -> Sequence[Event]:
    """All that happened to one thing, oldest first."""
    asked = select(Event).where(Event.subject_kind == subject_kind, Event.subject_id == str(subject_id))
    return session.scalars(asked.order_by(Event.at, Event.id)).all()
