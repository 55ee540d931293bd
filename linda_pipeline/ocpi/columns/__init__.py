"""THE column catalogue: every field that the portal imports, declared once.

From it come the normaliser, the Parquet and Pandera types, the DuckDB comments, docs/columns.md, the list of personal
data and the derived rules. A new OCPI version is one key per column here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from linda_pipeline.ocpi.columns.cdr import CDR
from linda_pipeline.ocpi.columns.column import VERSIONS, Column, Type
from linda_pipeline.ocpi.columns.evse import EVSE
from linda_pipeline.ocpi.columns.location import LOCATION

__all__ = ["CDR", "EVSE", "LOCATION", "OBJECTS", "PERSONAL", "VERSIONS", "Column", "Type", "by_name", "walk"]

OBJECTS: dict[str, tuple[Column, ...]] = {"cdr": CDR, "location": LOCATION, "evse": EVSE}
"""The columns per object that is judged on its own."""


def walk(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Every column, and after each LIST the columns of its elements."""
    for column in columns:
        yield column
        yield from walk(column.fields)


@cache
def by_name(object_name: str) -> Mapping[str, Column]:
    """The columns of an object by name, those of list elements included (`charging_periods.dimensions.volume`)."""
    return MappingProxyType({column.name: column for column in walk(OBJECTS[object_name])})


PERSONAL: frozenset[str] = frozenset(column.name for column in walk(CDR) if column.personal)
"""The columns of a CDR that hold personal or guarded data."""
