"""Parquet files of the lake as they are read: a damaged one is named, and a column that an older file lacks is null.

Here: reading with Arrow. Not here: queries (engine.py), and what the tables mean (ledger).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.errors import disk_is_full
from linda_pipeline.storage.lake import LakeUnusable


class TableUnreadable(LakeUnusable):
    """A table of the lake is damaged or gone; the message names it and says what happens to it."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file, open. Raises TableUnreadable, also for what turns out to be damaged while it is read in the block."""
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except PermissionError:
        raise
    except (pa.ArrowException, OSError, EOFError) as failure:
        if disk_is_full(failure):
            raise
        raise TableUnreadable(
            f"The table {path} is damaged or gone ({failure}). The next linda run makes it again from raw by itself; "
            "linda deliveries --verify lists all that is damaged."
        ) from failure


def read_table(path: Path, columns: Sequence[str] | None = None, schema: pa.Schema | None = None) -> pa.Table:
    """A whole table, or some of its columns. With a schema, what the file lacks of it is null. Raises TableUnreadable."""
    with opened(path) as file:
        return with_nulls(file.read(columns=_there(file, columns)), columns, schema)


def batches(
    path: Path, columns: Sequence[str] | None = None, rows: int = 1 << 16, schema: pa.Schema | None = None
) -> Iterator[pa.Table]:
    """A table in parts of about so many rows. With a schema, what the file lacks of it is null. Raises TableUnreadable."""
    with opened(path) as file:
        for batch in file.iter_batches(batch_size=rows, columns=_there(file, columns)):
            yield with_nulls(pa.Table.from_batches([batch]), columns, schema)


def rows_of(path: Path) -> int:
    """How many rows a table has. Raises TableUnreadable."""
    with opened(path) as file:
        return int(file.metadata.num_rows)


def _there(file: pq.ParquetFile, columns: Sequence[str] | None) -> list[str] | None:
    return None if columns is None else [name for name in columns if name in file.schema_arrow.names]


def with_nulls(table: pa.Table, columns: Sequence[str] | None, schema: pa.Schema | None) -> pa.Table:
    """A table with columns of a schema that it lacks, as nulls, in the order in which they are named."""
    wanted = columns if columns is not None else (schema.names if schema is not None else table.column_names)
    lacking = [name for name in wanted if name not in table.column_names]
    if not lacking:
        return table.select(list(wanted))
    if schema is None:
        raise KeyError(f"no column {', '.join(lacking)}")
    for name in lacking:
        table = table.append_column(name, pa.nulls(table.num_rows, schema.field(name).type))
    return table.select(list(wanted))
