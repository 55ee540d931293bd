"""Where the outcome of each requirement is noted: passed, failed or not testable, with what was seen.

Here: the lines, and the law that what rests on something that failed is not testable, so that one fault gives one failed
line. Not here: the tests themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from linda_pipeline.ocpi.probing.requirement import Requirement
from linda_pipeline.ocpi.probing.requirements import REQUIREMENTS


class Outcome(StrEnum):
    """What came of a requirement."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TESTABLE = "not_testable"


class Told(NamedTuple):
    """What was seen, in both languages."""

    nl: str
    en: str


@dataclass(frozen=True)
class Line:
    """The outcome of one requirement, for the whole server or for one module."""

    requirement: Requirement
    module: str | None
    outcome: Outcome
    seen: Told

    @property
    def id(self) -> str:
        """The requirement with its module, such as cdrs.next_link."""
        return f"{self.module}.{self.requirement.id}" if self.module else self.requirement.id


class Desk:
    """The lines so far. The first word on a requirement stands."""

    def __init__(self) -> None:
        self.version: str | None = None
        self._lines: dict[tuple[str, str | None], Line] = {}

    def outcome(self, name: str, module: str | None = None) -> Outcome | None:
        """What came of a requirement so far, for the module where it is asked per module."""
        line = self._lines.get((name, module if REQUIREMENTS[name].modules else None))
        return line.outcome if line else None

    def may_test(self, name: str, module: str | None = None) -> bool:
        """Whether a requirement is demanded, still open, and rests on nothing that failed."""
        requirement = REQUIREMENTS[name]
        if not requirement.applies_to(self.version) or self.outcome(name, module) is not None:
            return False
        return not any(self._hinders(name, module) for name in requirement.needs)

    def passed(self, name: str, seen: Told, module: str | None = None) -> None:
        """Note that a requirement is met."""
        self._note(name, module, Outcome.PASSED, seen)

    def failed(self, name: str, seen: Told, module: str | None = None) -> None:
        """Note that a requirement is not met."""
        self._note(name, module, Outcome.FAILED, seen)

    def untestable(self, name: str, seen: Told, module: str | None = None) -> None:
        """Note that a requirement could not be tested."""
        self._note(name, module, Outcome.NOT_TESTABLE, seen)

    def judge(self, name: str, wrong: Iterable[Told], fine: Told, module: str | None = None) -> None:
        """Note a requirement as failed where anything is wrong, else as passed."""
        mistakes = list(dict.fromkeys(wrong))
        if not mistakes:
            self.passed(name, fine, module)
            return
        shown = mistakes[:3]
        more = len(mistakes) - len(shown)
        nl, en = (" ".join(texts) for texts in zip(*shown, strict=True))
        self.failed(
            name, Told(nl + (f" En nog {more}." if more else ""), en + (f" And {more} more." if more else "")), module
        )

    def lines(self, otherwise: Told) -> tuple[Line, ...]:
        """Every line that the version demands, in order; what nobody noted is not testable, for the reason `otherwise`."""
        found = []
        for requirement in REQUIREMENTS.values():
            if not requirement.applies_to(self.version):
                continue
            for module in requirement.modules or (None,):
                line = self._lines.get((requirement.id, module))
                why = self._hindrance(requirement, module) or otherwise
                found.append(line or Line(requirement, module, Outcome.NOT_TESTABLE, why))
        return tuple(found)

    def _note(self, name: str, module: str | None, outcome: Outcome, seen: Told) -> None:
        self._lines.setdefault((name, module), Line(REQUIREMENTS[name], module, outcome, seen))

    def _hinders(self, name: str, module: str | None) -> bool:
        return REQUIREMENTS[name].applies_to(self.version) and self.outcome(name, module) is not Outcome.PASSED

    def _hindrance(self, requirement: Requirement, module: str | None) -> Told | None:
        """Why a requirement cannot be tested: what it rests on failed, or was not testable for a reason of its own."""
        for name in requirement.needs:
            if not self._hinders(name, module):
                continue
            need = REQUIREMENTS[name]
            line = self._lines.get((name, module if need.modules else None))
            if line is None:
                return self._hindrance(need, module)
            if line.outcome is Outcome.NOT_TESTABLE:
                return line.seen
            return Told(
                f"Dit was niet te toetsen, want hieraan is niet voldaan: {need.nl}",
                f"This could not be tested, because this is not met: {need.en}",
            )
        return None
