"""A night of Locations judged: each Location on its own, and each EVSE below it, which may be withheld alone.

Here: the buckets of both, with the ids of the whole night compared. A night fits in memory (tens of thousands of EVSEs).
Not here: the rules, and the history that nights build up (warehouse).
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.cpos import Cpo
from linda_pipeline.lake import Lake
from linda_pipeline.ocpi.conform import conform
from linda_pipeline.ocpi.content import content_hash
from linda_pipeline.ocpi.nested import elements_of, field_of, one_chunk
from linda_pipeline.ocpi.normalise import FLAWS, Unit, normalise
from linda_pipeline.ocpi.schema import PRESENT, accepted_schema
from linda_pipeline.quality import contract
from linda_pipeline.quality.identity import (
    Candidate,
    Identity,
    fold_evse_id,
    hashes,
    location_keys,
    recurring,
    resolve_locations,
)
from linda_pipeline.quality.judge import FINDINGS as FOUND
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.rules import RULES, rules_for
from linda_pipeline.quality.view import Parameters, View
from linda_pipeline.road import holding
from linda_pipeline.road.judgement import Counts, Judgement, not_run
from linda_pipeline.road.raw import Pull
from linda_pipeline.road.tables import FINDINGS, HELD, ORDER, REJECTED, TableWriter
from linda_pipeline.warehouse.areas import Areas


def judge_locations(
    lake: Lake, cpo: Cpo, pull: Pull, *, areas: Areas | None, parameters: Parameters | None = None
) -> Judgement:
    """Judge a night of Locations into the lake's buckets, all of it at once or not at all."""
    night = _Night(cpo, pull, areas, parameters or Parameters())
    delivery = pull.delivery
    with lake.transaction() as transaction:
        for name, table in night.accepted().items():
            pq.write_table(table, transaction.put(lake.table("accepted", delivery, name)), compression="zstd")
        for bucket, schema, table in (
            ("rejected", REJECTED, night.rejected()),
            ("held", HELD, night.held()),
            ("findings", FINDINGS, night.findings),
        ):
            with TableWriter(transaction.put(lake.table(bucket, delivery)), schema) as writer:
                writer.write(table)
        night.judgement.count(night.findings)
        night.judgement.write(transaction.put(lake.ledger(delivery)))
    return night.judgement


class _Evses:
    """The EVSEs of a unit of Locations, laid end to end."""

    def __init__(self, unit: Unit) -> None:
        elements, parents, positions = elements_of(unit.table["evses"])
        names = [field.name for field in elements.type] if pa.types.is_struct(elements.type) else []
        self.table = pa.table(
            [*(field_of(elements, name) for name in names), pc.is_valid(elements)], names=[*names, "readable"]
        )
        self.location = parents.to_numpy(zero_copy_only=False)
        """The row of each EVSE's Location."""
        self.index = positions.to_numpy(zero_copy_only=False)
        """The index of each EVSE in its Location, from 0."""
        first = np.searchsorted(self.location, np.arange(len(unit)))
        inside = pc.match_substring_regex(unit.flaws["path"], r"^evses\[\d+\]\.")
        own = unit.flaws.filter(inside)
        index = pc.cast(pc.replace_substring_regex(own["path"], r"^evses\[(\d+)\].*$", r"\1"), pa.int64())
        self.flaws = pa.table(
            {
                "row": first[own["row"].to_numpy()] + index.to_numpy(),
                "column": own["column"],
                "path": pc.replace_substring_regex(own["path"], r"^evses\[\d+\]\.", ""),
                "found": own["found"],
            },
            schema=FLAWS,
        )
        self.flaws_of_locations = unit.flaws.filter(pc.invert(inside))

    def __len__(self) -> int:
        return int(self.table.num_rows)


