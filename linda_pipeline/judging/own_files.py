"""Files of OCPI JSON as a CPO has them on disk, laid ready to be judged like a pull.

Here: which files are meant, gzip, and the records of all of them on a shelf on disk, read back a page at a time, each with
its file and its place in it. Not here: the cutting of JSON into records (ocpi.stream) and the judging (self_check.py).
"""

from __future__ import annotations

import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import pyarrow as pa

from linda_pipeline.errors import InputMistake
from linda_pipeline.ocpi.recognise import module_of, version_of
from linda_pipeline.ocpi.stream import Break, Run, runs
from linda_pipeline.pulling.raw import Pull

PAGE_RECORDS = 1000
MAX_BREAKS = 1000
"""Broken places that are remembered of one file; all are counted."""
SUFFIXES = (".json", ".jsonl", ".ndjson", ".geojson", ".gz")
_RECORDS_UNTIL_KNOWN = 200
_SHELF = pa.schema([("record", pa.large_binary())])
_GZIP = 31
"""What zlib calls a gzip header and the largest window."""
_PACKED_BYTES = 1 << 18
_decode = msgspec.json.Decoder().decode


class FilesUnusable(InputMistake):
    """What was given to judge cannot be used; the message names it and says what can be done."""


@dataclass
class Source:
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
    problem: str = ""
    """Why the file could not be read to its end, or was left out."""


class Shelf:
    """The records of one module, on disk in pages of 1,000 that never hold two files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._sink, _SHELF, options=pa.ipc.IpcWriteOptions(compression="zstd"))
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
        found: list[bytes] = self._reader.get_batch(number - 1).column(0).to_pylist()
        return found


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
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in SUFFIXES)
            if not inside:
                raise FilesUnusable(f"The folder {path} holds no files that end in {', '.join(SUFFIXES)}.")
            found += inside
        elif path.is_file() or path.is_fifo():
            found.append(path)
        else:
            raise FilesUnusable(f"There is no file or folder {path}.")
    return found


def lay_out(stream: BinaryIO, name: str, shelf_of: Callable[[str], Shelf], number_of: Callable[[str], int]) -> Source:
    """Put the records of one file on the shelf of its module; says what the file held.

    `number_of` gives the file its number in a module. A file of neither CDRs nor Locations is left out, and says so.
    """
    source = Source(name)
    waiting: list[Run] = []
    plain = _Unpacked(stream)
    for run in runs(plain):
        source.broken += len(run.breaks)
        source.breaks += run.breaks[: max(0, MAX_BREAKS - len(source.breaks))]
        for head in run.heads:
            source.parties[f"{head.country_code}-{head.party_id}"] += 1
        waiting.append(run)
        if source.module is None and not _recognise(source, run.records):
            if sum(len(one.records) for one in waiting) > _RECORDS_UNTIL_KNOWN:
                break
            continue
        assert source.module is not None
        for one in waiting:
            source.number = source.number or number_of(source.module)
            shelf_of(source.module).add(one.records, source.number, source.records)
            source.records += len(one.records)
        waiting = []
    source.problem = plain.problem
    if source.module is None and not source.problem:
        source.problem = "it holds no CDRs and no Locations"
    return source


def _recognise(source: Source, records: list[bytes]) -> bool:
    for record in records[:_RECORDS_UNTIL_KNOWN]:
        try:
            value = _decode(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        source.module = module_of(value)
        if source.module is not None:
            source.version = version_of(value, source.module)
            return True
    return False


class _Unpacked:
    """A stream with its gzip taken off, if it has any; damage ends it, and is told."""

    def __init__(self, stream: BinaryIO) -> None:
        self._from = io.BufferedReader(_Raw(stream))
        self._unzip = zlib.decompressobj(_GZIP) if self._from.peek(2)[:2] == b"\x1f\x8b" else None
        self._waiting = b""
        self.problem = ""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most about so many; none at the end, or where the stream cannot be read further."""
        try:
            return self._from.read(size) if self._unzip is None else self._unzipped(size)
        except (OSError, zlib.error) as error:
            self.problem = f"it cannot be read to its end ({error}); what came before that was judged"
            return b""

    def _unzipped(self, size: int) -> bytes:
        assert self._unzip is not None
        while True:
            packed = self._waiting or self._from.read(_PACKED_BYTES)
            if not packed:
                if not self._unzip.eof:
                    self.problem = "its gzip breaks off; what came before that was judged"
                return b""
            if self._unzip.eof:
                self._unzip = zlib.decompressobj(_GZIP)  # one gzip may follow another in a file
            piece = self._unzip.decompress(packed, size)
            self._waiting = self._unzip.unused_data or self._unzip.unconsumed_tail
            if piece:
                return piece


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
