"""Everything behind raw made again: the same bytes, named where it differs, and whole again after a kill at any moment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from linda_pipeline import stations
from linda_pipeline.means import Means
from linda_pipeline.rebuilding import differences, rebuild, to_make
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    DELIVERY,
    KEY,
    LOCATIONS,
    WINDOW,
    bytes_of,
    cdr,
    demo_areas,
    location,
    one_of_each,
    raw_pull,
)

pytestmark = pytest.mark.slow

LATER = Delivery("cdrs", CPO.key, WINDOW.replace(day=23))
ROOMS = ("ledger", "accepted", "rejected", "held", "findings", "reports", "curated", "kpi")
MEANS = Means({CPO.key: CPO}, demo_areas(), KEY)


def made_by_the_road(root: Path) -> Lake:
    """A night and two windows, judged, reported, curated and published as `linda run` does."""
    lake = Lake(root)
    raw_pull(lake, [location(1), location(2, postal_code="wrong")], delivery=LOCATIONS)
    raw_pull(lake, *one_of_each())
    raw_pull(lake, [cdr(1) | {"last_updated": "2026-11-25T00:00:00Z"}, cdr(7, currency=None)], delivery=LATER)
    for delivery in (LOCATIONS, DELIVERY, LATER):
        stations.judge(lake, CPO, delivery, areas=MEANS.areas, key=KEY)
        stations.report(lake, delivery, cpo_name=CPO.name)
    stations.curate_locations(lake, MEANS.areas)
    stations.curate_cdrs(lake, MEANS.areas)
    stations.compute_kpis(lake, MEANS.register)
    stations.publish(lake, MEANS.register, MEANS.areas)
    return lake


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a lake; a test that changes it takes a copy."""
    return made_by_the_road(tmp_path_factory.mktemp("house") / "lake").root


@pytest.fixture
def lake(house: Path, tmp_path: Path) -> Lake:
    shutil.copytree(house, tmp_path / "lake")
    return Lake(tmp_path / "lake")


def check(lake: Lake, *, from_raw: bool = False) -> list[str]:
    return differences(lake, MEANS, to_make(lake, MEANS, from_raw=from_raw))[0]


def test_what_the_road_made_is_what_is_made_again_to_the_byte(lake: Lake) -> None:
    before = bytes_of(lake, *ROOMS)
    assert check(lake) == []
    assert check(lake, from_raw=True) == []
    assert bytes_of(lake, *ROOMS) == before, "a check changes nothing"


def test_whatever_differs_is_named(lake: Lake) -> None:
    (lake.report(DELIVERY) / "rapport.html").write_text("overgeschreven")
    (lake.report(LATER) / "findings.csv").unlink()
    lake.figures("2026-11").write_bytes(b"")
    with duckdb.connect(str(lake.database)) as connection:
        connection.execute("UPDATE findings SET value = 'another' WHERE value IS NOT NULL")
        connection.execute("COMMENT ON COLUMN cpo.cpo IS 'other words'")
        connection.execute("CREATE TABLE mine (x INTEGER)")
    made = f"reports/cdrs/cpo={CPO.key}/window="
    assert check(lake) == [
        f"{made}{DELIVERY.window}/rapport.html: differs",
        f"{made}{LATER.window}/findings.csv: is not there",
        "kpi/2026-11.parquet: differs",
        "linda.duckdb: cpo has other columns",
        "linda.duckdb: findings holds other rows",
        "linda.duckdb: mine is not made any more",
    ]


def test_all_but_raw_may_be_lost(lake: Lake) -> None:
    before = bytes_of(lake, *ROOMS)
    for room in ROOMS:
        shutil.rmtree(lake.root / room)
    lake.database.unlink()
    made = to_make(lake, MEANS, from_raw=True)
    assert made.judge == (LOCATIONS, DELIVERY, LATER), "nights first, then windows in order"
    rebuilt = rebuild(lake, MEANS, made)
    assert (rebuilt.judged, rebuilt.reported, rebuilt.failures) == (3, 3, {})
    assert bytes_of(lake, *ROOMS) == before
    assert check(lake, from_raw=True) == []


def test_one_delivery_that_cannot_be_made_again_stops_no_other(lake: Lake) -> None:
    (page,) = lake.raw(DELIVERY).glob("pull=*/page-00002.json.gz")
    page.unlink()
    before = bytes_of(lake, "accepted", "findings")
    shutil.rmtree(lake.root / "reports")
    rebuilt = rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=True))
    assert list(rebuilt.failures) == [DELIVERY]
    assert str(page) in str(rebuilt.failures[DELIVERY])
    assert "linda run --cpo NL-ABC --module cdrs --window 2026-11-09" in str(rebuilt.failures[DELIVERY])
    assert (rebuilt.judged, rebuilt.reported) == (2, 3), "its report is made from the judgement that stands"
    assert bytes_of(lake, "accepted", "findings") == before


def test_a_cpo_that_left_the_register_is_left_as_it_is(lake: Lake) -> None:
    other = replace(CPO, key="NL-XYZ")
    made = to_make(lake, replace(MEANS, register={other.key: other}), from_raw=True)
    assert made.judge == ()
    assert made.strangers == (CPO.key,)
    assert len(made.report) == 3


KILLED = """
import os, signal, sys
from pathlib import Path
from linda_pipeline_tests.test_rebuilding import MEANS
from linda_pipeline.rebuilding import rebuild, to_make
from linda_pipeline.storage.lake import Lake

lake, last = Lake(Path(sys.argv[1])), int(sys.argv[2])
commits = 0
really = Lake._finish_commits

def finish(self):
    global commits
    commits += 1
    if commits == last:
        os.kill(os.getpid(), signal.SIGKILL)
    really(self)

Lake._finish_commits = finish
rebuild(lake, MEANS, to_make(lake, MEANS, from_raw=True))
"""


@pytest.mark.parametrize("commit", [1, 5, 9])
def test_a_kill_at_any_moment_leaves_what_the_next_run_finishes(lake: Lake, commit: int) -> None:
    before = bytes_of(lake, *ROOMS)
    for room in ("accepted", "reports"):
        shutil.rmtree(lake.root / room)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(lake.root), str(commit)], check=False)
    assert killed.returncode == -9
    again = Lake(lake.root)
    rebuild(again, MEANS, to_make(again, MEANS, from_raw=True))
    assert bytes_of(again, *ROOMS) == before
