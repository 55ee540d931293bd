"""The KPIs reckoned over the lake, into one Parquet file each.

Here: running every declaration, and what all figures carry (version, unit, coverage, status, as known on, the reason of an
empty one). Not here: what a KPI is (kpi/), and the database (publish.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from linda_pipeline.own_columns.declared import own_schema
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.engine import engine, write_ordered
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.aggregates import reckon_aggregates
from linda_pipeline.warehouse.coverage import create_reliance, judged_deliveries
from linda_pipeline.warehouse.kpi import KPIS, RESULT, Kpi
from linda_pipeline.warehouse.kpi.fused import plan
from linda_pipeline.warehouse.kpi.scopes import ALL, AREAS, SCOPES
from linda_pipeline.warehouse.month_tables import MonthTables
from linda_pipeline.warehouse.one_schema import bring_to_one_schema

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
ORDER = "month, area_level, area_code, cpo, statistic, dimension NULLS FIRST"


def compute_kpis(lake: Lake, register: Mapping[str, Cpo]) -> dict[str, int]:
    """Reckon every KPI and write kpi/<id>.parquet; says how many figures each has.

    `register`: the CPOs with their permissions, which tell the days that are asked for. Files of KPIs that are no longer
    declared disappear.
    """
    bring_to_one_schema(lake)
    with engine(lake) as connection, lake.transaction() as transaction:
        reckon_figures(connection, lake)
        create_reliance(connection, judged_deliveries(lake), register)
        counts = {
            kpi.id: write_ordered(
                connection.sql(_figures(kpi)), FIGURES, transaction.put(lake.kpi / f"{kpi.id}.parquet")
            )
            for kpi in KPIS.values()
        }
        for path in lake.kpi.glob("*.parquet"):
            if path.stem not in KPIS:
                transaction.remove(path)
        return counts


def reckon_figures(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Make the tables `figure` (kpi_id and RESULT) and `presence` of all months of a lake, one month after the other."""
    asked = plan()
    columns = ", ".join(f"{name} {_TYPES[name]}" for name in RESULT)
    connection.execute(f"CREATE TEMP TABLE figure (kpi_id VARCHAR, {columns})")
    connection.execute("CREATE TEMP TABLE presence (month VARCHAR, area_level VARCHAR, area_code VARCHAR, cpo VARCHAR)")
    tables = MonthTables(connection, lake)
    for month in tables.months():
        tables.hold(month)
        connection.execute(f"INSERT INTO presence {_presence(month)}")
        for relation, aggregates in asked.aggregates.items():
            rows = tables.rows(relation, asked.columns[relation])
            reckon_aggregates(connection, relation, rows, month, aggregates)
            for one in asked.fused:
                if one.relation == relation:
                    connection.execute(
                        f"INSERT INTO figure BY NAME SELECT '{one.kpi_id}' AS kpi_id, * FROM ({one.sql})"
                    )
        tables.let_go(month)


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
    return f"WITH there AS ({there}) {scopes}"


def _figures(kpi: Kpi) -> str:
    """A KPI's rows with what all figures carry. That nothing happened is told only where deliveries came in to tell it."""
    return f"""
        SELECT kpi_id, '{kpi.version}' AS definition_version, month, area_level, area_code, cpo, statistic, dimension, value,
            '{kpi.unit}' AS unit, sessions, users, evses, coverage, share_known, share_warned,
            coalesce(status, 'provisional') AS status, as_known_on,
            CASE WHEN value IS NULL AND share_known = 0 THEN 'not_known' WHEN value IS NULL THEN 'nothing_to_divide_by' END
                AS reason
        FROM figure LEFT JOIN reliance USING (month, area_level, area_code, cpo)
        WHERE kpi_id = '{kpi.id}' AND NOT (coalesce(sessions, 1) = 0 AND share_known IS NULL AND coalesce(coverage, 0) = 0)
        ORDER BY {ORDER}
    """
