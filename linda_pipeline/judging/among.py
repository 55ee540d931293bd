"""What is kept of the CDRs of a delivery until all are known, and what earlier windows accepted beside them.

Here: some bytes per CDR on disk, as the rules that look at all of them ask for, laid out as StandingCdrs. Not here: ids that
occur twice (same.py), and any verdict (quality.rules).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.same import Places
from linda_pipeline.judging.spool import Spool
from linda_pipeline.judging.window_index import JudgedBefore
from linda_pipeline.ledger.sessions_before import SessionsBefore
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import cdr_keys, evse_names, folded_evse_ids
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.identity import Identity, hashes
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rule import Rule
from linda_pipeline.quality.standing import (
    CREDITS,
    EARLIER,
    ENERGY_IN_TIME,
    EVSE,
    KEY,
    SAME_SESSIONS,
    SESSION,
    StandingCdrs,
    kept,
    kept_columns,
)
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake

_ROW = "delivery row"


class Among:
    """What is kept of the CDRs of a delivery that no rule on single ones refused."""

    def __init__(
        self, lake: Lake, cpo: Cpo, pull: Pull, spool: Spool, earlier: JudgedBefore, rules: Iterable[Rule]
    ) -> None:
        self._lake, self._earlier = lake, earlier
        self._cpo, self._pull, self._spool = cpo, pull, spool
        self._kept = kept_columns(rules)
        self._numbers: dict[str, int] = {}
        self._used: set[str] = set()
        self._credits: dict[int, tuple[str, str]] = {}

    def add(self, received: pa.Table, accepted: pa.Table, rows: Any) -> None:
        """A unit: all that was received and not held back, and what of it was accepted so far, with its rows."""
        for names in (evse_names(received), folded_evse_ids(received["evse_id"])):
            self._used.update(map(sys.intern, pc.unique(one_chunk(names)).drop_null().to_pylist()))
        own = {EVSE: self._evses(accepted), KEY: hashes(cdr_keys(accepted, self._cpo.key))}
        own[CREDITS] = self._credited(accepted, rows)
        own[SESSION] = _sessions(accepted)
        for name, kind in self._kept.items():
            values = own[name] if name in own else kept(accepted, name)
            self._spool.append(name, values.astype(kind))
        self._spool.append(_ROW, rows.astype(np.int64))

    def _evses(self, accepted: pa.Table) -> Any:
        encoded = pc.dictionary_encode(evse_names(accepted))
        number_of = np.array(
            [self._numbers.setdefault(sys.intern(name), len(self._numbers)) for name in encoded.dictionary.to_pylist()]
            or [0],
            np.int32,
        )
        known = encoded.indices.is_valid().to_numpy(zero_copy_only=False)
        return np.where(known, number_of[pc.fill_null(encoded.indices, 0).to_numpy()], -1)

    def _credited(self, accepted: pa.Table, rows: Any) -> Any:
        """The identity that each CDR credits, hashed; and the texts of it, for the few that do."""
        found = np.zeros(accepted.num_rows, np.uint64)
        if "credit" not in accepted.column_names:
            return found
        is_credit = one_chunk(pc.fill_null(accepted["credit"], False)).to_numpy(zero_copy_only=False)
        credits = accepted.filter(pa.array(is_credit))
        if credits.num_rows:
            keys = cdr_keys(credits, self._cpo.key, "credit_reference_id")
            found[is_credit] = hashes(keys)
            texts = zip(keys.to_pylist(), credits["credit_reference_id"].to_pylist(), strict=True)
            self._credits |= dict(zip(rows[is_credit].tolist(), texts, strict=True))
        return found

    def used_since(self, moment: datetime) -> set[str]:
        """The EVSEs of which this delivery has a session, or an earlier window one that ended at or after a moment."""
        before = SessionsBefore(self._lake, self._cpo.key, self._earlier.used_since(moment))
        return self._used | before.used_since(moment)

    def growing(self, least: int = 10) -> list[str]:
        """The EVSEs with so many sessions or more of which none has less energy than the one before it, and most have more."""
        evse, start, energy = (self._spool.column(name, self._kept[name]) for name in (EVSE, *ENERGY_IN_TIME))
        order = np.lexsort((start, evse))
        evse, energy = evse[order], energy[order]
        same = (evse[1:] == evse[:-1]) & (evse[1:] >= 0)
        count = np.bincount(evse[evse >= 0], minlength=len(self._numbers))
        kept, more = (
            np.bincount(evse[1:][same & mask], minlength=len(self._numbers))
            for mask in (energy[1:] >= energy[:-1], energy[1:] > energy[:-1])
        )
        names = list(self._numbers)
        only_up = (count >= least) & (kept == count - 1) & (2 * more > count)
        return sorted(names[at] for at in np.flatnonzero(only_up))

    def sessions(self, places: Places, identity: Identity, profile: Profile) -> StandingCdrs:
        """All CDRs beside each other, now that copies and changed copies are known."""
        rows = self._spool.column(_ROW, np.int64)
        out = np.array(sorted(identity.identical | identity.clashing | identity.changed), np.int64)
        stands = ~np.isin(rows, out)
        return StandingCdrs(
            version=self._pull.ocpi_version,
            profile=profile,
            pulled_at=self._pull.pulled_at,
            identity=identity,
            changes=places.changes,
            received=places.hashes,
            rows=rows[stands],
            columns={name: self._spool.column(name, kind)[stands] for name, kind in self._kept.items()},
            earlier=_AskedByNumber(self._lake, self._cpo.key, self._earlier, list(self._numbers), self._credits),
            ids=lambda wanted: _ids_of(self._spool, places, wanted),
            credit_references=lambda wanted: [self._credits[row][1] for row in wanted],
        )


class _AskedByNumber:
    """What earlier windows accepted, by the numbers and hashes that the rules know."""

    def __init__(
        self, lake: Lake, cpo: str, earlier: JudgedBefore, names: list[str], credits: dict[int, tuple[str, str]]
    ) -> None:
        self._lake, self._cpo, self._earlier = lake, cpo, earlier
        self._names, self._of_row = names, credits
        self.is_known = bool(earlier.windows)

    def _of(self, windows: list[Delivery]) -> SessionsBefore:
        return SessionsBefore(self._lake, self._cpo, windows)

    def on_the_same_evses(self, first_ms: Any, last_ms: Any) -> pa.Table:
        spans = pa.table(
            {
                "evse": np.arange(len(first_ms)),
                "name": pa.array(self._names[: len(first_ms)], pa.string()),
                "first_ms": first_ms,
                "last_ms": last_ms,
            }
        )
        spans = spans.filter(pc.less_equal(spans["first_ms"], spans["last_ms"]))
        windows = []
        if spans.num_rows:
            windows = self._earlier.with_sessions(pc.min(spans["first_ms"]).as_py(), pc.max(spans["last_ms"]).as_py())
        return _with_hashed_keys(self._of(windows).on_the_same_evse(spans), EARLIER)

    def of_the_same_sessions(self, sessions: Any) -> pa.Table:
        evses = pa.table({"evse": np.arange(len(self._names)), "name": pa.array(self._names, pa.string())})
        before = self._of(self._earlier.of_sessions(sessions))
        found = before.of_the_same_sessions(pa.table({"session_key": pa.array(sessions, pa.uint64())}), evses)
        return _with_hashed_keys(found, SAME_SESSIONS)

    def credits(self) -> tuple[Any, Any]:
        return self._earlier.credits()

    def credited(self, rows: Sequence[int]) -> set[int]:
        keys = [self._of_row[row][0] for row in rows]
        windows = self._earlier.holding(hashes(pa.array(keys, pa.string())))
        known = self._of(windows).among(keys)
        return {row for row, key in zip(rows, keys, strict=True) if key in known}


def _with_hashed_keys(found: pa.Table, schema: pa.Schema) -> pa.Table:
    at = found.schema.get_field_index("key")
    return found.set_column(at, "key", pa.array(hashes(one_chunk(found["key"])))).cast(schema)


def _sessions(accepted: pa.Table) -> Any:
    """The keyed hash of each CDR's session id."""
    if "session_key" not in accepted.column_names:
        return np.zeros(accepted.num_rows, np.uint64)
    return pc.fill_null(one_chunk(accepted["session_key"]), 0).to_numpy(zero_copy_only=False)


def _ids_of(spool: Spool, places: Places, rows: Sequence[int]) -> list[str | None]:
    """The CDR ids of some rows: of accepted ones from what the first look left on disk, of others as they were read again."""
    wanted = pa.array(np.unique(np.asarray(rows, np.int64)))
    found: dict[int, str | None] = {}
    if len(wanted):
        for table in spool.look("accepted"):
            some = table.select(["row", "cdr_id"]).filter(pc.is_in(table["row"], value_set=wanted))
            found.update(zip(some["row"].to_pylist(), some["cdr_id"].to_pylist(), strict=True))
    return [found.get(int(row), places.ids.get(int(row))) for row in rows]
