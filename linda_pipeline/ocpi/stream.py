"""Records out of a stream of OCPI JSON of any size, with a bounded part of it in memory.

Here: envelopes, lists, single objects and NDJSON told apart by content and cut into records, past broken places too; each
broken place with its line and column. A record is given as it stands, whatever is wrong in it. Not here: the buffer
(tape.py), what is done at a broken place (recovery.py), files, compression and what the records mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from linda_pipeline.ocpi.patient import cut, decoded
from linda_pipeline.ocpi.recognise import module_of
from linda_pipeline.ocpi.recovery import CUT_TOKEN_BYTES, LONGEST_RECORD_BYTES, Break, Recovery, Run
from linda_pipeline.ocpi.structure import brackets
from linda_pipeline.ocpi.tape import BLANK, MARK, Readable

__all__ = ["Break", "Run", "runs"]

_DATA = re.compile(rb'"data"\s*:\s*([\[{])')
_BRACKET = re.compile(rb"[\[{]")
_BLANKS = re.compile(rb"[ \t\r\n]*")
_BEGINNING = re.compile(rb"\{[ \t\r\n]*\"[^\"\\]{1,64}\"[ \t\r\n]*:")
_SEAMS = 8
"""Places that are tried, from the end of the buffer, for where a record may begin."""


def runs(stream: Readable) -> Iterator[Run]:
    """The records of a stream, run by run. Never raises on content: what is broken is told and passed over."""
    yield from _Reader(stream).runs()


class _Reader(Recovery):
    """A stream of records, in whatever form it has."""

    def __init__(self, stream: Readable) -> None:
        super().__init__(stream)
        self._in_list = True

    def runs(self) -> Iterator[Run]:
        self._fill()
        if (encoding := self._other_encoding()) is not None:
            self._break(0, f"the text is {encoding}, and OCPI is UTF-8; save it as UTF-8")
            yield self._take()
            return
        while self._skip_blank():
            yield from self._value()
        yield self._take()

    def _value(self) -> Iterator[Run]:
        """What stands at the top of the stream: a list, an envelope, a record, or lines of them."""
        first = self._buffer[:1]
        if first == b"[":
            self._drop(1)
            yield from self._elements(in_list=True)
        elif first == b"{":
            data = self._data()
            if data is not None and self._buffer[data : data + 1] == b"[":
                self._drop(data + 1)
                yield from self._elements(in_list=True)
                self._leave_envelope()
            elif data is not None:
                self._drop(data)
                self._one()
                self._leave_envelope()
            elif (end := self._empty_envelope()) is not None:
                self._drop(end)
            elif self._is_by_line():
                yield from self._lines()
            else:
                yield from self._elements(in_list=False)
        else:
            self._break(0, "here should stand { or [")
            found = _BRACKET.search(self._buffer)
            begin = found.start() if found else len(self._buffer)
            if found and found.group() == b"{":
                begin = self._next_record(1) or begin
            self._drop(begin)

    def _empty_envelope(self) -> int | None:
        """Where the envelope without data at the beginning ends; None where there is none."""
        ends = brackets(self._buffer).spans()[1]
        value = decoded(self._buffer[: ends[0] + 1]) if ends else None
        if not isinstance(value, dict) or "status_code" not in value or module_of(value) is not None:
            return None
        is_text = str(value.get("data")).lstrip()[:1] in (
            "[",
            "{",
        )  # JSON written as a text once more: no record, but something
        return None if is_text else ends[0] + 1

    def _data(self) -> int | None:
        """Where the data of the envelope at the beginning begin; None where there is no envelope."""
        while True:
            found = brackets(self._buffer)
            ends = found.spans()[1]
            for match in _DATA.finditer(self._buffer, 0, ends[0] if ends else len(self._buffer)):
                if found.depth_at(match.start()) == 1:
                    return match.start(1)
            if ends or len(self._buffer) > LONGEST_RECORD_BYTES or not self._fill():
                return None

    def _leave_envelope(self) -> None:
        """Pass over what stands in an envelope after its data."""
        while (end := brackets(self._buffer).first_below()) is None:
            if not self._fill():
                self._break(len(self._buffer), "the file ends before the envelope is closed")
                end = len(self._buffer) - 1
                break
        self._drop(end + 1)

    def _is_by_line(self) -> bool:
        """Whether each line is a record: the first or the second one is a whole object."""
        lines = self._buffer.split(b"\n", 2)[:2]
        return (len(lines) > 1 or self._ended) and any(module_of(decoded(line)) for line in lines)

    def _lines(self) -> Iterator[Run]:
        while self._buffer:
            end = self._buffer.rfind(b"\n") + 1
            if not end and not self._ended and len(self._buffer) <= LONGEST_RECORD_BYTES:
                self._fill()
                continue
            end = end or len(self._buffer)
            records, starts, at = [], [], 0
            for line in self._buffer[:end].split(b"\n"):
                text = line.strip(BLANK + MARK)
                if text and not text.strip(b"\0"):
                    self._break(at + line.index(text), "zero bytes: the file was not written whole here")
                elif text:
                    records.append(text)
                    starts.append(at + line.index(text))
                at += len(line) + 1
            self._add(records, starts, may_hold_others=False)
            self._drop(end)
            yield self._take()
            self._fill()

    def _one(self) -> None:
        """The one object that an envelope holds."""
        while not (ends := brackets(self._buffer).spans()[1]):
            if self._passed_over():
                return
        resume = self._add([self._buffer[: ends[0] + 1]], [0])
        self._drop(ends[0] + 1 if resume is None else resume)

    def _elements(self, *, in_list: bool) -> Iterator[Run]:
        """The elements of the list that was entered, until it is closed; or the objects that follow one another."""
        self._in_list = in_list
        comma_first = False
        while True:
            if in_list and (seam := self._clean(comma_first)) is not None:
                self._drop(seam)
                comma_first = False
                yield self._take()
                continue
            found = brackets(self._buffer)
            closing = found.first_below()
            starts, ends = found.spans(closing)
            used, resume = self._whole(starts, ends, comma_first)
            if resume is not None:
                self._drop(resume)
                comma_first = False
                continue
            comma_first = comma_first or bool(ends)
            if closing is not None:
                self._between(used, closing, b"")
                if not in_list:
                    self._break(closing, "nothing is open that this closes")
                self._drop(closing + 1)
                yield self._take()
                return
            if len(starts) > len(ends):
                self._between(used, starts[-1], b"," if comma_first else b"")
                self._drop(starts[-1])
                comma_first = False
                yield self._take()
                self._passed_over()
                if self._ended and not self._buffer:
                    return
                continue
            self._drop(used)
            yield self._take()
            if not self._fill():
                self._between(0, len(self._buffer), b"")
                if in_list:
                    self._break(len(self._buffer), "the file ends before the list is closed")
                self._drop(len(self._buffer))
                return
            if len(self._buffer) > 2 * LONGEST_RECORD_BYTES:
                self._break(0, "here should stand records, and none comes")
                self._drop(len(self._buffer))

    def _clean(self, comma_first: bool) -> int | None:
        """Take the records that stand wholly in the buffer in one pass, where all of it is JSON; says where the next begins.

        Where a record begins is guessed by how the first one does, and proven by the decoder: a list only ends where its
        brackets do. None: there is no such place, or something is broken.
        """
        text = self._buffer
        begin = _after_blanks(text, 0)
        if comma_first:
            if text[begin : begin + 1] != b",":
                return None
            begin = _after_blanks(text, begin + 1)
        first = _BEGINNING.match(text, begin)
        if first is None:
            return None
        seam = len(text)
        for _ in range(_SEAMS):
            seam = text.rfind(first.group(), begin + 1, seam)
            if seam < 0:
                return None
            before = text[max(begin, seam - CUT_TOKEN_BYTES) : seam].rstrip(BLANK)
            if not before.endswith(b",") or not before[:-1].rstrip(BLANK).endswith(b"}"):
                continue
            records = cut(text[begin : text.rfind(b",", begin, seam)])
            if records is not None:
                self._take_in(records)
                return seam
        return None

    def _whole(self, starts: list[int], ends: list[int], comma_first: bool) -> tuple[int, int | None]:
        """Take the elements that stand wholly in the buffer; says up to where it is used, or where to begin anew."""
        records: list[bytes] = []
        at: list[int] = []
        used = 0
        wanted = b"," if comma_first else b""
        for begin, end in zip(starts, ends, strict=False):
            if self._buffer[used:begin].strip(BLANK) != wanted:
                if (resume := self._add(records, at)) is not None:
                    return used, resume
                records, at = [], []
                self._between(used, begin, wanted)
            records.append(self._buffer[begin : end + 1])
            at.append(begin)
            used, wanted = end + 1, b","
        return used, self._add(records, at)

    def _between(self, begin: int, end: int, wanted: bytes) -> None:
        """Look at what stands between two objects of a list: a comma, or elements that are no objects, or rubbish."""
        text = self._buffer[begin:end].strip(BLANK + MARK)
        if text == wanted or (not self._in_list and text in (b"", b",")):
            return
        at = begin + self._buffer[begin:end].find(text)
        if not text:
            self._break(end, "a comma is missing")
            return
        inner = text.removeprefix(b",").removesuffix(b",").strip(BLANK + MARK)
        if not inner:
            if b"," in text:
                self._break(at, "a comma too many")
            return
        values = cut(inner)
        if values is None:
            self._break(at, "what stands here is no record")
        else:
            self._run.records += values


def _after_blanks(text: bytes, begin: int) -> int:
    found = _BLANKS.match(text, begin)
    return found.end() if found else begin
