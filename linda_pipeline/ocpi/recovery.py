"""What is done where a stream is broken: the broken place told, the broken record kept, and the next record found.

Here: the records that were found since the last run was given, each looked at whether it is JSON. Not here: the forms that a
stream can have (stream.py), the buffer (tape.py), and what one text says (patient.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from linda_pipeline.ocpi import tape
from linda_pipeline.ocpi.patient import NotJson, cut, decoded, read, wrong_in
from linda_pipeline.ocpi.recognise import module_of, seen_in
from linda_pipeline.ocpi.structure import brackets
from linda_pipeline.ocpi.tape import BLANK, Readable, Tape

LONGEST_RECORD_BYTES = 16 << 20
"""What goes on for longer than this without an end is no record: something in it is not closed."""
CUT_TOKEN_BYTES = 64
_KEPT_OF_BROKEN_BYTES = 1 << 20
_CANDIDATES = 5000
_ENOUGH_TO_TELL_BYTES = 1 << 18
_REACH = (1 << 14, 1 << 17, LONGEST_RECORD_BYTES)
_OBJECT = re.compile(rb"\{\s*\"")


@dataclass(frozen=True)
class Break:
    """A place where a stream is not JSON: line and column from 1, and what is wrong there."""

    line: int
    column: int
    what: str
    record: int | None = None
    """Which record of its run is broken there; None where it is none."""


@dataclass
class Run:
    """Records in order, as bytes of JSON, and the broken places met on the way."""

    records: list[bytes] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)


class Recovery(Tape):
    """A stream, and the records that were found in it since the last run was given."""

    def __init__(self, stream: Readable) -> None:
        super().__init__(stream)
        self._module: str | None = None
        """The module of the records so far, by which the next one is known after a broken place."""
        self._run = Run()

    def _passed_over(self) -> bool:
        """Read on in the record that begins here and does not end yet; True where it never will, and was passed over."""
        if len(self._buffer) > LONGEST_RECORD_BYTES:
            self._pass_over(0, "what begins here is never closed")
            return True
        wrong = wrong_in(self._buffer)
        if wrong is not None and wrong[0] >= len(self._buffer) - CUT_TOKEN_BYTES and not self._ended:
            wrong = None  # a number or a word that the end of the buffer cuts
        is_short = len(self._buffer) < tape.CHUNK_BYTES  # it may be a stain that the record's end does away with
        if (wrong is None or is_short) and self._fill():
            return False
        if wrong is None:
            self._pass_over(len(self._buffer), "the file ends in the middle of a record", begin=1)
        else:
            self._pass_over(*wrong, begin=max(wrong[0], 1))
        return True

    def _pass_over(self, at: int, what: str, *, begin: int = 1) -> None:
        """Tell a broken place, keep the broken record as it stands, and go to where the next record begins.

        That is looked for from `begin` on: where the end of the stream is met first, the record may hold all that came after.
        """
        self._recognise([self._buffer[:_KEPT_OF_BROKEN_BYTES]])
        self._break(at, what, len(self._run.records))
        broken = None
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
        if is_clean(records):
            self._take_in(records)
            return None
        for record, start in zip(records, starts, strict=True):
            self._recognise([record])
            try:
                if not is_clean([record]):
                    read(record)
            except NotJson as wrong:
                self._break(start + wrong.at, wrong.what, len(self._run.records))
                inside = self._next_record(start + max(wrong.at, 1), start + len(record)) if may_hold_others else None
                if inside is not None:
                    broken = self._buffer[start:inside].rstrip(BLANK + b",")
                    self._run.records.append(broken[:_KEPT_OF_BROKEN_BYTES])
                    return inside
            self._run.records.append(record)
        return None

    def _take_in(self, records: list[bytes]) -> None:
        """Take records that are JSON."""
        self._recognise(records)
        self._run.records += records

    def _recognise(self, records: list[bytes]) -> None:
        if self._module is None:
            self._module = next((found for record in records if (found := module_of(seen_in(record)))), None)

    def _break(self, at: int, what: str, record: int | None = None) -> None:
        self._run.breaks.append(Break(*self._place(at), what, record))

    def _take(self) -> Run:
        run, self._run = self._run, Run()
        return run


def is_clean(records: list[bytes]) -> bool:
    """Whether each of these texts is one JSON value."""
    found = cut(b",".join(records))
    return found is not None and len(found) == len(records)
