"""What is reckoned month by month, all KPIs in one go, is to the bit what each KPI's own SELECT says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from linda_pipeline.calendar import AMSTERDAM
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.compute import compute_kpis
from linda_pipeline.warehouse.curate_cdrs import CDR_FILE, CURATED_CDR
from linda_pipeline.warehouse.curate_locations import EVSE_FILE
from linda_pipeline.warehouse.kpi import KPIS, RESULT, create_views
from linda_pipeline.warehouse.kpi.declaration import Example, Kpi
from linda_pipeline.warehouse.kpi.fused import plan
from linda_pipeline.warehouse.sources import create_evses
from linda_pipeline_tests.warehouse.slow_kpis import Row
from linda_pipeline_tests.warehouse.test_kpi_laws import evses, sessions

Figures = dict[str, list[tuple[Any, ...]]]


def in_one_go(cdrs: list[Row], versions: list[Row]) -> Figures:
    """KPI -> its rows, from a lake with these curated rows."""
    with TemporaryDirectory() as folder:
        lake = lake_of(Path(folder), cdrs, versions)
        compute_kpis(lake)
        found: Figures = {kpi_id: [] for kpi_id in KPIS}
        for path in lake.kpi.iterdir():
            for row in pq.ParquetFile(path).read().to_pylist():
                found[row["kpi_id"]].append(tuple(row[name] for name in RESULT))
        return {kpi_id: ordered(rows) for kpi_id, rows in found.items()}


def lake_of(folder: Path, cdrs: list[Row], versions: list[Row]) -> Lake:
    """A lake with these curated rows."""
    lake = Lake(folder / "lake")
    for path, rows in parted(lake, cdrs, versions):
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=EVSE_FILE if "evses" in path.parts else CDR_FILE), path)
    return lake


def parted(lake: Lake, cdrs: list[Row], versions: list[Row]) -> Iterator[tuple[Path, list[Row]]]:
    """The files of a lake with their rows."""
    files: dict[Path, list[Row]] = {}
    for row in cdrs:
        month = f"{row['start_date_time'].astimezone(AMSTERDAM):%Y-%m}"
        files.setdefault(lake.curated("cdrs", row["cpo"], month), []).append(row)
    for row in versions:
        files.setdefault(lake.curated("evses", row["cpo"]), []).append(row)
    yield from files.items()


def one_by_one(cdrs: list[Row], versions: list[Row]) -> Figures:
    """KPI -> its rows, as its SELECT says when it is pasted into linda.duckdb."""
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("given", pa.Table.from_pylist(cdrs, schema=CURATED_CDR))
        connection.execute("CREATE TABLE cdrs AS FROM given")
        create_evses(
            connection, lake_of(Path(folder), [], versions)
        )  # which sees where a charge point went to another CPO
        create_views(connection)
        return {kpi.id: ordered(connection.sql(kpi.sql).fetchall()) for kpi in KPIS.values()}


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: tuple(map(str, row[:6])))


@settings(max_examples=5, deadline=None)
@given(cdrs=sessions(), versions=evses())
def test_over_any_sessions_and_charge_points(cdrs: list[Row], versions: list[Row]) -> None:
    assert in_one_go(cdrs, versions) == one_by_one(cdrs, versions)


def test_over_the_examples_of_all_kpis_together() -> None:
    placed = {"window": date(2026, 11, 9), "page": 1}
    cdrs = [
        {**row, **placed, "position": number}
        for number, row in enumerate(row for kpi in KPIS.values() for row in kpi.example.sessions)
    ]
    versions = [dict(row) for kpi in KPIS.values() for row in kpi.example.evses]
    found = in_one_go(cdrs, versions)
    assert found == one_by_one(cdrs, versions)
    assert all(found.values()), "each KPI has something to tell"


def test_a_charge_point_that_went_to_another_cpo_is_in_service_no_longer_than_it_was_seen() -> None:
    mine = {"cpo": "NL-AAA", "evse_key": "NLX4", "valid_from": date(2026, 3, 18), "valid_to": date(2026, 5, 2)}
    theirs = {"cpo": "NL-BBB", "evse_key": "NLX4", "valid_from": date(2026, 3, 2), "last_seen": date(2026, 3, 2)}
    versions = [{**mine, "end_reason": "removed", "last_seen": date(2026, 4, 27)}, theirs]
    found = in_one_go([], versions)
    assert found == one_by_one([], versions)
    assert max(month for month, *_ in found["occupancy"]) == "2026-04"


def test_a_session_that_began_months_ago_still_occupies_its_charge_point() -> None:
    span = {"start_date_time": datetime(2026, 8, 5, tzinfo=UTC), "end_date_time": datetime(2026, 10, 5, tzinfo=UTC)}
    row = {
        "cpo": "NL-AAA",
        "cdr_id": "1",
        "evse_key": "NLX1",
        "total_energy_kwh": 1.0,
        "window": date(2026, 10, 5),
        **span,
    }
    version = {"cpo": "NL-AAA", "evse_key": "NLX1", "valid_from": date(2026, 8, 1), "last_seen": date(2026, 10, 31)}
    rows = in_one_go([row], [version])["occupancy"]
    told = {one[0]: (one[6], one[7]) for one in rows if one[3] == "ALL"}
    assert [month for month, (value, count) in told.items() if value and count] == ["2026-08", "2026-09", "2026-10"]
    assert told["2026-09"] == (1, 1)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT month FROM session GROUP BY month, area_level, area_code, cpo", "exactly one view"),
        ("SELECT month FROM session_scope GROUP BY month, cpo", "must group all rows"),
        (
            "SELECT month FROM session_scope WHERE is_warned GROUP BY month, area_level, area_code, cpo",
            "must group all rows",
        ),
        ("SELECT FROM", "no SELECT"),
    ],
)
def test_a_select_that_asks_otherwise_is_refused(sql: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KPIS, "other", Kpi("other", "n", "", "", "", "", "own", sql, Example({})))
    plan.cache_clear()
    try:
        with pytest.raises(ValueError, match=why):
            plan()
    finally:
        plan.cache_clear()
