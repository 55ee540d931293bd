"""Examples judged in one go: all those of an object and version as one delivery, so that the tests stay fast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS
from linda_pipeline.ocpi.nested import elements_of, field_of
from linda_pipeline.ocpi.normalise import FLAWS, normalise
from linda_pipeline.quality.example import PARTIES, PULLED_AT, changed, encoded
from linda_pipeline.quality.joined import JOINED
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import mended
from linda_pipeline.quality.profile import CURRENT
from linda_pipeline.quality.rule import Rule
from linda_pipeline.quality.rules import RULES, ids_in_force, rules_for
from linda_pipeline.quality.view import View, flaw_masks

IN_EVSE = r"^evses\[0\]\."


@dataclass(frozen=True)
class Judged:
    """Records with what was found in them: by row, (rule, severity, path, value)."""

    views: dict[str, View]
    found: list[list[tuple[str, str, str, str | None]]]
    flawed: frozenset[int]
    """The records in which something has the wrong JSON type."""

    def rules_at(self, row: int) -> set[str]:
        """The rules that a record breaks."""
        return {rule for rule, _, _, _ in self.found[row]}


def judge(
    object_name: str,
    version: str,
    records: list[Any],
    parties: frozenset[str] = PARTIES,
    joined: list[dict[str, Any]] | None = None,
) -> Judged:
    """Judge records (of Locations: with their first EVSE) by all rules.

    `joined`: what is known of each record from elsewhere; nothing, where it is not given.
    """
    unit = normalise(object_name, version, [(1, [encoded(record) for record in records])])
    inside = pc.match_substring_regex(unit.flaws["path"], IN_EVSE)
    parts = [(object_name, unit.table, unit.flaws)]
    if object_name == "location":
        parts = [
            (object_name, unit.table, unit.flaws.filter(pc.invert(inside))),
            ("evse", *_evses(unit.table, unit.flaws.filter(inside))),
        ]
    found: list[list[tuple[str, str, str, str | None]]] = [[] for _ in records]
    views = {}
    for name, table, flaws in parts:
        rows = table["row"].to_pylist() if name == "evse" else list(range(len(records)))
        for column in JOINED.values():
            known = [(joined[row] if joined else {}).get(column.name) for row in rows]
            table = table.append_column(column.name, pa.array(known, column.type))
        table, found_before = mended(table, name, version, ids_in_force(name, version, CURRENT))
        flawed = flaw_masks(flaws, table.num_rows)
        view = View(name, version, table, PULLED_AT, parties, flawed=flawed, mended=found_before)
        views[name] = view
        for finding in find(view, rules_for(name, version), flaws).to_pylist():
            place = (finding["rule"], finding["severity"], finding["path"], finding["value"])
            found[rows[finding["row"]]].append(place)
    return Judged(views, found, frozenset(unit.flaws["row"].to_pylist()))


def _evses(table: pa.Table, flaws: pa.Table) -> tuple[pa.Table, pa.Table]:
    elements, rows, positions = elements_of(table["evses"])
    first = pc.equal(positions, 0)
    elements, rows = elements.filter(first), rows.filter(first)
    names = [field.name for field in elements.type]
    columns = {name: field_of(elements, name) for name in names}
    evses = pa.table({**columns, "readable": pc.is_valid(elements), "row": rows})
    moved = pa.table(
        [
            pc.cast(pc.index_in(flaws["row"], value_set=rows), pa.int64()),
            flaws["column"],
            pc.replace_substring_regex(flaws["path"], IN_EVSE, ""),
            flaws["found"],
            flaws["rule"],
        ],
        schema=FLAWS,
    )
    return evses, moved


def is_single(rule: Rule) -> bool:
    """Whether a rule's examples are changes of one record (and not a delivery of several)."""
    return not any(isinstance(example, tuple) for example in (*rule.good, *rule.bad))


def cases(version: str, kind: str) -> list[tuple[Rule, int, Any]]:
    """(rule, number, example) of every example of a kind (good or bad) of the rules that apply in a version."""
    return [
        (rule, number, example)
        for rule in RULES.values()
        if rule.object in OBJECTS and rule.applies_to(version) and is_single(rule)
        for number, example in enumerate(getattr(rule, kind))
    ]


@lru_cache(maxsize=16)
def judged_examples(object_name: str, version: str, kind: str) -> tuple[dict[tuple[str, int], int], Judged]:
    """Every example of an object's rules judged: the row of each (rule, number), and the outcome."""
    chosen = [(rule, number, example) for rule, number, example in cases(version, kind) if rule.object == object_name]
    records = [changed(object_name, version, example) for _, _, example in chosen]
    rows = {(rule.id, number): row for row, (rule, number, _) in enumerate(chosen)}
    joined = [{name: value for name, value in example.items() if name.startswith("~")} for _, _, example in chosen]
    return rows, judge("location" if object_name == "evse" else object_name, version, records, joined=joined)
