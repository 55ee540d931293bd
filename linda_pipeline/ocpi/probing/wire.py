"""One request of the connection test: the answer as it came, whatever its status, within hard limits of time and size.

Here: what came, in words for a CPO. Not here: HTTP itself and whom we may ask (transport.py, gate.py), the pull's tries
(client_http.py), and what an answer means for a requirement. A request is tried twice at most; that a second try was needed is
kept.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import httpx

from linda_pipeline.ocpi.client_http import PASSING
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import NotEncrypted, OriginNotNamed, PrivateAddress, PullFailed
from linda_pipeline.ocpi.foreign import bare, wait_of
from linda_pipeline.ocpi.limits import Bounds
from linda_pipeline.ocpi.page import Page, PageUnreadable, Unreadable, read_page
from linda_pipeline.ocpi.patient import decoded
from linda_pipeline.ocpi.probing.desk import Told
from linda_pipeline.ocpi.transport import Fetched, NoAnswer, Transport, Why

_PAUSE_S = 0.5
_UNREACHED = {Why.NO_ADDRESS, Why.NOT_SENDABLE, Why.UNREACHABLE, Why.NO_CONNECTION_IN_TIME, Why.UNTRUSTED}
Credential = Literal["ours", "unknown", "none"]


@dataclass(frozen=True)
class Limits(Bounds):
    """How long the test waits and how much it takes in. A healthy server needs a fraction of it."""

    connect_s: float = 5.0
    read_s: float = 10.0
    answer_s: float = 15.0
    largest_received_bytes: int = 32 * 2**20
    largest_page_bytes: int = 32 * 2**20
    most_page_records: int = 100_000
    whole_s: float = 120.0
    """The longest that the whole test may take: what is not tested by then is not testable."""
    longest_pause_s: float = 3.0
    """The longest wait that a server may ask for before the second try."""


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
    unreadable: PageUnreadable | None = None
    """Why there is no page though an answer came."""
    trouble: Told | None = None
    reached: bool = True
    """False where not even a connection could be made."""
    elsewhere: str | None = None
    """The origin to which the server leads us and which may not be asked; then nothing was asked there."""
    is_gzip: bool = False
    """Whether the body came as gzip, whatever the headers say."""
    message: str = ""
    """The envelope's status_message, fit to be shown."""
    request_id: str = ""
    correlation_id: str = ""

    @property
    def is_good(self) -> bool:
        """HTTP 200 with an envelope whose status is 1xxx."""
        return self.status == 200 and self.page is not None and 1000 <= self.page.status_code < 2000

    @property
    def is_damaged(self) -> bool:
        """HTTP 200 with an envelope that has no OCPI status in it, or with JSON that has no envelope around it at all."""
        return (
            self.status == 200
            and self.unreadable is not None
            and self.unreadable.what in (Unreadable.NO_STATUS, Unreadable.BAD_STATUS, Unreadable.NO_ENVELOPE)
        )

    @property
    def said(self) -> Told:
        """The answer in a few words."""
        if self.trouble is not None:
            return self.trouble
        if self.status != 200:
            return Told(f"De server antwoordt met HTTP {self.status}.", f"The server answers with HTTP {self.status}.")
        if self.page is None:
            return _UNREADABLE[self.unreadable.what if self.unreadable else Unreadable.NOT_JSON]
        message = f' ("{self.message}")' if self.message else ""
        return Told(
            f"De server antwoordt met OCPI-status {self.page.status_code}{message}.",
            f"The server answers with OCPI status {self.page.status_code}{message}.",
        )

    @property
    def envelope(self) -> Mapping[str, object]:
        """The envelope as a JSON object; empty where the body is none that can be read."""
        found = decoded(self.body)
        return found if isinstance(found, dict) else {}


