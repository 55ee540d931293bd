"""Every KPI's example, worked out by hand in its declaration, comes out of its SELECT."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE
from linda_pipeline.warehouse.kpi import KPIS, RESULT, Kpi, create_views


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.mark.parametrize("kpi", KPIS.values(), ids=list(KPIS))
def test_the_example_of_a_kpi_comes_out_as_declared(kpi: Kpi, connection: duckdb.DuckDBPyConnection) -> None:
    connection.register("cdrs", pa.Table.from_pylist([dict(row) for row in kpi.example.sessions], schema=CURATED_CDR))
    connection.register("evses", pa.Table.from_pylist([dict(row) for row in kpi.example.evses], schema=CURATED_EVSE))
    create_views(connection)
    result = connection.sql(kpi.sql)
    assert tuple(result.columns) == RESULT
    rows = [dict(zip(RESULT, row, strict=True)) for row in result.fetchall()]
    nation = {
        (row["month"], row["statistic"], row["dimension"]): row["value"]
        for row in rows
        if (row["area_level"], row["area_code"], row["cpo"]) == ("nation", "NL", "ALL")
    }
    assert nation == pytest.approx(dict(kpi.example.expected))


@pytest.mark.parametrize("kpi", KPIS.values(), ids=list(KPIS))
def test_a_kpi_gives_no_row_where_there_is_nothing_to_tell(kpi: Kpi, connection: duckdb.DuckDBPyConnection) -> None:
    connection.register("cdrs", CURATED_CDR.empty_table())
    connection.register("evses", CURATED_EVSE.empty_table())
    create_views(connection)
    assert connection.sql(kpi.sql).fetchall() == []
