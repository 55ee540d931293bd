"""A handful of records judged on their own, with nothing kept: the sample of a connection test.

Here: which of a few records would be refused, and by which rules. Not here: what needs the whole delivery (identity.py),
permissions and files (road).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow.compute as pc

from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.evses import Evses
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import mended
from linda_pipeline.quality.profile import profile_on
from linda_pipeline.quality.rule import RULES, Rule
from linda_pipeline.quality.rules import ids_in_force, rules_for
from linda_pipeline.quality.view import View

OBJECTS = {"cdrs": "cdr", "locations": "location"}


@dataclass(frozen=True)
class Broken:
    """A rule that refuses records of the sample: how many, and the path in the first of them."""

    rule: Rule
    records: int
    path: str


@dataclass(frozen=True)
class SampleVerdict:
    """What became of a sample."""

    records: int
    refused: int
    """Records with at least one error; for a Location also where the error is in one of its EVSEs."""
    broken: tuple[Broken, ...]
    """The rules that refuse records, the one that costs most first."""


def judge_sample(
    module: str, version: str, records: Sequence[bytes], pulled_at: datetime, parties: frozenset[str]
) -> SampleVerdict:
    """Judge records of a module (cdrs or locations). `parties`: whose records they may be."""
    name = OBJECTS[module]
    unit = normalise(name, version, [(1, records)])
    if name == "cdr":
        judged = [(name, unit.table, unit.flaws, np.arange(len(unit)))]
    else:
        evses = Evses(unit)
        judged = [
            (name, unit.table, evses.flaws_of_locations, np.arange(len(unit))),
            ("evse", evses.table, evses.flaws, evses.location),
        ]
    first: dict[str, str] = {}
    refused: dict[str, set[int]] = {}
    for kind, table, flaws, rows in judged:
        profile = profile_on(pulled_at.date())
        table, found_before = mended(table, kind, version, ids_in_force(kind, version, profile))
        view = View(kind, version, table, pulled_at, parties, profile, mended=found_before)
        found = find(view, rules_for(kind, version, view.profile), flaws)
        errors = found.filter(pc.equal(found["severity"], "error"))
        for row, rule, path in zip(*(errors[column].to_pylist() for column in ("row", "rule", "path")), strict=True):
            first.setdefault(f"{kind}.{rule}", path)
            refused.setdefault(f"{kind}.{rule}", set()).add(int(rows[row]))
    broken = sorted(
        (Broken(RULES[key], len(those), first[key]) for key, those in refused.items()),
        key=lambda one: (-one.records, one.rule.object, one.rule.id),
    )
    return SampleVerdict(len(unit), len(set().union(*refused.values())), tuple(broken))
