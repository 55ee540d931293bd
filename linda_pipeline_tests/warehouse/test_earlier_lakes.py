"""Lakes of earlier versions: opened, judged again, curated and published, nothing of them is lost and they read as new ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from linda_pipeline import stations
from linda_pipeline.judging.again import deliveries_to_judge_again
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE
from linda_pipeline.warehouse.one_schema import bring_to_one_schema
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.earlier_lakes import ARCHIVES, KEY, unpacked
from linda_pipeline_tests.warehouse.test_ways_in import READERS

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("day", ARCHIVES)
def test_a_lake_of_an_earlier_version_is_published_with_the_rows_that_it_has(day: str, tmp_path: Path) -> None:
    lake, register = unpacked(day, tmp_path)
    curated = sum(
        pq.ParquetFile(path).metadata.num_rows for path in (lake.root / "curated" / "cdrs").rglob("*.parquet")
    )
    bring_to_one_schema(lake)
    stations.compute_kpis(lake, register)
    rows = stations.publish(lake, register, demo_areas())
    assert (rows["cdrs"], rows["deliveries"]) == (curated, 12)
    assert rows["kpi"] > 100
    told = [read(lake.root / "curated" / "cdrs") for read in READERS]
    assert sum(count for _, count in told[0]) == curated
    assert told == [told[0]] * len(READERS)


@pytest.mark.parametrize("day", ARCHIVES)
def test_a_lake_of_an_earlier_version_is_judged_again_once_for_owners_pseudonyms_and_warnings(
    day: str, tmp_path: Path
) -> None:
    lake, register = unpacked(day, tmp_path)
    areas = demo_areas()
    again = [one.delivery for one in deliveries_to_judge_again(lake, register)]
    assert again == sorted(lake.judged("cdrs"), key=lambda one: (one.window, one.cpo))
    for delivery in again:
        stations.judge(lake, register[delivery.cpo], delivery, areas=areas, key=KEY, judged_at=NOW)
        stations.conserve(lake, delivery)
    assert deliveries_to_judge_again(lake, register) == []
    stations.curate_locations(lake, areas)
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, register)
    stations.publish(lake, register, areas)
    schemas = [pq.read_schema(path) for path in (lake.root / "curated" / "cdrs").rglob("*.parquet")]
    assert schemas
    assert all(schema.equals(CDR_FILE) for schema in schemas)
    with open_readonly(lake) as connection:
        asked = (
            "SELECT count(*), count(owner_id), count(permission_document), count(plausibility_warnings), count(evse_key) "
            "FROM cdrs"
        )
        ((count, *filled),) = connection.sql(asked).fetchall()
    assert count > 100
    assert filled == [count] * 4
