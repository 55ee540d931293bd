"""A stream of bytes with its gzip taken off, if it has any, piece by piece: whatever it unpacks to, little is in memory.

Here: gzip of one or many members, and what is wrong with it: what came before the damage is given all the same, to the last
byte. Not here: what the bytes mean (stream.py), and the pages of a server (client_body.py).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from isal import isal_zlib

_GZIP = b"\x1f\x8b\x08"
_PACKED_BYTES = 1 << 14
"""What is unpacked at once; so much is copied again at the end of each member."""
_PIECE_BYTES = 1 << 20
_RAW = -15
"""What zlib calls a stream without header, with the largest window."""
_BREAKS_OFF = "its gzip breaks off"
_HEADER_BYTES, _TRAILER_BYTES = 10, 8
_HEADER_CHECKSUM, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16
_OTHERS = {b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z"}
"""How files begin that are packed in ways that are not read here."""


class _Damaged(Exception):
    """A gzip that cannot be read further; the text says why."""


class Unpacked:
    """A stream with its gzip taken off, if it has any; damage ends it, and is told."""

    def __init__(self, stream: BinaryIO) -> None:
        self._from = io.BufferedReader(_Raw(stream), _PACKED_BYTES)
        self.problem = ""
        """Why the stream ended before its end; empty where it did not."""
        beginning = self._from.peek(8)
        other = next((name for mark, name in _OTHERS.items() if beginning.startswith(mark)), None)
        self._is_other = other is not None
        if self._is_other:
            self.problem = f"it is packed as {other}, which is not read here: unpack it, or pack it as gzip"
        self._unzipped = self._members() if beginning.startswith(_GZIP) else None
        self._waiting = b""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the end, or where the stream cannot be read further."""
        if self._is_other:
            return b""
        if self._unzipped is None:
            try:
                return self._from.read(size)
            except OSError as error:
                self.problem = f"it cannot be read to its end ({error.strerror or error})"
                return b""
        pieces, length = [self._waiting], len(self._waiting)
        while length < size and (piece := next(self._unzipped, b"")):
            pieces.append(piece)
            length += len(piece)
        whole = b"".join(pieces)
        self._waiting = whole[size:]
        return whole[:size]

    def _members(self) -> Iterator[bytes]:
        """What the members of a gzip hold, one after the other; zeros behind the last one are padding."""
        try:
            self._pass_header()
            while True:
                yield from self._member()
                while (ahead := self._from.peek(1))[:1] == b"\0":
                    self._from.read(len(ahead) - len(ahead.lstrip(b"\0")))
                if not ahead:
                    return
                self._pass_header()
        except _Damaged as damage:
            self.problem = str(damage)
        except OSError as error:
            self.problem = f"it cannot be read to its end ({error.strerror or error})"
        except isal_zlib.error:  # type: ignore[misc] # isal's stub calls it a value
            self.problem = "its gzip is damaged"

    def _member(self) -> Iterator[bytes]:
        inflate, checksum, length = isal_zlib.decompressobj(wbits=_RAW), 0, 0
        while not inflate.eof:
            packed = self._from.peek(1)
            if not packed:
                raise _Damaged(_BREAKS_OFF)
            piece = inflate.decompress(packed, _PIECE_BYTES)
            self._from.read(len(packed) - len(inflate.unconsumed_tail) - len(inflate.unused_data))
            checksum, length = isal_zlib.crc32(piece, checksum), length + len(piece)
            if piece:
                yield piece
        if struct.unpack("<II", self._exactly(_TRAILER_BYTES)) != (checksum, length & 0xFFFFFFFF):
            raise _Damaged("its gzip is damaged: the checksum does not match")

    def _pass_header(self) -> None:
        header = self._from.read(_HEADER_BYTES)
        if not header.startswith(_GZIP[: len(header)]):
            raise _Damaged("behind its gzip stands something that is none")
        if len(header) < _HEADER_BYTES:
            raise _Damaged(_BREAKS_OFF)
        flags = header[3]
        if flags & _EXTRA:
            self._exactly(struct.unpack("<H", self._exactly(2))[0])
        for flag in (_NAME, _COMMENT):
            while flags & flag and self._exactly(1) != b"\0":
                pass
        if flags & _HEADER_CHECKSUM:
            self._exactly(2)

    def _exactly(self, count: int) -> bytes:
        found = self._from.read(count)
        if len(found) < count:
            raise _Damaged(_BREAKS_OFF)
        return found


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
