"""The property tests of test_proof.py have teeth: with any one law of paging or proof broken, one of them fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from linda_pipeline.ocpi import proof
from linda_pipeline.ocpi.paging import Crawl, Given, Step
from linda_pipeline.ocpi.proof import Crawled, Proof
from linda_pipeline_tests.ocpi import test_proof

Law = Callable[..., None]
Mutant = Callable[[pytest.MonkeyPatch], None]
ALWAYS: Law = (
    test_proof.test_whatever_comes_and_goes_every_record_that_was_there_all_along_arrives_or_the_list_is_not_complete
)
PAST: Law = test_proof.test_a_list_up_to_a_moment_in_the_past_is_proven_by_its_count
_after, _proof_of = Crawl.after, proof.proof_of


def no_second_crawl(patch: pytest.MonkeyPatch) -> None:
    """A crawl that no count proves is believed at once."""
    patch.setattr(
        test_proof, "proof_of", lambda crawl, before, **how: _proof_of(crawl, before, **how) or Proof.SECOND_CRAWL
    )


def any_second_crawl(patch: pytest.MonkeyPatch) -> None:
    """The second crawl is made, but not held against the first."""
    patch.setattr(
        test_proof,
        "proof_of",
        lambda crawl, before, **how: _proof_of(crawl, before, **how) or (Proof.SECOND_CRAWL if before else None),
    )


def full_pages(patch: pytest.MonkeyPatch) -> None:
    """The next offset is reckoned from the page size that was asked, not from what the server gave."""

    def after(crawl: Crawl, given: Given) -> Step | None:
        return _after(crawl, replace(given, records=crawl._limit or given.records) if given.records else given)

    patch.setattr(Crawl, "after", after)


def short_page_ends(patch: pytest.MonkeyPatch) -> None:
    """A page with fewer records than asked is taken for the last."""

    def after(crawl: Crawl, given: Given) -> Step | None:
        following = _after(crawl, given)
        return None if given.records < (crawl._limit or 0) else following

    patch.setattr(Crawl, "after", after)


def skips_one(patch: pytest.MonkeyPatch) -> None:
    """After the first page, one record too many is skipped."""
    patch.setattr(Crawl, "position", property(lambda crawl: crawl.given + (1 if crawl.given else 0)))


def count_proves_a_list_that_moves(patch: pytest.MonkeyPatch) -> None:
    """A count proves a list of several pages also where records may come and go meanwhile."""
    patch.setattr(test_proof, "proof_of", lambda crawl, before, holds_still: _proof_of(crawl, before, holds_still=True))


def copies_count(patch: pytest.MonkeyPatch) -> None:
    """The count is held against the records, copies and all, not against the different ones."""
    patch.setattr(Crawled, "unique", property(lambda crawl: np.sort(crawl.in_order)))


def count_may_move(patch: pytest.MonkeyPatch) -> None:
    """A count that was another one on an earlier page is believed all the same."""

    def proof_of(crawl: Crawled, before: Crawled | None, *, holds_still: bool) -> Proof | None:
        crawl.total_moved = False
        return _proof_of(crawl, before, holds_still=holds_still)

    patch.setattr(test_proof, "proof_of", proof_of)


def gives_up(patch: pytest.MonkeyPatch) -> None:
    """Nothing is ever proven."""
    patch.setattr(test_proof, "proof_of", lambda crawl, before, holds_still: None)


def one_crawl_too_many(patch: pytest.MonkeyPatch) -> None:
    """A count is never enough."""
    patch.setattr(
        test_proof,
        "proof_of",
        lambda crawl, before, **how: _proof_of(crawl, before, **how) if before is not None else None,
    )


MUTANTS: dict[Mutant, Law] = {
    no_second_crawl: ALWAYS,
    any_second_crawl: ALWAYS,
    full_pages: ALWAYS,
    short_page_ends: ALWAYS,
    skips_one: ALWAYS,
    count_proves_a_list_that_moves: ALWAYS,
    gives_up: ALWAYS,
    copies_count: PAST,
    count_may_move: PAST,
    one_crawl_too_many: PAST,
}
"""Each mutant, and the law that finds it out."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_law_is_found_out(mutant: Mutant) -> None:
    law = MUTANTS[mutant]
    body = law.hypothesis.inner_test  # type: ignore[attr-defined]
    changes = test_proof.events("insert", "delete", *(["move"] if law is PAST else []))
    search = settings(max_examples=3000, deadline=None, database=None, phases=[Phase.generate])

    def looked_for() -> None:
        if law is ALWAYS:
            body(**test_proof.SWAPPED)
        search(given(ids=test_proof.lists, changes=changes, **test_proof.servers)(body))()

    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        with pytest.raises(AssertionError):
            looked_for()
