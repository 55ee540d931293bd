"""One GET over HTTP: redirects, limits, TLS and the gate, for the pull and for the connection test alike.

Here: all that touches the wire, and what can come in place of an answer. Not here: whom we may ask (gate.py), tries
(client_http.py) and what an answer means. Nothing of the environment decides where a request goes: through a proxy, the token
and the meaning of a host's name would be in other hands. Only the system's TLS authorities are taken from there.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

import httpcore
import httpx

from linda_pipeline.ocpi.address import led_to, without_credentials
from linda_pipeline.ocpi.client_body import BodyBroken, BodyTooLarge, decoded, is_cut_json
from linda_pipeline.ocpi.client_deadline import Watch
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.foreign import count_of
from linda_pipeline.ocpi.gate import Gate
from linda_pipeline.ocpi.limits import Bounds

_REDIRECTS = (301, 302, 303, 307, 308)
_REDIRECTS_FOLLOWED = 5
_ADDRESSES_TRIED = 4
"""Of one host: a dead one among them (often its IPv6) costs a wait, and no more."""
_KEPT_S = 5.0
"""So long a connection that is not in use is kept."""
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Connection": "keep-alive",
    "User-Agent": "linda-pipeline",
}


class Why(StrEnum):
    """Why no whole answer came."""

    NO_ADDRESS = "no address that can be asked"
    NOT_SENDABLE = "the request cannot be sent"
    UNREACHABLE = "no connection"
    NO_CONNECTION_IN_TIME = "no connection in time"
    UNTRUSTED = "its certificate is not trusted"
    WANTS_CERTIFICATE = "it asks for a certificate of ours"
    SILENT = "silence within an answer"
    SLOW = "an answer without end"
    CUT = "an answer that breaks off"
    TOO_LARGE = "an answer that is too large"
    ROUND = "redirects without end"
    NOWHERE = "a redirect to no address"


class NoAnswer(Exception):
    """No whole answer came: `why`, at which `url`, and what is known beside it (`detail`, foreign)."""

    def __init__(self, why: Why, url: str, detail: str = "") -> None:
        super().__init__(why, url, detail)
        self.why, self.url, self.detail = why, url, detail


@dataclass(frozen=True)
class Fetched:
    """An answer of any status, as it came over the wire and decoded."""

    url: str
    """Of the last redirect."""
    status: int
    headers: httpx.Headers
    received: bytes
    body: bytes


class Transport:
    """The connections to one CPO's server. To be closed."""

    def __init__(self, trust: Trust, versions_url: str, bounds: Bounds) -> None:
        """Raises CertificateUnusable."""
        self.gate = Gate(trust, versions_url)
        self._bounds = bounds
        self._watch = Watch()
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust.context(),
            max_connections=1,
            keepalive_expiry=_KEPT_S,
            network_backend=_Network(self.gate),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._watch.close()

    def get(
        self,
        url: str,
        headers: Callable[[], Mapping[str, str]],
        *,
        largest_bytes: int | None = None,
        within_s: float | None = None,
    ) -> Fetched:
        """The answer to a GET, whatever its status, after redirects; `headers` gives those of each request.

        Raises NoAnswer, and what the gate raises (PullFailed).
        """
        largest = self._bounds.largest_page_bytes if largest_bytes is None else largest_bytes
        until_s = self._bounds.answer_s if within_s is None else min(within_s, self._bounds.answer_s)
        hop, led_by, asked = without_credentials(url), url, None
        with self._watch.within(until_s):
            for _ in range(_REDIRECTS_FOLLOWED + 1):
                self.gate.check(hop, led_by, asked)
                status, told, received = self._receive(hop, headers(), largest)
                if status not in _REDIRECTS or "location" not in told:
                    return Fetched(hop, status, told, received, self._decoded(hop, status, received, largest))
                target = led_to(told["location"], hop)
                if target is None:
                    raise NoAnswer(Why.NOWHERE, hop, told["location"])
                hop, led_by, asked = target, f"{hop} redirects to", hop
        raise NoAnswer(Why.ROUND, url, hop)

    def _receive(self, url: str, headers: Mapping[str, str], largest_bytes: int) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body as they came over the wire."""
        bounds, largest = self._bounds, min(self._bounds.largest_received_bytes, largest_bytes)
        timeout = {"connect": bounds.connect_s, "read": bounds.read_s, "write": bounds.read_s, "pool": bounds.read_s}
        body = io.BytesIO()
        try:
            request = self._pool.stream(
                "GET",
                _as_httpcore(url),
                headers=[*_HEADERS.items(), *headers.items()],
                extensions={"timeout": timeout, **self._watch.extensions},
            )
            with request as response:
                told = httpx.Headers(response.headers)
                size = count_of(told.get("content-length")) or 0
                for piece in () if size > largest else response.iter_stream():
                    size = body.tell() + body.write(piece)
                    if size > largest:
                        break
                    if self._watch.is_over:
                        raise NoAnswer(Why.SLOW, url)
                if size > largest:
                    raise NoAnswer(Why.TOO_LARGE, url, f"{largest:,} bytes on the wire")
                return response.status, told, body.getvalue()
        except _FAILURES as error:
            self._no_answer(url, error)

    def _decoded(self, url: str, status: int, received: bytes, largest_bytes: int) -> bytes:
        try:
            body = decoded(received, largest_bytes, lambda: self._watch.is_over)
        except BodyTooLarge as error:
            raise NoAnswer(Why.TOO_LARGE, url, str(error)) from None
        except BodyBroken:
            raise NoAnswer(Why.CUT, url) from None
        except TimeoutError:
            raise NoAnswer(Why.SLOW, url) from None
        if status == 200 and is_cut_json(body):
            raise NoAnswer(Why.CUT, url)
        return body

    def _no_answer(self, url: str, error: Exception) -> NoReturn:
        if self._watch.is_over:
            raise NoAnswer(Why.SLOW, url) from None
        if _is_certificate(error):
            raise NoAnswer(Why.UNTRUSTED, url, str(error)) from None
        if "CERTIFICATE_REQUIRED" in str(error):
            raise NoAnswer(Why.WANTS_CERTIFICATE, url) from None
        why = next((why for kind, why in _WHY if isinstance(error, kind)), Why.CUT)
        raise NoAnswer(why, url, str(error)) from None


_FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.InvalidURL,
    UnicodeError,
    OverflowError,
)
_WHY: tuple[tuple[type[Exception], Why], ...] = (
    (httpcore.ConnectTimeout, Why.NO_CONNECTION_IN_TIME),
    (httpcore.ConnectError, Why.UNREACHABLE),
    (httpcore.TimeoutException, Why.SILENT),
    (httpcore.LocalProtocolError, Why.NOT_SENDABLE),
    (httpcore.UnsupportedProtocol, Why.NO_ADDRESS),
    (httpx.InvalidURL, Why.NO_ADDRESS),
    (UnicodeError, Why.NO_ADDRESS),
    (OverflowError, Why.NO_ADDRESS),  # a port beyond all ports
)


class _Network(httpcore.SyncBackend):
    """Connects to the addresses that the gate lets through, as it resolved them: nobody resolves the name once more."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._gate.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from None
        failure: Exception = httpcore.ConnectError("its name stands for no address")
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _as_httpcore(url: str) -> httpcore.URL:
    parts = httpx.URL(url)
    return httpcore.URL(scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path)


def _is_certificate(error: BaseException | None) -> bool:
    """Whether TLS verification lies at the bottom of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
