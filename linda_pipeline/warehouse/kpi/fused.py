"""What the SELECTs of KPIs ask of the same rows, found in the SELECTs themselves, so that it can be reckoned in one go.

Here: a KPI's SELECT taken apart into the aggregates that it takes per scope and what it makes of them. Not here: the reckoning
of the aggregates (warehouse.aggregates). A KPI asks one view `<relation>_scope`, grouped by month, area_level, area_code and
cpo, for sums, counts, counts of what is distinct, and quantiles; what is made of them, and what stands around it, is free.
Sums and counts add up over places, and what is distinct is a set of flags per user or EVSE: neither needs each row per scope.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from linda_pipeline.warehouse.kpi.declaration import KPIS
from linda_pipeline.warehouse.kpi.scopes import SCOPED

GROUPED_BY = ("month", "area_level", "area_code", "cpo")
AGGREGATES = "_aggregate"
"""What the table of a relation's aggregates has after the relation's name."""
_SUMS = {"sum": "", "count": "::BIGINT", "count_star": "::BIGINT", "count_if": "::BIGINT"}


class Aggregate(NamedTuple):
    """One aggregate over the rows of a relation, in SQL."""

    kind: str
    """sum, distinct or quantile."""
    sql: str
    """The whole call; of a quantile its argument."""
    of: str = ""
    """Of distinct: the column. Of a quantile: which one. Of a sum: the cast that its type needs when it is summed again."""
    where: str = ""
    """Of distinct: for which rows."""


@dataclass(frozen=True)
class Fused:
    """A KPI over the table of its relation's aggregates."""

    kpi_id: str
    relation: str
    sql: str


@dataclass(frozen=True)
class AskedOfAll:
    """All that is asked of all relations."""

    fused: tuple[Fused, ...]
    aggregates: Mapping[str, Mapping[Aggregate, str]]
    """Relation -> aggregate -> the name of its column."""
    columns: Mapping[str, tuple[str, ...]]
    """Relation -> the columns that its aggregates read."""


@functools.cache
def plan() -> AskedOfAll:
    """Every KPI, taken apart. Raises ValueError where a SELECT asks otherwise than a KPI may."""
    with duckdb.connect() as desk:
        take = _TakeApart(desk)
        fused = tuple(take.kpi(kpi.id, kpi.sql) for kpi in KPIS.values())
        return AskedOfAll(
            fused, take.aggregates, {name: tuple(sorted(columns)) for name, columns in take.columns.items()}
        )


class _TakeApart:
    """Takes SELECTs apart, one after the other; `desk` only reads and writes SQL."""

    def __init__(self, desk: duckdb.DuckDBPyConnection) -> None:
        self._desk = desk
        self.aggregates: dict[str, dict[Aggregate, str]] = {}
        self.columns: dict[str, set[str]] = {}

    def kpi(self, kpi_id: str, sql: str) -> Fused:
        tree = self._read(sql)
        found = [node for node in _nodes(tree) if _asks_a_scope(node)]
        if len(found) != 1:
            raise ValueError(f"KPI {kpi_id} must ask exactly one view {SCOPED}, not {len(found)}")
        (select,) = found
        relation = str(select["from_table"]["table_name"]).removesuffix(SCOPED)
        grouped = tuple(_column(one) for one in select["group_expressions"])
        if grouped != GROUPED_BY or any(select[name] for name in ("where_clause", "having", "sample", "qualify")):
            raise ValueError(f"KPI {kpi_id} must group all rows of its view by {', '.join(GROUPED_BY)}")
        select["select_list"] = [self._replaced(relation, one) for one in select["select_list"]]
        select["from_table"]["table_name"] = relation + AGGREGATES
        select["from_table"]["qualified_name"] = {"path": [relation + AGGREGATES]}
        select["group_expressions"], select["group_sets"] = [], []
        return Fused(kpi_id, relation, self._write(tree))

    def _replaced(self, relation: str, node: Any) -> Any:
        """An expression with the column of each aggregate in its place."""
        if isinstance(node, list):
            return [self._replaced(relation, one) for one in node]
        if not isinstance(node, dict):
            return node
        aggregate = self._aggregate(node) if node.get("class") == "FUNCTION" else None
        if aggregate is None:
            return {name: self._replaced(relation, one) for name, one in node.items()}
        known = self.aggregates.setdefault(relation, {})
        self.columns.setdefault(relation, set()).update(filter(None, (_column(one) for one in _nodes(node))))
        column = known.setdefault(aggregate, f"a{len(known)}")
        return {
            "class": "COLUMN_REF",
            "type": "COLUMN_REF",
            "alias": node["alias"],
            "query_location": 0,
            "query_location_length": 0,
            "column_names": [column],
        }

    def _aggregate(self, node: dict[str, Any]) -> Aggregate | None:
        name = node["function_name"]
        if node["distinct"]:
            (column,) = node["arguments"]
            where = self._text(node["filter"]) if node["filter"] else "true"
            return Aggregate("distinct", self._text(node), self._text(column["expression"]), where)
        if name == "quantile_cont":
            argument, at = (self._text(one["expression"]) for one in node["arguments"])
            return Aggregate("quantile", argument, at)
        if name in _SUMS:
            return Aggregate("sum", self._text(node), _SUMS[name])
        return None

    def _read(self, sql: str) -> Any:
        row = self._desk.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
        tree = json.loads(row[0]) if row else {}
        if tree.get("error", True):
            raise ValueError(f"no SELECT: {tree.get('error_message')}")
        return tree

    def _write(self, tree: Any) -> str:
        row = self._desk.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchone()
        assert row is not None
        return str(row[0])

    def _text(self, expression: dict[str, Any]) -> str:
        """An expression as SQL, always written alike."""
        tree = self._read("SELECT 1")
        tree["statements"][0]["node"]["select_list"] = [{**expression, "alias": ""}]
        return self._write(tree).removeprefix("SELECT ")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a tree."""
    if isinstance(tree, dict):
        yield tree
    for one in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(one)


def _column(node: dict[str, Any]) -> str:
    return str(node["column_names"][-1]) if node.get("class") == "COLUMN_REF" else ""


def _asks_a_scope(node: dict[str, Any]) -> bool:
    return node.get("type") == "SELECT_NODE" and str(node["from_table"].get("table_name", "")).endswith(SCOPED)
