"""The shape of a record in one OCPI version, made from the column catalogue: what to decode, and where it goes.

Here: the tree of fields, and the four things read off it: a typed decoder that only tests, DuckDB's structure and SQL that
do the work, and the patient reader for the records that fail the test. Not here: pages and tables (normalise.py).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from linda_pipeline.ocpi import patient
from linda_pipeline.ocpi.columns import OBJECTS, Column, Type
from linda_pipeline.ocpi.patient import NotJson, is_text, shown

INT64 = 2**63
DUCKDB = {
    "string": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "object": "JSON",
    "array": "VARCHAR[]",
}
_DECODED: dict[str, Any] = {
    "string": str,
    "number": float,
    "integer": Annotated[int, msgspec.Meta(ge=-INT64, le=INT64 - 1)],
    "boolean": bool,
    "object": dict[str, Any],
    "array": list[str],
}
_STEP = re.compile(r"([^.\[\]]+)(\[0\])?")


@dataclass
class Node:
    """A place in the JSON: an object with fields, a list of such objects, or a leaf that fills a column."""

    fields: dict[str, Node] = field(default_factory=dict)
    is_list: bool = False
    column: Column | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether it holds a plain value."""
        return self.column is not None and not self.fields

    def columns(self) -> list[Column]:
        """The columns that this place fills: its own, or those below it."""
        if self.column is not None:
            return [self.column]
        return [column for node in self.fields.values() for column in node.columns()]

    def struct(self, name: str, inner_struct: Callable[[str, Node], Any], more: Collection[str] = ()) -> Any:
        """The type that a decoder tests an object by: each field by its type, and `more` names that may hold anything."""
        fields: list[tuple[str, Any, Any]] = []
        names = {}
        for number, (key, inner) in enumerate(self.fields.items()):
            if inner.is_leaf:
                assert inner.column is not None
                kind = _DECODED[inner.column.type.json]
            else:
                kind = inner_struct(key, inner)
                if inner.is_list:
                    kind = list.__class_getitem__(kind)
            fields.append((f"f{number}", kind | None | msgspec.UnsetType, msgspec.UNSET))
            names[f"f{number}"] = key
        for number, key in enumerate(more):
            fields.append((f"more{number}", Any, msgspec.UNSET))
            names[f"more{number}"] = key
        return msgspec.defstruct(name, fields, rename=names, gc=False)


@dataclass(frozen=True)
class Flaw:
    """A place in a record that could not be read as what it should be."""

    column: str
    path: str
    found: str
    rule: str = ""
    """The rule that tells it; by default the `_unreadable` rule of the column."""


RECORD_UNREADABLE, RECORD_NOT_JSON, NAMES_UNIQUE, TEXT_UTF8 = (
    *("record_unreadable", "record_is_json"),
    *("names_unique", "text_utf8"),
)
"""The rules on how a record is written. Their verdicts are the normaliser's."""
BOTH = " | "
"""What stands between the values of a name that stands twice."""


@lru_cache(maxsize=16)
def shape_of(object_name: str, version: str) -> Node:
    """The shape of an object in a version."""
    root = Node()
    for column in OBJECTS[object_name]:
        if version in column.path:
            _grow(root, column, version)
    return root


def _grow(root: Node, column: Column, version: str) -> None:
    node = root
    for name, index in _STEP.findall(column.path[version]):
        node = node.fields.setdefault(name, Node())
        node.is_list = node.is_list or bool(index)
    node.column = column
    node.is_list = column.type is Type.LIST
    for inner in OBJECTS[column.holds] if column.holds else column.fields:
        if version in inner.path:
            _grow(node, inner, version)


@lru_cache(maxsize=16)
def tester(object_name: str, version: str) -> msgspec.json.Decoder[Any]:
    """A decoder that raises where any field of a record has the wrong JSON type. Its result is thrown away."""
    return msgspec.json.Decoder(_struct("Record", shape_of(object_name, version)))


def _struct(name: str, node: Node) -> Any:
    return node.struct(name, lambda key, inner: _struct(f"{name}_{key}", inner))


