"""The proofs of records that a change of permissions moved: permissions.jsonl beside a judgement, one line per change.

Here: reading and writing the file. Not here: what moves records, and what proves it (judging.permissions).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.transaction import Transaction


def moves_file(lake: Lake, delivery: Delivery) -> Path:
    """The file of a delivery's proofs; it is not there where nothing ever moved."""
    return lake.ledger(delivery).with_name("permissions.jsonl")


def moves(lake: Lake, delivery: Delivery) -> list[dict[str, Any]]:
    """Every change of permissions that moved records of a delivery, the oldest first; damaged lines are left out."""
    return read_moves(lake, delivery)[0]


def read_moves(lake: Lake, delivery: Delivery) -> tuple[list[dict[str, Any]], bool]:
    """The lines that can be read, and whether any cannot."""
    path = moves_file(lake, delivery)
    if not path.exists():
        return [], False
    lines = []
    written = path.read_bytes().splitlines()
    for line in written:
        try:
            entry = json.loads(line)
            lines.append({**entry, "released": int(entry["released"]), "withdrawn": int(entry["withdrawn"])})
        except (ValueError, KeyError, TypeError):
            continue
    return lines, len(lines) < len(written) or not written


def put_moves(
    lake: Lake, transaction: Transaction, delivery: Delivery, lines: Iterable[Mapping[str, Any]]
) -> Path | None:
    """Put all lines of a delivery into the lake. What stood there is set aside where it is damaged; returns where it lies."""
    aside = lake.set_aside(moves_file(lake, delivery)) if read_moves(lake, delivery)[1] else None
    written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if written:
        transaction.put(moves_file(lake, delivery)).write_text(written, encoding="utf-8")
    return aside
