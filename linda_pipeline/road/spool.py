"""What a unit leaves behind between the first and the second look at a delivery, kept on disk so that memory stays flat.

Here: the temporary Arrow files of one delivery. Not here: what is in them (judge_cdrs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa


class Spool:
    """Tables by name and unit, written once and read once, in a folder that goes away with the work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._units = 0

    def write(self, tables: dict[str, pa.Table]) -> None:
        """Keep the tables of the next unit."""
        for name, table in tables.items():
            with (
                pa.OSFile(str(self._path(name, self._units)), "wb") as sink,
                pa.ipc.new_file(sink, table.schema) as writer,
            ):
                writer.write_table(table)
        self._units += 1

    def read(self, *names: str) -> Iterator[tuple[pa.Table, ...]]:
        """The tables of each unit in order; each unit's files go once it was read."""
        for unit in range(self._units):
            yield tuple(self._table(self._path(name, unit)) for name in names)
            for name in names:
                self._path(name, unit).unlink()

    def look(self, name: str) -> Iterator[pa.Table]:
        """The tables of one name, unit by unit, which stay to be read."""
        for unit in range(self._units):
            yield self._table(self._path(name, unit))

    def _path(self, name: str, unit: int) -> Path:
        return self._folder / f"{name}-{unit:05d}.arrow"

    @staticmethod
    def _table(path: Path) -> pa.Table:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
