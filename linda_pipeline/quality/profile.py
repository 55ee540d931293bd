"""The profile by which a delivery is judged: its version, the day from which it holds, and all tolerances and limits.

Here: what the yearly evaluation changes, in one place, and a profile that is tried before it holds (TOML). Not here: the
rules; each says from which profile on it holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from linda_pipeline.errors import InputMistake


class Severity(StrEnum):
    """What a finding means for its record: refused, accepted but told, or only counted."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


OFF = "off"
"""In a profile: the rule is not applied."""


class ProfileMistake(InputMistake):
    """A profile on trial cannot be used; the message names the key and the remedy."""


@dataclass(frozen=True)
class Parameters:
    """Tolerances and limits of the profile; those that the sources do not give are our own choice."""

    total_time_tolerance_s: float = 60.0
    """CPOs floor durations to whole minutes (Gireve's own samples do)."""
    period_tolerance_s: float = 60.0
    """How far a period may begin outside its session."""
    max_decimals: int = 4
    longest_session_h: float = 168.0
    delivered_within_days: float = 15.0
    tariff_grace_h: float = 24.0
    most_energy_kwh: float = 1000.0
    energy_tolerance_share: float = 0.01
    energy_tolerance_kwh: float = 0.1
    """The sum of the periods may differ by the larger of the two."""
    power_tolerance_share: float = 0.10
    cost_tolerance: float = 0.01
    """Per part of the cost, in the CDR's currency."""
    location_distance_m: float = 100.0
    permit_distance_m: float = 10.0
    overlap_tolerance_s: float = 60.0
    most_power_w: float = 1_000_000.0
    most_ac_power_w: float = 44_000.0
    volume_windows: int = 6
    """How many earlier deliveries make the usual size; at least half of them must be there."""
    volume_least_share: float = 0.5
    volume_most_share: float = 2.0
    silent_days: int = 30


@dataclass(frozen=True)
class Profile:
    """A version of the profile. A delivery is judged by the one that holds on the day of its pull."""

    version: str
    valid_from: date
    parameters: Parameters = field(default_factory=Parameters)
    severity: tuple[tuple[str, str], ...] = ()
    """By key of a rule (`cdr.address_format`): another severity than the rule's own, or OFF."""
    day: date = date.max
    """The day for which it is in force, mostly that of a pull: rules that came later, or went before, are not asked."""

    @property
    def severities(self) -> dict[str, str]:
        """The severities that differ from the rules' own, by key."""
        return dict(self.severity)


PROFILES: tuple[Profile, ...] = (Profile("2025-04", date(2025, 4, 1)),)
"""Every version, oldest first. A new one is a line here; rules that come or go with it name its day."""
CURRENT = PROFILES[-1]


def profile_on(day: date) -> Profile:
    """The profile that holds on a day; before the first one, the first (what came earlier is judged by it as well)."""
    found = next((profile for profile in reversed(PROFILES) if profile.valid_from <= day), PROFILES[0])
    return replace(found, day=day)


def read_profile(text: str, changeable: Iterable[str]) -> Profile:
    """A profile on trial from TOML: version, valid_from, base (a known version), [parameters] and [severity].

    `changeable`: the keys of the rules whose severity may differ. Raises ProfileMistake.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileMistake(f"The profile is not valid TOML: {error}. Mend that line.") from None
    known = ("version", "valid_from", "base", "parameters", "severity")
    for key in content:
        if key not in known:
            raise ProfileMistake(f"{key} is not a key of a profile. It has: {', '.join(known)}.")
    version = content.get("version")
    if not isinstance(version, str) or not version.strip() or version in {one.version for one in PROFILES}:
        raise ProfileMistake('version: give the trial a name of its own, such as version = "2027-04-trial".')
    named = content.get("base", CURRENT.version)
    base = next((profile for profile in PROFILES if profile.version == named), None)
    if base is None:
        raise ProfileMistake(f"base: there is no profile {named}. There is: {', '.join(p.version for p in PROFILES)}.")
    valid_from = content.get("valid_from", base.valid_from)
    if type(valid_from) is not date:
        raise ProfileMistake("valid_from: give a date, such as valid_from = 2027-04-01.")
    return Profile(
        version,
        valid_from,
        _parameters(base.parameters, _table(content, "parameters")),
        tuple(sorted({**base.severities, **_severities(_table(content, "severity"), frozenset(changeable))}.items())),
    )


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = content.get(key, {})
    if not isinstance(table, Mapping):
        raise ProfileMistake(f"{key}: write it as a table [{key}] with one line per change.")
    return table


def _parameters(base: Parameters, changes: Mapping[str, Any]) -> Parameters:
    names = [one.name for one in fields(Parameters)]
    for name, value in changes.items():
        if name not in names:
            raise ProfileMistake(f"[parameters] {name}: there is no such parameter. There are: {', '.join(names)}.")
        whole = isinstance(getattr(base, name), int)
        if type(value) not in ((int,) if whole else (int, float)) or value < 0:
            raise ProfileMistake(f"[parameters] {name}: give a {'whole ' if whole else ''}number of 0 or more.")
    return replace(base, **changes)


def _severities(changes: Mapping[str, Any], changeable: frozenset[str]) -> dict[str, str]:
    allowed = [*map(str, Severity), OFF]
    for key, value in changes.items():
        if key not in changeable:
            raise ProfileMistake(
                f'[severity] "{key}": there is no such rule, or its severity cannot change (rules on identity and on '
                'what cannot be read decide what becomes of a record). Write a rule as "cdr.address_format".'
            )
        if value not in allowed:
            raise ProfileMistake(f'[severity] "{key}": give one of {", ".join(allowed)}.')
    return dict(changes)
