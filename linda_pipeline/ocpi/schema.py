"""The Arrow types of OCPI's columns, made from the column catalogue over all OCPI versions.

Here: the columns that are kept of each object. Not here: the columns of our own beside them, how records are read
(normalise.py), and how they are judged.
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


@lru_cache(maxsize=8)
def imported_schema(object_name: str) -> pa.Schema:
    """The columns of an object (cdr, location or evse) that are kept once it is accepted: those of the catalogue without the
    personal ones, under our names."""
    return pa.schema(
        [
            (column.name, arrow_type(column))
            for column in OBJECTS[object_name]
            if not column.personal and column.holds is None
        ]
    )


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column; the elements of a list have our names for their parts."""
    if column.type is not Type.LIST:
        return _ARROW[column.type]
    if not column.fields:
        return pa.list_(pa.string())
    return pa.list_(pa.struct([(part.leaf, arrow_type(part)) for part in column.fields if not part.personal]))
