"""`linda sql`: the lake asked in SQL; an answer as a table that fits, or whole for machines.

Here: where the query comes from, how answers look, and that Ctrl-C stops a query and nothing else. Not here: what may be asked
and read (warehouse.sql, warehouse.statements).
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any

import pyarrow as pa
import typer
from rich.console import Console

from linda_pipeline.commands.ending import ends_when_told
from linda_pipeline.commands.listing import Field, print_csv, print_json, print_table, records
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake, visible
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.sql import QueryResult, Reader, reading
from linda_pipeline.warehouse.statements import Statement

_PROMPT, _MORE = "linda> ", "   ...> "
_FEW = 3
"""So many rows that are too wide stand one below the other."""


class AnswerFormat(StrEnum):
    """How an answer is given."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


def sql(
    query: Annotated[
        str | None, typer.Argument(help="One or more statements; without it, they are read from standard input.")
    ] = None,
    form: Annotated[
        AnswerFormat, typer.Option("--format", help="table, or json, csv or parquet with all rows and columns.")
    ] = AnswerFormat.TABLE,
    rows: Annotated[int, typer.Option(min=0, help="How many rows a table shows; 0: all.")] = 40,
) -> None:
    """Ask for sessions, charge points, deliveries and KPIs in SQL (DuckDB). Reads, and changes nothing.

    SHOW TABLES lists what there is, DESCRIBE kpi a table's columns; docs/analyst.md tells more.
    """
    out = console()
    settings = read_settings()
    lake = Lake(settings.lake, reading=True, memory_limit=settings.memory_limit)
    with ends_when_told(), contextlib.chdir(lake.root), reading(lake) as reader:  # paths in a query start at the lake
        if query is None and sys.stdin.isatty():
            _converse(reader, out, form, rows)
        else:
            _answer_all(reader, query if query is not None else _piped(), out, form, rows)


def _piped() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputMistake("The query is no text in UTF-8. Save it as UTF-8, and ask again.") from None


def _converse(reader: Reader, out: Console, form: AnswerFormat, rows: int) -> None:
    """Question and answer at a terminal. A mistake, or Ctrl-C, ends the question and not the conversation."""
    with contextlib.suppress(ImportError):
        import_module("readline")  # that alone gives input() its history and editing
    out.print("Ask in SQL; a semicolon ends a statement. SHOW TABLES; lists what there is. Ctrl-D ends.")
    asked = ""
    while True:
        try:
            asked += input(_MORE if asked.strip() else _PROMPT) + "\n"
        except EOFError:
            out.print()
            return
        except KeyboardInterrupt:
            out.print()
            asked = ""
            continue
        if not asked.rstrip().endswith(";"):
            continue
        question, asked = asked, ""
        try:
            _answer_all(reader, question, out, form, rows)
        except InputMistake as mistake:
            out.print(str(mistake), style="bold red", markup=False, highlight=False, soft_wrap=True)
        except KeyboardInterrupt:
            out.print("Stopped.")


def _answer_all(reader: Reader, query: str, out: Console, form: AnswerFormat, rows: int) -> None:
    statements = reader.statements(query)
    asking = sum(one.has_rows for one in statements)
    if not statements:
        raise InputMistake("There is no statement in the query.")
    if form is not AnswerFormat.TABLE and asking != 1:
        raise InputMistake(f"--format {form} gives one answer, and these are {asking}. Ask them one by one.")
    answered = 0
    for statement in statements:
        if statement.has_rows and answered:
            out.print()
        answered += statement.has_rows
        _answered(reader, statement, out, form, rows)


def _answered(reader: Reader, statement: Statement, out: Console, form: AnswerFormat, rows: int) -> None:
    """Run one statement and print its answer, in a thread beside this one: only so Ctrl-C is heard while DuckDB works."""

    def answer() -> None:
        given = reader.answer(statement)
        if given is not None:
            _print(given, out, form, rows)
        sys.stdout.flush()

    with ThreadPoolExecutor(max_workers=1) as beside:
        done = beside.submit(answer)
        try:
            done.result()
        except (KeyboardInterrupt, SystemExit):
            reader.stop()
            done.exception()
            raise


