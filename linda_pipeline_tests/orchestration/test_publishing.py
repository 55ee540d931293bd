"""Publishing once: when the last delivery of a window, night or backfill has ended, whatever became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from linda_pipeline.orchestration.failing import ATTENDED
from linda_pipeline.orchestration.publishing import publish_after_deliveries

WINDOW = {"dagster/partition/window": "2026-11-09"}


class House:
    """An instance with runs in it, and the sensor's memory."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None
        self.look()
        time.sleep(0.01)

    def run(self, cpo: str, status: str, **tags: str) -> dg.DagsterRun:
        """A delivery of a CPO."""
        run: dg.DagsterRun = create_run_for_test(
            self.instance,
            job_name="cdrs_delivery",
            status=dg.DagsterRunStatus(status),
            tags={"dagster/partition/cpo": cpo, **WINDOW, **tags},
        )
        return run

    def ends(self, run: dg.DagsterRun, well: bool) -> None:
        """A run ends."""
        if well:
            self.instance.report_dagster_event(_event(run, dg.DagsterEventType.RUN_SUCCESS), run.run_id)
        else:
            self.instance.report_run_failed(run)

    def look(self) -> list[dg.RunRequest]:
        """Let the sensor look."""
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            data = publish_after_deliveries.evaluate_tick(context)
        self.cursor = data.cursor
        return list(data.run_requests or [])


def _event(run: dg.DagsterRun, kind: dg.DagsterEventType) -> dg.DagsterEvent:
    return dg.DagsterEvent(event_type_value=kind.value, job_name=run.job_name)


@pytest.fixture
def house() -> Iterator[House]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield House(instance)


def test_nothing_is_published_while_a_delivery_of_the_window_is_open(house: House) -> None:
    house.ends(house.run("NL-AAA", "STARTED"), well=True)
    late = house.run("NL-BBB", "NOT_STARTED")
    assert house.look() == []
    house.ends(late, well=True)
    assert [one.tags["linda/after"] for one in house.look()] == ["window 2026-11-09"]


def test_it_is_published_once_also_where_a_delivery_failed(house: House) -> None:
    first, second = house.run("NL-AAA", "STARTED"), house.run("NL-BBB", "STARTED")
    house.ends(first, well=True)
    house.ends(second, well=False)
    assert len(house.look()) == 1
    assert house.look() == []


def test_a_window_does_not_wait_for_another_one(house: House) -> None:
    house.run("NL-AAA", "STARTED", **{"dagster/partition/window": "2026-10-26"})
    house.ends(house.run("NL-BBB", "STARTED"), well=True)
    assert [one.tags["linda/after"] for one in house.look()] == ["window 2026-11-09"]


def test_a_backfill_is_published_as_a_whole(house: House) -> None:
    both = {"dagster/backfill": "abc"}
    first = house.run("NL-AAA", "STARTED", **both)
    second = house.run("NL-AAA", "NOT_STARTED", **both, **{"dagster/partition/window": "2026-10-26"})
    house.ends(first, well=True)
    assert house.look() == []
    house.ends(second, well=True)
    assert [one.tags["linda/after"] for one in house.look()] == ["backfill abc"]


def test_a_run_of_the_command_line_is_left_to_the_command_line(house: House) -> None:
    house.ends(house.run("NL-AAA", "STARTED", **{ATTENDED: "yes"}), well=True)
    assert house.look() == []


def test_two_publications_have_two_run_keys(house: House) -> None:
    keys = []
    for _ in range(2):
        time.sleep(0.01)
        house.ends(house.run("NL-AAA", "STARTED"), well=True)
        keys += [one.run_key for one in house.look()]
    assert len(set(keys)) == 2
