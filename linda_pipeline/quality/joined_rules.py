"""On how many records the rules that look beyond their record could be checked: none is not checked, and never passed.

Here: the counting, over units of records, and what is told of it. Not here: the rules that could not run at all for another
reason (beside.py, delivered.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.quality.joined import JOINED
from linda_pipeline.quality.rule import Rule


class JoinedRules:
    """The rules on single records of an object, and on how many of these each was checked that needs more than the record."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
        self._checked: Counter[tuple[str, ...]] = Counter()
        self._records = 0

    def add(self, table: pa.Table, is_judged: Any) -> None:
        """A unit of records with what was joined on; `is_judged` (a numpy mask) leaves out those that get no verdict."""
        self._records += int(is_judged.sum())
        names = set(table.column_names)
        for needs in {_beyond(rule) for rule in self._rules if _beyond(rule)}:
            if names.issuperset(needs):
                known = [one_chunk(pc.is_valid(table[name])).to_numpy(zero_copy_only=False) for name in needs]
                self._checked[needs] += int(np.logical_and.reduce([is_judged, *known]).sum())

    def not_run(self) -> list[dict[str, str]]:
        """The rules that were checked on no record, and those that are never run, each with why in English and Dutch."""
        told = []
        for rule in self._rules:
            if rule.not_run:
                told.append({"rule": rule.id, "why": rule.not_run, "why_nl": rule.not_run_nl})
            elif _beyond(rule) and not self._checked[_beyond(rule)]:
                why = JOINED[_beyond(rule)[0]]
                told.append({"rule": rule.id, "why": why.why_en, "why_nl": why.why_nl})
        return told

    def checked_on(self) -> dict[str, tuple[int, int]]:
        """By object.rule: on how many records each was checked, and of how many."""
        return {
            f"{rule.object}.{rule.id}": (self._checked[_beyond(rule)], self._records)
            for rule in self._rules
            if _beyond(rule) and self._checked[_beyond(rule)]
        }


def _beyond(rule: Rule) -> tuple[str, ...]:
    """What a rule reads from elsewhere, so that it is checked in full only where that is known."""
    return rule.needs or rule.uses
