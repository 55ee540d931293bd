"""Which deliveries are due and not in: the one reckoning that alerts, checks and `linda deliveries` tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome, write_attempt
from linda_pipeline.pulling.due import Missed, due_at, missed, windows_to_pick
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    DELIVERY,
    LOCATIONS,
    PULLED_AT,
    WINDOW,
    judgement_of,
    permitted,
    put_judged,
)

DUE = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""17:00 in Amsterdam on the Monday after the window of 9 November."""
DAY_AFTER = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def attempted(lake: Lake, delivery: Delivery, outcome: AttemptOutcome = AttemptOutcome.COMPLETE) -> None:
    attempt = Attempt(
        delivery, PULLED_AT, outcome, doubt="The list moved." if outcome == AttemptOutcome.INCOMPLETE else None
    )
    if outcome == AttemptOutcome.FAILED:
        attempt.failure = {"kind": "HostFailing", "message": "https://x answers HTTP 503.", "remedy": ""}
    write_attempt(lake, attempt, "20261123T030211Z")


def came_in(lake: Lake, delivery: Delivery, *, complete: bool = True) -> None:
    """A delivery that was pulled and judged."""
    attempted(lake, delivery, AttemptOutcome.COMPLETE if complete else AttemptOutcome.INCOMPLETE)
    put_judged(lake, judgement_of(delivery, complete=complete))


def window(weeks_earlier: int = 0, cpo: str = CPO.key) -> Delivery:
    return Delivery("cdrs", cpo, WINDOW - timedelta(weeks=weeks_earlier))


def found(lake: Lake, now: datetime = DAY_AFTER, cpo: Cpo = CPO, module: str = "cdrs") -> list[Missed]:
    return [one for one in missed(lake, {cpo.key: cpo}, now) if one.delivery.module == module]


def test_a_window_is_due_on_its_monday_at_five_and_a_night_at_noon_in_amsterdam() -> None:
    assert due_at(DELIVERY).astimezone(UTC) == DUE
    assert due_at(Delivery("locations", CPO.key, date(2026, 7, 1))).astimezone(UTC) == datetime(
        2026, 7, 1, 10, tzinfo=UTC
    )


def test_a_window_that_is_not_in_is_missed_from_the_moment_it_is_due(lake: Lake) -> None:
    came_in(lake, window(2))
    assert found(lake, DUE - timedelta(seconds=1)) == []
    assert found(lake, DUE) == [Missed(window(), due_at(window()), "it was never pulled", is_newest=True)]


def test_a_window_in_between_that_was_never_pulled_is_missed_and_not_the_newest(lake: Lake) -> None:
    for weeks in (0, 4):
        came_in(lake, window(weeks))
    (one,) = found(lake)
    assert (one.delivery, one.is_newest) == (window(2), False)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (AttemptOutcome.FAILED, "https://x answers HTTP 503."),
        (AttemptOutcome.INCOMPLETE, "The list moved."),
        (AttemptOutcome.KILLED, "the last attempt ended as killed"),
        (AttemptOutcome.COMPLETE, "it was pulled whole, but not judged"),
    ],
)
def test_a_missed_window_says_how_its_last_attempt_ended(lake: Lake, outcome: AttemptOutcome, why: str) -> None:
    attempted(lake, window(), outcome)
    assert [one.why for one in found(lake)] == [why]


def test_a_window_that_was_judged_from_an_incomplete_pull_is_missed(lake: Lake) -> None:
    came_in(lake, window(), complete=False)
    assert [one.why for one in found(lake)] == ["The list moved."]
    came_in(lake, window())
    assert found(lake) == []


def test_nothing_is_missed_of_a_cpo_that_may_not_be_pulled_on_the_day(lake: Lake) -> None:
    came_in(lake, window(2))
    until = permitted(Permission("L-1", "Eindhoven", "concession", date(2025, 1, 1), date(2026, 11, 22)))
    assert found(lake, cpo=until) == []
    assert found(lake, cpo=replace(CPO, active=False)) == []


def test_of_a_cpo_that_was_never_attempted_the_newest_window_alone_is_missed(lake: Lake) -> None:
    came_in(lake, window(2, cpo="NL-OLD"))
    assert [one.delivery for one in found(lake)] == [window()]


def test_a_portal_that_never_began_with_a_module_misses_nothing_of_it(lake: Lake) -> None:
    assert missed(lake, {CPO.key: CPO}, DAY_AFTER) == []
    came_in(lake, window())
    assert missed(lake, {CPO.key: CPO}, DAY_AFTER) == []


def test_a_night_is_missed_from_noon_and_the_nights_before_since_its_first(lake: Lake) -> None:
    came_in(lake, LOCATIONS)
    night = Delivery("locations", CPO.key, LOCATIONS.window + timedelta(days=2))
    between = replace(night, window=LOCATIONS.window + timedelta(days=1))
    morning = datetime(2026, 11, 25, 10, 59, tzinfo=UTC)
    assert night.window == morning.date()
    told = found(lake, morning, module="locations")
    assert [(one.delivery, one.is_newest) for one in told] == [(between, True)]
    told = found(lake, morning + timedelta(minutes=1), module="locations")
    assert [(one.delivery, one.is_newest) for one in told] == [(between, False), (night, True)]


def test_a_cpo_whose_first_night_is_tonight_does_not_miss_last_night(lake: Lake) -> None:
    came_in(lake, LOCATIONS)
    morning = datetime.combine(LOCATIONS.window, datetime.min.time(), UTC) + timedelta(hours=3)
    assert found(lake, morning, module="locations") == []
    newcomer = replace(CPO, key="NL-NEW")
    told = [one.delivery.window for one in found(lake, morning, newcomer, module="locations")]
    assert told == [LOCATIONS.window - timedelta(days=1)]


def test_nights_are_looked_back_on_for_two_weeks(lake: Lake) -> None:
    came_in(lake, replace(LOCATIONS, window=date(2026, 9, 1)))
    nights = [one.delivery.window for one in found(lake, datetime(2026, 11, 24, 12, tzinfo=UTC), module="locations")]
    assert nights == [date(2026, 11, 10) + timedelta(days=number) for number in range(15)]


def test_a_backfill_can_pick_the_windows_of_a_year_in_which_the_cpo_had_a_permission() -> None:
    assert len(windows_to_pick(CPO, DAY_AFTER)) == 26
    since = permitted(Permission("L-1", "Eindhoven", "concession", date(2026, 10, 20)))
    assert windows_to_pick(since, DAY_AFTER) == [date(2026, 10, 12), date(2026, 10, 26), date(2026, 11, 9)]
    assert windows_to_pick(replace(CPO, permissions=()), DAY_AFTER) == [WINDOW]
