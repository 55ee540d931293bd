"""A simulated CPO for the tests of the connection test, whose answers a test bends one by one.

Here: the server, and the bends. Not here: what the connection test should say of them.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from linda_pipeline.simulator.feed import Feed
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.server import Answer, Fault, OcpiServer, PageRequest, ServedCpo, _Handler

TOKEN = "geheim-sleutel-7f3a"
ASKED_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
Bend = Callable[["BentHandler", Answer], Answer | None]
"""Gets a request and the honest answer; says what is sent, or None where it has sent something itself."""


@lru_cache(maxsize=8)
def feeds(version: str) -> dict[str, Feed]:
    """The records of a small CPO."""
    return feeds_of(Plan("NL-SIM", ocpi=version, locations=12, until=datetime(2026, 11, 1, tzinfo=UTC)))


class BentHandler(_Handler):
    """The simulator's handler with a bend in it."""

    server: BentCpo

    def _send(self, answer: Answer) -> None:
        bent = self.server.bend(self, answer) if self.server.bend is not None else answer
        if bent is not None:
            super()._send(bent)

    @property
    def place(self) -> str:
        """The last part of the path: versions, 2.2.1, cdrs, locations."""
        return urlsplit(self.path).path.rsplit("/", 1)[-1]

    @property
    def query(self) -> dict[str, str]:
        """The query."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def page(self, query: dict[str, str]) -> Answer:
        """The honest page of CDRs for another query than was asked, with the message ids of this request."""
        answer = self._page("cdrs", query)
        for name in ("X-Request-ID", "X-Correlation-ID"):
            if name in self.headers:
                answer.headers[name] = str(self.headers[name])
        return answer


class BentCpo(OcpiServer):
    """The simulator in this process, in good health save for a fault in its pages or a bend in its answers."""

    def __init__(self, version: str, bend: Bend | None = None, fault: Fault | None = None, **settings: Any) -> None:
        faults = {"cdrs": fault} if fault is not None else {}
        own: dict[str, Any] = {"feeds": feeds(version), "page_limit": 60, "faults": faults}
        super().__init__(ServedCpo(version, TOKEN, timestamp="2026-11-21T09:30:00Z", **(own | settings)))
        self.RequestHandlerClass = BentHandler
        self.bend = bend

    def __enter__(self) -> BentCpo:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()


def without(header: str) -> Fault:
    """Pages without a header."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        answer.headers.pop(header, None)
        return answer

    return fault


def saying(header: str, value: Callable[[PageRequest, str], str]) -> Fault:
    """Pages in which a header says something else."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        if header in answer.headers:
            answer.headers[header] = value(request, answer.headers[header])
        return answer

    return fault


def shuffled(request: PageRequest, answer: Answer) -> Answer:
    """The records of a page in another order every time."""
    envelope = json.loads(answer.body)
    random.shuffle(envelope["data"])
    return Answer(200, json.dumps(envelope).encode(), answer.headers)


def answering(status: int, *, from_offset: int = 0, times: int | None = None, content: bytes = b"") -> Fault:
    """Pages from an offset on that come with another HTTP status, so many times."""
    left = [times]

    def fault(request: PageRequest, answer: Answer) -> Answer:
        if request.offset < from_offset or left[0] == 0:
            return answer
        left[0] = None if left[0] is None else left[0] - 1
        return Answer(status, content or answer.body, answer.headers)

    return fault


def refusing(request: PageRequest, answer: Answer) -> Answer:
    """HTTP 200 with an OCPI status that says no."""
    return Answer(200, b'{"status_code":3000,"status_message":"kaputt","timestamp":"2026-11-21T09:30:00Z"}')


def letting_in(wanted: Callable[[str | None], bool], status: int = 401) -> Bend:
    """Lets in (or, with another status, refuses otherwise) whoever's Authorization header is `wanted`."""

    def bend(handler: BentHandler, answer: Answer) -> Answer:
        if answer.status != 401 or not wanted(handler.headers.get("Authorization")):
            return answer
        if status != 401:
            return Answer(status, answer.body)
        handler.headers.replace_header("Authorization", handler.server.cpo.credential) if handler.headers.get(
            "Authorization"
        ) else handler.headers.add_header("Authorization", handler.server.cpo.credential)
        return handler._answer()

    return bend


def changed(place: str, change: Callable[[Any], Any]) -> Bend:
    """Another envelope at a place (versions, 2.2.1, cdrs)."""

    def bend(handler: BentHandler, answer: Answer) -> Answer:
        if handler.place != place or answer.status != 200:
            return answer
        return Answer(200, json.dumps(change(json.loads(answer.body))).encode(), answer.headers)

    return bend


def without_answer_headers(handler: BentHandler, answer: Answer) -> Answer:
    """Message ids do not come back."""
    return Answer(answer.status, answer.body, {k: v for k, v in answer.headers.items() if "-ID" not in k})


def dripping(handler: BentHandler, answer: Answer) -> Answer | None:
    """A page of CDRs that comes a byte now and then, headers included."""
    if handler.place != "cdrs" or answer.status != 200:
        return answer
    handler.close_connection = True
    try:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n" + b" " * 900:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    return None


def filtering(**ignored: Callable[[str], str | None]) -> Bend:
    """Another answer to date filters: each value is rewritten, or dropped where the rewriting gives None."""

    def bend(handler: BentHandler, answer: Answer) -> Answer:
        asked = handler.query
        if handler.place != "cdrs" or answer.status != 200 or not set(asked) & set(ignored):
            return answer
        rewritten = {name: ignored[name](value) if name in ignored else value for name, value in asked.items()}
        page = handler.page({name: value for name, value in rewritten.items() if value is not None})
        if "Link" in page.headers:  # the link keeps what was asked: the fault is in the filter alone
            following = {**asked, "offset": str(int(asked["offset"]) + int(asked["limit"]))}
            page.headers["Link"] = (
                f'<{handler.server.base}{urlsplit(handler.path).path}?{urlencode(following)}>; rel="next"'
            )
        return page

    return bend
