"""An independent oracle: records typed in by hand, in the ways that OCPI's own examples and the field are known to go wrong.

The records are of our own making and are not built from the rules' good examples; the findings that each must give were
written down beside it by hand, from the reference texts.
"""

from __future__ import annotations

from typing import Any

import pytest

from linda_pipeline_tests.quality.judged import judge

# 2.2.1: latitude and longitude swapped; last_updated before the end of the session; abroad; a house number
# with its letter glued to it: the place is known, and the profile wants a space (trials, June 2026).
SWAPPED = {
    "country_code": "NL",
    "party_id": "ABC",
    "id": "0000000012",
    "start_date_time": "2026-11-03T20:10:00Z",
    "end_date_time": "2026-11-03T22:10:00Z",
    "session_id": "77",
    "cdr_token": {
        "country_code": "DE",
        "party_id": "TNM",
        "uid": "012345678",
        "type": "RFID",
        "contract_id": "DE8ACC12E46L89",
    },
    "auth_method": "WHITELIST",
    "cdr_location": {
        "id": "L1",
        "address": "Veerplein 3A",
        "city": "Gouda",
        "postal_code": "2801DC",
        "country": "NLD",
        "coordinates": {"latitude": "4.711500", "longitude": "52.011700"},
        "evse_uid": "3256",
        "evse_id": "NL*ABC*E041503003",
        "connector_id": "1",
        "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET",
        "connector_power_type": "AC_1_PHASE",
    },
    "currency": "EUR",
    "tariffs": [
        {
            "country_code": "NL",
            "party_id": "ABC",
            "id": "12",
            "currency": "EUR",
            "elements": [{"price_components": [{"type": "TIME", "price": 2.00, "vat": 10.0, "step_size": 300}]}],
            "last_updated": "2026-02-02T14:15:01Z",
        }
    ],
    "charging_periods": [
        {"start_date_time": "2026-11-03T20:10:00Z", "dimensions": [{"type": "TIME", "volume": 2.0}], "tariff_id": "12"}
    ],
    "total_cost": {"excl_vat": 4.00, "incl_vat": 4.40},
    "total_energy": 15.342,
    "total_time": 2.0,
    "total_time_cost": {"excl_vat": 4.00, "incl_vat": 4.40},
    "last_updated": "2026-11-03T21:01:13Z",
}
SWAPPED_GIVES = {
    ("coordinates_in_netherlands", "error", "cdr_location.coordinates.latitude"),
    ("last_updated_not_before_end", "warning", "last_updated"),
    ("address_addition_format", "warning", "cdr_location.address"),
    ("postal_code_format", "error", "cdr_location.postal_code"),
    ("tariffs_type_required", "error", "tariffs[0].type"),
    ("total_fixed_cost_excl_vat_required", "error", "total_fixed_cost.excl_vat"),
    ("total_energy_cost_excl_vat_required", "error", "total_energy_cost.excl_vat"),
    ("total_parking_time_required", "error", "total_parking_time"),
}

