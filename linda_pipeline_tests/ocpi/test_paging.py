"""Paging to the end: over real HTTP for what servers do, in memory for the laws."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.address import next_link, origin, query_of, with_query
from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.failures import PagingBroken
from linda_pipeline.ocpi.paging import Crawl, Given
from linda_pipeline_tests.ocpi.little_cpo import (
    Handler,
    Link,
    LittleCpo,
    empty_link_at_the_end,
    good_link,
    no_link,
    numbered,
)
from linda_pipeline_tests.ocpi.pulled import BRISK, TOKEN, pull, records


def offsets(cpo: LittleCpo) -> list[str]:
    return [asked.query["offset"] for asked in cpo.pages_asked()]


def test_links_are_followed_to_the_last_page_and_not_beyond(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(250), 100
    pages = pull(cpo)
    assert records(pages) == numbered(250)
    assert [page.records for page in pages] == [100, 100, 50]
    assert [page.number for page in pages] == [1, 2, 3]
    assert {page.total_count for page in pages} == {250}
    assert offsets(cpo) == ["0", "100", "200"]


def test_an_empty_link_header_ends_the_crawl(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link, cpo.total = numbered(200), 100, empty_link_at_the_end, "nothing"
    assert records(pull(cpo)) == numbered(200)
    assert offsets(cpo) == ["0", "100"]


def test_without_links_the_offset_grows_by_what_the_server_really_gives(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link = numbered(50), 20, no_link
    assert records(pull(cpo)) == numbered(50)
    assert offsets(cpo) == ["0", "20", "40"]


def test_without_links_and_counts_the_crawl_goes_on_to_the_empty_page(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link, cpo.total = numbered(40), 20, no_link, "nothing"
    assert records(pull(cpo)) == numbered(40)
    assert offsets(cpo) == ["0", "20", "40"]


def test_a_total_that_is_only_the_size_of_the_page_is_not_believed(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link, cpo.total = numbered(50), 20, no_link, "page"
    assert records(pull(cpo)) == numbered(50)


def test_a_list_that_fits_on_one_page_is_asked_for_once(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link = numbered(20), 50, no_link
    assert records(pull(cpo)) == numbered(20)
    assert offsets(cpo) == ["0"]


def test_a_link_that_skips_records_is_not_followed(cpo: LittleCpo) -> None:
    def by_the_limit_asked(server: LittleCpo, module: str, following: int, limit: int) -> str | None:
        jumped = (following - 1) // server.cap * limit + limit
        return good_link(server, module, jumped, limit)

    cpo.records["cdrs"], cpo.cap, cpo.link = numbered(250), 20, by_the_limit_asked
    assert records(pull(cpo)) == numbered(250)


def test_a_link_that_drops_the_dates_is_not_followed(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(5), 2
    with connect(cpo.versions_url, TOKEN, patience=BRISK) as connection:
        start, end = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
        assert records(list(connection.pages("cdrs", start, end, 2))) == numbered(5)
    for asked in cpo.pages_asked():
        assert asked.query["date_from"] == "2026-11-09T00:00:00Z"
        assert asked.query["date_to"] == "2026-11-23T00:00:00Z"


@pytest.mark.parametrize("kind", ["another host", "the same page", "no address"])
def test_a_link_that_leads_nowhere_is_replaced_by_the_offset(start_cpo: Callable[..., LittleCpo], kind: str) -> None:
    elsewhere = start_cpo(records={"cdrs": numbered(1000)})

    def link(server: LittleCpo, module: str, following: int, limit: int) -> str | None:
        right = good_link(server, module, following, limit)
        if right is None:
            return None
        if kind == "another host":
            return right.replace(server.url, elsewhere.url)
        return (
            f'<{server.url}/cdrs?offset=0&limit={limit}>; rel="next"'
            if kind == "the same page"
            else "<http://[>; rel=next"
        )

    cpo = start_cpo(records={"cdrs": numbered(50)}, cap=20, link=link)
    assert records(pull(cpo)) == numbered(50)
    assert elsewhere.asked == [], "and nothing, the token least of all, went to the other host"


def test_opaque_links_are_followed_as_they_are(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(6), 2

    def page(handler: Handler, first: int, cursor: str) -> None:
        handler.say(numbered(6)[first : first + 2], {"Link": f"</cdrs?cursor={cursor}>; title=x; REL=next"})

    cpo.faults = [lambda handler: page(handler, 0, "a7f"), lambda handler: page(handler, 2, "9c2")]
    cpo.faults += [lambda handler: handler.say(numbered(6)[4:])]
    assert records(pull(cpo)) == numbered(6)
    assert [asked.query.get("cursor", "") for asked in cpo.pages_asked()] == ["", "a7f", "9c2"]


@pytest.mark.parametrize("link", [good_link, no_link])
def test_the_same_records_in_place_of_the_next_ones_are_a_named_failure(cpo: LittleCpo, link: Link) -> None:
    cpo.records["cdrs"], cpo.cap, cpo.link, cpo.ignores_offset = numbered(50), 20, link, True
    with pytest.raises(
        PagingBroken, match=r"gives the same records as an earlier page, though 50 records were promised"
    ):
        pull(cpo)
    assert len(cpo.pages_asked()) == 2


def test_a_server_without_paging_gives_its_list_once(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.link, cpo.ignores_offset = numbered(30), no_link, True
    cpo.total, cpo.tells_limit = "nothing", False
    assert records(pull(cpo)) == numbered(30)


def test_an_empty_list_is_one_empty_page(cpo: LittleCpo) -> None:
    (page,) = pull(cpo)
    assert page.records == 0


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 60),
    cap=st.integers(1, 30),
    limit=st.integers(1, 40),
    link=st.sampled_from([good_link, no_link, empty_link_at_the_end]),
    total=st.sampled_from(["all", "page", "nothing"]),
    tells_limit=st.booleans(),
)
def test_for_any_page_size_and_cap_all_records_arrive_once_and_in_order(
    count: int, cap: int, limit: int, link: Link, total: str, tells_limit: bool
) -> None:
    cpo = LittleCpo({"cdrs": numbered(count)}, cap=cap, link=link, total=total, tells_limit=tells_limit)
    cpo.start()
    try:
        with connect(cpo.versions_url, TOKEN, patience=BRISK) as connection:
            assert records(list(connection.pages("cdrs", limit=limit))) == numbered(count)
    finally:
        cpo.stop()


def crawl(server: Callable[[str], Given | None], limit: int = 10) -> Iterator[Given]:
    """A crawl without HTTP: the server answers addresses; it must come to an end within 500 requests."""
    state = Crawl("http://h/cdrs", {}, limit)
    step = state.first()
    for _ in range(500):
        page = server(step.url)
        assert page is not None
        if state.is_repeat(step, page):
            return
        yield page
        following = state.after(page)
        if following is None:
            return
        step = following
    raise AssertionError("the crawl does not end")


@settings(max_examples=200)
@given(st.data())
def test_no_server_however_mad_leads_us_round_for_ever(data: st.DataObject) -> None:
    """Twenty records, and headers that say anything at all: the crawl ends, or breaks with its name."""
    links = st.none() | st.integers(0, 30).map(lambda n: f"http://h/cdrs?offset={n}") | st.just("http://h/cdrs?p=1")

    def server(url: str) -> Given:
        first = int(query_of(url).get("offset", "0"))
        ids = range(first, min(20, first + data.draw(st.integers(0, 10))))
        total, limit = data.draw(st.none() | st.integers(0, 40)), data.draw(st.none() | st.integers(0, 20))
        return Given(len(ids), repr(ids).encode(), data.draw(links), total, limit)

    with contextlib.suppress(PagingBroken):
        for _ in crawl(server):
            pass


def test_empty_pages_with_links_are_passed_through_but_not_for_ever() -> None:
    def server(url: str) -> Given:
        number = int(query_of(url).get("p", "0"))
        gives = 5 if number in (0, 3) else 0
        return Given(gives, str(number).encode(), f"http://h/cdrs?p={number + 1}")

    pages = list(crawl(server))
    assert sum(page.records for page in pages) == 10
    assert len(pages) == 8


@given(st.text(max_size=60))
def test_no_link_header_raises(header: str) -> None:
    for text in (header, f"<{header}>; rel=next"):
        link = next_link(text, "http://h/cdrs")
        assert link is None or isinstance(origin(link), tuple | None)


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ('<http://h/c?offset=5>; rel="next"', "http://h/c?offset=5"),
        ("<http://h/c?offset=5>;rel=next", "http://h/c?offset=5"),
        ('<http://h/c?a=1,2>; rel="prev", <?offset=5>; rel="next last"', "http://h/cdrs?offset=5"),
        ('<http://u:p@h/c>; rel="next"', "http://h/c"),
        ('<http://h/c>; rel="prev"', None),
        ('<http://h/c>; rel="nextish"', None),
        ("http://h/c; rel=next", None),
        ("", None),
        (None, None),
    ],
)
def test_the_next_link_is_read_as_written(header: str | None, link: str | None) -> None:
    assert next_link(header, "http://h/cdrs") == link


def test_an_origin_is_scheme_host_and_port() -> None:
    assert (
        origin("https://Ocpi.Example.NL/x")
        == origin("https://ocpi.example.nl:443")
        == ("https", "ocpi.example.nl", 443)
    )
    assert origin("http://h") != origin("https://h")
    assert origin("http://h:99999") is None
    assert origin("ftp://h") is None
    assert origin("http://[") is None


def test_values_join_the_query_that_an_announced_address_has() -> None:
    assert with_query("http://h/c?key=a%20b&offset=3", {"offset": "0"}) == "http://h/c?key=a+b&offset=0"
