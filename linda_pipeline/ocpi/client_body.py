"""The body of an answer: gzip taken off within limits, and a body that breaks off recognised.

Here: bytes. Not here: what is done about a broken body (client_answers.py) and what is in it (page.py).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

from isal import isal_zlib  # inflates two to three times as fast as zlib

_GZIP = b"\x1f\x8b"
_ZEROS = re.compile(rb"\0+")
_MOST_PARTS = 10_000
"""Servers send one part, or one for every piece that they flush."""
_SECOND_FEED = 4_096
"""Bytes that are fed to a part at first, where there are several: what is left of a feed is copied at the end of a part, so
that feeding all of a body to each of its parts takes the square of its length."""


class BodyBroken(Exception):
    """The gzip body breaks off, or something that is no gzip follows on it."""


class BodyTooLarge(Exception):
    """The decoded body is larger than allowed, or cut into more parts: its text says what it has more of."""


def decoded(received: bytes, largest_bytes: int, is_over: Callable[[], bool] = lambda: False) -> bytes:
    """The body without its gzip, told by its first bytes: servers and proxies set the header wrongly, both ways.

    Raises BodyBroken and BodyTooLarge, and TimeoutError where `is_over` says so on the way; never makes more than
    `largest_bytes` of it.
    """
    if not received.startswith(_GZIP):
        if len(received) > largest_bytes:
            raise BodyTooLarge(f"{largest_bytes:,} bytes unpacked")
        return received
    pieces: list[bytes] = []
    size, at, parts, whole = 0, 0, 0, memoryview(received)
    feed = len(received)
    said = int.from_bytes(received[-4:], "little") + 1
    while at < len(received):
        if received[at] == 0:  # zeros may fill up what is left
            filling = _ZEROS.match(received, at)
            at += len(filling.group()) if filling else 0
            continue
        if received[at : at + 2] != _GZIP:
            raise BodyBroken
        parts += 1
        if parts > _MOST_PARTS:
            raise BodyTooLarge(f"{_MOST_PARTS:,} parts of gzip")
        if is_over():
            raise TimeoutError
        part = isal_zlib.decompressobj(wbits=31)
        while not part.eof:
            fed = part.unconsumed_tail or whole[at : at + feed]
            if not len(fed):
                raise BodyBroken
            if not part.unconsumed_tail:
                at += len(fed)
            room = largest_bytes - size + 1
            try:
                # Where the gzip tells its size truly, one piece of just that size: growing room by room costs more.
                pieces.append(part.decompress(fed, min(said, room)))
            except isal_zlib.error:  # type: ignore[misc] # isal's stub calls it a value
                raise BodyBroken from None
            said, feed = room, feed if part.eof else 2 * feed
            size += len(pieces[-1])
            if size > largest_bytes:
                raise BodyTooLarge(f"{largest_bytes:,} bytes unpacked")
        at -= len(part.unused_data)
        feed = _SECOND_FEED
    return b"".join(pieces)


def stored(received: bytes) -> bytes:
    """The body as it goes into the lake: the CPO's own gzip as received, else compressed, always to the same bytes."""
    return received if received.startswith(_GZIP) else gzip.compress(received, compresslevel=6, mtime=0)


def is_cut_json(body: bytes) -> bool:
    """Whether a body begins as a JSON object and breaks off: a cut connection that HTTP did not notice."""
    return body[:64].lstrip().startswith(b"{") and not body[-64:].rstrip().endswith(b"}")
