"""Raw records into columns: what good ones give in every version, and that nothing at all raises or is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.example import good_record
from linda_pipeline_tests.ocpi.places import places_in
from linda_pipeline_tests.ocpi.units import changed_cdr, row_of, unit_of

BOTH = [(object_name, version) for object_name in ("cdr", "location") for version in VERSIONS]
PLACES = {both: list(places_in(good_record(*both))) for both in BOTH}
START, END = datetime(2026, 11, 10, 7, 30, tzinfo=UTC), datetime(2026, 11, 10, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_cdr_gives_the_same_values_in_every_version(version: str) -> None:
    row = row_of(unit_of(good_record("cdr", version), version=version))
    expected = {
        "cdr_id": "CDR-2026-000042",
        "start_date_time": START,
        "end_date_time": END,
        "end_date_time__text": "2026-11-10T11:00:00Z",
        "contract_id": "NL-EMS-C00000042-X",
        "location_id": "LOC-0042",
        "latitude": 51.846870,
        "latitude__text": "51.846870",
        "longitude": 5.863410,
        "evse_uid": "EVSE-0042-1",
        "evse_id": "NL*ABC*E00421",
        "connector_id": "1",
        "connector_power_type": "AC_3_PHASE",
        "total_cost_excl_vat": 4.0,
        "total_energy_kwh": 12.5,
        "total_time_h": 3.5,
        "total_parking_time_h": 1.5,
        "last_updated": datetime(2026, 11, 10, 12, 0, tzinfo=UTC),
        "page": 1,
        "position": 0,
        "readable": True,
        "reservation_only": False,
    }
    assert {name: row[name] for name in expected} == expected
    periods = row["charging_periods"]
    assert [period["start_date_time"] for period in periods] == [START, datetime(2026, 11, 10, 9, 30, tzinfo=UTC)]
    assert periods[0]["dimensions"] == [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 2.0}]
    assert row["tariffs"][0]["id"] == "T-1"


def test_what_only_one_version_has_is_read_there() -> None:
    old, new, newest = (row_of(unit_of(good_record("cdr", version), version=version)) for version in VERSIONS)
    assert (old["evse_count"], old["connector_count"], old["operator_name"]) == (1, 1, "Voorbeeld Laden B.V.")
    assert "party_id" not in old
    assert (new["party_id"], new["token_uid"], new["total_cost_incl_vat"]) == ("ABC", "04A1B2C3D4E5F6", 4.84)
    assert newest["total_cost_excl_vat"] == 4.0
    assert "total_cost_incl_vat" not in newest


@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_location_gives_its_evses_under_our_names(version: str) -> None:
    row = row_of(unit_of(good_record("location", version), object_name="location", version=version))
    assert (row["location_id"], row["city"], row["latitude"]) == ("LOC-0042", "Nijmegen", 51.846870)
    assert row["location_type"] == "ON_STREET"
    (evse,) = row["evses"]
    assert (evse["evse_uid"], evse["evse_id"], evse["status"]) == ("EVSE-0042-1", "NL*ABC*E00421", "AVAILABLE")
    connector = evse["connectors"][0]
    assert (connector["max_voltage_v"], connector["max_amperage_a"]) == (230, 16)
    assert connector["last_updated"] == datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("evses", [0, 2])
def test_a_2_1_1_cdr_with_another_number_of_evses_has_none(evses: int) -> None:
    record = good_record("cdr", "2.1.1")
    record["location"]["evses"] *= evses
    row = row_of(unit_of(record, version="2.1.1"))
    assert (row["evse_count"], row["evse_uid"], row["connector_id"]) == (evses, None, None)


MOMENTS = {
    "2026-11-10T07:30:00": START,
    "2026-11-10T07:30:00.000Z": START,
    "2026-11-10T08:30:00+01:00": START,
    "2026-11-10T07:30:00+00:00": START,
    "2026-11-10T07:30:00.123Z": START.replace(microsecond=123000),
    "2026-11-10T07:30:00:093Z": None,
    "2026-11-10 07:30:00Z": None,
    "2026-11-10T07:30Z": None,
    "2026-11-10": None,
    "10-11-2026T07:30:00Z": None,
    "2026-02-30T07:30:00Z": None,
    "0000-01-01T00:00:00Z": None,
    "2026-11-10T24:00:00Z": None,
    "now": None,
}


def test_moments_are_read_in_utc_or_kept_as_text() -> None:
    unit = unit_of(*(changed_cdr(start_date_time=sent) for sent in MOMENTS))
    assert dict(zip(MOMENTS, unit.table["start_date_time"].to_pylist(), strict=True)) == MOMENTS
    assert unit.table["start_date_time__text"].to_pylist() == list(MOMENTS)


def test_moments_in_lists_are_read_alike() -> None:
    unit = unit_of(*(changed_cdr(**{"charging_periods[0].start_date_time": sent}) for sent in MOMENTS))
    first = [periods[0] for periods in unit.table["charging_periods"].to_pylist()]
    assert dict(zip(MOMENTS, (period["start_date_time"] for period in first), strict=True)) == MOMENTS
    assert [period["start_date_time__text"] for period in first] == list(MOMENTS)


def test_a_moment_that_says_nothing_is_missing() -> None:
    unsaid = ["1970-1-1T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000+00:00", "", " ", "#NA"]
    unit = unit_of(*(changed_cdr(start_date_time=sent) for sent in unsaid))
    assert unit.table["start_date_time"].to_pylist() == [None] * len(unsaid)
    assert unit.table["start_date_time__text"].to_pylist() == [None] * len(unsaid)


def test_coordinates_that_are_no_numbers_are_kept_as_text() -> None:
    wrong = ["51,8", "N51.8", "51.8°", "5.18e1", "1" * 400, "NaN"]
    unit = unit_of(*(changed_cdr(cdr_location__coordinates__latitude=sent) for sent in wrong))
    assert unit.table["latitude"].to_pylist() == [None] * len(wrong)
    assert unit.table["latitude__text"].to_pylist() == wrong


def test_text_that_says_nothing_is_missing() -> None:
    unit = unit_of(*(changed_cdr(cdr_location__city=sent) for sent in ("", "  ", "#NA", "Ede")))
    assert unit.table["city"].to_pylist() == [None, None, None, "Ede"]


def test_a_reservation_that_never_became_a_session_is_known() -> None:
    def energy(value: float) -> dict[str, Any]:
        return {"total_energy": value, "charging_periods": []}

    reserved = [
        {"start_date_time": "2026-11-10T07:30:00Z", "dimensions": [{"type": "RESERVATION_TIME", "volume": 1.0}]}
    ]
    mixed = [{**reserved[0], "dimensions": [*reserved[0]["dimensions"], {"type": "TIME", "volume": 1.0}]}]
    unit = unit_of(
        changed_cdr(cdr_location__evse_uid="#NA", **energy(0.0)),
        changed_cdr(cdr_location__evse_id="#NA", **energy(0.0)),
        changed_cdr(cdr_location__evse_uid="#NA", **energy(3.0)),
        changed_cdr(total_energy=0.0, charging_periods=reserved),
        changed_cdr(total_energy=0.0, charging_periods=mixed),
        changed_cdr(total_energy=3.0, charging_periods=reserved),
        changed_cdr(total_energy=0.0, charging_periods=[]),
    )
    assert unit.table["reservation_only"].to_pylist() == [True, True, False, True, False, False, False]


def test_pages_and_positions_are_kept() -> None:
    good = json.dumps(good_record("cdr", "2.2.1")).encode()
    unit = normalise("cdr", "2.2.1", [(1, [good, good]), (2, []), (3, [b"null", good])])
    assert unit.table.select(["page", "position"]).to_pylist() == [
        {"page": 1, "position": 0},
        {"page": 1, "position": 1},
        {"page": 3, "position": 0},
        {"page": 3, "position": 1},
    ]
    assert unit.table["readable"].to_pylist() == [True, True, False, True]


@pytest.mark.parametrize(("object_name", "version"), BOTH)
def test_no_records_give_an_empty_table_of_the_same_types(object_name: str, version: str) -> None:
    empty = normalise(object_name, version, [(1, [])])
    full = unit_of(good_record(object_name, version), object_name=object_name, version=version)
    assert (len(empty), empty.table.num_rows, empty.flaws.num_rows) == (0, 0, 0)
    assert empty.table.schema.remove_metadata() == full.table.schema.remove_metadata()
