"""The figures of one CPO in one municipality: what judging counts by place, and what reports for regions and owners add up.

Here: their shape. Not here: where records lie and what became of them (judging.by_place), and the reports. They hold no record,
no id and no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PlaceFigures:
    """What became of one CPO's records of one kind in one municipality."""

    module: str
    window: date
    complete: bool
    kind: str
    """cdrs, locations or evses."""
    cpo: str
    cpo_name: str
    owner: str | None
    nal_region: str | None
    gemeente: str | None
    """Its code; None where the place cannot be told."""
    accepted: int
    rejected: int
    held_back: int
    rules: Mapping[str, int]
    """Rejected records by rule."""

    @property
    def received(self) -> int:
        """Copies of what was there already are in none of the figures."""
        return self.accepted + self.rejected + self.held_back
