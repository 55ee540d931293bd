"""The normaliser is total: whatever a record holds, nothing raises, no record is lost and no other column is touched."""

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
from linda_pipeline.quality.example import good_record
from linda_pipeline_tests.ocpi.places import Steps, path_of, places_in, put, related
from linda_pipeline_tests.ocpi.test_page import JSON
from linda_pipeline_tests.ocpi.units import changed_cdr, flaws_of, row_of, unit_of

BOTH = [(object_name, version) for object_name in ("cdr", "location") for version in VERSIONS]
PLACES = {both: list(places_in(good_record(*both))) for both in BOTH}
START, END = datetime(2026, 11, 10, 7, 30, tzinfo=UTC), datetime(2026, 11, 10, 11, 0, tzinfo=UTC)


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
        (b"1e999", None, "1e999"),
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
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
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
