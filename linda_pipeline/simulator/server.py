"""OCPI over HTTP: versions, version details, and the pages of Locations and CDRs.

Here: an honest server, and the one place (`Fault`) where a later one may lie. Not here: the records (feed.py) and the
process that it runs in (process.py). What it was asked stands at /simulator/requests, open to all.
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from linda_pipeline.simulator.clock import seconds
from linda_pipeline.simulator.feed import Feed

MODULES = ("locations", "cdrs")
REQUESTS_PATH = "/simulator/requests"


@dataclass(frozen=True)
class PageRequest:
    """A request for a page, as understood."""

    module: str
    offset: int
    limit: int
    date_from: str | None
    date_to: str | None


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Fault = Callable[[PageRequest, Answer], Answer]
"""Gets each page that is about to be sent, and says what is sent instead."""


@dataclass
class Cpo:
    """What the server serves: one CPO in one OCPI version."""

    version: str
    token: str
    feeds: Mapping[str, Feed]
    timestamp: str
    """Stands in every envelope, so that the same question gets the same bytes."""
    page_limit: int = 1000
    """The most records that a page holds, whatever is asked."""
    faults: Mapping[str, Fault] = field(default_factory=dict)
    """By module; none: honest."""

    @property
    def has_roles(self) -> bool:
        """Whether the version knows roles, base64 tokens and an exclusive date_to: from 2.2 on."""
        return self.version != "2.1.1"

    @property
    def credential(self) -> str:
        """The Authorization header that is let in."""
        token = base64.b64encode(self.token.encode()).decode("ascii") if self.has_roles else self.token
        return f"Token {token}"


class OcpiServer(ThreadingHTTPServer):
    """A CPO's server on the loopback address. Port 0: any that is free."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, cpo: Cpo, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.cpo = cpo
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[str] = []
        self._lock = threading.Lock()

    @property
    def versions_url(self) -> str:
        """Where an OCPI client begins."""
        return f"{self.base}/ocpi/versions"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own affair; anything else is ours and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def note(self, request: str) -> None:
        """Keep count of what was asked."""
        with self._lock:
            self.requests.append(request)


class _Handler(BaseHTTPRequestHandler):
    server: OcpiServer
    protocol_version = "HTTP/1.1"
    server_version = "simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if urlsplit(self.path).path == REQUESTS_PATH:
            self._send(Answer(200, json.dumps(self.server.requests).encode()))
            return
        self.server.note(self.path)
        answer = self._answer()
        for name in ("X-Request-ID", "X-Correlation-ID"):
            if name in self.headers:
                answer.headers[name] = str(self.headers[name])
        self._send(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are counted, and a log would fill the demo's screen."""

    def _send(self, answer: Answer) -> None:
        body = answer.body
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            answer.headers["Content-Encoding"] = "gzip"
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> Answer:
        cpo = self.server.cpo
        if self.headers.get("Authorization") != cpo.credential:
            return self._status(401, 2001, "Unknown token")
        address = urlsplit(self.path)
        parts = address.path.strip("/").split("/")
        if parts == ["ocpi", "versions"]:
            return self._data([{"version": cpo.version, "url": f"{self.server.base}/ocpi/{cpo.version}"}])
        if parts == ["ocpi", cpo.version]:
            return self._data({"version": cpo.version, "endpoints": [self._endpoint(module) for module in MODULES]})
        if parts[:2] == ["ocpi", cpo.version] and len(parts) == 3 and parts[2] in MODULES:
            return self._page(parts[2], dict(parse_qsl(address.query)))
        return self._status(404, 2003, "Not found")

    def _endpoint(self, module: str) -> dict[str, str]:
        cpo = self.server.cpo
        role = {"role": "SENDER"} if cpo.has_roles else {}
        return {"identifier": module, **role, "url": f"{self.server.base}/ocpi/{cpo.version}/{module}"}

    def _page(self, module: str, query: Mapping[str, str]) -> Answer:
        cpo = self.server.cpo
        feed = cpo.feeds[module]
        try:
            offset = _number(query.get("offset", "0"), least=0)
            limit = min(_number(query.get("limit", str(cpo.page_limit)), least=1), cpo.page_limit)
            first, last = (_moment(query.get(name)) for name in ("date_from", "date_to"))
        except ValueError as error:
            return self._status(200, 2001, f"Invalid parameter: {error}")
        # 2.1.1 leaves open whether date_to is included: this server includes it, as a client must be able to stand.
        found = feed.between(first, last, last_included=not cpo.has_roles)
        page = found[offset : offset + limit]
        headers = {"X-Total-Count": str(len(found)), "X-Limit": str(limit)}
        if offset + limit < len(found):
            following = urlencode({**query, "offset": offset + limit, "limit": limit})
            headers["Link"] = f'<{self.server.base}/ocpi/{cpo.version}/{module}?{following}>; rel="next"'
        envelope = f',"status_code":1000,"status_message":"Success","timestamp":"{cpo.timestamp}"}}'.encode()
        answer = Answer(200, b'{"data":' + feed.joined(page) + envelope, headers)
        fault = cpo.faults.get(module)
        if fault is None:
            return answer
        return fault(PageRequest(module, offset, limit, query.get("date_from"), query.get("date_to")), answer)

    def _data(self, data: Any) -> Answer:
        envelope = {
            "data": data,
            "status_code": 1000,
            "status_message": "Success",
            "timestamp": self.server.cpo.timestamp,
        }
        return Answer(200, json.dumps(envelope, separators=(",", ":")).encode())

    def _status(self, http: int, status_code: int, message: str) -> Answer:
        envelope = {"status_code": status_code, "status_message": message, "timestamp": self.server.cpo.timestamp}
        return Answer(http, json.dumps(envelope, separators=(",", ":")).encode())


def _number(text: str, *, least: int) -> int:
    number = int(text)
    if number < least:
        raise ValueError(f"{number} is less than {least}")
    return number


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return seconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
