"""JSON read with patience: what it gives, which names stand twice, and where nobody can read on."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.patient import NoNumber, NotJson, Twice, decoded, read, readable_names, shown, wrong_in


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": "x\ny"}', {"a": "x\ny"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "\xe9"}', {"a": "\udce9"}),
        (b'{"a": "\\ud83d"}', {"a": "\ud83d"}),
        (b'{"a": NaN}', {"a": NoNumber("NaN")}),
        (b'{"a": 1e999}', {"a": NoNumber("1e999")}),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": NoNumber("9" * 5000)}),
    ],
)
def test_what_a_strict_decoder_refuses_is_read(text: bytes, value: Any) -> None:
    assert read(text).value == value


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        (b'{"a": 1 "b": 2}', 8, "expected ',' or '}'"),
        (b'{"a": 012}', 7, "invalid number"),
        (b'{"a": /* x */ 1}', 6, "invalid character"),
        (b'{"a": NaN, "b": 1 "c": 2}', 18, "expecting ',' delimiter"),
        (b'{"a": "caf\xe9", "b": 1 "c": 2}', 21, "expecting ',' delimiter"),
        (b'\xef\xbb\xbf{"a" 1}', 8, "expecting ':' delimiter"),
        (b'{"a": [1, 2', 11, "the text ends in the middle of a record"),
        (b'{"a": 1} {', 9, "trailing characters"),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", 505, "it is nested too deep to be read"),
        (b"", 0, "the text ends in the middle of a record"),
    ],
)
def test_where_nobody_can_read_on_is_told(text: bytes, at: int, what: str) -> None:
    with pytest.raises(NotJson) as caught:
        read(text)
    assert (caught.value.at, caught.value.what) == (at, what)
    assert decoded(text) is None


def test_a_name_that_stands_twice_is_told_at_every_depth_with_both_values() -> None:
    text = b'{"id": "A", "x": {"y": [{"q": 1.50}, {"q": 1, "q": [2]}]}, "id": "B", "id": null}'
    found = read(text)
    assert found.twice == [Twice("id", ('"A"', '"B"', "null")), Twice("x.y[1].q", ("1", "[2]"))]
    assert found.value == {"id": "A", "x": {"y": [{"q": 1.5}, {"q": 1}]}}, "the first value counts"


def test_only_the_value_that_counts_is_looked_through_for_more() -> None:
    assert read(b'{"a": [], "a": [{"b": 1, "b": 2}]}').twice == [Twice("a", ("[]", '[{"b": 1}]'))]


def test_a_name_that_looks_like_a_path_is_not_taken_for_one() -> None:
    assert read(b'{"evses[7].uid": 1, "evses[7].uid": 2}').twice[0].path == '["evses[7].uid"]'


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (b"12.50", "12.50"),
        (b"-1E5", "-1E5"),
        (b'"caf\xe9"', '"caf\\xe9"'),
        (b'"\\udc00"', '"\\udc00"'),
        (b'"caf\xc3\xa9"', '"café"'),
        (b"[NaN, {}]", "[NaN, {}]"),
    ],
)
def test_a_value_is_shown_as_it_was_sent(text: bytes, seen: str) -> None:
    assert shown(read(text).value) == seen


def test_the_names_of_a_broken_record_are_told_with_the_short_values_of_the_outermost_object() -> None:
    text = b'{"cdr": {"id": "inner"}, "id": "CDR-\\u0031", "n": 42, "l": [1], "total" 3, "after": "x"}'
    assert readable_names(text) == {"cdr": None, "id": "CDR-1", "n": "42", "l": None, "after": "x"}
    assert readable_names(b"[1, 2") == readable_names(b"") == {}


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_what_any_writer_writes_is_read_as_it_was(value: Any) -> None:
    found = read(json.dumps(value).encode())
    assert (found.value, found.twice) == (value, [])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_told(text: bytes) -> None:
    with contextlib.suppress(NotJson):
        assert read(text).twice == []
    wrong = wrong_in(text)
    assert wrong is None or 0 <= wrong[0] <= len(text)
    assert isinstance(readable_names(text), dict)
