"""Parquet files as a relation with fixed columns: what an older file lacks is null, and without files there are no rows.

Here: the relation in DuckDB. Not here: which files, and which columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.storage.engine import files, text

_NIGHT = "regexp_extract(filename, 'window=([0-9-]+)/[^/]+$', 1)::DATE AS night"


def typed_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    schema: pa.Schema,
    paths: Iterable[Path],
    *,
    night: bool = False,
    in_path: tuple[str, ...] = (),
) -> None:
    """Let the temporary view be the rows of these files with just the columns of the schema, in its order.

    `night`: with one more column `night`, the day after window= in a file's path. `in_path`: columns of the schema that stand
    in the path (cpo=…) and not in the file.
    """
    more = [pa.field("night", pa.date32())] if night else []
    wanted = pa.schema([*schema, *more])
    nothing = without_rows(connection, wanted)
    columns = ", ".join(f'"{column}"' for column in wanted.names)
    chosen = files(paths)
    read = (
        f"UNION ALL BY NAME SELECT *{f', {_NIGHT}' if night else ''} FROM read_parquet({chosen}, "
        f"filename = {str(night).lower()}, union_by_name = true, {hive(in_path)})"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns} FROM ({nothing} {read if chosen != '[]' else ''})"
    )


def hive(in_path: tuple[str, ...]) -> str:
    """The options of read_parquet for columns that stand in the path, always read as text."""
    types = ", ".join(f"{text(name)}: VARCHAR" for name in in_path)
    return f"hive_partitioning = true, hive_types = {{{types}}}" if in_path else "hive_partitioning = false"


def without_rows(connection: duckdb.DuckDBPyConnection, schema: pa.Schema) -> str:
    """A SELECT that has the columns of a schema, with their types, and no rows."""
    connection.register("typed", schema.empty_table())
    types = connection.execute("DESCRIBE typed").fetchall()
    connection.unregister("typed")
    columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind, *_ in types)
    return f"SELECT {columns} WHERE false"
