"""Cases and their events as tables for analysts: no persons, and nothing that anybody wrote.

Here: reading them from the register, a batch at a time and without an object per row: there may be millions. Not here: what
stands in linda.duckdb (warehouse).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Text, cast, select, type_coerce
from sqlalchemy.orm import Session

from linda_pipeline.cases.case import KIND, RedeliveryCase
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.sql_tables import Event

_FETCHED = 5_000
_MOMENT, _TEXT, _DAY = pa.timestamp("us", "UTC"), pa.string(), pa.date32()
_CASES = pa.schema(
    [
        *(("id", pa.int64()), ("cpo", _TEXT), ("module", _TEXT), ("object", _TEXT), ("record_id", _TEXT)),
        *(("records", pa.int64()), ("rules", _TEXT), ("nal_region", _TEXT), ("state", _TEXT)),
        *(("first_seen", _MOMENT), ("due_date", _DAY), ("closed_on", _DAY), ("closed_by", _TEXT)),
        *(("delivery_id", _TEXT), ("previous_id", pa.int64())),
    ]
)
_EVENTS = pa.schema([("case_id", pa.int64()), ("happened_at", _MOMENT), ("action", _TEXT), ("delivery_id", _TEXT)])
_DELIVERY = r'"delivery_id": *"(?P<delivery>[^"]*)"'
"""Where an event's details name a delivery."""


def copies(database: RegisterDatabase) -> dict[str, pa.Table]:
    """The tables redelivery_case and case_event, in order of their numbers."""
    columns = (getattr(RedeliveryCase, name) for name in _CASES.names)
    of_cases = select(*(type_coerce(column, Text) if column.key == "rules" else column for column in columns))
    of_events = select(Event.subject_id, Event.at, Event.action, cast(Event.details, Text))
    with database.reading() as session:
        cases = _table(session, of_cases.order_by(RedeliveryCase.id), _CASES)
        events = _table(session, of_events.where(Event.subject_kind == KIND).order_by(Event.id), _EVENTS)
    words = pc.split_pattern(pc.utf8_trim_whitespace(cases["rules"]), " ")
    named = pc.struct_field(pc.extract_regex(events["delivery_id"], _DELIVERY), "delivery")
    return {
        "redelivery_case": cases.set_column(cases.column_names.index("rules"), "rules", words),
        "case_event": events.set_column(events.column_names.index("delivery_id"), "delivery_id", named),
    }


def _table(session: Session, asked: Any, schema: pa.Schema) -> pa.Table:
    """The answer as the driver gives it: SQLite gives moments and days as texts, PostgreSQL as what they are."""
    cursor: Any = session.connection().execute(asked).cursor

    def batches() -> Iterator[pa.RecordBatch]:
        while rows := cursor.fetchmany(_FETCHED):
            columns = zip(*rows, strict=True)
            arrays = [_typed(column, field.type) for column, field in zip(columns, schema, strict=True)]
            yield pa.record_batch(arrays, schema=schema)

    return pa.Table.from_batches(batches(), schema=schema)


def _typed(values: tuple[Any, ...], kind: pa.DataType) -> Any:
    column = pa.array(values)
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us")).cast(kind)  # kept in UTC, without a zone
    return column.cast(kind)
