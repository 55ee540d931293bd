"""What is published stays as it was for who reads it while the next is made; what is older goes when its time has passed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb
import pytest

from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse.curate_cdrs import curate_cdrs
from linda_pipeline.warehouse.snapshots import new_snapshot
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import accept_cdrs, cdr
from linda_pipeline_tests.warehouse.test_publish import release

WINDOW = date(2026, 11, 9)
DAY_S = 86_400


def publish(lake: Lake, cdrs: int, kwh: float = 10.0) -> None:
    """A publication with so many CDRs in November, of so much energy each."""
    accept_cdrs(lake, [cdr(f"A{number}", total_energy_kwh=kwh) for number in range(cdrs)], window=WINDOW)
    curate_cdrs(lake, "NL-ABC", demo_areas())
    release(lake)


def snapshots(lake: Lake) -> list[str]:
    return sorted(path.name for path in lake.published.iterdir())


def aged(lake: Lake, name: str, by_s: int) -> None:
    """Let a snapshot be older by so much."""
    path = lake.published / name / lake.database.name
    made = path.stat().st_mtime - by_s
    os.utime(path, (made, made))


def test_the_database_names_the_files_of_its_snapshot_and_latest_is_the_newest(lake: Lake) -> None:
    publish(lake, 3)
    with open_readonly(lake) as connection:
        views = connection.sql("SELECT sql FROM duckdb_views() WHERE view_name IN ('cdrs', 'kpi')").fetchall()
    assert len(views) == 2
    assert all(f"{lake.root}/published/000001/" in sql for (sql,) in views)
    assert snapshots(lake) == ["000001", "latest"]
    linked = lake.published / "latest" / "curated" / "cdrs" / "cpo=NL-ABC" / "month=2026-11" / "part-00001.parquet"
    assert linked.samefile(lake.curated("cdrs", "NL-ABC", "2026-11"))
    with duckdb.connect(str(lake.published / "latest" / "linda.duckdb"), read_only=True) as connection:
        assert connection.sql("SELECT count(*) FROM cdrs").fetchall() == [(3,)]


def test_a_query_that_runs_across_two_publications_sees_one_snapshot(lake: Lake) -> None:
    publish(lake, 5_000, kwh=1.0)
    with open_readonly(lake) as connection:
        rows = connection.sql("SELECT total_energy_kwh FROM cdrs").to_arrow_reader(500)
        seen = rows.read_next_batch()["total_energy_kwh"].to_pylist()
        publish(lake, 4_000, kwh=2.0)
        publish(lake, 3_000, kwh=3.0)
        for batch in rows:
            seen += batch["total_energy_kwh"].to_pylist()
        assert (len(seen), set(seen)) == (5_000, {1.0})
        assert connection.sql("SELECT count(*), max(total_energy_kwh) FROM cdrs").fetchall() == [(5_000, 1.0)]
        energy = connection.sql(
            "SELECT value FROM kpi WHERE kpi_id = 'energy' AND area_level = 'nation' AND cpo = 'ALL'"
        ).fetchall()
        assert energy == [(1.0,)], "the same session under many ids counts once"
    with duckdb.connect(str(lake.published / "latest" / "linda.duckdb"), read_only=True) as connection:
        assert connection.sql("SELECT count(*), max(total_energy_kwh) FROM cdrs").fetchall() == [(3_000, 3.0)]


def test_two_snapshots_stay_and_all_that_are_younger_than_a_day(lake: Lake) -> None:
    for number in (1, 2, 3):
        publish(lake, number)
    assert snapshots(lake) == ["000001", "000002", "000003", "latest"]
    aged(lake, "000001", 2 * DAY_S)
    aged(lake, "000002", 2 * DAY_S)
    aged(lake, "000003", 2 * DAY_S)
    publish(lake, 4)
    assert snapshots(lake) == ["000003", "000004", "latest"]


def test_a_permission_that_was_withdrawn_takes_all_older_snapshots_with_it(lake: Lake) -> None:
    publish(lake, 2)
    moved = lake.ledger(Delivery("cdrs", "NL-ABC", WINDOW)).with_name("permissions.jsonl")
    moved.write_text('{"released": 0, "withdrawn": 1}\n')
    publish(lake, 1)
    assert snapshots(lake) == ["000002", "latest"]
    publish(lake, 1)
    assert snapshots(lake) == ["000002", "000003", "latest"]


def test_what_a_killed_publication_left_of_a_snapshot_is_taken_away(lake: Lake) -> None:
    publish(lake, 1)
    half = new_snapshot(lake)
    assert half.name == "000002"
    with open_readonly(lake) as connection:
        assert connection.sql("SELECT count(*) FROM cdrs").fetchall() == [(1,)]
    publish(lake, 2)
    assert snapshots(lake) == ["000001", "000002", "latest"]
    assert (half / "linda.duckdb").exists()


def test_a_disk_without_hard_links_gets_copies(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refused)
    publish(lake, 2)
    with open_readonly(lake) as connection:
        assert connection.sql("SELECT count(*) FROM cdrs").fetchall() == [(2,)]
