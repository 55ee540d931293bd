"""Questions to the cases: which there are, by what a person asks for, and how many stand how.

Here: reading. Not here: changing anything, and how it is shown (commands).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, select
from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import KIND, UNSOLVED, CaseState, RedeliveryCase
from linda_pipeline.cases.objections import names_rule
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.sql_tables import Event

SHOWN = (
    *("id", "cpo", "module", "record_id", "rules", "state", "first_seen", "due_date"),
    *("closed_on", "closed_by", "delivery_id"),
)
"""What a list tells of a case, in order."""


@dataclass(frozen=True)
class Asked:
    """Which cases are asked for; by default those that are not solved."""

    cpo: str | None = None
    states: Sequence[str] = UNSOLVED
    rule: str | None = None
    region: str | None = None
    due_before: date | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a case must be."""
        yield RedeliveryCase.state.in_(self.states)
        if self.cpo is not None:
            yield RedeliveryCase.cpo == self.cpo
        if self.rule is not None:
            yield names_rule(self.rule)
        if self.region is not None:
            yield RedeliveryCase.nal_region == self.region
        if self.due_before is not None:
            yield RedeliveryCase.due_date < self.due_before


def list_cases(session: Session, asked: Asked, most: int | None = None) -> Iterator[Sequence[Any]]:
    """The cases as SHOWN, those that are due first; those without a term last. `most`: no more than so many."""
    columns = [getattr(RedeliveryCase, name) for name in SHOWN]
    order = (RedeliveryCase.due_date.is_(None), RedeliveryCase.due_date, RedeliveryCase.id)
    question = _where(select(*columns), asked).order_by(*order).limit(most)
    for row in session.execute(question.execution_options(yield_per=5_000)):
        yield tuple(row)


@dataclass(frozen=True)
class Standing:
    """How all cases stand at a moment."""

    by_state: Mapping[str, int]
    overdue_by_cpo: Mapping[str, int]
    without_event: int
    """Cases of which no event says that they were opened: none, or we are broken."""
    overdue_unmarked: int
    """Cases whose last day is over, and of which no event says so: none, or the portal did not look for a day."""
    untold_by_cpo: Mapping[str, int]
    """CPO -> overdue cases that no mail told it of: nobody can be written to for it, or no reminder went out yet."""

    @classmethod
    def of(cls, database: RegisterDatabase, now: datetime) -> Standing:
        """As the register has them."""
        every = select(func.count()).select_from(RedeliveryCase)
        case = cast(RedeliveryCase.id, Event.subject_id.type)
        opened, overdue = (
            select(Event.subject_id).where(Event.subject_kind == KIND, Event.action == action)
            for action in ("opened", CaseState.OVERDUE.value)
        )
        is_late = RedeliveryCase.state.in_((CaseState.OPEN.value, CaseState.OVERDUE.value))
        late = every.where(is_late, RedeliveryCase.due_date < local_date(now), case.not_in(overdue))
        by_cpo = select(RedeliveryCase.cpo, func.count()).where(RedeliveryCase.state == CaseState.OVERDUE.value)
        untold = by_cpo.where(RedeliveryCase.overdue_told_on.is_(None))
        by_state = select(RedeliveryCase.state, func.count()).group_by(RedeliveryCase.state)
        with database.reading() as session:
            return cls(
                _counted(session, by_state.order_by(RedeliveryCase.state)),
                _counted(session, by_cpo.group_by(RedeliveryCase.cpo).order_by(RedeliveryCase.cpo)),
                session.scalar(every.where(case.not_in(opened))) or 0,
                session.scalar(late) or 0,
                _counted(session, untold.group_by(RedeliveryCase.cpo).order_by(RedeliveryCase.cpo)),
            )


def cpos_with_cases(session: Session) -> list[str]:
    """The CPOs that have or had a case."""
    return list(session.scalars(select(RedeliveryCase.cpo).distinct().order_by(RedeliveryCase.cpo)))


def _counted(session: Session, question: Any) -> dict[str, int]:
    return {str(name): int(number) for name, number in session.execute(question)}


def _where(question: Select[Any], asked: Asked) -> Select[Any]:
    return question.where(*asked.conditions())
