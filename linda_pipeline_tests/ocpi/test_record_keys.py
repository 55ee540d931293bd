"""The keys of records: Arrow, SQL and single texts say the same of whatever a CPO may send."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.record_keys import (
    cdr_keys,
    cdr_keys_sql,
    evse_keys,
    evse_keys_sql,
    evse_names,
    evse_names_sql,
    folded,
    folded_evse_id_text,
    folded_evse_ids,
    folded_evse_ids_sql,
    folded_sql,
    folded_text,
    location_keys,
    location_keys_sql,
)

COLUMNS = ("country_code", "party_id", "cdr_id", "location_id", "evse_uid", "evse_id")
IDS = (
    st.none()
    | st.sampled_from(
        ["nl", "NL", "abc", "loc-1", "NL*ABC*E1", "nl-abc-e1", "*", "-", "", "ß", "ı", "ƛ", "ŉ", "a\x00b"]
    )
    | st.text(max_size=6)
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, IDS)), min_size=1, max_size=12)


def in_sql(table: pa.Table, *expressions: str) -> list[list[Any]]:
    """What each SQL expression says of each row of a table."""
    with duckdb.connect() as connection:
        connection.register("records", table)
        rows = connection.execute(f"SELECT {', '.join(expressions)} FROM records").fetchall()
        return [list(values) for values in zip(*rows, strict=True)]


@given(ROWS)
def test_arrow_and_sql_give_the_same_keys(rows: list[dict[str, str | None]]) -> None:
    table = pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in COLUMNS]))
    told = [
        (folded(table["cdr_id"]), folded_sql("cdr_id")),
        (folded_evse_ids(table["evse_id"]), folded_evse_ids_sql()),
        (cdr_keys(table, "NL-ABC"), cdr_keys_sql(cpo="'NL-ABC'")),
        (location_keys(table), location_keys_sql()),
        (evse_names(table), evse_names_sql()),
        (evse_keys(table), evse_keys_sql()),
    ]
    in_arrow = [by_arrow.to_pylist() for by_arrow, _ in told]
    assert len(in_arrow) == 6
    assert in_sql(table, *(sql for _, sql in told)) == in_arrow


@given(st.text(max_size=12))
def test_single_texts_are_folded_as_columns_are(one: str) -> None:
    column = pa.array([one], pa.string())
    assert folded(column).to_pylist() == [folded_text(one)]
    assert folded_evse_ids(column).to_pylist() == [folded_evse_id_text(one)]


@pytest.mark.parametrize(
    ("one", "key"),
    [("NL*ABC*E1", "NLABCE1"), ("nl-abc-e1", "NLABCE1"), ("NLABCE1", "NLABCE1"), ("#na", "#NA"), ("*-", None)],
)
def test_an_evse_id_is_compared_in_capitals_and_without_separators(one: str, key: str | None) -> None:
    assert folded_evse_id_text(one) == key


def test_a_cdr_belongs_to_its_owner_whatever_the_case_and_without_one_to_the_cpo() -> None:
    table = pa.table(
        {"country_code": ["nl", "NL", None], "party_id": ["abc", "XYZ", None], "cdr_id": ["a1", "A1", "a1"]}
    )
    assert cdr_keys(table, "NL-ABC").to_pylist() == ["NL|ABC|A1", "NL|XYZ|A1", "NL|ABC|A1"]
    assert cdr_keys(pa.table({"cdr_id": ["a1", None]}), "NL-ABC").to_pylist() == ["NL|ABC|A1", None]


def test_what_a_credit_takes_back_has_the_key_of_that_cdr() -> None:
    table = pa.table({"country_code": ["NL"], "party_id": ["ABC"], "cdr_id": ["c1"], "credit_reference_id": ["a1"]})
    assert cdr_keys(table, "NL-ABC", "credit_reference_id").to_pylist() == ["NL|ABC|A1"]


def test_a_location_is_known_within_its_owner() -> None:
    table = pa.table({"country_code": ["nl", None], "location_id": ["loc-1", None]})
    assert location_keys(table).to_pylist() == ["NL||LOC-1", None]
    assert location_keys(pa.table({"location_id": ["loc-1", None]})).to_pylist() == ["||LOC-1", None]


def test_letters_outside_ascii_are_not_folded() -> None:
    assert folded_text("é") == "é"
    assert folded_text("straße") == "STRAßE"
