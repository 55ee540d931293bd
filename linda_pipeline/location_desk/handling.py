"""What people do with a report of a wrong place: it comes in, and NDW verifies or refuses it.

Here: the changes of state with the event of each, and every mistake that a person can make in one. Not here: the term that runs
out and the night that closes a report (closing.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.calendar import add_working_days, local_date
from linda_pipeline.errors import InputMistake
from linda_pipeline.location_desk.delivered_places import DeliveredPlace
from linda_pipeline.location_desk.location_report import SUBJECT, LocationReport, ReportState
from linda_pipeline.quality.rules.known import distance_m
from linda_pipeline.quality.rules.places import in_netherlands
from linda_pipeline.register.contacts import checked_address
from linda_pipeline.register.events import note

ROLES = ("municipality", "province", "region", "cpo", "owner", "driver", "ndw", "other")
"""As what somebody reports a wrong place."""
WORKING_DAYS = 5
"""In which a CPO puts a place right (agreements, art. 10)."""
NEAR_M = 10.0
"""As near as the rule on the register of places asks."""
_LONGEST_ADDRESS = 300


class ReportMistake(InputMistake):
    """A report cannot be made or answered as it was asked; the message says why and what can."""


@dataclass(frozen=True)
class Proposal:
    """Where a charge point should stand: coordinates in degrees (WGS 84), an address, or both."""

    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """Its coordinates, where it has them."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


def report_place(
    session: Session,
    place: DeliveredPlace,
    proposal: Proposal,
    *,
    evse_id: str | None,
    wrong: str,
    role: str,
    address: str | None,
    at: datetime,
    actor: str,
) -> LocationReport:
    """Take in a report of a wrong place. Raises ReportMistake, and nothing is changed."""
    wrong, proposed_address = " ".join(wrong.split()), " ".join((proposal.address or "").split()) or None
    if not wrong:
        raise ReportMistake("Say what is wrong with the place.")
    if role not in ROLES:
        raise ReportMistake(f"A place is reported as one of {', '.join(ROLES)}, not as {role!r}.")
    if (proposal.latitude is None) != (proposal.longitude is None):
        raise ReportMistake("Propose a latitude and a longitude, or neither.")
    if proposal.point is None and proposed_address is None:
        raise ReportMistake("Propose where the charge point should stand: coordinates, an address, or both.")
    if proposed_address is not None and len(proposed_address) > _LONGEST_ADDRESS:
        raise ReportMistake(f"The proposed address is longer than {_LONGEST_ADDRESS} characters.")
    if proposal.point is not None:
        _check_point(place, *proposal.point)
    report = LocationReport(
        cpo=place.night.cpo,
        location_id=place.location_id,
        evse_id=evse_id,
        wrong=wrong,
        reporter_role=role,
        reporter_address=None if address is None else checked_address(address),
        found_latitude=place.latitude,
        found_longitude=place.longitude,
        found_address=place.address,
        proposed_latitude=proposal.latitude,
        proposed_longitude=proposal.longitude,
        proposed_address=proposed_address,
        state=ReportState.REPORTED.value,
        reported_at=at,
        was_overdue=False,
    )
    session.add(report)
    session.flush()
    note(session, at, actor, "reported", SUBJECT, report.id, role=role)
    return report


def _check_point(place: DeliveredPlace, latitude: float, longitude: float) -> None:
    inside, swapped = (bool(found.to_pylist()[0]) for found in (
        in_netherlands([latitude], [longitude]), in_netherlands([longitude], [latitude])
    ))  # fmt: skip
    if not inside:
        hint = " Latitude and longitude look swapped." if swapped else ""
        raise ReportMistake(f"{latitude}, {longitude} does not lie in the Netherlands.{hint}")
    metres = metres_from(place, latitude, longitude)
    if metres is not None and metres <= NEAR_M:
        raise ReportMistake(
            f"{place.location_id} is delivered {metres:.0f} metres from the proposed place already; up to {NEAR_M:.0f} metres "
            "is near enough."
        )


def metres_from(place: DeliveredPlace, latitude: float, longitude: float) -> float | None:
    """How far a delivered place lies from a point, in metres; None where it has no coordinates."""
    if place.latitude is None or place.longitude is None:
        return None
    return float(distance_m(place.latitude, place.longitude, latitude, longitude))


def verify(session: Session, number: int, *, at: datetime, actor: str, why: str | None = None) -> LocationReport:
    """NDW finds a report right: the CPO has five working days from now. Raises ReportMistake."""
    report = _reported(session, number)
    report.state, report.verified_at = ReportState.VERIFIED.value, at
    report.due_date = due_date(local_date(at))
    note(session, at, actor, "verified", SUBJECT, number, why, due_date=report.due_date.isoformat())
    return report


def due_date(verified_on: date) -> date:
    """The last of the working days that a CPO has after the day on which a report was verified."""
    return add_working_days(verified_on, WORKING_DAYS)


def refuse(session: Session, number: int, *, at: datetime, actor: str, why: str) -> LocationReport:
    """NDW finds a report wrong, with a reason. Raises ReportMistake."""
    if not why.strip():
        raise ReportMistake("A report is refused with a reason. Give it with --why.")
    report = _reported(session, number)
    report.state, report.ended_at = ReportState.REFUSED.value, at
    note(session, at, actor, "refused", SUBJECT, number, why.strip())
    return report


def _reported(session: Session, number: int) -> LocationReport:
    report = report_of(session, number)
    if report.state != ReportState.REPORTED:
        raise ReportMistake(f"Report {number} is {report.state} already.")
    return report


def report_of(session: Session, number: int) -> LocationReport:
    """A report by its number. Raises ReportMistake."""
    report = session.get(LocationReport, number)
    if report is None:
        raise ReportMistake(f"There is no report {number}. `linda location-reports list` shows every one.")
    return report


def reports(session: Session, cpo: str | None = None, states: Sequence[ReportState] = ()) -> Sequence[LocationReport]:
    """Reports, oldest first."""
    asked = select(LocationReport).order_by(LocationReport.id)
    if cpo is not None:
        asked = asked.where(LocationReport.cpo == cpo)
    if states:
        asked = asked.where(LocationReport.state.in_([state.value for state in states]))
    return session.scalars(asked).all()
