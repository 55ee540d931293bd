"""Which SQL a reader may have run: questions, and nothing that does anything else.

Here: the text of one or more statements, taken apart and looked through before any of them reaches the database. Not here: the
files that can be read (sql.py). What a statement is called by is not enough: EXPLAIN ANALYZE runs what follows it, a WITH
may hold a COPY, and some functions run text or change the database. So the tree of every statement is looked through, and
what is not on a list below is refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from linda_pipeline.errors import InputMistake

ALLOWED = "SELECT, EXPLAIN, DESCRIBE, SHOW, SUMMARIZE and SET VARIABLE"
_QUESTIONS = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_FUNCTIONS = {
    *("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary", "query_table"),
    *("glob", "read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob"),
    *("parquet_metadata", "parquet_file_metadata", "parquet_full_metadata", "parquet_kv_metadata", "parquet_schema"),
    *("parquet_bloom_probe", "read_json", "read_json_auto", "read_json_objects", "read_ndjson", "read_ndjson_auto"),
    *("read_ndjson_objects", "histogram", "histogram_values", "pg_timezone_names", "icu_calendar_names"),
    *(
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_databases",
        "duckdb_functions",
        "duckdb_indexes",
        "duckdb_keywords",
    ),
    *("duckdb_memory", "duckdb_schemas", "duckdb_settings", "duckdb_tables", "duckdb_types", "duckdb_variables"),
    *(
        "duckdb_views",
        "pragma_database_size",
        "pragma_show",
        "pragma_storage_info",
        "pragma_table_info",
        "pragma_version",
    ),
}
"""Functions that give rows and do nothing else. Files they read only where sql.py lets them."""


class QueryRefused(InputMistake):
    """A statement that does more than ask; the message says what may be asked."""


class QueryWrong(InputMistake):
    """A statement that DuckDB cannot run as it is; the message is DuckDB's own, with what it thinks was meant."""


class Statement:
    """One statement that may be run."""

    def __init__(self, parsed: duckdb.Statement, *, has_rows: bool) -> None:
        self.parsed = parsed
        self.has_rows = has_rows
        """False for SET VARIABLE."""


def checked(text: str, macros: Collection[str] = ()) -> list[Statement]:
    """The statements of a text, each of which only asks. `macros`: the names of table macros in the database.

    Raises QueryRefused, or QueryWrong where the text is no SQL.
    """
    with duckdb.connect() as desk:  # a database of its own, with nothing in it, that only takes statements apart
        desk.execute("SET autoinstall_known_extensions = false")
        desk.execute("SET autoload_known_extensions = false")
        desk.execute("SET enable_external_access = false")
        look = _Look(desk, _FUNCTIONS | {name.lower() for name in macros})
        return [look.at(one) for one in _taken_apart(desk, text)]


def _taken_apart(desk: duckdb.DuckDBPyConnection, text: str) -> list[duckdb.Statement]:
    try:
        return list(desk.extract_statements(text))
    except duckdb.Error as error:
        raise QueryWrong(str(error)) from None
    except TypeError:
        raise QueryWrong("The query is no text in UTF-8. Save it as UTF-8, and ask again.") from None


class _Look:
    """Looks through statements, one after the other."""

    def __init__(self, desk: duckdb.DuckDBPyConnection, functions: Collection[str]) -> None:
        self._desk = desk
        self._functions = functions

    def at(self, statement: duckdb.Statement) -> Statement:
        """The statement, if it only asks. Raises QueryRefused."""
        query = statement.query
        try:
            kind = statement.type.name
        except ValueError:
            kind = ""  # one that Python's DuckDB has no name for, such as UPDATE EXTENSIONS
        if kind == "SELECT":
            self._question(query)
        elif kind == "EXPLAIN":
            self._question(_explained(query))
        elif kind == "SET" and (value := _value_of_variable(query)):
            self._question(f"SELECT (\n{value}\n)")
        elif kind == "MULTI":
            raise QueryRefused(
                "PIVOT without its values makes a type in the database, which is read-only. Name them: "
                "FROM (PIVOT kpi ON statistic IN ('value', 'median') USING sum(value) GROUP BY month)."
            )
        else:
            raise QueryRefused(_refusal(next((word.upper() for _, word in _words(query)), "This")))
        return Statement(statement, has_rows=kind != "SET")

    def _question(self, query: str) -> None:
        for node in _nodes(self._tree(query)):
            kind = node.get("type")
            if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _QUESTIONS:
                raise QueryRefused(_refusal(kind.removesuffix("_NODE").removesuffix("_QUERY")))
            if kind == "TABLE_FUNCTION":
                name = str(node["function"]["function_name"]).lower()
                if name not in self._functions:
                    raise QueryRefused(
                        f"The function {name} does more than read, or runs text as a statement, so it is not run here. "
                        "Ask the tables and views themselves: SHOW TABLES lists them."
                    )

    def _tree(self, query: str) -> Any:
        try:
            row = self._desk.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()
            tree = json.loads(row[0]) if row else {}
        except (RecursionError, duckdb.Error):
            raise QueryRefused(
                "The query is nested too deeply to be looked through. Split it in steps: WITH a AS (…)."
            ) from None
        found = tree.get("statements", [])
        if len(found) != 1:
            raise QueryRefused(_refusal("This"))
        return found


def _refusal(what: str) -> str:
    return f"{what} is not run here: only {ALLOWED}. linda sql reads, and changes nothing."


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a tree, without recursion: a query may be nested thousands deep."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _words(query: str) -> list[tuple[int, str]]:
    """The words of a statement and where each begins; comments are left out."""
    tokens = duckdb.tokenize(query)
    ends = [begin for begin, _ in tokens[1:]] + [len(query.encode())]
    text = query.encode()  # DuckDB counts bytes
    return [
        (begin, text[begin:end].decode(errors="replace").strip())
        for (begin, kind), end in zip(tokens, ends, strict=True)
        if kind != duckdb.token_type.comment
    ]


def _after(query: str, place: int) -> str:
    return query.encode()[place:].decode(errors="replace")


def _explained(query: str) -> str:
    """The statement behind EXPLAIN, with its options left out."""
    words = _words(query)
    rest = words[2:] if len(words) > 1 and words[1][1].upper() == "ANALYZE" else words[1:]
    if rest and rest[0][1] == "(" and not _opens_a_query(rest):
        depth = 0
        while rest:
            depth += {"(": 1, ")": -1}.get(rest[0][1], 0)
            rest = rest[1:]
            if not depth:
                break
    return _after(query, rest[0][0]) if rest else ""


def _opens_a_query(words: list[tuple[int, str]]) -> bool:
    first = next((word.upper() for _, word in words if word != "("), "")
    return first in {"SELECT", "FROM", "WITH", "VALUES", "TABLE", "DESCRIBE", "SHOW", "SUMMARIZE"}


def _value_of_variable(query: str) -> str:
    """What SET VARIABLE gives a variable; an empty text for every other SET."""
    words = _words(query)
    upper = [word.upper() for _, word in words[:4]]
    if len(words) < 5 or upper[:2] != ["SET", "VARIABLE"] or upper[3] not in ("=", "TO"):
        return ""
    return _after(query, words[4][0]).rstrip().rstrip(";")
