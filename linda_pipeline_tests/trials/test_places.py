"""Each trial file of Locations has the verdict of the trials' README, on the Location and on its EVSEs."""

from __future__ import annotations

from pathlib import Path

from linda_pipeline_tests.trials.door import judged, needs_trials

pytestmark = needs_trials


def test_a_place_at_home_is_held_back_with_its_evse_and_nothing_else_is_said(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "home-location.json")
    assert outcome.told == {}
    assert outcome.counts == {"locations": (0, 0, 1), "evses": (0, 0, 1)}
    assert outcome.held == {"LOC-0042": "not_public"}


def test_one_uid_on_several_evses_is_an_error_on_each_of_them(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "location-uid-twice.json")
    assert outcome.told == {
        "error evse_uid_unique evses[0].uid": ["EVSE-0042-1", "EVSE-0042-1"],
        "error evse_uid_unique evses[1].uid": ["EVSE-0042-1"],
    }
    assert outcome.counts == {"locations": (2, 0, 0), "evses": (0, 3, 0)}


def test_a_connector_that_only_a_later_version_names_is_told_with_that_version(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "megawatt-connector-in-2.2.1.json")
    path = "evses[0].connectors[0].standard"
    assert outcome.told == {f"error connectors_connector_standard_unknown_value {path}": ["EVSE-0042-1"]}
    shown = outcome.values["EVSE-0042-1", "connectors_connector_standard_unknown_value"]
    assert shown == "MCS (vanaf / from OCPI 2.3.0)"
    assert outcome.counts == {"locations": (1, 0, 0), "evses": (0, 1, 0)}


CONNECTOR = "evses[0].connectors[0]"
LOCATIONS = {
    "warning time_zone_iana time_zone": ["L-tzoff", "L-tzx"],
    "warning last_updated_not_in_future last_updated": ["L-fut"],
    "warning last_updated_not_in_future evses[0].last_updated": ["U-fut"],
    "warning connector_id_unique evses[0].connectors[1].id": ["U-dupcon"],
    f"warning connector_ratings_positive {CONNECTOR}.max_amperage": ["U-negP", "U-zeroP"],
    f"warning connector_ratings_positive {CONNECTOR}.max_electric_power": ["U-negP", "U-zeroP"],
    f"warning connector_ratings_positive {CONNECTOR}.max_voltage": ["U-zeroP"],
    "error evse_uid_unique evses[0].uid": ["U-dupuid"],
    "error evse_uid_unique evses[1].uid": ["U-dupuid"],
    "error evse_id_unique evses[0].evse_id": ["U-dupuid"],
    "error evse_id_unique evses[1].evse_id": ["U-dupuid"],
    f"error connectors_connector_standard_unknown_value {CONNECTOR}.standard": ["U-mcs", "U-nacs"],
    f"warning power_unit_plausible {CONNECTOR}.max_electric_power": ["U-mcs"],
    "error country_is_nld country": ["L-belg", "L-country", "L-seed"],
}
"""What the README asks of this file; the rest of it is what the profile has always asked."""


def test_the_locations_of_the_trials_have_the_verdicts_of_the_readme(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "locations.json")
    assert {said: outcome.told.get(said) for said in LOCATIONS} == LOCATIONS
    assert outcome.counts == {"locations": (28, 7, 2), "evses": (18, 16, 2)}
    assert outcome.held == {"L-pubfalse": "not_public", "L-pubstr": "scope_unreadable"}
    innocent = {
        "L-tzcet",
        "L-tzny",
        "L-kw",
        "L-v400",
        "L-type2dc",
        "L-ac2",
        "L-lower",
        "L-zzz",
        "L-dash",
        "L-evsecoord",
    }
    assert not innocent & {one for ids in outcome.told.values() for one in ids}
