"""Reports of wrong places as a table for analysts: who reported, and in which words, stays in the register.

Here: reading them. Not here: the columns that stand in linda.duckdb, and their words (warehouse, own_columns).
"""

from __future__ import annotations

import pyarrow as pa

from linda_pipeline.location_desk.handling import reports
from linda_pipeline.location_desk.location_report import LocationReport
from linda_pipeline.register.database import RegisterDatabase

_KEPT_BACK = {"wrong", "reporter_address"}


def report_copies(database: RegisterDatabase) -> dict[str, pa.Table]:
    """The table location_report, in order of the numbers. Raises DatabaseUnusable."""
    columns = [column for column in LocationReport.__table__.columns if column.name not in _KEPT_BACK]
    with database.reading() as session:
        found = reports(session)
        values = {column.name: pa.array([getattr(one, column.name) for one in found]) for column in columns}
    # Kept in UTC, without a zone.
    return {"location_report": pa.table({name: _in_utc(column) for name, column in values.items()})}


def _in_utc(column: pa.Array) -> pa.Array:
    return column.cast(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(column.type) else column
