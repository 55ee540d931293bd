"""Sessions that overlap on one EVSE, told from arrays alone: so a delivery of millions needs a few bytes per session.

Here: which session is blamed, and beside which other one. Not here: which sessions are compared, and where they come from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
