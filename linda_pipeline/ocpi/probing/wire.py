"""One request of the connection test: the answer as it came, whatever its status, within hard limits of time and size.

Here: HTTP. Not here: the pull's retries (client_http.py), and what an answer means for a requirement. A request is tried
twice at most; that a second try was needed is kept.
"""

from __future__ import annotations

import ssl
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

import httpx

from linda_pipeline.ocpi.address import origin, without_credentials
from linda_pipeline.ocpi.client_answers import retry_after_s
from linda_pipeline.ocpi.client_body import BodyBroken, BodyTooLarge, decoded, is_cut_json
from linda_pipeline.ocpi.client_deadline import Watch
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import NotEncrypted
from linda_pipeline.ocpi.page import Page, PageUnreadable, read_page
from linda_pipeline.ocpi.probing.desk import Told

_REDIRECTS = (301, 302, 303, 307, 308)
_REDIRECTS_FOLLOWED = 5
_PASSING = (408, 425, 429)
_PAUSE_S = 0.5
Credential = Literal["ours", "unknown", "none"]


@dataclass(frozen=True)
class Limits:
    """How long the test waits and how much it takes in. A healthy server needs a fraction of it."""

    connect_s: float = 5.0
    read_s: float = 10.0
    """The longest silence."""
    answer_s: float = 15.0
    """The longest that one answer may take in all."""
    whole_s: float = 120.0
    """The longest that the whole test may take: what is not tested by then is not testable."""
    longest_pause_s: float = 3.0
    """The longest wait that a server may ask for before the second try."""
    largest_page_bytes: int = 32 * 1024 * 1024


class TimeUp(Exception):
    """The whole test has taken as long as it may."""


@dataclass(frozen=True)
class Reply:
    """What came back. `status` is None where no whole answer came; then `trouble` says why."""

    url: str
    status: int | None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""
    page: Page | None = None
    trouble: Told | None = None
    reached: bool = True
    """False where not even a connection could be made."""
    is_gzip: bool = False
    """Whether the body came as gzip, whatever the headers say."""
    request_id: str = ""
    correlation_id: str = ""

    @property
    def is_good(self) -> bool:
        """HTTP 200 with an envelope whose status is 1xxx."""
        return self.status == 200 and self.page is not None and 1000 <= self.page.status_code < 2000

    @property
    def said(self) -> Told:
        """The answer in a few words."""
        if self.trouble is not None:
            return self.trouble
        if self.status != 200:
            return Told(f"De server antwoordt met HTTP {self.status}.", f"The server answers with HTTP {self.status}.")
        if self.page is None:
            return Told(
                "Het antwoord is geen JSON met een OCPI-envelop.", "The answer is no JSON with an OCPI envelope."
            )
        message = " ".join((self.page.status_message or "").split())[:120]
        message = f' ("{message}")' if message else ""
        return Told(
            f"De server antwoordt met OCPI-status {self.page.status_code}{message}.",
            f"The server answers with OCPI status {self.page.status_code}{message}.",
        )


