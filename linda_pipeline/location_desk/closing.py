"""What happens to a verified report by itself: the night that delivers the place right closes it, and its term runs out.

Here: both, once per report and with the event of each. Not here: what people do (handling.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy.orm import Session

from linda_pipeline.calendar import local_date
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.location_desk.delivered_places import DeliveredPlace, newest_night, places_of
from linda_pipeline.location_desk.handling import NEAR_M, metres_from, reports
from linda_pipeline.location_desk.location_report import SUBJECT, WAITING, LocationReport, ReportState
from linda_pipeline.ocpi.record_keys import folded_text
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.events import PORTAL, note
from linda_pipeline.storage.lake import Lake


def follow_places(lake: Lake, database: RegisterDatabase, now: datetime) -> Counter[str]:
    """Close every verified report whose place is right by the newest night, and mark what is overdue; counts by state.

    A night that came before the report was verified closes it as well: right is right. Done twice, it changes nothing more.
    """
    with database.reading() as session:
        cpos = sorted({report.cpo for report in reports(session, states=WAITING)})
    places = {cpo: places_of(lake, night) for cpo in cpos if (night := newest_night(lake, cpo)) is not None}
    changes: Counter[str] = Counter()
    with database.writing() as session:
        waiting: dict[str, list[LocationReport]] = defaultdict(list)
        for report in reports(session, states=WAITING):
            waiting[report.cpo].append(report)
        for cpo, mine in waiting.items():
            for report in mine:
                place = places.get(cpo, {}).get(folded_text(report.location_id))
                if place is not None and is_right(report, place):
                    _solve(session, lake, report, place, now)
                    changes[ReportState.SOLVED.value] += 1
                elif _runs_out(report, now):
                    _mark_overdue(session, report, now)
                    changes[ReportState.OVERDUE.value] += 1
    return changes


def is_right(report: LocationReport, place: DeliveredPlace) -> bool:
    """Whether a place is delivered as it was proposed: within 10 metres, and by address alone where nothing else was."""
    if report.proposed_latitude is None or report.proposed_longitude is None:
        return _plain(place.address) == _plain(report.proposed_address)
    metres = metres_from(place, report.proposed_latitude, report.proposed_longitude)
    return metres is not None and metres <= NEAR_M


def _plain(address: str | None) -> str:
    return " ".join((address or "").split()).casefold()


def _solve(session: Session, lake: Lake, report: LocationReport, place: DeliveredPlace, now: datetime) -> None:
    pulled_on = local_date(read_judgement(lake, place.night).pulled_at)
    if report.due_date is not None and pulled_on > report.due_date:
        report.was_overdue = True
    report.state, report.ended_at, report.closed_by = ReportState.SOLVED.value, now, place.night.id
    note(session, now, PORTAL, "solved", SUBJECT, report.id, delivery=place.night.id)


def _runs_out(report: LocationReport, now: datetime) -> bool:
    is_late = report.due_date is not None and local_date(now) > report.due_date
    return is_late and report.state == ReportState.VERIFIED


def _mark_overdue(session: Session, report: LocationReport, now: datetime) -> None:
    report.state, report.was_overdue = ReportState.OVERDUE.value, True
    note(session, now, PORTAL, "overdue", SUBJECT, report.id)
