"""Of which cases a CPO is to be reminded on a day, and the note that it was.

Here: what is due within seven days, and what is overdue and was not told. An open objection stops reminders, not the date. Not
here: the letter and whom it goes to (post).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from linda_pipeline.cases.case import CaseState, RedeliveryCase

AHEAD = timedelta(days=7)
"""So long before the last day the CPO is reminded."""
FREQUENT = 3


@dataclass(frozen=True)
class CasesToTell:
    """What one CPO is reminded of on a day; the cases of records without an id count as many as there are records."""

    cpo: str
    due: Mapping[date, int] = field(default_factory=dict)
    """By last day, how many records are to come again by then."""
    overdue: Mapping[date, int] = field(default_factory=dict)
    """By last day, how many records did not come again by then, and were not told before."""
    rules: Mapping[str, int] = field(default_factory=dict)
    """The rules that most of these records break."""


def cpos_to_remind(session: Session, day: date) -> list[str]:
    """The CPOs that are to be reminded of something on a day."""
    asked = select(RedeliveryCase.cpo).where(_to_tell(day))
    return list(session.scalars(asked.distinct().order_by(RedeliveryCase.cpo)))


def cases_to_tell(session: Session, cpo: str, day: date) -> CasesToTell | None:
    """What a CPO is to be reminded of on a day; None where there is nothing new."""
    own = RedeliveryCase.cpo == cpo
    due, overdue = (_by_day(session, own, which) for which in (_due(day), _overdue()))
    if not due and not overdue:
        return None
    rules: Counter[str] = Counter()
    broken = select(RedeliveryCase.rules, func.sum(RedeliveryCase.records)).where(own, _to_tell(day))
    for names, records in session.execute(broken.group_by(RedeliveryCase.rules)):
        rules.update(dict.fromkeys(names, int(records)))
    frequent = sorted(rules.items(), key=lambda item: (-item[1], item[0]))[:FREQUENT]
    return CasesToTell(cpo, due, overdue, dict(frequent))


def mark_told(session: Session, cpo: str, day: date) -> None:
    """Note that a CPO was told of all that it was to be reminded of on a day, in the transaction that writes the letter."""
    for which, column in ((_due(day), "reminded_on"), (_overdue(), "overdue_told_on")):
        session.execute(
            update(RedeliveryCase).where(RedeliveryCase.cpo == cpo, which).values({column: day}),
            execution_options={"synchronize_session": False},
        )


def _by_day(session: Session, *conditions: ColumnElement[bool]) -> dict[date, int]:
    asked: Any = select(RedeliveryCase.due_date, func.sum(RedeliveryCase.records)).where(*conditions)
    rows = session.execute(asked.group_by(RedeliveryCase.due_date).order_by(RedeliveryCase.due_date))
    return {last: int(records) for last, records in rows}


def _due(day: date) -> ColumnElement[bool]:
    return and_(
        RedeliveryCase.state == CaseState.OPEN.value,
        RedeliveryCase.due_date >= day,
        RedeliveryCase.due_date <= day + AHEAD,
        RedeliveryCase.reminded_on.is_(None),
    )


def _overdue() -> ColumnElement[bool]:
    return and_(RedeliveryCase.state == CaseState.OVERDUE.value, RedeliveryCase.overdue_told_on.is_(None))


def _to_tell(day: date) -> ColumnElement[bool]:
    return or_(_due(day), _overdue())
