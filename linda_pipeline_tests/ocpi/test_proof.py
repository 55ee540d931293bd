"""The law of proof, on a model server whose list changes while it is read: every record that was there, or "not complete"."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi.failures import PagingBroken
from linda_pipeline.ocpi.paging import Hidden, RawPage
from linda_pipeline.ocpi.proof import Crawled, Proof, doubt_of, is_settled, proof_of
from linda_pipeline_tests.ocpi.model_server import ModelServer, crawl

CRAWLS = 3
Event = tuple[int, str, int]
"""Before which request, what, and where."""


def pull(server: ModelServer, limit: int, *, holds_still: bool) -> tuple[list[int], Proof | None]:
    """Crawl as the pull station does: until a crawl is proven, or the tries are out."""
    before: Crawled | None = None
    for _ in range(CRAWLS):
        crawled, received = crawl(server, limit)
        proof = proof_of(crawled, before, holds_still=holds_still)
        if proof is not None or is_settled(crawled, before):
            break
        before = crawled
    return received, proof


def happening(events: list[Event]) -> Callable[[ModelServer, int], None]:
    def happens(server: ModelServer, number: int) -> None:
        for serial, (when, what, place) in enumerate(events):
            if when == number:
                if what == "insert":
                    server.insert(place, 1000 + serial)  # an id never comes back once it is gone
                elif what == "delete":
                    server.delete(place)
                else:
                    server.move(place, place * 7 + 3)

    return happens


def events(*kinds: str) -> st.SearchStrategy[list[Event]]:
    return st.lists(st.tuples(st.integers(0, 12), st.sampled_from(kinds), st.integers(0, 40)), max_size=6)


lists = st.integers(0, 25).flatmap(lambda count: st.permutations(range(count)))
SWAPPED: dict[str, Any] = {
    "ids": [0, 1, 2, 3], "changes": [(1, "delete", 0), (1, "insert", 3)], "cap": 2, "limit": 2, "links": True, "counts": True
}  # fmt: skip
"""The first goes while another comes at the end, so that the count stays what it was."""
servers = {"cap": st.integers(1, 9), "limit": st.integers(1, 12), "links": st.booleans(), "counts": st.booleans()}


@settings(max_examples=1500, deadline=None)
@given(ids=lists, changes=events("insert", "delete"), **servers)
@example(**SWAPPED)
def test_whatever_comes_and_goes_every_record_that_was_there_all_along_arrives_or_the_list_is_not_complete(
    ids: list[int], changes: list[Event], cap: int, limit: int, links: bool, counts: bool
) -> None:
    """A list that may change at any time, such as Locations: also one going while another comes, which no count tells."""
    server = ModelServer(list(ids), cap, links, counts, happening(changes))
    try:
        received, proof = pull(server, limit, holds_still=False)
    except PagingBroken:
        return
    if proof is not None:
        assert server.always <= set(received)
    if not changes and counts:
        assert proof is not None
        assert sorted(received) == sorted(ids), "once each"


@settings(max_examples=1500, deadline=None)
@given(ids=lists, changes=events("insert", "move") | events("delete", "move"), **servers)
def test_a_list_up_to_a_moment_in_the_past_is_proven_by_its_count(
    ids: list[int], changes: list[Event], cap: int, limit: int, links: bool, counts: bool
) -> None:
    """CDRs of a window that has ended: latecomers, or withdrawals, or changed places; each shows in the ids or the count."""
    moved = [change for change in changes if change[1] == "move"]
    changes = [change for change in changes if change[1] != "move"] + moved[:1]
    server = ModelServer(list(ids), cap, links, counts, happening(changes))
    try:
        received, proof = pull(server, limit, holds_still=True)
    except PagingBroken:
        return
    if proof is not None:
        assert server.always <= set(received)
    if not changes and counts:
        assert sorted(received) == sorted(ids)
        assert proof == Proof.COUNT
        assert server.asked <= 2 + -(-len(ids) // min(cap, limit)), "in one crawl"


def given_pages(*pages: tuple[list[int], int | None], hidden: int = 0) -> Crawled:
    crawled = Crawled()
    for ids, total in pages:
        crawled.add(RawPage(1, "", b"", b"", "", 1000, len(ids), total, None, 0, 0.0, identities=array("q", ids)))
    crawled.hidden.extend(Hidden(place, "no") for place in range(hidden))
    return crawled


def test_a_count_proves_only_where_it_stayed_the_same() -> None:
    assert proof_of(given_pages(([1, 2], 3), ([3], 3)), None, holds_still=True) == Proof.COUNT
    assert proof_of(given_pages(([1, 2], 4), ([3], 3)), None, holds_still=True) is None
    assert proof_of(given_pages(([1, 2], None), ([3], 3)), None, holds_still=True) is None
    assert proof_of(given_pages(([1, 2], 3), ([2], 3)), None, holds_still=True) is None


def test_one_answer_is_one_moment_so_its_count_proves_it_even_with_copies_in_it() -> None:
    assert proof_of(given_pages(([1, 1, 2], 3)), None, holds_still=False) == Proof.COUNT


def test_a_list_of_which_one_half_hides_is_not_whole_however_often_it_says_so() -> None:
    short = given_pages(([1, 2], 9), ([], 9))
    assert proof_of(short, short, holds_still=True) is None
    assert is_settled(short, short)
    assert "counts 9 records, but its pages end after 2" in (doubt_of(short, None) or "")


def test_copies_on_two_pages_are_believed_where_the_count_counts_them_too() -> None:
    copies = given_pages(([1, 2], 4), ([2, 3], 4))
    assert proof_of(copies, None, holds_still=True) is None
    assert proof_of(copies, copies, holds_still=True) == Proof.SECOND_CRAWL
    untold = given_pages(([1, 2], None), ([2, 3], None))
    assert proof_of(untold, untold, holds_still=True) is None


def test_what_hides_counts_as_given_but_leaves_a_doubt() -> None:
    one_bad = given_pages(([1, 2], 4), ([3], 4), hidden=1)
    proof = proof_of(one_bad, None, holds_still=True)
    assert proof == Proof.COUNT
    assert "refuses 1 records" in (doubt_of(one_bad, proof) or "")
