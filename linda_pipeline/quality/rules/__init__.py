"""All rules, a module per subject: importing this package imports them all, and so fills the register.

Here: the list of these modules, which rules are in force on a delivery, with what severity, and which could not run. Not here:
any rule: each, of whatever scope, stands with its evaluator in one module of this package.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import lru_cache

from linda_pipeline.quality.profile import CURRENT, OFF, Profile, Severity
from linda_pipeline.quality.rule import RULES, Rule, Scope
from linda_pipeline.quality.rules import (
    addresses,
    agreement,
    among_evses,
    amounts,
    cdr,
    copies,
    credits,
    delivery,
    derived,
    durations,
    ids,
    known,
    location,
    moments,
    overlap,
    periods,
    places,
    readable,
    tariffs,
    timestamps,
    type_plate,
    written,
)

__all__ = ["RULES", "changeable", "ids_in_force", "rules_for", "settled"]

_HOMES = (
    written,
    readable,
    derived,
    cdr,
    moments,
    durations,
    timestamps,
    amounts,
    tariffs,
    periods,
    ids,
    addresses,
    places,
    known,
    agreement,
    location,
    type_plate,
    copies,
    credits,
    overlap,
    among_evses,
    delivery,
)


def rules_for(
    object_name: str, version: str, profile: Profile = CURRENT, scopes: Collection[Scope] = (Scope.RECORD,)
) -> list[Rule]:
    """The rules on an object (cdr, location, evse or delivery) in some scopes that a profile applies in an OCPI version on its
    day, in the order of their declaration, each with the severity that the profile gives it."""
    return list(_rules_for(object_name, version, settled(profile), frozenset(scopes)))


@lru_cache(maxsize=64)
def _rules_for(object_name: str, version: str, profile: Profile, scopes: frozenset[Scope]) -> tuple[Rule, ...]:
    severities = profile.severities
    chosen = []
    for key, rule in RULES.items():
        if rule.object != object_name or rule.scope not in scopes:
            continue
        if not rule.applies_to(version) or not rule.holds_on(profile.day):
            continue
        given = severities.get(key)
        if given is None:
            chosen.append(rule)
        elif given != OFF:
            chosen.append(replace(rule, severity=dict.fromkeys(rule.severity, Severity(given))))
    return tuple(chosen)


def ids_in_force(object_name: str, version: str, profile: Profile) -> frozenset[str]:
    """The ids of the rules on single records of an object that a profile applies."""
    return frozenset(rule.id for rule in rules_for(object_name, version, profile))


def settled(profile: Profile) -> Profile:
    """A profile on the first day since which the same rules were in force, so that what is made of them is made once."""
    return replace(profile, day=max((one for one in _days_of_change() if one <= profile.day), default=date.min))


@lru_cache(maxsize=1)
def _days_of_change() -> frozenset[date]:
    days = {rule.valid_from for rule in RULES.values()}
    days |= {rule.valid_until for rule in RULES.values() if rule.valid_until is not None}
    return frozenset(days | {mended for rule in RULES.values() for mended, _ in rule.before})


def changeable() -> list[str]:
    """The keys of the rules whose severity a profile may change: those that say what a record is worth. Not those that tell who
    is who, or what cannot be read: they decide what becomes of a record."""
    return [
        key
        for key, rule in RULES.items()
        if rule.body is not None and not rule.id.endswith("_unreadable") and not rule.fixed
    ]
