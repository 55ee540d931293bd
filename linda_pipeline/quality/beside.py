"""The judge of rules that see many records at once: the verdicts on a delivery's CDRs, or on a night, as findings.

Here: the order of such rules, and one line per finding. Not here: rules on single records (judge.py), what the evaluators see
(standing.py, nightly.py), and where a finding is placed (judging).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, by_name
from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.rule import NotRun, Part, Rule, Scope, Severity
from linda_pipeline.quality.standing import StandingCdrs

NOTES = pa.schema(
    [
        ("object", pa.string()),
        ("row", pa.int64()),
        ("id", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("path", pa.string()),
        ("value", pa.string()),
    ]
)
"""Findings that only the whole delivery shows. `row` is the record's row in it, null where the finding has no place there; `id`
is filled for what is not there."""

Unable = list[tuple[Rule, NotRun]]
"""Rules that could not run, and why."""
BESIDE = (Scope.DELIVERY, Scope.HISTORY)
"""The scopes of such rules."""


def told_unable(unable: Unable) -> list[dict[str, str]]:
    """Rules that could not run as the ledger keeps them."""
    return [{"rule": rule.id, "why": why.en, "why_nl": why.nl} for rule, why in unable]


def judge_sessions(sessions: StandingCdrs, rules: Iterable[Rule]) -> tuple[pa.Table, Unable]:
    """NOTES on the CDRs of a delivery. Errors first: what they refuse stands no more for the rules after them."""
    version = sessions.version
    ordered = sorted(rules, key=lambda rule: rule.severity[version] is not Severity.ERROR)
    tables, unable = [NOTES.empty_table()], Unable()
    seen, refused = sessions, np.zeros(len(sessions), bool)
    for rule in ordered:
        is_error = rule.severity[version] is Severity.ERROR
        if not is_error and seen is sessions:
            seen = sessions.without(refused)
        notes = _notes(rule, rule.judge(seen), version, unable)
        tables.append(notes)
        if is_error and notes.num_rows:
            errors = notes.filter(pc.equal(notes["severity"], str(Severity.ERROR)))
            refused |= np.isin(sessions.rows, errors["row"].to_numpy())
    return pa.concat_tables(tables), unable


def judge_night(night: Nightly, rules: Sequence[Rule]) -> tuple[pa.Table, Unable]:
    """NOTES on the Locations and EVSEs of a night; a value that the rule does not give itself is shown as sent."""
    unable = Unable()
    tables = [NOTES.empty_table()]
    for rule in rules:
        notes = _notes(rule, rule.judge(night), night.version, unable)
        if notes.num_rows and not notes["value"].null_count < notes.num_rows:
            sent = pc.take(night.column(rule.object, rule.blames), notes["row"])
            notes = notes.set_column(notes.schema.get_field_index("value"), "value", pc.cast(sent, pa.string()))
        tables.append(notes)
    return pa.concat_tables(tables), unable


def _notes(rule: Rule, verdict: tuple[Part, ...] | NotRun, version: str, unable: Unable) -> pa.Table:
    if isinstance(verdict, NotRun):
        unable.append((rule, verdict))
        return NOTES.empty_table()
    return pa.concat_tables([NOTES.empty_table(), *(_of_part(rule, part, version) for part in verdict)])


def _of_part(rule: Rule, part: Part, version: str) -> pa.Table:
    is_placed = part.rows is not None
    count = len(part.rows if is_placed else part.value)
    columns = by_name(rule.object) if rule.object in OBJECTS else {}
    column = columns.get(part.column or rule.blames)
    path = part.path or (column.path.get(version, "") if column is not None else "")
    given: dict[str, Any] = {
        "object": pa.repeat(rule.object, count),
        "row": pa.array(part.rows, pa.int64()) if is_placed else None,
        "id": None if part.ids is None else pa.array(part.ids, pa.string()),
        "rule": pa.repeat(rule.id, count),
        "severity": pa.repeat(str(part.severity or rule.severity[version]), count),
        "path": pa.repeat(path, count) if is_placed else None,
        "value": None if part.value is None else pa.array(part.value, pa.string()),
    }
    columns_given = [pa.nulls(count, one.type) if given[one.name] is None else given[one.name] for one in NOTES]
    return pa.table(columns_given, schema=NOTES)