class Asker:
    """Asks one thing at a time, and remembers every answer to a request with the right token."""

    def __init__(self, token: Token, limits: Limits, trust: Trust) -> None:
        """Raises CertificateUnusable."""
        self.token = token
        self.message_ids = True
        self.replies: list[Reply] = []
        self.hiccups: list[Told] = []
        """What went wrong at a first try and not at the second, or at a request that was not the test itself."""
        self.asked = 0
        self._limits = limits
        self._trust = trust
        self._begun = time.monotonic()
        self._correlation = str(uuid.uuid4())
        self._unknown = f"Token ketentest-{uuid.uuid4().hex}"
        self._watch = Watch()
        self._client = httpx.Client(
            verify=trust.context(),
            limits=httpx.Limits(max_connections=1),
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "linda-pipeline"},
            mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
            follow_redirects=False,
        )

    @property
    def duration_s(self) -> float:
        """How long the test has taken so far."""
        return time.monotonic() - self._begun

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._watch.close()

    def ask(self, url: str, credential: Credential = "ours") -> Reply:
        """One request, tried again once where the first answer may have been bad luck. Raises TimeUp."""
        first = self._once(url, credential)
        if not _may_pass(first) or credential != "ours":
            return first
        asked_s = retry_after_s(first.headers.get("retry-after"), first.headers.get("date"))
        if asked_s > self._limits.longest_pause_s:
            return first
        time.sleep(max(asked_s, _PAUSE_S))
        second = self._once(url, credential)
        if not _may_pass(second):
            self.hiccups.append(first.said)
        return second

    def _once(self, url: str, credential: Credential) -> Reply:
        left = self._limits.whole_s - self.duration_s
        if left <= 0:
            raise TimeUp
        self.asked += 1
        hop = without_credentials(url)
        home = origin(hop)
        with self._watch.within(min(self._limits.answer_s, left)):
            for _ in range(_REDIRECTS_FOLLOWED + 1):
                reply = self._hop(hop, credential if origin(hop) == home else "none")
                if reply.status not in _REDIRECTS or "location" not in reply.headers:
                    break
                hop = without_credentials(urljoin(hop, reply.headers["location"]))
        if credential == "ours":
            self.replies.append(reply)
        return reply

    def _hop(self, url: str, credential: Credential) -> Reply:
        headers, ids = {}, ("", "")
        try:
            self._trust.check(url)
        except NotEncrypted:
            return Reply(self.token.hide(url), None, trouble=_IN_THE_CLEAR, reached=False)
        if credential != "none":
            headers["Authorization"] = self.token.header if credential == "ours" else self._unknown
        if self.message_ids:
            ids = (str(uuid.uuid4()), self._correlation)
            headers |= {"X-Request-ID": ids[0], "X-Correlation-ID": ids[1]}
        shown = self.token.hide(url)
        try:
            with self._client.stream("GET", url, headers=headers, extensions=self._watch.extensions) as response:
                received = bytearray()
                for piece in response.iter_raw():
                    received += piece
                    if len(received) > self._limits.largest_page_bytes:
                        return Reply(shown, None, trouble=_too_large(self._limits))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            return self._without_answer(shown, error)
        try:
            body = decoded(bytes(received), self._limits.largest_page_bytes)
        except BodyTooLarge:
            return Reply(shown, None, trouble=_too_large(self._limits))
        except BodyBroken:
            return Reply(shown, None, trouble=_CUT)
        if response.status_code == 200 and is_cut_json(body):
            return Reply(shown, None, trouble=_CUT)
        try:
            page = read_page(body)
        except PageUnreadable:
            page = None
        return Reply(
            shown,
            response.status_code,
            response.headers,
            body,
            page,
            is_gzip=received.startswith(b"\x1f\x8b"),
            request_id=ids[0],
            correlation_id=ids[1],
        )

    def _without_answer(self, url: str, error: Exception) -> Reply:
        if self._watch.is_over:
            seconds = f"{self._limits.answer_s:g}"
            slow = Told(
                f"De server was na {seconds} seconden nog niet klaar met het antwoord.",
                f"The server had not finished its answer after {seconds} seconds.",
            )
            return Reply(url, None, trouble=slow)
        if _is_certificate(error):
            return Reply(
                url,
                None,
                trouble=Told("Het certificaat is niet vertrouwd.", "The certificate is not trusted."),
                reached=False,
            )
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError | httpx.InvalidURL):
            nowhere = Told("Er komt geen verbinding tot stand.", "No connection can be made.")
            return Reply(url, None, trouble=nowhere, reached=False)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | UnicodeError):
            wrong = Told("Dit is geen adres dat wij kunnen vragen.", "This is no address that we can ask.")
            return Reply(url, None, trouble=wrong, reached=False)
        if isinstance(error, httpx.TimeoutException):
            seconds = f"{self._limits.read_s:g}"
            silent = Told(f"De server zweeg {seconds} seconden.", f"The server was silent for {seconds} seconds.")
            return Reply(url, None, trouble=silent)
        return Reply(url, None, trouble=_CUT)


_IN_THE_CLEAR = Told(
    "Het adres is http: daar sturen wij de sleutel niet heen.", "The address is http: we do not send the token there."
)
_CUT = Told("De server brak het antwoord halverwege af.", "The server broke off in the middle of its answer.")


def _too_large(limits: Limits) -> Told:
    size = f"{limits.largest_page_bytes // 1024 // 1024} MB"
    return Told(f"Het antwoord is groter dan {size}.", f"The answer is larger than {size}.")


def _may_pass(reply: Reply) -> bool:
    """Whether an answer may be another one a moment later."""
    if reply.status is None:
        return reply.reached
    return reply.status in _PASSING or reply.status >= 500


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
