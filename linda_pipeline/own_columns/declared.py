"""Every column of our own by name, and schemas made from names.

Here: the lookup, by table where a name means something else there. Not here: the declarations (of_records.py and its
neighbours) and OCPI's columns (ocpi.columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from linda_pipeline.own_columns.of_cases import OF_CASES
from linda_pipeline.own_columns.of_deliveries import OF_DELIVERIES
from linda_pipeline.own_columns.of_figures import OF_FIGURES
from linda_pipeline.own_columns.of_location_reports import OF_LOCATION_REPORTS
from linda_pipeline.own_columns.of_places import OF_PLACES
from linda_pipeline.own_columns.of_records import OF_RECORDS
from linda_pipeline.own_columns.of_views import OF_VIEWS
from linda_pipeline.own_columns.own_column import OwnColumn

_HOMES = (OF_RECORDS, OF_DELIVERIES, OF_CASES, OF_LOCATION_REPORTS, OF_PLACES, OF_FIGURES, OF_VIEWS)


def _all_of_them() -> dict[str, OwnColumn]:
    found: dict[str, OwnColumn] = {}
    for home in _HOMES:
        twice = found.keys() & home.keys()
        if twice:
            raise ValueError(f"columns are declared twice: {', '.join(sorted(twice))}")
        found |= home
    return found


OWN_COLUMNS: Mapping[str, OwnColumn] = MappingProxyType(_all_of_them())
"""By name; `table.name` where a column of that name means something else in that table."""


def own_column(name: str, table: str = "") -> OwnColumn:
    """A column of our own as it is meant in a table. Raises KeyError where nobody declared it."""
    return OWN_COLUMNS.get(f"{table}.{name}") or OWN_COLUMNS[name]


def own_schema(*names: str, table: str = "") -> pa.Schema:
    """The schema of columns of our own, in this order. Raises KeyError where nobody declared one."""
    return pa.schema([(name, own_column(name, table).type) for name in names])
