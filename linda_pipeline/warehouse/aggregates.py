"""All aggregates that KPIs ask of a relation, reckoned per scope without showing any row once per scope.

Here: sums and counts from the finest place upwards; users and EVSEs as pairs with a scope, each with one flag per condition;
quantiles scope by scope. Not here: which aggregates there are (kpi.fused), the relation (month_tables.py), and the figures.
Every step is one GROUP BY, so that what does not fit in memory spills.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import duckdb

from linda_pipeline.warehouse.kpi.fused import AGGREGATES, Aggregate
from linda_pipeline.warehouse.kpi.scopes import AREAS, SCOPES, Cut

_PLACE = f"cpo, counts_in_all, {', '.join(AREAS)}"
_CROSSED = tuple(dict.fromkeys(scope.code for scope in SCOPES if scope.per_cpo and scope.code))
"""The areas that are crossed with CPOs: their pairs are gathered from one table."""


def reckon_aggregates(
    connection: duckdb.DuckDBPyConnection, relation: str, rows: str, month: str, aggregates: Mapping[Aggregate, str]
) -> None:
    """Make the table `<relation>_aggregate`: month, area_level, area_code, cpo, and each aggregate in its column.

    `rows`: the relation with the rows of the month alone, with cpo, counts_in_all, the areas, and what the aggregates read.
    """
    _Reckoning(connection, rows, aggregates).make(relation + AGGREGATES, month)


class _Reckoning:
    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: str, aggregates: Mapping[Aggregate, str]) -> None:
        self._connection = connection
        self._rows = rows
        self._sums = {one: name for one, name in aggregates.items() if one.kind == "sum"}
        self._distinct: dict[str, dict[Aggregate, str]] = defaultdict(dict)
        self._quantiles: dict[str, dict[Aggregate, str]] = defaultdict(dict)
        for one, name in aggregates.items():
            if one.kind == "distinct":
                self._distinct[one.of][one] = name
            elif one.kind == "quantile":
                self._quantiles[one.sql][one] = name
        self._names = list(aggregates.values())

    def make(self, table: str, month: str) -> None:
        self._table("place_sums", self._sums_by_place())
        for column in self._distinct:
            self._table(f"pair_{column}", self._pairs(column, ("cpo", "counts_in_all", *_CROSSED), self._rows))
        for number, scope in enumerate(SCOPES):
            self._one_scope(table, month, scope, is_first=not number)
        for made in ("place_sums", *(f"pair_{column}" for column in self._distinct)):
            self._connection.execute(f"DROP TABLE {made}")

    def _one_scope(self, table: str, month: str, scope: Cut, *, is_first: bool) -> None:
        parts = [
            *(self._distinct_in(scope, column) for column in self._distinct),
            *(self._quantiles_in(scope, of) for of in self._quantiles),
        ]
        joined = " ".join(f"LEFT JOIN ({part}) USING (area_code, cpo)" for part in parts)
        query = (
            f"SELECT '{month}' AS month, '{scope.level}' AS area_level, area_code, cpo, {self._values()} "
            f"FROM ({self._sums_in(scope)}) {joined}"
        )
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS {query}" if is_first else f"INSERT INTO {table} BY NAME {query}"
        )

    def _values(self) -> str:
        counted = {name for found in self._distinct.values() for name in found.values()}
        return ", ".join(f"coalesce({name}, 0) AS {name}" if name in counted else name for name in self._names)

    def _sums_by_place(self) -> str:
        sums = "".join(f", {one.sql} AS {name}" for one, name in self._sums.items())
        return f"SELECT {_PLACE}{sums} FROM {self._rows} GROUP BY {_PLACE}"

    def _sums_in(self, scope: Cut) -> str:
        sums = "".join(f", sum({name}){one.of} AS {name}" for one, name in self._sums.items())
        return f"SELECT {_keys(scope)}{sums} FROM place_sums WHERE {scope.counts} GROUP BY 1, 2"

    def _flags(self, column: str) -> str:
        """SQL: the conditions that a row fulfils, as bits."""
        bits = (
            f"CASE WHEN {one.where} THEN {1 << number} ELSE 0 END" for number, one in enumerate(self._distinct[column])
        )
        return f"bit_or(({' | '.join(bits)})::UINTEGER)"

    def _pairs(self, column: str, by: tuple[str, ...], rows: str) -> str:
        keys = ", ".join((*by, column))
        return f"SELECT {keys}, {self._flags(column)} AS flags FROM {rows} WHERE {column} IS NOT NULL GROUP BY {keys}"

    def _distinct_in(self, scope: Cut, column: str) -> str:
        if scope.code in ("", *_CROSSED):
            pairs = f"SELECT {_keys(scope)}, {column}, bit_or(flags) AS flags FROM pair_{column}"
        else:
            pairs = f"SELECT {_keys(scope)}, {column}, {self._flags(column)} AS flags FROM {self._rows}"
        where = f"WHERE {scope.counts} AND {column} IS NOT NULL GROUP BY 1, 2, 3"
        counts = ", ".join(
            f"count_if(flags & {1 << number} > 0) AS {name}"
            for number, name in enumerate(self._distinct[column].values())
        )
        return f"SELECT area_code, cpo, {counts} FROM ({pairs} {where}) GROUP BY area_code, cpo"

    def _quantiles_in(self, scope: Cut, of: str) -> str:
        wanted = self._quantiles[of]
        listed = ", ".join(one.of for one in wanted)
        values = ", ".join(f"found[{number}] AS {name}" for number, name in enumerate(wanted.values(), 1))
        return (
            f"SELECT area_code, cpo, {values} FROM (SELECT {_keys(scope)}, quantile_cont({of}, [{listed}]) AS found "
            f"FROM {self._rows} WHERE {scope.counts} GROUP BY 1, 2)"
        )

    def _table(self, name: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")


def _keys(scope: Cut) -> str:
    """SQL: what a scope groups by, by number: a name would mean the relation's column, and ALL makes a row of no rows."""
    return f"{scope.area_code}::VARCHAR AS area_code, {scope.cpo}::VARCHAR AS cpo"
