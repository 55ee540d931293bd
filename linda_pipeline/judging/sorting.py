"""The second look at a delivery of CDRs: every record in its bucket, now that the ids of the whole delivery are known.

Here: what the first look spools, and how identity moves it: copies leave every bucket, changed copies are refused. Not here:
the first look (judge_cdrs.py), and which record stands (quality.identity).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.same import Places
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.tables import FINDINGS, HELD, ORDER, REJECTED
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.identity import Identity
from linda_pipeline.quality.rules import PLAUSIBILITY, RULES

SPOOLED_FINDINGS = pa.schema([("row", pa.int64()), *FINDINGS])
SPOOLED_REJECTED = pa.schema(
    [("row", pa.int64()), ("id", pa.string()), ("page", pa.int32()), ("position", pa.int32()), ("record", pa.string())]
)
SPOOLED_HELD = pa.schema([("row", pa.int64()), *HELD])
_PLAUSIBILITY = pa.array(sorted(PLAUSIBILITY), pa.string())


def as_text(record: bytes) -> str:
    """A record as text; bytes that are no UTF-8 are shown by their escapes."""
    return record.decode("utf-8", "backslashreplace")


class SortedOut:
    """A unit once more, now that the ids of the whole delivery are known: every record in its bucket."""

    def __init__(
        self,
        judgement: Judgement,
        pull: Pull,
        places: Places,
        identity: Identity,
        notes: pa.Table,
        accepted: pa.Table,
        rejected: pa.Table,
        held: pa.Table,
        findings: pa.Table,
    ) -> None:
        rows = pa.chunked_array([*accepted["row"].chunks, *rejected["row"].chunks, *held["row"].chunks], pa.int64())
        span = pc.min_max(rows).as_py()
        here = range(span["min"], span["max"] + 1) if len(rows) else range(0)
        held_rows = set(held["row"].to_pylist())
        copies = pa.array(sorted(identity.identical), pa.int64())
        told = [findings.filter(_not_in(findings["row"], copies))]
        moved: set[int] = set()
        for rule, refused in identity.refused.items():
            mine = {row for row in refused if row in here} - held_rows
            moved |= mine
            told.append(self._found(pull, places, rule, sorted(mine)))
        told.append(
            self._found(pull, places, "identical_copy", sorted(row for row in identity.identical if row in here))
        )
        leaving = pa.array(sorted(moved), pa.int64())
        self.held = held.filter(_not_in(held["row"], copies)).drop_columns(["row"])
        stays = pc.and_(_not_in(accepted["row"], copies), _not_in(accepted["row"], leaving))
        out = accepted.filter(pc.is_in(accepted["row"], value_set=leaving))
        kept = accepted.filter(stays)
        told.append(_noted(notes, kept))
        all_found = pa.concat_tables(told)
        self.accepted = _marked(kept, all_found).drop_columns(["row"])
        self.rejected = self._rejected(
            judgement, pull, rejected.filter(_not_in(rejected["row"], copies)), out, all_found
        )
        self.findings = all_found.sort_by(ORDER).drop_columns(["row"])

    @staticmethod
    def _found(pull: Pull, places: Places, rule_id: str, rows: list[int]) -> pa.Table:
        if not rows:
            return SPOOLED_FINDINGS.empty_table()
        rule = RULES[f"cdr.{rule_id}"]
        ids = [places.ids[row] for row in rows]
        columns = {
            "row": rows,
            "object": ["cdr"] * len(rows),
            "id": ids,
            "rule": [rule_id] * len(rows),
            "severity": [str(rule.severity[pull.ocpi_version])] * len(rows),
            "path": ["id"] * len(rows),
            "value": [places.changes.get(row) or places.ids[row] for row in rows],
            "page": places.pages[rows],
            "position": places.positions[rows],
        }
        return pa.table([columns[name] for name in SPOOLED_FINDINGS.names], schema=SPOOLED_FINDINGS)

    @staticmethod
    def _rejected(judgement: Judgement, pull: Pull, rejected: pa.Table, out: pa.Table, findings: pa.Table) -> pa.Table:
        """The rejected records in order, each with the rules that refused it."""
        if out.num_rows:
            more = [out["row"], out["cdr_id"], out["page"], out["position"], _as_received(pull, out)]
            rejected = pa.concat_tables([rejected, pa.table(more, schema=SPOOLED_REJECTED)]).sort_by("row")
        errors = findings.filter(pc.equal(findings["severity"], "error")).select(["row", "rule"])
        errors = (
            errors.group_by(["row", "rule"], use_threads=False)
            .aggregate([])
            .sort_by([("row", "ascending"), ("rule", "ascending")])
        )
        by_row = errors.group_by("row", use_threads=False).aggregate([("rule", "list")])
        judgement.opens_case |= any(RULES[f"cdr.{rule}"].opens_case for rule in pc.unique(errors["rule"]).to_pylist())
        count = rejected.num_rows
        columns: dict[str, Any] = {
            "object": pa.repeat("cdr", count),
            "id": rejected["id"],
            "page": rejected["page"],
            "position": rejected["position"],
            "rules": by_row["rule_list"],
            "record": rejected["record"],
        }
        return pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in REJECTED], schema=REJECTED)


def _as_received(pull: Pull, table: pa.Table) -> list[str]:
    """The records of rows in order, each page read once."""
    records: list[str] = []
    page, on_page = 0, []
    for number, position in zip(table["page"].to_pylist(), table["position"].to_pylist(), strict=True):
        if number != page:
            page, on_page = number, pull.page(number)
        records.append(as_text(on_page[position]))
    return records


def _noted(notes: pa.Table, accepted: pa.Table) -> pa.Table:
    """The notes on accepted records of this unit, each in its place."""
    at = pc.index_in(notes["row"], value_set=one_chunk(accepted["row"]))
    mine = notes.filter(pc.is_valid(at))
    where = accepted.select(["cdr_id", "page", "position"]).take(at.drop_null())
    columns = {
        **{name: mine[name] for name in ("row", "rule", "severity", "path", "value")},
        "object": pa.repeat("cdr", mine.num_rows),
        "id": where["cdr_id"],
        "page": where["page"],
        "position": where["position"],
    }
    return pa.table([columns[name] for name in SPOOLED_FINDINGS.names], schema=SPOOLED_FINDINGS)


def _marked(accepted: pa.Table, findings: pa.Table) -> pa.Table:
    """Accepted rows, each with the rules that warn that it is not plausible."""
    is_warning = pc.equal(findings["severity"], "warning")
    mine = findings.filter(pc.and_(is_warning, pc.is_in(findings["rule"], value_set=_PLAUSIBILITY)))
    mine = mine.group_by(["row", "rule"], use_threads=False).aggregate([])
    mine = mine.sort_by([("row", "ascending"), ("rule", "ascending")])
    by_row = mine.group_by("row", use_threads=False).aggregate([("rule", "list")])
    at = pc.index_in(one_chunk(accepted["row"]), value_set=one_chunk(by_row["row"]))
    warnings = pc.coalesce(one_chunk(by_row["rule_list"]).take(at), pa.scalar([], pa.list_(pa.string())))
    place = accepted.column_names.index("plausibility_warnings")
    return accepted.set_column(place, "plausibility_warnings", warnings)


def _not_in(rows: Any, others: Any) -> Any:
    return pc.invert(pc.is_in(rows, value_set=others))
