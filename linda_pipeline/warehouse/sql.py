"""linda.duckdb asked by whoever reads it: from any folder, without a lock, and unable to change or to read anything else.

Here: the connection, what it can reach, and answers in pieces. Not here: which statements are let through (statements.py) and
how answers look (commands/sql.py).
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from linda_pipeline.errors import InputMistake, disk_is_full
from linda_pipeline.storage.engine import files, pattern, prepare, text
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.statements import QueryWrong, Statement, checked

READABLE = ("curated", "published", "kpi")
"""The folders of a lake that a query may read, beside linda.duckdb: nothing in them names a person."""
_AT_ONCE = 8_192
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_FILES = r"(?:curated/cdrs/|kpi/[^/]+\.parquet).*"
_IN_LAKE = re.compile(rf"(?:.*/)?(published/\d{{6,}}/{_FILES})|(?:.*/)?({_FILES})")
"""A path into what is published, in a view; a group is its part from the lake on, whatever the folders above are called."""


class NoDatabase(InputMistake):
    """There is no linda.duckdb yet, or none that can be opened: the message says how to make it."""


class TooLarge(InputMistake):
    """An answer needs more memory or room than there is."""


@dataclass(frozen=True)
class QueryResult:
    """What a question gives: the columns, and their values in pieces while they are read."""

    columns: pa.Schema
    pieces: Iterator[pa.RecordBatch]


class Reader:
    """The database, read-only. Used by one thread at a time; `stop` may be called from another."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._open: pa.RecordBatchReader | None = None
        found = connection.execute(
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'"
        ).fetchall()
        self._macros = {str(name) for (name,) in found}

    def statements(self, query: str) -> list[Statement]:
        """The statements of a text, in order. Raises QueryRefused where one would do more than ask, QueryWrong for no SQL."""
        return checked(query, self._macros)

    def answer(self, statement: Statement) -> QueryResult | None:
        """Run a statement; None where it gives no rows. What was not read of the answer before it is let go.

        Raises QueryWrong, TooLarge or QueryStopped, also while the pieces are read.
        """
        with _told():
            if self._open is not None:
                self._open.close()
                self._open = None
            if not statement.has_rows:
                self._connection.execute(statement.parsed)
                return None
            self._open = self._connection.sql(statement.parsed).to_arrow_reader(_AT_ONCE)
        return QueryResult(self._open.schema, _pieces(self._open))

    def stop(self) -> None:
        """Stop the query that runs, and nothing else."""
        self._connection.interrupt()


class QueryStopped(InputMistake):
    """A query was stopped by whoever asked it."""


@contextlib.contextmanager
def reading(lake: Lake) -> Iterator[Reader]:
    """The lake's database, for questions. Raises NoDatabase."""
    with (
        tempfile.TemporaryDirectory(prefix="linda-sql-") as aside,
        contextlib.closing(open_readonly(lake)) as connection,
    ):
        shut(connection, lake, Path(aside))
        yield Reader(connection)


def open_readonly(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the lake's database, with moments in UTC and the view `cdrs` found. Raises NoDatabase.

    For our own queries: what a person types goes through `reading`.
    """
    if not lake.database.exists():
        raise NoDatabase(f"There is no {lake.database.name} in {lake.root} yet. Run linda run or linda demo first.")
    try:
        connection = duckdb.connect(str(lake.database), read_only=True)
    except duckdb.Error as error:
        raise NoDatabase(
            f"{lake.database} cannot be opened: {error}. `linda run` makes it anew from what the lake holds."
        ) from None
    prepare(connection, lake.root)
    return connection


def shut(connection: duckdb.DuckDBPyConnection, lake: Lake, aside: Path) -> None:
    """Let a connection read the published folders of a lake and no other file, and let nothing change that.

    `aside`: a private folder for what does not fit in memory. The order is DuckDB's: directories, then access, then the lock.
    """
    _name_files_here(connection, lake)
    places = (lake.root, Path(pattern(lake.root)))  # DuckDB asks leave for a pattern as it is written
    for setting in (
        f"memory_limit = {text(lake.memory_limit)}",
        f"temp_directory = {text(str(aside))}",
        "python_enable_replacements = false",  # else a name in a query finds a variable of this program
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        f"allowed_directories = {files(place / name for place in places for name in READABLE)}",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _name_files_here(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let views find their files where the lake is now: it may have been moved or copied since it was published, and older
    databases name them from the lake on, which DuckDB does not follow once file access is shut."""
    here = pattern(lake.root).replace("'", "''")

    def named_here(text: re.Match[str]) -> str:
        path = _IN_LAKE.fullmatch(text[1])
        return f"'{here}/{path[1] or path[2]}'" if path else text[0]

    found = connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    for name, made_by in found:
        moved = _TEXT.sub(named_here, made_by)
        if moved != made_by:
            connection.execute(f'CREATE TEMP VIEW "{name}" AS {moved.partition(" AS ")[2]}')


def _pieces(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    with _told():
        yield from reader


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What DuckDB, or Arrow on its behalf, says against a query, as the mistake of whoever asked."""
    try:
        yield
    except duckdb.InterruptException:
        raise QueryStopped("Stopped.") from None
    except (duckdb.InternalException, MemoryError):
        raise
    except (duckdb.Error, OSError) as error:
        said = str(error)
        if disk_is_full(error):
            raise TooLarge(f"The answer does not fit: {said}. Ask for less at once.") from None
        if "Interrupted" in said:
            raise QueryStopped("Stopped.") from None
        if isinstance(error, duckdb.OutOfMemoryException):
            raise TooLarge(
                "The query needs more memory than it may have. Ask for less at once, or allow more in LINDA_MEMORY."
            ) from None
        if isinstance(error, duckdb.PermissionException):
            said += f"\nA query reads linda.duckdb and the lake's folders {', '.join(READABLE)}; no other file, and no network."
        raise QueryWrong(said) from None
