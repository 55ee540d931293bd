"""Lists within Arrow tables: laid end to end with the row and index of each element, and put back.

Here: what the normaliser and the rules both need to work on `charging_periods` without a loop. Not here: any meaning.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def one_chunk(column: Any) -> Any:
    """A column as one array."""
    if isinstance(column, pa.ChunkedArray):
        return (
            column.chunk(0)
            if column.num_chunks == 1
            else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
        )
    return column


def elements_of(column: Any) -> tuple[Any, Any, Any]:
    """The elements of a list column end to end; the row of each (int64); and its index within its row, from 0 (int64)."""
    lists = one_chunk(column)
    elements = lists.flatten()
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return elements, pa.array(rows), pa.array(np.arange(len(rows)) - np.repeat(starts, lengths))


def with_elements(column: Any, elements: Any) -> Any:
    """A list column with the same shape, but other elements."""
    lists = one_chunk(column)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, elements, mask=pc.is_null(lists) if lists.null_count else None)


def field_of(elements: Any, name: str) -> Any:
    """A field of struct elements; null where the element itself is null."""
    return pc.struct_field(elements, name)
