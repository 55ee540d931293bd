"""The fast look at records: which of them must be read patiently, because a type is wrong or a name may stand twice.

Here: one decode in C per record, whose result is written again only to count. A decoder keeps one value of a name that stands
twice, so what it writes has fewer quotes than what was sent, and nothing else makes them fewer but names that the catalogue
does not know. Those are learned from the first record that has them. Not here: reading patiently (patient.py, shape.py).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from linda_pipeline.ocpi.patient import REFUSALS, NotJson, read
from linda_pipeline.ocpi.shape import Node, shape_of, tester

_BLOCK_RECORDS = 200
_QUOTE = ord('"')
_ESCAPED_QUOTE = rb"\u0022"
_MOST_NAMES = 500
"""Names that are learned; a CPO that invents new ones without end is read patiently, which is slower and says the same."""


class Sieve:
    """Holds records of one object and version against their types. What it learns makes it faster, never other."""

    def __init__(self, object_name: str, version: str) -> None:
        self._shape = shape_of(object_name, version)
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._learned = 0
        self._decode = tester(object_name, version).decode
        self._encode = msgspec.json.Encoder()

    def suspects(self, raw: Sequence[bytes]) -> list[int]:
        """The rows of records that cannot be read by their types, or in which a name stands twice."""
        found: list[int] = []
        with _collector_off():
            for begin in range(0, len(raw), _BLOCK_RECORDS):
                block = raw[begin : begin + _BLOCK_RECORDS]
                failed, is_whole = self._tested(block)
                if not is_whole:
                    others = set(range(len(block))).difference(failed)
                    failed += [number for number in sorted(others) if self._repeats(block[number])]
                found += sorted(begin + number for number in failed)
        return found

    def _tested(self, block: Sequence[bytes]) -> tuple[list[int], bool]:
        """The records of a block that fail; and whether all others came out as whole as they went in."""
        decode, write, written = self._decode, self._encode.encode_into, bytearray()
        failed = []
        for number, record in enumerate(block):
            end = len(written)
            try:
                write(decode(record), written, -1)
            except REFUSALS:
                del written[end:]
                failed.append(number)
        sent = b"".join(block)
        quotes = _quotes(sent) - sum(block[number].count(b'"') for number in failed)
        if b"\\" in sent:
            quotes += sum(record.count(_ESCAPED_QUOTE) for record in block)
        return failed, quotes == _quotes(written)

    def _repeats(self, record: bytes) -> bool:
        """Whether a name stands twice in a record that can be read by its types; its new names are learned where none does."""
        written = self._encode.encode(self._decode(record))
        if record.count(b'"') + record.count(_ESCAPED_QUOTE) == written.count(b'"'):
            return False
        try:
            found = read(record)
        except NotJson:  # its types are fine all the same: what is wrong lies in what the portal does not import
            return False
        if not found.twice:
            self._learn(found.value)
        return bool(found.twice)

    def _learn(self, value: Any) -> None:
        """Learn the names of a record that the catalogue does not know."""
        before = self._learned
        self._look(self._shape, value, ())
        if self._learned > before:
            self._decode = msgspec.json.Decoder(self._struct(self._shape, ())).decode

    def _look(self, node: Node, value: Any, path: tuple[str, ...]) -> None:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                continue
            known = self._names.setdefault(path, [])
            for name, inner in one.items():
                if name in node.fields:
                    if not node.fields[name].is_leaf:
                        self._look(node.fields[name], inner, (*path, name))
                elif name not in known and self._learned < _MOST_NAMES and _may_be_a_name(name):
                    known.append(name)
                    self._learned += 1

    def _struct(self, node: Node, path: tuple[str, ...]) -> Any:
        def inner_struct(key: str, inner: Node) -> Any:
            return self._struct(inner, (*path, key))

        return node.struct("_".join(("Record", *path)), inner_struct, self._names.get(path, ()))


@lru_cache(maxsize=16)
def sieve(object_name: str, version: str) -> Sieve:
    """The sieve of an object and version; it keeps what it learned while the process lives."""
    return Sieve(object_name, version)


def _may_be_a_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not set('"\\') & set(name)


def _quotes(text: bytes | bytearray) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _QUOTE))


@contextmanager
def _collector_off() -> Iterator[None]:
    """No garbage collection meanwhile: what the test makes holds no cycles and goes at once, but looking costs a third."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
