"""Reports of wrong places as a table for analysts: who reported, and in which words, stays in the register.

Here: reading them. Not here: the columns that stand in linda.duckdb, and their words (warehouse, own_columns).
"""

from __future__ import annotations

from datetime import UTC

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
        values = {column.name: [getattr(one, column.name) for one in found] for column in columns}
    return {"location_report": pa.table({name: _typed(name, column) for name, column in values.items()})}


def _typed(name: str, values: list[object]) -> pa.Array:
    if not name.endswith("_at"):
        return pa.array(values)
    moments = [None if value is None else value.replace(tzinfo=UTC) for value in values]  # type: ignore[attr-defined]
    return pa.array(moments, pa.timestamp("us", "UTC"))
