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
from linda_pipeline.warehouse.coverage import create_reliance, judged_deliveries
from linda_pipeline.warehouse.kpi import KPIS, VIEWS, Kpi, create_views
from linda_pipeline.warehouse.one_schema import bring_to_one_schema
from linda_pipeline.warehouse.sources import cdr_files, cdrs_of, create_evses, see_cdrs

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
ORDER = "month, area_level, area_code, cpo, statistic, dimension NULLS FIRST"


def compute_kpis(lake: Lake, register: Mapping[str, Cpo]) -> dict[str, int]:
    """Reckon every KPI and write kpi/<id>.parquet; says how many figures each has.

    `register`: the CPOs with their permissions, which tell the days that are asked for. Files of KPIs that are no longer
    declared disappear.
    """
    bring_to_one_schema(lake)
    with engine(lake) as connection, lake.transaction() as transaction:
        create_evses(connection, lake)
        connection.execute(f"CREATE TEMP VIEW cdrs AS {cdrs_of(connection, lake.root)}")
        create_views(connection)
        _hold_sessions(connection)
        connection.execute(
            "CREATE TEMP TABLE figure (kpi_id VARCHAR, month VARCHAR, area_level VARCHAR, area_code VARCHAR, cpo VARCHAR, "
            "statistic VARCHAR, dimension VARCHAR, value DOUBLE, sessions BIGINT, users BIGINT, evses BIGINT, "
            "share_known DOUBLE, share_warned DOUBLE)"
        )
        connection.execute(f"CREATE TEMP TABLE presence AS {_presence('evse_month')} AND cpo <> 'ALL'")
        for kpi in KPIS.values():
            if not kpi.one_month:
                _reckon(connection, kpi)
        for paths in cdr_files(lake).values():
            see_cdrs(connection, paths)
            _hold_sessions(connection)
            connection.execute(f"INSERT INTO presence {_presence('session')}")
            for kpi in KPIS.values():
                if kpi.one_month:
                    _reckon(connection, kpi)
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


def _hold_sessions(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the view `session` read rows that are worked out once, where every KPI would tell apart the same sessions again."""
    (sessions,) = (view.sql for view in VIEWS if view.name == "session")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE held_session AS {sessions}")
    connection.execute("CREATE OR REPLACE VIEW session AS FROM held_session")


def _reckon(connection: duckdb.DuckDBPyConnection, kpi: Kpi) -> None:
    connection.execute(f"INSERT INTO figure BY NAME SELECT '{kpi.id}' AS kpi_id, * FROM ({kpi.sql})")


def _presence(view: str) -> str:
    """Where a CPO had an EVSE or a session, as PRESENCE; to be narrowed further."""
    return f"""
        SELECT DISTINCT month, place.area_level, place.area_code, cpo
        FROM (SELECT DISTINCT month, nal_region, gemeente_code, cbs_cell_500m, cpo FROM {view}), unnest([
            {{'area_level': 'nation', 'area_code': 'NL'}},
            {{'area_level': 'nal_region', 'area_code': nal_region}},
            {{'area_level': 'gemeente', 'area_code': gemeente_code}},
            {{'area_level': 'cell_500m', 'area_code': cbs_cell_500m}}
        ]) AS places(place)
        WHERE place.area_code IS NOT NULL
    """


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
