"""The Locations of a CPO that were not public, night by night, for the sessions at them.

Here: on which nights a Location was held back as not public (or as unreadable in that), on which it was accepted as public,
and what that says of a session's start. Not here: when a Location is not public (holding.py), and every other comparison with
Locations (known_before.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.holding import NOT_PUBLIC, SCOPE_UNREADABLE, amsterdam_dates
from linda_pipeline.ocpi.record_keys import folded, folded_evse_ids
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import read_table

_EPOCH = date(1970, 1, 1)
_SPAN = 1 << 20
"""More days than there are from 1970 to any night."""
_CLOSED = pa.array([NOT_PUBLIC, SCOPE_UNREADABLE])


class NotPublic:
    """What some nights say of the Locations that were not public on any of them; nothing is kept of all others."""

    def __init__(self, lake: Lake, nights: Sequence[Delivery]) -> None:
        closed = {night: self._closed(lake, night) for night in nights}
        ever = pa.array(sorted({key for keys in closed.values() for key in keys}), pa.string())
        seen: list[tuple[str, int, bool]] = []
        for night, keys in closed.items():
            day = (night.window - _EPOCH).days
            seen += [(key, day, True) for key in keys]
            if len(ever):
                seen += [(key, day, False) for key in self._public(lake, night, ever)]
        self._keys = pa.array(sorted({key for key, _, _ in seen}), pa.string())
        code = pc.index_in(pa.array([key for key, _, _ in seen], pa.string()), value_set=self._keys)
        at = code.to_numpy().astype(np.int64) * _SPAN + np.array([day for _, day, _ in seen], np.int64)
        # Of one Location on one night, not public counts.
        order = np.lexsort((np.array([is_closed for _, _, is_closed in seen], bool), at))
        self._at = at[order]
        self._is_closed = np.array([is_closed for _, _, is_closed in seen], bool)[order]

    @staticmethod
    def _closed(lake: Lake, night: Delivery) -> set[str]:
        """The Locations that were not public on a night by their id, and their EVSEs by their folded id after a `*`."""
        held = read_table(lake.table("held", night), columns=["id", "reason"])
        ids = folded(held.filter(pc.is_in(held["reason"], value_set=_CLOSED))["id"]).drop_null()
        if not len(ids):
            return set()
        present = read_table(lake.table("accepted", night, "present"), columns=["location_id", "evse_id"])
        evses = present.filter(pc.is_in(folded(present["location_id"]), value_set=ids))["evse_id"]
        return set(ids.to_pylist()) | set(_evse_keys(evses).drop_null().to_pylist())

    @staticmethod
    def _public(lake: Lake, night: Delivery, ever: Any) -> set[str]:
        """Which of these Locations and EVSEs were accepted on a night."""
        locations = read_table(lake.table("accepted", night, "locations"), columns=["location_id"])["location_id"]
        evses = read_table(lake.table("accepted", night, "evses"), columns=["evse_id"])["evse_id"]
        found: set[str] = set()
        for keys in (folded(locations), _evse_keys(evses)):
            found |= set(keys.filter(pc.is_in(keys, value_set=ever)).to_pylist())
        return found

    def covers(self, cdrs: pa.Table) -> Any:
        """Whether each CDR was made at a Location that was not public then.

        It was not where the last night before the session's start on which it is known, or the first one after it, says so;
        a session whose start cannot be told, on any night. A Location that none of these nights names is told by its EVSE id.
        """
        if not len(self._at):
            return pa.repeat(False, cdrs.num_rows)
        days = pc.cast(amsterdam_dates(cdrs["start_date_time"]), pa.int32())
        by_id, is_named = self._look_up(folded(cdrs["location_id"]), days)
        by_evse, _ = self._look_up(_evse_keys(cdrs["evse_id"]), days)
        return pa.array(np.where(is_named, by_id, by_evse))

    def _look_up(self, keys: Any, days: Any) -> tuple[Any, Any]:
        code = pc.index_in(keys, value_set=self._keys)
        is_named = code.is_valid().to_numpy(zero_copy_only=False)
        base = pc.fill_null(code, 0).to_numpy().astype(np.int64) * _SPAN
        has_day = days.is_valid().to_numpy(zero_copy_only=False)
        day = pc.fill_null(days, 0).to_numpy().astype(np.int64)
        after = np.searchsorted(self._at, base + day, side="right")
        is_closed = np.zeros(len(base), bool)
        for place in (after - 1, after):
            at = np.clip(place, 0, len(self._at) - 1)
            is_its_own = (place >= 0) & (place < len(self._at)) & (self._at[at] // _SPAN == base // _SPAN)
            is_closed |= is_its_own & self._is_closed[at]
        first, last = (np.searchsorted(self._at, base + shift) for shift in (0, _SPAN))
        ever = np.concatenate([[0], np.cumsum(self._is_closed)])
        is_closed = np.where(has_day, is_closed, ever[last] > ever[first])
        return is_named & is_closed, is_named


def _evse_keys(ids: Any) -> Any:
    """EVSE ids folded, after a sign that no Location id has there."""
    return pc.binary_join_element_wise("*", folded_evse_ids(ids), "")
