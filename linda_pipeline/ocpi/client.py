"""A CPO that answered: its version, its endpoints, and the pages of a module to the end.

Here: what is asked of a CPO's server once it is known what it speaks. Not here: the way in (client_door.py), HTTP itself
(client_http.py), the order of pages (paging.py), what the pages mean (normalise.py) and where they are kept (pulling).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from linda_pipeline.ocpi.address import foreign_address, next_link, without_credentials
from linda_pipeline.ocpi.client_body import stored
from linda_pipeline.ocpi.client_extent import Extent
from linda_pipeline.ocpi.client_http import Caller, GoodAnswer
from linda_pipeline.ocpi.failures import (
    ListMoved,
    ModuleNotOffered,
    NotOcpi,
    PagingBroken,
    PullFailed,
)
from linda_pipeline.ocpi.foreign import count_of, text_of
from linda_pipeline.ocpi.paging import Crawl, Given, Hidden, RawPage, Stand, Step, fingerprint_of
from linda_pipeline.ocpi.scan import Scanned, scan_page

_TRIES_ON_THE_WAY_ROUND = 2
"""How often a piece of a page is asked that was refused as a whole before."""
_ASK_CDRS = (
    "Ask the CPO to offer the module cdrs as well: the portal takes finished sessions as CDRs, which no longer change, "
    "and never reads sessions."
)
_ASK_ENDPOINTS = "Ask the CPO to announce the module in its version details, with the address where it can be read."


class Connection:
    """A CPO that answered: its version and its endpoints, and the way to its pages."""

    def __init__(
        self, caller: Caller, versions_url: str, version: str, details_url: str, endpoints: list[dict[str, Any]]
    ) -> None:
        self._caller = caller
        self._details_url = details_url
        self._endpoints = endpoints
        self._hidden: list[Hidden] = []
        self.versions_url = caller.token.hide(without_credentials(versions_url))
        self.version = version
        """The OCPI version in use."""
        self.token_encoding = caller.token.encoding
        """"plain" or "base64"."""

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hide(self, text: str) -> str:
        """A text with the token taken out."""
        return self._caller.token.hide(text)

    @property
    def hidden(self) -> tuple[Hidden, ...]:
        """The places of the list last crawled that the server refused, each asked for by itself."""
        return tuple(self._hidden)

    def close(self) -> None:
        """Close the connections to the server."""
        self._caller.close()

    def endpoint(self, module: str) -> str:
        """The address from which a module (`cdrs`, `locations`) is read, as it may be written down: without any token.

        Raises ModuleNotOffered and NotOcpi.
        """
        with self._caller.token.unseen():
            return self._caller.token.hide(self._endpoint(module))

    def _endpoint(self, module: str) -> str:
        named = [entry for entry in self._endpoints if text_of(entry.get("identifier")).lower() == module]
        if self.version != "2.1.1":
            # Some servers that grew out of 2.1.1 leave the role out; an endpoint that only receives is never read.
            named = [entry for entry in named if text_of(entry.get("role")).upper() in ("SENDER", "")]
            named.sort(key=lambda entry: text_of(entry.get("role")) == "")
        if not named:
            raise self._not_offered(module)
        url = foreign_address(named[0].get("url"))
        if url is None:
            raise NotOcpi(
                f"{self._details_url} announces an endpoint for {module} without an http(s) address.", _ASK_ENDPOINTS
            )
        self._caller.gate.check(url, f"{self._details_url} announces {module} at", self._details_url)
        return url

    def _not_offered(self, module: str) -> ModuleNotOffered:
        role = "" if self.version == "2.1.1" else " with the role SENDER"
        lacks = f"{self._details_url} announces no endpoint for {module}{role}"
        others = {text_of(entry.get("identifier")).lower() for entry in self._endpoints}
        if module == "cdrs" and "sessions" in others:
            return ModuleNotOffered(f"{lacks}, only one for sessions.", _ASK_CDRS)
        return ModuleNotOffered(f"{lacks}.", _ASK_ENDPOINTS)

    def pages(
        self,
        module: str,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        limit: int | None = None,
        stand: Stand | None = None,
    ) -> Iterator[RawPage]:
        """The pages of a module one by one, to the end; each is fetched when it is asked for.

        The dates bound `last_updated` and are moments with a time zone; `limit` is the number of records to ask per
        page, which the server may undercut. `stand` tells how far an earlier crawl came that was cut off: its last page
        is asked again, and where that is another one by now, ListMoved is raised. Raises PullFailed.
        """
        filters = {
            name: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            for name, moment in (("date_from", date_from), ("date_to", date_to))
            if moment is not None
        }
        with self._caller.token.unseen():
            crawl = Crawl(self._endpoint(module), filters, limit, self._caller.gate.names)
        self._hidden = crawl.hidden
        yield from self._crawled(crawl, stand)

    def _crawled(self, crawl: Crawl, stand: Stand | None) -> Iterator[RawPage]:
        extent = Extent(self._caller.patience, crawl)
        with self._caller.token.unseen():
            if stand is not None and stand.pages:
                self._check_unmoved(*stand.pages[-1])
                step, hidden = crawl.resumed(stand), len(stand.hidden)
                extent.pages, extent.bytes = len(stand.pages), stand.body_bytes
            else:
                step, hidden = crawl.first(), 0
        while step is not None:
            with self._caller.token.unseen():
                extent.check()
                fetched = self._fetched(crawl, step, extent)
                if fetched is None:
                    return
                step, answer = fetched
                given = _given(answer, step.url)
                with self._led_elsewhere(crawl):
                    if crawl.is_repeat(step, given):
                        return
            extent.pages, extent.bytes = extent.pages + 1, extent.bytes + len(answer.body)
            yield RawPage(
                number=extent.pages,
                url=self._caller.token.hide(step.url),
                body=answer.body,
                stored=stored(answer.received),
                sha256=hashlib.sha256(answer.body).hexdigest(),
                status_code=answer.page.status_code,
                records=given.records,
                total_count=given.total_count,
                limit=given.limit,
                received_bytes=len(answer.received),
                duration_s=answer.duration_s,
                identities=answer.page.identities,
                given=given,
                hidden=tuple(crawl.hidden[hidden:]),
            )
            hidden = len(crawl.hidden)
            del fetched, answer  # or two pages are in memory while the next one comes in
            with self._caller.token.unseen(), self._led_elsewhere(crawl):
                step = crawl.after(given)

    @contextlib.contextmanager
    def _led_elsewhere(self, crawl: Crawl) -> Iterator[None]:
        """Pages that do not lead on because the next links lead to a server that may not be asked: then that is the failure."""
        try:
            yield
        except PagingBroken:
            if crawl.elsewhere is not None:
                self._caller.gate.check(crawl.elsewhere, f"{crawl.endpoint} has its next page at", crawl.endpoint)
            raise

    def _fetched(self, crawl: Crawl, step: Step, extent: Extent) -> tuple[Step, GoodAnswer[Scanned]] | None:
        """The answer to a step, or to what takes its place where the server refuses it; None: the list has ended."""
        following: Step | None = step
        while following is not None:
            tries = _TRIES_ON_THE_WAY_ROUND if crawl.is_feeling_its_way else None
            step = following
            try:
                return step, self._caller.read(step.url, scan_page, tries)
            except PullFailed as failure:
                following = crawl.refused(step, failure)
                extent.check()
        return None

    def _check_unmoved(self, url: str, given: Given) -> None:
        """Whether a page is still what it was. Raises ListMoved."""
        moved = ListMoved(f"{url} gives another page than before the pull was cut off.", "Begin the pull anew.")
        try:
            now = _given(self._caller.read(url, scan_page), url)
        except PullFailed as failure:
            if failure.may_pass:
                raise
            raise moved from None
        if (now.fingerprint, now.total_count) != (given.fingerprint, given.total_count):
            raise moved


def _given(answer: GoodAnswer[Scanned], url: str) -> Given:
    identities = answer.page.identities
    return Given(
        records=len(identities),
        fingerprint=fingerprint_of(identities),
        link=next_link(answer.headers.get("link"), url),
        total_count=count_of(answer.headers.get("x-total-count")),
        limit=count_of(answer.headers.get("x-limit")),
    )