class _Night:
    """Everything that is known of a night, and each record's bucket."""

    def __init__(self, cpo: Cpo, pull: Pull, areas: Areas | None, parameters: Parameters) -> None:
        self.cpo, self.pull, self.areas, self.parameters = cpo, pull, areas, parameters
        self.version = pull.ocpi_version
        self.unit = unit = normalise("location", self.version, pull.pages())
        self.evses = evses = _Evses(unit)
        self.identity = self._identity()
        self.is_copy = _mask(len(unit), self.identity.identical)
        gemeente = pa.nulls(len(unit), pa.string())
        if areas is not None and holding.needs_areas(cpo):
            gemeente = one_chunk(areas.locate(unit.table["latitude"], unit.table["longitude"])["gemeente_code"])
        covered = holding.covered_locations(cpo, gemeente, pull.delivery.window)
        self.is_held = ~self.is_copy & ~covered.to_numpy(zero_copy_only=False)

        silent = self.is_copy | self.is_held
        of_locations = find(
            self._view("location", unit.table), rules_for("location", self.version), evses.flaws_of_locations
        )
        of_locations = pa.concat_tables(
            [
                of_locations,
                self._clash("location", "location_unique", sorted(self.identity.clashing), "location_id", unit.table),
            ]
        )
        rules = [rule for rule in rules_for("evse", self.version) if rule.id != "record_unreadable"]
        of_evses = pa.concat_tables(
            [find(self._view("evse", evses.table), rules, evses.flaws), self._shared_evse_ids()]
        )
        of_locations = of_locations.filter(pa.array(~silent[of_locations["row"].to_numpy()]))
        of_evses = of_evses.filter(pa.array(~silent[evses.location[of_evses["row"].to_numpy()]]))

        self.is_rejected = _mask(len(unit), _refused(of_locations))
        self.evse_refused = _mask(len(evses), _refused(of_evses))
        self.evse_bucket = np.select(
            [
                self.is_copy[evses.location],
                self.is_held[evses.location],
                self.is_rejected[evses.location] | self.evse_refused,
            ],
            ["identical", "held_back", "rejected"],
            "accepted",
        )
        self.of_locations, self.of_evses = of_locations, of_evses
        self.findings = self._findings()
        self.judgement = self._judgement()

    def _view(self, object_name: str, table: pa.Table) -> View:
        return View(object_name, self.version, table, self.pull.pulled_at, frozenset(self.cpo.parties), self.parameters)

    def _identity(self) -> Identity:
        keys = location_keys(self.unit.table)
        again = recurring(hashes(keys))
        rows = again.tolist()
        texts = keys.take(pa.array(again)).to_pylist()
        moments = self.unit.table["last_updated"].take(pa.array(again)).to_pylist()
        return resolve_locations(
            Candidate(row, key, moment, content_hash(self.unit.raw[row]))
            for row, key, moment in zip(rows, texts, moments, strict=True)
        )

    def _shared_evse_ids(self) -> pa.Table:
        """evse_id_unique: every live EVSE, of the Locations that stand, whose id another live EVSE has as well."""
        table = self.evses.table
        if "evse_id" not in table.column_names:
            return self._clash("evse", "evse_id_unique", [], "evse_id", table)
        drops_out = self.is_copy | _mask(len(self.unit), self.identity.clashing)
        live = pc.fill_null(pc.not_equal(table["status"], "REMOVED"), True).to_numpy(zero_copy_only=False)
        counts = live & ~drops_out[self.evses.location]
        keys = pc.if_else(pa.array(counts), one_chunk(fold_evse_id(table["evse_id"])), None)
        return self._clash("evse", "evse_id_unique", recurring(hashes(keys)).tolist(), "evse_id", table)

    def _clash(self, object_name: str, rule_id: str, rows: list[int], column: str, table: pa.Table) -> pa.Table:
        rule = RULES[f"{object_name}.{rule_id}"]
        path = "id" if object_name == "location" else "evse_id"
        values = table[column].take(pa.array(rows, pa.int64())) if column in table.column_names else pa.nulls(0, pa.string())
        columns = [
            rows,
            [rule_id] * len(rows),
            [str(rule.severity[self.version])] * len(rows),
            [path] * len(rows),
            values,
        ]
        return pa.table(columns, names=["row", "rule", "severity", "path", "value"], schema=None).cast(FOUND)

    def _findings(self) -> pa.Table:
        table = self.unit.table
        copies = sorted(self.identity.identical)
        told = self._clash("location", "identical_copy", copies, "location_id", table)
        locations = pa.concat_tables([self.of_locations, told])
        evse_rows = self.of_evses["row"].to_numpy()
        parents = self.evses.location[evse_rows]
        prefix = pc.binary_join_element_wise(
            "evses[",
            pa.array(self.evses.index[evse_rows]).cast(pa.string()),
            "].",
            one_chunk(self.of_evses["path"]),
            "",
        )
        uid = self.evses.table["evse_uid"] if "evse_uid" in self.evses.table.column_names else pa.nulls(0, pa.string())
        return pa.concat_tables(
            [
                _placed(
                    "location",
                    table["location_id"].take(locations["row"]),
                    table,
                    locations["row"].to_numpy(),
                    locations,
                ),
                _placed(
                    "evse", uid.take(pa.array(evse_rows)), table, parents, self.of_evses.set_column(3, "path", prefix)
                ),
            ]
        ).sort_by(ORDER)

    def _judgement(self) -> Judgement:
        opening = {
            f"{row['object']}.{row['rule']}"
            for row in self.findings.filter(pc.equal(self.findings["severity"], "error"))
            .group_by(["object", "rule"])
            .aggregate([])
            .to_pylist()
        }
        is_accepted = ~(self.is_copy | self.is_held | self.is_rejected)
        return Judgement(
            delivery=self.pull.delivery,
            pulled_at=self.pull.pulled_at,
            pull=self.pull.stamp,
            complete=self.pull.complete,
            profile_version=self.parameters.version,
            ocpi_version=self.version,
            counts={
                "locations": Counts(
                    len(self.unit),
                    int(is_accepted.sum()),
                    int(self.is_rejected.sum()),
                    int(self.is_copy.sum()),
                    int(self.is_held.sum()),
                ),
                "evses": Counts(
                    len(self.evses),
                    *(
                        int((self.evse_bucket == bucket).sum())
                        for bucket in ("accepted", "rejected", "identical", "held_back")
                    ),
                ),
            },
            rules_not_run=not_run(RULES, self.version, "location", "evse"),
            raw_bytes=sum(map(len, self.unit.raw)),
            opens_case=any(RULES[rule].opens_case for rule in opening),
        )

    def accepted(self) -> dict[str, pa.Table]:
        """The accepted Locations, the accepted EVSEs, and every EVSE that was present."""
        keep = pa.array(~(self.is_copy | self.is_held | self.is_rejected))
        locations = self.unit.table.filter(keep)
        keep_evses = pa.array(self.evse_bucket == "accepted")
        location_id = self.unit.table["location_id"].take(pa.array(self.evses.location))
        all_evses = self.evses.table.append_column("location_id", location_id).append_column(
            "index", pa.array(self.evses.index, pa.int32())
        )
        evses = all_evses.filter(keep_evses)
        contract.gate(locations, "location", self.version, self._view("location", locations))
        contract.gate(evses, "evse", self.version, self._view("evse", evses))
        present = all_evses.append_column("bucket", pa.array(self.evse_bucket, pa.string()))
        return {
            "locations": conform(self._with_origin(locations), accepted_schema("location")),
            "evses": conform(self._with_origin(evses), accepted_schema("evse")),
            "present": conform(present.filter(pa.array(~self.is_copy[self.evses.location])), PRESENT),
        }

    def _with_origin(self, table: pa.Table) -> pa.Table:
        count = table.num_rows
        own = {
            "cpo": pa.repeat(self.cpo.key, count),
            "ocpi_version": pa.repeat(self.version, count),
            "window": pa.repeat(pa.scalar(self.pull.delivery.window, pa.date32()), count),
            "pulled_at": pa.repeat(pa.scalar(self.pull.pulled_at, pa.timestamp("us", "UTC")), count),
        }
        for name, values in own.items():
            table = table.append_column(name, values)
        return table

    def rejected(self) -> pa.Table:
        """The rejected Locations, and the EVSEs that were withheld alone, each as received."""
        rules = {object_name: _rules_by_place(self.findings, object_name) for object_name in ("location", "evse")}
        page, position = self.unit.table["page"].to_pylist(), self.unit.table["position"].to_pylist()
        ids = self.unit.table["location_id"].to_pylist()
        rows: list[dict[str, Any]] = [
            {
                "object": "location",
                "id": ids[row],
                "location_id": ids[row],
                "page": page[row],
                "position": position[row],
                "rules": sorted(rules["location"][page[row], position[row], None]),
                "record": self.unit.raw[row].decode("utf-8", "backslashreplace"),
            }
            for row in np.flatnonzero(self.is_rejected)
        ]
        uids = self.evses.table["evse_uid"].to_pylist() if "evse_uid" in self.evses.table.column_names else []
        for evse in np.flatnonzero(self.evse_refused & (self.evse_bucket == "rejected")):
            row, index = int(self.evses.location[evse]), int(self.evses.index[evse])
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
                    "record": _evse_as_received(self.unit.raw[row], index),
                }
            )
        rows.sort(key=lambda one: (one["page"], one["position"], one["object"] == "evse", one.get("index", 0)))
        return pa.Table.from_pylist(rows, schema=REJECTED)

    def held(self) -> pa.Table:
        """The Locations that no permission covers."""
        chosen = self.unit.table.select(["location_id", "page", "position"]).filter(pa.array(self.is_held))
        count = chosen.num_rows
        return pa.table(
            [
                pa.repeat("location", count),
                chosen["location_id"],
                pa.repeat(holding.NO_PERMISSION, count),
                chosen["page"],
                chosen["position"],
            ],
            schema=HELD,
        )


def _mask(length: int, rows: Any) -> Any:
    mask = np.zeros(length, bool)
    mask[list(rows)] = True
    return mask


def _refused(found: pa.Table) -> list[int]:
    rows: list[int] = pc.unique(found.filter(pc.equal(found["severity"], "error"))["row"]).to_pylist()
    return rows


def _placed(object_name: str, ids: Any, locations: pa.Table, rows: Any, found: pa.Table) -> pa.Table:
    where = locations.select(["page", "position"]).take(pa.array(rows, pa.int64()))
    columns = {
        "object": pa.repeat(object_name, found.num_rows),
        "id": ids,
        "page": where["page"],
        "position": where["position"],
        **{name: found[name] for name in ("rule", "severity", "path", "value")},
    }
    return pa.table([columns[name] for name in FINDINGS.names], schema=FINDINGS)


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
    except (msgspec.DecodeError, UnicodeDecodeError):
        raw = location  # the Location as a whole has a stain elsewhere: better too much than nothing
    return raw.decode("utf-8", "backslashreplace")
