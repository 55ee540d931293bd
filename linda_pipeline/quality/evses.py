"""The EVSEs of a unit of Locations as records of their own: laid end to end, each with its place and what is unreadable in it.

Here: the layout that the rules on EVSEs see. Not here: the rules (location.py), and what becomes of an EVSE (road).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import elements_of, field_of
from linda_pipeline.ocpi.normalise import FLAWS, Unit


class Evses:
    """The EVSEs of a unit of Locations, laid end to end."""

    def __init__(self, unit: Unit) -> None:
        elements, parents, positions = elements_of(unit.table["evses"])
        names = [field.name for field in elements.type] if pa.types.is_struct(elements.type) else []
        self.table = pa.table(
            [*(field_of(elements, name) for name in names), pc.is_valid(elements)], names=[*names, "readable"]
        )
        self.location = parents.to_numpy(zero_copy_only=False)
        """The row of each EVSE's Location."""
        self.index = positions.to_numpy(zero_copy_only=False)
        """The index of each EVSE in its Location, from 0."""
        first = np.searchsorted(self.location, np.arange(len(unit)))
        inside = pc.match_substring_regex(unit.flaws["path"], r"^evses\[\d+\]\.")
        own = unit.flaws.filter(inside)
        index = pc.cast(pc.replace_substring_regex(own["path"], r"^evses\[(\d+)\].*$", r"\1"), pa.int64())
        self.flaws = pa.table(
            {
                "row": first[own["row"].to_numpy()] + index.to_numpy(),
                "column": own["column"],
                "path": pc.replace_substring_regex(own["path"], r"^evses\[\d+\]\.", ""),
                "found": own["found"],
                "rule": own["rule"],
            },
            schema=FLAWS,
        )
        self.flaws_of_locations = unit.flaws.filter(pc.invert(inside))

    def __len__(self) -> int:
        return int(self.table.num_rows)
