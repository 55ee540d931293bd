"""From page to page: which request follows, when a crawl has ended, and how a server that leads us round is known.

Here: decisions only, on what a page gave. Not here: requests (client.py), and whether every record is there (proof.py).
The law: a record given twice does no harm, a record skipped does. So where a link and the count disagree, we count.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from linda_pipeline.ocpi.address import origin, query_of, with_query
from linda_pipeline.ocpi.failures import PagingBroken, PullFailed
from linda_pipeline.ocpi.hidden import Hidden as Hidden

_EMPTY_PAGES_FOLLOWED = 3
"""How many empty pages in a row are passed through by their next links before the crawl is taken to have ended."""
_PAGE_ASSUMED = 128
"""Where neither we nor the server name a limit: what a page that was refused may have held."""
_MOST_HIDDEN_IN_A_ROW = 5
"""So many records that are refused one by one, next to each other, are no bad records: then the server itself fails."""
_MOST_HIDDEN = 100


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
    identities: array[int] = field(default_factory=lambda: array("q"))
    """Of its records, as hashes that hold within this process."""
    given: Given | None = None
    """What it gave, as far as paging goes: enough to go on from here later."""
    hidden: tuple[Hidden, ...] = ()
    """The places that the server refused before it gave this page, each asked for by itself."""


@dataclass(frozen=True)
class Step:
    """One request of a crawl. `promised`: the server said that more records are there (by a link or by its count)."""

    url: str
    promised: bool
    by_link: bool = False
    """Whether the server named this address, and not we."""
    limit: int | None = None
    """The number of records asked, where we named the address."""


@dataclass(frozen=True)
class Given:
    """What a page gave, as far as paging goes. `link` is absolute; `fingerprint` tells pages by their records."""

    records: int
    fingerprint: bytes
    link: str | None = None
    total_count: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Stand:
    """How far a crawl came: each page's address and what it gave, and the places that the server refused."""

    pages: Sequence[tuple[str, Given]]
    hidden: Sequence[Hidden] = ()
    body_bytes: int = 0
    """Of these pages together, decoded."""


def fingerprint_of(identities: array[int]) -> bytes:
    """What tells a page by its records."""
    return hashlib.blake2b(identities, digest_size=16).digest()


