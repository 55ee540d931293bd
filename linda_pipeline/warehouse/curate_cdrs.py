"""One accepted version per CDR, without credits, with its areas: what KPIs and analysts read.

Here: the choice among accepted rows, and the curated files per month. Not here: verdicts on records (road, quality); the
accepted store keeps every version, credits included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.areas.area_set import COLUMNS, Areas
from linda_pipeline.ocpi.columns import CDR
from linda_pipeline.ocpi.record_keys import cdr_keys_sql, evse_keys_sql
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.storage.engine import engine, one, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.place import locate
from linda_pipeline.warehouse.typed_view import typed_view

_EMBEDDED = frozenset(column.name for column in CDR if set(column.path) == {"2.1.1"})
"""What only the whole Location inside a 2.1.1 CDR tells; it stands in `locations` and is not kept per session."""
_KEPT = [field for field in accepted_schema("cdr") if field.name not in _EMBEDDED]
_KEY_AFTER = "plausibility_warnings"
CURATED_CDR = pa.schema(
    [
        *(
            own
            for field in _KEPT
            for own in ([field, *own_schema("evse_key")] if field.name == _KEY_AFTER else [field])
        ),
        *COLUMNS,
        *own_schema("month"),
    ]
)
"""The columns of the relation `cdrs`."""
CDR_FILE = pa.schema([field for field in CURATED_CDR if field.name not in ("cpo", "month")])
"""The columns of a curated file of CDRs; cpo and month stand in its path."""


@dataclass(frozen=True)
class CuratedCounts:
    """What became of every accepted row of a CPO. Each is counted once, under the first that fits."""

    accepted: int
    superseded: int
    """Other versions of a CDR that an earlier window accepted already (only a backfill leaves them)."""
    credits: int
    """Credit CDRs."""
    credited: int
    """CDRs that a credit CDR takes back."""
    curated: int
    months: dict[str, int]
    """Local month of the start -> rows written."""

    @property
    def adds_up(self) -> bool:
        """accepted = superseded + credits + credited + curated."""
        return self.accepted == self.superseded + self.credits + self.credited + self.curated


_FATE = f"""
CREATE TEMP TABLE fate AS
WITH numbered AS (
    SELECT
        {cdr_keys_sql()} AS cdr_key,
        coalesce(credit, false) AS is_credit,
        {cdr_keys_sql("credit_reference_id")} AS credit_key,
        strftime(start_date_time AT TIME ZONE 'Europe/Amsterdam', '%Y-%m') AS month,
        "window", page, position,
        row_number() OVER (PARTITION BY cdr_key ORDER BY "window", page, position) AS version
    FROM accepted
),
credited AS (
    SELECT DISTINCT credit_key FROM numbered WHERE is_credit AND version = 1 AND credit_key IS NOT NULL
)
SELECT month, "window", page, position,
    CASE
        WHEN version > 1 THEN 'superseded'
        WHEN is_credit THEN 'credit'
        WHEN credited.credit_key IS NOT NULL THEN 'credited'
        ELSE 'curated'
    END AS fate
FROM numbered LEFT JOIN credited ON credited.credit_key = numbered.cdr_key
"""


def curate_cdrs(lake: Lake, cpo: str, areas: Areas) -> CuratedCounts:
    """Make the curated CDRs of a CPO from all that was accepted of it; months that have no rows any more disappear."""
    paths = {delivery.window: lake.table("accepted", delivery) for delivery in lake.judged("cdrs", cpo)}
    with engine(lake) as connection, lake.transaction() as transaction:
        months: dict[str, int] = {}
        fates: dict[str, int] = {}
        if paths:
            _see(connection, list(paths.values()))
            connection.execute(_FATE)
            fates = dict(connection.execute("SELECT fate, count(*) FROM fate GROUP BY fate").fetchall())
            locate(connection, areas, "accepted")
            for month, windows in _windows_by_month(connection).items():
                _see(connection, [paths[window] for window in windows])
                months[month] = _write(connection, month, transaction.put(lake.curated("cdrs", cpo, month)))
            _see(connection, list(paths.values()))
        for path in (lake.root / "curated" / "cdrs" / f"cpo={cpo}").glob("month=*/*.parquet"):
            if path.parent.name.removeprefix("month=") not in months:
                transaction.remove(path)
        return CuratedCounts(
            accepted=one(connection, "SELECT count(*) FROM accepted")[0] if paths else 0,
            superseded=fates.get("superseded", 0),
            credits=fates.get("credit", 0),
            credited=fates.get("credited", 0),
            curated=sum(months.values()),
            months=months,
        )


def _see(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    """Let `accepted` be the rows of these files; a column that an older file lacks is null in it."""
    typed_view(connection, "accepted", accepted_schema("cdr"), paths)


def _windows_by_month(connection: duckdb.DuckDBPyConnection) -> dict[str, list[date]]:
    rows = connection.execute(
        """
        SELECT month, list(DISTINCT "window" ORDER BY "window")
        FROM fate WHERE fate = 'curated' AND month IS NOT NULL GROUP BY month ORDER BY month
        """
    ).fetchall()
    return dict(rows)


def _write(connection: duckdb.DuckDBPyConnection, month: str, path: Path) -> int:
    others = {**{name: f"place.{name}" for name in COLUMNS.names}, "evse_key": f"{evse_keys_sql()} AS evse_key"}
    columns = ", ".join(others.get(name, f'accepted."{name}"') for name in CDR_FILE.names)
    result = connection.sql(
        f"""
        SELECT {columns}
        FROM accepted
        JOIN fate ON fate."window" = accepted."window" AND fate.page = accepted.page AND fate.position = accepted.position
        LEFT JOIN place ON place.latitude = accepted.latitude AND place.longitude = accepted.longitude
        WHERE fate.fate = 'curated' AND fate.month = '{month}'
        ORDER BY accepted.evse_id, accepted.start_date_time, accepted.cdr_id, accepted."window", accepted.page,
            accepted.position
        """
    )
    return write_ordered(result, CDR_FILE, path)
