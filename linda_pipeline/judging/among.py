"""The sessions of a whole delivery beside each other, and beside what earlier windows accepted: overlaps, unknown credits.

Here: what is kept of each session until all are known (28 bytes, on disk), and the findings. Not here: ids that occur
twice (same.py), and what an overlap is (quality.overlap).
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.same import Places
from linda_pipeline.judging.spool import Spool
from linda_pipeline.ledger.sessions_before import SessionsBefore
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import cdr_keys, evse_names, folded_evse_ids
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.identity import Identity, hashes
from linda_pipeline.quality.overlap import overlapping
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rule import RULES
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Lake

NOTES = pa.schema(
    [
        ("row", pa.int64()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("path", pa.string()),
        ("value", pa.string()),
    ]
)
"""Findings on accepted records that only the whole delivery shows."""

_SESSION = (("evse", np.int32), ("start_ms", np.int64), ("end_ms", np.int64), ("session_row", np.int64))
"""What is kept of a session: the number of its EVSE, its start and end, and its row in the delivery."""


class Among:
    """What is kept of the sessions of a delivery that no other rule refused."""

    def __init__(self, lake: Lake, cpo: Cpo, pull: Pull, spool: Spool) -> None:
        earlier = [one for one in lake.judged("cdrs", cpo.key) if one.window < pull.delivery.window]
        self.has_earlier = bool(earlier)
        self._before = SessionsBefore(lake, cpo.key, earlier)
        self._cpo, self._pull, self._spool = cpo, pull, spool
        self._numbers: dict[str, int] = {}
        self._used: set[str] = set()
        self._credits: dict[int, tuple[str, str]] = {}

    def add(self, received: pa.Table, accepted: pa.Table, rows: Any) -> None:
        """A unit: all that was received and not held back, and what of it was accepted so far, with its rows."""
        for names in (evse_names(received), folded_evse_ids(received["evse_id"])):
            self._used.update(map(sys.intern, pc.unique(one_chunk(names)).drop_null().to_pylist()))
        encoded = pc.dictionary_encode(evse_names(accepted))
        number_of = np.array(
            [self._numbers.setdefault(sys.intern(name), len(self._numbers)) for name in encoded.dictionary.to_pylist()]
            or [0],
            np.int32,
        )
        numbers = pc.fill_null(encoded.indices, 0).to_numpy()
        start, end = (_milliseconds(accepted[name]) for name in ("start_date_time", "end_date_time"))
        counts = encoded.indices.is_valid().to_numpy(zero_copy_only=False) & (start < end)
        if "credit" in accepted.column_names:
            is_credit = pc.fill_null(accepted["credit"], False)
            counts &= ~one_chunk(is_credit).to_numpy(zero_copy_only=False)
            self._note_credits(accepted.filter(is_credit), rows[one_chunk(is_credit).to_numpy(zero_copy_only=False)])
        for (name, kind), values in zip(_SESSION, (number_of[numbers], start, end, rows), strict=True):
            self._spool.append(name, values[counts].astype(kind))

    def _note_credits(self, credits: pa.Table, rows: Any) -> None:
        if not credits.num_rows:
            return
        keys = cdr_keys(credits, self._cpo.key, "credit_reference_id").to_pylist()
        for row, key, reference in zip(rows.tolist(), keys, credits["credit_reference_id"].to_pylist(), strict=True):
            if key is not None:
                self._credits[row] = (key, reference)

    def used_since(self, moment: datetime) -> set[str]:
        """The EVSEs of which this delivery has a session, or an earlier window one that ended at or after a moment."""
        return self._used | self._before.used_since(moment)

    def notes(self, places: Places, identity: Identity, profile: Profile) -> pa.Table:
        """NOTES of the delivery, now that copies and changed copies are known."""
        out = identity.identical | identity.clashing | identity.changed
        credits = {row: one for row, one in self._credits.items() if row not in out}
        made = [self._unknown_credits(places, credits), self._overlaps(places, out, credits, profile)]
        return pa.concat_tables(made)

    def _unknown_credits(self, places: Places, credits: dict[int, tuple[str, str]]) -> pa.Table:
        if not self.has_earlier or not credits:
            return NOTES.empty_table()
        hashed = hashes(pa.array([key for key, _ in credits.values()], pa.string()))
        here = np.isin(hashed, places.hashes)
        missing = [(row, *one) for (row, one), known in zip(credits.items(), here.tolist(), strict=True) if not known]
        before = self._before.among([key for _, key, _ in missing])
        rows = [(row, reference) for row, key, reference in missing if key not in before]
        return self._table("credit_reference_known", "credit_reference_id", rows)

    def _overlaps(
        self, places: Places, out: set[int], credits: dict[int, tuple[str, str]], profile: Profile
    ) -> pa.Table:
        evse, start, end, rows = (self._spool.column(name, kind) for name, kind in _SESSION)
        if not len(rows):
            return NOTES.empty_table()
        taken_back = [key for key, _ in credits.values()] + self._before.credited()
        set_aside = np.isin(rows, np.fromiter(out, np.int64, len(out)))
        if taken_back:
            set_aside |= np.isin(places.hashes[rows], hashes(pa.array(taken_back, pa.string())))
        evse, start, end, rows = (values[~set_aside] for values in (evse, start, end, rows))
        before = self._before.on_the_same_evse(self._spans(evse, start, end))
        if taken_back:
            before = before.filter(pc.invert(pc.is_in(before["key"], value_set=pa.array(taken_back, pa.string()))))
        blamed, other = overlapping(
            np.concatenate([evse, before["evse"].to_numpy()]),
            np.concatenate([start, before["start_ms"].to_numpy()]),
            np.concatenate([end, before["end_ms"].to_numpy()]),
            np.arange(len(rows) + before.num_rows) < len(rows),
            profile.parameters.overlap_tolerance_s,
        )
        own = other < len(rows)
        ids = _ids_of(self._spool, rows[other[own]])
        names = before["cdr_id"].to_pylist()
        shown = [
            (int(rows[one]), ids[int(rows[two])] if two < len(rows) else names[two - len(rows)])
            for one, two in zip(blamed.tolist(), other.tolist(), strict=True)
        ]
        return self._table("no_overlap", "start_date_time", shown)

    def _spans(self, evse: Any, start: Any, end: Any) -> pa.Table:
        """From when until when each EVSE was used in this delivery."""
        first = np.full(len(self._numbers), np.iinfo(np.int64).max)
        last = np.zeros(len(self._numbers), np.int64)
        np.minimum.at(first, evse, start)
        np.maximum.at(last, evse, end)
        spans = pa.table(
            {
                "evse": np.arange(len(first)),
                "name": pa.array(list(self._numbers), pa.string()),
                "first_ms": first,
                "last_ms": last,
            }
        )
        return spans.filter(pc.greater(spans["last_ms"], 0))

    def _table(self, rule_id: str, path: str, rows: list[tuple[int, str]]) -> pa.Table:
        count = len(rows)
        severity = RULES[f"cdr.{rule_id}"].severity[self._pull.ocpi_version] if count else ""
        return pa.table(
            [
                pa.array([row for row, _ in rows], pa.int64()),
                pa.repeat(rule_id, count),
                pa.repeat(str(severity), count),
                pa.repeat(path, count),
                pa.array([value for _, value in rows], pa.string()),
            ],
            schema=NOTES,
        )


def _milliseconds(moments: Any) -> Any:
    """Moments as whole milliseconds since 1970; 0 where there is none."""
    values = pc.cast(pc.cast(one_chunk(moments), pa.timestamp("us", "UTC")), pa.int64())
    return pc.fill_null(values, 0).to_numpy() // 1000


def _ids_of(spool: Spool, rows: Any) -> dict[int, str]:
    """The CDR ids of some rows, from what the first look left on disk."""
    wanted = pa.array(np.unique(rows), pa.int64())
    found: dict[int, str] = {}
    if len(wanted):
        for table in spool.look("accepted"):
            some = table.select(["row", "cdr_id"]).filter(pc.is_in(table["row"], value_set=wanted))
            found.update(zip(some["row"].to_pylist(), some["cdr_id"].to_pylist(), strict=True))
    return found
