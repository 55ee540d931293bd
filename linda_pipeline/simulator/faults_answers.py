"""Answers that go wrong: refused, broken off, dressed up as something else, too large, too slow.

Here: what is sent in place of a good page. Not here: which records, links and counts a page holds (faults_paging.py).
"""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import replace

from linda_pipeline.simulator.server import Answer, Fault, PageRequest

BAD_RECORD = 12
"""The place of the record over which a server stumbles that has one bad record, from 0."""
SILENCE_S = 120.0
"""Longer than any client should wait."""
BOMB_BYTES = 300_000_000


def _said(http: int, status_code: int, message: str) -> Answer:
    envelope = {"status_code": status_code, "status_message": message, "timestamp": "2026-01-01T00:00:00Z"}
    return Answer(http, json.dumps(envelope).encode())


def _http(status: int, headers: dict[str, str] | None = None) -> Callable[[], Fault]:
    def fault(request: PageRequest, answer: Answer) -> Answer:
        return replace(
            _said(status, 2000 if status < 500 else 3000, f"fault http_{status}"), headers=dict(headers or {})
        )

    return lambda: fault


def _ocpi(status_code: int) -> Callable[[], Fault]:
    return lambda: lambda request, answer: _said(200, status_code, f"fault ocpi_{status_code}")


def html() -> Fault:
    """A page for people, with HTTP 200."""
    return lambda request, answer: Answer(200, b"<!DOCTYPE html><html>Onderhoud</html>", {"Content-Type": "text/html"})


def empty_body() -> Fault:
    """HTTP 200 and nothing."""
    return lambda request, answer: Answer(200, b"")


def no_data() -> Fault:
    """A good envelope with data: null."""
    return lambda request, answer: replace(_said(200, 1000, "Success"), headers=answer.headers)


def wrong_content_type() -> Fault:
    """Good JSON, called HTML."""
    return lambda request, answer: replace(answer, headers={**answer.headers, "Content-Type": "text/html"})


def truncated_json() -> Fault:
    """Half of the JSON, with a Content-Length that fits it."""
    return lambda request, answer: replace(answer, body=answer.body[: len(answer.body) // 2])


def cut() -> Fault:
    """The connection closes in the middle of the body."""
    return lambda request, answer: replace(answer, as_is=True, cut_after=len(answer.body) // 2)


def silent() -> Fault:
    """Nothing comes for two minutes."""
    return lambda request, answer: replace(answer, silent_s=SILENCE_S)


def drip() -> Fault:
    """The body comes a byte at a time, a byte a second."""
    return lambda request, answer: replace(answer, as_is=True, drip_s=1.0)


def fast_drip() -> Fault:
    """The body comes a byte at a time, twenty a second: never silent, never done."""
    return lambda request, answer: replace(answer, as_is=True, drip_s=0.05)


def drip_headers() -> Fault:
    """Not even the headers come to an end: a byte at a time, twenty a second."""
    return lambda request, answer: replace(answer, as_is=True, drip_s=0.05, drips_headers=True)


def gzip_bomb() -> Fault:
    """A small gzip that unfolds to 300 MB."""
    return lambda request, answer: replace(answer, as_is=True, body=_bomb(), headers={"Content-Encoding": "gzip"})


@functools.cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    piece = b" " * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(BOMB_BYTES // len(piece))) + packer.flush()


def huge_page() -> Fault:
    """A page of 5 MB more than it need be, not zipped."""
    return lambda request, answer: replace(answer, as_is=True, body=answer.body + b" " * 5_000_000)


def broken_gzip() -> Fault:
    """A gzip that breaks off."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        zipped = gzip.compress(answer.body)[:-20]
        return replace(answer, as_is=True, body=zipped, headers={**answer.headers, "Content-Encoding": "gzip"})

    return fault


def gzip_unannounced() -> Fault:
    """A gzip, without a word about it."""
    return lambda request, answer: replace(answer, as_is=True, body=gzip.compress(answer.body))


def gzip_only_said() -> Fault:
    """Plain JSON, called gzip."""
    return lambda request, answer: replace(answer, as_is=True, headers={**answer.headers, "Content-Encoding": "gzip"})


def redirect() -> Fault:
    """A redirect within the same host, to an address that answers."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        if request.query.get("redirected"):
            return answer
        return Answer(302, b"", {"Location": request.address(redirected="1")})

    return fault


def redirect_elsewhere() -> Fault:
    """A redirect to another host, where nobody listens."""
    return lambda request, answer: Answer(302, b"", {"Location": "http://127.0.0.1:9/ocpi/cdrs"})


def redirect_loop() -> Fault:
    """A redirect to the same address, for ever."""
    return lambda request, answer: Answer(302, b"", {"Location": request.address()})


def _bad_record(refusal: Answer) -> Callable[[], Fault]:
    def fault(request: PageRequest, answer: Answer) -> Answer:
        holds_it = request.offset <= BAD_RECORD < request.offset + request.limit
        return replace(refusal, headers={}) if holds_it else answer

    return lambda: fault


ANSWERS: dict[str, Callable[[], Fault]] = {
    **{f"http_{status}": _http(status) for status in (400, 401, 403, 404, 500, 502, 503)},
    "http_429": _http(429, {"Retry-After": "1"}),
    "http_429_for_a_day": _http(429, {"Retry-After": "86400"}),
    **{f"ocpi_{status}": _ocpi(status) for status in (2001, 3000)},
    "bad_record_500": _bad_record(_said(500, 3000, "cannot serialise")),
    "bad_record_ocpi_3000": _bad_record(_said(200, 3000, "cannot serialise")),
    **{
        fault.__name__: fault
        for fault in (
            html, empty_body, no_data, wrong_content_type, truncated_json, cut, silent, drip, fast_drip, drip_headers,
            gzip_bomb, huge_page, broken_gzip, gzip_unannounced, gzip_only_said, redirect, redirect_elsewhere, redirect_loop,
        )
    },
}  # fmt: skip
