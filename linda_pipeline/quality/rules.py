"""All rules: importing this module fills the register, and gives it.

Here: the list of modules that hold rules. Not here: any rule.
"""

from __future__ import annotations

from linda_pipeline.quality import (
    addresses,
    amounts,
    cdr,
    delivery,
    derived,
    ids,
    location,
    places,
    times,
    timestamps,
)
from linda_pipeline.quality.rule import RULES, Rule

__all__ = ["RULES", "rules_for"]

_HOMES = (derived, cdr, times, timestamps, amounts, ids, addresses, places, location, delivery)


def rules_for(object_name: str, version: str) -> list[Rule]:
    """The rules on an object (cdr, location or evse) that apply in an OCPI version, in the order of their declaration."""
    return [rule for rule in RULES.values() if rule.object == object_name and rule.applies_to(version)]
