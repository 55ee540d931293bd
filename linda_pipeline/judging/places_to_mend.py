"""Which Locations and EVSEs of a night their CPO is asked to mend, each with the identity by which it is followed.

Here: the rows of ledger.follow_up's file for a night. Not here: their verdicts (nights.py), and what is made of them (cases).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from linda_pipeline.judging.nights import Night
from linda_pipeline.ledger.follow_up import of_places
from linda_pipeline.ocpi.record_keys import evse_names, location_keys
from linda_pipeline.quality.rules import RULES


def places_to_mend(night: Night, rejected: pa.Table) -> list[dict[str, Any]]:
    """The rows of what was refused by a rule that asks for a better one. `rejected`: the night's table of that name."""
    table = night.unit.with_ids(night.unit.table)
    places = zip(table["page"].to_pylist(), table["position"].to_pylist(), strict=True)
    row_of = {place: row for row, place in enumerate(places)}
    of_locations = of_places("location", location_keys(table)).to_pylist()
    of_evses = of_places("evse", evse_names(rejected.select(["location_id", "evse_uid"]))).to_pylist()
    names = ["object", "id", "page", "position", "rules"]
    refused = [
        (row_of[one["page"], one["position"]], of_evse, one)
        for one, of_evse in zip(rejected.select(names).to_pylist(), of_evses, strict=True)
        if any(RULES[f"{one['object']}.{rule}"].opens_case for rule in one["rules"])
    ]
    regions = _regions(night, [row for row, _, _ in refused])
    return [
        {
            "object": one["object"],
            "identity": of_evse if one["object"] == "evse" else of_locations[row],
            "id": one["id"],
            "nal_region": region,
            "rules": one["rules"],
        }
        for (row, of_evse, one), region in zip(refused, regions, strict=True)
    ]


def _regions(night: Night, rows: list[int]) -> list[str | None]:
    """The NAL region of Locations by their rows; where their place does not tell, that of a CPO with a single one."""
    only = night.cpo.nal_regions[0] if len(night.cpo.nal_regions) == 1 else None
    if night.areas is None or not rows:
        return [only] * len(rows)
    chosen = night.unit.table.select(["latitude", "longitude"]).take(rows)
    found = night.areas.nal_regions(chosen["latitude"], chosen["longitude"]).to_pylist()
    return [one or only for one in found]
