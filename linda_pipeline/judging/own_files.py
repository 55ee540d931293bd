"""Files of OCPI JSON as a CPO has them on disk, laid ready to be judged like a pull.

Here: which files are meant, and the records of all of them on a shelf on disk, read back a page at a time, each with its file
and its place in it. Not here: gzip (ocpi.unpacked), cutting JSON into records (ocpi.stream), the judging (self_check.py).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.ocpi.patient import REFUSALS
from linda_pipeline.ocpi.recognise import module_of, seen_in, version_of
from linda_pipeline.ocpi.stream import Break, Run, runs
from linda_pipeline.ocpi.unpacked import Unpacked
from linda_pipeline.pulling.raw import Pull

PAGE_RECORDS = 1000
MAX_BREAKS = 1000
"""Broken places that are remembered of one file; all are counted."""
SUFFIXES = (".json", ".jsonl", ".ndjson", ".geojson", ".gz")
_BYTES_UNTIL_KNOWN = 64 << 20
"""What is kept of a file until a record in it is known for a CDR or a Location; after that it is left out."""
_SHELF = pa.schema([("record", pa.large_binary())])


class FilesUnusable(InputMistake):
    """What was given to judge cannot be used; the message names it and says what can be done."""


class _Head(msgspec.Struct):
    country_code: Any = None
    party_id: Any = None


_heads = msgspec.json.Decoder(list[_Head])


class BrokenPlaces:
    """Where the broken records of a file are broken: by their position in it, the line and the column (24 bytes each)."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def add(self, position: int, line: int, column: int) -> None:
        """The next one; positions only grow."""
        self._numbers.extend((position, line, column))

    def of(self, position: int) -> str | None:
        """The place in the record at a position, as line:column; None where none is known."""
        numbers = np.frombuffer(self._numbers, np.int64).reshape(-1, 3)
        row = int(np.searchsorted(numbers[:, 0], position))
        if row == len(numbers) or numbers[row, 0] != position:
            return None
        return f"{numbers[row, 1]}:{numbers[row, 2]}"


@dataclass
class OwnFile:
    """One file: what it was found to hold."""

    name: str
    number: int = 0
    """Its number among the files of its module, from 1: the page under which its findings stand."""
    module: str | None = None
    version: str = "2.2.1"
    records: int = 0
    parties: Counter[str] = field(default_factory=Counter)
    """How many records say that they belong to a party, as country_code-party_id."""
    breaks: list[Break] = field(default_factory=list)
    broken: int = 0
    """Places where the file is no JSON."""
    places: BrokenPlaces = field(default_factory=BrokenPlaces)
    """Where the records that are no JSON are broken."""
    problem: str = ""
    """Why the file could not be read to its end, or was left out."""

    def tell(self, run: Run) -> None:
        """What a run found, its records not put away yet."""
        for broken in run.breaks:
            self.broken += 1
            if len(self.breaks) < MAX_BREAKS:
                self.breaks.append(broken)
            if broken.record is not None:
                self.places.add(self.records + broken.record, broken.line, broken.column)


