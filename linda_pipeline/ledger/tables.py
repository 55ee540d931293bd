"""The tables that a judged delivery leaves in the lake: findings, rejected and held records; and that of all attempts.

Here: their schemas and how they are written, streaming and in a fixed order. Not here: what is accepted
(own_columns.accepted_schema) and what is told to the CPO (report).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.own_columns.declared import own_schema

FINDINGS = own_schema("object", "id", "rule", "severity", "path", "value", "page", "position", table="findings")
REJECTED = pa.schema(
    [
        *own_schema("object", "id"),
        ("location_id", pa.string()),
        ("evse_uid", pa.string()),
        *own_schema("page", "position", "index", "rules", "record"),
    ]
)
HELD = own_schema("object", "id", "reason", "page", "position")
ATTEMPTS = own_schema(
    "delivery_id",
    "module",
    "cpo",
    "window",
    "begun_at",
    "outcome",
    "ocpi_version",
    "pages",
    "records",
    "unique_records",
    "total_count",
    "bytes",
    "received_bytes",
    "complete",
    "proof",
    "doubt",
    "hidden",
    "crawls",
    "resumed_pages",
    "duration_s",
    "sha256",
    "failure",
)
"""The columns of the table `attempts`: every attempt to pull a delivery."""
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
