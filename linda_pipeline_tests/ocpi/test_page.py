"""A page split into its records, clean or with a stain in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.page import PageUnreadable, Unreadable, read_page
from linda_pipeline.ocpi.scan import scan_page

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def page(data: bytes, before: bytes = b"") -> bytes:
    return b'{"status_code":1000,' + before + b'"timestamp":"2026-11-23T03:00:00Z","data":' + data + b"}"


def test_records_come_byte_for_byte_as_they_were_sent() -> None:
    records = [b'{"id": "1",  "total_cost":4.00}', b'"no object"', b"null", b"[]"]
    assert read_page(page(b" [ " + b" , ".join(records) + b" ] ")).records == records


@pytest.mark.parametrize("data", [b"[]", b" [ ] ", b"null"])
def test_an_empty_page_has_no_records(data: bytes) -> None:
    assert read_page(page(data)).records == []


def test_a_page_without_data_has_its_status() -> None:
    found = read_page(b'{"status_code": 2001, "status_message": "Invalid date_from"}')
    assert (found.status_code, found.status_message, found.records) == (2001, "Invalid date_from", [])


def test_data_that_are_no_list_are_one_record() -> None:
    assert read_page(page(b'{"id": "1"}')).records == [b'{"id": "1"}']


@pytest.mark.parametrize(
    "stain",
    [
        b'{"id": "\\ud800"}',
        b'{"id": "\xff"}',
        b'{"id": NaN}',
        b'{"id": "a\tb"}',
        b'{"id": "\\ud83d"}',
        b'{"id": Infinity}',
    ],
)
def test_a_stain_in_one_record_leaves_the_others_whole(stain: bytes) -> None:
    records = read_page(page(b'[{"id": "1", "total_cost": 4.0}, ' + stain + b', {"id": "3"}]')).records
    assert len(records) == 3
    assert json.loads(records[0]) == {"id": "1", "total_cost": 4.0}
    assert json.loads(records[2]) == {"id": "3"}
    assert records[1].startswith(b'{"id": ')


def test_a_stained_neighbour_changes_nothing_in_a_record() -> None:
    twice = b'{"id": "first",  "id": "second", "x": 1.50}'
    assert read_page(page(b"[" + twice + b', {"id": NaN}]')).records == [twice, b'{"id": NaN}']


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id": "2" "x": 1}',
        b'{"id": "2", "x": 012}',
        b'{"id": "2", /* x */ "x": 1}',
        b'{"id": "2", }',
        b"{'id': '2'}",
        b'{"id": "2", "x": undefined}',
    ],
)
def test_a_record_that_is_no_json_leaves_the_others_whole(broken: bytes) -> None:
    assert read_page(page(b'[{"id":"1"}, ' + broken + b', {"id":"3"}]')).records == [
        b'{"id":"1"}',
        broken,
        b'{"id":"3"}',
    ]


@pytest.mark.parametrize("depth", [900, 1100, 100_000])
def test_a_record_nested_too_deep_to_be_followed_leaves_the_others_whole(depth: int) -> None:
    deep = b'{"id":"2","x":' + b"[" * depth + b'"]}"' + b"]" * depth + b"}"
    read = read_page(b'{"data": [{"id":"1"} ,' + deep + b',\n{"id":"3","y":[{}]}], "status_code": 1000}')
    assert read.records == [b'{"id":"1"}', deep, b'{"id":"3","y":[{}]}']
    assert read.status_code == 1000
    no_object = b"[" * depth + b"]" * depth
    assert read_page(page(b"[" + no_object + b"]")).records == [no_object]


@pytest.mark.parametrize(
    "body",
    [
        b'{"status_code":1000,"x":' + b"[" * 5000 + b"]" * 5000 + b',"data":[]}',
        b'{"status_code":1000,"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"status_code":1000,"data":[{"x":' + b"[" * 5000 + b"]" * 5000 + b"},7 7]}",
        b'{"status_code":1000,"data":[{"x":' + b"[" * 5000,
        b"[" * 5000 + b"]" * 5000,
    ],
)
def test_depth_anywhere_else_is_told(body: bytes) -> None:
    with pytest.raises(PageUnreadable):
        read_page(body)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_page(b"\xef\xbb\xbf" + page(b'[{"id":"1"}]')).records == [b'{"id":"1"}']


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is not JSON"),
        (b"<html>Login</html>", "it begins with '<html>Login</html>'"),
        (b'{"status_code": 1000, "data": [{"id": "1"', "is not JSON"),
        (b"[1, 2]", "not an OCPI envelope"),
        (b'{"x": []}', "not an OCPI envelope"),
        (b'{"data": []}', "status_code is missing"),
        (b'{"status_code": "1000", "data": []}', 'status_code is a text, "1000", and no number'),
        (b'{"status_code": true, "data": []}', "status_code is true, and no whole number"),
        (b'{"status_code": ' + b"9" * 5000 + b', "data": []}', "status_code is an endless number"),
    ],
)
def test_what_is_no_envelope_is_told(body: bytes, said: str) -> None:
    with pytest.raises(PageUnreadable, match=said):
        read_page(body)


@pytest.mark.parametrize("element", [b'{"id":"1"}', b"{}", b"1"])
def test_more_records_than_a_page_may_hold_are_refused_before_they_are_read_one_by_one(element: bytes) -> None:
    body = page(b"[" + b",".join([element] * 101) + b"]")
    assert len(read_page(body, 101).records) == len(scan_page(body, 101).identities) == 101
    for read in (read_page, scan_page):
        with pytest.raises(PageUnreadable, match=r"101 records \(at most 100 are taken in\)") as refused:
            read(body, 100)
        assert refused.value.what is Unreadable.TOO_MANY_RECORDS


def test_a_number_of_thousands_of_digits_in_one_record_never_stops_its_page() -> None:
    endless = b'{"id":"2","n":' + b"9" * 5000 + b"}"
    body = page(b'[{"id":"1","x":"\xff"},' + endless + b',{"id":' + b"7" * 5000 + b"}]")
    assert read_page(body).records[1] == endless
    assert len(set(scan_page(body).identities)) == 3


@pytest.mark.parametrize(
    "body", [b"[" * 60, b"{" * 60, *(page(b"[" + b",".join([one] * 61) + b"]") for one in (b"1", b'{"id":1}'))]
)
@pytest.mark.parametrize("read", [read_page, scan_page])
def test_a_body_of_very_many_values_is_not_even_decoded(body: bytes, read: Callable[..., object]) -> None:
    with pytest.raises(PageUnreadable, match=r"more than 50 values \(at most 5 records"):
        read(body, 5)


def test_a_page_of_the_lake_has_no_limit() -> None:
    body = page(b"[" + b",".join([b"{}"] * 1_000_001) + b"]")
    assert len(read_page(body).records) == 1_000_001


def test_what_an_unreadable_body_begins_with_is_all_that_is_shown() -> None:
    with pytest.raises(PageUnreadable) as raised:
        read_page(b"<html>" + b"x" * 1000)
    assert len(str(raised.value)) < 200


@given(st.lists(JSON, max_size=5), st.booleans())
def test_any_list_of_records_is_split_without_loss(records: list[Any], escaped: bool) -> None:
    body = json.dumps({"status_code": 1000, "data": records}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert [json.loads(record) for record in read_page(body).records] == records


@given(st.binary(max_size=60))
def test_any_bytes_are_a_page_or_told(body: bytes) -> None:
    for given_body in (body, page(body)):
        with contextlib.suppress(PageUnreadable):
            assert isinstance(read_page(given_body).records, list)
