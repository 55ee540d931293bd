"""The four weeks of a case: when they are over.

Here: the last day of a case, and the mark on what was not delivered by then. Not here: the reckoning of days (calendar), and
reminders (post).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from linda_pipeline.calendar import due_date, local_date
from linda_pipeline.cases.case import CaseState, RedeliveryCase, event, one_writer, tell
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.events import PORTAL


def last_day(module: str, pulled_at: datetime, now: datetime, *, is_again: bool) -> date | None:
    """Until when a CDR that is refused now may come again; None for what has no term.

    28 days after the pull; after the judging where the delivery was judged again, or where those days are over already, as
    for an old delivery that was never followed: nobody is late before being told.
    """
    if module != "cdrs":
        return None
    due = due_date(pulled_at)
    return due_date(now) if is_again or due < local_date(now) else due


def mark_overdue(session: Session, day: date, at: datetime) -> int:
    """Mark the open cases whose last day lies before a day; returns how many."""
    late = (RedeliveryCase.state == CaseState.OPEN.value) & (RedeliveryCase.due_date < day)
    found = session.execute(select(RedeliveryCase.id, RedeliveryCase.due_date).where(late)).all()
    if found:
        session.execute(
            update(RedeliveryCase).where(late).values(state=CaseState.OVERDUE.value),
            execution_options={"synchronize_session": False},
        )
        tell(session, (event(one, at, PORTAL, CaseState.OVERDUE.value, due_date=str(due)) for one, due in found))
    return len(found)


def mark_all_overdue(database: RegisterDatabase, now: datetime) -> int:
    """Mark what is overdue at a moment; the register is written only where there is something."""
    day = local_date(now)
    late = exists().where(RedeliveryCase.state == CaseState.OPEN.value, RedeliveryCase.due_date < day)
    with database.reading() as session:
        if not session.scalar(select(late)):
            return 0
    with database.writing() as session:
        one_writer(session)
        return mark_overdue(session, day, now)
