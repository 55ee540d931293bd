"""The figures of every month, one Parquet file each, of which only those are reckoned of which anything changed.

Here: what a month's figures rest on, running every declaration over it, and the figures as they are published. Not here: what
a KPI is (kpi/), how far a month can be relied on (coverage.py), and the database (publish.py).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.calendar import month_bounds
from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.storage.engine import engine, pattern, spilled_bytes, text, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.aggregates import reckon_aggregates
from linda_pipeline.warehouse.coverage import PRESENCES
from linda_pipeline.warehouse.kpi import KPIS, RESULT
from linda_pipeline.warehouse.kpi.fused import plan
from linda_pipeline.warehouse.kpi.scopes import ALL, AREAS, SCOPES
from linda_pipeline.warehouse.month_tables import MonthTables, write_first_sessions
from linda_pipeline.warehouse.months import (
    FIGURES_FILE,
    FIRST,
    PRESENCE,
    REACHING,
    MonthsBook,
    definitions,
    digest,
    known_by,
)
from linda_pipeline.warehouse.one_schema import bring_to_one_schema
from linda_pipeline.warehouse.sources import cdr_files
from linda_pipeline.warehouse.typed_view import without_rows

FIGURES = own_schema(
    "kpi_id",
    "definition_version",
    "month",
    "area_level",
    "area_code",
    "cpo",
    "statistic",
    "dimension",
    "value",
    "unit",
    "sessions",
    "users",
    "evses",
    "coverage",
    "share_known",
    "share_warned",
    "status",
    "as_known_on",
    "reason",
    table="kpi",
)
"""The columns of the table `kpi`."""
_TYPES = {
    **dict.fromkeys(RESULT, "VARCHAR"),
    **dict.fromkeys(("value", "share_known", "share_warned"), "DOUBLE"),
    **dict.fromkeys(("sessions", "users", "evses"), "BIGINT"),
}
ORDER = "kpi_id, month, area_level, area_code, cpo, statistic, dimension NULLS FIRST"
_OF_RELIANCE = ("coverage", "status", "as_known_on")
MONTH_FIGURES = pa.schema([field for field in FIGURES if field.name not in _OF_RELIANCE])
"""The columns of a month's file. What a new delivery changes of all months stands in `reliance`, made at each publish."""


def compute_kpis(lake: Lake, *, anew: bool = False) -> dict[str, int]:
    """Reckon the months of which anything changed, each into kpi/<month>.parquet.

    Says how many there are and were reckoned, and how many MB did not fit in memory at the worst and lay on disk.
    `anew`: reckon all of them. Files of months, and of KPIs in an earlier version of the lake, that are no more disappear.
    """
    bring_to_one_schema(lake)
    with engine(lake) as connection, lake.transaction() as transaction:
        book = MonthsBook(lake, transaction, anew=anew)
        spilled = _reckon_months(connection, lake, book)
        book.close()
        return {
            "months": len(book.notes),
            "reckoned": len(spilled),
            "spilled_mb": max(spilled, default=0) // 1_000_000,
        }


def _reckon_months(connection: duckdb.DuckDBPyConnection, lake: Lake, book: MonthsBook) -> list[int]:
    """Reckon what is to be reckoned; of each such month, how many bytes did not fit in memory."""
    how = definitions()
    known = {
        month: digest([how, [(path.parent.parent.name, known_by(path)) for path in paths]])
        for month, paths in cdr_files(lake).items()
    }
    for month, paths in cdr_files(lake).items():
        if not book.still_stands(month, "cdrs", known[month], FIRST):
            write_first_sessions(connection, paths, book.place(month, FIRST))
            book.written(month, FIRST)
        book.note(month).cdrs = known[month]
    tables = MonthTables(connection, lake, [book.path(month, FIRST) for month in known])
    service = tables.service_by_month()
    spilled: list[int] = []
    for month in tables.months():
        start = month_bounds(month)[0].isoformat()
        reaching = [earlier for earlier, note in sorted(book.notes.items()) if earlier < month and note.until > start]
        reaches = [book.note(earlier).reaches for earlier in reaching]
        inputs = digest([how, known.get(month), service.get(month), reaches])
        if not book.still_stands(month, "inputs", inputs, FIGURES_FILE, PRESENCE, REACHING):
            tables.hold(month, [book.path(earlier, REACHING) for earlier in reaching])
            spilled.append(_reckon_month(connection, tables, month, book))
        book.note(month).inputs = inputs
    return spilled


