"""From page to page: which request follows, when a crawl has ended, and how a server that leads us round is known.

Here: decisions only, on what a page gave. Not here: requests (client.py), and whether every record is there.
The law: a record given twice does no harm, a record skipped does. So where a link and the count disagree, we count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.ocpi.address import origin, query_of, with_query
from linda_pipeline.ocpi.failures import PagingBroken

_EMPTY_PAGES_FOLLOWED = 3
"""How many empty pages in a row are passed through by their next links before the crawl is taken to have ended."""


@dataclass(frozen=True)
class RawPage:
    """One page as the CPO sent it."""

    number: int
    """From 1, in the order asked."""
    url: str
    """The address asked; never holds a token."""
    body: bytes
    """The body decoded."""
    stored: bytes
    """The body as gzip: the CPO's own bytes where it sent gzip, else compressed by us."""
    sha256: str
    """Over `body`, in hex."""
    status_code: int
    """OCPI's, 1xxx."""
    records: int
    total_count: int | None
    """X-Total-Count, where the CPO gives it."""
    limit: int | None
    """X-Limit, where the CPO gives it."""
    received_bytes: int
    """Of the body on the wire."""
    duration_s: float


@dataclass(frozen=True)
class Step:
    """One request of a crawl. `promised`: the server said that more records are there (by a link or by its count)."""

    url: str
    promised: bool


@dataclass(frozen=True)
class Given:
    """What a page gave, as far as paging goes. `link` is absolute; `fingerprint` tells pages by their records."""

    records: int
    fingerprint: bytes
    link: str | None = None
    total_count: int | None = None
    limit: int | None = None


class Crawl:
    """The state of one crawl through a list: what was asked, what was given, what comes next."""

    def __init__(self, endpoint: str, filters: Mapping[str, str], limit: int | None) -> None:
        self.endpoint = endpoint
        self.given = 0
        """Records given so far: the offset of the first that was not."""
        self._filters = dict(filters)
        self._limit = limit
        self._asked: set[str] = set()
        self._seen: set[bytes] = set()
        self._links_seen = False
        self._empty_pages = 0

    def first(self) -> Step:
        """The request that a crawl begins with."""
        return self._ask(self._by_offset(), promised=False)

    def is_repeat(self, step: Step, given: Given) -> bool:
        """Whether the page holds what an earlier one held. Raises PagingBroken where the server had promised more."""
        if given.records == 0 or given.fingerprint not in self._seen:
            self._seen.add(given.fingerprint)
            return False
        if step.promised:
            raise self._broken(f"{step.url} gives the same records as an earlier page", given)
        return True

    def after(self, given: Given) -> Step | None:
        """The request that follows on a page that is no repeat; None at the end."""
        self.given += given.records
        self._empty_pages = 0 if given.records else self._empty_pages + 1
        total = self._credible_total(given)
        enough = total is not None and self.given >= total
        if given.link is not None:
            self._links_seen = True
            if given.records == 0 and (enough or self._empty_pages > _EMPTY_PAGES_FOLLOWED):
                return None
            if self._is_usable(given.link, given):
                return self._ask(given.link, promised=not enough)
        if given.records == 0:
            return None
        if given.link is None and (enough or (total is None and self._links_seen)):
            return None
        url, promised = self._by_offset(), (given.link is not None or total is not None) and not enough
        if url not in self._asked:
            return self._ask(url, promised)
        if promised:
            raise self._broken(f"the next page, {url}, was asked before", given)
        return None

    def _credible_total(self, given: Given) -> int | None:
        """X-Total-Count, unless it looks like the size of the page (some servers give that) or is passed already."""
        total = given.total_count
        if total is None or total < self.given:
            return None
        may_be_capped = given.limit is None or given.records >= min(given.limit, self._limit or given.limit)
        first_page = self.given == given.records
        if total == given.records and total > 0 and first_page and may_be_capped:
            return None
        return total

    def _is_usable(self, link: str, given: Given) -> bool:
        """Whether a next link leads on: same origin, not asked before, with our filters, past no record."""
        if origin(link) is None or origin(link) != origin(self.endpoint) or link in self._asked:
            return False
        values = query_of(link)
        if "offset" not in values:
            return True  # an opaque link: the server alone knows where it leads
        if any(name not in values for name in self._filters):
            return False
        return given.records == 0 or values["offset"] == str(self.given)

    def _by_offset(self) -> str:
        values = {**self._filters, "offset": str(self.given)}
        if self._limit is not None:
            values["limit"] = str(self._limit)
        return with_query(self.endpoint, values)

    def _ask(self, url: str, promised: bool) -> Step:
        self._asked.add(url)
        return Step(url, promised)

    def _broken(self, what: str, given: Given) -> PagingBroken:
        promised = "a next page was" if given.total_count is None else f"{given.total_count} records were"
        return PagingBroken(
            f"The pages of {self.endpoint} do not lead on: {what}, though {promised} promised "
            f"and {self.given} records were given.",
            "Ask the CPO to honour offset and limit, or to send next links that lead on.",
        )
