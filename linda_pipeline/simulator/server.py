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
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from linda_pipeline.simulator.clock import seconds
from linda_pipeline.simulator.feed import Feed

MODULES = ("locations", "cdrs")
REQUESTS_PATH = "/simulator/requests"
HABITS = ("any_token", "other_token_form", "no_message_ids", "receiver_only")
"""Habits of the door: lets anybody in, wants the token in the other form, keeps the ids of messages to itself, announces
only endpoints that receive."""


@dataclass(frozen=True)
class PageRequest:
    """A request for a page, as understood."""

    module: str
    offset: int
    limit: int
    date_from: str | None
    date_to: str | None
    listing: Listing = field(default_factory=lambda: Listing(), compare=False, repr=False)
    """The list that is asked, for a fault that gives other pages of it."""

    @property
    def query(self) -> Mapping[str, str]:
        """What was asked, as it was asked."""
        return self.listing.query

    @property
    def records(self) -> list[bytes]:
        """Every record that matches, in the server's order."""
        return self.listing.matching()

    @property
    def everything(self) -> list[bytes]:
        """Every record that there is, whatever the dates."""
        return self.listing.everything()

    @property
    def given(self) -> int:
        """The number of records in the honest page."""
        return max(0, min(self.limit, len(self.listing.places) - self.offset))

    def answer(self, records: Sequence[bytes], offset: int, limit: int) -> Answer:
        """A page of other records, with headers that fit them."""
        return self.listing.answer(records, offset, limit)

    def address(self, path: str | None = None, only: Mapping[str, str] | None = None, **changed: str) -> str:
        """The address asked, with values in its query changed, or with these only."""
        return self.listing.address(path, only, **changed)


