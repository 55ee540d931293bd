"""The portal's reckoning of time: windows, nights, months, working days and due dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.calendar import (
    AMSTERDAM,
    ANCHOR,
    add_working_days,
    due_date,
    is_window,
    is_working_day,
    local_date,
    moment_of,
    month_bounds,
    months_between,
    newest_ended_window,
    stamp,
    window_bounds,
    window_of,
    windows_between,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def test_the_anchor_opens_a_window() -> None:
    assert date(2025, 1, 6) == ANCHOR
    assert is_window(ANCHOR)
    assert not is_window(ANCHOR + timedelta(days=7))


@given(DAYS)
def test_every_day_lies_in_the_window_that_is_named_for_it(day: date) -> None:
    window = window_of(day)
    assert window <= day < window + timedelta(days=14)
    assert (window - ANCHOR).days % 14 == 0
    assert window.weekday() == 0


def test_windows_run_on_through_a_year_of_53_weeks() -> None:
    assert date(2026, 12, 28).isocalendar().week == 53
    found = windows_between(date(2026, 12, 7), date(2027, 1, 20))
    assert found == [date(2026, 12, 7), date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 18)]
    assert [window.isocalendar().week % 2 for window in found] == [0, 0, 1, 1], (
        "the parity of the weeks would have broken"
    )


def test_windows_before_the_anchor_exist() -> None:
    assert window_of(date(2025, 1, 5)) == date(2024, 12, 23)
    assert windows_between(date(2018, 1, 1), date(2018, 1, 2)) == [date(2018, 1, 1)]
    assert is_window(date(2018, 1, 1))


def test_a_window_is_half_open_in_utc() -> None:
    assert window_bounds(date(2026, 11, 9)) == (datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("now", "window"),
    [
        (datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 11, 22, 23, 59, 59, 999999, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 11, 23, 0, 30, tzinfo=AMSTERDAM), date(2026, 10, 26)),
        (datetime(2026, 11, 23, 1, 0, tzinfo=AMSTERDAM), date(2026, 11, 9)),
        (datetime(2026, 12, 6, 23, 59, tzinfo=UTC), date(2026, 11, 9)),
    ],
)
def test_the_newest_ended_window_changes_at_midnight_utc(now: datetime, window: date) -> None:
    assert newest_ended_window(now) == window
    assert window_bounds(window)[1] <= now < window_bounds(window)[1] + timedelta(days=14)


def test_windows_between_takes_both_ends() -> None:
    assert windows_between(date(2026, 11, 22), date(2026, 11, 23)) == [date(2026, 11, 9), date(2026, 11, 23)]
    assert windows_between(date(2026, 11, 23), date(2026, 11, 8)) == []


def test_a_night_is_the_amsterdam_date() -> None:
    assert local_date(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_date(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)
    assert local_date(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("month", "start", "end", "hours"),
    [
        ("2026-03", datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC), 31 * 24 - 1),
        ("2026-10", datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC), 31 * 24 + 1),
        ("2026-12", datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC), 31 * 24),
    ],
)
def test_months_are_local_with_summer_and_winter_time(month: str, start: datetime, end: datetime, hours: int) -> None:
    assert month_bounds(month) == (start, end)
    assert (end - start) / timedelta(hours=1) == hours


def test_months_between_crosses_the_year() -> None:
    assert list(months_between("2026-11", "2027-02")) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert list(months_between("2026-11", "2026-10")) == []


def test_a_due_date_is_28_days_after_the_amsterdam_date_of_the_pull() -> None:
    assert due_date(datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == date(2026, 12, 20)
    assert due_date(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == date(2026, 12, 21)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 4, 27), False),  # King's Day, a Monday
        (date(2025, 4, 26), False),  # King's Day, moved from Sunday 27 April
        (date(2025, 4, 28), True),  # ... and not to the Monday after it
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 5, 14), False),  # Ascension Day
        (date(2026, 5, 25), False),  # Whit Monday
        (date(2026, 12, 25), False),
        (date(2026, 12, 24), True),
        (date(2026, 11, 21), False),  # a Saturday
    ],
)
def test_nobody_works_on_weekends_and_dutch_public_holidays(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_working_days_skip_christmas_and_the_weekend() -> None:
    assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 28)
    assert add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 4)
    assert add_working_days(date(2026, 12, 24), 0) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 4, 27), "Koningsdag"),
        (date(2025, 4, 28), None),  # the 27th was a Sunday: Koningsdag was kept on Saturday the 26th
        (date(2026, 5, 5), "Liberation Day, though no lustrum year"),
        (date(2025, 5, 5), "Liberation Day in a lustrum year"),
        (date(2026, 5, 14), "Ascension Day"),
        (date(2026, 5, 15), None),
        (date(2026, 5, 25), "Whit Monday"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2027, 1, 1), "New Year's Day"),
        (date(2026, 12, 31), None),
    ],
)
def test_the_days_of_the_algemene_termijnenwet_are_off(day: date, why: str | None) -> None:
    assert is_working_day(day) is (why is None)


@pytest.mark.parametrize(
    ("verified", "due"),
    [
        (date(2026, 4, 2), date(2026, 4, 13)),  # over Good Friday and Easter Monday
        (date(2026, 4, 24), date(2026, 5, 4)),  # over Koningsdag, and the end of a month
        (date(2026, 4, 30), date(2026, 5, 8)),  # over Liberation Day
        (date(2026, 5, 12), date(2026, 5, 20)),  # over Ascension Day
        (date(2026, 5, 22), date(2026, 6, 1)),  # over Whit Monday
        (date(2026, 12, 23), date(2026, 12, 31)),  # over Christmas, which fell on Friday and Saturday
        (date(2026, 12, 31), date(2027, 1, 8)),
    ],
)
def test_five_working_days_from_a_verified_report(verified: date, due: date) -> None:
    assert add_working_days(verified, 5) == due


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone(timedelta(hours=5)))))
def test_a_stamp_names_its_moment_to_the_second(moment: datetime) -> None:
    assert moment_of(stamp(moment)) == moment.replace(microsecond=0)


def test_a_stamp_is_in_utc() -> None:
    assert stamp(datetime(2026, 11, 23, 4, 2, 11, tzinfo=AMSTERDAM)) == "20261123T030211Z"
