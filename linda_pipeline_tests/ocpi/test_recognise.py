"""What a JSON object is, told from what it holds: module and version, and nothing where it is neither."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.recognise import module_of, version_of
from linda_pipeline.quality.example import good_record

MODULES = {"cdr": "cdrs", "location": "locations"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", MODULES)
def test_a_good_record_is_told_by_what_it_holds(object_name: str, version: str) -> None:
    assert module_of(good_record(object_name, version)) == MODULES[object_name]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_version_of_a_cdr_is_told_by_its_fields(version: str) -> None:
    assert version_of(good_record("cdr", version), "cdrs") == version


def test_a_location_of_2_1_1_is_told_by_its_type_and_the_lack_of_an_owner() -> None:
    old, new = (good_record("location", version) for version in ("2.1.1", "2.2.1"))
    assert version_of(old, "locations") == "2.1.1"
    assert version_of(new, "locations") == "2.2.1"
    assert version_of({**old, "country_code": "NL"}, "locations") == "2.2.1"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_place_within_a_cdr_does_not_make_it_a_location(version: str) -> None:
    record = good_record("cdr", version)
    assert module_of({**record, "address": "De Hoek 12", "coordinates": {}}) == "cdrs"


@pytest.mark.parametrize("field", sorted(good_record("cdr", "2.2.1")))
def test_a_cdr_that_lacks_one_field_is_still_a_cdr(field: str) -> None:
    record = good_record("cdr", "2.2.1")
    del record[field]
    assert module_of(record) == "cdrs"


@pytest.mark.parametrize("value", [None, 7, "text", [], {}, {"id": "x"}, {"status_code": 1000, "data": []}])
def test_what_is_neither_is_told_as_nothing(value: Any) -> None:
    assert module_of(value) is None


@given(st.dictionaries(st.text(max_size=12), st.none() | st.integers() | st.text(max_size=5), max_size=6))
def test_any_object_whatever_gets_an_answer(value: dict[str, Any]) -> None:
    assert module_of(value) in (None, "cdrs", "locations")
    assert {version_of(value, module) for module in ("cdrs", "locations")} <= set(VERSIONS)
