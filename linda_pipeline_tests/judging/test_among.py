"""Records among the others of their delivery, beside earlier windows, and beside what the portal knows of them."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.judging.known_before import RegisterUnusable, read_places
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.example import changed, good_record
from linda_pipeline.quality.rule import Scope
from linda_pipeline.quality.rules import RULES
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, delivered, judged_again

DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
NIGHT = WINDOW
IN_DELIVERY = [
    rule.id
    for rule in RULES.values()
    if (rule.object, rule.scope) == ("cdr", Scope.DELIVERY) and rule.id != "unchanged_since_accepted"
]
VERSIONS = ("2.1.1", "2.2.1", "2.3.0")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _found(lake: Lake, delivery: Delivery = DELIVERY) -> list[tuple[str, str, str | None, str | None]]:
    """(rule, severity, id, value) of every finding, those on the delivery as a whole and identical copies aside."""
    rows = pq.read_table(lake.table("findings", delivery)).to_pylist()
    return [(r["rule"], r["severity"], r["id"], r["value"]) for r in rows if r["object"] != "delivery"]


def _rules(lake: Lake, delivery: Delivery = DELIVERY) -> set[str]:
    return {rule for rule, *_ in _found(lake, delivery)}


def _not_run(lake: Lake, judgement: Any) -> set[str]:
    return {one["rule"] for one in judgement.rules_not_run}


def _cdr(number: int, start: str, end: str, version: str = "2.2.1", **more: Any) -> dict[str, Any]:
    """A good CDR of 10 November with an id, a start and an end of its own."""
    record: dict[str, Any] = changed("cdr", version, more)
    begin, until = f"2026-11-10T{start}Z", f"2026-11-10T{end}Z"
    record |= {"id": f"CDR-{number}", "start_date_time": begin, "end_date_time": until, "total_parking_time": 0}
    if version != "2.1.1":
        record["session_id"] = f"SES-{number}"
    hours = [int(part) / 60**power for text in (start, end) for power, part in enumerate(text.split(":"))]
    record["total_time"] = round(sum(hours[3:]) - sum(hours[:3]), 4)
    record["charging_periods"] = [
        {"start_date_time": begin, "dimensions": [{"type": "ENERGY", "volume": record["total_energy"]}]}
    ]
    record["last_updated"] = "2026-11-10T20:00:00Z"
    return record


NEXT = WINDOW + timedelta(days=14)
BACK: dict[str, Any] = {"total_cost_excl_vat": -4.0, "total_cost_incl_vat": -4.84}


def _later(record: dict[str, Any]) -> dict[str, Any]:
    """A record that came in the window after."""
    return {**record, "last_updated": "2026-11-24T20:00:00Z"}


@pytest.fixture(scope="module")
def window_before(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Lake]:
    """A lake that has the window before, in an OCPI version, with one good CDR: judged once, and copied for whoever asks."""
    folder = tmp_path_factory.mktemp("before")

    def copied(version: str, to: Path) -> Lake:
        if not (folder / version).exists():
            record = good_record("cdr", version)
            delivered(Lake(folder / version), [record], version=version, window=WINDOW - timedelta(days=14))
        shutil.copytree(folder / version, to)
        return Lake(to)

    return copied


@pytest.mark.parametrize("kind", ["good", "bad"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rule_id", IN_DELIVERY)
def test_each_example_of_a_rule_within_a_delivery_is_judged_as_it_says(
    window_before: Callable[[str, Path], Lake], tmp_path: Path, rule_id: str, version: str, kind: str
) -> None:
    rule = RULES[f"cdr.{rule_id}"]
    if not rule.applies_to(version):
        pytest.skip("the version does not know it")
    examples = getattr(rule, kind)
    assert examples
    for number, example in enumerate(examples):
        lake = window_before(version, tmp_path / f"lake {number}")
        delivered(lake, [changed("cdr", version, change) for change in example], version=version)
        expected = {rule_id} if kind == "bad" else set()
        assert _rules(lake) & {rule_id} == expected
        assert _rules(lake) - {rule_id} <= {"identical_copy", "cdr_id_unique", "no_overlap", "credit_reference_known"}
        pull = newest_pull(lake, DELIVERY)
        assert pull is not None
        conserve(lake, DELIVERY, pull)


def test_of_two_overlapping_sessions_the_later_is_told_and_names_the_other(lake: Lake) -> None:
    delivered(lake, [_cdr(2, "09:00:00", "12:00:00"), _cdr(1, "08:00:00", "10:00:00"), _cdr(3, "12:00:30", "13:00:00")])
    assert _found(lake) == [("no_overlap", "warning", "CDR-2", "CDR-1")]


def test_a_session_that_overlaps_what_an_earlier_window_accepted_is_told(lake: Lake) -> None:
    delivered(lake, [_cdr(1, "09:00:00", "10:00:00")])
    later = [_later(_cdr(2, "08:00:00", "12:00:00")), _later(_cdr(3, "13:00:00", "14:00:00"))]
    delivered(lake, later, window=NEXT)
    assert _found(lake, Delivery("cdrs", "NL-ABC", NEXT)) == [("no_overlap", "warning", "CDR-2", "CDR-1")]


def test_a_rejected_session_a_credit_and_what_it_credits_overlap_nothing(lake: Lake) -> None:
    credited = _cdr(1, "08:00:00", "10:00:00")
    credit = copy.deepcopy(credited) | {"id": "CDR-1-C", "credit": True, "credit_reference_id": "cdr-1"}
    credit["total_cost"]["excl_vat"] = -4.0
    credit["last_updated"] = "2026-11-10T21:00:00Z"
    rejected = _cdr(4, "08:00:00", "10:00:00")
    rejected["total_energy"] = -1
    delivered(lake, [credited, credit, rejected, _cdr(2, "08:30:00", "10:30:00")])
    assert "no_overlap" not in _rules(lake)


def test_a_credit_of_a_cdr_that_an_earlier_window_accepted_is_known(lake: Lake) -> None:
    delivered(lake, [_cdr(1, "08:00:00", "10:00:00")])
    credits = [
        _cdr(number, "08:00:00", "10:00:00", credit=True, credit_reference_id=reference, **BACK)
        for number, reference in ((2, "cdr-1"), (3, "CDR-9"))
    ]
    delivered(lake, [_later(credit) for credit in credits], window=NEXT)
    assert _found(lake, Delivery("cdrs", "NL-ABC", NEXT)) == [("credit_reference_known", "warning", "CDR-3", "CDR-9")]


def test_without_an_earlier_window_a_credits_reference_is_not_judged_and_that_is_said(lake: Lake) -> None:
    credit = _cdr(2, "08:00:00", "10:00:00", credit=True, credit_reference_id="CDR-9", **BACK)
    judgement = delivered(lake, [credit])
    assert _found(lake) == []
    assert "credit_reference_known" in _not_run(lake, judgement)


HISTORY = {"known_location", "known_evse", "location_agrees", "power_plausible"}


def test_without_locations_from_before_the_rules_on_them_are_not_run_and_that_is_said(lake: Lake) -> None:
    night = WINDOW + timedelta(days=10)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=night)
    judgement = delivered(lake, [good_record("cdr", "2.2.1")])
    assert _not_run(lake, judgement) >= HISTORY
    assert all(one["why"] and one["why_nl"] for one in judgement.rules_not_run)
    assert _found(lake) == []


def test_a_rule_that_could_be_checked_on_some_records_says_on_how_many(lake: Lake) -> None:
    _night(lake, NIGHT + timedelta(days=2))
    sessions = [_cdr(number, "08:00:00", "09:00:00") for number in range(1, 4)]
    sessions[2] = {**good_record("cdr", "2.2.1"), "id": "CDR-3"}
    for record in sessions[:2]:
        for name in ("start_date_time", "end_date_time", "last_updated"):
            record[name] = record[name].replace("11-10", "11-12")
        record["charging_periods"][0]["start_date_time"] = record["start_date_time"]
    judgement = delivered(lake, [*sessions, {**sessions[0], "id": "CDR-4", "home_charging_compensation": True}])
    assert judgement.main.held_back == 1
    assert judgement.checked_on["cdr.known_evse"] == (2, 3)
    assert not HISTORY & _not_run(lake, judgement)
    assert "cdr.coordinates_match_permit" not in judgement.checked_on


def test_a_rule_whose_field_is_known_of_no_record_was_not_checked(lake: Lake) -> None:
    _night(lake, NIGHT, **{"@evses[0].status": "BROKEN"})
    judgement = delivered(lake, [good_record("cdr", "2.2.1")])
    assert "known_evse" not in _not_run(lake, judgement)
    assert {"power_plausible", "location_agrees"} & _not_run(lake, judgement) == {"power_plausible"}


def _night(lake: Lake, day: date, **changes: Any) -> None:
    delivered(lake, [changed("location", "2.2.1", changes)], module="locations", window=day)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cdr_of_a_location_that_was_delivered_has_no_finding(lake: Lake, version: str) -> None:
    _night(lake, NIGHT)
    judgement = delivered(lake, [good_record("cdr", version)], version=version)
    assert _found(lake) == []
    assert not _not_run(lake, judgement) & HISTORY
    assert "coordinates_match_permit" in _not_run(lake, judgement)


def test_a_location_or_an_evse_that_was_never_delivered_is_told_once(lake: Lake) -> None:
    _night(lake, NIGHT)
    away = _cdr(1, "08:00:00", "10:00:00", location_id="LOC-77", evse_uid="1", evse_id="NL*ABC*E77")
    near = _cdr(2, "08:00:00", "10:00:00", evse_uid="EVSE-0042-9", evse_id="NL*ABC*E00429")
    delivered(lake, [away, near])
    assert _found(lake) == [
        ("known_location", "warning", "CDR-1", "LOC-77"),
        ("known_evse", "warning", "CDR-2", "EVSE-0042-9"),
    ]


def test_ids_and_connector_of_a_cdr_are_held_beside_its_evse(lake: Lake) -> None:
    _night(lake, NIGHT)
    delivered(
        lake,
        [
            _cdr(1, "02:00:00", "04:00:00", evse_id="NL*ABC*E9"),
            _cdr(2, "04:00:00", "06:00:00", connector_id="2"),
            _cdr(3, "06:00:00", "08:00:00", connector_standard="CHADEMO"),
            _cdr(4, "08:00:00", "10:00:00", evse_id="nl-abc-e00421"),
            _cdr(5, "10:00:00", "12:00:00", evse_uid="EVSE-77"),
        ],
    )
    assert _found(lake) == [
        ("evse_id_agrees", "warning", "CDR-1", "NL*ABC*E9 ↔ NLABCE00421"),
        ("connector_known", "warning", "CDR-2", "2"),
        ("connector_agrees", "warning", "CDR-3", "CHADEMO"),
        ("evse_id_agrees", "warning", "CDR-5", "NL*ABC*E00421 ↔ LOC-0042/EVSE-0042-1"),
    ]


def test_a_session_after_its_evse_was_removed_is_told_and_one_before_is_not(lake: Lake) -> None:
    _night(lake, NIGHT)
    _night(lake, NIGHT + timedelta(days=2), **{"@evses[0].status": "REMOVED"})
    late = _cdr(2, "08:00:00", "10:00:00")
    for name in ("start_date_time", "end_date_time", "last_updated"):
        late[name] = late[name].replace("11-10", "11-12")
    late["charging_periods"][0]["start_date_time"] = late["start_date_time"]
    delivered(lake, [_cdr(1, "08:00:00", "10:00:00"), late])
    assert sorted(_found(lake)) == [
        ("known_evse", "warning", "CDR-2", "EVSE-0042-1"),
        ("session_after_removed", "warning", "CDR-2", "EVSE-0042-1"),
    ]


def test_an_evse_that_was_refused_or_came_the_night_after_is_known_all_the_same(lake: Lake) -> None:
    _night(lake, NIGHT, **{"@evses[0].status": "BROKEN"})
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert _found(lake) == []
    other = Lake(lake.root.parent / "other")
    _night(other, NIGHT, location_id="LOC-1", **{"@evses[0].evse_id": "NL*ABC*E1", "@evses[0].uid": "1"})
    _night(other, NIGHT + timedelta(days=2))
    delivered(other, [good_record("cdr", "2.2.1")])
    assert _found(other) == []


def test_the_location_of_the_sessions_start_counts_and_not_that_of_today(lake: Lake) -> None:
    _night(lake, NIGHT)
    _night(lake, NIGHT + timedelta(days=3), latitude="52.090700", longitude="5.121400")
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert _found(lake) == []
    later = good_record("cdr", "2.2.1")
    for name in ("start_date_time", "end_date_time", "last_updated"):
        later[name] = later[name].replace("11-10", "11-13")
    for period in later["charging_periods"]:
        period["start_date_time"] = period["start_date_time"].replace("11-10", "11-13")
    other = Lake(lake.root.parent / "other")
    _night(other, NIGHT)
    _night(other, NIGHT + timedelta(days=3), latitude="52.090700", longitude="5.121400")
    delivered(other, [later])
    assert [(rule, value) for rule, _, _, value in _found(other)] == [
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
    ((rule, severity, _, value),) = _found(lake)
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
    assert "coordinates_match_permit" in _not_run(lake, pull)
    judgement = judged_again(lake, DELIVERY, register=register)
    assert "coordinates_match_permit" not in _not_run(lake, judgement)
    assert [(rule, value) for rule, _, _, value in _found(lake)] == [
        ("coordinates_match_permit", "51.846870, 5.863410: 26 m ↔ 51.8471, 5.86341")
    ]
    night = Delivery("locations", "NL-ABC", NIGHT)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=NIGHT)
    judged_again(lake, night, register=register)
    assert _rules(lake, night) == {"coordinates_match_permit"}


@pytest.mark.parametrize("text", ["a,b\n", "cpo,location_id,evse_id,latitude,longitude,document\nNL-ABC,1,,x,5.8,d\n"])
def test_a_register_of_places_that_cannot_be_used_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(text)
    with pytest.raises(RegisterUnusable, match=r"first line|line 2"):
        read_places(path)


def _readings(readings: list[float]) -> list[dict[str, Any]]:
    """Sessions of two hours, one a day, whose energy is a reading."""
    sessions = []
    for number, reading in enumerate(readings, start=1):
        record = _cdr(number, "08:00:00", "10:00:00", total_energy_kwh=reading)
        for name in ("start_date_time", "end_date_time", "last_updated"):
            record[name] = record[name].replace("11-10", f"11-{number + 8:02d}")
        record["charging_periods"] = [
            {"start_date_time": record["start_date_time"], "dimensions": [{"type": "TIME", "volume": 2.0}]}
        ]
        sessions.append(record)
    return sessions


@pytest.mark.parametrize(
    ("readings", "is_told"),
    [
        ([20.0 + number / 4 for number in range(10)], True),
        ([20.0 + number / 4 for number in range(9)], False),  # too few to tell
        ([20.0 + number / 4 for number in range(9)] + [3.0], False),
        ([20.0] * 10, False),
    ],
)
def test_energies_that_only_ever_grow_are_the_reading_of_the_meter(
    lake: Lake, readings: list[float], is_told: bool
) -> None:
    delivered(lake, _readings(readings))
    findings = pq.read_table(lake.table("findings", DELIVERY)).to_pylist()
    told = [row["value"] for row in findings if row["rule"] == "energy_is_session_only"]
    assert told == (["LOC-0042/EVSE-0042-1"] if is_told else [])
