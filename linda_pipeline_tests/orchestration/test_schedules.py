"""When deliveries are asked for: over New Year, over both clock changes, and what is said in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from linda_pipeline.calendar import newest_ended_window, windows_between
from linda_pipeline.definitions import defs
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.orchestration.schedules import cdrs_every_two_weeks, locations_every_night, register_of_cpos

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
REGISTER = """
[cpo.NL-AAA]
name = "A"
versions_url = "https://a.example.nl/ocpi/versions"
[[cpo.NL-AAA.permission]]
document = "D"
owner = "O"
owner_kind = "cpo"
from = 2025-01-01
[cpo.NL-BBB]
name = "B"
versions_url = "https://b.example.nl/ocpi/versions"
"""


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """SQLite files: three seconds to make, so all tests of this module share them."""
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as one:
        yield one


@pytest.fixture
def instance(
    history: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "cpos.toml").write_text(REGISTER)
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    yield history
    for name in ("cpo", "window", "night"):
        for key in history.get_dynamic_partitions(name):
            history.delete_dynamic_partition(name, key)


def evaluate(
    schedule: dg.ScheduleDefinition, instance: dg.DagsterInstance, moment: datetime
) -> tuple[list[dg.RunRequest], str | None]:
    """What a schedule asks for at a moment, and why it asks for nothing."""
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=moment,
        resources={"portal": Portal()},
        repository_def=defs.get_repository_def(),
    ) as context:
        data = schedule.evaluate_tick(context)
    return list(data.run_requests or []), data.skip_message


def ticks(schedule: dg.ScheduleDefinition, first: datetime, last: datetime) -> list[datetime]:
    """The moments at which Dagster itself would evaluate a schedule."""
    found: list[datetime] = []
    for moment in _iterate(schedule, first):
        if moment > last:
            return found
        found.append(moment)
    return found


def _iterate(schedule: dg.ScheduleDefinition, first: datetime) -> Iterator[datetime]:
    from dagster._utils.schedules import schedule_execution_time_iterator

    return schedule_execution_time_iterator(first.timestamp(), schedule.cron_schedule, schedule.execution_timezone)


def test_every_window_around_new_year_is_asked_for_once(instance: dg.DagsterInstance) -> None:
    """2026 has 53 ISO weeks: a schedule that counts weeks slips here."""
    first, last = datetime(2026, 11, 30, tzinfo=AMSTERDAM), datetime(2027, 1, 25, 23, tzinfo=AMSTERDAM)
    asked, skipped = [], 0
    mondays = ticks(cdrs_every_two_weeks, first, last)
    assert len(mondays) == 9
    for moment in mondays:
        requests, why = evaluate(cdrs_every_two_weeks, instance, moment)
        skipped += why is not None
        asked += [str(request.partition_key) for request in requests]
    expected = windows_between(newest_ended_window(mondays[0]) + timedelta(days=14), newest_ended_window(mondays[-1]))
    assert asked == [f"NL-AAA|{window}" for window in expected]
    assert skipped == 9 - len(asked)


@pytest.mark.parametrize("monday", [date(2026, 3, 30), date(2026, 10, 26), date(2027, 3, 29), date(2027, 11, 1)])
def test_no_window_is_lost_or_doubled_where_the_clock_changes(instance: dg.DagsterInstance, monday: date) -> None:
    around = datetime(monday.year, monday.month, monday.day, tzinfo=AMSTERDAM)
    asked = []
    for moment in ticks(cdrs_every_two_weeks, around - timedelta(days=28), around + timedelta(days=29)):
        assert moment.astimezone(AMSTERDAM).hour == 5
        requests, _ = evaluate(cdrs_every_two_weeks, instance, moment)
        asked += [date.fromisoformat(str(request.partition_key).partition("|")[2]) for request in requests]
    assert len(asked) in (4, 5)
    assert asked == [asked[0] + timedelta(days=14 * number) for number in range(len(asked))]


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_each_night_is_asked_for_once_where_the_clock_changes(instance: dg.DagsterInstance, sunday: date) -> None:
    around = datetime(sunday.year, sunday.month, sunday.day, tzinfo=AMSTERDAM)
    asked = []
    for moment in ticks(locations_every_night, around - timedelta(days=3), around + timedelta(days=4)):
        requests, _ = evaluate(locations_every_night, instance, moment)
        asked += [str(request.partition_key) for request in requests]
    assert asked == [f"NL-AAA|{sunday + timedelta(days=number)}" for number in range(-3, 4)]


def test_between_two_windows_it_is_told_when_the_next_one_is_due(instance: dg.DagsterInstance) -> None:
    requests, why = evaluate(cdrs_every_two_weeks, instance, datetime(2026, 11, 30, 5, tzinfo=AMSTERDAM))
    assert requests == []
    assert why == "The window 2026-11-23 is still open. The next delivery is due on 2026-12-07."


def test_a_cpo_without_permission_is_not_asked_for(instance: dg.DagsterInstance) -> None:
    requests, _ = evaluate(locations_every_night, instance, datetime(2026, 11, 23, 3, 15, tzinfo=AMSTERDAM))
    assert [str(request.partition_key) for request in requests] == ["NL-AAA|2026-11-23"]


def test_the_same_tick_twice_has_the_same_run_key(instance: dg.DagsterInstance) -> None:
    """Dagster starts one run per key: a daemon that is restarted in the middle of a tick doubles nothing."""
    moment = datetime(2026, 11, 23, 5, tzinfo=AMSTERDAM)
    once, again = (evaluate(cdrs_every_two_weeks, instance, moment)[0] for _ in range(2))
    assert [one.run_key for one in once] == [one.run_key for one in again] == ["cdrs/NL-AAA/2026-11-09"]


def test_the_windows_of_two_months_in_which_a_schedule_was_off_can_be_picked(instance: dg.DagsterInstance) -> None:
    with dg.build_sensor_context(
        instance=instance, resources={"portal": Portal(now="2026-11-23T04:00:00+00:00")}
    ) as context:
        register_of_cpos.evaluate_tick(context)
    windows = instance.get_dynamic_partitions("window")
    assert {str(one) for one in windows_between(date(2026, 9, 14), date(2026, 11, 9))} <= set(windows)
    assert len(windows) == 26
    assert "NL-AAA" in instance.get_dynamic_partitions("cpo")
    assert instance.get_dynamic_partitions("night") == ["2026-11-23"]


def test_a_mistake_in_the_register_is_said_and_stops_nothing_else(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "cpos.toml").write_text("[cpo.NL-AAA]\nname = 3\n")
    with dg.build_sensor_context(
        instance=instance, resources={"portal": Portal(now=datetime.now(UTC).isoformat())}
    ) as context:
        told = register_of_cpos.evaluate_tick(context).skip_message
    assert told is not None
    assert "[cpo.NL-AAA] name" in told
