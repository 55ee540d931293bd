"""Rules on the moments of a CDR: when its session starts and ends.

Here: these rules, moments as seconds, and examples of other sessions. Not here: how long things last (durations.py),
how a moment is written (timestamps.py), and whether it can be read at all (derived.py).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.rule import Severity, Source, rule
from linda_pipeline.quality.view import View

_PROCESSING = Source("A", "Data verwerking")
_FIRST_PLAUSIBLE = datetime(2009, 1, 1, tzinfo=UTC)
_END = datetime(2026, 11, 10, 11, tzinfo=UTC)


def seconds(moments: Any) -> Any:
    """Moments as seconds since 1970 (float)."""
    return pc.divide(pc.cast(pc.cast(moments, pa.timestamp("us", tz="UTC")), pa.int64()).cast(pa.float64()), 1e6)


def session_at(start: str, end: str, delivered: str) -> dict[str, Any]:
    """An example with its session elsewhere in time, and all that is stamped with it."""
    return {
        "start_date_time": start,
        "end_date_time": end,
        "@charging_periods": [
            {
                "start_date_time": start,
                "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 2.0}],
            }
        ],
        "tariffs.last_updated": "2005-01-01T00:00:00Z",
        "last_updated": delivered,
    }


def lasting(charging_s: float, parking_s: float = 0, kwh: float = 12.5) -> dict[str, Any]:
    """An example of a session that ends when the good one does and lasts so long, with all that is measured in it."""
    start, parking = (_END - timedelta(seconds=ago) for ago in (charging_s + parking_s, parking_s))
    periods = [(start, kwh, "TIME", charging_s), (parking, 0.0, "PARKING_TIME", parking_s)]
    return {
        "start_date_time": _written(start),
        "total_energy_kwh": kwh,
        "total_time_h": round((charging_s + parking_s) / 3600, 4),
        "total_parking_time_h": round(parking_s / 3600, 4),
        "@charging_periods": [
            {
                "start_date_time": _written(moment),
                "dimensions": [{"type": "ENERGY", "volume": energy}, {"type": kind, "volume": round(long / 3600, 4)}],
            }
            for moment, energy, kind, long in periods
            if long
        ],
    }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@rule(
    Severity.ERROR,
    reads=("start_date_time",),
    nl="De laadsessie begint in de toekomst.",
    en="The charging session starts in the future.",
    fix_nl="Controleer de klok van het laadpunt en lever tijdstippen in UTC.",
    fix_en="Check the clock of the charge point, and send moments in UTC.",
    source=_PROCESSING,
    reading="In the future means: after the moment at which the delivery was pulled, so that a rerun says the same.",
    good=(session_at("2026-11-22T22:30:00Z", "2026-11-23T02:00:00Z", "2026-11-23T02:00:00Z"),),
    bad=(session_at("2026-11-23T02:00:01Z", "2026-11-23T05:30:01Z", "2026-11-23T01:00:00Z"),),
    implies=("end_not_in_future",),
)
def start_not_in_future(view: View) -> Any:
    return pc.less_equal(view["start_date_time"], pa.scalar(view.pulled_at, pa.timestamp("us", tz="UTC")))


@rule(
    Severity.ERROR,
    reads=("end_date_time",),
    nl="De laadsessie eindigt in de toekomst.",
    en="The charging session ends in the future.",
    fix_nl="Lever een CDR pas als de sessie is afgelopen, met het einde in UTC.",
    fix_en="Send a CDR only when its session has ended, with the end in UTC.",
    source=_PROCESSING,
    reading="In the future means: after the moment at which the delivery was pulled, so that a rerun says the same.",
    good=(session_at("2026-11-22T22:30:00Z", "2026-11-23T02:00:00Z", "2026-11-23T02:00:00Z"),),
    bad=(session_at("2026-11-22T22:30:01Z", "2026-11-23T02:00:01Z", "2026-11-23T01:00:00Z"),),
)
def end_not_in_future(view: View) -> Any:
    return pc.less_equal(view["end_date_time"], pa.scalar(view.pulled_at, pa.timestamp("us", tz="UTC")))


@rule(
    Severity.ERROR,
    reads=("start_date_time",),
    nl="De laadsessie begint vóór 2009.",
    en="The charging session starts before 2009.",
    fix_nl="Lever het echte begin van de sessie, of laat de CDR weg als het begin niet bekend is.",
    fix_en="Send the real start of the session, or leave the CDR out where the start is not known.",
    source=_PROCESSING,
    reading="1970-1-1, which OCPI lets parties agree on for an unknown moment, counts as a missing field instead.",
    good=(session_at("2009-01-01T00:00:00Z", "2009-01-01T03:30:00Z", "2009-01-02T00:00:00Z"),),
    bad=(session_at("2008-12-31T23:59:59Z", "2009-01-01T03:29:59Z", "2009-01-02T00:00:00Z"),),
)
def start_not_before_2009(view: View) -> Any:
    return pc.greater_equal(view["start_date_time"], pa.scalar(_FIRST_PLAUSIBLE, pa.timestamp("us", tz="UTC")))


@rule(
    Severity.ERROR,
    reads=("end_date_time",),
    nl="De laadsessie eindigt vóór 2009.",
    en="The charging session ends before 2009.",
    fix_nl="Lever het echte einde van de sessie, of laat de CDR weg als het einde niet bekend is.",
    fix_en="Send the real end of the session, or leave the CDR out where the end is not known.",
    source=_PROCESSING,
    reading="1970-1-1, which OCPI lets parties agree on for an unknown moment, counts as a missing field instead.",
    good=(session_at("2009-01-01T00:00:00Z", "2009-01-01T03:30:00Z", "2009-01-02T00:00:00Z"),),
    bad=(session_at("2008-12-31T20:29:59Z", "2008-12-31T23:59:59Z", "2009-01-02T00:00:00Z"),),
    implies=("start_not_before_2009",),
)
def end_not_before_2009(view: View) -> Any:
    return pc.greater_equal(view["end_date_time"], pa.scalar(_FIRST_PLAUSIBLE, pa.timestamp("us", tz="UTC")))


@rule(
    Severity.ERROR,
    reads=("start_date_time", "end_date_time"),
    blames="end_date_time",
    nl="De laadsessie eindigt niet na haar begin.",
    en="The charging session does not end after its start.",
    fix_nl="Controleer of begin en einde omgewisseld of gelijk zijn, en of beide in UTC staan.",
    fix_en="Check whether start and end are swapped or equal, and whether both are in UTC.",
    source=_PROCESSING,
    good=(lasting(1, kwh=0.001),),
    bad=(
        {"start_date_time": "2026-11-10T11:00:00Z", "end_date_time": "2026-11-10T07:30:00Z"},
        {"end_date_time": "2026-11-10T07:30:00Z"},
    ),
    implies=("total_time_matches",),
)
def start_before_end(view: View) -> Any:
    return pc.less(view["start_date_time"], view["end_date_time"])
