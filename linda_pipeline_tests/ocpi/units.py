"""Records normalised for tests: units of a few records, their rows and flaws.

Here: changed good records and what became of them. Not here: any test.
"""

from __future__ import annotations

import json
from typing import Any

from linda_pipeline.ocpi.normalise import Unit, normalise
from linda_pipeline.quality.example import good_record, set_at


def unit_of(*records: Any, object_name: str = "cdr", version: str = "2.2.1") -> Unit:
    """Records (objects, or bytes as they are) as one page."""
    raw = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    return normalise(object_name, version, [(1, raw)])


def row_of(unit: Unit, row: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = unit.table.slice(row, 1).to_pylist()[0]
    return found


def flaws_of(unit: Unit) -> list[tuple[int, str, str]]:
    return [(flaw["row"], flaw["path"], flaw["found"]) for flaw in unit.flaws.to_pylist()]


def changed_cdr(version: str = "2.2.1", **paths: Any) -> dict[str, Any]:
    """A good CDR with JSON paths changed; `__` stands for a dot."""
    record = good_record("cdr", version)
    for path, value in paths.items():
        set_at(record, path.replace("__", "."), value)
    return record
