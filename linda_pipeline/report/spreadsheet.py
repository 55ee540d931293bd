"""Tables that people open by a double click: texts that no spreadsheet runs, and CSV as a Dutch spreadsheet reads it.

Here: the guard against formulas, invisible characters made visible, and CSV with semicolons. Not here: the workbook, which
stores texts as texts (workbook.py), and CSV for machines, which keeps every value exact (files.py).

A spreadsheet takes a cell for a formula by how it begins. What counts as a cell depends on the reader's separator: a Dutch
Excel splits `A;=1+1` where an English one splits `A,=1+1`. So a text is guarded after every separator within it as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from linda_pipeline.report.words import shown

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_TEXT = 32_000
"""A spreadsheet refuses more characters in one cell."""
_STARTS = "=+@|＝＋－＠-"  # the full-width forms are read alike by some
_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?"
_RISKY = f'(?:^|[,;|])[ "]*[{_STARTS}]'
_START_OF_FORMULA = re.compile(f'(^|[,;|])([ "]*)(?=[{_STARTS}])(?!{_NUMBER} *$)')
_UNSEEN = (
    r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
    r"\x{115f}\x{1160}\x{2800}\x{3164}\x{ffa0}]"
)
"""What words.shown shows by its code, for whole columns at once."""


def for_people(texts: Any) -> Any:
    """Texts that a spreadsheet shows whole and never runs; a plain number such as -0,5 stays a number.

    Invisible characters and line breaks are shown by their code; what begins like a formula gets an apostrophe before it.
    """
    suspect = pc.or_(pc.match_substring_regex(texts, _UNSEEN), pc.match_substring_regex(texts, _RISKY))
    suspect = pc.or_(suspect, pc.greater(pc.utf8_length(texts), LONGEST_TEXT))
    rows = pc.indices_nonzero(suspect)
    if not len(rows):
        return texts
    mended = pa.array([harmless(text) for text in pc.take(texts, rows).to_pylist()], pa.string())
    return pc.replace_with_mask(_plain(texts), _plain(pc.fill_null(suspect, False)), mended)


def harmless(text: str) -> str:
    """One text, as for_people gives it."""
    return _START_OF_FORMULA.sub(r"\1\2'", shown(text, LONGEST_TEXT))


@contextmanager
def csv_writer(path: Path, schema: pa.Schema, delimiter: str = ",") -> Iterator[csv.CSVWriter]:
    """A CSV file in UTF-8 with byte order mark, every text quoted; tables are written to it one by one."""
    options = csv.WriteOptions(delimiter=delimiter)
    with path.open("wb") as file:
        file.write(BYTE_ORDER_MARK)
        with csv.CSVWriter(file, schema, write_options=options) as writer:
            yield writer


def write_dutch_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Write a small table for people, with semicolons; the kind of each column is that of its first value."""
    columns = list(zip(*rows, strict=True)) or [() for _ in header]
    arrays = [_column(values) for values in columns]
    table = pa.table(dict(zip(header, arrays, strict=True)))
    with csv_writer(path, table.schema, delimiter=";") as writer:
        writer.write_table(table)


def _column(values: Sequence[str | int]) -> Any:
    if values and isinstance(values[0], int):
        return pa.array(values, pa.int64())
    return for_people(pa.array(values, pa.string()))


def _plain(values: Any) -> Any:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