# 2.1.1: amounts as text, also with a comma; a two-letter country; no evse_id; the end under its name of 2.2; a fraction
# after a colon; FLAT is of this version and fine; no operator, and an EVSE without status.
OLD_STYLE = {
    "id": "CDR0001",
    "start_date_time": "2026-11-03T20:10:00:093Z",
    "end_date_time": "2026-11-03T22:10:00Z",
    "auth_id": "DE8ACC12E46L89",
    "auth_method": "WHITELIST",
    "location": {
        "id": "LOC1",
        "type": "ON_STREET",
        "address": "Veerplein 3",
        "city": "Gouda",
        "postal_code": "2801 DC",
        "country": "NL",
        "coordinates": {"latitude": "52.01", "longitude": "4.711500"},
        "evses": [
            {
                "uid": "3256",
                "connectors": [
                    {
                        "id": "1",
                        "standard": "IEC_62196_T2",
                        "format": "SOCKET",
                        "power_type": "AC_1_PHASE",
                        "voltage": 230,
                        "amperage": 64,
                        "last_updated": "2026-01-01T10:00:00Z",
                    }
                ],
                "last_updated": "2026-01-01T10:00:00Z",
            }
        ],
        "last_updated": "2026-01-01T10:00:00Z",
    },
    "currency": "EUR",
    "tariffs": [{"id": "12", "currency": "EUR", "elements": [], "last_updated": "2026-02-02T14:15:01Z"}],
    "charging_periods": [
        {
            "start_date_time": "2026-11-03T20:10:00Z",
            "dimensions": [{"type": "FLAT", "volume": 1}, {"type": "ENERGY", "volume": "15,34"}],
        }
    ],
    "total_cost": "4.00",
    "total_energy": "4,00",
    "total_time": 1.973,
    "total_parking_time": 0,
    "last_updated": "2026-11-03T22:11:00+00:00",
}
OLD_STYLE_GIVES = {
    ("country_is_nld", "error", "location.country"),
    ("start_date_time_unreadable", "error", "start_date_time"),
    ("end_date_time_required", "error", "stop_date_time"),
    ("total_cost_excl_vat_unreadable", "error", "total_cost"),
    ("total_energy_unreadable", "error", "total_energy"),
    ("charging_periods_dimensions_volume_unreadable", "error", "charging_periods[0].dimensions[1].volume"),
    ("evse_id_required", "error", "location.evses[0].evse_id"),
    ("evse_status_required", "error", "location.evses[0].status"),
    ("operator_name_required", "error", "location.operator.name"),
    ("coordinates_metre_precise", "error", "location.coordinates.latitude"),
    ("timestamp_zero_offset", "warning", "last_updated"),
}

# 2.3.0: periods with session-only dimensions and in Wh; a placeholder for the start; the token's contract as an MD5; a
# new connector, which an open enum allows; a place that OCPI does not know; lower-case codes.
NEW_STYLE = {
    "country_code": "nl",
    "party_id": "abc",
    "id": "9d6c4f0a-11aa-4c5e-9f1d-0c7a5b7b2f11",
    "start_date_time": "1970-1-1T00:00:00Z",
    "end_date_time": "2026-11-03T22:10:00Z",
    "cdr_token": {
        "country_code": "NL",
        "party_id": "EMS",
        "uid": "04AABBCCDDEE11",
        "type": "EMAID",
        "contract_id": "098f6bcd4621d373cade4e832627b4f6",
    },
    "auth_method": "COMMAND",
    "cdr_location": {
        "id": "L1",
        "address": "Veerplein 3",
        "city": "Gouda",
        "postal_code": "2801 DC",
        "country": "NLD",
        "coordinates": {"latitude": "0.00000", "longitude": "0.00000"},
        "evse_uid": "3256",
        "evse_id": "nl-abc-e041503003",
        "connector_id": "1",
        "connector_standard": "ANDERS_STEKKER",
        "connector_format": "CABLE",
        "connector_power_type": "AC_4_PHASE",
    },
    "currency": "eur",
    "tariffs": [
        {
            "country_code": "NL",
            "party_id": "ABC",
            "id": "12",
            "currency": "EUR",
            "type": "REGULAR",
            "tax_included": "NO",
            "elements": [],
            "last_updated": "2026-02-02T14:15:01Z",
        }
    ],
    "charging_periods": [
        {
            "start_date_time": "2026-11-03T20:10:00Z",
            "dimensions": [{"type": "ENERGY", "volume": 15342}, {"type": "STATE_OF_CHARGE", "volume": 80}],
        }
    ],
    "total_cost": {"before_taxes": 4.0},
    "total_fixed_cost": {"before_taxes": 0.0},
    "total_energy_cost": {"before_taxes": 4.0},
    "total_energy": 15.342,
    "total_time": 2.0,
    "total_parking_time": 0.25,
    "last_updated": "2026-11-03T22:11:00.123Z",
}
NEW_STYLE_GIVES = {
    ("start_date_time_required", "error", "start_date_time"),
    ("contract_id_not_hashed", "warning", "cdr_token.contract_id"),
    ("contract_id_format", "warning", "cdr_token.contract_id"),
    ("coordinates_in_netherlands", "error", "cdr_location.coordinates.latitude"),
    ("connector_standard_unknown_value", "info", "cdr_location.connector_standard"),
    ("connector_power_type_unknown_value", "error", "cdr_location.connector_power_type"),
    ("currency_iso_4217", "error", "currency"),
    ("session_only_dimension", "warning", "charging_periods[0].dimensions[1].type"),
    ("energy_matches_periods", "warning", "total_energy"),
}

