"""The copies of re-delivery cases in linda.duckdb, without persons and without what anybody wrote.

Here: their two tables. Not here: the cases (the register has them), and the words on their columns (own_columns.of_cases).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from linda_pipeline.own_columns.declared import own_schema

_CASE = ("id", "cpo", "module", "object", "record_id", "records", "rules", "nal_region", "state", "first_seen")
_CLOSING = ("due_date", "closed_on", "closed_by", "delivery_id", "previous_id")
CASE_TABLES: dict[str, pa.Schema] = {
    "redelivery_case": own_schema(*_CASE, *_CLOSING, table="redelivery_case"),
    "case_event": own_schema("case_id", "happened_at", "action", "delivery_id", table="case_event"),
}
"""The columns of each table."""


def case_tables(copies: Mapping[str, pa.Table] | None) -> Iterator[tuple[str, pa.Table]]:
    """Each table by its name, with the columns that analysts find; empty where there is no register."""
    for name, schema in CASE_TABLES.items():
        yield name, schema.empty_table() if copies is None else copies[name].select(schema.names).cast(schema)
