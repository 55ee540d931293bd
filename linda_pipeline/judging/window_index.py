"""A short index of what each window of a CPO accepted, so that a later window looks earlier ones up instead of reading them.

Here: the index of one window (a file beside the lake's tables, written in the same commit), and the earlier windows of a
delivery, asked by their indexes. An index that is missing, damaged or of another accepted table is made again. Not here: what
is then read of the windows that an index names (same.py, ledger.sessions_before).
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import cdr_keys
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.quality.identity import NO_IDENTITY, hashes
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import batches
from linda_pipeline.storage.transaction import Transaction

_LISTS = ("keys", "sessions", "credits", "credited")
SCHEMA = pa.schema(
    [
        *((name, pa.list_(pa.uint64())) for name in _LISTS),
        ("first_ms", pa.int64()),
        ("last_ms", pa.int64()),
        ("accepted_bytes", pa.int64()),
        ("accepted_end", pa.uint32()),
        ("check_sum", pa.uint32()),
    ]
)
"""One row: hashes of the identities that were accepted and keyed ones of their session ids, in order; those of its credits,
and of what each takes back; from the start of the first session to the end of the last one; by what the accepted table is known
again; and a check sum of the lists."""
_OF_ACCEPTED = ("accepted_bytes", "accepted_end")
_COLUMNS = [
    *("country_code", "party_id", "cdr_id", "credit", "credit_reference_id"),
    *("start_date_time", "end_date_time", "session_key"),
]
_END_BYTES = 1 << 14
"""The end of a Parquet file tells of every column what it holds and where: another table ends otherwise."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class WindowIndex:
    """What one window accepted, in short."""

    keys: Any
    sessions: Any
    credits: Any
    credited: Any
    first_ms: int
    """_NEVER where the window has no session."""
    last_ms: int


class IndexWriter:
    """The index of a window, made while its accepted table is written."""

    def __init__(self, cpo: str) -> None:
        self._cpo = cpo
        self._lists: dict[str, list[Any]] = {name: [np.empty(0, np.uint64)] for name in _LISTS}
        self._first_ms, self._last_ms = _NEVER, -_NEVER

    def add(self, accepted: pa.Table) -> None:
        """The next accepted CDRs."""
        if not accepted.num_rows:
            return
        self._lists["keys"].append(hashes(cdr_keys(accepted, self._cpo)))
        self._lists["sessions"].append(one_chunk(accepted["session_key"]).drop_null().to_numpy())
        is_credit = pc.fill_null(accepted["credit"], False)
        credits = accepted.filter(pc.and_(is_credit, pc.is_valid(accepted["credit_reference_id"])))
        if credits.num_rows:
            self._lists["credits"].append(hashes(cdr_keys(credits, self._cpo)))
            self._lists["credited"].append(hashes(cdr_keys(credits, self._cpo, "credit_reference_id")))
        starts, ends = (_milliseconds(accepted[name]) for name in ("start_date_time", "end_date_time"))
        first, last = pc.min(starts).as_py(), pc.max(ends).as_py()
        self._first_ms = self._first_ms if first is None else min(self._first_ms, first)
        self._last_ms = self._last_ms if last is None else max(self._last_ms, last)

    def index(self) -> WindowIndex:
        """The index of what was added."""
        lists = {name: np.concatenate(parts) for name, parts in self._lists.items()}
        keys = np.sort(lists["keys"][lists["keys"] != NO_IDENTITY])
        order = np.lexsort((lists["credited"], lists["credits"]))
        credits, credited = (lists[name][order] for name in ("credits", "credited"))
        return WindowIndex(keys, np.unique(lists["sessions"]), credits, credited, self._first_ms, self._last_ms)


def write_index(index: WindowIndex, path: Path, accepted: Path) -> None:
    """Write the index of an accepted table."""
    lists = {name: getattr(index, name) for name in _LISTS}
    row = {
        **{name: pa.ListArray.from_arrays([0, len(values)], pa.array(values)) for name, values in lists.items()},
        "first_ms": [index.first_ms],
        "last_ms": [index.last_ms],
        **dict(zip(_OF_ACCEPTED, ([value] for value in _known_by(accepted)), strict=True)),
        "check_sum": [_check_sum(lists.values())],
    }
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_table(pa.table(row, schema=SCHEMA))


