"""The KPIs reckoned over the lake, into one Parquet file each.

Here: running every declaration, and what all figures carry (version, unit, coverage, status, as known on). Not here: what a
KPI is (kpi/), and the database (publish.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from linda_pipeline.storage.engine import engine, files, write_ordered
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse.coverage import judged_deliveries, reliance
from linda_pipeline.warehouse.kpi import KPIS, Kpi, create_views
from linda_pipeline.warehouse.sources import CDRS, cdr_files, create_evses, make_sure_of_columns

FIGURES = pa.schema(
    [
        ("kpi_id", pa.string()),
        ("definition_version", pa.string()),
        ("month", pa.string()),
        ("area_level", pa.string()),
        ("area_code", pa.string()),
        ("cpo", pa.string()),
        ("statistic", pa.string()),
        ("dimension", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("sessions", pa.int64()),
        ("users", pa.int64()),
        ("evses", pa.int64()),
        ("coverage", pa.float64()),
        ("share_known", pa.float64()),
        ("status", pa.string()),
        ("as_known_on", pa.date32()),
    ]
)
"""The columns of the table `kpi`."""
ORDER = "month, area_level, area_code, cpo, statistic, dimension NULLS FIRST"


def compute_kpis(lake: Lake, *, expected: Iterable[Delivery] = ()) -> dict[str, int]:
    """Reckon every KPI and write kpi/<id>.parquet; says how many figures each has.

    `expected`: the deliveries of CDRs that should be there (coverage.expected_deliveries); those that were judged are expected
    too. Files of KPIs that are no longer declared disappear.
    """
    make_sure_of_columns(lake)
    months = cdr_files(lake)
    with engine(lake) as connection, lake.transaction() as transaction:
        create_evses(connection, lake)
        connection.execute(f"CREATE VIEW cdrs AS {CDRS}")
        create_views(connection)
        connection.execute(
            "CREATE TEMP TABLE figure (kpi_id VARCHAR, month VARCHAR, area_level VARCHAR, area_code VARCHAR, cpo VARCHAR, "
            "statistic VARCHAR, dimension VARCHAR, value DOUBLE, sessions BIGINT, users BIGINT, evses BIGINT, "
            "share_known DOUBLE)"
        )
        for kpi in KPIS.values():
            if not kpi.one_month:
                _reckon(connection, kpi)
        for paths in months.values():
            connection.execute(
                "CREATE OR REPLACE VIEW cdrs AS SELECT * FROM "
                f"read_parquet({files(paths)}, hive_partitioning = false, union_by_name = true)"
            )
            for kpi in KPIS.values():
                if kpi.one_month:
                    _reckon(connection, kpi)
        found = [row[0] for row in connection.execute("SELECT DISTINCT month FROM figure ORDER BY month").fetchall()]
        connection.register("reliance", reliance(found, judged_deliveries(lake), expected))
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


def _reckon(connection: duckdb.DuckDBPyConnection, kpi: Kpi) -> None:
    connection.execute(f"INSERT INTO figure BY NAME SELECT '{kpi.id}' AS kpi_id, * FROM ({kpi.sql})")


def _figures(kpi: Kpi) -> str:
    """A KPI's rows with what all figures carry. That nothing happened is told only where deliveries came in to tell it."""
    return f"""
        SELECT kpi_id, '{kpi.version}' AS definition_version, month, area_level, area_code, cpo, statistic, dimension, value,
            '{kpi.unit}' AS unit, sessions, users, evses, coverage, share_known,
            coalesce(status, 'provisional') AS status, as_known_on
        FROM figure LEFT JOIN reliance USING (month, cpo)
        WHERE kpi_id = '{kpi.id}' AND NOT (coalesce(sessions, 1) = 0 AND share_known IS NULL AND coalesce(coverage, 0) = 0)
        ORDER BY {ORDER}
    """
