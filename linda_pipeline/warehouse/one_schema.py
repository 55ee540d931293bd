"""One schema in every curated folder, so that it opens as one table with any reader.

Here: what a lake of an earlier version needs for that. Not here: curating, which writes files of today's schema.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.ocpi.record_keys import evse_keys_sql
from linda_pipeline.storage.engine import engine, files, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE
from linda_pipeline.warehouse.curate_locations import EVSE_FILE, LOCATION_FILE

_FOLDERS = {
    "cdrs": ("cpo=*/month=*/*.parquet", CDR_FILE),
    "evses": ("cpo=*/*.parquet", EVSE_FILE),
    "locations": ("cpo=*/*.parquet", LOCATION_FILE),
}


def bring_to_one_schema(lake: Lake) -> list[Path]:
    """Rewrite the curated files of an earlier version, and take away what lies outside a partition; says which were touched.

    The rows stay as they are and in their order. A column that an earlier version did not know is null until the CPO is
    curated again, but for evse_key, which is made of the ids.
    """
    touched = []
    for table, (pattern, schema) in _FOLDERS.items():
        folder = lake.root / "curated" / table
        stray = sorted(folder.glob("*.parquet"))
        stale = [path for path in sorted(folder.glob(pattern)) if not pq.read_schema(path).equals(schema)]
        if not stray and not stale:
            continue
        with lake.transaction() as transaction:
            for path in stray:
                transaction.remove(path)
            for path in stale:
                _rewrite(lake, path, schema, transaction.put(path))
        touched += [*stray, *stale]
    return touched


def _rewrite(lake: Lake, path: Path, schema: pa.Schema, new: Path) -> None:
    has = set(pq.read_schema(path).names)
    made = {"evse_key": evse_keys_sql()}
    columns = ", ".join(
        f'"{name}"' if name in has else f'{made.get(name, "NULL")} AS "{name}"' for name in schema.names
    )
    with engine(lake) as connection:
        connection.execute("SET threads = 1")
        rows = connection.sql(
            f"SELECT {columns} FROM read_parquet({files([path])}, hive_partitioning = false, file_row_number = true) "
            "ORDER BY file_row_number"
        )
        write_ordered(rows, schema, new)
