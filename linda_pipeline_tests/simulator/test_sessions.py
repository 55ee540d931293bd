"""Drawn sessions look like the Dutch ones that they were measured from."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from linda_pipeline.simulator.clock import seconds, text, utc_of_local
from linda_pipeline.simulator.fleet import Fleet, make_fleet
from linda_pipeline.simulator.sessions import (
    CHANGEOVER_S,
    CHARGING_RATIO,
    CONNECTED_H,
    ENERGY_KWH,
    STARTS_BY_HOUR,
    STARTS_BY_WEEKDAY,
    Sessions,
    draw_sessions,
)

START, UNTIL = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return make_fleet("NL-ZON", "Zonnestroom Laden B.V.", seed=1, locations=250)


@pytest.fixture(scope="module")
def sessions(fleet: Fleet) -> Sessions:
    return draw_sessions(fleet, 1, START, UNTIL)


@pytest.fixture(scope="module")
def slow(fleet: Fleet, sessions: Sessions) -> Sessions:
    """The sessions on AC posts: those that the quantiles speak of."""
    is_dc = np.array([evse.charger.is_dc for _, evse in fleet.charge_points])
    return sessions.take(~is_dc[sessions.evse])


def test_the_same_seed_gives_the_same_sessions(fleet: Fleet, sessions: Sessions) -> None:
    again = draw_sessions(fleet, 1, START, UNTIL)
    assert np.array_equal(again.start, sessions.start)
    assert np.array_equal(again.energy_kwh, sessions.energy_kwh)
    assert not np.array_equal(draw_sessions(fleet, 2, START, UNTIL).start[:10], sessions.start[:10])


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
def test_energy_and_time_plugged_in_lie_near_the_dutch_quantiles(slow: Sessions, share: float) -> None:
    measured = {
        "energy": (slow.energy_kwh, ENERGY_KWH),
        "connected": ((slow.end - slow.start) / 3600, CONNECTED_H),
    }
    for values, (shares, expected) in measured.values():
        assert np.quantile(values, share) == pytest.approx(expected[shares.index(share)], rel=0.06)


def test_the_charging_ratio_lies_near_the_dutch_one(slow: Sessions) -> None:
    connected_h = (slow.end - slow.start) / 3600
    shares, expected = CHARGING_RATIO
    for share in (0.1, 0.25, 0.5):
        drawn = np.quantile(slow.charging_h / connected_h, share)
        assert drawn == pytest.approx(expected[shares.index(share)], abs=0.03)
    assert 0.33 < slow.charging_h.sum() / connected_h.sum() < 0.45


def test_sessions_follow_the_rhythm_of_day_and_week(sessions: Sessions) -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    local = [datetime.fromtimestamp(start, amsterdam) for start in sessions.start.tolist()]
    hours = np.bincount([moment.hour for moment in local], minlength=24) / len(local)
    assert hours == pytest.approx(np.array(STARTS_BY_HOUR) / sum(STARTS_BY_HOUR), abs=0.006)
    days = np.bincount([moment.weekday() for moment in local], minlength=7) / len(local)
    assert days == pytest.approx(np.array(STARTS_BY_WEEKDAY) / sum(STARTS_BY_WEEKDAY), abs=0.015)


def test_who_plugs_in_in_the_evening_stays_longer(slow: Sessions) -> None:
    hour = slow.start // 3600 % 24
    connected_h = (slow.end - slow.start) / 3600
    evening, noon = connected_h[(hour >= 17) & (hour < 21)], connected_h[(hour >= 10) & (hour < 14)]
    assert np.median(evening) > 2 * np.median(noon)


def test_no_two_sessions_on_one_evse_overlap(sessions: Sessions) -> None:
    order = np.lexsort((sessions.start, sessions.evse))
    same = np.diff(sessions.evse[order]) == 0
    gaps = sessions.start[order][1:] - sessions.end[order][:-1]
    assert same.any()
    assert gaps[same].min() >= CHANGEOVER_S


def test_no_car_takes_more_than_its_charger_gives(fleet: Fleet, sessions: Sessions) -> None:
    power_kw = np.array([evse.charger.power_kw for _, evse in fleet.charge_points])[sessions.evse]
    assert (sessions.energy_kwh <= power_kw * sessions.charging_h + 0.001).all()


def test_sessions_lie_within_the_time_asked_for(sessions: Sessions) -> None:
    assert sessions.start.min() >= seconds(START)
    assert sessions.end.max() <= seconds(UNTIL)


def test_drivers_come_back_and_an_ad_hoc_user_does_not(sessions: Sessions) -> None:
    users, counts = np.unique(sessions.user, return_counts=True)
    assert counts[users >= 0].max() >= 8
    assert counts[users < 0].max() == 1
    assert 0.02 < (sessions.user < 0).mean() < 0.04


def test_a_fleet_without_charge_points_has_no_sessions() -> None:
    assert len(draw_sessions(make_fleet("NL-ABC", "Leeg B.V.", 1, 0), 1, START, UNTIL)) == 0


def test_local_time_becomes_utc_on_both_sides_of_the_clock_change() -> None:
    local = np.array([seconds(datetime(2026, 10, 24, 12, tzinfo=UTC)), seconds(datetime(2026, 10, 26, 12, tzinfo=UTC))])
    moments = utc_of_local(local, ZoneInfo("Europe/Amsterdam")).tolist()
    assert [text(moment) for moment in moments] == ["2026-10-24T10:00:00Z", "2026-10-26T11:00:00Z"]
