"""Records beside what the portal knows of them: the nights of Locations around them, and the owner's register of places."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.judging.known_before import RegisterUnusable, read_places
from linda_pipeline.quality.example import changed, good_record
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, delivered, judged_again
from linda_pipeline_tests.judging.beside_others import DELIVERY, found, not_run, rules_of, session

NIGHT = WINDOW
VERSIONS = ("2.1.1", "2.2.1", "2.3.0")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


HISTORY = {"known_location", "known_evse", "location_agrees", "power_plausible"}


def test_without_locations_from_before_the_rules_on_them_are_not_run_and_that_is_said(lake: Lake) -> None:
    night = WINDOW + timedelta(days=10)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=night)
    judgement = delivered(lake, [good_record("cdr", "2.2.1")])
    assert not_run(lake, judgement) >= HISTORY
    assert all(one["why"] and one["why_nl"] for one in judgement.rules_not_run)
    assert found(lake) == []


def test_a_rule_that_could_be_checked_on_some_records_says_on_how_many(lake: Lake) -> None:
    _night(lake, NIGHT + timedelta(days=2))
    sessions = [session(number, "08:00:00", "09:00:00") for number in range(1, 4)]
    sessions[2] = {**good_record("cdr", "2.2.1"), "id": "CDR-3"}
    for record in sessions[:2]:
        for name in ("start_date_time", "end_date_time", "last_updated"):
            record[name] = record[name].replace("11-10", "11-12")
        record["charging_periods"][0]["start_date_time"] = record["start_date_time"]
    judgement = delivered(lake, [*sessions, {**sessions[0], "id": "CDR-4", "home_charging_compensation": True}])
    assert judgement.main.held_back == 1
    assert judgement.checked_on["cdr.known_evse"] == (2, 3)
    assert not HISTORY & not_run(lake, judgement)
    assert "cdr.coordinates_match_permit" not in judgement.checked_on


def test_a_rule_whose_field_is_known_of_no_record_was_not_checked(lake: Lake) -> None:
    _night(lake, NIGHT, **{"@evses[0].status": "BROKEN"})
    judgement = delivered(lake, [good_record("cdr", "2.2.1")])
    assert "known_evse" not in not_run(lake, judgement)
    assert {"power_plausible", "location_agrees"} & not_run(lake, judgement) == {"power_plausible"}


def _night(lake: Lake, day: date, **changes: Any) -> None:
    delivered(lake, [changed("location", "2.2.1", changes)], module="locations", window=day)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cdr_of_a_location_that_was_delivered_has_no_finding(lake: Lake, version: str) -> None:
    _night(lake, NIGHT)
    judgement = delivered(lake, [good_record("cdr", version)], version=version)
    assert found(lake) == []
    assert not not_run(lake, judgement) & HISTORY
    assert "coordinates_match_permit" in not_run(lake, judgement)


def test_a_location_or_an_evse_that_was_never_delivered_is_told_once(lake: Lake) -> None:
    _night(lake, NIGHT)
    away = session(1, "08:00:00", "10:00:00", location_id="LOC-77", evse_uid="1", evse_id="NL*ABC*E77")
    near = session(2, "08:00:00", "10:00:00", evse_uid="EVSE-0042-9", evse_id="NL*ABC*E00429")
    delivered(lake, [away, near])
    assert found(lake) == [
        ("known_location", "warning", "CDR-1", "LOC-77"),
        ("known_evse", "warning", "CDR-2", "EVSE-0042-9"),
    ]


def test_ids_and_connector_of_a_cdr_are_held_beside_its_evse(lake: Lake) -> None:
    _night(lake, NIGHT)
    delivered(
        lake,
        [
            session(1, "02:00:00", "04:00:00", evse_id="NL*ABC*E9"),
            session(2, "04:00:00", "06:00:00", connector_id="2"),
            session(3, "06:00:00", "08:00:00", connector_standard="CHADEMO"),
            session(4, "08:00:00", "10:00:00", evse_id="nl-abc-e00421"),
            session(5, "10:00:00", "12:00:00", evse_uid="EVSE-77"),
        ],
    )
    assert found(lake) == [
        ("evse_id_agrees", "warning", "CDR-1", "NL*ABC*E9 ↔ NLABCE00421"),
        ("connector_known", "warning", "CDR-2", "2"),
        ("connector_agrees", "warning", "CDR-3", "CHADEMO"),
        ("evse_id_agrees", "warning", "CDR-5", "NL*ABC*E00421 ↔ LOC-0042/EVSE-0042-1"),
    ]


def test_a_session_after_its_evse_was_removed_is_told_and_one_before_is_not(lake: Lake) -> None:
    _night(lake, NIGHT)
    _night(lake, NIGHT + timedelta(days=2), **{"@evses[0].status": "REMOVED"})
    late = session(2, "08:00:00", "10:00:00")
    for name in ("start_date_time", "end_date_time", "last_updated"):
        late[name] = late[name].replace("11-10", "11-12")
    late["charging_periods"][0]["start_date_time"] = late["start_date_time"]
    delivered(lake, [session(1, "08:00:00", "10:00:00"), late])
    assert sorted(found(lake)) == [
        ("known_evse", "warning", "CDR-2", "EVSE-0042-1"),
        ("session_after_removed", "warning", "CDR-2", "EVSE-0042-1"),
    ]


def test_an_evse_that_was_refused_or_came_the_night_after_is_known_all_the_same(lake: Lake) -> None:
    _night(lake, NIGHT, **{"@evses[0].status": "BROKEN"})
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert found(lake) == []
    other = Lake(lake.root.parent / "other")
    _night(other, NIGHT, location_id="LOC-1", **{"@evses[0].evse_id": "NL*ABC*E1", "@evses[0].uid": "1"})
    _night(other, NIGHT + timedelta(days=2))
    delivered(other, [good_record("cdr", "2.2.1")])
    assert found(other) == []


def test_the_location_of_the_sessions_start_counts_and_not_that_of_today(lake: Lake) -> None:
    _night(lake, NIGHT)
    _night(lake, NIGHT + timedelta(days=3), latitude="52.090700", longitude="5.121400")
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert found(lake) == []
    later = good_record("cdr", "2.2.1")
    for name in ("start_date_time", "end_date_time", "last_updated"):
        later[name] = later[name].replace("11-10", "11-13")
    for period in later["charging_periods"]:
        period["start_date_time"] = period["start_date_time"].replace("11-10", "11-13")
    other = Lake(lake.root.parent / "other")
    _night(other, NIGHT)
    _night(other, NIGHT + timedelta(days=3), latitude="52.090700", longitude="5.121400")
    delivered(other, [later])
    assert [(rule, value) for rule, _, _, value in found(other)] == [
        ("location_agrees", "51.846870, 5.863410: 57733 m ↔ 52.0907, 5.1214")
    ]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"@evses[0].connectors[0].max_electric_power": 11}, "(Locations: kW in W?)"),
        ({"@evses[0].connectors[0].max_electric_power": 3680}, "(Locations: 3 × V × A?)"),
        ({"@evses[0].connectors[0].max_electric_power": 2000, "@evses[0].connectors[0].max_amperage": 3}, ""),
    ],
)
def test_more_energy_than_the_connector_gives_is_told_with_the_likely_mistake(
    lake: Lake, changes: dict[str, Any], hint: str
) -> None:
    _night(lake, NIGHT, **changes)
    delivered(lake, [good_record("cdr", "2.2.1")])
    ((rule, severity, _, value),) = found(lake)
    assert (rule, severity) == ("power_plausible", "warning")
    assert value is not None
    assert value.endswith(hint or " kW")


def test_the_owners_register_of_places_is_held_beside_cdrs_and_locations(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    assert read_places(path) is None
    path.write_text(
        "cpo,location_id,evse_id,latitude,longitude,document\nNL-ABC,loc-0042,,51.847100,5.863410,decision 1\n"
    )
    register = read_places(path)
    pull = delivered(lake, [good_record("cdr", "2.2.1")])
    assert "coordinates_match_permit" in not_run(lake, pull)
    judgement = judged_again(lake, DELIVERY, register=register)
    assert "coordinates_match_permit" not in not_run(lake, judgement)
    assert [(rule, value) for rule, _, _, value in found(lake)] == [
        ("coordinates_match_permit", "51.846870, 5.863410: 26 m ↔ 51.8471, 5.86341")
    ]
    night = Delivery("locations", "NL-ABC", NIGHT)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=NIGHT)
    judged_again(lake, night, register=register)
    assert rules_of(lake, night) == {"coordinates_match_permit"}


@pytest.mark.parametrize("text", ["a,b\n", "cpo,location_id,evse_id,latitude,longitude,document\nNL-ABC,1,,x,5.8,d\n"])
def test_a_register_of_places_that_cannot_be_used_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(text)
    with pytest.raises(RegisterUnusable, match=r"first line|line 2"):
        read_places(path)
