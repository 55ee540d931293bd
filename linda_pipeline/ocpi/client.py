"""The pull from a CPO: its versions, its endpoints, and the pages of a module to the end.

Here: what is asked of a CPO's server. Not here: HTTP itself (client_http.py), the order of pages (paging.py), what the
pages mean (normalise.py) and where they are kept (pulling/pull.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from linda_pipeline.ocpi.address import next_link, origin, without_credentials
from linda_pipeline.ocpi.client_answers import of_other_form
from linda_pipeline.ocpi.client_body import stored
from linda_pipeline.ocpi.client_http import Answer, Caller, Patience
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.failures import (
    ListMoved,
    ModuleNotOffered,
    NotAuthorised,
    NotOcpi,
    PullFailed,
    VersionNotOffered,
)
from linda_pipeline.ocpi.page import Page
from linda_pipeline.ocpi.paging import Crawl, Given, Hidden, RawPage, Stand, Step, fingerprint_of
from linda_pipeline.ocpi.scan import Scanned, scan_page

__all__ = ["Connection", "Patience", "RawPage", "Trust", "connect"]

_ASK_VERSIONS = "Ask the CPO which versions it serves, and set ocpi in its block of the register accordingly."
_TRIES_ON_THE_WAY_ROUND = 2
"""How often a piece of a page is asked that was refused as a whole before."""
_ASK_ENDPOINTS = "Ask the CPO to announce the module in its version details, with the address where it can be read."


def connect(
    versions_url: str,
    token: str,
    *,
    ocpi: str = "newest",
    token_encoding: str | None = None,
    token_name: str = "the register",
    patience: Patience | None = None,
    trust: Trust | None = None,
) -> Connection:
    """Ask a CPO for its versions and endpoints. The connection is to be closed, best by `with`.

    `ocpi` is a version or "newest": the highest that both sides speak. `token_encoding` is "plain" or "base64"; by
    default plain for 2.1.1, else base64. `token_name` names the token in messages, such as LINDA_TOKEN_NL_ABC.
    Raises PullFailed, whose text never holds the token. On a 401 the token is tried once in its other form, only to say
    in the remedy whether that would do.
    """
    encoding = token_encoding or ("plain" if ocpi == "2.1.1" else "base64")
    caller = Caller(
        Token(token, encoding, token_name), patience or Patience(), trust or Trust(), message_ids=ocpi != "2.1.1"
    )
    try:
        with caller.token.unseen():
            version, details_url = _choose_version(
                versions_url, _objects(_first(caller, versions_url), "versions"), ocpi
            )
            caller.message_ids = version != "2.1.1"
            endpoints = _objects(_first(caller, details_url), "endpoints")
    except BaseException:
        caller.close()
        raise
    return Connection(caller, versions_url, version, details_url, endpoints)


def _first(caller: Caller, url: str) -> Answer[Page]:
    """An answer at the door, where a token in the wrong form shows. Raises PullFailed."""
    try:
        return caller.get(url)
    except NotAuthorised as failure:
        if failure.status != 401:
            raise
        sent = caller.token
        try:
            caller.token = Token(sent.text, sent.other_encoding, sent.name)
            caller.get(url, tries=1)
        except PullFailed:
            raise failure from None
        finally:
            caller.token = sent
        raise of_other_form(failure, sent) from None


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
        named = [entry for entry in self._endpoints if _text(entry.get("identifier")).lower() == module]
        if self.version != "2.1.1":
            # Some servers that grew out of 2.1.1 leave the role out; an endpoint that only receives is never read.
            named = [entry for entry in named if _text(entry.get("role")).upper() in ("SENDER", "")]
            named.sort(key=lambda entry: _text(entry.get("role")) == "")
        if not named:
            role = "" if self.version == "2.1.1" else " with the role SENDER"
            raise ModuleNotOffered(f"{self._details_url} announces no endpoint for {module}{role}.", _ASK_ENDPOINTS)
        url = _text(named[0].get("url"))
        if origin(url) is None:
            raise NotOcpi(
                f"{self._details_url} announces an endpoint for {module} without an http(s) address.", _ASK_ENDPOINTS
            )
        return without_credentials(url)

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
            crawl = Crawl(self._endpoint(module), filters, limit)
        self._hidden = crawl.hidden
        yield from self._crawled(crawl, stand)

    def _crawled(self, crawl: Crawl, stand: Stand | None) -> Iterator[RawPage]:
        with self._caller.token.unseen():
            if stand is not None and stand.pages:
                self._check_unmoved(*stand.pages[-1])
                step, number, hidden = crawl.resumed(stand), len(stand.pages) + 1, len(stand.hidden)
            else:
                step, number, hidden = crawl.first(), 1, 0
        while step is not None:
            with self._caller.token.unseen():
                fetched = self._fetched(crawl, step)
                if fetched is None:
                    return
                step, answer = fetched
                given = _given(answer, step.url)
                if crawl.is_repeat(step, given):
                    return
            yield RawPage(
                number=number,
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
            number, hidden = number + 1, len(crawl.hidden)
            with self._caller.token.unseen():
                step = crawl.after(given)

    def _fetched(self, crawl: Crawl, step: Step) -> tuple[Step, Answer[Scanned]] | None:
        """The answer to a step, or to what takes its place where the server refuses it; None: the list has ended."""
        following: Step | None = step
        while following is not None:
            tries = _TRIES_ON_THE_WAY_ROUND if crawl.is_feeling_its_way else None
            step = following
            try:
                return step, self._caller.read(step.url, scan_page, tries)
            except PullFailed as failure:
                following = crawl.refused(step, failure)
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


def _given(answer: Answer[Scanned], url: str) -> Given:
    identities = answer.page.identities
    return Given(
        records=len(identities),
        fingerprint=fingerprint_of(identities),
        link=next_link(answer.headers.get("link"), url),
        total_count=_count(answer.headers.get("x-total-count")),
        limit=_count(answer.headers.get("x-limit")),
    )


def _choose_version(versions_url: str, offered: list[dict[str, Any]], ocpi: str) -> tuple[str, str]:
    """The version to speak and the address of its details."""
    addresses = {_text(entry.get("version")): _text(entry.get("url")) for entry in offered}
    wanted = VERSIONS if ocpi == "newest" else (ocpi,)
    spoken = [version for version in wanted if version in addresses]
    shown = without_credentials(versions_url)
    if not spoken:
        have = ", ".join(version[:20] for version in addresses) or "none"
        raise VersionNotOffered(
            f"{shown} does not offer OCPI {' or '.join(wanted)}; it offers: {have}.",
            _ASK_VERSIONS,
        )
    url = addresses[spoken[-1]]
    if origin(url) is None:
        raise NotOcpi(f"{shown} announces OCPI {spoken[-1]} without an http(s) address.", _ASK_VERSIONS)
    return spoken[-1], without_credentials(url)


def _objects(answer: Answer[Page], name: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer: bare (versions), or within the one object that is there (version details)."""
    found = [json.loads(record) for record in answer.page.records]
    if len(found) == 1 and isinstance(found[0], dict) and isinstance(found[0].get(name), list):
        found = found[0][name]
    return [entry for entry in found if isinstance(entry, dict)]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _count(header: str | None) -> int | None:
    return int(header) if header is not None and header.strip().isdecimal() else None
