"""The rule on sessions that overlap on one EVSE, told from arrays alone: a delivery of millions needs a few bytes per session.

Here: which session is blamed, and beside which other one. Not here: where the sessions come from (standing.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from linda_pipeline.quality.rule import Part, Scope, Severity, Source, rule
from linda_pipeline.quality.standing import EVSE, KEY, NO_MOMENT, StandingCdrs

_APART = np.int64(1 << 42)
"""Milliseconds between one EVSE's sessions and the next one's: more than there are from 1970 to 2100."""


def overlapping(evse: Any, start_ms: Any, end_ms: Any, is_own: Any, tolerance_s: float) -> tuple[Any, Any]:
    """The own sessions that overlap another by more than the tolerance, and the other session of each, as indices.

    `evse`: a small number per EVSE; `is_own`: whether the session is of this delivery (the others were accepted before).
    Of two own sessions the one that starts later is told; an own session is told in any case beside one of before.
    """
    tolerance = np.int64(tolerance_s * 1000)
    order = np.lexsort((np.arange(len(evse)), ~is_own, start_ms, evse))
    shift = evse[order].astype(np.int64) * _APART
    start, end, own = start_ms[order] + shift, end_ms[order] + shift, is_own[order]
    places = np.arange(len(order))
    if len(order) < 2:
        return order[:0], order[:0]
    latest = np.maximum.accumulate(end)
    holder = np.maximum.accumulate(np.where(end == latest, places, 0))
    is_later = np.zeros(len(order), bool)
    is_later[1:] = np.minimum(end[1:], latest[:-1]) - start[1:] > tolerance
    other = np.concatenate([[0], holder[:-1]])
    # An earlier accepted session that starts within an own one: the next one that is long enough to overlap at all.
    is_before = ~own & (end - start > tolerance)
    following = np.minimum.accumulate(np.where(is_before, places, len(order))[::-1])[::-1]
    following = np.concatenate([following[1:], [len(order)]])
    found = np.minimum(following, len(order) - 1)
    is_met = (following < len(order)) & (np.minimum(end, end[found]) - start[found] > tolerance)
    blamed = own & (is_later | is_met)
    return order[blamed], order[np.where(is_later, other, found)[blamed]]


_SECOND_SESSION: dict[str, Any] = {
    "end_date_time": "2026-11-10T13:00:00Z",
    "total_time_h": 2.0167,
    "total_parking_time_h": 0,
    "@charging_periods": [
        {"start_date_time": "2026-11-10T11:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.5}]}
    ],
    "last_updated": "2026-11-10T14:00:00Z",
}


@rule(
    Severity.WARNING,
    scope=Scope.DELIVERY,
    reads=("start_date_time", "end_date_time"),
    plausibility=True,
    nl="Deze sessie overlapt met een andere sessie op hetzelfde laadpunt.",
    en="This session overlaps another session on the same EVSE.",
    fix_nl="Controleer begin en einde van beide sessies, en of elk laadpunt een eigen uid heeft.",
    fix_en="Check the start and end of both sessions, and that each EVSE has a uid of its own.",
    source=Source("L", "plausibility: one EVSE charges one car"),
    reading="By more than 60 seconds. Over the whole delivery and what earlier windows accepted; an EVSE is told by its "
    "Location and uid, since an EVSE id may be the station's. Of two sessions in one delivery the one that starts later is "
    "told. Rejected records, copies, credit CDRs and the CDRs that they credit are set aside. Found: the id of the other.",
    good=(
        ({}, {"cdr_id": "CDR-2026-000043", "evse_uid": "EVSE-0042-2"}),
        ({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:59:00Z"}),
    ),
    bad=(({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:58:59Z"}),),
)
def no_overlap(sessions: StandingCdrs) -> Part:
    evse, start, end = (sessions[name] for name in (EVSE, "start_date_time", "end_date_time"))
    taken_back = sessions.taken_back()
    counts = (evse >= 0) & (start > NO_MOMENT) & (start < end) & ~sessions["credit"]
    counts &= ~np.isin(sessions[KEY], taken_back)
    rows = sessions.rows[counts]
    evse, start, end = evse[counts], start[counts], end[counts]
    before = sessions.earlier.on_the_same_evses(*_spans(evse, start, end))
    before = before.filter(~np.isin(before["key"].to_numpy(), taken_back))
    blamed, other = overlapping(
        np.concatenate([evse, before["evse"].to_numpy()]),
        np.concatenate([start, before["start_ms"].to_numpy()]),
        np.concatenate([end, before["end_ms"].to_numpy()]),
        np.arange(len(rows) + before.num_rows) < len(rows),
        sessions.profile.parameters.overlap_tolerance_s,
    )
    own = other < len(rows)
    shown = np.empty(len(other), object)
    shown[own] = sessions.ids(rows[other[own]])
    shown[~own] = before["cdr_id"].take(other[~own] - len(rows)).to_pylist()
    return Part(rows[blamed], value=shown.tolist())


def _spans(evse: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """By number of an EVSE, the first moment at which it was used and the last; what was not used ends before it begins."""
    count = int(evse.max(initial=-1)) + 1
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, NO_MOMENT)
    np.minimum.at(first, evse, start)
    np.maximum.at(last, evse, end)
    return first, last
