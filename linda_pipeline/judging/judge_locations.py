"""A night of Locations judged into the lake: each Location on its own, and each EVSE below it, which may be withheld alone.

Here: the tables that a night leaves. Not here: the verdicts and buckets (nights.py), the rules (quality), and the history
that nights build up (warehouse).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.calendar import local_date
from linda_pipeline.judging import holding
from linda_pipeline.judging.known_before import PlaceRegister, evses_of_others, night_before
from linda_pipeline.judging.leaning import lean
from linda_pipeline.judging.nights import Night
from linda_pipeline.judging.permissions import enter
from linda_pipeline.judging.places_to_mend import places_to_mend
from linda_pipeline.judging.whole_delivery import judge_delivery
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.follow_up import schema_of, write_places
from linda_pipeline.ledger.leanings import NIGHT_TABLES, given_by_night
from linda_pipeline.ledger.manifest import table_path
from linda_pipeline.ledger.tables import FINDINGS, HELD, REJECTED, TableWriter
from linda_pipeline.ocpi.conform import conform
from linda_pipeline.own_columns.accepted_schema import PRESENT, accepted_schema
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Lake


def judge_locations(
    lake: Lake,
    cpo: Cpo,
    pull: Pull,
    *,
    areas: Areas | None,
    profiles: Profiles = BUILT_IN_PROFILES,
    register: PlaceRegister | None = None,
    judged_at: datetime | None = None,
    gated: bool = True,
) -> Judgement:
    """Judge a night of Locations into the lake's buckets, all of it at once or not at all.

    What `profiles` has in force on the day of the pull judges; `register` is the data owner's register of places, where there
    is one; `judged_at` stands in the proof where a changed permission moves records; `gated`: whether what is accepted passes
    the contract, which guards what stays.
    """
    delivery = pull.delivery
    profile = profiles.on(local_date(pull.pulled_at), cpo.key)
    night = Night(cpo, pull, areas, profile, night_before(lake, delivery), register, evses_of_others(lake, delivery))
    findings = pa.concat_tables([night.findings, judge_delivery(lake, pull, night.judgement, profile)])
    with lake.scratch() as folder, lake.transaction() as transaction:
        for name, table in _accepted(night, gated).items():
            pq.write_table(table, transaction.put(lake.table("accepted", delivery, name)), compression="zstd")
        staged, rejected = {}, _rejected(night)
        for bucket, schema, table in (
            ("rejected", REJECTED, rejected),
            ("held", HELD, _held(night)),
            ("findings", FINDINGS, findings),
        ):
            staged[bucket] = transaction.put(lake.table(bucket, delivery))
            with TableWriter(staged[bucket], schema) as writer:
                writer.write(table)
        night.judgement.count(findings)
        lies_at = dict(transaction.staged())
        tables = {name: lies_at[table_path(lake, delivery, name)] for name in NIGHT_TABLES}
        night.judgement.gives = given_by_night(lake, tables, pull.complete)
        night.judgement.leans_on = lean(lake, pull, profile).as_dict()
        refused = folder / "refused.parquet"
        write_places(refused, schema_of(pull.stamp, pull.pulled_at, pull.complete), places_to_mend(night, rejected))
        enter(lake, transaction, night.judgement, cpo, staged["held"], refused, judged_at)
    return night.judgement


def _accepted(night: Night, gated: bool) -> dict[str, pa.Table]:
    """The accepted Locations, the accepted EVSEs, and every EVSE that was present."""
    keep = pa.array(~(night.is_copy | night.is_held | night.is_rejected))
    locations = night.unit.table.filter(keep)
    keep_evses = pa.array(night.evse_bucket == "accepted")
    all_evses = night.placed.append_column("index", pa.array(night.evses.index, pa.int32()))
    evses = all_evses.filter(keep_evses)
    if gated:
        from linda_pipeline.quality import contract  # Pandera comes with it, which a self-check need not wait for

        contract.gate(locations, "location", night.version, night.view("location", locations))
        contract.gate(evses, "evse", night.version, night.view("evse", evses))
    present = all_evses.append_column("bucket", pa.array(night.evse_bucket, pa.string()))
    return {
        "locations": conform(_with_origin(night, locations), accepted_schema("location")),
        "evses": conform(_with_origin(night, evses), accepted_schema("evse")),
        "present": conform(present.filter(pa.array(~night.is_copy[night.evses.location])), PRESENT),
    }


def _with_origin(night: Night, table: pa.Table) -> pa.Table:
    count = table.num_rows
    own = {
        "cpo": pa.repeat(night.cpo.key, count),
        "ocpi_version": pa.repeat(night.version, count),
        "window": pa.repeat(pa.scalar(night.pull.delivery.window, pa.date32()), count),
        "pulled_at": pa.repeat(pa.scalar(night.pull.pulled_at, pa.timestamp("us", "UTC")), count),
    }
    for name, values in own.items():
        table = table.append_column(name, values)
    return table


def _rejected(night: Night) -> pa.Table:
    """The rejected Locations, and the EVSEs that were withheld alone, each as received."""
    rules = {object_name: _rules_by_place(night.findings, object_name) for object_name in ("location", "evse")}
    page, position = night.unit.table["page"].to_pylist(), night.unit.table["position"].to_pylist()
    ids = night.unit.with_ids(night.unit.table)["location_id"].to_pylist()
    rows: list[dict[str, Any]] = [
        {
            "object": "location",
            "id": ids[row],
            "location_id": ids[row],
            "page": page[row],
            "position": position[row],
            "rules": sorted(rules["location"][page[row], position[row], None]),
            "record": night.unit.raw[row].decode("utf-8", "backslashreplace"),
        }
        for row in np.flatnonzero(night.is_rejected)
    ]
    uids = night.evses.table["evse_uid"].to_pylist() if "evse_uid" in night.evses.table.column_names else []
    for evse in np.flatnonzero(night.evse_refused & (night.evse_bucket == "rejected")):
        row, index = int(night.evses.location[evse]), int(night.evses.index[evse])
        rows.append(
            {
                "object": "evse",
                "id": uids[evse],
                "location_id": ids[row],
                "evse_uid": uids[evse],
                "page": page[row],
                "position": position[row],
                "index": index,
                "rules": sorted(rules["evse"][page[row], position[row], index]),
                "record": _evse_as_received(night.unit.raw[row], index),
            }
        )
    rows.sort(key=lambda one: (one["page"], one["position"], one["object"] == "evse", one.get("index", 0)))
    return pa.Table.from_pylist(rows, schema=REJECTED)


def _held(night: Night) -> pa.Table:
    """The Locations that are held back, each with its reason, and the EVSEs that are alone: no permission names them."""
    alone = np.flatnonzero(night.evse_held & ~night.is_held[night.evses.location])
    of_evses = night.unit.table.select(["page", "position"]).take(pa.array(night.evses.location[alone]))
    uids = night.evses.table["evse_uid"].take(pa.array(alone)) if len(alone) else pa.nulls(0, pa.string())
    chosen = night.unit.table.select(["location_id", "page", "position"]).filter(pa.array(night.is_held))
    locations = [
        pa.repeat("location", chosen.num_rows),
        chosen["location_id"],
        night.held_for.drop_null(),
        chosen["page"],
        chosen["position"],
    ]
    evses = [
        pa.repeat("evse", len(alone)),
        uids,
        pa.repeat(holding.NO_PERMISSION, len(alone)),
        of_evses["page"],
        of_evses["position"],
    ]
    return pa.concat_tables([pa.table(columns, schema=HELD) for columns in (locations, evses)])


def _rules_by_place(findings: pa.Table, object_name: str) -> dict[tuple[int, int, int | None], set[str]]:
    """The errors of each rejected Location or EVSE by its page, position and (EVSE) index."""
    chosen = findings.filter(
        pc.and_(pc.equal(findings["object"], object_name), pc.equal(findings["severity"], "error"))
    )
    found: dict[tuple[int, int, int | None], set[str]] = {}
    for one in chosen.select(["page", "position", "path", "rule"]).to_pylist():
        index = int(one["path"].partition("[")[2].partition("]")[0]) if object_name == "evse" else None
        found.setdefault((one["page"], one["position"], index), set()).add(one["rule"])
    return found


class _WithEvses(msgspec.Struct):
    evses: list[msgspec.Raw]


def _evse_as_received(location: bytes, index: int) -> str:
    try:
        raw = bytes(msgspec.json.decode(location, type=_WithEvses).evses[index])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, IndexError):
        raw = location  # the Location as a whole has a stain elsewhere: better too much than nothing
    return raw.decode("utf-8", "backslashreplace")
