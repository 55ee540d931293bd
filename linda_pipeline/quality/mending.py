"""Texts looked at before they are judged: what is beyond doubt is mended, and what nobody can read is marked.

Here: blanks that are too many and known values of an enum in another case, which are judged and accepted as they were meant
(raw and rejected records keep what was sent); and texts with lost letters, or that only look like one. Not here: the rules that
tell of it (rules/readable.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, Column, Type
from linda_pipeline.ocpi.nested import field_of, one_chunk, with_elements
from linda_pipeline.quality.signs import AROUND, LOOKS_EMPTY, MISREAD, REPLACEMENT, beyond_ascii, repaired

TEXT_BLANKS, VALUE_IN_OTHER_CASE, TEXT_READABLE = "text_blanks", "value_in_other_case", "text_readable"
"""The ids of the rules that tell of it: where one is not in force, nothing of its kind is done."""
_NOTHING = pa.array(["", "#NA"])


def _bytes(*ranges: tuple[int, int]) -> Any:
    mask = np.zeros(256, bool)
    for first, last in ranges:
        mask[first : last + 1] = True
    return mask


_BEFORE = _bytes((0x00, 0x20), (0x2D, 0x2D), (0xC2, 0xC2), (0xE1, 0xE3), (0xEF, 0xEF))
_BEHIND = _bytes((0x00, 0x20), (0x80, 0xFF))
"""The bytes with which a text begins or ends that may have a blank there, or show nothing at all."""


@dataclass(frozen=True)
class AsMeant:
    """Texts of one column as they were sent, and what they were taken for."""

    rows: Any
    """Their rows; of a column inside a list the elements, laid end to end."""
    texts: Any
    meant: Any


@dataclass(frozen=True)
class Mended:
    """What was found in a table, by column."""

    blanks: dict[str, AsMeant] = field(default_factory=dict)
    cases: dict[str, AsMeant] = field(default_factory=dict)
    misread: dict[str, AsMeant] = field(default_factory=dict)
    """UTF-8 that was read as Latin-1: told, and accepted as it was sent."""
    unreadable: dict[str, Any] = field(default_factory=dict)
    """The rows of texts with a lost letter, or of invisible characters or dashes alone."""


def mended(table: pa.Table, object_name: str, version: str, told: Iterable[str]) -> tuple[pa.Table, Mended]:
    """A table of an object with its texts mended, and what was found; `told`: the ids of the rules that are in force."""
    mender = _Mender(version, frozenset(told) & {TEXT_BLANKS, VALUE_IN_OTHER_CASE, TEXT_READABLE}, Mended())
    if mender.told:
        for column in OBJECTS[object_name]:
            if column.name in table.column_names and not column.holds:
                before = one_chunk(table[column.name])
                after = mender.column(column, before)
                if after is not before:
                    table = table.set_column(table.schema.get_field_index(column.name), column.name, after)
    return table, mender.found


@dataclass(frozen=True)
class _Mender:
    version: str
    told: frozenset[str]
    found: Mended

    def column(self, column: Column, values: Any) -> Any:
        """A column, mended; the very same one where nothing is."""
        if column.type is Type.LIST and column.fields:
            return self._list(column, values)
        if column.type not in (Type.TEXT, Type.CI_TEXT) or not pa.types.is_string(values.type) or not len(values):
            return values
        words = column.values.get(self.version)
        return self._text(column, values) if words is None else self._enum(column, values, words)

    def _list(self, column: Column, values: Any) -> Any:
        elements = values.flatten()
        if not pa.types.is_struct(elements.type):
            return values
        parts = {one.leaf: one for one in column.fields}
        names = [one.name for one in elements.type]
        before = [field_of(elements, name) for name in names]
        after = [
            self.column(parts[name], part) if name in parts else part for name, part in zip(names, before, strict=True)
        ]
        if all(new is old for new, old in zip(after, before, strict=True)):
            return values
        mask = pc.is_null(elements) if elements.null_count else None
        return with_elements(values, pa.StructArray.from_arrays(after, names, mask=mask))

    def _text(self, column: Column, values: Any) -> Any:
        is_doubled = column.type is Type.TEXT and not column.personal
        rows = _suspects(values, is_doubled)
        if len(rows) and TEXT_BLANKS in self.told:
            sent = values.take(rows)
            bare = _bare(sent, is_doubled)
            is_new = _differs(bare, sent)
            values = self._changed(self.found.blanks, column, values, rows.filter(is_new), bare.filter(is_new))
        if TEXT_READABLE in self.told:
            self._look(column, values, rows)
        return values

    def _look(self, column: Column, values: Any, suspects: Any) -> None:
        """Mark what cannot be read."""
        odd = beyond_ascii(values)
        if not len(suspects) and not len(odd):
            return
        some = values.take(suspects)
        trim = pc.utf8_trim_whitespace if "." in column.name else pc.ascii_trim_whitespace
        looks_empty = pc.and_not(pc.match_substring_regex(some, LOOKS_EMPTY), pc.equal(trim(some), ""))
        lost = suspects.filter(looks_empty).to_numpy()
        if len(odd):
            texts = values.take(pa.array(odd))
            lost = np.union1d(lost, odd[_where(pc.match_substring(texts, REPLACEMENT))])
            self._misread(column, values, np.setdiff1d(odd[_where(pc.match_substring_regex(texts, MISREAD))], lost))
        if len(lost):
            self.found.unreadable[column.name] = pa.array(lost, pa.int64())

    def _misread(self, column: Column, values: Any, misread: Any) -> None:
        rows = pa.array(misread, pa.int64())
        sent = values.take(rows)
        meant = repaired(sent)
        is_new = _differs(meant, sent)
        if pc.any(is_new).as_py():
            self.found.misread[column.name] = AsMeant(*(one.filter(is_new) for one in (rows, sent, meant)))

    def _enum(self, column: Column, values: Any, words: tuple[str, ...]) -> Any:
        encoded = pc.dictionary_encode(values)
        distinct = encoded.dictionary
        if pc.all(pc.is_in(distinct, value_set=pa.array(words))).as_py() is not False:
            return values
        bare = _bare(distinct, False) if TEXT_BLANKS in self.told else distinct
        known = _in_its_case(bare, words) if VALUE_IN_OTHER_CASE in self.told else bare
        for before, after, found in ((distinct, bare, self.found.blanks), (bare, known, self.found.cases)):
            rows = pc.indices_nonzero(pc.take(_differs(after, before), encoded.indices))
            values = self._changed(found, column, values, rows, pc.take(after, encoded.indices.take(rows)))
        return values

    def _changed(self, found: dict[str, AsMeant], column: Column, values: Any, rows: Any, texts: Any) -> Any:
        if not len(rows):
            return values
        found[column.name] = AsMeant(pc.cast(rows, pa.int64()), values.take(rows), texts)
        mask = np.zeros(len(values), bool)
        mask[rows.to_numpy()] = True
        return pc.replace_with_mask(values, pa.array(mask), texts)


def _where(mask: Any) -> Any:
    return pc.indices_nonzero(mask).to_numpy()


def _differs(after: Any, before: Any) -> Any:
    """Where a text became another one that still says something."""
    return pc.fill_null(pc.and_not(pc.not_equal(after, before), pc.is_in(after, value_set=_NOTHING)), False)


def _bare(texts: Any, is_doubled: bool) -> Any:
    """Texts without blanks around them, and with one where there are more inside if those are looked at."""
    bare = pc.replace_substring_regex(texts, AROUND, "")
    return pc.replace_substring_regex(bare, "  +", " ") if is_doubled else bare


def _in_its_case(texts: Any, words: tuple[str, ...]) -> Any:
    """Texts as the word that they are in another case; others as they are."""
    at = pc.index_in(pc.ascii_upper(texts), value_set=pa.array([word.upper() for word in words]))
    return pc.coalesce(pc.take(pa.array(words), at), texts)


def _suspects(values: Any, is_doubled: bool) -> Any:
    """The rows of texts that may have blanks too many, or show nothing: told by their first and last byte."""
    _, offsets, content = values.buffers()
    signs = np.frombuffer(content or b"", np.uint8)
    if not len(signs):
        return pa.array([], pa.uint64())
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    begins, ends = ends[:-1], ends[1:]
    first, last = signs[np.minimum(begins, len(signs) - 1)], signs[np.maximum(ends, 1) - 1]
    suspect = (ends > begins) & (_BEFORE[first] | _BEHIND[last])
    if is_doubled and bytes(content).find(b"  ") >= 0:
        suspect |= pc.fill_null(pc.match_substring(values, "  "), False).to_numpy(zero_copy_only=False)
    return pc.indices_nonzero(pc.and_(pa.array(suspect), pc.is_valid(values)))