@lru_cache(maxsize=16)
def structure(object_name: str, version: str) -> str:
    """The structure that DuckDB's from_json reads a record by."""
    return json.dumps(_structure(shape_of(object_name, version)))


def _structure(node: Node) -> Any:
    found: dict[str, Any] = {}
    for key, inner in node.fields.items():
        if inner.is_leaf:
            assert inner.column is not None
            found[key] = DUCKDB[inner.column.type.json] if inner.column.type is not Type.LIST else ["VARCHAR"]
        else:
            found[key] = [_structure(inner)] if inner.is_list else _structure(inner)
    return found


def place(path: str, record: str = "r") -> str:
    """A column's path as SQL. Of a list, the one element that is meant; null where there is not exactly one."""
    sql = record
    for name, index in _STEP.findall(path):
        sql = f"{sql}['{name}']"
        if index:
            sql = f"(CASE WHEN len({sql}) = 1 THEN {sql}[1] END)"
    return sql


def read_patiently(object_name: str, version: str, raw: bytes) -> tuple[dict[str, Any] | None, list[Flaw]]:
    """A record that failed the test: what of it can be read, and each place that cannot. None: nothing of it can."""
    try:
        found = patient.read(raw)
        if not isinstance(found.value, dict):
            return None, [Flaw("", "", shown(found.value), RECORD_UNREADABLE)]
        flaws = [Flaw("", twice.path, BOTH.join(twice.values), NAMES_UNIQUE) for twice in found.twice]
        return _read_object(shape_of(object_name, version), found.value, "", flaws), flaws
    except NotJson as wrong:
        return None, [Flaw("", "", _place(raw, wrong.at), RECORD_NOT_JSON)]
    except RecursionError:  # nested so deep that it can be read, but not shown
        return None, [Flaw("", "", _place(raw, 0), RECORD_NOT_JSON)]


def _place(raw: bytes, at: int) -> str:
    """The line and column of a byte, both from 1, the column in characters: where to look in the record."""
    before = raw[:at].decode("utf-8", "replace")
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def _read_object(node: Node, value: dict[str, Any], path: str, flaws: list[Flaw]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for key, inner in node.fields.items():
        found = value.get(key)
        if found is None:
            continue
        here = f"{path}.{key}" if path else key
        if inner.is_leaf and inner.column is not None and inner.column.type is not Type.LIST:
            readable = _readable(inner.column.type, found)
        elif inner.is_list:
            readable = _read_list(inner, found, here, flaws) if isinstance(found, list) else None
        else:
            readable = _read_object(inner, found, here, flaws) if isinstance(found, dict) else None
        if readable is None:
            flaws.extend(Flaw(column.name, here, shown(found), _rule_on(inner, found)) for column in inner.columns())
        else:
            clean[key] = readable
    return clean


def _read_list(node: Node, value: list[Any], path: str, flaws: list[Flaw]) -> list[Any]:
    clean: list[Any] = []
    for index, found in enumerate(value):
        here = f"{path}[{index}]"
        fits = isinstance(found, dict) if node.fields else isinstance(found, str)
        if fits and node.fields:
            clean.append(_read_object(node, found, here, flaws))
            continue
        if not fits:
            flaws.extend(Flaw(column.name, here, shown(found)) for column in node.columns())
        clean.append(found if fits else None)
    return clean


def _readable(kind: Type, value: Any) -> Any:
    """The value, if it has the JSON type that the field needs; else None."""
    expected = kind.json
    if expected == "string":
        return value if isinstance(value, str) and is_text(value) else None
    if expected == "number":
        ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1.7e308
        return value if ok and math.isfinite(value) else None
    if expected == "integer":
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value if type(value) is int and -INT64 <= value < INT64 else None
    if expected == "boolean":
        return value if isinstance(value, bool) else None
    return value if isinstance(value, dict) and is_text(_written(value)) else None


def _rule_on(node: Node, value: Any) -> str:
    """The rule on a leaf that cannot be read: it is text as it should be, but badly written; else it is of another kind."""
    if node.is_leaf and node.column is not None:
        kind = {"string": str, "object": dict}.get(node.column.type.json)
        if kind is not None and isinstance(value, kind) and not is_text(_written(value)):
            return TEXT_UTF8
    return ""


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
