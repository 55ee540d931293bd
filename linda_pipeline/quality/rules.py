"""All rules: importing this module fills the register, and gives it.

Here: the list of modules that hold rules, and which of them a profile applies. Not here: any rule.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from linda_pipeline.quality import (
    addresses,
    amounts,
    cdr,
    delivery,
    derived,
    ids,
    known,
    location,
    periods,
    places,
    times,
    timestamps,
    whole,
    written,
)
from linda_pipeline.quality.joined import JOINED
from linda_pipeline.quality.profile import CURRENT, OFF, Profile, Severity
from linda_pipeline.quality.rule import RULES, Rule

__all__ = ["RULES", "changeable", "not_run", "rules_for"]

_HOMES = (
    written,
    derived,
    cdr,
    times,
    timestamps,
    amounts,
    periods,
    ids,
    addresses,
    places,
    known,
    location,
    delivery,
    whole,
)


def rules_for(object_name: str, version: str, profile: Profile = CURRENT) -> list[Rule]:
    """The rules on an object (cdr, location or evse) that a profile applies in an OCPI version, in the order of their
    declaration, each with the severity that the profile gives it."""
    return list(_rules_for(object_name, version, profile))


@lru_cache(maxsize=32)
def _rules_for(object_name: str, version: str, profile: Profile) -> tuple[Rule, ...]:
    severities = profile.severities
    chosen = []
    for key, rule in RULES.items():
        if rule.object != object_name or not rule.applies_to(version) or not rule.holds_in(profile):
            continue
        given = severities.get(key)
        if given is None:
            chosen.append(rule)
        elif given != OFF:
            chosen.append(replace(rule, severity=dict.fromkeys(rule.severity, Severity(given))))
    return tuple(chosen)


def changeable() -> list[str]:
    """The keys of the rules whose severity a profile may change: those that judge one record by what could be read."""
    return [key for key, rule in RULES.items() if rule.body is not None and not rule.id.endswith("_unreadable")]


def not_run(object_names: Collection[str], version: str, provided: Collection[str]) -> list[dict[str, str]]:
    """The rules on some objects that could not run, with why in English and Dutch.

    `provided`: the columns from elsewhere that were joined on.
    """
    told = []
    for rule in RULES.values():
        if rule.object not in object_names or not rule.applies_to(version):
            continue
        missing = next((name for name in rule.needs if name not in provided), None)
        if rule.not_run:
            told.append({"rule": rule.id, "why": rule.not_run, "why_nl": rule.not_run_nl})
        elif missing is not None:
            told.append({"rule": rule.id, "why": JOINED[missing].why_en, "why_nl": JOINED[missing].why_nl})
    return [one for number, one in enumerate(told) if one not in told[:number]]
