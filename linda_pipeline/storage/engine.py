"""DuckDB as the warehouse uses it: bounded memory, UTC, and results that leave in a fixed order and a fixed shape.

Here: the connection, and Parquet files whose bytes depend on the rows alone. Not here: any query.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.storage.lake import Lake

READ_ERRORS = (duckdb.Error, pa.ArrowException, OSError, EOFError)
"""What a Parquet file that is cut or garbled raises, from whichever library reads it."""
ROW_GROUP = 65_536


@contextlib.contextmanager
def engine(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection without a database file, for work on the lake's Parquet; relative paths start at the lake.

    What does not fit in the lake's memory limit spills into its private staging folder.
    """
    with lake.scratch() as folder:
        connection = duckdb.connect(config={"memory_limit": lake.memory_limit, "temp_directory": str(folder)})
        try:
            prepare(connection, lake.root)
            yield connection
        finally:
            connection.close()


def spilled_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    """How much of what a connection works with lies on disk now, because it does not fit in memory."""
    ((spilled,),) = connection.execute("SELECT coalesce(sum(size), 0) FROM duckdb_temporary_files()").fetchall()
    return int(spilled)


def can_open(database: Path) -> bool:
    """Whether a database file opens, and every table of it reads to its last row."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            tables = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' ORDER BY 1"
            ).fetchall()
            for (name,) in tables:
                connection.execute(f'SELECT count(hash(rows)) FROM "{name}" AS rows').fetchall()
    except duckdb.Error:
        return False
    return True


def tables_that_differ(one: Path, other: Path) -> list[str]:
    """The tables of a database that hold other rows, columns or words than those of another, in one phrase each."""
    with duckdb.connect(str(one), read_only=True) as first, duckdb.connect(str(other), read_only=True) as second:
        columns = [_columns(connection) for connection in (first, second)]
        found = []
        for name in sorted(columns[0].keys() | columns[1].keys()):
            if name not in columns[0] or name not in columns[1]:
                found.append(f"{name} is {'not there' if name not in columns[0] else 'not made any more'}")
            elif columns[0][name] != columns[1][name]:
                found.append(f"{name} has other columns")
            elif _rows(first, name) != _rows(second, name):
                found.append(f"{name} holds other rows")
        return found


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """The columns of every table and view: name, type and comment."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table, *column in connection.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(table, []).append(tuple(column))
    return found


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    """How many rows a table has, and a sum over hashes of them, so that their order does not matter; nothing for a view."""
    is_table = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone() != (
        0,
    )
    query = f'SELECT count(*), sum(hash(rows)::HUGEINT) FROM "{table}" AS rows'
    return connection.execute(query).fetchall() if is_table else []


def prepare(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Moments in UTC, relative paths from the lake."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET file_search_path = {text(str(root))}")
    connection.execute("SET enable_progress_bar = false")


def text(value: str) -> str:
    """A value as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def pattern(folder: Path) -> str:
    """A folder's absolute path as the beginning of a pattern of files, in which no sign of its own stands for others."""
    return "".join(f"[{sign}]" if sign in "[]*?" else sign for sign in str(folder.absolute()))


def files(paths: Iterable[Path]) -> str:
    """Files as the list that DuckDB's read_parquet takes."""
    return "[" + ", ".join(text(str(path)) for path in paths) + "]"


def write_ordered(result: duckdb.DuckDBPyRelation, schema: pa.Schema, path: Path) -> int:
    """Write a result as zstd Parquet, and say how many rows it had. The query must order its rows completely."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3) as writer:
        for group in _row_groups(result.to_arrow_reader(ROW_GROUP), schema):
            writer.write_table(group, row_group_size=ROW_GROUP)
            rows += group.num_rows
    return rows


def _row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in tables of exactly ROW_GROUP rows (the last one shorter), each in one chunk."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]).cast(schema))
        count += batch.num_rows
        if count >= ROW_GROUP:
            whole = pa.concat_tables(waiting)
            full = count // ROW_GROUP * ROW_GROUP
            for start in range(0, full, ROW_GROUP):
                yield whole.slice(start, ROW_GROUP).combine_chunks()
            waiting, count = [whole.slice(full)], count - full
    if count:
        yield pa.concat_tables(waiting).combine_chunks()


def write_table(table: pa.Table, path: Path) -> None:
    """Write a small table as zstd Parquet."""
    with pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=3) as writer:
        writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def one(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] | None = None) -> tuple[Any, ...]:
    """The first row of a result; raises LookupError where there is none."""
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise LookupError(f"no row for: {query}")
    return tuple(row)