def _read_index(path: Path, accepted: Path) -> WindowIndex | None:
    """The index of an accepted table; None where there is none that can be relied upon."""
    with contextlib.suppress(OSError, pa.ArrowException, ValueError):
        row = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
        if row.schema.equals(SCHEMA):
            lists = {name: row[name].flatten().to_numpy() for name in _LISTS}
            own = {name: row[name][0].as_py() for name in SCHEMA.names[len(_LISTS) :]}
            is_whole = own["check_sum"] == _check_sum(lists.values())
            if is_whole and tuple(own[name] for name in _OF_ACCEPTED) == _known_by(accepted):
                return WindowIndex(**lists, first_ms=own["first_ms"], last_ms=own["last_ms"])
    return None


class JudgedBefore:
    """The windows of a CPO that were judged before one of them, looked up by their indexes."""

    def __init__(self, lake: Lake, cpo: str, before: Delivery) -> None:
        self._lake, self._cpo = lake, cpo
        self.windows = [one for one in lake.judged("cdrs", cpo) if one.window < before.window]
        """In order."""
        self._made: dict[Delivery, WindowIndex] = {}

    @cached_property
    def _indexes(self) -> dict[Delivery, WindowIndex]:
        return {window: self._index_of(window) for window in self.windows}

    def _index_of(self, window: Delivery) -> WindowIndex:
        accepted = self._lake.table("accepted", window)
        index = _read_index(self._lake.index(window), accepted)
        if index is None:
            writer = IndexWriter(self._cpo)
            for table in batches(accepted, _COLUMNS, schema=accepted_schema("cdr")):
                writer.add(table)
            index = self._made[window] = writer.index()
        return index

    def put_what_was_made(self, transaction: Transaction) -> None:
        """Write the indexes that lacked, for the next window."""
        for window, index in self._made.items():
            write_index(index, transaction.put(self._lake.index(window)), self._lake.table("accepted", window))

    def holding(self, hashed: Any) -> list[Delivery]:
        """The windows that accepted one of some identities or another with its hash."""
        wanted = np.unique(hashed)
        return [window for window, index in self._indexes.items() if has_any(wanted, index.keys)]

    def of_sessions(self, hashed: Any) -> list[Delivery]:
        """The windows that accepted a CDR of one of some sessions, by their keyed hashes."""
        wanted = np.unique(hashed)
        return [window for window, index in self._indexes.items() if has_any(wanted, index.sessions)]

    def with_sessions(self, first_ms: int, last_ms: int) -> list[Delivery]:
        """The windows of which a session may end after a moment and begin before another."""
        return [
            window for window, index in self._indexes.items() if index.last_ms > first_ms and index.first_ms < last_ms
        ]

    def used_since(self, moment: datetime) -> list[Delivery]:
        """The windows of which a session may have ended at or after a moment."""
        return self.with_sessions(int(moment.timestamp() * 1000) - 1, _NEVER)

    def credits(self) -> tuple[Any, Any]:
        """The hashes of all credits that name what they take back, and of that."""
        nothing = np.empty(0, np.uint64)
        of_all = list(self._indexes.values())
        return (
            np.concatenate([nothing, *(index.credits for index in of_all)]),
            np.concatenate([nothing, *(index.credited for index in of_all)]),
        )


def _known_by(accepted: Path) -> tuple[int, int]:
    with accepted.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES))
        return size, zlib.crc32(file.read())


def has_any(wanted: Any, ordered: Any) -> bool:
    """Whether one of some hashes is among others, both in order."""
    if not len(ordered):
        return False
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return bool((ordered[at] == wanted).any())


def _milliseconds(moments: Any) -> Any:
    return pc.cast(pc.cast(one_chunk(moments), pa.timestamp("ms", "UTC"), safe=False), pa.int64())


def _check_sum(lists: Iterable[Any]) -> int:
    found = 0
    for values in lists:
        found = zlib.crc32(memoryview(values), found)
    return found
