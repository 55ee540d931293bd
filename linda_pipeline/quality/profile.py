"""The profile by which a delivery is judged: all tolerances and limits, and the severities that differ from the rules' own.

Here: what is built in, change by change with its day, and what holds on a day for a CPO. Not here: the file in which NDW sets
what it changes (profile_file.py), and the rules; each says itself from which day on it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a finding means for its record: refused, accepted but told, or only counted."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


OFF = "off"
"""In a profile: the rule is not applied."""


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
    longest_possible_h: float = 744.0
    """31 days: a longer session is a mistake in its dates."""
    most_energy_kwh: float = 1000.0
    """Where the kind of current is not known."""
    most_ac_energy_kwh: float = 1000.0
    most_dc_energy_kwh: float = 1000.0
    greatest_power_kw: float = 1000.0
    """What no charger exceeds; where the connector's power is not known."""
    least_power_w: float = 100.0
    """Mean power below which a session that charged for longer than `least_charging_h` hardly charged at all."""
    least_charging_h: float = 1.0
    most_vat_share: float = 0.5
    """No VAT is so high: an amount with VAT is at most so much above that without."""
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
    """What holds for one delivery: the profile in force on the day of its pull, for its CPO."""

    version: str
    """The name of the newest change in it."""
    valid_from: date
    """The day from which that holds."""
    parameters: Parameters = field(default_factory=Parameters)
    severity: tuple[tuple[str, str], ...] = ()
    """By key of a rule (`cdr.address_format`): another severity than the rule's own, or OFF."""
    day: date = date.max
    """The day for which it is in force, mostly that of a pull: rules that came later, or went before, are not asked."""

    @property
    def severities(self) -> dict[str, str]:
        """The severities that differ from the rules' own, by key."""
        return dict(self.severity)


@dataclass(frozen=True)
class ProfileChange:
    """One change of the profile: what it sets, and from which day on. What it does not name stays as it was."""

    version: str
    valid_from: date
    parameters: Mapping[str, float] = field(default_factory=dict)
    severity: Mapping[str, str] = field(default_factory=dict)
    needs_agreement: bool = False
    """Whether no contract covers it: then it holds for a CPO only from the day of its recorded agreement (art. 8)."""
    agreed: Mapping[str, date] = field(default_factory=dict)
    """By CPO: the day on which it agreed."""

    def holds_from(self, cpo: str) -> date:
        """The first day on which it holds for a CPO; date.max where that has not agreed yet."""
        if not self.needs_agreement:
            return self.valid_from
        return max(self.valid_from, self.agreed.get(cpo, date.max))


AFTER_TRIALS = date(2026, 11, 1)
"""The day from which the rules hold that trials on real files and public reports called for."""
BUILT_IN: tuple[ProfileChange, ...] = (
    ProfileChange("2025-04", date(2025, 4, 1)),
    ProfileChange(
        "2026-11",
        AFTER_TRIALS,
        # 44.16 kW is 3 × 230 V × 64 A, the largest connector for alternating current.
        {"most_ac_energy_kwh": 120.0, "most_dc_energy_kwh": 400.0, "most_ac_power_w": 44_160.0},
        # Six in ten real EVSE ids end in a number for the point.
        {"cdr.evse_id_point_suffix": "info", "evse.evse_id_point_suffix": "info"},
    ),
)
"""What the portal brings itself, oldest first. Rules that come or go name their own day."""
FIRST_DAY = BUILT_IN[0].valid_from
"""What was pulled before this day is judged by the first profile as well."""


@dataclass(frozen=True)
class Profiles:
    """Every change that is known, and so what holds on any day. What NDW set goes over what is built in."""

    own: tuple[ProfileChange, ...] = ()
    """What NDW changed, in order of its day."""
    trial: ProfileChange | None = None
    """A draft that is tried: it holds over everything else, for every CPO, as if its day had come."""
    pinned: date | None = None
    """The day by which everything is judged, whenever it was pulled."""

    def on(self, day: date, cpo: str = "") -> Profile:
        """What holds on a day for a CPO."""
        day = max(self.pinned or day, FIRST_DAY)
        if self.trial is not None:
            day = max(day, self.trial.valid_from)
        built_in = [(change.valid_from, change) for change in BUILT_IN]
        own = [(change.holds_from(cpo), change) for change in self.own]
        in_force = [(start, change) for start, change in built_in + own if start <= day]
        if self.trial is not None:
            in_force.append((day, self.trial))
        newest = max(range(len(in_force)), key=lambda place: (in_force[place][0], place))
        parameters: dict[str, Any] = {}
        severity: dict[str, str] = {}
        for _, change in in_force:
            parameters |= change.parameters
            severity |= change.severity
        start, change = in_force[newest]
        return Profile(change.version, start, replace(Parameters(), **parameters), tuple(sorted(severity.items())), day)

    def as_of(self, day: date) -> Profiles:
        """The same, with everything judged by what holds on one day."""
        return replace(self, pinned=day)

    def trying(self, draft: ProfileChange) -> Profiles:
        """The same with a draft on trial."""
        return replace(self, trial=draft)

    def changes(self) -> list[ProfileChange]:
        """What is built in and what NDW changed, in order of their day."""
        return sorted([*BUILT_IN, *self.own], key=lambda change: change.valid_from)


BUILT_IN_PROFILES = Profiles()
CURRENT = BUILT_IN_PROFILES.on(date.max)
"""What is built in, with every rule that has come and not gone."""


def profile_on(day: date) -> Profile:
    """What holds on a day of what is built in."""
    return BUILT_IN_PROFILES.on(day)
