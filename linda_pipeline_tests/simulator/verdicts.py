"""What the real judge finds in records, for the tests that hold the simulator against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import elements_of, field_of
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import mended
from linda_pipeline.quality.profile import CURRENT
from linda_pipeline.quality.rules import ids_in_force, rules_for
from linda_pipeline.quality.view import View


def found(
    object_name: str, version: str, bodies: Sequence[bytes], pulled_at: datetime, party: str
) -> dict[int, set[str]]:
    """The rules that each record breaks, by its index, as object.rule_id; of a Location those of its EVSEs too."""
    unit = normalise(object_name, version, [(1, bodies)])
    broken: dict[int, set[str]] = defaultdict(set)
    table, before = mended(unit.table, object_name, version, ids_in_force(object_name, version, CURRENT))
    view = View(object_name, version, table, pulled_at, frozenset({party}), mended=before)
    of_evses = pc.match_substring_regex(unit.flaws["path"], r"^evses\[\d+\]")
    own = unit.flaws.filter(pc.invert(of_evses)) if object_name == "location" else unit.flaws
    for finding in find(view, rules_for(object_name, version), own).to_pylist():
        broken[finding["row"]].add(f"{object_name}.{finding['rule']}")
    if object_name == "location":
        _of_evses(version, unit.table, unit.flaws.filter(of_evses), pulled_at, party, broken)
    return broken


def _of_evses(
    version: str, locations: pa.Table, flaws: pa.Table, pulled_at: datetime, party: str, broken: dict[int, set[str]]
) -> None:
    elements, rows, positions = elements_of(locations["evses"])
    columns = {field.name: field_of(elements, field.name) for field in elements.type}
    table = pa.table(columns | {"readable": pc.is_valid(elements)})
    row_of = {
        (row, position): index
        for index, (row, position) in enumerate(zip(rows.to_pylist(), positions.to_pylist(), strict=True))
    }
    moved = []
    for flaw in flaws.to_pylist():
        index, _, path = flaw["path"].removeprefix("evses[").partition("].")
        moved.append({**flaw, "row": row_of[flaw["row"], int(index)], "path": path})
    table, before = mended(table, "evse", version, ids_in_force("evse", version, CURRENT))
    view = View("evse", version, table, pulled_at, frozenset({party}), mended=before)
    location_of = rows.to_pylist()
    for finding in find(view, rules_for("evse", version), pa.Table.from_pylist(moved, schema=flaws.schema)).to_pylist():
        broken[location_of[finding["row"]]].add(f"evse.{finding['rule']}")
