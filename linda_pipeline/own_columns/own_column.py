"""What a column of our own is: its Arrow type, its meaning in Dutch and English, and its unit.

Here: the type of a declaration. Not here: the columns themselves (of_records.py and its neighbours).
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

TEXT = pa.string()
COUNT = pa.int64()
PLACE = pa.int32()
NUMBER = pa.float64()
HASH = pa.uint64()
FLAG = pa.bool_()
DAY = pa.date32()
MOMENT = pa.timestamp("us", "UTC")
TEXTS = pa.list_(pa.string())
ENERGY = pa.decimal128(18, 6)
"""Kilowatt-hours that can be added up exactly: up to 10^12, in milliwatt-hours."""


class OwnColumn(NamedTuple):
    """A column that OCPI does not give."""

    type: pa.DataType
    nl: str
    en: str
    unit: str | None = None
