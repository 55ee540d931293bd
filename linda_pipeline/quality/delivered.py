"""What is known of a delivery as a whole: what a rule of scope WHOLE sees.

Here: the facts, and the judge of such rules. Not here: how the facts were counted (judging), and the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from linda_pipeline.quality.profile import CURRENT, Profile
from linda_pipeline.quality.rule import NotRun, Part, Rule, Severity


@dataclass(frozen=True)
class Delivered:
    """What is known of a delivery as a whole."""

    module: str
    """cdrs or locations."""
    version: str
    received: int
    complete: bool = True
    """Whether the CPO's own count (X-Total-Count) was reached, or a second crawl agreed with the first."""
    total_count: int | None = None
    records: int = 0
    """Records pulled, those outside the window included."""
    hidden: tuple[int, ...] = ()
    """Where in the CPO's list, from 0, the records stand that its server refuses even when each is asked for by itself."""
    earlier: tuple[int, ...] = ()
    """Records received in the earlier complete deliveries of this CPO and module, newest first."""
    silent: Sequence[str] | None = None
    """Live EVSEs without a session for as long as the profile allows; None where that cannot be told."""
    growing: Sequence[str] | None = None
    """EVSEs (`LOCATION/UID`) of which every session has more energy than the one before; None where sessions are not seen."""
    profile: Profile = field(default=CURRENT)


def found(*values: str) -> Part:
    """A finding per value; none: the rule is kept."""
    return Part(None, value=values)


def judge_whole(
    facts: Delivered, rules: Iterable[Rule]
) -> tuple[list[tuple[str, Severity, str]], list[tuple[Rule, NotRun]]]:
    """(rule, severity, value) of every finding on a delivery, and the rules that could not run, with why."""
    findings: list[tuple[str, Severity, str]] = []
    unable: list[tuple[Rule, NotRun]] = []
    for rule in rules:
        if facts.module not in rule.modules:
            continue
        verdict = rule.judge(facts)
        if isinstance(verdict, NotRun):
            unable.append((rule, verdict))
            continue
        severity = rule.severity[facts.version]
        findings += [(rule.id, part.severity or severity, value) for part in verdict for value in part.value]
    return findings, unable
