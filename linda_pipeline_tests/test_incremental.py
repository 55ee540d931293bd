"""The stories of a lake, one after the other: after each, what was made step by step is what is made anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline import stations
from linda_pipeline.judging.again import judge_again_in_turn
from linda_pipeline.means import Means
from linda_pipeline.rebuilding import differences, to_make
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import CPO, KEY, LICHTDAM, ZONNESTAD, cdr, demo_areas, location, raw_pull

pytestmark = pytest.mark.slow

OTHER = replace(CPO, key="NL-XYZ", parties=("NL-ABC",))
EVERYWHERE = Permission("L-1", "Eindhoven", "concession", date(2025, 1, 1))
IN_ZONNESTAD = Permission("L-2", "Zonnestad", "concession", date(2025, 1, 1), areas=("GM9901",))
JUDGED_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
WINDOWS = [date(2026, 10, 26), date(2026, 11, 9), date(2026, 11, 23)]
LAST_YEAR = date(2025, 10, 27)


class Road:
    """A lake, and what is done to it as `linda run` does it: judged, reported, curated, reckoned and published."""

    def __init__(self, root: Path) -> None:
        self.lake = Lake(root)
        self.register = {CPO.key: CPO, OTHER.key: OTHER}

    def deliver(self, day: date, *records: dict[str, Any], cpo: Cpo = CPO, again: int = 0) -> None:
        """A delivery that comes alone, and is published."""
        self.pull(day, *records, cpo=cpo, again=again)
        self.publish()

    def pull(self, day: date, *records: dict[str, Any], cpo: Cpo = CPO, again: int = 0) -> None:
        """A window or, of Locations, a night; pulled once more where `again` says the how maniest time that is."""
        delivery = Delivery("locations" if "evses" in records[0] else "cdrs", cpo.key, day)
        moment = (
            datetime(2026, 12, 7, 3, 0, again, tzinfo=UTC)
            if delivery.module == "cdrs"
            else datetime(*day.timetuple()[:3], 3, tzinfo=UTC)
        )
        raw_pull(self.lake, list(records), delivery=delivery, pulled_at=moment)
        self.judge(delivery)

    def judge(self, delivery: Delivery) -> None:
        cpo = self.register[delivery.cpo]
        stations.judge(self.lake, cpo, delivery, areas=demo_areas(), key=KEY, judged_at=JUDGED_AT)
        stations.conserve(self.lake, delivery)
        stations.report(self.lake, delivery, cpo_name=cpo.name)

    def publish(self) -> None:
        for one in judge_again_in_turn(self.lake, self.register):
            self.judge(one.delivery)
        stations.curate_locations(self.lake, demo_areas())
        stations.curate_cdrs(self.lake, demo_areas())
        stations.compute_kpis(self.lake, self.register)
        stations.publish(self.lake, self.register, demo_areas())

    def differing(self) -> list[str]:
        means = Means(self.register, demo_areas(), KEY)
        made = to_make(self.lake, means, from_raw=False)
        return differences(self.lake, means, replace(made, report=()))[0]  # reports are each of one delivery alone

    def sessions(self) -> dict[str, float]:
        """Month -> sessions of all CPOs together."""
        with open_readonly(self.lake) as connection:
            return dict(
                connection.sql(
                    "SELECT month, value FROM kpi WHERE kpi_id = 'sessions' AND area_level = 'nation' AND cpo = 'ALL'"
                ).fetchall()
            )


def on(day: str, number: int, updated: str | None = None, **changes: Any) -> dict[str, Any]:
    """A CDR of an hour on a day, of its own EVSE; delivered in the window of that day, or of the day it was updated."""
    start, idle, end = (f"{day}T{time}:00Z" for time in ("07:30", "09:30", "11:00"))
    periods = [
        {"start_date_time": start, "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 2.0}]},
        {"start_date_time": idle, "dimensions": [{"type": "PARKING_TIME", "volume": 1.5}]},
    ]
    moments = {"start_date_time": start, "end_date_time": end, "last_updated": f"{updated or day}T12:00:00Z"}
    own = {**ZONNESTAD, "evse_id": f"NL*ABC*E{number:05d}"}
    return cdr(number, **{**own, **moments, "@charging_periods": periods, **changes})


@pytest.fixture
def road(tmp_path: Path) -> Road:
    """Three windows and a night of one CPO, and a window of another."""
    road = Road(tmp_path / "lake")
    road.deliver(date(2026, 11, 22), location(1, evses=2, **ZONNESTAD))
    for number, window in enumerate(WINDOWS):
        road.pull(window, on(str(window), number), on(str(window), 10 + number, **LICHTDAM))
    road.deliver(WINDOWS[1], on("2026-11-10", 50), cpo=OTHER)
    assert road.differing() == []
    return road


def test_after_every_story_the_lake_is_what_a_rebuild_makes(road: Road) -> None:
    before = road.sessions()
    assert before == {"2026-10": 2, "2026-11": 5}

    road.deliver(WINDOWS[2], on("2026-11-23", 2), on("2026-10-28", 20, "2026-11-24"), again=1)
    assert road.differing() == [], "a late CDR of October, in a window that was pulled again"
    assert road.sessions()["2026-10"] == 3

    road.deliver(LAST_YEAR, on("2025-10-28", 30), on("2025-10-29", 31))
    assert road.differing() == [], "a backfill of 2025 after 2026"
    assert road.sessions()["2025-10"] == 2

    credit = on("2025-10-28", 32, "2026-11-25", credit=True, credit_reference_id="CDR-000030")
    road.deliver(WINDOWS[2], on("2026-11-23", 2), credit, again=2)
    assert road.differing() == [], "a credit for a CDR of last year"

    road.deliver(WINDOWS[0], on("2026-10-26", 0), on("2026-11-09", 1), again=3)
    assert road.differing() == [], "a window that was pulled again after later ones"

    road.register[CPO.key] = replace(CPO, permissions=(IN_ZONNESTAD,))
    road.publish()
    assert road.differing() == [], "a permission that was withdrawn for the past"
    assert [path.name for path in sorted(road.lake.published.glob("0*"))][:-1] == []

    for room in ("raw", "ledger", "accepted", "rejected", "held", "findings", "reports"):
        shutil.rmtree(road.lake.root / room / "cdrs" / f"cpo={OTHER.key}", ignore_errors=True)
    del road.register[OTHER.key]
    road.publish()
    assert road.differing() == [], "a CPO that was removed with all that it delivered"
    assert not list((road.lake.root / "curated").rglob(f"cpo={OTHER.key}/**/*.parquet"))
