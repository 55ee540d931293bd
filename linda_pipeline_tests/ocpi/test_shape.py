"""The shape of records: what the tester refuses, and what the patient reader tells of it, place by place."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from linda_pipeline.ocpi import shape
from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, Type, walk
from linda_pipeline.quality.example import good_record
from linda_pipeline_tests.ocpi.places import path_of, places_in, put

BOTH = [(object_name, version) for object_name in ("cdr", "location") for version in VERSIONS]
PERIOD = ("charging_periods", 0)
VOLUME = (*PERIOD, "dimensions", 0, "volume")


def told(record: Any, object_name: str = "cdr", version: str = "2.2.1") -> list[tuple[str, str, str]]:
    """(column, path, found) of each flaw in a record."""
    _, flaws = shape.read_patiently(object_name, version, json.dumps(record).encode())
    return [(flaw.column, flaw.path, flaw.found) for flaw in flaws]


def passes(record: Any, object_name: str = "cdr", version: str = "2.2.1") -> bool:
    try:
        shape.tester(object_name, version).decode(json.dumps(record).encode())
    except msgspec.DecodeError:
        return False
    return True


@pytest.mark.parametrize(("object_name", "version"), BOTH)
def test_a_good_record_passes_and_the_patient_reader_agrees(object_name: str, version: str) -> None:
    record = good_record(object_name, version)
    assert passes(record, object_name, version)
    assert told(record, object_name, version) == []


@pytest.mark.parametrize(("object_name", "version"), BOTH)
def test_the_tester_and_the_patient_reader_agree_on_every_place_and_type(object_name: str, version: str) -> None:
    good = good_record(object_name, version)
    values: list[Any] = [None, True, 7, 7.5, "text", [], {}, ["text"], [{}], [None], 2**70]
    places = list(places_in(good))
    assert len(places) > 20
    for where in places:
        for value in values:
            record = put(good, where, value)
            fine = told(record, object_name, version) == []
            assert passes(record, object_name, version) is fine, (path_of(where), value)


@pytest.mark.parametrize(
    ("where", "value", "expected"),
    [
        (("total_energy",), "4,00", [("total_energy_kwh", "total_energy", '"4,00"')]),
        (("total_energy",), True, [("total_energy_kwh", "total_energy", "true")]),
        (("total_energy",), [12.5], [("total_energy_kwh", "total_energy", "[12.5]")]),
        (("total_energy",), {"kwh": 12.5}, [("total_energy_kwh", "total_energy", '{"kwh": 12.5}')]),
        (("id",), 42, [("cdr_id", "id", "42")]),
        (("start_date_time",), 1794295800, [("start_date_time", "start_date_time", "1794295800")]),
        (
            ("cdr_location", "coordinates", "latitude"),
            51.8,
            [("latitude", "cdr_location.coordinates.latitude", "51.8")],
        ),
        (("credit",), "false", [("credit", "credit", '"false"')]),
        (("signed_data",), "base64", [("signed_data", "signed_data", '"base64"')]),
        (
            VOLUME,
            "12,5",
            [("charging_periods.dimensions.volume", "charging_periods[0].dimensions[0].volume", '"12,5"')],
        ),
        (
            ("total_cost",),
            4.0,
            [("total_cost_excl_vat", "total_cost", "4.0"), ("total_cost_incl_vat", "total_cost", "4.0")],
        ),
        (("charging_periods",), {}, [("charging_periods", "charging_periods", "{}")]),
        (
            (*PERIOD, "dimensions"),
            "none",
            [("charging_periods.dimensions", "charging_periods[0].dimensions", '"none"')],
        ),
        (PERIOD, "period", [("charging_periods", "charging_periods[0]", '"period"')]),
        (PERIOD, None, [("charging_periods", "charging_periods[0]", "null")]),
    ],
)
def test_a_wrong_type_is_told_at_its_exact_place(
    where: tuple[str | int, ...], value: Any, expected: list[tuple[str, str, str]]
) -> None:
    record = put(good_record("cdr", "2.2.1"), where, value)
    assert not passes(record)
    assert told(record) == expected


def test_an_object_in_the_wrong_place_flaws_every_column_below_it() -> None:
    found = told({**good_record("cdr", "2.2.1"), "cdr_token": ["04A1"]})
    assert found == [(name, "cdr_token", '["04A1"]') for name in ("token_uid", "token_type", "contract_id")]


def test_every_flaw_of_a_record_is_told() -> None:
    record = put(put(good_record("cdr", "2.2.1"), VOLUME, True), ("total_time",), "3,5")
    assert [path for _, path, _ in told(record)] == ["charging_periods[0].dimensions[0].volume", "total_time"]


def test_null_is_missing_and_no_flaw() -> None:
    record = {key: None for key in good_record("cdr", "2.2.1")}  # noqa: C420 (each key by name)
    assert passes(record)
    assert told(record) == []


@pytest.mark.parametrize(
    ("value", "flawed"), [(230.0, False), (230.5, True), (2**63 - 1, False), (2**63, True), (True, True)]
)
def test_a_whole_number_may_be_written_with_a_point(value: Any, flawed: bool) -> None:
    where = ("evses", 0, "connectors", 0, "max_voltage")
    record = put(good_record("location", "2.2.1"), where, value)
    assert bool(told(record, "location")) is flawed


def test_what_is_shown_of_a_value_is_short() -> None:
    assert len(told({**good_record("cdr", "2.2.1"), "total_energy": "x" * 5000})[0][2]) == 200


def test_fields_that_the_portal_does_not_import_may_hold_anything() -> None:
    record = {**good_record("cdr", "2.2.1"), "nltnm_extension": [{"deep": [None, 1, "x"]}], "total_energy_extra": "x"}
    assert passes(record)
    assert told(record) == []


def test_what_is_no_object_cannot_be_read() -> None:
    for record in (b'"text"', b"[]", b"null", b"4.0", b"", b"{", b'{"id": ', b"\xff\xfe"):
        clean, flaws = shape.read_patiently("cdr", "2.2.1", record)
        assert clean is None
        assert [(flaw.column, flaw.path) for flaw in flaws] == [("", "")]


def test_every_column_of_a_version_has_its_place_in_the_shape() -> None:
    for object_name, version in BOTH:
        known = {column.name for column in _columns_below(shape.shape_of(object_name, version))}
        said = {
            column.name
            for column in walk(OBJECTS[object_name])
            if version in column.path
            and column.type is not Type.LIST
            and column.holds is None
            and "." not in column.name
        }
        assert said
        assert said <= known


def _columns_below(node: Any) -> list[Any]:
    own = [node.column] if node.column is not None else []
    return own + [column for inner in node.fields.values() for column in _columns_below(inner)]


def test_a_path_is_written_as_sql_and_of_a_list_the_one_element_that_is_meant() -> None:
    assert shape.place("cdr_location.id") == "r['cdr_location']['id']"
    assert shape.place("evses[0].uid", "l") == "(CASE WHEN len(l['evses']) = 1 THEN l['evses'][1] END)['uid']"
