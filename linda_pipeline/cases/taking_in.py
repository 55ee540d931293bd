"""Judgements taken into the register: the cases that a delivery opens, keeps open and closes.

Here: the step from a judgement's file (ledger.follow_up) to cases, one transaction per judgement. It may be done twice, be
killed at any moment, and come late: the same judgement changes nothing the second time, and a record has one case however
often its window is judged. Not here: the terms (terms.py), and what people do with a case (objections.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import TakenIn, one_writer
from linda_pipeline.cases.case_law import CaseLaw
from linda_pipeline.cases.identities import Refused, refused_by_identity
from linda_pipeline.cases.terms import mark_all_overdue, mark_overdue
from linda_pipeline.ledger.follow_up import FollowUp, MadeGood, is_standing, mended, waiting
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import TableUnreadable

Preparing = Callable[[Delivery], Callable[[Session, datetime], object]]
"""Reads what costs time about a delivery; what comes back writes it in the transaction that takes the judgement in."""


def take_in(lake: Lake, database: RegisterDatabase, now: datetime, prepare: Preparing | None = None) -> Counter[str]:
    """Take in every judgement that waits, in order, and mark what is overdue; says how many cases came to which state.

    `prepare`: what else goes into the transaction of a judgement that stands, such as the letters that tell of it. Raises
    DatabaseUnusable: what was not taken in then waits, and nothing is lost. What leans on a damaged table waits too, and the
    lake notes it.
    """
    changes: Counter[str] = Counter()
    with lake.lock("cases"):
        for follow_up in waiting(lake):
            try:
                changes += _taken_in(lake, database, follow_up, now, prepare)
            except TableUnreadable as damaged:
                lake.noted.append(f"The cases of {follow_up.delivery.id} wait until it is judged again. {damaged}")
        changes["overdue"] += mark_all_overdue(database, now)
    return +changes


def _taken_in(
    lake: Lake, database: RegisterDatabase, follow_up: FollowUp, now: datetime, prepare: Preparing | None
) -> Counter[str]:
    """Take in one judgement, in a transaction of its own; what costs time is read before that begins."""
    changes: Counter[str] = Counter()
    refused = refused_by_identity(follow_up.refused, follow_up.delivery.window)
    came = _mended(lake, follow_up)
    write = prepare(follow_up.delivery) if prepare is not None and came is not None else None
    with database.writing() as session:
        one_writer(session)
        if not _is_known(session, follow_up):
            changes = _take_in(session, lake, follow_up, refused, came, now)
            if write is not None:
                write(session, now)
    follow_up.done()
    return changes


def _mended(lake: Lake, follow_up: FollowUp) -> MadeGood | None:
    """What the judgement mends; None where a later one took its place, which tells that itself."""
    if not follow_up.is_standing:
        return None
    found = mended(lake, follow_up.delivery)
    return found if is_standing(lake, follow_up.delivery, follow_up.judgement) else None


def _is_known(session: Session, follow_up: FollowUp) -> bool:
    known = session.get(TakenIn, follow_up.delivery.id)
    return known is not None and known.judgement == follow_up.judgement


def _take_in(
    session: Session,
    lake: Lake,
    follow_up: FollowUp,
    refused: dict[str, Refused],
    came: MadeGood | None,
    now: datetime,
) -> Counter[str]:
    delivery = follow_up.delivery
    known = session.get(TakenIn, delivery.id)
    # What was late when it was pulled was overdue first; one that came in time and is taken in later was not.
    mark_overdue(session, local_date(follow_up.pulled_at), now)
    desk = CaseLaw(session, lake, follow_up, refused, now, is_again=known is not None and known.pull == follow_up.pull)
    desk.open(came)
    if came is not None:
        desk.close(came)
    told = {"judgement": follow_up.judgement, "pull": follow_up.pull, "at": now}
    if known is None:
        session.add(
            TakenIn(delivery_id=delivery.id, cpo=delivery.cpo, module=delivery.module, window=delivery.window, **told)
        )
    else:
        for name, value in told.items():
            setattr(known, name, value)
    return desk.changes