def _reckon_month(connection: duckdb.DuckDBPyConnection, tables: MonthTables, month: str, book: MonthsBook) -> int:
    """The figures of the month that is held, and what it leaves for others; says how many bytes did not fit in memory."""
    spilled = reckon_figures(connection, tables, month)
    note = book.note(month)
    note.until = tables.write_reaching(month, book.place(month, REACHING))
    note.reaches = hashlib.sha256(book.path(month, REACHING).read_bytes()).hexdigest()
    write_ordered(connection.sql(f"{_presence(month)} ORDER BY ALL"), PRESENCES, book.place(month, PRESENCE))
    write_ordered(connection.sql(_figures()), MONTH_FIGURES, book.place(month, FIGURES_FILE))
    for name in (REACHING, PRESENCE, FIGURES_FILE):
        book.written(month, name)
    return spilled


def reckon_figures(connection: duckdb.DuckDBPyConnection, tables: MonthTables, month: str) -> int:
    """Make the table `figure` (kpi_id and RESULT) of the month that is held; says how many bytes did not fit in memory."""
    asked, spilled = plan(), 0
    columns = ", ".join(f"{name} {_TYPES[name]}" for name in RESULT)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE figure (kpi_id VARCHAR, {columns})")
    for relation, aggregates in asked.aggregates.items():
        rows = tables.rows(relation, asked.columns[relation])
        reckon_aggregates(connection, relation, rows, month, aggregates)
        spilled = max(spilled, spilled_bytes(connection))
        for one in asked.fused:
            if one.relation == relation:
                connection.execute(f"INSERT INTO figure BY NAME SELECT '{one.kpi_id}' AS kpi_id, * FROM ({one.sql})")
    connection.execute("DROP TABLE IF EXISTS held_use")
    return spilled


def _presence(month: str) -> str:
    """Where each CPO had an EVSE or a session in the month that is held, as PRESENCE."""
    areas = ", ".join(f"{name}::VARCHAR AS {name}" for name in AREAS)
    there = " UNION ".join(
        f"SELECT DISTINCT cpo::VARCHAR AS cpo, {areas} FROM {relation} WHERE cpo <> '{ALL}'"
        for relation in ("evse_month", "held_session")
    )
    scopes = " UNION ".join(
        f"SELECT '{month}', '{scope.level}', {scope.area_code}, cpo FROM there"
        + (f" WHERE {scope.code} IS NOT NULL" if scope.code else "")
        for scope in SCOPES
    )
    return f"WITH there AS ({there}) SELECT * FROM ({scopes}) AS found({', '.join(PRESENCES.names)})"


def _figures() -> str:
    """The rows of `figure` with what all figures carry."""
    said = ", ".join(f"('{kpi.id}', '{kpi.version}', '{kpi.unit}')" for kpi in KPIS.values())
    return f"""
        SELECT {", ".join(MONTH_FIGURES.names)}
        FROM (
            SELECT *,
                CASE WHEN value IS NULL AND share_known = 0 THEN 'not_known' WHEN value IS NULL THEN 'nothing_to_divide_by' END
                    AS reason
            FROM figure JOIN (VALUES {said}) AS kpi(kpi_id, definition_version, unit) USING (kpi_id)
        )
        ORDER BY {ORDER}
    """


def figures_of(connection: duckdb.DuckDBPyConnection, root: Path) -> str:
    """A SELECT of all figures under a folder, which it names by its absolute path, with what `reliance` says of them.

    That nothing happened is told only where deliveries came in to tell it.
    """
    if not any((root / "kpi").glob("*.parquet")):
        return without_rows(connection, FIGURES)
    others = {"status": "coalesce(status, 'provisional') AS status"}
    return f"""
        SELECT {", ".join(others.get(name, name) for name in FIGURES.names)}
        FROM read_parquet({text(f"{pattern(root)}/kpi/*.parquet")}, hive_partitioning = false)
        LEFT JOIN reliance USING (month, area_level, area_code, cpo)
        WHERE NOT (coalesce(sessions, 1) = 0 AND share_known IS NULL AND coalesce(coverage, 0) = 0)
    """
