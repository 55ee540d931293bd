"""The charge points that a permission names, held against records: EVSEs, Locations, municipalities, or all of them.

Here: whether a record lies in what a permission names, and which of the permissions that cover it is the narrowest. Not here:
the days on which a permission holds (register), and what becomes of a record that none covers (holding.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.record_keys import folded, folded_evse_ids
from linda_pipeline.register.cpos import Permission


@dataclass(frozen=True)
class PlaceNames:
    """Where each record of a batch was made or stands; null where that cannot be told."""

    gemeente: Any
    location_id: Any
    evse_id: Any

    def filter(self, mask: Any) -> PlaceNames:
        """Of some of the records."""
        return PlaceNames(self.gemeente.filter(mask), self.location_id.filter(mask), self.evse_id.filter(mask))


def lies_in(permission: Permission, places: PlaceNames) -> Any:
    """Whether each record lies in what a permission names; null where that cannot be told."""
    if permission.evses:
        return _among(folded_evse_ids(places.evse_id), folded_evse_ids(pa.array(permission.evses, pa.string())))
    if permission.locations:
        return _among(folded(places.location_id), folded(pa.array(permission.locations, pa.string())))
    if permission.areas:
        return _among(places.gemeente, pa.array(permission.areas, pa.string()))
    return pa.repeat(True, len(places.gemeente))


def covered_by_any(permissions: Sequence[Permission], places: PlaceNames) -> Any:
    """Whether any of these permissions covers each record; one whose place cannot be told is covered by any, so that it is
    judged, and its CPO hears of it."""
    covered = pa.repeat(False, len(places.gemeente))
    for permission in permissions:
        covered = pc.or_(covered, pc.fill_null(lies_in(permission, places), True))
    return covered


def _among(values: Any, named: Any) -> Any:
    return pc.if_else(pc.is_valid(values), pc.is_in(values, value_set=named), None)
