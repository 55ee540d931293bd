"""Objections: a CPO says that a rule is wrong, and NDW answers with a reason.

Here: both steps, for one case or for all of a rule in a delivery, each with its events. Not here: what deliveries do to
a case (case_law.py). A case that is objected to gets no reminders; its last day stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Text, and_, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import CaseState, RedeliveryCase, event, one_writer, tell
from linda_pipeline.errors import InputMistake, one_line, visible

OBJECTION = "objection"
"""What closed a case whose objection was upheld."""
_MAY_BE_OBJECTED = (CaseState.OPEN.value, CaseState.OVERDUE.value)
_LONGEST_REASON = 4000


class CaseMistake(InputMistake):
    """What is asked cannot be done to a case; the message says why and what can."""


def find_case(session: Session, number: int) -> RedeliveryCase:
    """A case by its number. Raises CaseMistake."""
    case = session.get(RedeliveryCase, number)
    if case is None:
        raise CaseMistake(f"There is no case {number}. `linda cases` lists them.")
    return case


def object_to_case(session: Session, number: int, why: str, *, at: datetime, actor: str) -> RedeliveryCase:
    """Note that the CPO objects to a case. Raises CaseMistake, and nothing is changed."""
    one_writer(session)
    reason, case = _reason(why), find_case(session, number)
    if case.state == CaseState.OBJECTED:
        raise CaseMistake(f"Case {number} is objected to already. `linda cases answer {number}` answers it.")
    if case.state not in _MAY_BE_OBJECTED:
        raise CaseMistake(
            f"Case {number} is closed ({case.state} on {case.closed_on}), so that there is nothing to object to."
        )
    _object(session, [case.id], reason, at, actor, {})
    return case


def object_to_rule(
    session: Session, rule: str, delivery_id: str, why: str, *, at: datetime, actor: str
) -> Sequence[int]:
    """Note that the CPO objects to a rule over a delivery: all its open cases that name the rule. Raises CaseMistake."""
    one_writer(session)
    reason = _reason(why)
    of_delivery = or_(RedeliveryCase.delivery_id == delivery_id, _last_refused_by(delivery_id))
    asked = select(RedeliveryCase.id).where(of_delivery, names_rule(rule), RedeliveryCase.state.in_(_MAY_BE_OBJECTED))
    found = session.scalars(asked.order_by(RedeliveryCase.id)).all()
    if not found:
        raise CaseMistake(
            f"No open case of {one_line(delivery_id)} names the rule {one_line(rule)}, so that there is nothing to object to. "
            f"`linda cases --rule {one_line(rule)}` lists those that there are."
        )
    _object(session, found, reason, at, actor, {"rule": rule, "delivery_id": delivery_id})
    return found


def answer(
    session: Session, numbers: Sequence[int], why: str, *, is_upheld: bool, at: datetime, actor: str
) -> list[RedeliveryCase]:
    """Answer objections: upheld closes a case, dropped puts it back to open or overdue. Raises CaseMistake, and nothing is
    changed."""
    one_writer(session)
    reason, today = _reason(why), local_date(at)
    cases = [find_case(session, number) for number in numbers]
    for case in cases:
        if case.state != CaseState.OBJECTED:
            raise CaseMistake(
                f"Case {case.id} is {case.state}: nobody objects to it, so that there is nothing to answer. "
                "`linda cases --state objected` lists the objections."
            )
    events = []
    for case in cases:
        if is_upheld:
            case.state, case.closed_on, case.closed_by = CaseState.UPHELD.value, today, OBJECTION
            events.append(event(case.id, at, actor, CaseState.UPHELD.value, reason, rules=case.rules))
            continue
        is_late = case.due_date is not None and case.due_date < today
        case.state = (CaseState.OVERDUE if is_late else CaseState.OPEN).value
        events.append(event(case.id, at, actor, "dropped", reason, state=case.state))
    tell(session, events)
    return cases


def objected(session: Session, rule: str, delivery_id: str) -> Sequence[int]:
    """The cases of a rule in a delivery that are objected to. Raises CaseMistake where there are none."""
    of_delivery = or_(RedeliveryCase.delivery_id == delivery_id, _last_refused_by(delivery_id))
    asked = select(RedeliveryCase.id).where(
        of_delivery, names_rule(rule), RedeliveryCase.state == CaseState.OBJECTED.value
    )
    found = session.scalars(asked.order_by(RedeliveryCase.id)).all()
    if not found:
        raise CaseMistake(f"No case of {one_line(delivery_id)} with the rule {one_line(rule)} is objected to.")
    return found


def names_rule(rule: str) -> ColumnElement[bool]:
    """The condition that a case names a rule."""
    return type_coerce(RedeliveryCase.rules, Text).contains(f" {rule} ", autoescape=True)


def _last_refused_by(delivery_id: str) -> ColumnElement[bool]:
    """The condition that a delivery was the last one to refuse a record."""
    module, _, rest = delivery_id.partition("/")
    cpo, _, window = rest.partition("/")
    try:
        day = date.fromisoformat(window)
    except ValueError:
        raise CaseMistake(
            f"{one_line(delivery_id)!r} is no delivery. Name it as module/CPO/window: cdrs/NL-ABC/2026-11-09."
        ) from None
    return and_(RedeliveryCase.cpo == cpo, RedeliveryCase.module == module, RedeliveryCase.last_window == day)


def _reason(why: str) -> str:
    """The reason as it is kept. Raises CaseMistake where there is none."""
    reason = visible(why.strip())
    if not reason or len(reason) > _LONGEST_REASON:
        raise CaseMistake(f"Give the reason with --why, in at most {_LONGEST_REASON} characters.")
    return reason


def _object(session: Session, numbers: Sequence[int], why: str, at: datetime, actor: str, told: dict[str, str]) -> None:
    session.execute(update(RedeliveryCase), [{"id": one, "state": CaseState.OBJECTED.value} for one in numbers])
    tell(session, (event(one, at, actor, CaseState.OBJECTED.value, why, **told) for one in numbers))
