"""What is held back, for the operator: how many records of which delivery, why, and which they are.

Here: reading the held tables. Not here: why a record is held back (holding.py), and what lets it through (permissions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from linda_pipeline.storage.lake import MODULES, Delivery, Lake
from linda_pipeline.storage.parquet import read_table


@dataclass(frozen=True)
class HeldBack:
    """So many records of a delivery, held back for one reason."""

    delivery: Delivery
    object: str
    reason: str
    records: int


def held_back(lake: Lake, *, module: str | None = None, cpo: str | None = None) -> list[HeldBack]:
    """What is held back, by delivery, object and reason, in order."""
    found = []
    for delivery, table in held_records(lake, module=module, cpo=cpo):
        counted = table.group_by(["object", "reason"]).aggregate([([], "count_all")])
        for one in sorted(counted.to_pylist(), key=lambda one: (one["object"], one["reason"])):
            found.append(HeldBack(delivery, one["object"], one["reason"], one["count_all"]))
    return found


def held_records(
    lake: Lake, *, module: str | None = None, cpo: str | None = None
) -> Iterator[tuple[Delivery, pa.Table]]:
    """The held-back records (object, id, reason, page, position) of every delivery that has any."""
    for one in MODULES if module is None else (module,):
        for delivery in lake.judged(one, cpo):
            table = read_table(lake.table("held", delivery))
            if table.num_rows:
                yield delivery, table
