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
from linda_pipeline.judging.named_places import PlaceNames
from linda_pipeline.judging.owners import owners_on
from linda_pipeline.ledger.entry import Judgement, read_judgement
from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.ocpi.nested import one_chunk
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
        tallies = _tallies(lake, judgement, cpo, areas)
        for (kind, gemeente, owner), tally in sorted(tallies.items(), key=lambda item: str(item[0])):
            found.append(
                PlaceFigures(
                    module=delivery.module,
                    window=delivery.window,
                    complete=judgement.complete,
                    kind=kind,
                    cpo=delivery.cpo,
                    cpo_name=name,
                    owner=owner,
                    nal_region=tally.nal_region,
                    gemeente=gemeente,
                    accepted=tally.buckets["accepted"],
                    rejected=tally.buckets["rejected"],
                    held_back=tally.buckets["held_back"],
                    rules=dict(sorted(tally.rules.items())),
                )
            )
    return found


def _tallies(
    lake: Lake, judgement: Judgement, cpo: Cpo | None, areas: Areas
) -> dict[tuple[str, str | None, str | None], _Tally]:
    """Counts by kind of record, municipality and data owner (None: it cannot be told)."""
    tallies: dict[tuple[str, str | None, str | None], _Tally] = {}
    for batch in _placed(lake, judgement):
        where = areas.locate(batch.latitude, batch.longitude)
        gemeente = one_chunk(where["gemeente_code"])
        regions = dict(zip(gemeente.to_pylist(), where["nal_region"].to_pylist(), strict=True))
        places = PlaceNames(gemeente, batch.location_id, batch.evse_id)
        owner = pa.nulls(len(gemeente), pa.string()) if cpo is None else owners_on(cpo, judgement.days[1], places)
        for (code, name), count in Counter(zip(gemeente.to_pylist(), owner.to_pylist(), strict=True)).items():
            tally = tallies.setdefault((batch.kind, code, name), _Tally(nal_region=regions[code]))
            tally.buckets[batch.bucket] += count
        if batch.rules is not None:
            parents = pc.list_parent_indices(batch.rules)
            exploded = pa.table(
                {
                    "gemeente": gemeente.take(parents),
                    "owner": owner.take(parents),
                    "rule": pc.list_flatten(batch.rules),
                }
            )
            counted = exploded.group_by(["gemeente", "owner", "rule"]).aggregate([([], "count_all")])
            for row in counted.to_pylist():
                tallies[batch.kind, row["gemeente"], row["owner"]].rules[row["rule"]] += row["count_all"]
    return tallies


@dataclass(frozen=True)
class _Batch:
    """Records of one kind in one bucket, and where they are."""

    kind: str
    bucket: str
    latitude: Any
    longitude: Any
    location_id: Any
    evse_id: Any
    rules: Any = None
    """The rules that rejected each record; None: not rejected."""


def _batch(kind: str, bucket: str, table: pa.Table, rules: Any = None) -> _Batch:
    nothing = pa.nulls(table.num_rows, pa.string())
    names = ("latitude", "longitude", "location_id", "evse_id")
    columns = {name: table[name] if name in table.column_names else nothing for name in names}
    return _Batch(kind, bucket, **columns, rules=rules)


def _placed(lake: Lake, judgement: Judgement) -> Iterator[_Batch]:
    if judgement.delivery.module == "cdrs":
        columns = ["latitude", "longitude", "location_id", "evse_id"]
        for table in _read(lake.table("accepted", judgement.delivery), columns):
            yield _batch("cdrs", "accepted", table)
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
            yield _batch(kind, "rejected", unit, chosen["rules"].combine_chunks())
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
        yield _batch(kind, "held_back", unit)


def _placed_locations(lake: Lake, judgement: Judgement) -> Iterator[_Batch]:
    """Accepted Locations, the EVSEs on them, and the EVSEs that were withheld alone: those lie where their Location lies."""
    delivery = judgement.delivery
    locations = read_table(
        lake.table("accepted", delivery, "locations"), columns=["location_id", "latitude", "longitude"]
    )
    yield _batch("locations", "accepted", locations)
    evses = read_table(lake.table("accepted", delivery, "evses"), columns=["location_id", "evse_id"])
    yield _batch("evses", "accepted", _with_place(locations, evses))
    rejected = read_table(lake.table("rejected", delivery), columns=["object", "location_id", "rules"])
    rejected = rejected.filter(pc.equal(rejected["object"], "evse"))
    if rejected.num_rows:
        place = _with_place(locations, rejected.select(["location_id"]))
        yield _batch("evses", "rejected", place, rejected["rules"].combine_chunks())


def _with_place(locations: pa.Table, evses: pa.Table) -> pa.Table:
    """EVSEs with the coordinates of their Location."""
    at = pc.index_in(evses["location_id"], value_set=locations["location_id"])
    for name in ("latitude", "longitude"):
        evses = evses.append_column(name, locations[name].take(at))
    return evses


def _read(path: Any, columns: list[str]) -> Iterator[pa.Table]:
    yield from batches(path, columns, _BATCH_ROWS)
