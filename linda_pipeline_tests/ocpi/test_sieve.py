"""The fast look at records: it lets a name through that stands once, and none that stands twice, whatever it has learned."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.patient import read
from linda_pipeline.ocpi.sieve import Sieve
from linda_pipeline.quality.example import good_record

GOOD = good_record("cdr", "2.2.1")


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_good_records_pass_with_names_that_the_catalogue_does_not_know() -> None:
    records = [
        written(GOOD),
        written({**GOOD, "x": {"a": [{"b": 1}, {"b": 2}]}}),
        written({**GOOD, "remark": 'He said "no" \\ "yes"', "y": {str(number): number for number in range(900)}}),
        written({**GOOD, "remark": None, 'odd "name"': 1}),
        written({**GOOD, "z": [1, None, "x"]}).replace(b'"z"', b'"\\u007a"'),
        json.dumps({**GOOD, "remark": "é"}, indent=4, ensure_ascii=False).encode(),
        written({**GOOD, "remark": "x"}).replace(b'"x"', b'"\\u0022x\\u0022:"'),
    ]
    sieve = Sieve("cdr", "2.2.1")
    assert sieve.suspects(records * 3) == []
    assert sieve.suspects(records) == []


@pytest.mark.parametrize(
    ("put", "instead_of"),
    [
        (b'"id": "x", "id"', b'"id"'),
        (b'"volume": 1, "volume"', b'"volume"'),
        (b'"ext": {"a": 1, "a": 1}, "currency"', b'"currency"'),
        (b'"elements": [], "elements"', b'"elements"'),
        (b'"remark": "\\u0022", "remark": "\\u0022", "currency"', b'"currency"'),
        (b'"country_code" : "NL", "\\u0063ountry_code"', b'"country_code"'),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 250])
def test_a_name_that_stands_twice_is_found_before_and_after_learning(
    put: bytes, instead_of: bytes, before: int
) -> None:
    other = written({**GOOD, "ext": {"a": 1}, "remark": "x"})
    spoilt = written(GOOD).replace(instead_of, put, 1)
    assert read(spoilt).twice
    assert Sieve("cdr", "2.2.1").suspects([other] * before + [spoilt, other]) == [before]


def test_what_has_the_wrong_type_is_found_and_hides_nobody() -> None:
    twice = written(GOOD).replace(b'"id"', b'"id": "x", "id"')
    records = [written(GOOD), written({**GOOD, "total_energy": "12"}), b"null", twice, b"", b'"text"', written(GOOD)]
    assert Sieve("cdr", "2.2.1").suspects(records) == [1, 2, 3, 4, 5]


def test_names_without_end_are_read_patiently_and_all_the_same_rightly() -> None:
    records = [written({**GOOD, f"name-{number}": number}) for number in range(700)]
    records[650] = records[650].replace(b'"id"', b'"id": "x", "id"')
    assert Sieve("cdr", "2.2.1").suspects(records) == [650]


names = st.sampled_from(["id", "currency", "a", "b", "a:", 'q"', "é", "\\"])
objects: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(st.sampled_from('a":\\é{}'), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(names, inner), max_size=4).map(tuple),
    max_leaves=12,
)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json.dumps(name)}: {_text(inner)}" for name, inner in value) + "}"
    return "[" + ",".join(map(_text, value)) + "]" if isinstance(value, list) else json.dumps(value)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.tuples(names, objects), max_size=5).map(tuple), min_size=1, max_size=8))
def test_it_agrees_with_the_patient_reader_on_whatever_stands_in_records(records: list[Any]) -> None:
    """Fields of the wrong type are suspects too; of the others, those and only those with a name that stands twice."""
    texts = [_text((("x", record),)).encode() for record in records]
    found = Sieve("cdr", "2.2.1").suspects(texts * 2)
    twice = [row for row, text in enumerate(texts * 2) if read(text).twice]
    assert found == twice
