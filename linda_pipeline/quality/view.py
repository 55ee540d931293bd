"""What a rule sees: the columns of one unit of records, and what holds for the whole delivery.

Here: View and the parameters of the profile. Not here: how the columns came to be (ocpi.normalise).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa

from linda_pipeline.ocpi.nested import elements_of


@dataclass(frozen=True)
class Parameters:
    """Tolerances and limits of the profile, in one place."""

    version: str = "2025-04"
    total_time_tolerance_s: float = 60.0
    """CPOs floor durations to whole minutes (Gireve's own samples do)."""
    max_decimals: int = 4


@dataclass(frozen=True)
class View:
    """A unit of records of one object in one OCPI version, as Arrow columns."""

    object: str
    version: str
    table: pa.Table
    pulled_at: datetime
    parties: frozenset[str] = frozenset()
    """Country code and party id, joined by a dash, of every owner whose records the CPO may deliver."""
    parameters: Parameters = field(default_factory=Parameters)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(self.table.column_names)

    def __getitem__(self, name: str) -> Any:
        return self.table.column(name)

    def text(self, name: str) -> Any:
        """A column as sent, where it came as text that was read as a moment or a number."""
        return self.table.column(f"{name}__text")

    def elements(self, name: str) -> tuple[pa.Array, pa.Array, pa.Array]:
        """The elements of a list column laid end to end; the row of each; and its index within its row, from 0."""
        return elements_of(self.table.column(name))
