"""A stream of bytes, the part of it that was read and not used yet, and the place of that part.

Here: reading on, dropping what was used, and lines and columns. Not here: what the bytes mean (stream.py).
"""

from __future__ import annotations

from typing import Protocol

CHUNK_BYTES = 4 << 20
BLANK = b" \t\r\n"
MARK = b"\xef\xbb\xbf\x1e"
"""What may stand between records and says nothing: the byte order mark of UTF-8, and the record separator of RFC 7464."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


class Tape:
    """The stream and its buffer. Lines and columns count from 1, columns in characters."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._buffer = b""
        self._ended = False
        self._line, self._column = 1, 1

    def _fill(self) -> bool:
        """Read on; False at the end."""
        piece = self._stream.read(CHUNK_BYTES) if not self._ended else b""
        self._ended = not piece
        self._buffer += piece
        return bool(piece)

    def _other_encoding(self) -> str | None:
        """The encoding of a text that is no UTF-8, told by its mark or by the zero bytes around its first character."""
        while len(self._buffer) < 4 and self._fill():
            pass
        beginning = self._buffer[:4]
        zeros = [number for number, byte in enumerate(beginning) if byte == 0]
        if beginning in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff") or zeros in ([0, 1, 2], [1, 2, 3]):
            return "UTF-32"
        if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or zeros in ([0, 2], [1, 3]):
            return "UTF-16"
        return None

    def _skip_blank(self) -> bool:
        """Go to the next thing at the top of the stream; False where there is none."""
        while True:
            text = self._buffer.lstrip(BLANK + MARK + b",")
            self._drop(len(self._buffer) - len(text))
            if text:
                return True
            if not self._fill():
                return False

    def _drop(self, count: int) -> None:
        """Let go of the first bytes of the buffer."""
        self._line, self._column = self._place(count)
        self._buffer = self._buffer[count:]

    def _place(self, at: int) -> tuple[int, int]:
        """The line and column of a place in the buffer."""
        lines = self._buffer.count(b"\n", 0, at)
        begin = self._buffer.rfind(b"\n", 0, at) + 1
        column = len(self._buffer[begin:at].decode("utf-8", "replace")) + (1 if lines else self._column)
        return self._line + lines, column
