"""The rules that follow from the column catalogue: required, unreadable, too long, not ASCII, unknown value.

Here: one declaration per kind, applied to every column of every object. Not here: their sentences (derived_texts.py) and
rules that somebody had to think of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, Column, Type, walk
from linda_pipeline.quality.rule import Part, Severity, Source, fails, rule
from linda_pipeline.quality.rules import derived_examples as examples
from linda_pipeline.quality.rules import derived_texts as texts
from linda_pipeline.quality.signs import composed
from linda_pipeline.quality.view import View

_HEADINGS = {
    "cdr": {"O": "CDR object", "P": "CDRs"},
    "location": {"O": "Location object", "P": "Locations"},
    "evse": {"O": "EVSE object", "P": "Locations, EVSE"},
}
_PLACEHOLDER = r"^1970-0?1-0?1T00:00:00(?:\.0+)?(?:Z|\+00:00)?$"
_SAID_BY_A_FORM = {"evse_id": ("too_long", "not_ascii"), "operator_name": ("too_long",)}
"""Columns of which a rule of the profile makes the same demand an error: that rule speaks, and no derived one."""


def _unsaid(view: View, column: Column) -> Any:
    """Where a column says nothing: absent, null, empty, `#NA`, or the placeholder for an unknown moment."""
    values = view[column.name]
    if column.type is Type.LIST:
        return pc.equal(pc.fill_null(pc.list_value_length(values), 0), 0)
    missing = pc.is_null(values)
    if not column.comes_as_text or not pc.any(missing).as_py():
        return missing
    sent = view.text(column.name)
    return pc.and_(missing, pc.fill_null(pc.match_substring_regex(sent, _PLACEHOLDER), True))


def _required(column: Column, object_name: str) -> Callable[[View], Any]:
    def body(view: View) -> Any:
        unsaid = _unsaid(view, column)
        if not pc.any(unsaid).as_py():
            return pc.invert(unsaid)
        if above := column.name.rpartition(".")[0]:
            unsaid = pc.and_(unsaid, pc.is_valid(view.inside(above)))
        for silent in _not_asked(view, column, object_name):
            unsaid = pc.and_not(unsaid, silent)
        return pc.invert(unsaid)

    return body


def _not_asked(view: View, column: Column, object_name: str) -> list[Any]:
    """The masks of records of which a mandatory field is not asked all the same."""
    if "." in column.name:
        return []
    silent = [pc.invert(view["readable"])] if "readable" in view.names else []
    if (lost := view.is_lost(column.name)) is not None:
        silent.append(lost)
    if object_name == "evse" and column.name == "evse_id":
        silent.append(pc.fill_null(pc.equal(view["status"], "REMOVED"), False))
    if object_name == "cdr":
        path = column.path[view.version]
        if "evses[0]" in path:
            silent.append(pc.not_equal(view["evse_count"], 1))
        if "connectors[0]" in path:
            silent.append(pc.not_equal(view["connector_count"], 1))
        if view.version != "2.1.1" and column.name in ("evse_uid", "evse_id", "connector_id"):
            silent.append(view["reservation_only"])
    return silent


def _unreadable(column: Column) -> Callable[[View], Any] | None:
    """For a moment or a coordinate: text came that is none. Other flaws are the normaliser's."""
    if not column.comes_as_text:
        return None

    def body(view: View) -> Any:
        unread = pc.is_null(view[column.name])
        if not pc.any(unread).as_py():
            return pc.invert(unread)
        unread = pc.and_(unread, pc.is_valid(view.text(column.name)))
        return pc.invert(pc.and_not(unread, _unsaid(view, column)))

    return body


def _too_long(column: Column) -> Callable[[View], Any]:
    def body(view: View) -> Any:
        limit = column.max_length[view.version]
        if column.type is Type.COORDINATE:
            fits = view.on_distinct(f"{column.name}__text", lambda sent: pc.less_equal(pc.utf8_length(sent), limit))
            return pc.or_(fits, pc.is_null(view[column.name]))
        values = view[column.name]
        # Bytes are counted first: no text has more characters than bytes, and they cost nothing.
        fits = pc.less_equal(pc.binary_length(values), limit)
        if not pc.all(fits).as_py():
            fits = pc.less_equal(pc.utf8_length(composed(values)), limit)
        return fits

    return body


