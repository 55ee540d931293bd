"""Columns brought to the types of the accepted tables: parts that were only for judging go, parts a version lacks are null.

Here: the conversion, without copying values. Not here: the types themselves (schema.py).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import elements_of, field_of, one_chunk, with_elements


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with exactly the columns of a schema; what the table lacks is null."""
    return pa.table(
        [
            _conformed(one_chunk(table[field.name]), field.type)
            if field.name in table.column_names
            else pa.nulls(table.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _conformed(values: Any, kind: pa.DataType) -> Any:
    if values.type == kind:
        return values
    if pa.types.is_list(kind):
        elements, _, _ = elements_of(values)
        return with_elements(values, _conformed(elements, kind.value_type)).cast(kind)
    if pa.types.is_struct(kind):
        present = {field.name for field in values.type}
        arrays = [
            _conformed(field_of(values, field.name), field.type)
            if field.name in present
            else pa.nulls(len(values), field.type)
            for field in kind
        ]
        mask = pc.is_null(values) if values.null_count else None
        return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=mask)
    return pc.cast(values, kind)
