"""What a unit leaves behind between the first and the second look at a delivery, kept on disk so that memory stays flat.

Here: the temporary Arrow files of one delivery, and columns of numbers that grow with it. Not here: what is in them
(judge_cdrs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
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

    def append(self, name: str, values: Any) -> None:
        """Make a column of numbers longer; it has one type."""
        with (self._folder / f"{name}.{values.dtype.name}").open("ab") as file:
            values.tofile(file)

    def column(self, name: str, kind: Any) -> Any:
        """A column of numbers of a type as one array; empty where nothing was appended."""
        path = self._folder / f"{name}.{np.dtype(kind).name}"
        return np.fromfile(path, kind) if path.exists() else np.empty(0, kind)

    def _path(self, name: str, unit: int) -> Path:
        return self._folder / f"{name}-{unit:05d}.arrow"

    @staticmethod
    def _table(path: Path) -> pa.Table:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
