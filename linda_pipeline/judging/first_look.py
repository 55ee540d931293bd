"""The first look at a delivery of CDRs: each unit of records judged on its own, and left on disk for the second look.

Here: what is read and joined on, the rules on single records, the gate, and what is kept of each record. Not here: the order of
the whole (judge_cdrs.py), the second look (sorting.py), and the rules (quality).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.judging import holding
from linda_pipeline.judging.among import Among
from linda_pipeline.judging.known_before import Around, PlaceRegister
from linda_pipeline.judging.named_places import PlaceNames
from linda_pipeline.judging.owners import permission_of
from linda_pipeline.judging.pseudonyms import pseudonyms, session_keys
from linda_pipeline.judging.same import Places
from linda_pipeline.judging.sorting import SPOOLED_FINDINGS, SPOOLED_HELD, SPOOLED_REJECTED, as_text
from linda_pipeline.judging.spool import Spool
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.ocpi.conform import conform
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.normalise import Unit, normalise
from linda_pipeline.ocpi.record_keys import cdr_keys
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.beside import Unable, told_unable
from linda_pipeline.quality.identity import hashes
from linda_pipeline.quality.joined_rules import JoinedRules
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import Mended, mended
from linda_pipeline.quality.profile import Profile
from linda_pipeline.quality.rules import ids_in_force, rules_for
from linda_pipeline.quality.view import View
from linda_pipeline.register.cpos import Cpo


def _inside_window(pull: Pull, table: pa.Table) -> Any:
    """Whether last_updated lies in the window; where it cannot be read the record stays in, and is judged."""
    if pull.kept is None:
        return pa.repeat(True, table.num_rows)
    start, end = pull.kept
    moment = table["last_updated"]
    kind = moment.type
    after = pc.greater_equal(moment, pa.scalar(start, kind))
    return pc.fill_null(pc.and_(after, pc.less(moment, pa.scalar(end, kind))), True)


@dataclass
class FirstLook:
    """What is the same for every unit of a delivery, and the judgement as far as units tell it."""

    cpo: Cpo
    pull: Pull
    areas: Areas | None
    key: bytes
    profile: Profile
    around: Around
    register: PlaceRegister | None
    among: Among
    gated: bool

    def __post_init__(self) -> None:
        version = self.pull.ocpi_version
        self.rules = rules_for("cdr", version, self.profile)
        self.told = ids_in_force("cdr", version, self.profile)
        self.checked = JoinedRules(self.rules)
        self.judgement = Judgement(
            delivery=self.pull.delivery,
            pulled_at=self.pull.pulled_at,
            pull=self.pull.stamp,
            complete=self.pull.complete,
            profile_version=self.profile.version,
            ocpi_version=version,
            counts={"cdrs": Counts()},
        )

    def tell_not_run(self, unable: Unable) -> None:
        """Once all units were looked at: the rules that could not run, and why."""
        self.judgement.rules_not_run += self.checked.not_run() + told_unable(unable)
        self.judgement.checked_on |= self.checked.checked_on()

    def view(self, table: pa.Table, before: Mended | None = None) -> View:
        """A table as the rules see it; `before`: what was mended in it, or cannot be read."""
        parties = frozenset(self.cpo.parties)
        version, pulled_at = self.pull.ocpi_version, self.pull.pulled_at
        return View("cdr", version, table, pulled_at, parties, self.profile, mended=before or Mended())

    def take(self, pages: list[tuple[int, Sequence[bytes]]], spool: Spool, places: Places) -> None:
        """Judge the records of some pages on their own, and leave them on disk."""
        unit = normalise("cdr", self.pull.ocpi_version, pages)
        inside = unit.where(_inside_window(self.pull, unit.table))
        self.judgement.outside_window += len(unit) - len(inside)
        self.judgement.raw_bytes += sum(map(len, unit.raw))
        table, found_before = mended(inside.table, "cdr", unit.version, self.told)
        inside = replace(inside, table=table)
        spool.write(self._look(inside, found_before, len(places)))
        places.add(hashes(cdr_keys(inside.table, self.cpo.key)), inside.table)

    def _look(self, unit: Unit, before: Mended, first_row: int) -> dict[str, pa.Table]:
        """Judge a unit on its own; rows are numbered over the whole delivery."""
        table = self.around.join(unit.table)
        if self.register is not None:
            table = self.register.join(table, self.cpo.key)
        places = PlaceNames(self._gemeente(table), table["location_id"], table["evse_id"])
        covered = holding.covered_cdrs(self.cpo, table["end_date_time"], places, self.pull.pulled_at)
        reasons = one_chunk(
            holding.reasons(table, covered, holding.scope_unreadable(unit), self.around.not_public.covers(table))
        )
        is_held = pc.is_valid(reasons)
        self.checked.add(table, ~is_held.to_numpy(zero_copy_only=False))
        found = holding.told(find(self.view(table, before), self.rules, unit.flaws), reasons, "cdr")
        errors = pc.unique(found.filter(pc.equal(found["severity"], "error"))["row"]).to_numpy()
        is_rejected = np.zeros(len(unit), bool)
        is_rejected[errors] = True
        is_accepted = pc.and_(pc.invert(is_held), pa.array(~is_rejected))
        fine = table.filter(is_accepted)
        if self.gated:
            from linda_pipeline.quality import contract  # Pandera comes with it, which a self-check need not wait for

            contract.gate(fine, "cdr", unit.version, self.view(fine))
        if "session_id" in fine.column_names:
            fine = fine.append_column("session_key", session_keys(fine["session_id"], self.key))
        rows = np.arange(first_row, first_row + len(unit))
        is_fine = ~is_rejected & ~is_held.to_numpy(zero_copy_only=False)
        self.among.add(table.filter(pc.invert(is_held)), fine, rows[is_fine])
        table, raw = unit.with_ids(table), unit.raw
        return {
            "accepted": self._accepted(fine, places.filter(is_accepted)).append_column("row", pa.array(rows[is_fine])),
            "rejected": _kept(
                rows,
                table,
                is_rejected,
                self._refused(table.filter(pa.array(is_rejected)), raw, is_rejected),
                SPOOLED_REJECTED,
            ),
            "held": _kept(
                rows,
                table,
                is_held.to_numpy(zero_copy_only=False),
                {"object": None, "reason": reasons.drop_null()},
                SPOOLED_HELD,
            ),
            "findings": _placed(found, table, first_row),
        }

    def regions(self, table: pa.Table) -> Any:
        """The NAL region of each record; where its place does not tell, that of a CPO with a single one."""
        only = self.cpo.nal_regions[0] if len(self.cpo.nal_regions) == 1 else None
        if self.areas is None or not table.num_rows:
            return pa.array([only] * table.num_rows, pa.string())
        return pc.fill_null(self.areas.nal_regions(table["latitude"], table["longitude"]), pa.scalar(only, pa.string()))

    def _refused(self, table: pa.Table, raw: Sequence[bytes], is_rejected: Any) -> dict[str, Any]:
        """What is kept of refused records, beside their place."""
        return {
            "record": [as_text(raw[row]) for row in np.flatnonzero(is_rejected).tolist()],
            "identity": cdr_keys(table, self.cpo.key),
            "nal_region": self.regions(table),
        }

    def _gemeente(self, table: pa.Table) -> Any:
        """The municipality of each record, where a permission asks for it."""
        if self.areas is None or not holding.needs_areas(self.cpo):
            return pa.nulls(table.num_rows, pa.string())
        return one_chunk(self.areas.locate(table["latitude"], table["longitude"])["gemeente_code"])

    def _accepted(self, fine: pa.Table, places: PlaceNames) -> pa.Table:
        """The rows of the accepted table; which of them are warned of is known at the second look."""
        permission = permission_of(self.cpo, fine["end_date_time"], places)
        uid = fine["token_uid"] if "token_uid" in fine.column_names else None
        count = fine.num_rows
        own = {
            "cpo": pa.repeat(self.cpo.key, count),
            "user_pseudonym": pseudonyms(fine["contract_id"], uid, self.key),
            **{name: permission[name] for name in permission.column_names},
            "ocpi_version": pa.repeat(self.pull.ocpi_version, count),
            "window": pa.repeat(pa.scalar(self.pull.delivery.window, pa.date32()), count),
            "pulled_at": pa.repeat(pa.scalar(self.pull.pulled_at, pa.timestamp("us", "UTC")), count),
        }
        for name, values in own.items():
            fine = fine.append_column(name, values)
        return conform(fine, accepted_schema("cdr"))


def _kept(rows: Any, table: pa.Table, mask: Any, more: dict[str, Any], schema: pa.Schema) -> pa.Table:
    chosen = table.select(["cdr_id", "page", "position"]).filter(pa.array(mask))
    columns = {
        "row": pa.array(rows[mask]),
        "id": chosen["cdr_id"],
        "page": chosen["page"],
        "position": chosen["position"],
        **more,
    }
    if "object" in columns:
        columns["object"] = pa.repeat("cdr", chosen.num_rows)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _placed(found: pa.Table, table: pa.Table, first_row: int) -> pa.Table:
    where = table.select(["cdr_id", "page", "position"]).take(found["row"])
    columns = {
        "row": pc.add(found["row"], first_row),
        "object": pa.repeat("cdr", found.num_rows),
        "id": where["cdr_id"],
        "page": where["page"],
        "position": where["position"],
        **{name: found[name] for name in ("rule", "severity", "path", "value")},
    }
    return pa.table([columns[name] for name in SPOOLED_FINDINGS.names], schema=SPOOLED_FINDINGS)
