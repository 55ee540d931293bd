"""The content hash: what is the same record, and what is another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.content import MAX_CHANGED, changed_places, content_hash, in_short
from linda_pipeline.quality.example import good_record
from linda_pipeline_tests.ocpi.places import places_in, put
from linda_pipeline_tests.ocpi.test_page import JSON

GOOD = good_record("cdr", "2.2.1")
PLACES = [place for place in places_in(GOOD) if place != ("last_updated",)]


def hash_of(record: Any) -> str:
    return content_hash(json.dumps(record).encode())


def turned(value: Any) -> Any:
    """A value with the keys of every object in it in the opposite order."""
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(one) for one in value] if isinstance(value, list) else value


def test_the_order_of_keys_and_white_space_do_not_matter() -> None:
    assert hash_of(turned(GOOD)) == hash_of(GOOD)
    assert content_hash(json.dumps(GOOD, indent=3).encode()) == hash_of(GOOD)


def test_last_updated_does_not_matter() -> None:
    assert hash_of({**GOOD, "last_updated": "2027-01-01T00:00:00Z"}) == hash_of(GOOD)
    assert hash_of({key: value for key, value in GOOD.items() if key != "last_updated"}) == hash_of(GOOD)


def test_the_last_updated_of_what_lies_inside_does_matter() -> None:
    assert hash_of(put(GOOD, ("tariffs", 0, "last_updated"), "2027-01-01T00:00:00Z")) != hash_of(GOOD)


@pytest.mark.parametrize(("one", "same"), [(b"1", b"1.0"), (b"12.50", b"12.5"), (b"1e2", b"100"), (b"0", b"-0.0")])
def test_a_number_is_the_same_however_it_is_written(one: bytes, same: bytes) -> None:
    assert content_hash(b'{"total_energy": ' + one + b"}") == content_hash(b'{"total_energy": ' + same + b"}")


@pytest.mark.parametrize(
    ("one", "other"), [(b"1", b"true"), (b"0", b"false"), (b"1", b'"1"'), (b"null", b'""'), (b"1", b"2")]
)
def test_other_values_are_other_content(one: bytes, other: bytes) -> None:
    assert content_hash(b'{"total_energy": ' + one + b"}") != content_hash(b'{"total_energy": ' + other + b"}")


def test_a_letter_of_two_signs_is_that_of_one() -> None:
    one, two = ({**GOOD, "remark": text} for text in ("Caf\u00e9", "Cafe\u0301"))
    assert hash_of(one) == hash_of(two)
    assert changed_places(json.dumps(one).encode(), json.dumps(two).encode()) == []
    assert changed_places(json.dumps(one).encode(), json.dumps({**GOOD, "remark": "Cafe"}).encode()) == ["remark"]


def test_escapes_are_read() -> None:
    assert content_hash(b'{"id": "\\u0041"}') == content_hash(b'{"id": "A"}')


@given(st.sampled_from(PLACES), JSON)
def test_a_change_at_any_place_is_seen(place: tuple[str | int, ...], value: Any) -> None:
    changed = put(GOOD, place, value)
    assert (hash_of(changed) == hash_of(GOOD)) is (changed == GOOD and json.dumps(changed) == json.dumps(GOOD))


@pytest.mark.parametrize(
    "stain",
    [
        b'"\\ud800"',
        b'"\xff"',
        b"NaN",
        b"1e999",
        b"9" * 6000,
        b'"a\tb"',
        b"[" * 100_000 + b"]" * 100_000,
        b"",
        b'"broken',
    ],
)
def test_any_stain_has_a_content_that_is_its_own(stain: bytes) -> None:
    record = b'{"id": "1", "remark": ' + stain + b"}"
    assert content_hash(record) == content_hash(record)
    assert content_hash(record) != content_hash(record.replace(b'"1"', b'"2"'))


@pytest.mark.parametrize("depth", range(900, 1010))
def test_a_record_that_is_nested_at_the_edge_of_what_can_be_read_has_a_content(depth: int) -> None:
    record = b'{"id": "\\ud800", "remark": ' + b"[" * depth + b"]" * depth + b"}"
    assert len(content_hash(record)) == 64


def changed(one: Any, other: Any) -> list[str]:
    return changed_places(json.dumps(one).encode(), json.dumps(other).encode())


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_was_changed_is_named_and_no_other(place: tuple[Any, ...]) -> None:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
    assert changed(GOOD, put(GOOD, place, "changed")) == [path]


@given(JSON, JSON)
def test_places_are_named_exactly_where_the_contents_differ(one: Any, other: Any) -> None:
    assert bool(changed(one, other)) is (hash_of(one) != hash_of(other))


def test_a_field_or_list_that_only_one_has_whole_is_named_itself() -> None:
    one, other = {"a": {"b": 1, "c": [1, 2]}, "d": None}, {"a": {"b": 1.0, "c": [1, 3, 3]}, "e": {"f": 1}}
    assert changed(one, other) == ["a.c", "d", "e"]
    assert changed({"a": 1}, {"a": True}) == ["a"]


def test_what_is_no_json_or_too_deep_to_read_names_no_place() -> None:
    assert changed_places(b"{", b"{}") == []
    assert changed_places(b"[" * 200_000, b"[]") == []


def test_many_places_are_told_in_short() -> None:
    assert in_short([str(number) for number in range(MAX_CHANGED + 3)]).endswith("7 (+3)")
    assert in_short(["a", "b"]) == "a, b"
