"""The curated files as the relations `cdrs` and `evses`, which the KPIs and linda.duckdb share.

Here: how they are read, and the move of an EVSE to another CPO, which only all CPOs together show. Not here: how they were
made (curate_cdrs.py, curate_locations.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.storage.engine import files, write_table
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR, EMPTY
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE, CURATED_LOCATION, evse_key

CDRS = "SELECT * FROM read_parquet('curated/cdrs/**/*.parquet', hive_partitioning = false, union_by_name = true)"
"""All curated CDRs; the path starts at the lake."""

# Of an EVSE that is gone here: the other CPO where it still is, or was for longer; the one that had it first.
_EVSES = f"""
WITH own AS (
    SELECT *, {evse_key()} AS evse_key FROM history
),
ended AS (
    SELECT cpo, evse_key, valid_from, valid_to FROM own WHERE end_reason IN ('removed', 'vanished')
    QUALIFY valid_from = max(valid_from) OVER (PARTITION BY cpo, evse_key)
),
moved AS (
    SELECT ended.cpo, ended.evse_key, ended.valid_from, arg_min(other.cpo, (other.valid_from, other.cpo)) AS moved_to_cpo
    FROM ended
    JOIN own AS other
        ON other.evse_key = ended.evse_key AND other.cpo <> ended.cpo
        AND (other.valid_to IS NULL OR other.valid_to > ended.valid_to)
    WHERE NOT EXISTS (
        FROM own AS again
        WHERE again.cpo = ended.cpo AND again.evse_key = ended.evse_key AND again.valid_from > ended.valid_from
    )
    GROUP BY ended.cpo, ended.evse_key, ended.valid_from
)
SELECT own.* EXCLUDE (evse_key)
    REPLACE (CASE WHEN moved_to_cpo IS NULL THEN end_reason ELSE 'moved' END AS end_reason), moved_to_cpo
FROM own LEFT JOIN moved USING (cpo, evse_key, valid_from)
ORDER BY own.cpo, own.evse_key, own.valid_from
"""


def make_sure_of_columns(lake: Lake) -> None:
    """Write the curated file without rows, so that the view over CDRs has its columns also when there are none."""
    with lake.transaction() as transaction:
        write_table(CURATED_CDR.empty_table(), transaction.put(lake.root / EMPTY))


def cdr_files(lake: Lake) -> dict[str, list[Path]]:
    """The curated files of CDRs by month, in order."""
    found: dict[str, list[Path]] = {}
    for path in sorted(
        (lake.root / "curated" / "cdrs").glob("cpo=*/month=*/*.parquet"), key=lambda p: (p.parent.name, p)
    ):
        found.setdefault(path.parent.name.removeprefix("month="), []).append(path)
    return found


def create_evses(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the table `evses` of all CPOs."""
    _read_history(connection, lake, "evses", CURATED_EVSE)
    connection.execute(f"CREATE TABLE evses AS {_EVSES}")
    connection.execute("DROP VIEW history")


def create_locations(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the table `locations` of all CPOs."""
    _read_history(connection, lake, "locations", CURATED_LOCATION)
    connection.execute("CREATE TABLE locations AS FROM history ORDER BY cpo, location_id, party_id, valid_from")
    connection.execute("DROP VIEW history")


def _read_history(connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, schema: pa.Schema) -> None:
    paths = sorted((lake.root / "curated" / table).glob("cpo=*/*.parquet"))
    connection.register("no_history", schema.empty_table())
    connection.execute("CREATE OR REPLACE TEMP TABLE without_rows AS FROM no_history")
    connection.unregister("no_history")
    read = (
        f"UNION ALL BY NAME FROM read_parquet({files(paths)}, hive_partitioning = false, union_by_name = true)"
        if paths
        else ""
    )
    connection.execute(f"CREATE TEMP VIEW history AS FROM without_rows {read}")
