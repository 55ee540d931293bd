"""Made-up Locations stand where they should and are the same every time."""

from __future__ import annotations

import re

import pytest

from linda_pipeline.simulator.fleet import AC_11, CITIES, DC_50, Fleet, make_fleet


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return make_fleet("NL-ZON", "Zonnestroom Laden B.V.", seed=3, locations=400)


def test_the_same_seed_gives_the_same_fleet_and_another_seed_another(fleet: Fleet) -> None:
    assert make_fleet("NL-ZON", "Zonnestroom Laden B.V.", seed=3, locations=400) == fleet
    assert make_fleet("NL-ZON", "Zonnestroom Laden B.V.", seed=4, locations=400) != fleet


def test_every_location_stands_within_reach_of_its_city(fleet: Fleet) -> None:
    cities = {city.name: city for city in CITIES}
    for place in fleet.locations:
        city = cities[place.city]
        assert abs(float(place.latitude) - city.latitude) <= 0.045001
        assert abs(float(place.longitude) - city.longitude) <= 0.070001
    assert {place.city for place in fleet.locations} == set(cities)


def test_addresses_and_postal_codes_have_the_form_of_the_profile(fleet: Fleet) -> None:
    assert fleet.locations
    for place in fleet.locations:
        assert re.fullmatch(r"[1-9]\d{3} (?!SA|SD|SS)[A-Z]{2}", place.postal_code)
        assert re.fullmatch(r".+ \d+( A)?", place.address)


def test_evse_ids_are_unique_and_ac_posts_have_an_even_number_of_evses(fleet: Fleet) -> None:
    ids = [evse.evse_id for place in fleet.locations for evse in place.evses]
    assert len(set(ids)) == len(ids)
    assert all(len(place.evses) % 2 == 0 for place in fleet.locations)


def test_most_of_the_stock_is_ac_and_some_of_it_is_fast(fleet: Fleet) -> None:
    fast = [evse.charger.is_dc for _, evse in fleet.charge_points]
    assert 0.03 < sum(fast) / len(fast) < 0.2


def test_nobody_charges_at_a_removed_evse(fleet: Fleet) -> None:
    removed = [evse for place in fleet.locations for evse in place.evses if not evse.is_live]
    assert removed
    assert not {evse.uid for evse in removed} & {evse.uid for _, evse in fleet.charge_points}


def test_a_fleet_can_be_given_its_chargers() -> None:
    fleet = make_fleet("NL-ABC", "Voorbeeld Laden B.V.", seed=1, locations=[[AC_11], [DC_50, DC_50, AC_11]])
    assert [[evse.charger for evse in place.evses] for place in fleet.locations] == [[AC_11], [DC_50, DC_50, AC_11]]
