"""The Arrow types of what was accepted, made from the column catalogue over all OCPI versions.

Here: the schema of the accepted tables per object, so that the station that writes them and those that read them agree.
Not here: how records are read (normalise.py) or judged.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa

from linda_pipeline.ocpi.columns import OBJECTS, Column, Type

MOMENT = pa.timestamp("us", "UTC")

_ARROW = {
    Type.TEXT: pa.string(),
    Type.CI_TEXT: pa.string(),
    Type.NUMBER: pa.float64(),
    Type.INTEGER: pa.int64(),
    Type.BOOLEAN: pa.bool_(),
    Type.DATETIME: MOMENT,
    Type.COORDINATE: pa.float64(),
    Type.OBJECT: pa.string(),
}
_PLACE = [("page", pa.int32()), ("position", pa.int32())]
_ORIGIN = [("ocpi_version", pa.string()), ("window", pa.date32())]
_BEFORE: dict[str, list[tuple[str, pa.DataType]]] = {
    "cdr": [("cpo", pa.string())],
    "location": [("cpo", pa.string())],
    "evse": [("cpo", pa.string()), ("location_id", pa.string()), ("index", pa.int32())],
}
_AFTER: dict[str, list[tuple[str, pa.DataType]]] = {
    "cdr": [("user_pseudonym", pa.string()), *_ORIGIN, *_PLACE, ("pulled_at", MOMENT)],
    "location": [*_ORIGIN, *_PLACE, ("pulled_at", MOMENT)],
    "evse": [*_ORIGIN, ("pulled_at", MOMENT)],
}

PRESENT = pa.schema(
    [("location_id", pa.string()), ("evse_uid", pa.string()), ("evse_id", pa.string()), ("bucket", pa.string())]
)
"""Every EVSE that was received in a night, with the bucket (accepted, rejected, held_back) that it fell in."""


@lru_cache(maxsize=8)
def accepted_schema(object_name: str) -> pa.Schema:
    """The schema of the accepted table of an object (cdr, location or evse): the catalogue's columns without the personal
    ones, under our names, and those of our own about where a record came from. What a version lacks is null."""
    columns = [
        (column.name, arrow_type(column))
        for column in OBJECTS[object_name]
        if not column.personal and column.holds is None
    ]
    return pa.schema([*_BEFORE[object_name], *columns, *_AFTER[object_name]])


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column; the elements of a list have our names for their parts."""
    if column.type is not Type.LIST:
        return _ARROW[column.type]
    if not column.fields:
        return pa.list_(pa.string())
    return pa.list_(pa.struct([(part.leaf, arrow_type(part)) for part in column.fields if not part.personal]))
