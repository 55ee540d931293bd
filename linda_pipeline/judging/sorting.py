"""The second look at a delivery of CDRs: every record in its bucket, now that the ids of the whole delivery are known.

Here: what the first look spools, and how that moves with what only the whole delivery shows: copies leave every bucket, and
what an error names is refused. Not here: the first look (first_look.py), and those verdicts (quality.beside).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.same import Places
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.follow_up import REFUSED
from linda_pipeline.ledger.tables import FINDINGS, HELD, ORDER, REJECTED
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import cdr_keys
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.identity import Identity
from linda_pipeline.quality.rules import RULES

SPOOLED_FINDINGS = pa.schema([("row", pa.int64()), *FINDINGS])
SPOOLED_REJECTED = pa.schema(
    [
        *(("row", pa.int64()), ("id", pa.string()), ("page", pa.int32()), ("position", pa.int32())),
        *(("record", pa.string()), ("identity", pa.string()), ("nal_region", pa.string())),
    ]
)
SPOOLED_HELD = pa.schema([("row", pa.int64()), *HELD])
_OPENING = pa.array(sorted(rule.id for rule in RULES.values() if rule.object == "cdr" and rule.opens_case), pa.string())
"""The rules after which a CDR is to be delivered again."""
_PLAUSIBILITY = pa.array(
    sorted(rule.id for rule in RULES.values() if rule.object == "cdr" and rule.plausibility), pa.string()
)
"""The rules whose warnings say that a CDR is not plausible."""

Regions = Callable[[pa.Table], pa.Array]
"""Tells the NAL region of each record of a table."""


def as_text(record: bytes) -> str:
    """A record as text; bytes that are no UTF-8 are shown by their escapes."""
    return record.decode("utf-8", "backslashreplace")


class SortedOut:
    """A unit once more, with the NOTES that only the whole delivery shows: every record in its bucket."""

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
        *,
        regions: Regions,
    ) -> None:
        known = _known(accepted, rejected, held)
        held_rows, copies = one_chunk(held["row"]), pa.array(sorted(identity.identical), pa.int64())
        mine = notes.filter(pc.is_in(notes["row"], value_set=one_chunk(known["row"])))
        is_copy = pc.equal(mine["rule"], "identical_copy")
        mine = mine.filter(pc.or_(is_copy, _not_in(mine["row"], held_rows)))
        refusing = mine.filter(pc.equal(mine["severity"], "error"))
        leaving = pc.unique(one_chunk(refusing["row"]))
        self.held = held.filter(_not_in(held["row"], copies)).drop_columns(["row"])
        stays = pc.and_(_not_in(accepted["row"], copies), _not_in(accepted["row"], leaving))
        out = accepted.filter(pc.is_in(accepted["row"], value_set=leaving))
        kept = accepted.filter(stays)
        told = [findings.filter(_not_in(findings["row"], copies)), _placed(refusing, known, places)]
        of_copies = mine.filter(pc.equal(mine["rule"], "identical_copy"))
        on_accepted = mine.filter(pc.is_in(mine["row"], value_set=one_chunk(kept["row"])))
        told += [_placed(of_copies, known, places), _placed(on_accepted, known, places)]
        all_found = pa.concat_tables(told)
        self.accepted = _marked(kept, all_found).drop_columns(["row"])
        rejected = rejected.filter(_not_in(rejected["row"], copies))
        if out.num_rows:
            rejected = pa.concat_tables([rejected, _moved(pull, out, regions)]).sort_by("row")
        self.rejected, self.refused = _with_rules(judgement, rejected, all_found)
        self.findings = all_found.sort_by(ORDER).drop_columns(["row"])


def _moved(pull: Pull, out: pa.Table, regions: Regions) -> pa.Table:
    """Rows that were accepted by themselves and are refused, as the first look spools what it refuses."""
    columns = [out["row"], out["cdr_id"], out["page"], out["position"], _as_received(pull, out)]
    return pa.table([*columns, cdr_keys(out, pull.delivery.cpo), regions(out)], schema=SPOOLED_REJECTED)


def _with_rules(judgement: Judgement, rejected: pa.Table, findings: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rejected records in order, each with the rules that refused it; and those of them that are to come again."""
    errors = findings.filter(pc.equal(findings["severity"], "error"))
    opening = pc.unique(errors.filter(pc.is_in(errors["rule"], value_set=_OPENING))["row"])
    judgement.opens_case |= len(opening) > 0
    count = rejected.num_rows
    columns: dict[str, Any] = {
        "object": pa.repeat("cdr", count),
        **{name: rejected[name] for name in ("id", "page", "position", "record", "identity", "nal_region")},
        "rules": _rules_of(rejected["row"], errors),
    }
    kept = pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in REJECTED], schema=REJECTED)
    refused = pa.table([columns[field.name] for field in REFUSED], schema=REFUSED)
    return kept, refused.filter(pc.is_in(rejected["row"], value_set=one_chunk(opening)))


def _as_received(pull: Pull, table: pa.Table) -> list[str]:
    """The records of rows in order, each page read once."""
    records: list[str] = []
    page, on_page = 0, []
    for number, position in zip(table["page"].to_pylist(), table["position"].to_pylist(), strict=True):
        if number != page:
            page, on_page = number, pull.page(number)
        records.append(as_text(on_page[position]))
    return records


def _known(accepted: pa.Table, rejected: pa.Table, held: pa.Table) -> pa.Table:
    """The row and id of every record of a unit."""
    parts = [accepted.select(["row", "cdr_id"]).rename_columns(["row", "id"])]
    return pa.concat_tables([*parts, rejected.select(["row", "id"]), held.select(["row", "id"])])


def _placed(notes: pa.Table, known: pa.Table, places: Places) -> pa.Table:
    """Notes as findings, each in its place."""
    rows = notes["row"].to_numpy()
    at = pc.index_in(one_chunk(notes["row"]), value_set=one_chunk(known["row"]))
    columns = {
        **{name: notes[name] for name in ("row", "object", "rule", "severity", "path", "value")},
        "id": one_chunk(known["id"]).take(at),
        "page": places.pages[rows],
        "position": places.positions[rows],
    }
    return pa.table([columns[name] for name in SPOOLED_FINDINGS.names], schema=SPOOLED_FINDINGS)


def _marked(accepted: pa.Table, findings: pa.Table) -> pa.Table:
    """Accepted rows, each with the rules that warn that it is not plausible."""
    is_warning = pc.equal(findings["severity"], "warning")
    mine = findings.filter(pc.and_(is_warning, pc.is_in(findings["rule"], value_set=_PLAUSIBILITY)))
    place = accepted.column_names.index("plausibility_warnings")
    return accepted.set_column(place, "plausibility_warnings", _rules_of(accepted["row"], mine))


def _rules_of(rows: Any, findings: pa.Table) -> Any:
    """Per row the rules of its findings, each once and in order. Arrow groups in no order that can be relied upon."""
    found = findings.select(["row", "rule"]).group_by(["row", "rule"], use_threads=False).aggregate([])
    found = found.sort_by([("row", "ascending"), ("rule", "ascending")])
    by_row = found.group_by("row", use_threads=False).aggregate([("rule", "list")])
    at = pc.index_in(one_chunk(rows), value_set=one_chunk(by_row["row"]))
    return pc.coalesce(one_chunk(by_row["rule_list"]).take(at), pa.scalar([], pa.list_(pa.string())))


def _not_in(rows: Any, others: Any) -> Any:
    return pc.invert(pc.is_in(rows, value_set=others))
