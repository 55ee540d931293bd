"""The quality of deliveries counted by place: per NAL region, data owner, municipality and CPO.

Here: where each judged record lies (accepted ones by their table, rejected and held ones read again from what was received),
and counts. Not here: pages (report.place_report). What leaves this module holds no record, no id and no person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.ledger.entry import Judgement, read_judgement
from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.pulling.raw import pull_at
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import batches, read_table

_BATCH_ROWS = 20_000
_OBJECT = {"cdrs": "cdr", "locations": "location"}


@dataclass
class _Tally:
    """Records of one kind in one municipality."""

    buckets: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    nal_region: str | None = None


def newest_deliveries(lake: Lake, window: date | None = None) -> list[Delivery]:
    """Per module and CPO the newest judged delivery, or the one of a window or night."""
    newest: dict[tuple[str, str], Delivery] = {}
    for module in _OBJECT:
        for delivery in lake.judged(module):
            if window is None or delivery.window == window:
                newest[module, delivery.cpo] = delivery
    return [newest[key] for key in sorted(newest)]


def place_figures(
    lake: Lake, register: Mapping[str, Cpo], areas: Areas, deliveries: list[Delivery]
) -> list[PlaceFigures]:
    """The figures of deliveries by place; an incomplete delivery is told without figures, and so counts for nobody."""
    found = []
    for delivery in deliveries:
        judgement = read_judgement(lake, delivery)
        cpo = register.get(delivery.cpo)
        name = cpo.name if cpo is not None else delivery.cpo
        for (kind, gemeente), tally in sorted(_tallies(lake, judgement, areas).items(), key=lambda item: str(item[0])):
            found.append(
                PlaceFigures(
                    module=delivery.module,
                    window=delivery.window,
                    complete=judgement.complete,
                    kind=kind,
                    cpo=delivery.cpo,
                    cpo_name=name,
                    owner=_owner(cpo, gemeente, judgement.days[1]),
                    nal_region=tally.nal_region,
                    gemeente=gemeente,
                    accepted=tally.buckets["accepted"],
                    rejected=tally.buckets["rejected"],
                    held_back=tally.buckets["held_back"],
                    rules=dict(sorted(tally.rules.items())),
                )
            )
    return found


def _owner(cpo: Cpo | None, gemeente: str | None, day: date) -> str | None:
    """The data owner whose permission covers a municipality on a day; None where no permission does."""
    for permission in cpo.permissions if cpo is not None else ():
        if permission.holds_on(day) and (not permission.areas or gemeente in permission.areas):
            return permission.owner
    return None


def _tallies(lake: Lake, judgement: Judgement, areas: Areas) -> dict[tuple[str, str | None], _Tally]:
    """Counts by kind of record and municipality (None: it cannot be told)."""
    tallies: dict[tuple[str, str | None], _Tally] = {}
    for kind, bucket, latitude, longitude, rules in _placed(lake, judgement):
        where = areas.locate(latitude, longitude)
        regions = dict(zip(where["gemeente_code"].to_pylist(), where["nal_region"].to_pylist(), strict=True))
        for gemeente, count in Counter(where["gemeente_code"].to_pylist()).items():
            tally = tallies.setdefault((kind, gemeente), _Tally(nal_region=regions[gemeente]))
            tally.buckets[bucket] += count
        if rules is not None:
            parents = pc.list_parent_indices(rules)
            exploded = pa.table({"gemeente": where["gemeente_code"].take(parents), "rule": pc.list_flatten(rules)})
            counted = exploded.group_by(["gemeente", "rule"]).aggregate([([], "count_all")])
            for row in counted.to_pylist():
                tallies[kind, row["gemeente"]].rules[row["rule"]] += row["count_all"]
    return tallies


_Batch = tuple[str, str, Any, Any, Any]
"""Kind, bucket, latitudes, longitudes, and the rules that rejected each record (None: not rejected)."""


def _placed(lake: Lake, judgement: Judgement) -> Iterator[_Batch]:
    if judgement.delivery.module == "cdrs":
        for table in _read(lake.table("accepted", judgement.delivery), ["latitude", "longitude"]):
            yield "cdrs", "accepted", table["latitude"], table["longitude"], None
        yield from _placed_again(lake, judgement, "cdrs")
    else:
        yield from _placed_again(lake, judgement, "locations")
        yield from _placed_locations(lake, judgement)


def _placed_again(lake: Lake, judgement: Judgement, kind: str) -> Iterator[_Batch]:
    """Rejected and held records: their coordinates are read from what was received."""
    delivery, object_name = judgement.delivery, _OBJECT[kind]
    for table in _read(lake.table("rejected", delivery), ["object", "record", "rules"]):
        chosen = table.filter(pc.equal(table["object"], object_name))
        if chosen.num_rows:
            texts = [record.encode() for record in chosen["record"].to_pylist()]
            unit = normalise(object_name, judgement.ocpi_version, [(1, texts)]).table
            yield kind, "rejected", unit["latitude"], unit["longitude"], chosen["rules"].combine_chunks()
    held = read_table(lake.table("held", delivery), columns=["object", "page", "position"])
    held = held.filter(pc.equal(held["object"], object_name)).sort_by("page")
    if held.num_rows:
        pull = pull_at(lake, delivery, judgement.pulled_at)
        texts, last, records = [], None, []
        for page, position in zip(held["page"].to_pylist(), held["position"].to_pylist(), strict=True):
            if page != last:
                last, records = page, pull.page(page)
            texts.append(records[position])
        unit = normalise(object_name, judgement.ocpi_version, [(1, texts)]).table
        yield kind, "held_back", unit["latitude"], unit["longitude"], None


def _placed_locations(lake: Lake, judgement: Judgement) -> Iterator[_Batch]:
    """Accepted Locations, the EVSEs on them, and the EVSEs that were withheld alone: those lie where their Location lies."""
    delivery = judgement.delivery
    locations = read_table(
        lake.table("accepted", delivery, "locations"), columns=["location_id", "latitude", "longitude"]
    )
    yield "locations", "accepted", locations["latitude"], locations["longitude"], None
    evses = read_table(lake.table("accepted", delivery, "evses"), columns=["location_id"])
    yield "evses", "accepted", *_where(locations, evses["location_id"]), None
    rejected = read_table(lake.table("rejected", delivery), columns=["object", "location_id", "rules"])
    rejected = rejected.filter(pc.equal(rejected["object"], "evse"))
    if rejected.num_rows:
        place = _where(locations, rejected["location_id"])
        yield "evses", "rejected", *place, rejected["rules"].combine_chunks()


def _where(locations: pa.Table, ids: Any) -> tuple[Any, Any]:
    at = pc.index_in(ids, value_set=locations["location_id"])
    return locations["latitude"].take(at), locations["longitude"].take(at)


def _read(path: Any, columns: list[str]) -> Iterator[pa.Table]:
    yield from batches(path, columns, _BATCH_ROWS)