def _print(answer: QueryResult, out: Console, form: AnswerFormat, rows: int) -> None:
    names = list(answer.columns.names)
    if form is AnswerFormat.JSON:
        print_json(_told_apart(names), _values(answer, as_json=True))
    elif form is AnswerFormat.CSV:
        print_csv(names, _values(answer))
    elif form is AnswerFormat.PARQUET:
        _print_parquet(answer)
    else:
        shown: list[tuple[Any, ...]] = []
        more = False
        for row in _values(answer):
            if rows and len(shown) == rows:
                more = True
                break
            shown.append(row)
        _print_table(answer.columns, shown, out)
        if more:
            out.print(
                f"The first {rows} rows; there are more. --rows 0 shows all, --format csv gives them.", markup=False
            )


def _values(answer: QueryResult, *, as_json: bool = False) -> Iterator[tuple[Any, ...]]:
    for piece in answer.pieces:
        columns = [piece.column(at).to_pylist() for at in range(piece.num_columns)]
        if as_json:
            columns = [[_in_json(value) for value in column] for column in columns]
        yield from zip(*columns, strict=True)


def _in_json(value: Any) -> Any:
    """JSON has numbers that are numbers, and no others."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if isinstance(value, float) and value - value != 0 else value


def _told_apart(names: list[str]) -> list[str]:
    """Names of which none is twice: an object holds each key once."""
    seen: dict[str, int] = {}
    apart = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        apart.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return apart


def _print_parquet(answer: QueryResult) -> None:
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise InputMistake(
            "Parquet is nothing for a terminal. Send it to a file: linda sql … --format parquet > answer.parquet"
        )
    with pq.ParquetWriter(_CountedOutput(), answer.columns, compression="zstd") as writer:
        for piece in answer.pieces:
            writer.write_batch(piece)


class _CountedOutput:
    """Standard output as a file that knows how far it is: a pipe does not."""

    closed = False

    def __init__(self) -> None:
        self._written = 0

    def write(self, content: Any) -> int:
        sys.stdout.buffer.write(content)
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        sys.stdout.buffer.flush()

    def close(self) -> None:
        self.flush()


def _print_table(columns: pa.Schema, rows: list[tuple[Any, ...]], out: Console) -> None:
    names = list(columns.names)
    if names == ["explain_key", "explain_value"]:
        out.print("\n".join(str(plan) for _, plan in rows), markup=False, highlight=False, soft_wrap=True)
        return
    texts = [tuple(_text(value) for value in row) for row in rows]
    is_long = any("\n" in text for row in texts for text in row)
    if len(names) == 1 and len(rows) == 1 and is_long:
        out.print(texts[0][0], markup=False, highlight=False, soft_wrap=True)
    elif is_long or (0 < len(rows) <= _FEW and _is_wide(names, texts, out.width)):
        for line in records([visible(name) for name in names], texts, out.width):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    elif rows:
        fields = [
            Field(name, right=pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
            for name, kind in zip(names, columns.types, strict=True)
        ]
        print_table(out, fields, texts, "Name the columns you want, or --format csv gives them.")
    else:
        out.print(f"No rows. The columns are {', '.join(names)}.", markup=False, highlight=False, soft_wrap=True)


def _is_wide(names: list[str], texts: list[tuple[str, ...]], width: int) -> bool:
    wide = (max(len(name), *(len(row[at]) for row in texts)) for at, name in enumerate(names))
    return sum(wide) + 2 * (len(names) - 1) > width


def _text(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list | dict):
        return visible(json.dumps(value, ensure_ascii=False, default=_text))
    return visible(str(value).replace("+00:00", "Z") if isinstance(value, datetime) else str(value))
