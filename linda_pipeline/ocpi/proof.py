"""Whether a crawl gave every record: what proves it, and what is left in doubt.

Here: the law. Proven is a crawl whose unique ids are as many as the CPO counts, or a second crawl that agrees with the
first. A list that the CPO itself counts longer than it gives is never whole, however often it gives the same. Not here:
crawling (client.py), and what becomes of a list that is in doubt (pulling/pull.py).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from linda_pipeline.ocpi.paging import Hidden, RawPage


class Proof(StrEnum):
    """Why a crawl is held to be whole."""

    COUNT = "count"
    """Its unique ids are as many as X-Total-Count, which stayed the same all along."""
    SECOND_CRAWL = "second crawl"
    """Another crawl, right after it, gave the same ids."""


@dataclass
class Crawled:
    """What one crawl gave, page by page: 8 bytes a record, so that millions fit."""

    records: int = 0
    pages: int = 0
    total: int | None = None
    """The last X-Total-Count."""
    total_moved: bool = False
    """Whether X-Total-Count was another one on an earlier page, or missing there."""
    hidden: list[Hidden] = field(default_factory=list)
    """The places that the server refused even by themselves."""
    _ids: array[int] = field(default_factory=lambda: array("q"), repr=False)

    def add(self, page: RawPage) -> None:
        """Take in a page."""
        if self.pages and page.total_count != self.total:
            self.total_moved = True
        self.total = page.total_count if page.total_count is not None else self.total
        self.pages += 1
        self.records += page.records
        self._ids.extend(page.identities)

    @property
    def in_order(self) -> NDArray[np.int64]:
        """The identities as they were given."""
        return np.frombuffer(self._ids, dtype=np.int64) if self._ids else np.empty(0, dtype=np.int64)

    @property
    def unique(self) -> NDArray[np.int64]:
        """The identities, each once, sorted."""
        found = np.sort(self.in_order)  # np.unique hashes instead, which takes fifty times as long
        return found[np.append(True, found[1:] != found[:-1])] if len(found) else found


def proof_of(crawl: Crawled, before: Crawled | None, *, holds_still: bool) -> Proof | None:
    """What proves that a crawl is whole; None: nothing does. What it hides (`hidden`) counts as given.

    `holds_still`: the list was asked up to a moment in the past, so that it does not change by itself. Where it may
    change, a record can go while another comes, which no count tells: then a list of several pages takes two crawls.
    """
    unique = crawl.unique
    if falls_short(crawl):
        return None
    if crawl.total is not None and not crawl.total_moved:
        if crawl.pages == 1 and crawl.records == crawl.total:
            return Proof.COUNT  # one answer is one moment, whatever it repeats
        if len(unique) + len(crawl.hidden) == crawl.total and holds_still:
            return Proof.COUNT
    if before is None or _places(crawl) != _places(before):
        return None
    if _repeats(crawl, unique) or _repeats(before, before.unique):
        # A record given on two pages: the list moved, unless the CPO really holds it twice and counts it twice.
        steady = not (crawl.total_moved or before.total_moved) and crawl.records == crawl.total == before.total
        return Proof.SECOND_CRAWL if steady and np.array_equal(crawl.in_order, before.in_order) else None
    return Proof.SECOND_CRAWL if np.array_equal(unique, before.unique) else None


def falls_short(crawl: Crawled) -> bool:
    """Whether the CPO counts more records, all along, than it gave."""
    return crawl.total is not None and not crawl.total_moved and crawl.records + len(crawl.hidden) < crawl.total


def is_settled(crawl: Crawled, before: Crawled | None) -> bool:
    """Whether going through the list once more can teach nothing: it falls short, and gives the same again."""
    return before is not None and falls_short(crawl) and np.array_equal(crawl.in_order, before.in_order)


def doubt_of(crawl: Crawled, proof: Proof | None) -> str | None:
    """Why a crawl is not complete, in one sentence; None where it is."""
    if proof is None and falls_short(crawl):
        return (
            f"The CPO counts {crawl.total:,} records, but its pages end after {crawl.records:,}. Ask it which is right: "
            "an X-Total-Count that is too high, or a list that is cut short."
        )
    if proof is None:
        counts = "it gives no X-Total-Count" if crawl.total is None else f"it counts {crawl.total:,}"
        return (
            f"The CPO's list did not come to rest: {len(crawl.unique):,} different records came, {counts}, "
            "and crawling it again gave others."
        )
    if crawl.hidden:
        return f"The CPO's server refuses {len(crawl.hidden):,} records, even when each is asked for by itself."
    return None


def _repeats(crawl: Crawled, unique: NDArray[np.int64]) -> bool:
    return crawl.pages > 1 and len(unique) < crawl.records


def _places(crawl: Crawled) -> list[int]:
    return [hidden.offset for hidden in crawl.hidden]