@dataclass
class Answer:
    """What goes back, and how: all at once, zipped where that is asked, unless a fault wants it otherwise."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    as_is: bool = False
    """Whether the body goes out as it stands here, zipped or not."""
    cut_after: int | None = None
    """The connection closes after so many bytes of the body."""
    silent_s: float = 0.0
    """So long nothing comes at all."""
    drip_s: float = 0.0
    """So long it waits after each byte of the body …"""
    drips_headers: bool = False
    """… or of the headers, which then never end."""


@dataclass
class Listing:
    """A list as it was asked for: the records that match, and how a page of it is made."""

    feed: Feed = field(default_factory=lambda: Feed())
    places: range = range(0)
    url: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    timestamp: str = ""

    def matching(self) -> list[bytes]:
        """Every record that matches."""
        return [sent.body for sent in self.feed.records[self.places.start : self.places.stop]]

    def everything(self) -> list[bytes]:
        """Every record that there is."""
        return [sent.body for sent in self.feed.records]

    def answer(self, records: Sequence[bytes], offset: int, limit: int) -> Answer:
        """A page of some records, with headers that fit them."""
        return self.page(b"[" + b",".join(records[offset : offset + limit]) + b"]", len(records), offset, limit)

    def page(self, data: bytes, total: int, offset: int, limit: int) -> Answer:
        """A page around its data."""
        headers = {"X-Total-Count": str(total), "X-Limit": str(limit)}
        if offset + limit < total:
            headers["Link"] = f'<{self.address(offset=str(offset + limit), limit=str(limit))}>; rel="next"'
        envelope = f',"status_code":1000,"status_message":"Success","timestamp":"{self.timestamp}"}}'.encode()
        return Answer(200, b'{"data":' + data + envelope, headers)

    def address(self, path: str | None = None, only: Mapping[str, str] | None = None, **changed: str) -> str:
        """The address asked, with values in its query changed, or with these only."""
        url = self.url if path is None else f"{self.url.rpartition('/')[0]}/{path}"
        return f"{url}?{urlencode({**self.query, **changed} if only is None else only)}"


Fault = Callable[[PageRequest, Answer], Answer]
"""Gets each page that is about to be sent, and says what is sent instead."""


@dataclass
class ServedCpo:
    """What the server serves: one CPO in one OCPI version."""

    version: str
    token: str
    feeds: Mapping[str, Feed]
    timestamp: str
    """Stands in every envelope, so that the same question gets the same bytes."""
    page_limit: int = 1000
    """The most records that a page holds, whatever is asked."""
    faults: Mapping[str, Fault] = field(default_factory=dict)
    """By module, "versions" or "details"; none: honest."""
    habits: frozenset[str] = frozenset()
    """Of HABITS; none: as OCPI wants it."""

    @property
    def has_roles(self) -> bool:
        """Whether the version knows roles, base64 tokens and an exclusive date_to: from 2.2 on."""
        return self.version != "2.1.1"

    @property
    def credential(self) -> str:
        """The Authorization header that is let in."""
        coded = self.has_roles != ("other_token_form" in self.habits)
        token = base64.b64encode(self.token.encode()).decode("ascii") if coded else self.token
        return f"Token {token}"


class OcpiServer(ThreadingHTTPServer):
    """A CPO's server on the loopback address. Port 0: any that is free."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, cpo: ServedCpo, port: int = 0) -> None:
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
            if name in self.headers and "no_message_ids" not in self.server.cpo.habits:
                answer.headers[name] = str(self.headers[name])
        self._send(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: requests are counted, and a log would fill the demo's screen."""

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.silent_s)
        body = answer.body
        if "gzip" in self.headers.get("Accept-Encoding", "") and not answer.as_is:
            body = gzip.compress(body, compresslevel=1, mtime=0)
            answer.headers["Content-Encoding"] = "gzip"
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if answer.drips_headers:
            self.flush_headers()
            self._drip(b"X-Slow: " + b"x" * 100_000, answer.drip_s)
            return
        self.end_headers()
        if answer.drip_s:
            self._drip(body, answer.drip_s)
            return
        self.wfile.write(body[: answer.cut_after])
        self.close_connection = self.close_connection or answer.cut_after is not None

    def _drip(self, body: bytes, pause_s: float) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            time.sleep(pause_s)
        self.close_connection = True

    def _answer(self) -> Answer:
        cpo = self.server.cpo
        if self.headers.get("Authorization") != cpo.credential and "any_token" not in cpo.habits:
            return self._status(401, 2001, "Unknown token")
        address = urlsplit(self.path)
        parts = address.path.strip("/").split("/")
        if parts == ["ocpi", "versions"]:
            versions = [{"version": cpo.version, "url": f"{self.server.base}/ocpi/{cpo.version}"}]
            return self._faulty("versions", self._data(versions))
        if parts == ["ocpi", cpo.version]:
            details = {"version": cpo.version, "endpoints": [self._endpoint(module) for module in MODULES]}
            return self._faulty("details", self._data(details))
        if parts[:2] == ["ocpi", cpo.version] and len(parts) == 3 and parts[2] in MODULES:
            return self._page(parts[2], dict(parse_qsl(address.query)))
        return self._status(404, 2003, "Not found")

    def _faulty(self, place: str, answer: Answer) -> Answer:
        fault = self.server.cpo.faults.get(place)
        listing = Listing(url=self.server.base + self.path)
        return answer if fault is None else fault(PageRequest(place, 0, 1, None, None, listing), answer)

    def _endpoint(self, module: str) -> dict[str, str]:
        cpo = self.server.cpo
        kind = "RECEIVER" if "receiver_only" in cpo.habits else "SENDER"
        role = {"role": kind} if cpo.has_roles else {}
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
        url = f"{self.server.base}/ocpi/{cpo.version}/{module}"
        listing = Listing(feed, found, url, query, cpo.timestamp)
        answer = listing.page(feed.joined(found[offset : offset + limit]), len(found), offset, limit)
        fault = cpo.faults.get(module)
        if fault is None:
            return answer
        dates = query.get("date_from"), query.get("date_to")
        return fault(PageRequest(module, offset, limit, *dates, listing), answer)

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
