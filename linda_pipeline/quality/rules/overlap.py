"""Rules on sessions beside each other: two at once on one EVSE, and one session in two CDRs. Told from arrays alone, so that a
delivery of millions needs a few bytes per session.

Here: which session is blamed, and beside which other one. Not here: where the sessions come from (standing.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from linda_pipeline.quality.identity import NO_IDENTITY
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Part, Scope, Severity, Source, rule
from linda_pipeline.quality.standing import EVSE, KEY, NO_MOMENT, SESSION, StandingCdrs

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
    "session_id": "SES-2026-000043",
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
    "told. Rejected records, copies, credit CDRs and the CDRs that they credit are set aside, and (from November 2026 on) "
    "sessions of more than 7 days, which have a warning of their own. Found: the id of the other.",
    measured="Before sessions of more than 7 days were left out: 6,209 findings in a city's file, from 360 records with day "
    "and month swapped.",
    good=(
        ({}, {"cdr_id": "CDR-2026-000043", "session_id": "SES-2026-000043", "evse_uid": "EVSE-0042-2"}),
        ({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:59:00Z"}),
    ),
    bad=(({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:58:59Z"}),),
)
def no_overlap(cdrs: StandingCdrs) -> Part:
    return _overlaps(cdrs, cdrs.profile.parameters.longest_session_h)


no_overlap.until(AFTER_TRIALS)(lambda cdrs: _overlaps(cdrs, np.inf))


def _overlaps(sessions: StandingCdrs, longest_h: float) -> Part:
    """Sessions that overlap another; those that last longer than is plausible blame none and are blamed by none."""
    evse, start, end = (sessions[name] for name in (EVSE, "start_date_time", "end_date_time"))
    counts = _uncredited(sessions) & (start < end) & ((end - start) / 3.6e6 <= longest_h)
    rows = sessions.rows[counts]
    evse, start, end = evse[counts], start[counts], end[counts]
    before = _uncredited_before(sessions, evse, start, end)
    long_before = (before["end_ms"].to_numpy() - before["start_ms"].to_numpy()) / 3.6e6
    before = before.filter(long_before <= longest_h)
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


def _uncredited(cdrs: StandingCdrs) -> Any:
    """The CDRs of a session of which EVSE and start are known, and that no credit takes back."""
    known = (cdrs[EVSE] >= 0) & (cdrs["start_date_time"] > NO_MOMENT)
    return known & ~cdrs["credit"] & ~np.isin(cdrs[KEY], cdrs.taken_back())


def _uncredited_before(cdrs: StandingCdrs, evse: Any, start: Any, end: Any) -> Any:
    """What earlier windows accepted on these EVSEs in that time, without what a credit takes back."""
    before = cdrs.earlier.on_the_same_evses(*_spans(evse, start, end))
    return before.filter(~np.isin(before["key"].to_numpy(), cdrs.taken_back()))


def _spans(evse: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """By number of an EVSE, the first moment at which it was used and the last; what was not used ends before it begins."""
    count = int(evse.max(initial=-1)) + 1
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, NO_MOMENT)
    np.minimum.at(first, evse, start)
    np.maximum.at(last, evse, end)
    return first, last


_OTHER_ID: dict[str, Any] = {"cdr_id": "CDR-2026-000043", "last_updated": "2026-11-10T13:00:00Z"}


@rule(
    Severity.ERROR,
    scope=Scope.DELIVERY,
    reads=("start_date_time", "end_date_time", "total_energy_kwh", "last_updated"),
    blames="cdr_id",
    valid_from=AFTER_TRIALS,
    also=(Severity.WARNING,),
    opens_case=False,
    nl="Deze sessie staat ook in een andere CDR.",
    en="This session is in another CDR as well.",
    fix_nl="Dit lijkt een dubbel record. Lever elke sessie in één CDR. Verbeter een CDR met een credit-CDR en daarna een "
    "nieuwe.",
    fix_en="This looks like a double record. Send each session in one CDR; correct a CDR by a credit CDR and then a new one.",
    source=Source("O", "CDRs module: one CDR per session"),
    reading="An error on the later one where two CDRs that no credit takes back are on one EVSE, and overlap in time with the "
    "same session_id, or have the same start, end and energy; a warning where only the session_id is the same. Over the whole "
    "delivery, and against what earlier windows accepted. A CDR after a credit of the first is fine. "
    "Found: the id of the other. It opens no case: the session is there already.",
    good=(({}, {**_OTHER_ID, "session_id": "SES-2026-000043", "evse_uid": "EVSE-0042-2"}),),
    bad=(
        ({}, _OTHER_ID),
        ({}, {**_OTHER_ID, "session_id": "SES-2026-000043"}),
    ),
)
def session_once(cdrs: StandingCdrs) -> tuple[Part, ...]:
    counts = np.flatnonzero(_uncredited(cdrs))
    changed = cdrs["last_updated"][counts]
    counts = counts[np.lexsort((cdrs.rows[counts], changed))]  # whatever comes later is blamed
    evse, start, end, energy, session = (
        cdrs[name][counts] for name in (EVSE, "start_date_time", "end_date_time", "total_energy_kwh", SESSION)
    )
    rows = cdrs.rows[counts]
    is_double, first = _recurs(evse, start, end, energy)
    before = _uncredited_before(cdrs, evse, start, end)
    was_before, place = _in(
        _mixed(evse, start, end, energy),
        _mixed(*(before[n].to_numpy() for n in ("evse", "start_ms", "end_ms", "energy_kwh"))),
    )
    was_before &= ~is_double
    group = np.where(session == NO_IDENTITY, -1 - np.arange(len(session)), _numbered(_mixed(evse, session)))
    blamed, other = overlapping(group - group.min(initial=0), start, end, np.ones(len(rows), bool), 0)
    overlaps = np.zeros(len(rows), bool)
    overlaps[blamed] = True
    overlaps &= ~(is_double | was_before)
    beside = np.zeros(len(rows), np.int64)
    beside[blamed] = other
    again = _of_sessions_before(cdrs, evse, start, end, session)
    overlaps_before = (again.overlapped >= 0) & ~(is_double | was_before | overlaps)
    is_refused = is_double | was_before | overlaps | overlaps_before
    is_named, named_first = _recurs(_numbered(session))
    is_named &= (session != NO_IDENTITY) & ~is_refused
    named_before = (again.named >= 0) & ~(is_refused | is_named)
    return (
        Part(rows[is_double], value=cdrs.ids(rows[first[is_double]])),
        Part(rows[was_before], value=before["cdr_id"].take(place[was_before]).to_pylist()),
        Part(rows[overlaps], value=cdrs.ids(rows[beside[overlaps]])),
        Part(rows[overlaps_before], value=again.ids(again.overlapped[overlaps_before])),
        Part(rows[named_before], value=again.ids(again.named[named_before]), severity=Severity.WARNING),
        Part(rows[is_named], value=cdrs.ids(rows[named_first[is_named]]), severity=Severity.WARNING),
    )


@dataclass(frozen=True)
class _SessionsBefore:
    """Per CDR, which one of an earlier window has its session id, as rows of that table; -1 where none does."""

    table: pa.Table
    overlapped: Any
    """One on the same EVSE that overlaps it in time."""
    named: Any
    """Any other."""

    def ids(self, rows: Any) -> list[str | None]:
        found: list[str | None] = self.table["cdr_id"].take(rows).to_pylist()
        return found


def _of_sessions_before(cdrs: StandingCdrs, evse: Any, start: Any, end: Any, session: Any) -> _SessionsBefore:
    """The CDRs of earlier windows with the session ids of these, without what a credit takes back."""
    before = cdrs.earlier.of_the_same_sessions(np.unique(session[session != NO_IDENTITY]))
    before = before.filter(~np.isin(before["key"].to_numpy(), cdrs.taken_back()))
    overlapped, named = (np.full(len(session), -1, np.int64) for _ in range(2))
    order = np.argsort(session, kind="stable")
    first, last = (np.searchsorted(session[order], before["session"].to_numpy(), side) for side in ("left", "right"))
    counts = last - first
    that = np.repeat(np.arange(before.num_rows), counts)
    this = order[np.arange(len(that)) - np.repeat(np.cumsum(counts) - counts - first, counts)]
    starts, ends = (before[name].to_numpy()[that] for name in ("start_ms", "end_ms"))
    is_met = (before["evse"].to_numpy()[that] == evse[this]) & (starts < end[this]) & (start[this] < ends)
    named[this[::-1]] = that[::-1]
    overlapped[this[is_met][::-1]] = that[is_met][::-1]
    return _SessionsBefore(before, overlapped, named)


def _recurs(*keys: Any) -> tuple[Any, Any]:
    """Whether all keys of each stood before it in the order given, and where they first did."""
    order = np.lexsort((np.arange(len(keys[0])), *keys))
    is_same = np.zeros(len(order), bool)
    is_same[1:] = np.logical_and.reduce([key[order[1:]] == key[order[:-1]] for key in keys])
    starts = np.maximum.accumulate(np.where(is_same, 0, np.arange(len(order))))
    recurs, first = np.zeros(len(order), bool), np.zeros(len(order), np.int64)
    recurs[order], first[order] = is_same, order[starts]
    return recurs, first


def _mixed(*keys: Any) -> Any:
    """Keys of 64 bits mixed into one: two that differ are the same once in 10^19."""
    mixed = np.zeros(len(keys[0]), np.uint64)
    for key in keys:
        wide = key.astype(np.float64).view(np.uint64) if key.dtype.kind == "f" else key.astype(np.int64).view(np.uint64)
        mixed = (mixed ^ wide) * _PRIME
        mixed ^= mixed >> np.uint64(29)
    return mixed


_PRIME = np.uint64(0x9E3779B97F4A7C15)


def _in(these: Any, those: Any) -> tuple[Any, Any]:
    """Whether each of these is among those, and where."""
    order = np.argsort(those, kind="stable")
    place = np.searchsorted(those[order], these)
    at = np.minimum(place, max(len(those) - 1, 0))
    if not len(those):
        return np.zeros(len(these), bool), at
    return those[order][at] == these, order[at]


def _numbered(keys: Any) -> Any:
    """A small number for each distinct key."""
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)
