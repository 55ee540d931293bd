"""What is mended in texts before they are judged, and what is left alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, walk
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.example import changed, good_record
from linda_pipeline.quality.mending import Mended, mended
from linda_pipeline.quality.rules.readable import OF_ALL_TEXTS

BLANKS = " \t\n\r\xa0\u200b\u2003\u2028\ufeff\xad"


def _texts(column: str, texts: list[str | None]) -> tuple[list[str | None], Mended]:
    table, found = mended(pa.table({column: pa.array(texts, pa.string())}), "cdr", "2.2.1", OF_ALL_TEXTS)
    return table[column].to_pylist(), found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", ["cdr", "location"])
def test_a_table_without_such_texts_is_the_very_same_one(object_name: str, version: str) -> None:
    table = normalise(object_name, version, [(1, [json.dumps(good_record(object_name, version)).encode()])]).table
    after, found = mended(table, object_name, version, OF_ALL_TEXTS)
    assert after is table
    assert found == Mended()


@given(st.lists(st.none() | st.text(st.sampled_from(f"abé-{BLANKS}"), max_size=6), min_size=1))
def test_blanks_go_from_both_ends_and_a_text_that_says_nothing_without_them_stays(texts: list[str | None]) -> None:
    got, found = _texts("location_id", texts)
    expected = [None if text is None else text.strip(BLANKS) or text for text in texts]
    assert got == expected
    new = [row for row, (before, after) in enumerate(zip(texts, got, strict=True)) if before != after]
    assert (found.blanks["location_id"].rows.to_pylist() if found.blanks else []) == new
    assert (found.unreadable["location_id"].to_pylist() if found.unreadable else []) == [
        row
        for row, text in enumerate(texts)
        if text and not re.sub(f"[-{BLANKS}]", "", text) and text.strip(" \t\n\r\v\f")
    ]


def test_a_slice_of_a_table_is_mended_like_a_table() -> None:
    texts = pa.array(["a ", None, " b", "c", " d "])
    whole = pa.table({"city": texts})
    for start in range(5):
        after, _ = mended(whole.slice(start), "cdr", "2.2.1", OF_ALL_TEXTS)
        assert after["city"].to_pylist() == ["a", None, "b", "c", "d"][start:]


def test_doubled_spaces_go_from_words_and_stay_in_ids_and_in_what_a_person_wrote() -> None:
    assert _texts("city", ["Den  Haag", "Den Haag"])[0] == ["Den Haag", "Den Haag"]
    assert _texts("location_id", ["A  1"])[0] == ["A  1"]
    assert _texts("remark", ["a  b"])[0] == ["a  b"]


def test_what_is_not_told_is_not_done() -> None:
    table = pa.table({"city": [" a", "-", "CafÃ©"], "auth_method": ["whitelist"] * 3})
    after, found = mended(table, "cdr", "2.2.1", [])
    assert after is table
    assert found == Mended()
    after, found = mended(table, "cdr", "2.2.1", ["value_in_other_case"])
    assert after["city"].to_pylist() == [" a", "-", "CafÃ©"]
    assert after["auth_method"].to_pylist() == ["WHITELIST"] * 3
    assert (found.blanks, found.misread, found.unreadable) == ({}, {}, {})


def test_values_in_lists_within_lists_are_taken_for_the_ones_that_ocpi_knows() -> None:
    record: Any = changed("cdr", "2.2.1", {})
    record["charging_periods"][1]["dimensions"][0]["type"] = "energy"
    record["charging_periods"][1]["dimensions"][1]["type"] = "Anders"
    table = normalise(
        "cdr", "2.2.1", [(1, [json.dumps(one).encode() for one in (good_record("cdr", "2.2.1"), record)])]
    ).table
    after, found = mended(table, "cdr", "2.2.1", OF_ALL_TEXTS)
    kinds = [[one["type"] for one in period["dimensions"]] for period in after["charging_periods"][1].as_py()]
    assert kinds == [["ENERGY", "TIME"], ["ENERGY", "Anders"]]
    assert after["charging_periods"][0].as_py() == table["charging_periods"][0].as_py()
    (case,) = found.cases.values()
    assert (case.rows.to_pylist(), case.texts.to_pylist(), case.meant.to_pylist()) == ([6], ["energy"], ["ENERGY"])


def test_no_enum_has_two_values_that_differ_in_case_alone() -> None:
    enums = [words for name in OBJECTS for column in walk(OBJECTS[name]) for words in column.values.values()]
    assert enums
    assert all(len({word.upper() for word in words}) == len(set(words)) for words in enums)
