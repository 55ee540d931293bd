"""The curated files as the relations `cdrs`, `evses` and `locations`, which the KPIs and linda.duckdb share.

Here: how they are read, and the move of an EVSE to another CPO, which only all CPOs together show. Not here: how they were
made (curate_cdrs.py, curate_locations.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.storage.engine import pattern, text
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE, CURATED_LOCATION
from linda_pipeline.warehouse.typed_view import hive, typed_view, without_rows

_IN_PATH = ("cpo", "month")

# Of an EVSE that is gone here: the other CPO where it still is, or was for longer; the one that had it first.
_EVSES = """
WITH ended AS (
    SELECT cpo, evse_key, valid_from, valid_to FROM history WHERE end_reason IN ('removed', 'vanished')
    QUALIFY valid_from = max(valid_from) OVER (PARTITION BY cpo, evse_key)
),
moved AS (
    SELECT ended.cpo, ended.evse_key, ended.valid_from, arg_min(other.cpo, (other.valid_from, other.cpo)) AS moved_to_cpo
    FROM ended
    JOIN history AS other
        ON other.evse_key = ended.evse_key AND other.cpo <> ended.cpo
        AND (other.valid_to IS NULL OR other.valid_to > ended.valid_to)
    WHERE NOT EXISTS (
        FROM history AS again
        WHERE again.cpo = ended.cpo AND again.evse_key = ended.evse_key AND again.valid_from > ended.valid_from
    )
    GROUP BY ended.cpo, ended.evse_key, ended.valid_from
)
SELECT history.* REPLACE (CASE WHEN moved_to_cpo IS NULL THEN end_reason ELSE 'moved' END AS end_reason), moved_to_cpo
FROM history LEFT JOIN moved USING (cpo, evse_key, valid_from)
ORDER BY history.cpo, history.evse_key, history.valid_from
"""


def cdrs_of(connection: duckdb.DuckDBPyConnection, root: Path) -> str:
    """A SELECT of all curated CDRs under a folder, which it names by its absolute path; without any, typed and empty.

    Only the files of the CPOs and months that a query asks for are opened.
    """
    if not any((root / "curated" / "cdrs").glob("cpo=*/month=*/*.parquet")):
        return without_rows(connection, CURATED_CDR)
    columns = ", ".join(f'"{name}"' for name in CURATED_CDR.names)
    named = text(f"{pattern(root)}/curated/cdrs/cpo=*/month=*/*.parquet")
    return f"SELECT {columns} FROM read_parquet({named}, {hive(_IN_PATH)})"


def cdr_files(lake: Lake) -> dict[str, list[Path]]:
    """The curated files of CDRs by month, in order."""
    found: dict[str, list[Path]] = {}
    for path in sorted(
        (lake.root / "curated" / "cdrs").glob("cpo=*/month=*/*.parquet"), key=lambda p: (p.parent.name, p)
    ):
        found.setdefault(path.parent.name.removeprefix("month="), []).append(path)
    return found


def see_cdrs(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    """Let `cdrs` be the rows of some curated files."""
    typed_view(connection, "cdrs", CURATED_CDR, paths, in_path=_IN_PATH)


def create_evses(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the table `evses` of all CPOs."""
    _see_history(connection, lake, "evses", CURATED_EVSE)
    connection.execute(f"CREATE TABLE evses AS {_EVSES}")


def create_locations(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the table `locations` of all CPOs."""
    _see_history(connection, lake, "locations", CURATED_LOCATION)
    connection.execute("CREATE TABLE locations AS FROM history ORDER BY cpo, location_id, party_id, valid_from")


def _see_history(connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, schema: pa.Schema) -> None:
    paths = sorted((lake.root / "curated" / table).glob("cpo=*/*.parquet"))
    typed_view(connection, "history", schema, paths, in_path=("cpo",))
