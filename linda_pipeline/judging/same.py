"""The ids of a whole delivery compared, with each other and with what earlier windows accepted.

Here: where every record of a delivery lies (16 bytes each, on disk until all were read), and which of them are copies or
changed copies. Only records whose id occurs twice are read again. Not here: what a copy is (quality.identity).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from linda_pipeline.judging.spool import Spool
from linda_pipeline.judging.window_index import JudgedBefore
from linda_pipeline.ocpi.content import changed_places, content_hash, in_short
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.ocpi.record_keys import cdr_keys
from linda_pipeline.pulling.raw import Pull, RawUnreadable, pull_at
from linda_pipeline.quality.identity import (
    NO_IDENTITY,
    Candidate,
    Identity,
    hashes,
    recurring,
    resolve_cdrs,
    standing_first,
)
from linda_pipeline.quality.mending import mended
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rules import ids_in_force
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import batches

_RUN_RECORDS = 10_000
_KEYS = ["country_code", "party_id", "cdr_id", "page", "position", "pulled_at"]
_OF_IDENTITY = ["country_code", "party_id", "cdr_id", "last_updated"]
_Place = tuple[Any, Delivery, datetime, int, int]
"""Where an accepted record lies: the hash of its identity, its delivery, when that was pulled, its page and position."""
_Key = TypeVar("_Key")


class Places:
    """Where each record of a delivery lies, by row: the hash of its identity, its page and its position."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._rows = 0
        self.ids: dict[int, str | None] = {}
        """The ids of the rows that were read again."""
        self.changes: dict[int, str] = {}
        """Of each changed copy, the fields that differ from the record that stands."""
        self.not_compared = 0
        """CDRs that an earlier window accepted and whose raw page is damaged: the first here is taken for a copy."""

    def __len__(self) -> int:
        return self._rows

    def add(self, hashed: Any, table: Any) -> None:
        """The next rows of the delivery."""
        self._spool.append("hashes", hashed)
        for name in ("page", "position"):
            self._spool.append(name, table[name].to_numpy().astype(np.int32))
        self._rows += len(hashed)

    @cached_property
    def hashes(self) -> Any:
        """The hash of each row's identity."""
        return self._spool.column("hashes", np.uint64)

    @cached_property
    def pages(self) -> Any:
        """The page of each row, from 1."""
        return self._spool.column("page", np.int32)

    @cached_property
    def positions(self) -> Any:
        """The position of each row in its page, from 0."""
        return self._spool.column("position", np.int32)


def compare_ids(
    lake: Lake, cpo: Cpo, pull: Pull, places: Places, earlier_windows: JudgedBefore, profile: Profile
) -> Identity:
    """Copies and changed copies in a delivery of CDRs. Only earlier windows are looked at, so a rerun says the same."""
    earlier = dict(_accepted_earlier(lake, cpo, earlier_windows, np.unique(places.hashes)))
    again = np.union1d(recurring(places.hashes), _rows_with(places.hashes, earlier))
    if not len(again):
        return Identity()
    candidates = list(_candidates(cpo, pull, places, profile, again))
    wanted = {candidate.key for candidate in candidates}
    standing = {key: place for key, place in earlier.items() if key in wanted}
    records = {key: record for chosen in _accepted_records(lake, standing) for key, record in chosen.items()}
    contents = {key: content_hash(record) for key, record in records.items() if record is not None}
    unreadable = records.keys() - contents.keys()
    places.not_compared = len(unreadable)
    for candidate in sorted(candidates, key=standing_first, reverse=True):
        if candidate.key in unreadable:
            contents[candidate.key] = candidate.content
    identity = resolve_cdrs(candidates, contents)
    keys = {candidate.row: candidate.key for candidate in candidates}
    _name_changes(lake, pull, places, identity, {row: standing[keys[row]] for row in identity.changed})
    return identity


def _rows_with(hashed: Any, earlier: dict[str, _Place]) -> Any:
    return np.flatnonzero(np.isin(hashed, np.array([place[0] for place in earlier.values()], np.uint64)))


