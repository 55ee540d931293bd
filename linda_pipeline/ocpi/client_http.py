"""One OCPI request over HTTP: redirects, limits, retries, and the envelope around the answer.

Here: all that touches the wire. Not here: which address is asked for what (client.py) and in which order (paging.py).
"""

from __future__ import annotations

import logging
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NoReturn, Protocol, TypeVar
from urllib.parse import urljoin

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from linda_pipeline.ocpi import client_answers as answers
from linda_pipeline.ocpi.address import origin, without_credentials
from linda_pipeline.ocpi.client_body import BodyBroken, BodyTooLarge, decoded, is_cut_json
from linda_pipeline.ocpi.client_deadline import Watch
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import HostFailing, NotOcpi, PageTooLarge, PullFailed
from linda_pipeline.ocpi.page import Page, PageUnreadable, read_page

# They tell every address at level INFO, and a CPO may put a key into one.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_REDIRECTS = (301, 302, 303, 307, 308)
_REDIRECTS_FOLLOWED = 5
_PASSING = (408, 425, 429)
"""With all 5xx: the HTTP answers that may be other ones a little later."""


@dataclass(frozen=True)
class Patience:
    """How long the client waits, how often it tries, and how much it takes in. All in seconds and bytes."""

    connect_s: float = 10.0
    read_s: float = 60.0
    """The longest silence within an answer."""
    answer_s: float = 600.0
    """The longest that one answer may take in all: a byte a second never breaks the silence."""
    tries: int = 6
    first_wait_s: float = 1.0
    """The widest wait before the second try; it doubles with every further one. The wait itself is drawn at random."""
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 900.0
    """A Retry-After beyond this ends the pull."""
    largest_page_bytes: int = 256 * 1024 * 1024
    """Of a decoded body."""


class Envelope(Protocol):
    """What every reading of a body gives: the envelope's status."""

    @property
    def status_code(self) -> int: ...
    @property
    def status_message(self) -> str | None: ...


Read = TypeVar("Read", bound=Envelope)


@dataclass(frozen=True)
class Answer(Generic[Read]):
    """An OCPI answer with a good status, as received, decoded and read."""

    page: Read
    body: bytes
    received: bytes
    headers: httpx.Headers
    duration_s: float


class _Passing(Exception):
    """A try that failed in a way that may pass; `failure` is what is raised when no tries are left."""

    def __init__(self, failure: PullFailed, retry_after_s: float = 0.0) -> None:
        super().__init__()
        self.failure = failure
        self.retry_after_s = retry_after_s


