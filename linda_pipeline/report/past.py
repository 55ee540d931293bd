"""A delivery beside what came before it and beside others: the last deliveries, the previous one, and the other CPOs.

Here: figures only, out of the ledger and the ids in the lake; incomplete deliveries are shown, and never counted against
anyone. Not here: sentences and pictures. Only earlier windows are looked at, so that a rerun tells the same.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.ledger.entry import Counts, FindingKey, Judgement, findings_by_object, read_judgement
from linda_pipeline.ocpi.record_keys import folded
from linda_pipeline.quality.identity import NO_IDENTITY, hashes
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import batches

TREND_DELIVERIES = 8
FEWEST_OTHERS = 3
"""The median of the other CPOs is shown from so many others on, so that nobody's own figure can be told from it."""
THEN = ("solved", "still_there", "held_back", "absent", "without_id")
"""What became of a record that was rejected: absent is not in this delivery, and without an id it cannot be followed."""
NOW = ("again", "new", "without_id")
"""What a rejected record was in the previous delivery: rejected under the same id, or not."""
_OTHERS_SINCE = {"cdrs": timedelta(days=56), "locations": timedelta(days=14)}


@dataclass(frozen=True)
class Earlier:
    """One of the last deliveries."""

    window: date
    complete: bool
    counts: Counts


@dataclass(frozen=True)
class Comparison:
    """What became of the records that the previous delivery rejected, and what those that this one rejects were before.

    Each side counts every rejected record once, so that it adds up to the rejected records of its delivery.
    """

    window: date
    """Of the previous complete delivery."""
    then: Mapping[str, int]
    """Records rejected then, by what became of them: THEN."""
    now: Mapping[str, int]
    """Records rejected now, by what they were: NOW."""
    findings: Mapping[FindingKey, int]
    """The previous delivery's findings."""

    @property
    def has_rejected(self) -> bool:
        """Whether anything was rejected, then or now."""
        return any(self.then.values()) or any(self.now.values())

    def of(self, object_name: str, rule: str, severity: str) -> int:
        """How many findings a rule had in the previous delivery."""
        return self.findings.get(FindingKey(object_name, rule, severity), 0)


@dataclass(frozen=True)
class Others:
    """The share of judged records that was accepted: this CPO's, and the median of the others'."""

    own: float
    median: float
    cpos: int
    """How many others the median is of."""


@dataclass(frozen=True)
class Past:
    """Everything that a report tells of the time before its delivery."""

    trend: tuple[Earlier, ...] = ()
    """The last deliveries, oldest first; the one reported on comes last."""
    comparison: Comparison | None = None
    others: Others | None = None


def read_past(lake: Lake, judgement: Judgement) -> Past:
    """The past of a judged delivery. A self-check has none."""
    if judgement.is_self_check:
        return Past()
    delivery = judgement.delivery
    earlier = [past for past in lake.judged(delivery.module, delivery.cpo) if past.window < delivery.window]
    judgements = [read_judgement(lake, delivery) for delivery in earlier[-TREND_DELIVERIES + 1 :]]
    trend = tuple(Earlier(past.delivery.window, past.complete, past.main) for past in [*judgements, judgement])
    previous = next((past for past in reversed(judgements) if past.complete), None)
    return Past(
        trend=trend if judgements else (),
        comparison=_compare(lake, previous, judgement) if previous is not None and judgement.complete else None,
        others=_others(lake, judgement),
    )


def _compare(lake: Lake, previous: Judgement, current: Judgement) -> Comparison:
    then = _ids(lake.table("rejected", previous.delivery))
    now = _ids(lake.table("rejected", current.delivery))
    held = _ids(lake.table("held", current.delivery))
    became = np.select(
        [
            then == NO_IDENTITY,
            np.isin(then, now),
            np.isin(then, _accepted(lake, current.delivery)),
            np.isin(then, held),
        ],
        ["without_id", "still_there", "solved", "held_back"],
        "absent",
    )
    were = np.select([now == NO_IDENTITY, np.isin(now, then)], ["without_id", "again"], "new")
    return Comparison(
        window=previous.delivery.window,
        then={name: int((became == name).sum()) for name in THEN},
        now={name: int((were == name).sum()) for name in NOW},
        findings=findings_by_object(lake, previous),
    )


def _accepted(lake: Lake, delivery: Delivery) -> Any:
    """What the portal has of a delivery: accepted now, or a copy of what it had."""
    if delivery.module == "cdrs":
        accepted = _hashed("cdr", lake.table("accepted", delivery), ["cdr_id"])
    else:
        present = lake.table("accepted", delivery, "present")
        accepted = _together(
            [
                _hashed("location", lake.table("accepted", delivery, "locations"), ["location_id"]),
                _hashed("evse", present, ["location_id", "evse_uid"], where=("bucket", "accepted")),
            ]
        )
    copies = [
        _keyed(table["object"], [table["id"]])
        for table in _tables(lake.table("findings", delivery), ["object", "id", "rule"])
        for table in [table.filter(pc.equal(table["rule"], "identical_copy"))]
    ]
    return np.concatenate([accepted, *copies])


def _ids(path: Path) -> Any:
    """The hashed id of each rejected or held record; NO_IDENTITY for a record without one."""
    if "evse_uid" not in pq.read_schema(path).names:
        return _together(_keyed(table["object"], [table["id"]]) for table in _tables(path, ["object", "id"]))
    return _together(_of_locations(table) for table in _tables(path, ["object", "id", "location_id", "evse_uid"]))


def _of_locations(table: pa.Table) -> Any:
    """The hashed ids of Locations, and of EVSEs by their Location."""
    is_evse = pc.equal(table["object"], "evse")
    evses, others = table.filter(is_evse), table.filter(pc.invert(is_evse))
    return _together(
        [
            _keyed(evses["object"], [evses["location_id"], evses["evse_uid"]]),
            _keyed(others["object"], [others["id"]]),
        ]
    )


def _hashed(object_name: str, path: Path, columns: list[str], where: tuple[str, str] | None = None) -> Any:
    hashed = []
    for table in _tables(path, [*columns, *([where[0]] if where else [])]):
        if where is not None:
            table = table.filter(pc.equal(table[where[0]], where[1]))
        hashed.append(_keyed(pa.repeat(object_name, table.num_rows), [table[name] for name in columns]))
    return _together(hashed)


def _keyed(objects: Any, parts: list[Any]) -> Any:
    texts = pc.binary_join_element_wise(objects, *(folded(part) for part in parts), "|")
    return hashes(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)


def _together(hashed: Iterable[Any]) -> Any:
    return np.concatenate([np.empty(0, np.uint64), *hashed])


def _tables(path: Path, columns: list[str]) -> Iterator[pa.Table]:
    yield from batches(path, columns)


def _others(lake: Lake, judgement: Judgement) -> Others | None:
    """The other CPOs by their newest complete delivery of an earlier window; None where they are too few."""
    delivery, counts = judgement.delivery, judgement.main
    if not judgement.complete or not counts.judged:
        return None
    shares: dict[str, float] = {}
    since = delivery.window - _OTHERS_SINCE[delivery.module]
    for other in reversed(lake.judged(delivery.module)):
        if other.cpo in (delivery.cpo, *shares) or not since <= other.window < delivery.window:
            continue
        theirs = read_judgement(lake, other)
        if theirs.complete and theirs.main.judged:
            shares[other.cpo] = theirs.main.accepted / theirs.main.judged
    if len(shares) < FEWEST_OTHERS:
        return None
    return Others(counts.accepted / counts.judged, statistics.median(shares.values()), len(shares))
