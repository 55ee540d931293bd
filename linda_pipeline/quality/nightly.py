"""The Locations and EVSEs of a night beside each other, and beside earlier nights: what a rule of scope DELIVERY or HISTORY on
a Location or an EVSE sees.

Here: the tables of a night (it fits in memory), which of them stand, and what may be asked of the night before. Not here:
where these come from (judging), and the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import evse_names
from linda_pipeline.quality.identity import Identity
from linda_pipeline.quality.profile import Profile


class LastNight(Protocol):
    """The last complete night before a night."""

    def vanished(self, names: Any) -> pa.Table:
        """Its EVSEs (evse_uid, evse_id, name) that are not among some, by `LOCATION/UID` in capitals, and were not REMOVED."""


@dataclass(frozen=True)
class Nightly:
    """A night of Locations, laid out for rules that look at all of it at once."""

    version: str
    profile: Profile
    pulled_at: datetime
    is_complete: bool
    locations: pa.Table
    evses: pa.Table
    """With location_id; the columns of the catalogue may be missing where no Location has EVSEs."""
    location_of: Any
    """The row of each EVSE's Location."""
    identity: Identity
    """Copies, and Locations of which a newer version is there, by row."""
    before: LastNight | None

    def column(self, object_name: str, name: str) -> Any:
        """A column of the Locations or of the EVSEs; null where there is none."""
        table = self.locations if object_name == "location" else self.evses
        return one_chunk(table[name]) if name in table.column_names else pa.nulls(table.num_rows, pa.string())

    def evse(self, name: str) -> Any:
        """A column of the EVSEs; null where there is none."""
        return self.column("evse", name)

    @property
    def evse_stands(self) -> Any:
        """The mask (numpy) of EVSEs whose Location is neither a copy nor older than another one of this night."""
        stands = np.ones(self.locations.num_rows, bool)
        stands[[*self.identity.identical, *self.identity.clashing]] = False
        return stands[self.location_of]

    @property
    def evse_lives(self) -> Any:
        """The mask (numpy) of EVSEs that stand and are not REMOVED."""
        removed = pc.fill_null(pc.equal(self.evse("status"), "REMOVED"), False)
        return self.evse_stands & ~removed.to_numpy(zero_copy_only=False)

    @property
    def evse_names(self) -> Any:
        """The EVSEs as `LOCATION/UID` in capitals; null where either is not known."""
        return evse_names(pa.table({name: self.evse(name) for name in ("location_id", "evse_uid")}))