class Caller:
    """Asks one CPO's server over one connection pool. To be closed."""

    def __init__(self, token: Token, patience: Patience, trust: Trust | None = None, *, message_ids: bool) -> None:
        """Raises CertificateUnusable."""
        self.token = token
        self.message_ids = message_ids
        """Whether to send X-Request-ID and X-Correlation-ID (OCPI 2.2 and later)."""
        self._patience = patience
        self._trust = trust = trust or Trust()
        self._watch = Watch()
        self._client = httpx.Client(
            verify=trust.context(),
            limits=httpx.Limits(max_connections=1),
            timeout=httpx.Timeout(patience.read_s, connect=patience.connect_s),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "linda-pipeline"},
            # What runs on this machine is never asked through a proxy.
            mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
        )
        self._backoff = wait_random_exponential(multiplier=patience.first_wait_s, max=patience.longest_wait_s)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._watch.close()

    def get(self, url: str, tries: int | None = None) -> Answer[Page]:
        """The answer to a GET, tried again while that may help. Raises PullFailed."""
        return self.read(url, read_page, tries)

    def read(self, url: str, read: Callable[[bytes], Read], tries: int | None = None) -> Answer[Read]:
        """The answer to a GET, read in a way of one's own (which raises PageUnreadable). Raises PullFailed."""
        correlation = str(uuid.uuid4())
        retrying = Retrying(
            stop=stop_after_attempt(min(self._patience.tries, tries or self._patience.tries)),
            wait=self._wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        with self.token.unseen():  # here, at the source: a failure that is put by and raised later is clean too
            try:
                return retrying(self._try, url, correlation, read)
            except _Passing as passing:
                raise passing.failure from None

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after_s if isinstance(error, _Passing) else 0.0
        return max(self._backoff(state), asked)

    def _try(self, url: str, correlation: str, read: Callable[[bytes], Read]) -> Answer[Read]:
        begun = time.perf_counter()
        url = without_credentials(url)
        home, hop = origin(url), url
        for _ in range(_REDIRECTS_FOLLOWED + 1):
            authorised = origin(hop) == home
            self._trust.check(hop)
            response, received = self._receive(hop, correlation, authorised, begun)
            if response.status_code not in _REDIRECTS or "location" not in response.headers:
                return self._answer(url, hop, authorised, response, received, begun, read)
            hop = self._redirected(hop, response.headers["location"])
        raise NotOcpi(
            f"{url} redirects again and again, at last to {hop}.",
            "Ask the CPO for the right address and put it in the register.",
        )

    def _redirected(self, asked: str, location: str) -> str:
        try:
            target = without_credentials(urljoin(asked, location))
        except ValueError:
            target = ""
        if origin(target) is None:
            raise NotOcpi(
                f"{asked} redirects to something that is no http(s) address: {location[:200]}.",
                "Ask the CPO for the right address and put it in the register.",
            )
        return target

    def _receive(self, url: str, correlation: str, authorised: bool, begun: float) -> tuple[httpx.Response, bytes]:
        """The response and its body as it came over the wire."""
        headers = {"Authorization": self.token.header} if authorised else {}
        if self.message_ids:
            headers |= {"X-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": correlation}
        pieces: list[bytes] = []
        size = 0
        left_s = self._patience.answer_s - (time.perf_counter() - begun)
        request = self._client.stream("GET", url, headers=headers, extensions=self._watch.extensions)
        try:
            with self._watch.within(left_s), request as response:
                for piece in response.iter_raw():
                    pieces.append(piece)
                    size += len(piece)
                    if size > self._patience.largest_page_bytes:
                        self._too_large(url)
                    if self._watch.is_over:
                        self._too_slow(url)
                return response, b"".join(pieces)
        except (httpx.TransportError, httpx.InvalidURL, UnicodeError) as error:
            if self._watch.is_over:
                self._too_slow(url)
            failure, may_pass = answers.of_transport(url, error, _is_certificate(error), self._patience)
            if may_pass:
                raise _Passing(failure) from None
            raise failure from None

    def _answer(
        self,
        url: str,
        hop: str,
        authorised: bool,
        response: httpx.Response,
        received: bytes,
        begun: float,
        read: Callable[[bytes], Read],
    ) -> Answer[Read]:
        status = response.status_code
        try:
            body = decoded(received, self._patience.largest_page_bytes)
        except BodyTooLarge:
            self._too_large(hop)
        except BodyBroken:
            raise _Passing(answers.cut(hop)) from None
        if status == 200 and is_cut_json(body):
            raise _Passing(answers.cut(hop))
        try:
            page = read(body)
        except PageUnreadable as unreadable:
            page, why = None, str(unreadable)
        else:
            why = ""
        said = "" if page is None else answers.quoted(page.status_message)
        if status in _PASSING or status >= 500:
            asked_s = answers.retry_after_s(response.headers.get("retry-after"), response.headers.get("date"))
            failure = answers.of_busy(hop, status, said, asked_s, self.token)
            if asked_s > self._patience.longest_retry_after_s:
                raise failure
            raise _Passing(failure, asked_s)
        if not 200 <= status < 300:
            raise answers.of_status(hop, status, said, self.token, None if authorised else url)
        if page is None:
            raise answers.of_no_ocpi(hop, why, response.headers)
        if not 1000 <= page.status_code < 2000:
            raise answers.of_envelope(hop, page.status_code, said)
        return Answer(page, body, received, response.headers, time.perf_counter() - begun)

    def _too_slow(self, shown: str) -> NoReturn:
        raise _Passing(
            HostFailing(
                f"{shown} was still sending after {self._patience.answer_s:g} s.",
                "Try again later; if it lasts, ask the CPO why its server is this slow.",
            )
        ) from None

    def _too_large(self, shown: str) -> NoReturn:
        raise PageTooLarge(
            f"{shown} sends a page of more than {self._patience.largest_page_bytes:,} bytes.",
            "Ask the CPO to honour the limit that is asked, or to send smaller pages.",
        )


def _is_certificate(error: BaseException | None) -> bool:
    """Whether TLS verification lies at the bottom of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
