"""The copies in linda.duckdb of what the register follows, without persons and without what anybody wrote.

Here: their tables. Not here: re-delivery cases and location reports (the register has them), and the words on their columns
(own_columns.of_cases, own_columns.of_location_reports).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from linda_pipeline.own_columns.declared import own_schema

_CASE = ("id", "cpo", "module", "object", "record_id", "records", "rules", "nal_region", "state", "first_seen")
_CLOSING = ("due_date", "closed_on", "closed_by", "delivery_id", "previous_id")
_PLACES = tuple(f"{whose}_{what}" for whose in ("found", "proposed") for what in ("latitude", "longitude", "address"))
_TERM = ("state", "reported_at", "verified_at", "due_date", "ended_at", "closed_by", "was_overdue")
REGISTER_TABLES: dict[str, pa.Schema] = {
    "redelivery_case": own_schema(*_CASE, *_CLOSING, table="redelivery_case"),
    "case_event": own_schema("case_id", "happened_at", "action", "delivery_id", table="case_event"),
    "location_report": own_schema(
        *("id", "cpo", "location_id", "evse_id", "reporter_role"), *_PLACES, *_TERM, table="location_report"
    ),
}
"""The columns of each table."""


def register_tables(copies: Mapping[str, pa.Table] | None) -> Iterator[tuple[str, pa.Table]]:
    """Each table by its name, with the columns that analysts find; empty where there is no register."""
    for name, schema in REGISTER_TABLES.items():
        yield name, schema.empty_table() if copies is None else copies[name].select(schema.names).cast(schema)