# A Location: power in kW times a million, a part newer than the whole, an unnamed operator, an unknown parking type.
PLACE = {
    "country_code": "NL",
    "party_id": "ABC",
    "id": "L1",
    "publish": True,
    "parking_type": "UNKNOWN",
    "address": "Veerplein 3",
    "city": "Gouda",
    "postal_code": "2801 DC",
    "country": "NLD",
    "coordinates": {"latitude": "52.011700", "longitude": "4.711500"},
    "evses": [
        {
            "uid": "3256",
            "evse_id": "NL*ABC*E041503003*1",
            "status": "AVAILABLE",
            "connectors": [
                {
                    "id": "1",
                    "standard": "IEC_62196_T2",
                    "format": "SOCKET",
                    "power_type": "AC_3_PHASE",
                    "max_voltage": 230,
                    "max_amperage": 32,
                    "max_electric_power": 7590000,
                    "last_updated": "2026-01-01T10:00:01Z",
                }
            ],
            "last_updated": "2026-01-01T10:00:00Z",
        }
    ],
    "time_zone": "Europe/Amsterdam",
    "last_updated": "2026-01-01T09:59:59Z",
}
PLACE_GIVES = {
    ("operator_name_required", "error", "operator.name"),
    ("location_type_unknown_value", "warning", "parking_type"),
    ("last_updated_parent", "info", "last_updated"),
    ("evse_id_point_suffix", "info", "evse_id"),
    ("power_unit_plausible", "warning", "connectors[0].max_electric_power"),
}


@pytest.mark.parametrize(
    ("object_name", "version", "record", "expected"),
    [
        pytest.param("cdr", "2.2.1", SWAPPED, SWAPPED_GIVES, id="swapped"),
        pytest.param("cdr", "2.1.1", OLD_STYLE, OLD_STYLE_GIVES, id="old style"),
        pytest.param("cdr", "2.3.0", NEW_STYLE, NEW_STYLE_GIVES, id="new style"),
        pytest.param("location", "2.2.1", PLACE, PLACE_GIVES, id="place"),
    ],
)
def test_a_record_typed_in_by_hand_gives_the_findings_written_down_beside_it(
    object_name: str, version: str, record: dict[str, Any], expected: set[tuple[str, str, str]]
) -> None:
    found = judge(object_name, version, [record]).found[0]
    assert {(rule, severity, path) for rule, severity, path, _ in found} == expected


@pytest.mark.parametrize(
    "address", ["De Hoek 12", "1e Jan Steenstraat 7 B", "Plein 1944 3", "'s-Gravenweg 12 A-1", "Achter de Hoven 114"]
)
def test_streets_that_careless_rules_refuse_pass(address: str) -> None:
    swapped: Any = SWAPPED["cdr_location"]
    place = {
        **swapped,
        "address": address,
        "city": "Súdwest-Fryslân",
        "id": "3f2504e04f8941d39a0c0305e82c3301",
    }
    record = {**SWAPPED, "cdr_location": place, "id": "3f2504e04f8941d39a0c0305e82c3301"}
    rules = {rule for rule, *_ in judge("cdr", "2.2.1", [record]).found[0]}
    assert rules == {rule for rule, *_ in SWAPPED_GIVES} - {"address_addition_format"}
