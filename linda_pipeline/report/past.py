"""A delivery beside what came before it and beside others: the last deliveries, the previous one, and the other CPOs.

Here: figures only, out of the ledger and the ids in the lake; incomplete deliveries are shown, and never counted against
anyone. Not here: sentences and pictures. Only earlier windows are looked at, so that a rerun tells the same.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
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

TREND_DELIVERIES = 8
FEWEST_OTHERS = 3
"""The median of the other CPOs is shown from so many others on, so that nobody's own figure can be told from it."""
_OTHERS_SINCE = {"cdrs": timedelta(days=56), "locations": timedelta(days=14)}


@dataclass(frozen=True)
class Earlier:
    """One of the last deliveries."""

    window: date
    complete: bool
    counts: Counts


@dataclass(frozen=True)
class Comparison:
    """What became of the records that the previous delivery rejected, by distinct id, and what is newly rejected."""

    window: date
    """Of the previous complete delivery."""
    solved: int
    still_there: int
    held_back: int
    absent: int
    """Rejected before, and not delivered again."""
    new: int
    findings: Mapping[FindingKey, int]
    """The previous delivery's findings."""


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
    earlier = [one for one in lake.judged(delivery.module, delivery.cpo) if one.window < delivery.window]
    told = [read_judgement(lake, one) for one in earlier[-TREND_DELIVERIES + 1 :]]
    trend = tuple(Earlier(one.delivery.window, one.complete, one.main) for one in [*told, judgement])
    previous = next((one for one in reversed(told) if one.complete), None)
    return Past(
        trend=trend if told else (),
        comparison=_compare(lake, previous, judgement) if previous is not None and judgement.complete else None,
        others=_others(lake, judgement),
    )


def _compare(lake: Lake, previous: Judgement, current: Judgement) -> Comparison:
    before = _rejected(lake, previous.delivery)
    now = _rejected(lake, current.delivery)
    fine = np.setdiff1d(_accepted(lake, current.delivery), now)
    held = np.setdiff1d(np.setdiff1d(_ids(lake.table("held", current.delivery)), now), fine)
    solved, still = np.intersect1d(before, fine), np.intersect1d(before, now)
    waiting = np.intersect1d(before, held)
    return Comparison(
        window=previous.delivery.window,
        solved=len(solved),
        still_there=len(still),
        held_back=len(waiting),
        absent=len(before) - len(solved) - len(still) - len(waiting),
        new=len(now) - len(still),
        findings=findings_by_object(lake, previous),
    )


def _rejected(lake: Lake, delivery: Delivery) -> Any:
    return _ids(lake.table("rejected", delivery))


def _accepted(lake: Lake, delivery: Delivery) -> Any:
    """What the portal has of a delivery: accepted now, or a copy of what it had."""
    if delivery.module == "cdrs":
        accepted = _hashed("cdr", lake.table("accepted", delivery), ["cdr_id"])
    else:
        present = lake.table("accepted", delivery, "present")
        accepted = np.union1d(
            _hashed("location", lake.table("accepted", delivery, "locations"), ["location_id"]),
            _hashed("evse", present, ["location_id", "evse_uid"], where=("bucket", "accepted")),
        )
    copies = [
        _keyed(table["object"], [table["id"]])
        for table in _tables(lake.table("findings", delivery), ["object", "id", "rule"])
        for table in [table.filter(pc.equal(table["rule"], "identical_copy"))]
    ]
    return np.union1d(accepted, _distinct(copies))


def _ids(path: Path) -> Any:
    """The distinct ids, hashed, of a table of rejected or held records; a record without an id has none."""
    if "evse_uid" not in pq.read_schema(path).names:
        return _distinct([_keyed(table["object"], [table["id"]]) for table in _tables(path, ["object", "id"])])
    found = []
    for table in _tables(path, ["object", "id", "location_id", "evse_uid"]):
        is_evse = pc.equal(table["object"], "evse")
        evses, others = table.filter(is_evse), table.filter(pc.invert(is_evse))
        found += [
            _keyed(evses["object"], [evses["location_id"], evses["evse_uid"]]),
            _keyed(others["object"], [others["id"]]),
        ]
    return _distinct(found)


def _hashed(object_name: str, path: Path, columns: list[str], where: tuple[str, str] | None = None) -> Any:
    found = []
    for table in _tables(path, [*columns, *([where[0]] if where else [])]):
        if where is not None:
            table = table.filter(pc.equal(table[where[0]], where[1]))
        found.append(_keyed(pa.repeat(object_name, table.num_rows), [table[name] for name in columns]))
    return _distinct(found)


def _keyed(objects: Any, parts: list[Any]) -> Any:
    texts = pc.binary_join_element_wise(objects, *(folded(part) for part in parts), "|")
    return hashes(pa.chunked_array(texts).combine_chunks() if isinstance(texts, list) else _one(texts))


def _one(texts: Any) -> Any:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _distinct(found: list[Any]) -> Any:
    return np.setdiff1d(np.concatenate([*found, np.empty(0, np.uint64)]), np.array([NO_IDENTITY], np.uint64))


def _tables(path: Path, columns: list[str]) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1 << 16, columns=columns):
            yield pa.Table.from_batches([batch])


def _others(lake: Lake, judgement: Judgement) -> Others | None:
    """The other CPOs by their newest complete delivery of an earlier window; None where they are too few."""
    delivery, counts = judgement.delivery, judgement.main
    if not judgement.complete or not counts.judged:
        return None
    shares: dict[str, float] = {}
    for one in reversed(lake.judged(delivery.module)):
        since = delivery.window - _OTHERS_SINCE[delivery.module]
        if one.cpo in (delivery.cpo, *shares) or not since <= one.window < delivery.window:
            continue
        told = read_judgement(lake, one)
        if told.complete and told.main.judged:
            shares[one.cpo] = told.main.accepted / told.main.judged
    if len(shares) < FEWEST_OTHERS:
        return None
    return Others(counts.accepted / counts.judged, statistics.median(shares.values()), len(shares))
