"""Cases in which figures once were impossible, each with the figure that is right: nation, all CPOs together."""

from __future__ import annotations

from datetime import date

import pytest

from linda_pipeline.warehouse.kpi.example_rows import WARNED, evse, session
from linda_pipeline_tests.warehouse.slow_kpis import Figure, Row
from linda_pipeline_tests.warehouse.test_kpi_laws import reckoned

NOVEMBER_H = 720
WHOLE_MONTH = evse("2026-11-01", "2026-11-30")
TEN_LONG = [session(f"2026-11-{day:02} 00:00", f"2026-11-{day + 2:02} 22:00") for day in range(1, 28, 3)]
HOUR = ("2026-11-03 08:00", "2026-11-03 09:00")


def again(row: Row, **changes: object) -> Row:
    """The same session in another CDR."""
    return {**row, "cdr_id": f"{row['cdr_id']} again", **changes}


def of(
    kpi_id: str, cdrs: list[Row], evses: list[Row] | None = None, statistic: str = "value", cpo: str = "ALL"
) -> Figure:
    placed = [{**row, "window": date(2026, 11, 9), "page": 1, "position": number} for number, row in enumerate(cdrs)]
    return reckoned(kpi_id, placed, evses or [])["2026-11", "nation", "NL", cpo, statistic, None]


def test_long_sessions_that_come_again_under_new_ids_occupy_their_charge_point_once() -> None:
    cdrs = [*TEN_LONG, *(again(row, total_energy_kwh=9.0) for row in TEN_LONG)]
    found = of("occupancy", cdrs, [WHOLE_MONTH])
    assert found.value == pytest.approx(9 * 70 / NOVEMBER_H)
    assert found.sessions == 18


def test_the_same_session_under_two_cdr_ids_counts_once() -> None:
    cdrs = [*TEN_LONG, *(again(row) for row in TEN_LONG)]
    assert (of("sessions", cdrs).value, of("energy", cdrs).value) == (9, 90)
    assert (of("sessions", cdrs, cpo="NL-ABC").value, of("energy", cdrs, cpo="NL-ABC").value) == (9, 90)


def test_a_session_past_removed_occupies_no_more_than_the_time_in_service() -> None:
    removed = evse("2026-11-01", "2026-11-02", valid_to=date(2026, 11, 3), end_reason="removed")
    # In service for 48 hours from local midnight; the session begins an hour later and outlives it by days.
    assert of("occupancy", [session("2026-11-01 00:00", "2026-11-09 00:00")], [removed]).value == pytest.approx(47 / 48)


@pytest.mark.parametrize(
    ("told", "ratio", "idle_h"),
    [
        ({"total_time_h": 60.84}, 1.0, 0.0),
        ({"total_parking_time_h": 1.2}, 0.0, 1.0),
        ({"total_parking_time_h": 0.25}, 0.75, 0.25),
    ],
)
def test_charging_time_lies_within_the_connection(told: Row, ratio: float, idle_h: float) -> None:
    cdrs = [session(*HOUR, **told)]
    assert of("charge_time_ratio", cdrs).value == pytest.approx(ratio)
    assert of("idle_time", cdrs, statistic="mean").value == pytest.approx(idle_h)


def test_a_session_of_a_second_within_the_tolerance_of_total_time_is_not_idle_for_less_than_nothing() -> None:
    second = session("2026-11-03 08:00:00", "2026-11-03 08:00:01", total_time_h=60 / 3600)
    assert of("idle_time", [second], statistic="mean").value == 0


def test_a_charge_point_in_the_locations_of_two_cpos_has_its_hours_once() -> None:
    both = [WHOLE_MONTH, {**WHOLE_MONTH, "cpo": "NL-XYZ"}]
    days_3 = session("2026-11-03 08:00", "2026-11-06 08:00")
    assert of("occupancy", [days_3], both).value == pytest.approx(72 / NOVEMBER_H)
    assert of("charge_points", [days_3], both).value == 1


def test_a_session_that_two_cpos_deliver_counts_once_for_all_and_once_for_each() -> None:
    row = session(*HOUR)
    cdrs = [row, {**row, "cpo": "NL-XYZ"}]
    assert (of("sessions", cdrs).value, of("energy", cdrs).value) == (1, 10)
    placed = [{**one, "window": date(2026, 11, 9), "page": 1, "position": 0} for one in cdrs]
    found = reckoned("energy", placed, [])
    assert [found["2026-11", "nation", "NL", cpo, "value", None].value for cpo in ("NL-ABC", "NL-XYZ")] == [10, 10]


def test_an_energy_that_cannot_be_added_up_leaves_sum_mean_and_count_alike() -> None:
    cdrs = [session(*HOUR), session("2026-11-04 08:00", "2026-11-04 09:00", total_energy_kwh=1e13, user_pseudonym="b")]
    for kpi_id, statistic in (("energy", "value"), ("energy_per_session", "mean"), ("energy_per_session", "p90")):
        assert of(kpi_id, cdrs, statistic=statistic)[:5] == (10, 1, 1, 1, 0.5)


def test_three_warned_sessions_that_are_most_of_a_month_show_beside_its_figures() -> None:
    cdrs = [session(f"2026-11-{day:02} 08:00", f"2026-11-{day:02} 09:00") for day in range(1, 18)]
    cdrs += [
        session(f"2026-11-{day} 08:00", f"2026-11-{day} 09:00", total_energy_kwh=90.0, plausibility_warnings=WARNED)
        for day in (20, 21, 22)
    ]
    assert of("sessions", cdrs).share_warned == pytest.approx(3 / 20)
    assert of("energy", cdrs).share_warned == pytest.approx(270 / 440)
    assert of("occupancy", cdrs, [WHOLE_MONTH]).share_warned == pytest.approx(3 / 20)
    assert of("unique_users", cdrs).share_warned == 0
