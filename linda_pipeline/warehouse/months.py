"""What every month that was reckoned was made of, and what it left, so that only what changed is made again.

Here: the book of months, and whether a month still stands. Not here: the reckoning (compute.py). A file is known again by its
size and the moment at which it was written; a month is made again where any file that it was made of or left is another one,
and where the definitions, or the version of DuckDB, are others.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from linda_pipeline.storage.lake import Lake
from linda_pipeline.storage.transaction import Transaction
from linda_pipeline.warehouse.kpi import KPIS, VIEWS

FIRST, REACHING, PRESENCE = "first_session", "reaching", "presence"
"""The tables that a month leaves for others: when each EVSE's first session in it began, the sessions that reach out of it, and
where each CPO was."""
FIGURES_FILE = "figures"
_HOW = 1
"""To be raised where months are reckoned otherwise although no SELECT changed."""


@dataclass
class MonthNote:
    """One month that was reckoned."""

    cdrs: str = ""
    """Of which curated files its sessions are."""
    inputs: str = ""
    """Of all that its figures are made of."""
    until: str = ""
    """When the last of its sessions ends that reaches out of it; empty: none does."""
    reaches: str = ""
    """Digest of those sessions."""
    files: dict[str, str] = field(default_factory=dict)
    """What it left: name -> file."""


class MonthsBook:
    """The months of a lake, as they were reckoned last, and as they are reckoned now."""

    def __init__(self, lake: Lake, transaction: Transaction, *, anew: bool = False) -> None:
        self._lake, self._transaction = lake, transaction
        self._before = {} if anew else _read(lake.months_book)
        self.notes: dict[str, MonthNote] = {}
        self._placed: dict[Path, Path] = {}

    def note(self, month: str) -> MonthNote:
        """The note of a month, to be filled in now."""
        return self.notes.setdefault(month, MonthNote())

    def path(self, month: str, name: str) -> Path:
        """Where a table that a month left can be read now."""
        target = self._target(month, name)
        return self._placed.get(target, target)

    def place(self, month: str, name: str) -> Path:
        """Where to write a table of a month; it is part of what is committed."""
        target = self._target(month, name)
        self._placed[target] = self._transaction.put(target)
        return self._placed[target]

    def written(self, month: str, name: str) -> None:
        """A table was written where `place` said."""
        self.note(month).files[name] = known_by(self.path(month, name))

    def still_stands(self, month: str, field_name: str, value: str, *names: str) -> bool:
        """Whether the note of before says the same, and the tables that it left are those; then they are taken over."""
        before = self._before.get(month, MonthNote())
        if getattr(before, field_name) != value or any(
            not before.files.get(name) or before.files[name] != known_by(self._target(month, name)) for name in names
        ):
            return False
        note = self.note(month)
        note.files.update({name: before.files[name] for name in names})
        if field_name == "inputs":
            note.until, note.reaches = before.until, before.reaches
        return True

    def close(self) -> None:
        """Write the book, and take away what no month of it left."""
        book = {"months": {month: asdict(note) for month, note in sorted(self.notes.items())}}
        self._transaction.put(self._lake.months_book).write_text(json.dumps(book, indent=1) + "\n", encoding="utf-8")
        kept = {self._target(month, name) for month, note in self.notes.items() for name in note.files}
        for path in (*self._lake.kpi.glob("*.parquet"), *self._lake.months_book.parent.glob("*/*.parquet")):
            if path not in kept:
                self._transaction.remove(path)

    def _target(self, month: str, name: str) -> Path:
        return self._lake.figures(month) if name == FIGURES_FILE else self._lake.month_table(month, name)


def _read(path: Path) -> dict[str, MonthNote]:
    """The book of before; none where it is not there or cannot be read: then every month is made again."""
    try:
        return {month: MonthNote(**note) for month, note in json.loads(path.read_bytes())["months"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def known_by(path: Path) -> str:
    """By what a file is known again, wherever it lies; empty where it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def definitions() -> str:
    """By what it is known that figures are reckoned as before."""
    views = [(view.name, view.sql) for view in VIEWS]
    return digest(
        [_HOW, duckdb.__version__, views, [(kpi.id, kpi.version, kpi.unit, kpi.sql) for kpi in KPIS.values()]]
    )


def digest(of: Any) -> str:
    """A digest of what can be written as JSON."""
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:32]
