"""The tables that a judged delivery leaves in the lake: findings, rejected and held records.

Here: their schemas and how they are written, streaming and in a fixed order. Not here: what is accepted (ocpi.schema) and
what is told to the CPO (report).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FINDINGS = pa.schema(
    [
        ("object", pa.string()),
        ("id", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("path", pa.string()),
        ("value", pa.string()),
        ("page", pa.int32()),
        ("position", pa.int32()),
    ]
)
REJECTED = pa.schema(
    [
        ("object", pa.string()),
        ("id", pa.string()),
        ("location_id", pa.string()),
        ("evse_uid", pa.string()),
        ("page", pa.int32()),
        ("position", pa.int32()),
        ("index", pa.int32()),
        ("rules", pa.list_(pa.string())),
        ("record", pa.string()),
    ]
)
HELD = pa.schema(
    [
        ("object", pa.string()),
        ("id", pa.string()),
        ("reason", pa.string()),
        ("page", pa.int32()),
        ("position", pa.int32()),
    ]
)
ORDER = [(name, "ascending") for name in ("page", "position", "object", "path", "rule")]


class TableWriter:
    """A Parquet file written a unit at a time; it exists, with its types, also when nothing is written to it."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=3)
        self.rows = 0

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Append a table of the schema."""
        if table.num_rows:
            self._writer.write_table(table.cast(self._writer.schema))
            self.rows += table.num_rows