class Shelf:
    """The records of one module, on disk in pages of 1,000 that never hold two files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._sink, _SHELF, options=pa.ipc.IpcWriteOptions(compression="lz4"))
        self._file_of: list[int] = []
        self._first_of: list[int] = []
        self.records = 0
        self.bytes = 0

    def add(self, records: list[bytes], file: int, first: int) -> None:
        """Put records of a file, the first of which has a position in it, on new pages."""
        for begin in range(0, len(records), PAGE_RECORDS):
            page = records[begin : begin + PAGE_RECORDS]
            self._writer.write_batch(pa.record_batch([pa.array(page, pa.large_binary())], schema=_SHELF))
            self._file_of.append(file)
            self._first_of.append(first + begin)
            self.records += len(page)
            self.bytes += sum(map(len, page))

    def close(self) -> None:
        """Make it readable."""
        self._writer.close()
        self._sink.close()

    def __len__(self) -> int:
        return len(self._file_of)

    @cached_property
    def file_of(self) -> Any:
        """The number of the file of each page."""
        return np.array(self._file_of, np.int64)

    @cached_property
    def first_of(self) -> Any:
        """The position in its file of the first record of each page."""
        return np.array(self._first_of, np.int64)

    @cached_property
    def _reader(self) -> Any:
        return pa.ipc.open_file(pa.OSFile(str(self.path), "rb"))

    def page(self, number: int) -> list[bytes]:
        """The records of one page, by its number from 1."""
        records: list[bytes] = self._reader.get_batch(number - 1).column(0).to_pylist()
        return records


@dataclass(frozen=True)
class FilesPull(Pull):
    """Files that stand in for a pull: whole, without a window, and with the pages of a shelf."""

    shelf: Shelf = field(kw_only=True)

    @property
    def kept(self) -> None:
        """No bounds: whatever stands in the files is judged."""
        return None

    def pages(self) -> Iterator[tuple[int, list[bytes]]]:
        """Every page as its number (from 1) and its records, one page in memory at a time."""
        for number in range(1, len(self.shelf) + 1):
            yield number, self.shelf.page(number)

    def page(self, number: int) -> list[bytes]:
        """The records of one page, by its number from 1."""
        return self.shelf.page(number)


def files_in(given: Iterable[Path]) -> list[Path]:
    """The files that are meant, folders looked through in order of name. Raises FilesUnusable."""
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
            if not inside:
                raise FilesUnusable(
                    f"The folder {one_line(str(path))} holds no files that end in {', '.join(SUFFIXES)}."
                )
            files += inside
        elif path.is_file() or path.is_fifo():
            files.append(path)
        else:
            raise FilesUnusable(f"There is no file or folder {one_line(str(path))}.")
    return files


def lay_out(
    stream: BinaryIO,
    name: str,
    shelf_of: Callable[[str], Shelf],
    number_of: Callable[[str], int],
    *,
    counts_parties: bool = True,
) -> OwnFile:
    """Put the records of one file on the shelf of its module; says what the file held.

    `number_of` gives the file its number in a module. A file of neither CDRs nor Locations is left out, and says so.
    """
    source = OwnFile(one_line(name))
    waiting: list[Run] = []
    plain = Unpacked(stream)
    for run in runs(plain):
        waiting.append(run)
        if source.module is None and not _recognise(source, run.records):
            if sum(len(record) for unplaced in waiting for record in unplaced.records) > _BYTES_UNTIL_KNOWN:
                break
            continue
        assert source.module is not None
        for unplaced in waiting:
            source.number = source.number or number_of(source.module)
            source.tell(unplaced)
            shelf_of(source.module).add(unplaced.records, source.number, source.records)
            source.records += len(unplaced.records)
            if counts_parties:
                source.parties.update(_parties(unplaced.records))
        waiting = []
    for run in waiting:
        source.tell(run)
    if plain.problem:
        source.problem = (
            f"{plain.problem}; {'what came before that was judged' if source.records else 'nothing of it can be read'}"
        )
    elif source.module is None:
        source.problem = f"it holds no CDRs and no Locations{_hint(waiting)}"
    return source


def _hint(unknown: list[Run]) -> str:
    """Why there may be none all the same, told by the first record that is known for neither."""
    value = next((value for run in unknown for record in run.records if (value := _value(record)) is not None), None)
    data = value.get("data", value) if isinstance(value, dict) else value
    if isinstance(data, str) and isinstance(_value(data.encode("utf-8", "replace")), list | dict):
        return ": what it holds is JSON written as a text once more; leave the quotes around it out"
    if isinstance(data, dict) and any(map(module_of, data.values())):
        return ": its records stand under names; write them as a list, between [ and ]"
    return ""


def _recognise(source: OwnFile, records: list[bytes]) -> bool:
    """Tell by its records what a file holds; by those that are no JSON only where no other says it."""
    for look in (_value, seen_in):
        for record in records:
            value = look(record)
            source.module = module_of(value)
            if source.module is not None:
                source.version = version_of(value, source.module)
                return True
    return False


def _value(record: bytes) -> Any:
    try:
        return msgspec.json.decode(record)
    except REFUSALS:
        return None


def _parties(records: list[bytes]) -> Counter[str]:
    """How many records belong to a party, as they say themselves."""
    try:
        heads = _heads.decode(b"[" + b",".join(records) + b"]")
    except REFUSALS:
        seen = filter(lambda value: isinstance(value, dict), map(seen_in, records))
        heads = [_Head(value.get("country_code"), value.get("party_id")) for value in seen]
    return Counter(f"{head.country_code}-{head.party_id}" for head in heads)
