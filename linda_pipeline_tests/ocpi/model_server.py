"""A model of a CPO's list in memory, which changes while it is read: for the laws of paging, without HTTP."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

from linda_pipeline.ocpi.address import query_of, with_query
from linda_pipeline.ocpi.paging import Crawl, Given, RawPage, Step, fingerprint_of
from linda_pipeline.ocpi.proof import Crawled

ENDPOINT = "http://h/cdrs"


@dataclass
class ModelServer:
    """A list of ids, and what happens to it before each request."""

    ids: list[int]
    cap: int
    links: bool
    counts: bool
    happens: Callable[[ModelServer, int], None]
    """Called before each request with its number from 0."""
    always: set[int] = field(default_factory=set)
    """The ids that were there all along."""
    asked: int = 0

    def __post_init__(self) -> None:
        self.always = set(self.ids)

    def insert(self, place: int, one: int) -> None:
        """A record comes."""
        self.ids.insert(place % (len(self.ids) + 1), one)

    def delete(self, place: int) -> None:
        """A record goes."""
        if self.ids:
            self.always.discard(self.ids.pop(place % len(self.ids)))

    def move(self, place: int, to: int) -> None:
        """A record changes place, as when it is changed and the list is ordered by last_updated."""
        if self.ids:
            self.insert(to, self.ids.pop(place % len(self.ids)))

    def page(self, url: str) -> tuple[list[int], Given]:
        """The answer to a request."""
        self.happens(self, self.asked)
        self.asked += 1
        query = query_of(url)
        offset, limit = int(query["offset"]), min(self.cap, int(query["limit"]))
        ids = self.ids[offset : offset + limit]
        more = self.links and offset + limit < len(self.ids)
        link = with_query(url, {"offset": str(offset + limit), "limit": str(limit)}) if more else None
        return ids, Given(
            len(ids), fingerprint_of(array("q", ids)), link, len(self.ids) if self.counts else None, limit
        )


def crawl(server: ModelServer, limit: int) -> tuple[Crawled, list[int]]:
    """One crawl: what proves it is drawn from the first, what was received is the second. Raises PagingBroken."""
    state, crawled, received = Crawl(ENDPOINT, {}, limit), Crawled(), []
    step: Step | None = state.first()
    while step is not None:
        ids, given = server.page(step.url)
        if state.is_repeat(step, given):
            break
        received += ids
        crawled.add(
            RawPage(
                1,
                step.url,
                b"",
                b"",
                "",
                1000,
                len(ids),
                given.total_count,
                given.limit,
                0,
                0.0,
                identities=array("q", ids),
            )
        )
        step = state.after(given)
    return crawled, received
