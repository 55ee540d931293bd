"""The judge: a unit of records and the rules in, findings out. Masks find; nothing here loops over records.

Here: one line per record, rule and path; the place and the value that a finding shows; masking of personal values. Not
here: buckets, permissions and files (road), and what needs the whole delivery (identity.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, Column, by_name, walk
from linda_pipeline.ocpi.nested import field_of, one_chunk
from linda_pipeline.ocpi.shape import BOTH, NAMES_UNIQUE, RECORD_NOT_JSON
from linda_pipeline.quality.example import full_path
from linda_pipeline.quality.rule import RULES, NotRun, Part, Rule, Severity
from linda_pipeline.quality.view import View, flaw_masks

FINDINGS = pa.schema(
    [
        ("row", pa.int64()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("path", pa.string()),
        ("value", pa.string()),
    ]
)
"""Findings of a unit: `row` is the record's row in the unit, `path` the place as the CPO's version names it."""
_INDEX = re.compile(r"\[\d+\]")


def find(view: View, rules: Iterable[Rule], flaws: pa.Table) -> pa.Table:
    """Every finding of the rules in a unit; `flaws` are the places that the normaliser could not read."""
    columns = by_name(view.object)
    view = replace(view, flawed=flaw_masks(flaws, len(view)))
    flaws = _asked(view, flaws)
    tables = [_of_flaws(view, columns, flaws)]
    for rule in rules:
        if rule.body is not None and rule.applies_to(view.version) and view.names.issuperset(rule.needs):
            verdict = rule.judge(view)
            if not isinstance(verdict, NotRun):
                tables += [_of_part(view, columns, rule, part) for part in verdict if len(part.rows)]
    return _without_echoes(pa.concat_tables(tables), flaws)


def _of_part(view: View, columns: Mapping[str, Column], rule: Rule, part: Part) -> pa.Table:
    severity = part.severity or rule.severity[view.version]
    name, rows = part.column or rule.blames, pa.array(part.rows)
    column = columns.get(name)
    if "." in name:
        return _of_elements(view, columns, rule.id, severity, name, part)
    path = part.path or (column.path.get(view.version, "") if column is not None else "")
    values = _values(view, name, rows) if part.value is None else one_chunk(part.value)
    return _table(rows, rule.id, severity, pa.repeat(path, len(rows)), _masked(values, column))


def _of_elements(
    view: View, columns: Mapping[str, Column], rule_id: str, severity: Severity, name: str, part: Part
) -> pa.Table:
    """Findings in lists: the rows are indices into the elements of the innermost list, laid end to end."""
    broken = pa.array(part.rows)
    names = name.split(".")
    lists = [".".join(names[:depth]) for depth in range(1, len(names))]
    levels = []
    for list_name in lists:
        elements, parents, positions = view.elements(list_name)
        levels.append((columns[list_name].path[view.version], parents, positions))
    given = part.value
    values = _element_values(elements, columns[name], broken) if given is None else one_chunk(given)
    index = broken
    parts = [pa.repeat(columns[name].path[view.version], len(broken))]
    for path, parents, positions in reversed(levels):
        place = pc.cast(pc.take(positions, index), pa.string())
        parts.insert(0, pc.binary_join_element_wise(pa.repeat(path, len(broken)), "[", place, "]", ""))
        index = pc.take(parents, index)
    paths = pc.binary_join_element_wise(*parts, ".")
    return _table(index, rule_id, severity, paths, _masked(values, columns[name]))


def _element_values(elements: Any, column: Column, broken: Any) -> Any:
    """The values of broken elements as text; null where a list or an object is blamed."""
    sent = f"{column.leaf}__text" if column.comes_as_text else column.leaf
    if not column.fields and sent in [field.name for field in elements.type]:
        return _as_text(pc.take(field_of(elements, sent), broken))
    return pa.nulls(len(broken), pa.string())


def _values(view: View, name: str, rows: Any) -> Any:
    for candidate in (f"{name}__text", name):
        if candidate in view.names:
            return _as_text(one_chunk(pc.take(view[candidate], rows)))
    return pa.nulls(len(rows), pa.string())


def _as_text(values: Any) -> Any:
    if pa.types.is_nested(values.type):
        return pa.nulls(len(values), pa.string())
    return pc.cast(values, pa.string())


def _asked(view: View, flaws: pa.Table) -> pa.Table:
    """The flaws but those of a rule that does not hold on the day by which is judged."""
    if not flaws.num_rows or RULES[f"{view.object}.{NAMES_UNIQUE}"].holds_on(view.profile.day):
        return flaws
    return flaws.filter(pc.not_equal(flaws["rule"], NAMES_UNIQUE))


def _of_flaws(view: View, columns: Mapping[str, Column], flaws: pa.Table) -> pa.Table:
    """What could not be read, as findings of the `_unreadable` rules."""
    if not flaws.num_rows:
        return FINDINGS.empty_table()
    personal = _personal_paths(view)
    rules, severities, values = [], [], []
    for column, path, found, rule in zip(
        *(flaws[name].to_pylist() for name in ("column", "path", "found", "rule")), strict=True
    ):
        own = f"{columns[column].stem}_unreadable" if column else rule
        rules.append(rule or own)
        severities.append(str(RULES[f"{view.object}.{own}"].severity[view.version]))
        is_personal = (column and columns[column].personal) or any(_is_within(place, path) for place in personal)
        if rule == NAMES_UNIQUE:
            found = _each_named(path, found, is_personal or not _is_known(view, path))
        elif is_personal and rule != RECORD_NOT_JSON:
            found = masked(found)
        values.append(found)
    return pa.table([flaws["row"], rules, severities, flaws["path"], values], schema=FINDINGS)


def _each_named(path: str, values: str, is_hidden: bool) -> str:
    """The values of a name that stands twice, each with the name before it, as they were sent."""
    name = path.rpartition(".")[2]
    return ", ".join(f'"{name}": {masked(value) if is_hidden else value}' for value in values.split(BOTH))


def _is_known(view: View, path: str) -> bool:
    """Whether a place is one that the portal imports: what else stands in a record may be anybody's secret."""
    columns = by_name(view.object)
    place = _INDEX.sub("", path)
    return any(
        _is_within(_INDEX.sub("", full_path(columns, name, view.version)), place)
        for name, column in columns.items()
        if view.version in column.path
    )


