"""A little CPO on loopback for the tests of the client: real HTTP, with every bad habit one by one.

Here: a server that a test sets up as it needs and asks afterwards what it was sent. Not here: realistic data (simulator).
"""

from __future__ import annotations

import gzip
import json
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Fault = Callable[["Handler"], None]
Link = Callable[["LittleCpo", str, int, int], str | None]
"""The Link header of a page: from the server, the module, the offset of the following page and the limit asked."""


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it; header names in lower case."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


def good_link(cpo: LittleCpo, module: str, following: int, limit: int) -> str | None:
    """The Link header as OCPI wants it."""
    if following >= len(cpo.records[module]):
        return None
    return f'<{cpo.url}/{module}?offset={following}&limit={limit}>; rel="next"'


def empty_link_at_the_end(cpo: LittleCpo, module: str, following: int, limit: int) -> str | None:
    """As some servers do: the header is there on the last page, with nothing in it."""
    return good_link(cpo, module, following, limit) or ""


def no_link(cpo: LittleCpo, module: str, following: int, limit: int) -> str | None:
    """No Link header at all."""
    return None


@dataclass
class LittleCpo:
    """The server's content and habits; a test changes them at will."""

    records: dict[str, list[Any]] = field(default_factory=dict)
    version: str = "2.2.1"
    authorization: str | None = None
    """The one Authorization header that is accepted; None accepts all."""
    cap: int = 100
    link: Link = good_link
    total: str = "all"
    """What X-Total-Count tells: "all" records, those of the "page", or "nothing"."""
    tells_limit: bool = True
    gzips: bool = False
    ignores_offset: bool = False
    bad_record: int | None = None
    """The place of a record over which the server stumbles: a page with it is an HTTP 500."""
    faults: list[Fault] = field(default_factory=list)
    """What happens to the next requests of a module in turn, in place of a good answer."""
    versions_fault: Fault | None = None
    details_fault: Fault | None = None
    details: dict[str, Any] | None = None
    """The version details, where they are to be other than the usual."""
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def start(self, pem: Path | None = None, *, asks_certificate: bool = False) -> LittleCpo:
        """Listen on a free port of loopback; with a certificate and its key, over TLS."""
        self._server = _Server(("127.0.0.1", 0), type("Bound", (Handler,), {"cpo": self}))
        self.url = f"http{'s' if pem else ''}://127.0.0.1:{self._server.server_port}"
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            if asks_certificate:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(pem)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def versions_url(self) -> str:
        """Where a client begins."""
        return f"{self.url}/versions"

    def pages_asked(self, module: str = "cdrs") -> list[Asked]:
        """The requests for pages of a module."""
        return [asked for asked in self.asked if asked.path == f"/{module}"]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection to the little CPO."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    """Headers and body leave together: apart, each answer waits 40 ms for the other side's acknowledgement."""
    cpo: LittleCpo

    def do_GET(self) -> None:
        """Answer as the little CPO is set up."""
        cpo, parts = self.cpo, urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        cpo.asked.append(Asked(parts.path, query, {name.lower(): value for name, value in self.headers.items()}))
        module = parts.path.strip("/")
        if parts.path == "/versions" and cpo.versions_fault is not None:
            cpo.versions_fault(self)
        elif parts.path == "/details" and cpo.details_fault is not None:
            cpo.details_fault(self)
        elif module in cpo.records and cpo.faults:
            cpo.faults.pop(0)(self)
        elif cpo.authorization is not None and self.headers.get("Authorization") != cpo.authorization:
            self.send(401, {"status_code": 2001, "status_message": "no such token"})
        elif parts.path == "/versions":
            self.say([{"version": cpo.version, "url": f"{cpo.url}/details"}])
        elif parts.path == "/details":
            role = {} if cpo.version == "2.1.1" else {"role": "SENDER"}
            usual = [{"identifier": name, "url": f"{cpo.url}/{name}", **role} for name in cpo.records]
            self.say(cpo.details or {"version": cpo.version, "endpoints": usual})
        elif module in cpo.records:
            self.page(module, query)
        else:
            self.send(404, {"status_code": 2003})

    def page(self, module: str, query: dict[str, str]) -> None:
        cpo = self.cpo
        offset = 0 if cpo.ignores_offset else int(query.get("offset", "0"))
        limit = int(query.get("limit", "1000000"))
        given = cpo.records[module][offset : offset + min(limit, cpo.cap)]
        if cpo.bad_record is not None and offset <= cpo.bad_record < offset + len(given):
            self.send(500, {"status_code": 3000, "status_message": "cannot serialise"})
            return
        headers = {}
        if (link := cpo.link(cpo, module, offset + len(given), limit)) is not None:
            headers["Link"] = link
        if cpo.total != "nothing":
            headers["X-Total-Count"] = str(len(given if cpo.total == "page" else cpo.records[module]))
        if cpo.tells_limit:
            headers["X-Limit"] = str(min(limit, cpo.cap))
        self.say(given, headers)

    def say(self, data: object, headers: dict[str, str] | None = None) -> None:
        """A good OCPI answer."""
        stamp = f"2026-11-23T03:02:11.{time.perf_counter_ns() % 1000000:06d}Z"
        self.send(200, {"data": data, "status_code": 1000, "timestamp": stamp}, headers)

    def send(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        """Any answer; bytes are sent as they are, all else as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = dict(headers or {})
        if self.cpo.gzips:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def cut(self) -> None:
        """Half an answer, and then nothing: the connection closes."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"data": [')
        self.close_connection = True

    def drip(self, every_s: float, count: int) -> None:
        """An answer of one byte at a time."""
        self.send_response(200)
        self.send_header("Content-Length", str(count))
        self.end_headers()
        for _ in range(count):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                break
            time.sleep(every_s)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def answers(status: int, content: object = b"", headers: dict[str, str] | None = None) -> Fault:
    """A fault that is an answer with this status, content and headers."""
    return lambda handler: handler.send(status, content, headers)


def numbered(count: int) -> list[dict[str, str]]:
    """So many records that differ in their id alone."""
    return [{"id": f"cdr-{number}"} for number in range(count)]