def _accepted_earlier(
    lake: Lake, cpo: Cpo, earlier_windows: JudgedBefore, present: Any
) -> Iterator[tuple[str, _Place]]:
    """By key, the place of what earlier windows accepted; the earliest comes last."""
    for delivery in reversed(earlier_windows.holding(present)):
        for table in batches(lake.table("accepted", delivery), _KEYS):
            keys = cdr_keys(table, cpo.key)
            hashed = hashes(keys)
            rows = np.flatnonzero(np.isin(hashed, present) & (hashed != NO_IDENTITY))
            if not len(rows):
                continue
            found = table.take(rows).select(["page", "position", "pulled_at"]).to_pylist()
            for row, key, place in zip(rows, keys.take(rows).to_pylist(), found, strict=True):
                yield key, (hashed[row], delivery, place["pulled_at"], place["page"], place["position"])


def _candidates(cpo: Cpo, pull: Pull, places: Places, profile: Profile, rows: Any) -> Iterator[Candidate]:
    """The rows read again from their pages."""
    version = pull.ocpi_version
    told = ids_in_force("cdr", version, profile)
    for chosen, pages in _read_again(pull, places, rows):
        read = normalise("cdr", version, pages).table
        table, _ = mended(read.select([one for one in _OF_IDENTITY if one in read.column_names]), "cdr", version, told)
        raw = [record for _, records in pages for record in records]
        columns = (cdr_keys(table, cpo.key), table["last_updated"], table["cdr_id"])
        for row, record, key, moment, cdr_id in zip(
            chosen, raw, *(column.to_pylist() for column in columns), strict=True
        ):
            places.ids[row] = cdr_id
            yield Candidate(row, key, moment, content_hash(record))


def _read_again(pull: Pull, places: Places, rows: Any) -> Iterator[tuple[list[int], list[tuple[int, list[bytes]]]]]:
    """The records of rows from their pages, in runs that are worth a normaliser's fixed costs."""
    order = rows[np.argsort(places.pages[rows], kind="stable")]
    chosen: list[int] = []
    pages: list[tuple[int, list[bytes]]] = []
    for page in np.unique(places.pages[order]):
        here = order[places.pages[order] == page]
        records = pull.page(int(page))
        chosen += here.tolist()
        pages.append((int(page), [records[position] for position in places.positions[here]]))
        if len(chosen) >= _RUN_RECORDS:
            yield chosen, pages
            chosen, pages = [], []
    if chosen:
        yield chosen, pages


def _name_changes(lake: Lake, pull: Pull, places: Places, identity: Identity, accepted: dict[int, _Place]) -> None:
    """Note of each changed copy what differs from the record that stands: in this delivery, or `accepted` by row."""
    for rows in _runs(sorted(identity.clashing), _RUN_RECORDS):
        stands = [identity.stands[row] for row in rows]
        records = _records(pull, places, np.unique(np.array([*rows, *stands])))
        for row, first in zip(rows, stands, strict=True):
            places.changes[row] = in_short(changed_places(records[first], records[row]))
    for rows in _runs(sorted(accepted, key=lambda row: accepted[row][1:]), _RUN_RECORDS):
        records = _records(pull, places, np.array(rows))
        for others in _accepted_records(lake, {row: accepted[row] for row in rows}):
            for row, other in others.items():
                if other is not None:
                    places.changes[row] = in_short(changed_places(other, records[row]))


def _records(pull: Pull, places: Places, rows: Any) -> dict[int, bytes]:
    """The records of rows as received, by row."""
    return {
        row: record
        for chosen, pages in _read_again(pull, places, rows)
        for row, record in zip(chosen, (record for _, records in pages for record in records), strict=True)
    }


def _runs(rows: list[int], most: int) -> Iterator[list[int]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


def _accepted_records(lake: Lake, wanted: Mapping[_Key, _Place]) -> Iterator[dict[_Key, bytes | None]]:
    """What earlier windows accepted, as received, from their raw pages; each page is read once and gives one part.

    None where the page is damaged: another delivery must not wait for that.
    """
    by_page: dict[Any, list[_Key]] = {}
    for key, (_, delivery, pulled_at, page, _) in wanted.items():
        by_page.setdefault((delivery, pulled_at, page), []).append(key)
    for (delivery, pulled_at, page), keys in sorted(by_page.items()):
        try:
            records = pull_at(lake, delivery, pulled_at).page(page)
        except RawUnreadable:
            yield dict.fromkeys(keys)
        else:
            yield {key: records[wanted[key][4]] for key in keys}
