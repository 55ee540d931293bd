"""A delivery's findings in short, and sessions made by their times: what tests of records beside others share.

Here: no test.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from linda_pipeline.quality.example import changed
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW

DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)


def found(lake: Lake, delivery: Delivery = DELIVERY) -> list[tuple[str, str, str | None, str | None]]:
    """(rule, severity, id, value) of every finding, those on the delivery as a whole and identical copies aside."""
    rows = pq.read_table(lake.table("findings", delivery)).to_pylist()
    return [(r["rule"], r["severity"], r["id"], r["value"]) for r in rows if r["object"] != "delivery"]


def rules_of(lake: Lake, delivery: Delivery = DELIVERY) -> set[str]:
    return {rule for rule, *_ in found(lake, delivery)}


def not_run(lake: Lake, judgement: Any) -> set[str]:
    return {one["rule"] for one in judgement.rules_not_run}


def session(number: int, start: str, end: str, version: str = "2.2.1", **more: Any) -> dict[str, Any]:
    """A good CDR of 10 November with an id, a start and an end of its own."""
    record: dict[str, Any] = changed("cdr", version, more)
    begin, until = f"2026-11-10T{start}Z", f"2026-11-10T{end}Z"
    record |= {"id": f"CDR-{number}", "start_date_time": begin, "end_date_time": until, "total_parking_time": 0}
    if version != "2.1.1":
        record["session_id"] = f"SES-{number}"
    hours = [int(part) / 60**power for text in (start, end) for power, part in enumerate(text.split(":"))]
    record["total_time"] = round(sum(hours[3:]) - sum(hours[:3]), 4)
    record["charging_periods"] = [
        {"start_date_time": begin, "dimensions": [{"type": "ENERGY", "volume": record["total_energy"]}]}
    ]
    record["last_updated"] = "2026-11-10T20:00:00Z"
    return record
