"""One CPO never takes all of the machine: pages, packing, lists and hours have their limits, each with its own message."""

from __future__ import annotations

import contextlib
import gc
import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.failures import HostFailing, ListTooLong, NotOcpi, PageTooLarge, PullFailed, VersionNotOffered
from linda_pipeline.ocpi.limits import LIMITS, LimitUnusable, Patience, patience_of
from linda_pipeline.ocpi.paging import Stand
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered
from linda_pipeline_tests.ocpi.pulled import BRISK, TOKEN, pull

MB = 2**20
EMPTY = b'{"status_code": 1000, "data": []}'


def sending(body: bytes, **headers: str) -> Callable[[Handler], None]:
    """An answer in many pieces, without its length."""

    def fault(handler: Handler) -> None:
        handler.send_response(200)
        for name, value in {"Transfer-Encoding": "chunked", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for at in range(0, len(body), 65536):
                piece = body[at : at + 65536]
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            handler.wfile.write(b"0\r\n\r\n")
            handler.wfile.flush()
        except OSError:
            pass
        handler.close_connection = True

    return fault


def refused(cpo: LittleCpo, kind: type[PullFailed], said: str, **limits: Any) -> PullFailed:
    with pytest.raises(kind, match=said) as failed:
        pull(cpo, patience=replace(BRISK, **limits))
    return failed.value


@contextlib.contextmanager
def memory(most_bytes: int) -> Iterator[None]:
    """A block that takes no more memory than this, though nothing that is held by a circle alone is let go of meanwhile."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert peak < most_bytes


def test_a_page_over_the_limit_is_refused_while_it_comes_in_and_however_often_it_comes_nothing_piles_up(
    cpo: LittleCpo,
) -> None:
    cpo.faults = [sending(b" " * (4 * MB))] * 99
    with memory(12 * MB):
        failure = refused(cpo, PageTooLarge, "more than 2,097,152 bytes on the wire", largest_received_bytes=2 * MB)
    assert "LINDA_LIMIT_RECEIVED_MB" in failure.remedy
    assert len(cpo.pages_asked()) > 10, "down to single records, as for any page that is refused"


@pytest.mark.parametrize("element", [b"{}", b"1"])
def test_what_was_made_of_a_page_that_is_refused_does_not_pile_up_either(cpo: LittleCpo, element: bytes) -> None:
    body = b'{"status_code": 1000, "data": [' + b",".join([element] * 40_000) + b"]}"
    cpo.faults = [answers(200, gzip.compress(body))] * 99
    with memory(12 * MB):
        refused(cpo, PageTooLarge, "a page of 40,000 records", most_page_records=30_000)
    assert len(cpo.pages_asked()) > 10


def test_a_plain_page_over_the_limit_is_refused_while_it_comes_in(cpo: LittleCpo) -> None:
    cpo.faults = [sending(b" " * (4 * MB))] * 99
    refused(cpo, PageTooLarge, "more than 2,097,152 bytes on the wire", largest_page_bytes=2 * MB)


def test_a_length_that_is_told_beforehand_is_believed(cpo: LittleCpo) -> None:
    def long(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 * MB))
        handler.end_headers()
        handler.close_connection = True

    cpo.faults = [long] * 99
    refused(cpo, PageTooLarge, "more than 2,097,152 bytes on the wire", largest_received_bytes=2 * MB)


def test_a_page_that_unfolds_beyond_the_limit_is_refused(cpo: LittleCpo) -> None:
    cpo.faults = [answers(200, gzip.compress(b" " * (3 * MB)))] * 99
    failure = refused(cpo, PageTooLarge, "more than 2,097,152 bytes unpacked", largest_page_bytes=2 * MB)
    assert "LINDA_LIMIT_PAGE_MB" in failure.remedy


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_an_error_that_unfolds_beyond_the_limit_is_refused_as_well(cpo: LittleCpo, status: int) -> None:
    cpo.faults = [answers(status, gzip.compress(b" " * (3 * MB)))] * 99
    refused(cpo, PageTooLarge, "more than 2,097,152 bytes unpacked", largest_page_bytes=2 * MB)


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip"])
def test_only_the_packing_that_was_asked_for_is_taken_off(cpo: LittleCpo, encoding: str) -> None:
    cpo.faults = [answers(200, zlib.compress(EMPTY), {"Content-Encoding": encoding})] * 9
    refused(cpo, NotOcpi, f"answers in the encoding {encoding}, not asked for")


def test_gzip_of_very_many_parts_is_refused(cpo: LittleCpo) -> None:
    cpo.faults = [answers(200, gzip.compress(b"") * 20_000 + gzip.compress(EMPTY))] * 99
    refused(cpo, PageTooLarge, "more than 10,000 parts of gzip")
    cpo.faults = [answers(200, gzip.compress(b" ") * 5_000 + gzip.compress(EMPTY) + b"\0" * 5_000)]
    assert pull(cpo)[0].records == 0


def test_the_time_of_an_answer_covers_its_unpacking(cpo: LittleCpo) -> None:
    body = gzip.compress(b" " * MB) * 300 + gzip.compress(EMPTY)
    cpo.faults = [answers(200, body)] * 99
    refused(
        cpo, HostFailing, r"still being unpacked, after 0\.05 s", answer_s=0.05, tries=1, largest_page_bytes=400 * MB
    )


@pytest.mark.parametrize("element", [b"{}", b"1", b'{"id": "1"}'])
def test_a_page_of_a_million_nothings_is_refused(cpo: LittleCpo, element: bytes) -> None:
    body = b'{"status_code": 1000, "data": [' + b",".join([element] * 5_000) + b"]}"
    cpo.faults = [answers(200, gzip.compress(body))] * 99
    failure = refused(
        cpo, PageTooLarge, r"a page of 5,000 records \(at most 4,000 are taken in\)", most_page_records=4000
    )
    assert "LINDA_LIMIT_PAGE_RECORDS" in failure.remedy


def endless(handler: Handler, served: list[int]) -> None:
    """A page of three records that were never there before, and always one more page."""
    served.append(len(served))
    number = len(served)
    handler.say(
        [{"id": f"cdr-{number}-{n}"} for n in range(3)],
        {"Link": f'<{handler.cpo.url}/cdrs?page={number}>; rel="next"'},
    )


@pytest.mark.parametrize(
    ("limits", "said", "setting"),
    [
        ({"most_pages": 7}, "had not ended after 7 pages: 21 records on 7 pages", "LINDA_LIMIT_PAGES"),
        ({"most_records": 10}, "had not ended after 10 records: 12 records on 4 pages", "LINDA_LIMIT_RECORDS"),
        ({"largest_crawl_bytes": 1000}, "had not ended after", "LINDA_LIMIT_CRAWL_GB"),
        ({"crawl_s": 0.2}, "had not ended after", "LINDA_LIMIT_CRAWL_HOURS"),
    ],
)
def test_a_list_without_end_is_left_at_its_limit(
    cpo: LittleCpo, limits: dict[str, Any], said: str, setting: str
) -> None:
    served: list[int] = []
    cpo.faults = [lambda handler: endless(handler, served)] * 10_000
    failure = refused(cpo, ListTooLong, said, **limits)
    assert setting in failure.remedy
    assert not failure.may_pass
    assert len(served) < 10_000


def test_a_list_that_refuses_one_record_after_another_is_left_when_its_time_is_over(cpo: LittleCpo) -> None:
    cpo.faults = [answers(500)] * 10_000
    refused(cpo, ListTooLong, "had not ended after", crawl_s=0.0001)


def test_what_was_brought_in_before_a_crawl_was_cut_off_counts(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(10), 2
    with connect(cpo.versions_url, TOKEN, patience=BRISK) as connection:
        pages = [page for page, _ in zip(connection.pages("cdrs", limit=2), range(3), strict=False)]
    stand = Stand([(page.url, page.given) for page in pages if page.given is not None])
    assert len(stand.pages) == 3
    with (
        connect(cpo.versions_url, TOKEN, patience=replace(BRISK, most_pages=4)) as connection,
        pytest.raises(ListTooLong, match="8 records on 4 pages"),
    ):
        list(connection.pages("cdrs", limit=2, stand=stand))


def test_versions_and_details_have_a_limit_of_their_own(cpo: LittleCpo) -> None:
    cpo.versions_fault = lambda handler: handler.say([{"version": "x" * 5000, "url": "https://x.nl"}] * 10)
    refused(cpo, PageTooLarge, "/versions sends a page of more than 40,000 bytes", largest_door_bytes=40_000)


def test_of_many_versions_the_first_few_are_named(cpo: LittleCpo) -> None:
    cpo.versions_fault = lambda handler: handler.say(
        [{"version": f"9.{n}", "url": "https://x.nl"} for n in range(20_000)]
    )
    failure = refused(cpo, VersionNotOffered, "it offers: 9.0, 9.1, 9.2, 9.3, 9.4, 9.5, 9.6, 9.7 and 19,992 more")
    assert len(str(failure)) < 400


def test_an_answer_that_only_ever_announces_one_is_left(cpo: LittleCpo) -> None:
    """HTTP allows a server any number of 1xx answers before the real one."""

    def announcing(handler: Handler) -> None:
        try:
            for _ in range(2_000_000):
                handler.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        except OSError:
            pass
        handler.close_connection = True

    cpo.faults = [announcing] * 3
    refused(cpo, HostFailing, "was still sending", answer_s=0.3, tries=1)


def test_tiny_pieces_take_no_more_memory_than_their_bytes(cpo: LittleCpo) -> None:
    def tiny(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"2\r\n  \r\n" * 20_000 + b"%x\r\n%b\r\n0\r\n\r\n" % (len(EMPTY), EMPTY))
        handler.wfile.flush()

    cpo.faults = [tiny]
    pull(cpo)  # whatever is made once, is made
    cpo.faults = [tiny]
    with memory(MB * 9 // 10):  # 20,000 pieces of their own would be as much once more
        (page,) = pull(cpo)
    assert page.records == 0


def test_every_limit_that_can_be_set_is_one_of_the_limits() -> None:
    assert {limit for limit, _ in LIMITS.values()} <= {one.name for one in fields(Patience)}
    assert patience_of({}) == Patience()
    for name, (limit, unit) in LIMITS.items():
        assert getattr(patience_of({name: " 3 "}), limit) == 3 * unit


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "", "many", "9" * 5000, "٣"])
def test_a_limit_that_is_no_number_is_told(value: str) -> None:
    with pytest.raises(LimitUnusable, match="LINDA_LIMIT_PAGES must be a whole number above 0"):
        patience_of({"LINDA_LIMIT_PAGES": value})


def test_a_limit_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(LimitUnusable, match=r"There is no setting LINDA_LIMIT_PAGE\. .*LINDA_LIMIT_PAGES"):
        patience_of({"LINDA_LIMIT_PAGE": "3"})
