"""Rules on the lengths of time of a CDR: how long its session lasted, and how long after it the CDR and its tariff came.

Here: total_time and total_parking_time, what is too long, and what is too late. Not here: the moments themselves (moments.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.rules.moments import lasting, seconds, session_at
from linda_pipeline.quality.shown import decimal, hinted
from linda_pipeline.quality.view import View

_PROCESSING = Source("A", "Data verwerking")
_CDRS = Source("P", "CDRs")
_ENERGY_ALONE: dict[str, Any] = {
    "@charging_periods": [
        {"start_date_time": "2026-11-10T07:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 0.5}]}
    ],
    "total_energy_kwh": 0.5,
}
"""An example whose periods say nothing of time."""


def times_agree(view: View) -> Any:
    """Whether total_time fits start and end, and total_parking_time lies within it: else that is the defect, and no other."""
    difference = pc.abs(pc.subtract(_total_time_s(view), _session_s(view)))
    tolerance_s = view.parameters.total_time_tolerance_s + 0.01
    parking_s = pc.multiply(view["total_parking_time_h"], 3600.0)
    is_within = pc.and_(
        pc.greater_equal(parking_s, -tolerance_s),
        pc.less_equal(parking_s, pc.add(_total_time_s(view), tolerance_s)),
    )
    return pc.and_(pc.less_equal(difference, tolerance_s), is_within)


def _session_s(view: View) -> Any:
    return pc.subtract(seconds(view["end_date_time"]), seconds(view["start_date_time"]))


def _total_time_s(view: View) -> Any:
    return pc.multiply(view["total_time_h"], 3600.0)


@rule(
    Severity.ERROR,
    reads=("total_time_h",),
    nl="De totale duur is negatief.",
    en="The total time is negative.",
    fix_nl="Lever de duur van de hele sessie in uren, van aansluiten tot loskoppelen.",
    fix_en="Send the length of the whole session in hours, from plugging in to plugging out.",
    source=_PROCESSING,
    reading="The tolerance of total_time holds here too.",
    good=({"total_time_h": 3.5},),
    bad=({"total_time_h": -3.5},),
    implies=("total_time_matches",),
)
def total_time_not_negative(view: View) -> Any:
    return _not_negative(view, "total_time_h")


total_time_not_negative.until(AFTER_TRIALS)(lambda view: pc.greater_equal(view["total_time_h"], 0.0))


def _not_negative(view: View, name: str) -> Any:
    """One tolerance for all durations: what total_time may differ, another duration may differ from 0."""
    return pc.greater_equal(pc.multiply(view[name], 3600.0), -view.parameters.total_time_tolerance_s - 0.01)


@rule(
    Severity.ERROR,
    reads=("total_time_h", "start_date_time", "end_date_time"),
    nl="De totale duur past niet bij het begin en het einde van de sessie.",
    en="The total time does not match the start and end of the session.",
    fix_nl="Lever de duur in uren (1,5 uur is 1.5), gelijk aan het einde min het begin.",
    fix_en="Send the time in hours (an hour and a half is 1.5), equal to the end minus the start.",
    source=_PROCESSING,
    reading="60 seconds of difference are allowed, because CPOs floor durations to whole minutes. What was found stands "
    "beside what was expected, in hours; where it fits minutes or seconds, that is asked.",
    good=({"total_time_h": 3.4834}, {"total_time_h": 3.5166}),
    bad=({"total_time_h": 3.4833}, {"total_time_h": 3.5167}, {"total_time_h": 210}),
)
def total_time_matches(view: View) -> Any:
    sent_h, session_s = view["total_time_h"], _session_s(view)
    difference = pc.abs(pc.subtract(_total_time_s(view), session_s))
    # A hundredth of a second on top: binary fractions of an hour must not decide at the border.
    tolerance_s = view.parameters.total_time_tolerance_s + 0.01
    fine = pc.less_equal(difference, tolerance_s)

    def shown(rows: Any) -> Any:
        sent, expected_s = pc.take(sent_h, pa.array(rows)), pc.take(session_s, pa.array(rows))
        in_unit = (
            (pc.less_equal(pc.abs(pc.subtract(pc.multiply(sent, unit_s), expected_s)), tolerance_s), name)
            for unit_s, name in ((60.0, "min"), (1.0, "s"))
        )
        texts = pc.binary_join_element_wise(_hours(sent), "h ≠", _hours(pc.divide(expected_s, 3600.0)), "h", " ")
        return hinted(texts, *in_unit)

    return fails(fine, value=shown)


def _hours(values: Any) -> Any:
    return decimal(values, 4)


@rule(
    Severity.ERROR,
    reads=("total_parking_time_h",),
    nl="De tijd zonder laden is negatief.",
    en="The parking time is negative.",
    fix_nl="Lever de tijd aan de paal zonder te laden in uren; 0 als er de hele sessie is geladen.",
    fix_en="Send the time plugged in without charging in hours; 0 where it charged all the time.",
    source=_CDRS,
    reading="The profile defines the field as a length of time; charging time would exceed the session otherwise. The "
    "tolerance of total_time holds here too: a few seconds below 0 come of rounding.",
    good=(lasting(12600), {**lasting(12600), "total_parking_time_h": -0.0042}),
    bad=({"total_parking_time_h": -0.5},),
)
def total_parking_time_not_negative(view: View) -> Any:
    return _not_negative(view, "total_parking_time_h")


total_parking_time_not_negative.until(AFTER_TRIALS)(lambda view: pc.greater_equal(view["total_parking_time_h"], 0.0))


@rule(
    Severity.ERROR,
    reads=("total_parking_time_h", "total_time_h"),
    nl="De tijd zonder laden is langer dan de hele sessie.",
    en="The parking time is longer than the whole session.",
    fix_nl="Lever beide tijden in uren; de tijd zonder laden is een deel van de totale duur.",
    fix_en="Send both times in hours; the parking time is part of the total time.",
    source=_CDRS,
    reading="The profile defines it as a part of total_time; otherwise the charging time would be negative. "
    "The tolerance of total_time holds here too. Held where total_time is negative: then that is the defect.",
    good=({**_ENERGY_ALONE, "total_parking_time_h": 3.5}, {**_ENERGY_ALONE, "total_parking_time_h": 3.5166}),
    bad=({"total_parking_time_h": 3.5167}, {"total_parking_time_h": 90}),
)
def total_parking_time_within_total_time(view: View) -> Any:
    return pc.or_(_parking_fits(view), pc.less(view["total_time_h"], 0.0))


def _parking_fits(view: View) -> Any:
    limit = pc.add(_total_time_s(view), view.parameters.total_time_tolerance_s + 0.01)
    return pc.less_equal(pc.multiply(view["total_parking_time_h"], 3600.0), limit)


total_parking_time_within_total_time.until(AFTER_TRIALS)(_parking_fits)


@rule(
    Severity.WARNING,
    reads=("tariffs",),
    versions=("2.1.1",),
    blames="tariffs.last_updated",
    nl="Het tarief is meer dan 24 uur na het einde van de sessie gewijzigd.",
    en="The tariff was changed more than 24 hours after the end of the session.",
    fix_nl="Neem in de CDR het tarief op zoals het tijdens de sessie gold.",
    fix_en="Put the tariff into the CDR as it was during the session.",
    source=_CDRS,
    reading="The profile asks for an up-to-date tariff and means OCPI 2.1.1 alone. A CDR is sealed, so the date of its "
    "tariff proves little: a warning.",
    good=({"tariffs.last_updated": "2026-11-11T11:00:00Z"},),
    bad=({"tariffs.last_updated": "2026-11-11T11:00:01Z"},),
)
def tariff_up_to_date(view: View) -> Any:
    _, rows, _ = view.elements("tariffs")
    ends = pc.take(seconds(view["end_date_time"]), rows)
    late = pc.subtract(seconds(view["tariffs.last_updated"]), ends)
    return pc.less_equal(late, view.parameters.tariff_grace_h * 3600)


@rule(
    Severity.WARNING,
    plausibility=True,
    reads=("start_date_time", "end_date_time"),
    blames="end_date_time",
    nl="De laadsessie duurt langer dan zeven dagen.",
    en="The charging session lasts longer than seven days.",
    fix_nl="Controleer of het einde van de sessie klopt en of de auto er echt zo lang stond.",
    fix_en="Check whether the end of the session is right and the car was really there for so long.",
    source=Source("L", "plausibility, after Qualicharge LONS"),
    reading="Such a session is left out where sessions are compared, so that it blames none of those beside it.",
    good=(lasting(3600 * 12, 3600 * 156, 40),),
    bad=(lasting(3600 * 12, 3600 * 156 + 1, 40),),
)
def duration_plausible(view: View) -> Any:
    return pc.less_equal(_session_s(view), view.parameters.longest_session_h * 3600)


_DAYS_31 = 31 * 86400


@rule(
    Severity.ERROR,
    reads=("start_date_time", "end_date_time"),
    blames="end_date_time",
    valid_from=AFTER_TRIALS,
    nl="De laadsessie duurt langer dan 31 dagen.",
    en="The charging session lasts longer than 31 days.",
    fix_nl="Controleer de datum van begin en einde. Vaak zijn dag en maand omgewisseld.",
    fix_en="Check the date of start and end. Often day and month are swapped.",
    source=Source("L", "plausibility, after real sessions with day and month swapped"),
    reading="An error, because one such session can carry most of a city's hours. Where the session would be shorter than 7 "
    "days with day and month of its start or end swapped, that is asked.",
    good=(lasting(3600 * 12, 3600 * 156, 40),),
    bad=(
        lasting(3600 * 12, _DAYS_31 - 3600 * 12 + 1, 40),
        lasting(3600 * 12, 10 * _DAYS_31 - 3600 * 12, 40),
    ),
    implies=("duration_plausible",),
)
def duration_possible(view: View) -> Any:
    seconds_long = _session_s(view)

    def shown(rows: Any) -> Any:
        begin, end = (pc.take(view[name], pa.array(rows)).to_pylist() for name in ("start_date_time", "end_date_time"))
        most = timedelta(hours=view.parameters.longest_session_h)
        are_swapped = [_are_swapped(*pair, most) for pair in zip(begin, end, strict=True)]
        sent = pc.take(view.text("end_date_time"), pa.array(rows))
        hours = pc.binary_join_element_wise(decimal(pc.divide(pc.take(seconds_long, pa.array(rows)), 3600.0)), "h", " ")
        return hinted(pc.binary_join_element_wise(sent, hours, ": "), (pa.array(are_swapped), "dag/maand, day/month"))

    return fails(pc.less_equal(seconds_long, view.parameters.longest_possible_h * 3600), value=shown)


def _are_swapped(begin: datetime, end: datetime, most: timedelta) -> bool:
    """Whether a session would last no longer than is plausible with day and month of its start or end swapped."""
    pairs = [(other, end) for other in _swapped(begin)] + [(begin, other) for other in _swapped(end)]
    return any(timedelta() < last - first <= most for first, last in pairs)


def _swapped(moment: datetime) -> list[datetime]:
    return [moment.replace(day=moment.month, month=moment.day)] if moment.day <= 12 else []


@rule(
    Severity.WARNING,
    reads=("end_date_time", "last_updated"),
    blames="last_updated",
    nl="De CDR is meer dan 15 dagen na het einde van de sessie gemaakt of gewijzigd.",
    en="The CDR was made or changed more than 15 days after the end of the session.",
    fix_nl="Maak de CDR binnen 15 dagen na het einde van de sessie beschikbaar.",
    fix_en="Make the CDR available within 15 days after the end of the session.",
    source=Source("L", "timeliness, after Qualicharge FRES"),
    reading="A credit CDR comes later by its nature and is left out; a moment in the future is told by "
    "last_updated_not_in_future alone.",
    good=(session_at("2026-11-01T07:30:00Z", "2026-11-01T11:00:00Z", "2026-11-16T11:00:00Z"),),
    bad=(session_at("2026-11-01T07:30:00Z", "2026-11-01T11:00:00Z", "2026-11-16T11:00:01Z"),),
)
def delivered_in_time(view: View) -> Any:
    late = pc.subtract(seconds(view["last_updated"]), seconds(view["end_date_time"]))
    is_future = pc.greater(view["last_updated"], pa.scalar(view.pulled_at, pa.timestamp("us", tz="UTC")))
    soon = pc.or_(is_future, pc.less_equal(late, view.parameters.delivered_within_days * 86400))
    return pc.or_(soon, pc.fill_null(view["credit"], False)) if "credit" in view.names else soon


@rule(
    Severity.WARNING,
    reads=("end_date_time", "last_updated"),
    blames="last_updated",
    nl="De CDR zegt te zijn gemaakt voordat de sessie was afgelopen.",
    en="The CDR says that it was made before its session had ended.",
    fix_nl="Maak de CDR na afloop van de sessie en zet last_updated op dat moment, in UTC.",
    fix_en="Make the CDR after the session has ended, and set last_updated to that moment, in UTC.",
    source=Source("L", "plausibility: a CDR is made once, of a session that has ended"),
    reading="Held where the end lies in the future: then that is the defect.",
    good=({"last_updated": "2026-11-10T11:00:00Z"},),
    bad=({"last_updated": "2026-11-10T10:59:59Z"},),
)
def last_updated_not_before_end(view: View) -> Any:
    in_future = pc.greater(view["end_date_time"], pa.scalar(view.pulled_at, pa.timestamp("us", tz="UTC")))
    return pc.or_(pc.greater_equal(view["last_updated"], view["end_date_time"]), in_future)
