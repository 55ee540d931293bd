"""Listings: what a command lists, as a table that fits the terminal, or as JSON or CSV with all of it.

Here: how rows are laid out, and that what finds no room is named. Not here: what is listed.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from linda_pipeline.errors import visible

_GAP = 2
"""Blanks between two columns."""
_SHORTEST, _SHORTEST_ID = 20, 32
"""Where a table is too wide, prose is cut no shorter than this, and what is one word no shorter than that: half an id tells
nothing. The sign … says so."""


class Format(StrEnum):
    """How a listing is given."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class PageFormat(StrEnum):
    """How a page of docs/ is given, or what it lists."""

    PAGE = "page"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


PageFormatOption = Annotated[
    PageFormat, typer.Option("--format", help="page as in docs/, table, or json or csv for machines.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="table, or json or csv for machines, with all columns.")]


@dataclass(frozen=True)
class Field:
    """One column of a listing."""

    name: str
    """Its key in JSON, its heading in CSV."""
    title: str = ""
    """Its heading in the table; by default its name."""
    shown: Callable[[Any], str] = str
    """How a value stands in the table; nothing is shown for None."""
    right: bool = False
    """Whether it stands to the right, as numbers do."""
    minor: bool = False
    """Whether it is the first to be left out where a table is too wide."""
    machines_only: bool = False
    """Whether it stands in JSON and CSV alone."""
    style: Callable[[Any], str] | None = None
    """The colour of a value in the table."""


def number(name: str, title: str = "", *, digits: int = 0, per: float = 1, minor: bool = False) -> Field:
    """A column of numbers with so many digits behind the point, each divided by `per` in the table."""
    return Field(name, title, lambda value: f"{value / per:,.{digits}f}", right=True, minor=minor)


def print_listing(
    out: Console, fields: Sequence[Field], rows: Sequence[Sequence[Any]], form: Format, *, title: str, none: str
) -> None:
    """Print rows in one of the formats. `title` stands above the table; `none` in its place where there are no rows."""
    if form is Format.JSON:
        print_json([field.name for field in fields], rows)
    elif form is Format.CSV:
        print_csv([field.name for field in fields], rows)
    elif rows:
        shown = [column for column, field in enumerate(fields) if not field.machines_only]
        out.print(title, style="bold", highlight=False, markup=False)
        print_table(
            out,
            [fields[column] for column in shown],
            [[row[column] for column in shown] for row in rows],
            "--format json or csv gives them.",
        )
    else:
        out.print(none, highlight=False, markup=False, soft_wrap=True)


def print_json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a JSON list of objects, one a line, while the rows come in."""
    before = "[\n"
    for row in rows:
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_as_text)
        _write(before + line)
        before = ",\n"
    _write("\n]\n" if before == ",\n" else "[]\n")


def print_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print CSV by RFC 4180, while the rows come in; what is missing is empty."""
    writer = csv.writer(_Written(), lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_as_csv(value) for value in row])


def _as_csv(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_as_text)
    return _as_text(value) if isinstance(value, datetime) else value


def _as_text(value: Any) -> str:
    """What JSON and CSV have no type for; moments by RFC 3339."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


class _Written:
    def write(self, text: str) -> None:
        _write(text)


def _write(text: str) -> None:
    """Write what machines read: as it is, save on a terminal, which it could steer."""
    if sys.stdout.isatty():
        text = visible(text.replace("\r\n", "\n"))
    sys.stdout.write(text)


@dataclass
class _Sheet:
    """A table's texts, and which of them find room."""

    titles: list[str]
    texts: list[list[str]]
    rights: list[bool]
    order: list[int]
    """The columns that are shown, in order."""
    is_folded: bool = False
    """Whether headings may take several lines."""

    def widths(self) -> list[int]:
        """Of the columns that are shown."""
        length = _folded_len if self.is_folded else cell_len
        return [
            max(length(self.titles[column]), *(cell_len(row[column]) for row in self.texts)) for column in self.order
        ]

    def fits(self, width: int) -> bool:
        """Whether there is room."""
        return sum(self.widths()) + _GAP * (len(self.order) - 1) <= width

    def lift(self) -> list[int]:
        """Take out the columns that say the same in all rows; returns them."""
        same = [column for column in self.order if len({row[column] for row in self.texts}) == 1]
        if len(self.texts) < 2 or len(same) == len(self.order):
            return []
        self.order = [column for column in self.order if column not in same]
        return same

    def cut(self, width: int) -> None:
        """Cut texts, the longest first, until there is room or they are short."""
        shortest = {
            column: _SHORTEST if any(" " in row[column] for row in self.texts) else _SHORTEST_ID
            for column in self.order
            if not self.rights[column]
        }
        for longest in range(max(self.widths()), _SHORTEST - 1, -1):
            if self.fits(width):
                return
            for row in self.texts:
                for column, least in shortest.items():
                    if cell_len(row[column]) > max(longest, least):
                        row[column] = set_cell_size(row[column].removesuffix("…"), max(longest, least) - 1) + "…"


def print_table(out: Console, fields: Sequence[Field], rows: Sequence[Sequence[Any]], elsewhere: str) -> None:
    """Print a table that fits the terminal: what is the same in all rows stands above it, what has no room is named below.

    `elsewhere`: the sentence that says where what was left out can be had.
    """
    sheet = _Sheet(
        [field.title or field.name for field in fields],
        [[_shown(field, value) for field, value in zip(fields, row, strict=True)] for row in rows],
        [field.right for field in fields],
        list(range(len(fields))),
    )
    same: list[int] = []
    left_out: set[int] = set()
    if not sheet.fits(out.width):
        same = sheet.lift()
    sheet.is_folded = not sheet.fits(out.width)
    if not sheet.fits(out.width):
        sheet.cut(out.width)
    for column in _first_to_go(fields, sheet.order):
        if sheet.fits(out.width):
            break
        sheet.order.remove(column)
        left_out.add(column)
    for line in _same_in_all(sheet, same):
        out.print(line, highlight=False, markup=False)
    out.print(_laid_out(sheet, fields, rows, out.width))
    if left_out:
        names = ", ".join(fields[column].title or fields[column].name for column in sorted(left_out))
        out.print(
            f"Left out, since the terminal is {out.width} wide: {names}. {elsewhere}", markup=False, highlight=False
        )


def _same_in_all(sheet: _Sheet, same: Sequence[int]) -> Iterator[str]:
    """What every row says; columns in which nothing stands by themselves."""
    nothing = [sheet.titles[column] for column in same if sheet.texts[0][column] in ("", "NULL")]
    said = [
        f"{sheet.titles[column]} {sheet.texts[0][column]}" for column in same if sheet.titles[column] not in nothing
    ]
    if said:
        yield f"In all rows: {'; '.join(said)}."
    if nothing:
        yield f"Empty in all rows: {', '.join(nothing)}."


def _first_to_go(fields: Sequence[Field], order: Sequence[int]) -> list[int]:
    """The columns in the order in which they are left out: minor ones first, from the right; the first one stays."""
    return sorted(order[1:], key=lambda column: (not fields[column].minor, -column))


def _laid_out(sheet: _Sheet, fields: Sequence[Field], rows: Sequence[Sequence[Any]], width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, _GAP - 1, 0, 0), pad_edge=False, show_edge=False)
    for column, wide in zip(sheet.order, sheet.widths(), strict=True):
        table.add_column(
            Text("\n".join(_folded(sheet.titles[column], wide))),
            justify="right" if sheet.rights[column] else "left",
            width=min(wide, width),
            no_wrap=True,
            overflow="ellipsis",
        )
    for texts, row in zip(sheet.texts, rows, strict=True):
        table.add_row(*(Text(texts[column], style=_style(fields[column], row[column])) for column in sheet.order))
    return table


def _style(field: Field, value: Any) -> str:
    return field.style(value) if field.style is not None else ""


def _shown(field: Field, value: Any) -> str:
    return "" if value is None else visible(field.shown(value)).replace("\n", " ")


def _parts(title: str) -> list[str]:
    """Where a heading may be folded: behind a blank or an underscore."""
    return re.findall(r"[^_ ]*[_ ]?", title)[:-1] or [title]


def _folded_len(title: str) -> int:
    return max(cell_len(part.rstrip()) for part in _parts(title))


def _folded(title: str, width: int) -> list[str]:
    lines = [""]
    for part in _parts(title):
        if lines[-1] and cell_len((lines[-1] + part).rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def records(names: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    """Rows one below the other, a line per value; texts of several lines below their name, as they are."""
    wide = max(cell_len(name) for name in names)
    for place, row in enumerate(rows, start=1):
        head = f"── row {place} "
        yield head + "─" * max(0, min(width, 60) - len(head))
        for name, value in zip(names, row, strict=True):
            if "\n" in value:
                yield f"{name}:"
                yield from (f"  {line}" for line in value.strip("\n").split("\n"))
            else:
                yield f"{name:<{wide}}  {value}"
