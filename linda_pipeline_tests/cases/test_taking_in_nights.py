"""Cases of Locations and EVSEs: without a term, and closed by the first night that is clean."""

from __future__ import annotations

from datetime import date
from typing import Any

from linda_pipeline.ledger.follow_up import waiting
from linda_pipeline_tests.cases.followed import Followed
from linda_pipeline_tests.deliveries import LICHTDAM, demo_areas, evse, judged, location

NIGHTS = [date(2026, 11, day) for day in range(23, 29)]
NO_PLACE: dict[str, Any] = {"latitude": "0.000000", "longitude": "0.000000"}


def with_bad_evse(number: int = 1) -> dict[str, object]:
    """A Location with two EVSEs, of which the second has no status that is known."""
    return {**location(number), "evses": [evse(number, 0), evse(number, 1, status="BROKEN")]}


def deliver(road: Followed, night: date, *records: dict[str, object]) -> dict[str, int]:
    return road.deliver(night, *records, module="locations")


def test_a_refused_location_opens_a_case_without_a_term_and_a_clean_night_closes_it(road: Followed) -> None:
    assert deliver(road, NIGHTS[0], location(1), location(2, **NO_PLACE)) == {"opened": 1}
    (case,) = road.cases()
    assert (case.object, case.record_id, case.due_date, case.module) == ("location", "LOC-0002", None, "locations")
    assert deliver(road, NIGHTS[1], location(1), location(2)) == {"corrected": 1}
    (case,) = road.cases()
    assert (case.state, case.closed_on, case.closed_by) == ("corrected", NIGHTS[1], "locations/NL-ABC/2026-11-24")


def test_equal_nights_tell_nothing_new_and_other_rules_do(road: Followed) -> None:
    deliver(road, NIGHTS[0], location(1, **NO_PLACE))
    assert deliver(road, NIGHTS[1], location(1, **NO_PLACE)) == {}
    assert deliver(road, NIGHTS[2], location(1, **NO_PLACE, country="NEDERLAND")) == {"rules_changed": 1}
    assert road.told(1) == ["opened", "rules_changed"]
    assert road.cases()[0].last_window == NIGHTS[2]


def test_an_evse_is_followed_by_itself_and_is_mended_also_where_its_location_is_refused(road: Followed) -> None:
    assert deliver(road, NIGHTS[0], with_bad_evse()) == {"opened": 1}
    assert (road.cases()[0].object, road.cases()[0].record_id) == ("evse", "EVSE-0001-1")
    refused = {**location(1, evses=2, **NO_PLACE)}
    assert deliver(road, NIGHTS[1], refused) == {"opened": 1, "corrected": 1}
    assert road.states() == [("EVSE-0001-1", "corrected"), ("LOC-0001", "open")]


def test_what_is_gone_from_a_complete_night_has_nothing_to_mend_any_more(road: Followed) -> None:
    deliver(road, NIGHTS[0], location(1), location(2, **NO_PLACE), with_bad_evse(3))
    assert deliver(road, NIGHTS[1], location(1), {**location(3), "evses": [evse(3, 0)]}) == {"withdrawn": 2}


def test_what_is_broken_on_a_later_night_gets_a_new_case_that_names_the_old(road: Followed) -> None:
    deliver(road, NIGHTS[0], location(1, **NO_PLACE))
    deliver(road, NIGHTS[1], location(1))
    assert deliver(road, NIGHTS[2], location(1, **NO_PLACE)) == {"opened": 1}
    assert [(one.state, one.previous_id) for one in road.cases()] == [("corrected", None), ("open", 1)]


def test_the_region_is_that_of_the_place_and_else_that_of_a_cpo_with_a_single_one(road: Followed) -> None:
    areas = demo_areas()
    for night, cpo in (
        (NIGHTS[0], road.cpo),
        (NIGHTS[1], road.cpo.__class__(**{**vars(road.cpo), "nal_regions": ("G4",)})),
    ):
        bad = [with_bad_evse(1), {**location(2, **LICHTDAM), "evses": [evse(2, 0, status="BROKEN")]}]
        judged(road.lake, road.pull(night, *bad, module="locations"), cpo, areas)
    told = [one.refused["nal_region"].to_pylist() for one in waiting(road.lake)]
    here = areas.nal_regions([51.4416], [5.4697])[0].as_py()
    assert here is not None
    assert told == [[None, here], ["G4", here]]
