"""The body of an answer: gzip taken off within a limit, and a body that breaks off recognised.

Here: bytes. Not here: what is done about a broken body (client_http.py) and what is in it (page.py).
"""

from __future__ import annotations

import gzip

from isal import isal_zlib  # inflates two to three times as fast as zlib

_GZIP = b"\x1f\x8b"


class BodyBroken(Exception):
    """The gzip body breaks off, or something that is no gzip follows on it."""


class BodyTooLarge(Exception):
    """The decoded body is larger than allowed."""


def decoded(received: bytes, largest_bytes: int) -> bytes:
    """The body without its gzip, told by its first bytes: servers and proxies set the header wrongly, both ways.

    Raises BodyBroken and BodyTooLarge; never makes more than `largest_bytes` of it.
    """
    pieces: list[bytes] = []
    size = 0
    while received.startswith(_GZIP):
        member = isal_zlib.decompressobj(wbits=31)
        fed, said = received, int.from_bytes(received[-4:], "little") + 1
        while not member.eof:
            room = largest_bytes - size + 1
            try:
                # Where the gzip tells its size truly, one piece of just that size: growing room by room costs more.
                pieces.append(member.decompress(fed, min(said, room)))
            except isal_zlib.error:  # type: ignore[misc] # isal's stub calls it a value
                raise BodyBroken from None
            size += len(pieces[-1])
            if size > largest_bytes:
                raise BodyTooLarge
            if not member.eof and not pieces[-1]:
                raise BodyBroken
            fed, said = member.unconsumed_tail, room
        received = member.unused_data.lstrip(b"\0")
    if pieces and received:
        raise BodyBroken
    return b"".join(pieces) if pieces else received


def stored(received: bytes) -> bytes:
    """The body as it goes into the lake: the CPO's own gzip as received, else compressed, always to the same bytes."""
    return received if received.startswith(_GZIP) else gzip.compress(received, compresslevel=6, mtime=0)


def is_cut_json(body: bytes) -> bool:
    """Whether a body begins as a JSON object and breaks off: a cut connection that HTTP did not notice."""
    return body[:64].lstrip().startswith(b"{") and not body[-64:].rstrip().endswith(b"}")