class Asker:
    """Asks one thing at a time, and remembers every answer to a request with the right token."""

    def __init__(self, token: Token, limits: Limits, trust: Trust, versions_url: str) -> None:
        """Raises CertificateUnusable."""
        self.token = token
        self.message_ids = True
        self.replies: list[Reply] = []
        self.hiccups: list[Told] = []
        """What went wrong at a first try and not at the second, or at a request that was not the test itself."""
        self.elsewhere: list[str] = []
        """The origins to which the server led us and which may not be asked."""
        self.asked = 0
        self._limits = limits
        self._begun = time.monotonic()
        self._correlation = str(uuid.uuid4())
        self._unknown = f"Token ketentest-{uuid.uuid4().hex}"
        self._transport = Transport(trust, versions_url, limits)
        self.gate = self._transport.gate

    @property
    def duration_s(self) -> float:
        """How long the test has taken so far."""
        return time.monotonic() - self._begun

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def ask(self, url: str, credential: Credential = "ours") -> Reply:
        """One request, tried again once where the first answer may have been bad luck. Raises TimeUp."""
        first = self._once(url, credential)
        if not _may_pass(first) or credential != "ours":
            return first
        asked_s = wait_of(first.headers.get("retry-after"), first.headers.get("date"))
        if asked_s > self._limits.longest_pause_s:
            return first
        time.sleep(max(asked_s, _PAUSE_S))
        second = self._once(url, credential)
        if not _may_pass(second):
            self.hiccups.append(first.said)
        return second

    def _once(self, url: str, credential: Credential) -> Reply:
        left_s = self._limits.whole_s - self.duration_s
        if left_s <= 0:
            raise TimeUp
        self.asked += 1
        ids = {"X-Request-ID": "", "X-Correlation-ID": self._correlation if self.message_ids else ""}
        try:
            fetched = self._transport.get(url, partial(self._headers, credential, ids), within_s=left_s)
        except NoAnswer as failed:
            reply = Reply(
                self.token.hide(failed.url), None, trouble=self._trouble(failed), reached=failed.why not in _UNREACHED
            )
        except PullFailed as refused:
            reply = self._not_asked(url, refused)
        else:
            reply = self._read(fetched, ids)
        if credential == "ours":
            self.replies.append(reply)
        return reply

    def _headers(self, credential: Credential, ids: dict[str, str]) -> Mapping[str, str]:
        headers = {}
        if credential != "none":
            headers["Authorization"] = self.token.header if credential == "ours" else self._unknown
        if self.message_ids:
            ids["X-Request-ID"] = str(uuid.uuid4())
            headers |= ids
        return headers

    def _not_asked(self, url: str, refused: PullFailed) -> Reply:
        shown = self.token.hide(url)
        if isinstance(refused, OriginNotNamed):
            origin = self.token.quoted(refused.origin, 120)
            self.elsewhere.append(origin)
            return Reply(shown, None, trouble=led_elsewhere(origin), elsewhere=origin)
        if isinstance(refused, PrivateAddress):
            return Reply(shown, None, trouble=_private(refused.address), reached=False)
        in_the_clear = isinstance(refused, NotEncrypted)
        return Reply(shown, None, trouble=_IN_THE_CLEAR if in_the_clear else _NO_ADDRESS, reached=False)

    def _trouble(self, failed: NoAnswer) -> Told:
        return _TROUBLE[failed.why](self._limits, self.token.quoted(failed.detail, 120))

    def _read(self, fetched: Fetched, ids: Mapping[str, str]) -> Reply:
        page, unreadable = None, None
        try:
            page = read_page(fetched.body, self._limits.most_page_records)
        except PageUnreadable as error:
            unreadable = bare(error)
        return Reply(
            self.token.hide(fetched.url),
            fetched.status,
            fetched.headers,
            fetched.body,
            page,
            unreadable,
            is_gzip=fetched.received.startswith(b"\x1f\x8b"),
            message=self.token.quoted((page.status_message if page else None) or "", 120),
            request_id=ids["X-Request-ID"],
            correlation_id=ids["X-Correlation-ID"],
        )


def led_elsewhere(origin: str) -> Told:
    """What is said where the server leads to an origin that may not be asked."""
    return Told(
        f"De server verwijst naar {origin}. Daar hebben wij niets gevraagd en de sleutel niet heen gestuurd.",
        f"The server leads to {origin}. We asked nothing there, and did not send the token.",
    )


