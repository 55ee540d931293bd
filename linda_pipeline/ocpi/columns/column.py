"""What a column is: one field that the portal imports, declared once, with its place in every OCPI version.

Here: the Column type and the notation for paths. Not here: the columns themselves (cdr.py, location.py) and their rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
"""The OCPI versions that the catalogue knows, oldest first."""


class Type(Enum):
    """What a field holds, in OCPI's terms. DATETIME and COORDINATE come as text and are read as a moment and a number."""

    TEXT = "string"
    CI_TEXT = "CiString"
    NUMBER = "number"
    INTEGER = "int"
    BOOLEAN = "boolean"
    DATETIME = "DateTime"
    COORDINATE = "coordinate"
    LIST = "list"
    OBJECT = "object"

    @property
    def json(self) -> str:
        """The JSON type in which the field comes."""
        return _JSON[self]


_JSON = {
    Type.TEXT: "string",
    Type.CI_TEXT: "string",
    Type.NUMBER: "number",
    Type.INTEGER: "integer",
    Type.BOOLEAN: "boolean",
    Type.DATETIME: "string",
    Type.COORDINATE: "string",
    Type.LIST: "array",
    Type.OBJECT: "object",
}


@dataclass(frozen=True)
class Column:
    """One column of ours, and the field of OCPI that fills it.

    A column of type LIST has `fields`: the columns of one element, whose names continue its own after a dot and whose
    paths start at the element. Without fields, a LIST holds plain text. OBJECT is kept as JSON text.
    """

    name: str
    type: Type
    path: Mapping[str, str]
    """OCPI version -> dotted JSON path; a version that lacks the field is absent. `evses[0]` is the one element meant."""
    nl: str
    en: str
    unit: str | None = None
    required: Mapping[str, str] = field(default_factory=dict)
    """OCPI version -> who demands it: O (OCPI) or P (the LINDA profile)."""
    max_length: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """OCPI version -> the values of its enum."""
    open_values: frozenset[str] = frozenset()
    """The OCPI versions in which the enum is open: an unknown value is allowed."""
    personal: bool = False
    """Personal or guarded data: only in raw and rejected, never in what is curated from it."""
    gate: str = ""
    """What becomes of a record in which the field cannot be read, where it decides what the record is at all: `held` (whether
    it is public charging) or `refused` (whether it is a session). A flag that cannot be read closes the gate."""
    fields: tuple[Column, ...] = ()
    holds: str | None = None
    """For a LIST whose elements are judged on their own: the object in OBJECTS that they are."""

    def later_values(self, version: str) -> dict[str, str]:
        """The values of its enum that a version does not know yet, each with the first later version that does."""
        known = self.values.get(version, ())
        later = [one for one in VERSIONS[VERSIONS.index(version) + 1 :] if one in self.values]
        return {value: one for one in reversed(later) for value in self.values[one] if value not in known}

    @property
    def stem(self) -> str:
        """The name as derived rule ids carry it: without its unit, dots written as underscores."""
        name = self.name.replace(".", "_")
        for suffix in UNIT_SUFFIXES:
            name = name.removesuffix(suffix)
        return name

    @property
    def leaf(self) -> str:
        """The last part of the name: the name of the column within its list."""
        return self.name.rpartition(".")[2]

    @property
    def comes_as_text(self) -> bool:
        """Whether the value as sent is text that is read as something else; it is kept beside it as `<name>__text`."""
        return self.type in (Type.DATETIME, Type.COORDINATE)


UNIT_SUFFIXES = ("_kwh", "_h", "_kw", "_w", "_v", "_a")


def everywhere(path: str) -> dict[str, str]:
    """The same path in every version."""
    return dict.fromkeys(VERSIONS, path)


def since_2_2(path: str, v211: str | None = None) -> dict[str, str]:
    """A path that holds from 2.2.1 on, with another one (or none) in 2.1.1."""
    paths = dict.fromkeys(VERSIONS[1:], path)
    return {"2.1.1": v211, **paths} if v211 else paths


def lengths(v211: int | None, v221: int | None, v230: int | None = None) -> dict[str, int]:
    """The longest that a text may be, per version; 2.3.0 as 2.2.1 where it does not differ."""
    told = {"2.1.1": v211, "2.2.1": v221, "2.3.0": v230 or v221}
    return {version: length for version, length in told.items() if length is not None}