def _not_ascii(column: Column) -> Callable[[View], Any]:
    def body(view: View) -> Any:
        values = view[column.name]
        return pc.and_(pc.string_is_ascii(values), pc.ascii_is_printable(values))

    return body


def _unknown_value(column: Column) -> Callable[[View], Any]:
    @lru_cache(maxsize=8)
    def known(version: str) -> Any:
        return pa.array(column.values[version])

    def body(view: View) -> Part:
        words = known(view.version)
        fine = view.on_distinct(column.name, lambda values: pc.is_in(values, value_set=words))
        later = column.later_values(view.version)
        return fails(fine, value=(lambda rows: _with_its_version(view, column, rows, later)) if later else None)

    return body


def _with_its_version(view: View, column: Column, rows: Any, later: Mapping[str, str]) -> Any:
    """Values as sent, with the version behind them where only a later one knows them: `MCS (vanaf / from OCPI 2.3.0)`."""
    values = pc.take(view[column.name], pa.array(rows))
    told = pa.array([f"{value} (vanaf / from OCPI {version})" for value, version in later.items()])
    return pc.coalesce(pc.take(told, pc.index_in(values, value_set=pa.array(list(later)))), values)


def _mandatory(column: Column, versions: Mapping[str, Any]) -> dict[str, Severity]:
    return {
        version: Severity.ERROR if version in column.required else Severity.WARNING
        for version in versions
        if version in column.path
    }


def _severities(column: Column, kind: str) -> dict[str, Severity]:
    if kind == "required":
        return {version: Severity.ERROR for version in column.required if version in column.path}
    if kind == "unreadable":
        if column.gate:
            closed = Severity.ERROR if column.gate == "refused" else Severity.WARNING
            return dict.fromkeys(column.path, closed)
        return _mandatory(column, column.path)
    if kind == "unknown_value":
        severity = _mandatory(column, column.values)
        return {v: Severity.INFO if v in column.open_values else found for v, found in severity.items()}
    limited = column.max_length if kind == "too_long" else column.path if column.type is Type.CI_TEXT else {}
    return {version: Severity.WARNING for version in VERSIONS if version in limited and version in column.path}


def _source(column: Column, kind: str, object_name: str) -> Source:
    document = "P" if kind == "required" and "P" in column.required.values() else "O"
    return Source(document, _HEADINGS[object_name][document])


def _bodies(column: Column, object_name: str) -> dict[str, Callable[[View], Any] | None]:
    return {
        "required": _required(column, object_name),
        "unreadable": _unreadable(column),
        "too_long": _too_long(column),
        "not_ascii": _not_ascii(column),
        "unknown_value": _unknown_value(column),
    }


def _declare(object_name: str, column: Column) -> None:
    for kind, body in _bodies(column, object_name).items():
        severity = _severities(column, kind)
        if not severity or kind in _SAID_BY_A_FORM.get(column.name, ()):
            continue
        said = texts.of(column, kind)
        rule(
            severity,
            id=f"{column.stem}_{kind}",
            object=object_name,
            blames=column.name,
            nl=said.nl,
            en=said.en,
            fix_nl=said.fix_nl,
            fix_en=said.fix_en,
            source=_source(column, kind, object_name),
            reading=texts.reading(object_name, column, kind),
            good=examples.good(object_name, column, kind),
            bad=examples.bad(object_name, column, kind),
            implies=examples.implied(object_name, column, kind),
        )(body)


def _declare_record(object_name: str) -> None:
    said = texts.RECORDS[object_name]
    rule(
        Severity.ERROR,
        id="record_unreadable",
        object=object_name,
        nl=said.nl,
        en=said.en,
        fix_nl=said.fix_nl,
        fix_en=said.fix_en,
        source=Source("O", _HEADINGS[object_name]["O"]),
        reading="Nothing else is reported of such a record: nothing of it can be read.",
        good=({},),
        bad=({"@": "CDR-2026-000042"}, {"@": []}, {"@": None}),
    )(None)


for _object in OBJECTS:
    if _object != "evse":
        _declare_record(_object)
    for _column in walk(OBJECTS[_object]):
        _declare(_object, _column)