def _private(address: str) -> Told:
    return Told(
        f"De naam van de server verwijst naar {address}, een adres binnen een netwerk. Daar vragen wij alleen iets met "
        "--private-network.",
        f"The name of the server stands for {address}, an address within a network. We only ask there with "
        "--private-network.",
    )


_IN_THE_CLEAR = Told(
    "Het adres is http: daar sturen wij de sleutel niet heen.", "The address is http: we do not send the token there."
)
_NO_ADDRESS = Told("Dit is geen adres dat wij kunnen vragen.", "This is no address that we can ask.")
_NO_CONNECTION = Told("Er komt geen verbinding tot stand.", "No connection can be made.")
_TROUBLE: dict[Why, Callable[[Limits, str], Told]] = {
    Why.NO_ADDRESS: lambda _, __: _NO_ADDRESS,
    Why.NOT_SENDABLE: lambda _, __: _NO_ADDRESS,
    Why.UNREACHABLE: lambda _, __: _NO_CONNECTION,
    Why.NO_CONNECTION_IN_TIME: lambda _, __: _NO_CONNECTION,
    Why.UNTRUSTED: lambda _, __: Told("Het certificaat is niet vertrouwd.", "The certificate is not trusted."),
    Why.WANTS_CERTIFICATE: lambda _, __: Told(
        "De server vraagt om een certificaat van ons.", "The server asks for a certificate of ours."
    ),
    Why.SILENT: lambda limits, _: Told(
        f"De server zweeg {limits.read_s:g} seconden.", f"The server was silent for {limits.read_s:g} seconds."
    ),
    Why.SLOW: lambda limits, _: Told(
        f"De server was na {limits.answer_s:g} seconden nog niet klaar met het antwoord.",
        f"The server had not finished its answer after {limits.answer_s:g} seconds.",
    ),
    Why.CUT: lambda _, __: Told(
        "De server brak het antwoord halverwege af.", "The server broke off in the middle of its answer."
    ),
    Why.TOO_LARGE: lambda limits, _: Told(
        f"Het antwoord is groter dan {limits.largest_page_bytes // 2**20} MB, of in te veel stukken ingepakt.",
        f"The answer is larger than {limits.largest_page_bytes // 2**20} MB, or packed in too many pieces.",
    ),
    Why.ROUND: lambda _, __: Told(
        "De server verwijst steeds weer naar een ander adres.", "The server redirects again and again."
    ),
    Why.NOWHERE: lambda _, to: Told(
        f"De server verwijst naar iets wat geen adres is ({to}).", f"The server redirects to what is no address ({to})."
    ),
}
_UNREADABLE = {
    Unreadable.NOT_JSON: Told("Het antwoord is geen JSON.", "The answer is no JSON."),
    Unreadable.NO_ENVELOPE: Told(
        "Het antwoord is JSON zonder OCPI-envelop: status_code en data ontbreken.",
        "The answer is JSON without an OCPI envelope: status_code and data are missing.",
    ),
    Unreadable.NO_STATUS: Told(
        "In de OCPI-envelop ontbreekt status_code.", "status_code is missing from the OCPI envelope."
    ),
    Unreadable.BAD_STATUS: Told(
        "In de OCPI-envelop is status_code geen geheel getal van vier cijfers.",
        "In the OCPI envelope status_code is no whole number of four digits.",
    ),
    Unreadable.TOO_DEEP: Told(
        "Het antwoord is JSON van duizenden lagen diep, of met een getal van duizenden cijfers.",
        "The answer is JSON nested thousands of levels deep, or with a number of thousands of digits.",
    ),
    Unreadable.TOO_MANY_RECORDS: Told(
        "Eén pagina bevat meer records dan deze test aanneemt.", "One page holds more records than this test takes in."
    ),
}


def _may_pass(reply: Reply) -> bool:
    """Whether an answer may be another one a moment later."""
    if reply.status is None:
        return reply.reached and reply.elsewhere is None
    return reply.status in PASSING or reply.status >= 500
