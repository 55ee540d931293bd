"""What is known of a night of Locations: what was found, and the bucket of each Location and of each EVSE below it.

Here: the verdicts, with the ids of the whole night compared. A night fits in memory (tens of thousands of EVSEs). Not here:
the rules (quality), and the tables that a night leaves in the lake (judge_locations.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.judging import holding
from linda_pipeline.judging.known_before import NightBefore, PlaceRegister
from linda_pipeline.judging.named_places import PlaceNames
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.ledger.tables import FINDINGS, ORDER
from linda_pipeline.ocpi.content import content_hash
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.ocpi.record_keys import folded_evse_ids, location_keys
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.beside import BESIDE, judge_night, told_unable
from linda_pipeline.quality.evses import Evses
from linda_pipeline.quality.identity import Candidate, Identity, hashes, recurring, resolve_locations
from linda_pipeline.quality.joined import OF_ANOTHER_CPO
from linda_pipeline.quality.joined_rules import JoinedRules
from linda_pipeline.quality.judge import FINDINGS as FOUND
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import Mended, mended
from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rule import Rule
from linda_pipeline.quality.rules import RULES, ids_in_force, rules_for
from linda_pipeline.quality.view import View
from linda_pipeline.register.cpos import Cpo


class Night:
    """Everything that is known of a night, and each record's bucket."""

    def __init__(
        self,
        cpo: Cpo,
        pull: Pull,
        areas: Areas | None,
        profile: Profile,
        before: NightBefore | None,
        register: PlaceRegister | None,
        of_others: Any = None,
    ) -> None:
        self.cpo, self.pull, self.areas, self.profile = cpo, pull, areas, profile
        self.before, self.register = before, register
        self.version = pull.ocpi_version
        self.unit = unit = normalise("location", self.version, pull.pages())
        self.evses = evses = Evses(unit)
        table, of_locations_before = self._mended("location", unit.table)
        self.unit = unit = replace(unit, table=table)
        evses.table, of_evses_before = self._mended("evse", evses.table)
        self.identity = self._identity()
        self.is_copy = _mask(len(unit), self.identity.identical)
        gemeente = pa.nulls(len(unit), pa.string())
        if areas is not None and holding.needs_areas(cpo):
            gemeente = one_chunk(areas.locate(unit.table["latitude"], unit.table["longitude"])["gemeente_code"])
        covered, evse_covered = self._covered(gemeente)
        self.held_for = holding.location_reasons(unit.table, pa.array(covered), holding.scope_unreadable(unit))
        """Why each Location is held back, or null."""
        self.held_for = pc.if_else(pa.array(self.is_copy), None, one_chunk(self.held_for))
        self.is_held = self.held_for.is_valid().to_numpy(zero_copy_only=False)

        silent = self.is_copy | self.is_held
        self.evse_held = ~self.is_copy[evses.location] & (self.is_held[evses.location] | ~evse_covered)
        """EVSEs are held back with their Location, or alone where a permission names others of it."""
        evse_silent = silent[evses.location] | self.evse_held
        known = register.join(unit.table, cpo.key) if register else unit.table
        rules = rules_for("location", self.version, profile)
        of_locations = find(self.view("location", known, of_locations_before), rules, evses.flaws_of_locations)
        self.checked = [JoinedRules(rules), JoinedRules(rules_for("evse", self.version, profile))]
        self.checked[0].add(known, ~silent)
        self.placed = self._placed_evses()
        asked = before.join(self.placed) if before and "evse_uid" in self.placed.column_names else evses.table
        if of_others is not None and "evse_id" in asked.column_names:
            ids = one_chunk(folded_evse_ids(asked["evse_id"]))
            asked = asked.append_column(OF_ANOTHER_CPO, pc.is_in(ids, value_set=of_others, skip_nulls=True))
        of_evses = find(
            self.view("evse", asked, of_evses_before), rules_for("evse", self.version, profile), evses.flaws
        )
        self.checked[1].add(asked, ~evse_silent)
        self.notes, self.unable = judge_night(self._whole_night(), self._rules_beside())
        of_locations = pa.concat_tables([of_locations, self._noted("location")])
        of_evses = pa.concat_tables([of_evses, self._noted("evse")])
        of_locations = holding.told(of_locations, self.held_for, "location")
        of_locations = of_locations.filter(pa.array(~self.is_copy[of_locations["row"].to_numpy()]))
        of_evses = of_evses.filter(pa.array(~evse_silent[of_evses["row"].to_numpy()]))

        self.is_rejected = _mask(len(unit), _refused(of_locations))
        self.evse_refused = _mask(len(evses), _refused(of_evses))
        self.evse_bucket = np.select(
            [
                self.is_copy[evses.location],
                self.evse_held,
                self.is_rejected[evses.location] | self.evse_refused,
            ],
            ["identical", "held_back", "rejected"],
            "accepted",
        )
        self.of_locations, self.of_evses = of_locations, of_evses
        self.findings = self._findings()
        self.judgement = self._judgement()

    def _covered(self, gemeente: Any) -> tuple[Any, Any]:
        """Whether a permission covers each Location and each EVSE, given the municipality of each Location."""
        ids, of_location = self.unit.table["location_id"], pa.array(self.evses.location)
        is_sent = "evse_id" in self.evses.table.column_names
        evse_ids = self.evses.table["evse_id"] if is_sent else pa.nulls(len(self.evses), pa.string())
        return holding.covered_night(
            self.cpo,
            self.pull.delivery.window,
            PlaceNames(gemeente, ids, pa.nulls(len(self.unit), pa.string())),
            PlaceNames(gemeente.take(of_location), ids.take(of_location), evse_ids),
            self.evses.location,
        )

    def view(self, object_name: str, table: pa.Table, before: Mended | None = None) -> View:
        """A table as the rules see it; `before`: what was mended in it, or cannot be read."""
        parties, pulled_at = frozenset(self.cpo.parties), self.pull.pulled_at
        return View(object_name, self.version, table, pulled_at, parties, self.profile, mended=before or Mended())

    def _mended(self, object_name: str, table: pa.Table) -> tuple[pa.Table, Mended]:
        told = ids_in_force(object_name, self.version, self.profile)
        return mended(table, object_name, self.version, told)

    def _placed_evses(self) -> pa.Table:
        """The EVSEs with the id of their Location."""
        location_id = self.unit.table["location_id"].take(pa.array(self.evses.location))
        return self.evses.table.append_column("location_id", location_id)

    def _rules_beside(self) -> list[Rule]:
        return [rule for name in ("location", "evse") for rule in rules_for(name, self.version, self.profile, BESIDE)]

    def _whole_night(self) -> Nightly:
        return Nightly(
            version=self.version,
            profile=self.profile,
            pulled_at=self.pull.pulled_at,
            is_complete=self.pull.complete,
            locations=self.unit.table,
            evses=self.placed,
            location_of=self.evses.location,
            identity=self.identity,
            before=self.before,
        )

    def _noted(self, object_name: str, *, copies: bool = False) -> pa.Table:
        """The notes on the Locations or the EVSEs of the night, as findings of a unit; those on copies by themselves."""
        notes = self.notes.filter(pc.and_(pc.equal(self.notes["object"], object_name), pc.is_valid(self.notes["row"])))
        is_copy = pc.equal(notes["rule"], "identical_copy")
        return notes.filter(is_copy if copies else pc.invert(is_copy)).select(FOUND.names)

    def _unplaced(self) -> pa.Table:
        """The notes on what is not in the night any more."""
        notes = self.notes.filter(pc.is_null(self.notes["row"]))
        names = notes.column_names
        columns = [notes[one.name] if one.name in names else pa.nulls(notes.num_rows, one.type) for one in FINDINGS]
        return pa.table(columns, schema=FINDINGS)

    def _not_run(self) -> list[dict[str, str]]:
        told = [why for checked in self.checked for why in checked.not_run()]
        return told + told_unable(self.unable)

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

    def _findings(self) -> pa.Table:
        table = self.unit.with_ids(self.unit.table)
        locations = pa.concat_tables([self.of_locations, self._noted("location", copies=True)])
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
                self._unplaced(),
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
            profile_version=self.profile.version,
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
            rules_not_run=self._not_run(),
            checked_on={key: counts for checked in self.checked for key, counts in checked.checked_on().items()},
            raw_bytes=sum(map(len, self.unit.raw)),
            opens_case=any(RULES[rule].opens_case for rule in opening),
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
