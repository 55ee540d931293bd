"""Raw records into columns: what good ones give in every version, and that nothing at all raises or is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS
from linda_pipeline.ocpi.normalise import Unit, normalise
from linda_pipeline.quality.example import good_record, set_at
from linda_pipeline_tests.ocpi.places import Steps, path_of, places_in, put, related
from linda_pipeline_tests.ocpi.test_page import JSON

BOTH = [(object_name, version) for object_name in ("cdr", "location") for version in VERSIONS]
PLACES = {both: list(places_in(good_record(*both))) for both in BOTH}
START, END = datetime(2026, 11, 10, 7, 30, tzinfo=UTC), datetime(2026, 11, 10, 11, 0, tzinfo=UTC)


def unit_of(*records: Any, object_name: str = "cdr", version: str = "2.2.1") -> Unit:
    """Records (objects, or bytes as they are) as one page."""
    raw = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    return normalise(object_name, version, [(1, raw)])


def row_of(unit: Unit, row: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = unit.table.slice(row, 1).to_pylist()[0]
    return found


def flaws_of(unit: Unit) -> list[tuple[int, str, str]]:
    return [(flaw["row"], flaw["path"], flaw["found"]) for flaw in unit.flaws.to_pylist()]


def changed_cdr(version: str = "2.2.1", **paths: Any) -> dict[str, Any]:
    """A good CDR with JSON paths changed; `__` stands for a dot."""
    record = good_record("cdr", version)
    for path, value in paths.items():
        set_at(record, path.replace("__", "."), value)
    return record


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


@pytest.mark.parametrize("record", [b"null", b"[]", b'"CDR"', b"12", b"true", b"", b"{", b"\xff\xfe", b'{"id": "1"} x'])
def test_a_record_that_is_no_object_keeps_its_row(record: bytes) -> None:
    good = good_record("cdr", "2.2.1")
    unit = unit_of(good, record, good)
    assert unit.table["readable"].to_pylist() == [True, False, True]
    assert unit.table["cdr_id"].to_pylist() == [good["id"], None, good["id"]]
    assert [(row, path) for row, path, _ in flaws_of(unit)] == [(1, "")]
    assert unit.raw[1] == record


@pytest.mark.parametrize(
    ("value", "energy", "found"),
    [
        (b"NaN", None, "NaN"),
        (b"-Infinity", None, "-Infinity"),
        (b"1e999", None, "Infinity"),
        (b'"4,00"', None, '"4,00"'),
        (b"true", None, "true"),
        (b"1" + b"0" * 30, 1e30, None),
        (b"1e-400", 0.0, None),
        (b"12", 12.0, None),
        (b"1.25E1", 12.5, None),
    ],
)
def test_numbers_are_read_or_flawed(value: bytes, energy: float | None, found: str | None) -> None:
    record = (
        json.dumps(good_record("cdr", "2.2.1")).encode().replace(b'"total_energy": 12.5', b'"total_energy": ' + value)
    )
    unit = unit_of(record)
    assert row_of(unit)["total_energy_kwh"] == energy
    assert flaws_of(unit) == ([] if found is None else [(0, "total_energy", found)])
    assert row_of(unit)["cdr_id"] == "CDR-2026-000042"


@pytest.mark.parametrize(
    "stain", [b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"a\tb"', b"NaN", b"1e999", b"9" * 6000]
)
def test_a_stain_in_a_field_that_is_not_imported_changes_nothing(stain: bytes) -> None:
    good = json.dumps(good_record("cdr", "2.2.1")).encode()
    stained = good.replace(b'"total_energy"', b'"not_imported": ' + stain + b', "total_energy"')
    unit = unit_of(good, stained, good)
    assert flaws_of(unit) == []
    assert {str(row | {"position": 0}) for row in unit.table.to_pylist()} == {str(row_of(unit_of(good)))}


@pytest.mark.parametrize("stain", [b'"\\ud800"', b'"\xff"', b'"\xed\xa0\x80"'])
def test_text_that_is_no_text_is_a_flaw_at_its_place(stain: bytes) -> None:
    good = json.dumps(good_record("cdr", "2.2.1")).encode()
    unit = unit_of(good.replace(b'"Nijmegen"', stain), good.replace(b'"type": "TIME"', b'"type": ' + stain))
    assert [(row, path) for row, path, _ in flaws_of(unit)] == [
        (0, "cdr_location.city"),
        (1, "charging_periods[0].dimensions[1].type"),
    ]
    assert unit.table["total_energy_kwh"].to_pylist() == [12.5, 12.5]


def test_the_character_nul_is_a_character_like_others() -> None:
    unit = unit_of(changed_cdr(cdr_location__city="Nij\x00megen"))
    assert row_of(unit)["city"] == "Nij\x00megen"


@pytest.mark.parametrize("neighbour", [12.5, "12,5"])
def test_of_a_key_that_is_written_twice_the_first_counts(neighbour: Any) -> None:
    record = (
        json.dumps(changed_cdr(total_time=neighbour)).encode().replace(b'"id": "CDR-', b'"id": "FIRST", "id": "CDR-')
    )
    assert row_of(unit_of(record))["cdr_id"] == "FIRST"


@pytest.mark.parametrize("depth", [10, 500, 100_000])
@pytest.mark.parametrize("field", [b'"not_imported"', b'"total_energy"', b'"signed_data"', b'"charging_periods"'])
def test_deep_nesting_never_raises(depth: int, field: bytes) -> None:
    good = good_record("cdr", "2.2.1")
    deep = json.dumps(good).encode()[:-1] + b", " + field + b": " + b"[" * depth + b"]" * depth + b"}"
    unit = unit_of(good, deep, good)
    assert unit.table["cdr_id"].to_pylist()[::2] == [good["id"]] * 2
    assert len(unit) == unit.table.num_rows == 3


def test_nesting_at_the_edge_of_what_can_be_read_never_raises() -> None:
    good = json.dumps(good_record("cdr", "2.2.1")).encode()[:-1]
    records = [
        good.replace(b'"total_time": 3.5', b'"total_time": "3,5"') + field % (b"[" * depth + b"]" * depth)
        for depth in range(900, 1010)
        for field in (b', "zzz": %s}', b', "total_parking_cost": %s}', b', "signed_data": {"a": %s}}')
    ]
    unit = unit_of(*records)
    assert unit.table.num_rows == len(records)
    assert set(unit.flaws["row"].to_pylist()) == set(range(len(records)))


def test_where_keeps_the_flaws_and_bytes_of_the_rows_that_stay() -> None:
    unit = unit_of(b"null", changed_cdr(total_time="3,5"), changed_cdr(), changed_cdr(total_energy="x"))
    kept = unit.where(pa.chunked_array([[False, True, True, True]]))
    assert flaws_of(kept) == [(0, "total_time", '"3,5"'), (2, "total_energy", '"x"')]
    assert kept.raw == unit.raw[1:]
    assert kept.table["position"].to_pylist() == [1, 2, 3]
    nothing = unit.where(pa.array([False] * 4))
    assert (len(nothing), nothing.table.num_rows, nothing.flaws.num_rows) == (0, 0, 0)


CHANGES = {both: st.lists(st.tuples(st.sampled_from(PLACES[both]), JSON), min_size=20, max_size=60) for both in BOTH}


def _untouched(object_name: str, version: str, place: Steps) -> list[str]:
    """The columns that do not lie at a place, above it or below it."""
    path = path_of(place)
    found = []
    for column in OBJECTS[object_name]:
        if version in column.path and not related(path, column.path[version]):
            text = [f"{column.name}__text"] if column.comes_as_text else []
            found += [column.name, *text]
    return found


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or str(one) == str(other)


@pytest.mark.parametrize(("object_name", "version"), BOTH)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_at_any_place_loses_no_record_and_touches_no_other_column(
    object_name: str, version: str, data: st.DataObject
) -> None:
    changes: Sequence[tuple[Steps, Any]] = data.draw(CHANGES[object_name, version])
    good = good_record(object_name, version)
    records = [good, *(put(good, place, value) for place, value in changes)]
    unit = unit_of(*records, object_name=object_name, version=version)
    assert unit.table.num_rows == len(records)
    assert unit.table["position"].to_pylist() == list(range(len(records)))
    assert unit.table["readable"].to_pylist() == [True] * len(records)
    plain, *found = unit.table.to_pylist()
    for (place, value), row in zip(changes, found, strict=True):
        untouched = _untouched(object_name, version, place)
        assert [name for name in untouched if not _same(row[name], plain[name])] == [], (path_of(place), value)
    for row_number, path, _ in flaws_of(unit):
        assert row_number > 0
        assert related(path, path_of(changes[row_number - 1][0]))