def _personal_paths(view: View) -> list[str]:
    return [
        column.path[view.version]
        for column in walk(OBJECTS[view.object])
        if column.personal and view.version in column.path
    ]


def _without_echoes(findings: pa.Table, flaws: pa.Table) -> pa.Table:
    """Leave out what a flaw caused: a field is not also missing where it, or what holds it, could not be read."""
    if not flaws.num_rows:
        return findings
    broken: dict[int, list[str]] = {}
    for row, path in zip(flaws["row"].to_pylist(), flaws["path"].to_pylist(), strict=True):
        broken.setdefault(row, []).append(path)
    suspect = pc.and_(
        pc.ends_with(findings["rule"], "_required"), pc.is_in(findings["row"], value_set=one_chunk(flaws["row"]))
    )
    echoes = [
        index
        for index, row, path in zip(
            one_chunk(pc.indices_nonzero(suspect)).to_pylist(),
            findings.filter(suspect)["row"].to_pylist(),
            findings.filter(suspect)["path"].to_pylist(),
            strict=True,
        )
        if any(_is_within(path, place) for place in broken[row])
    ]
    keep = pc.invert(pc.is_in(pa.array(range(findings.num_rows), pa.int64()), value_set=pa.array(echoes, pa.int64())))
    return findings.filter(keep)


def _is_within(path: str, place: str) -> bool:
    return path == place or not place or path.startswith((f"{place}.", f"{place}["))


def _masked(values: Any, column: Column | None) -> Any:
    if column is None or not column.personal:
        return values
    return pa.array([None if value is None else masked(value) for value in values.to_pylist()], pa.string())


def masked(value: str) -> str:
    """A personal value as a finding may show it: its first two characters and its length."""
    return f"{value[:2]}… ({len(value)})"


def _table(rows: Any, rule_id: str, severity: Severity, paths: Any, values: Any) -> pa.Table:
    count = len(rows)
    return pa.table(
        [pc.cast(rows, pa.int64()), pa.repeat(rule_id, count), pa.repeat(str(severity), count), paths, values],
        schema=FINDINGS,
    )
