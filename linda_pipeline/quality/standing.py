"""The CDRs of a delivery beside each other, and beside what earlier windows accepted: what a rule of scope DELIVERY sees.

Here: the columns that are kept of every CDR until all are known (numbers alone: texts are hashed, so that a delivery of
millions needs a few bytes each), and what may be asked of earlier windows. Not here: where these lie meanwhile and where
earlier windows come from (judging), and the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import CDR, Type, by_name
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.quality.identity import Identity, hashes
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rule import Rule

EVSE = "~evse"
"""The EVSE of a session, as a number of this delivery (by its Location and uid); -1 where it cannot be told."""
KEY = "~key"
"""The hash of a CDR's identity."""
CREDITS = "~credits"
"""The hash of the identity of the CDR that a credit takes back; 0 where none is named."""
SESSION = "~session"
"""The keyed hash of a CDR's session id; 0 where there is none."""
ENERGY_IN_TIME = ("start_date_time", "total_energy_kwh")
"""Columns that tell whether an EVSE's sessions hold their own energy or the meter's reading."""
NO_MOMENT = np.iinfo(np.int64).min
OWN: dict[str, np.dtype[Any]] = {
    EVSE: np.dtype(np.int32),
    KEY: np.dtype(np.uint64),
    CREDITS: np.dtype(np.uint64),
    SESSION: np.dtype(np.uint64),
    "credit": np.dtype(np.bool_),
}

EARLIER = pa.schema(
    [
        ("evse", pa.int64()),
        ("start_ms", pa.int64()),
        ("end_ms", pa.int64()),
        ("energy_kwh", pa.float64()),
        ("key", pa.uint64()),
        ("cdr_id", pa.string()),
    ]
)
"""Sessions that earlier windows accepted; `evse` is this delivery's number of it, `key` the hash of their identity."""

SAME_SESSIONS = pa.schema([*(one for one in EARLIER if one.name != "energy_kwh"), ("session", pa.uint64())])
"""CDRs of earlier windows whose session comes back: `evse` is -1 where this delivery does not use it, `session` the keyed hash
of the session id."""


class EarlierWindows(Protocol):
    """What earlier windows of the CPO accepted, as far as it is asked for."""

    @property
    def is_known(self) -> bool:
        """Whether any earlier window was judged."""

    def on_the_same_evses(self, first_ms: Any, last_ms: Any) -> pa.Table:
        """EARLIER: sessions (no credits) on this delivery's EVSEs that end after the first moment of that EVSE, and begin
        before the last one. The moments are given by number of the EVSE."""

    def of_the_same_sessions(self, sessions: Any) -> pa.Table:
        """SAME_SESSIONS: CDRs (no credits) with one of some session ids, given as keyed hashes."""

    def credits(self) -> tuple[Any, Any]:
        """The credits among them, asked once: the hash of each one's own identity, and of the CDR that it takes back."""

    def credited(self, rows: Sequence[int]) -> set[int]:
        """Of rows of this delivery that credit a CDR: those whose CDR was accepted."""


def kept_columns(rules: Iterable[Rule]) -> dict[str, np.dtype[Any]]:
    """The columns that must be kept for rules, and their types: our own, and what the rules read."""
    names = sorted({name for rule in rules for name in rule.reads} | set(ENERGY_IN_TIME))
    return OWN | {name: _KINDS[by_name("cdr")[name].type] for name in names}


_KINDS: dict[Type, np.dtype[Any]] = {
    Type.TEXT: np.dtype(np.uint64),
    Type.CI_TEXT: np.dtype(np.uint64),
    Type.NUMBER: np.dtype(np.float64),
    Type.COORDINATE: np.dtype(np.float64),
    Type.BOOLEAN: np.dtype(np.bool_),
    Type.DATETIME: np.dtype(np.int64),
}
_DATED = frozenset(column.name for column in CDR if column.type is Type.DATETIME)


def kept(table: pa.Table, name: str) -> Any:
    """A column as it is kept: moments in milliseconds since 1970, numbers, flags (null is false), and texts in capitals as
    hashes (0: none); NaN and NO_MOMENT stand for null."""
    column = by_name("cdr")[name]
    kind = _KINDS[column.type]
    if name not in table.column_names:
        return np.full(table.num_rows, NO_MOMENT if name in _DATED else np.nan if kind.kind == "f" else 0, kind)
    values = one_chunk(table[name])
    if name in _DATED:
        moments = pc.cast(pc.cast(values, pa.timestamp("us", "UTC")), pa.int64()).to_numpy(zero_copy_only=False)
        known = values.is_valid().to_numpy(zero_copy_only=False)
        return np.where(known, np.nan_to_num(moments).astype(np.int64) // 1000, NO_MOMENT)
    if kind.kind == "u":
        return hashes(pc.utf8_upper(values))
    if kind.kind == "b":
        return pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return values.to_numpy(zero_copy_only=False).astype(np.float64)


@dataclass(frozen=True)
class StandingCdrs:
    """The CDRs of a delivery that stand: no rule on a single one refused them, and no copy of another is among them.

    A column is an array with a value per such CDR. What an error of this scope refuses stands no more for what comes after.
    """

    version: str
    profile: Profile
    pulled_at: datetime
    identity: Identity
    """Copies and changed copies, by row of the delivery, whatever else became of them."""
    changes: Mapping[int, str]
    """Of each changed copy what differs from the CDR that stands."""
    received: Any
    """The hash of the identity of every record that was received, by row of the delivery."""
    rows: Any
    """The row in the delivery of each CDR that stands."""
    columns: Mapping[str, Any]
    earlier: EarlierWindows
    ids: Callable[[Sequence[int]], Sequence[str | None]]
    """The CDR ids of rows of the delivery."""
    credit_references: Callable[[Sequence[int]], Sequence[str | None]]
    """What rows of the delivery, of credits, name as the CDR that they take back."""

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def taken_back(self) -> Any:
        """The hashes of the CDRs that a credit of this delivery, or of an earlier window, takes back."""
        here = self[CREDITS][self["credit"]]
        return np.unique(np.concatenate([here[here != 0], self.earlier.credits()[1]]))

    def without(self, gone: Any) -> StandingCdrs:
        """Those that are left where some (a mask) were refused."""
        if not gone.any():
            return self
        left = ~gone
        columns = {name: values[left] for name, values in self.columns.items()}
        return replace(self, rows=self.rows[left], columns=columns)
