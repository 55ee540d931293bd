"""A stream of bytes with its gzip taken off, if it has any, piece by piece: whatever it unpacks to, little is in memory.

Here: gzip of one or many members, and what is wrong with it. Not here: what the bytes mean (stream.py).
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from isal import igzip, isal_zlib

from linda_pipeline.errors import one_line

_GZIP = b"\x1f\x8b"
_PACKED_BYTES = 1 << 18
_AT_ONCE_BYTES = 1 << 14
"""What is unpacked at once: where a gzip is damaged, so much before that may be lost."""


class Unpacked:
    """A stream with its gzip taken off, if it has any; damage ends it, and is told."""

    def __init__(self, stream: BinaryIO) -> None:
        self._from = io.BufferedReader(_Raw(stream), _PACKED_BYTES)
        is_packed = self._from.peek(2)[:2] == _GZIP
        self._read = igzip.IGzipFile(fileobj=self._from).read if is_packed else self._from.read
        self._at_once = _AT_ONCE_BYTES if is_packed else 1 << 62
        self.problem = ""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most about so many; none at the end, or where the stream cannot be read further."""
        pieces: list[bytes] = []
        length = 0
        while length < size and not self.problem:
            try:
                piece = self._read(min(size - length, self._at_once))
            except EOFError:
                self.problem = "its gzip breaks off"
                break
            except (OSError, isal_zlib.error) as error:  # type: ignore[misc] # isal's stub calls it a value
                self.problem = f"it cannot be read to its end ({one_line(str(error))})"
                break
            if not piece:
                break
            pieces.append(piece)
            length += len(piece)
        return b"".join(pieces)


class _Raw(io.RawIOBase):
    """Any binary stream as one that can be buffered."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        piece = self._stream.read(len(into))
        into[: len(piece)] = piece
        return len(piece)
