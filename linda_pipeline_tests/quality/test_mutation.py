"""Good records with any JSON whatever in any place: nothing raises, no record is lost, and the place is blamed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, Column
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.example import good_record, set_at
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline_tests.quality.judged import judge

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60)
    | st.sampled_from(["#NA", "", "1970-1-1T00:00:00Z", "2026-11-31T00:00:00Z", "\ud800", "=1+1", "9" * 400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: str = "") -> Iterator[str]:
    """Every place in a record, inner ones too."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _places(inner, f"{path}[{index}]")


CASES = [(name, version) for name in ("cdr", "location") for version in VERSIONS]
PLACES = {case: sorted(_places(good_record(*case))) for case in CASES}


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str, list[tuple[str, Any]]]:
    case = draw(st.sampled_from(CASES))
    places = draw(st.lists(st.sampled_from(PLACES[case]), min_size=1, max_size=12))
    return (*case, [(place, draw(ANY_JSON)) for place in places])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_whatever_stands_wherever_each_record_is_judged_and_none_is_lost(
    mutation: tuple[str, str, list[tuple[str, Any]]],
) -> None:
    object_name, version, changes = mutation
    good = good_record(object_name, version)
    records: list[Any] = [good, good]
    for path, value in changes:
        mutated = copy.deepcopy(good)
        set_at(mutated, path, value)
        records.append(mutated)
    judged = judge(object_name, version, records)
    assert len(judged.found) == len(records)
    assert judged.found[:2] == [[], []]
    unit = normalise(object_name, version, [(1, [json.dumps(record).encode() for record in records])])
    assert len(unit.table) == len(records)


def _leaves(columns: tuple[Column, ...], version: str, above: str = "") -> Iterator[tuple[Column, str]]:
    for column in columns:
        if version in column.path:
            path = f"{above}{column.path[version]}"
            yield column, path
            inner = OBJECTS[column.holds] if column.holds else column.fields
            yield from _leaves(inner, version, f"{path}[0].")


_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, {"a": 1}, [1]),
    "number": ("2.00", "4,00", True, {}, []),
    "integer": ("2", 2.5, {}),
    "boolean": ("true", 1, {}),
    "array": ({}, "a", 1),
    "object": ("a", 1, []),
}


@pytest.mark.parametrize(("object_name", "version"), CASES)
def test_a_wrong_type_in_any_imported_place_is_blamed_on_that_place_alone(object_name: str, version: str) -> None:
    records, expected = [], []
    for column, path in _leaves(OBJECTS[object_name], version):
        for wrong in _WRONG[column.type.json]:
            record = good_record(object_name, version)
            set_at(record, path, wrong)
            records.append(record)
            expected.append((f"{column.stem}_unreadable", path))
    assert expected
    judged = judge(object_name, version, records)
    for found, (rule, path) in zip(judged.found, expected, strict=True):
        told = {
            (name, place if not path.startswith("evses[0].") else f"evses[0].{place}") for name, _, place, _ in found
        }
        assert (rule, path) in told, (rule, path, told)
        assert {place for name, place in told if name.endswith("_unreadable")} == {path}


@pytest.mark.parametrize(("object_name", "version"), CASES)
def test_each_place_that_is_left_out_is_blamed_if_it_is_mandatory(object_name: str, version: str) -> None:
    records, expected = [], []
    for column, path in _leaves(OBJECTS[object_name], version):
        if version in column.required:
            record = good_record(object_name, version)
            set_at(record, path, ABSENT)
            records.append(record)
            expected.append(f"{column.stem}_required")
    assert expected
    for found, rule in zip(judge(object_name, version, records).found, expected, strict=True):
        assert rule in {name for name, *_ in found}