class Crawl:
    """The state of one crawl through a list: what was asked, what was given, what comes next."""

    def __init__(
        self,
        endpoint: str,
        filters: Mapping[str, str],
        limit: int | None,
        is_named: Callable[[str], bool] | None = None,
    ) -> None:
        """`is_named` says whether a next link leads to a server that may be asked; by default that of the endpoint alone."""
        self.endpoint = endpoint
        self.elsewhere: str | None = None
        """The last next link that leads to another server, and is not followed."""
        self._is_named = is_named or (lambda link: origin(link) == origin(endpoint))
        self.hidden: list[Hidden] = []
        """The places that the server refused even by themselves."""
        self.given = 0
        """Records given so far."""
        self._filters = dict(filters)
        self._limit = limit
        self._asked: set[str] = set()
        self._seen: set[bytes] = set()
        self._links_seen = False
        self._empty_pages = 0
        self._total: int | None = None
        self._small: int | None = None
        """The limit in use while we feel our way through a page that was refused …"""
        self._small_until = 0
        """… which ended here."""
        self._hidden_in_a_row = 0
        self._refusal: PullFailed | None = None
        """Why the page was refused through which we feel our way."""

    @property
    def position(self) -> int:
        """The offset of the first record that was neither given nor refused."""
        return self.given + len(self.hidden)

    @property
    def is_feeling_its_way(self) -> bool:
        """Whether pages are asked smaller than usual, because one was refused."""
        return self._small is not None

    def first(self) -> Step:
        """The request that a crawl begins with."""
        return self._ask(self._by_offset(promised=False))

    def resumed(self, stand: Stand) -> Step | None:
        """The request with which a crawl goes on that was cut off; None where it had come to its end."""
        self.hidden.extend(stand.hidden)
        for url, given in stand.pages[:-1]:
            self.given += given.records
            self._asked.add(url)
            self._seen.add(given.fingerprint)
            self._links_seen = self._links_seen or given.link is not None
        last_url, last = stand.pages[-1]
        self._asked.add(last_url)
        self._seen.add(last.fingerprint)
        return self.after(last)

    def is_repeat(self, step: Step, given: Given) -> bool:
        """Whether the page holds what an earlier one held. Raises PagingBroken where the server had promised more."""
        if given.records == 0 or self.is_feeling_its_way or given.fingerprint not in self._seen:
            self._seen.add(given.fingerprint)
            return False
        if step.promised:
            raise self._broken(f"{step.url} gives the same records as an earlier page", given.total_count)
        return True

    def after(self, given: Given) -> Step | None:
        """The request that follows on a page that is no repeat; None at the end."""
        self.given += given.records
        self._total = given.total_count if given.total_count is not None else self._total
        self._hidden_in_a_row = 0
        self._empty_pages = 0 if given.records else self._empty_pages + 1
        total = self._credible_total(given)
        enough = total is not None and self.position >= total
        self._grow()
        if given.link is not None:
            self._links_seen = True
            if given.records == 0 and (enough or self._empty_pages > _EMPTY_PAGES_FOLLOWED):
                return None
            if not self.is_feeling_its_way and self._is_usable(given.link, given):
                return self._ask(Step(given.link, promised=not enough, by_link=True))
        if given.records == 0:
            return None
        if given.link is None and (enough or (total is None and self._links_seen)):
            return None
        promised = (given.link is not None or total is not None) and not enough
        step = self._by_offset(promised)
        if step.url not in self._asked:
            return self._ask(step)
        if promised:
            raise self._broken(f"the next page, {step.url}, was asked before", given.total_count)
        return None

    def refused(self, step: Step, failure: PullFailed) -> Step | None:
        """The request that follows on one that the server refuses; None at the end of the list.

        A link that leads nowhere is replaced by the offset. A page that is refused whole is asked in smaller and smaller
        pieces, down to single records, so that a bad one hides only itself. Raises the failure where that leads nowhere.
        """
        if step.by_link:
            by_offset = self._by_offset(step.promised)
            if by_offset.url in self._asked:
                raise failure
            return self._ask(by_offset)
        if not failure.may_hide_a_record:
            raise failure
        if self._total is not None and self.position >= self._total:
            return None  # asked beyond the end, to which some servers answer with an error
        limit = step.limit or _PAGE_ASSUMED
        if limit > 1:
            if self._small is None:
                self._small_until, self._refusal = self.position + limit, failure
            self._small = limit // 2
        else:
            self._hidden_in_a_row += 1
            if self._hidden_in_a_row > _MOST_HIDDEN_IN_A_ROW or len(self.hidden) >= _MOST_HIDDEN:
                raise self._refusal or failure
            self.hidden.append(Hidden(self.position, failure.message))
            if self._total is not None and self.position >= self._total:
                return None
        return self._ask(self._by_offset(step.promised))

    def _grow(self) -> None:
        """Past the bad record, ask for more and more again, and at last for whole pages."""
        if self._small is None:
            return
        self._small = min(2 * self._small, self._small_until - self.position)
        if self._small <= 0:
            self._small = None

    def _credible_total(self, given: Given) -> int | None:
        """X-Total-Count, unless it looks like the size of the page (some servers give that) or is passed already."""
        total = given.total_count
        if total is None or total < self.position:
            return None
        may_be_capped = given.limit is None or given.records >= min(given.limit, self._limit or given.limit)
        first_page = self.position == given.records
        if total == given.records and total > 0 and first_page and may_be_capped:
            return None
        return total

    def _is_usable(self, link: str, given: Given) -> bool:
        """Whether a next link leads on: to a server that may be asked, not asked before, with our filters, past no record."""
        if not self._is_named(link):
            self.elsewhere = link
            return False
        if link in self._asked:
            return False
        values = query_of(link)
        if "offset" not in values:
            return True  # an opaque link: the server alone knows where it leads
        if any(name not in values for name in self._filters):
            return False
        return given.records == 0 or values["offset"] == str(self.position)

    def _by_offset(self, promised: bool) -> Step:
        limit = self._limit if self._small is None else self._small
        values = {**self._filters, "offset": str(self.position)}
        if limit is not None:
            values["limit"] = str(limit)
        return Step(with_query(self.endpoint, values), promised, limit=limit)

    def _ask(self, step: Step) -> Step:
        self._asked.add(step.url)
        return step

    def _broken(self, what: str, total: int | None) -> PagingBroken:
        promised = "a next page was" if total is None else f"{total} records were"
        return PagingBroken(
            f"The pages of {self.endpoint} do not lead on: {what}, though {promised} promised "
            f"and {self.given} records were given.",
            "Ask the CPO to honour offset and limit, or to send next links that lead on.",
        )
