"""The tables that a judgement left in the lake, listed in its entry by size and SHA-256, so that damage shows.

Here: the list, and what of it is missing or no longer as it was written. Not here: what is done about it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.storage.lake import Delivery, Lake

TABLES = {
    "cdrs": ("accepted/part-00001", "rejected/part-00001", "held/part-00001", "findings/part-00001"),
    "locations": (
        *("accepted/locations", "accepted/evses", "accepted/present"),
        *("rejected/part-00001", "held/part-00001", "findings/part-00001"),
    ),
}
"""What every judgement leaves, as bucket/name, by module."""


def table_path(lake: Lake, delivery: Delivery, table: str) -> Path:
    """Where one of TABLES stands."""
    bucket, _, name = table.partition("/")
    return lake.table(bucket, delivery, name)


def listed(lake: Lake, delivery: Delivery, staged: Iterable[tuple[Path, Path]]) -> dict[str, dict[str, Any]]:
    """The list of a judgement's tables, of which `staged` are (target, where it lies now)."""
    lies_at = dict(staged)
    return {
        name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for name in TABLES[delivery.module]
        if (path := lies_at.get(table_path(lake, delivery, name))) is not None
    }


def missing_tables(lake: Lake, judgement: Judgement) -> list[str]:
    """The tables that are gone, or have another size than they were written with; quick, and blind to other changes."""
    found = []
    for name in TABLES[judgement.delivery.module]:
        path = table_path(lake, judgement.delivery, name)
        size = judgement.tables.get(name, {}).get("bytes")
        if not path.is_file() or (size is not None and path.stat().st_size != size):
            found.append(name)
    return found


def changed_tables(lake: Lake, judgement: Judgement) -> Iterator[tuple[Path, str]]:
    """Every table that is gone or no longer as it was written, with what is wrong."""
    for name in TABLES[judgement.delivery.module]:
        path = table_path(lake, judgement.delivery, name)
        if not path.is_file():
            yield path, "the table is gone"
        elif name in judgement.tables and _sha256(path) != judgement.tables[name]["sha256"]:
            yield path, "the table was changed after it was written"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
