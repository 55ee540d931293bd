"""Cases and their events as tables for analysts: no persons, and nothing that anybody wrote.

Here: reading them from the register, a batch at a time. Not here: what stands in linda.duckdb (warehouse).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from linda_pipeline.cases.case import KIND, RedeliveryCase
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.sql_tables import Event

_FETCHED = 20_000
_MOMENT, _TEXT, _DAY = pa.timestamp("us", "UTC"), pa.string(), pa.date32()
_CASES = pa.schema(
    [
        *(("id", pa.int64()), ("cpo", _TEXT), ("module", _TEXT), ("object", _TEXT), ("record_id", _TEXT)),
        *(("records", pa.int64()), ("rules", pa.list_(_TEXT)), ("nal_region", _TEXT), ("state", _TEXT)),
        *(("first_seen", _MOMENT), ("due_date", _DAY), ("closed_on", _DAY), ("closed_by", _TEXT)),
        *(("delivery_id", _TEXT), ("previous_id", pa.int64())),
    ]
)
_EVENTS = pa.schema([("case_id", pa.int64()), ("at", _MOMENT), ("action", _TEXT), ("delivery_id", _TEXT)])


def copies(database: RegisterDatabase) -> dict[str, pa.Table]:
    """The tables redelivery_case and case_event, in order of their numbers."""
    of_cases = select(*(getattr(RedeliveryCase, name) for name in _CASES.names)).order_by(RedeliveryCase.id)
    names = (Event.subject_id, Event.at, Event.action, Event.details)
    of_events = select(*names).where(Event.subject_kind == KIND).order_by(Event.id)
    with database.reading() as session:
        return {
            "redelivery_case": _table(session, of_cases, _CASES, tuple),
            "case_event": _table(session, of_events, _EVENTS, _event),
        }


def _event(row: Any) -> tuple[int, datetime, str, str | None]:
    number, at, action, details = row
    return int(number), at, action, details.get("delivery_id")


def _table(session: Session, asked: Select[Any], schema: pa.Schema, told: Callable[[Any], tuple[Any, ...]]) -> pa.Table:
    def batches() -> Iterator[pa.RecordBatch]:
        for rows in session.execute(asked.execution_options(yield_per=_FETCHED)).partitions():
            columns = zip(*map(told, rows), strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
            yield pa.record_batch(arrays, schema=schema)

    return pa.Table.from_batches(batches(), schema=schema)
