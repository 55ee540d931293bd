"""Records out of a stream of OCPI JSON of any size, with a bounded part of it in memory.

Here: envelopes, lists, single objects and NDJSON told apart by content and cut into records, past broken places too; each
broken place with its line and column. Not here: the buffer (tape.py), whether one text is JSON (looked_at.py), files,
compression and what the records mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from linda_pipeline.ocpi import tape
from linda_pipeline.ocpi.looked_at import Head, decoded, heads_of, looked_at, wrong_in
from linda_pipeline.ocpi.recognise import module_of
from linda_pipeline.ocpi.structure import brackets
from linda_pipeline.ocpi.tape import BLANK, Readable, Tape

LONGEST_RECORD_BYTES = 16 << 20
"""What goes on for longer than this without an end is no record: something in it is not closed."""
_KEPT_OF_BROKEN_BYTES = 1 << 20
_CANDIDATES = 5000
_CUT_TOKEN_BYTES = 64
_ENOUGH_TO_TELL_BYTES = 1 << 18
_REACH = (1 << 14, 1 << 17, LONGEST_RECORD_BYTES)
_DATA = re.compile(rb'"data"\s*:\s*([\[{])')
_BRACKET = re.compile(rb"[\[{]")
_OBJECT = re.compile(rb"\{\s*\"")


@dataclass(frozen=True)
class Break:
    """A place where a stream is not JSON: line and column from 1, and what is wrong there."""

    line: int
    column: int
    what: str


@dataclass
class Run:
    """Records in order, as bytes of JSON, and the broken places met on the way."""

    records: list[bytes] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    """Whose records they are; a record that is no object has none."""
    breaks: list[Break] = field(default_factory=list)


def runs(stream: Readable) -> Iterator[Run]:
    """The records of a stream, run by run. Never raises on content: what is broken is told and passed over."""
    yield from _Reader(stream).runs()


class _Reader(Tape):
    """A stream of records, and those that were found since the last run was given."""

    def __init__(self, stream: Readable) -> None:
        super().__init__(stream)
        self._module: str | None = None
        """The module of the records so far, by which the next one is known after a broken place."""
        self._in_list = True
        self._run = Run()

    def runs(self) -> Iterator[Run]:
        self._fill()
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            self._buffer = self._buffer[3:]
        elif self._buffer[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self._break(0, "the text is UTF-16; OCPI is UTF-8")
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
        is_empty = isinstance(value, dict) and "status_code" in value and module_of(value) is None
        return ends[0] + 1 if is_empty else None

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
                text = line.strip(BLANK)
                if text:
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
        text = self._buffer[begin:end].strip(BLANK)
        if text == wanted or (not self._in_list and text in (b"", b",")):
            return
        at = begin + self._buffer[begin:end].find(text)
        if not text:
            self._break(end, "a comma is missing")
            return
        inner = text.removeprefix(b",").removesuffix(b",").strip(BLANK)
        values = decoded(b"[" + inner + b"]") if inner else None
        if isinstance(values, list):
            self._run.records += [msgspec.json.encode(value) for value in values]
        else:
            self._break(at, "a comma too many" if not inner else "what stands here is no record")

    def _passed_over(self) -> bool:
        """Read on in the record that begins here and does not end yet; True where it never will, and was passed over."""
        if len(self._buffer) > LONGEST_RECORD_BYTES:
            self._pass_over(0, "what begins here is never closed")
            return True
        wrong = wrong_in(self._buffer)
        if wrong is not None and wrong[0] >= len(self._buffer) - _CUT_TOKEN_BYTES and not self._ended:
            wrong = None  # a number or a word that the end of the buffer cuts
        is_short = len(self._buffer) < tape.CHUNK_BYTES  # it may be a stain that the record's end does away with
        if (wrong is None or is_short) and self._fill():
            return False
        if wrong is None:
            self._pass_over(len(self._buffer), "the file ends in the middle of a record")
        else:
            self._pass_over(*wrong)
        return True

    def _pass_over(self, at: int, what: str) -> None:
        """Tell a broken place, keep the broken record as it stands, and go to where the next record begins."""
        self._break(at, what)
        broken = None
        begin = max(at, 1)
        while (found := self._next_record(begin)) is None and not self._ended:
            if len(self._buffer) > LONGEST_RECORD_BYTES:
                broken = broken or self._buffer[:_KEPT_OF_BROKEN_BYTES]
                self._drop(len(self._buffer) - tape.CHUNK_BYTES)
                begin = 1
            self._fill()
        end = len(self._buffer) if found is None else found
        self._run.records.append((broken or self._buffer[:end].rstrip(BLANK + b","))[:_KEPT_OF_BROKEN_BYTES])
        self._drop(end)

    def _next_record(self, begin: int, end: int | None = None) -> int | None:
        """Where the next object begins that is a record of the module; of any, where none was seen yet."""
        known = [self._module] if self._module else ["cdrs"]
        if not self._module and (self._ended or len(self._buffer) > _ENOUGH_TO_TELL_BYTES):
            known.append("locations")  # the place inside a CDR looks like a Location
        for module in known:
            for number, match in enumerate(
                _OBJECT.finditer(self._buffer, begin, len(self._buffer) if end is None else end)
            ):
                if number == _CANDIDATES:
                    break
                if module_of(self._object_at(match.start())) == module:
                    return match.start()
        return None

    def _object_at(self, begin: int) -> Any:
        for reach in _REACH:
            piece = self._buffer[begin : begin + reach]
            ends = brackets(piece).spans()[1]
            if ends:
                return decoded(piece[: ends[0] + 1])
            if len(piece) < reach or wrong_in(piece) is not None:
                return None
        return None

    def _add(self, records: list[bytes], starts: list[int], *, may_hold_others: bool = True) -> int | None:
        """Take records that begin at places in the buffer, each looked at whether it is JSON.

        Where a broken one has swallowed the next, only what stands before that is taken, and the place of the next is told.
        """
        heads = heads_of(records)
        if self._module is None:
            self._module = next((found for record in records if (found := module_of(decoded(record)))), None)
        if heads is not None:
            self._run.records += records
            self._run.heads += heads
        else:
            for record, start in zip(records, starts, strict=True):
                clean, head, wrong = looked_at(record)
                if wrong is not None:
                    self._break(start + wrong[0], wrong[1])
                    inside = (
                        self._next_record(start + max(wrong[0], 1), start + len(record)) if may_hold_others else None
                    )
                    if inside is not None:
                        self._run.records.append(
                            self._buffer[start:inside].rstrip(BLANK + b",")[:_KEPT_OF_BROKEN_BYTES]
                        )
                        return inside
                self._run.records.append(clean)
                self._run.heads += [head] if head is not None else []
        return None

    def _break(self, at: int, what: str) -> None:
        self._run.breaks.append(Break(*self._place(at), what))

    def _take(self) -> Run:
        run, self._run = self._run, Run()
        return run
