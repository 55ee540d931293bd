"""What a rule is, and the law that it obeys: it passes where a column that it reads is missing.

Here: Source, Rule, the @rule decorator and the register of all rules. Not here: the rules (cdr.py, location.py,
derived.py, delivery.py) and the judge that applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, by_name
from linda_pipeline.quality.profile import PROFILES, Profile
from linda_pipeline.quality.profile import Severity as Severity
from linda_pipeline.quality.view import View


@dataclass(frozen=True)
class Source:
    """Where a demand stands: the document (A, P, V, O or L, see docs/rules.md) and its heading."""

    document: str
    heading: str

    def __str__(self) -> str:
        return f"{DOCUMENTS[self.document]}, {self.heading}"


DOCUMENTS = {
    "A": "LINDA toolkit (April 2025), Architectuur",
    "P": "LINDA toolkit (April 2025), OCPI LINDA Profiel",
    "V": "LINDA toolkit (April 2025), Aansluitvoorwaarden",
    "O": "OCPI 2.1.1-d2 / 2.2.1-d2 / 2.3.0",
    "L": "LINDA pipeline (own rule)",
}

ABSENT: Any = object()
"""In an example: the field is not there at all."""

Example = Mapping[str, Any]
"""A change to a good record: our column name -> the value as a CPO would send it (or ABSENT). A dotted JSON path in
OCPI's own terms is written as `@path`, such as `@charging_periods[0].start_date_time`; what is joined on, as `~name`."""


@dataclass(frozen=True)
class Graded:
    """A verdict in two degrees: where `error` is False the record is refused, where `warning` is False it is told."""

    error: pa.Array
    warning: pa.Array


@dataclass(frozen=True)
class Elements:
    """A verdict per element of a list: `fine` has one value per element of the list column, in order."""

    column: str
    """The column of the element that is blamed, such as charging_periods.dimensions.volume."""
    fine: pa.Array


@dataclass(frozen=True)
class Part:
    """One verdict of a rule that speaks of several columns, or that shows a value or a place of its own."""

    column: str
    """The column that is blamed; of a column inside a list, `fine` has one value per element as in Elements."""
    fine: Any
    severity: Severity | None = None
    """None: the rule's own."""
    value: Any = None
    """Text per record to show in place of the value as sent."""
    path: str = ""
    """The JSON path to show in place of the column's."""


Verdict: TypeAlias = Graded | Elements | tuple[Part, ...] | Any
"""What a body says; else a mask with one value per record (True = fine)."""
Body = Callable[[View], Any]


@dataclass(frozen=True)
class Rule:
    """One demand on one record, or on one record among the others of its delivery."""

    id: str
    object: str
    """What it judges: cdr, location or evse; or delivery."""
    severity: Mapping[str, Severity]
    """OCPI version -> severity; a version that is absent is not judged by this rule."""
    reads: tuple[str, ...]
    blames: str
    """The column whose path and value a finding shows."""
    nl: str
    en: str
    fix_nl: str
    fix_en: str
    source: Source
    reading: str = ""
    """Our reading, where the source is unclear."""
    good: tuple[Any, ...] = ()
    bad: tuple[Any, ...] = ()
    implies: tuple[str, ...] = ()
    """Rules that a record which breaks this one breaks as well."""
    opens_case: bool = True
    """Whether a rejection by this rule asks for a new delivery (art. 13)."""
    retired: bool = False
    not_run: str = ""
    """Why a demand of the sources is not checked at all; the report lists it among the rules not run."""
    not_run_nl: str = ""
    """The same in Dutch."""
    needs: tuple[str, ...] = ()
    """Columns from elsewhere (joined.py) that it reads; it is not run where they were not joined on."""
    also: tuple[Severity, ...] = ()
    """Other degrees in which it speaks, beside its severity: a Graded or Part verdict."""
    valid_from: date = PROFILES[0].valid_from
    """The day of the profile with which the rule came."""
    valid_until: date | None = None
    """The day of the profile with which it went (it is retired), or None."""
    body: Body | None = None
    """None where another gives the verdict: identity.py over the whole delivery, or the normaliser's flaws."""

    def applies_to(self, version: str) -> bool:
        """Whether a version is judged by this rule: it has every column that the rule reads."""
        if self.retired or version not in self.severity:
            return False
        columns = by_name(self.object) if self.object in OBJECTS else {}
        return all(version in columns[name].path for name in self.reads if name in columns)

    def holds_in(self, profile: Profile) -> bool:
        """Whether the rule is part of a version of the profile."""
        return self.valid_from <= profile.valid_from and (
            self.valid_until is None or profile.valid_from < self.valid_until
        )

    def judge(self, view: View) -> Verdict:
        """The body's verdict, made fine wherever a column that it reads is missing."""
        assert self.body is not None
        verdict = self.body(view)
        if isinstance(verdict, Elements):
            return Elements(verdict.column, pc.fill_null(verdict.fine, True))
        known = self._known(view)
        if isinstance(verdict, tuple):
            return tuple(
                replace(part, fine=_settle(part.fine, None if "." in part.column else known)) for part in verdict
            )
        if isinstance(verdict, Graded):
            return Graded(_settle(verdict.error, known), _settle(verdict.warning, known))
        return _settle(verdict, known)

    def _known(self, view: View) -> pa.Array | None:
        known = None
        for name in (*self.reads, *self.needs):
            if name in view.names:
                valid = pc.is_valid(view[name])
                known = valid if known is None else pc.and_(known, valid)
        return known


def _settle(fine: Any, known: Any) -> Any:
    settled = pc.fill_null(fine, True)
    return settled if known is None else pc.or_(settled, pc.invert(known))


RULES: dict[str, Rule] = {}
"""Every rule by id within its object, as `object.id`; filled when the modules of the rules are imported."""


def register(new: Rule) -> Rule:
    """Add a rule to the register; an id is used once per object and never again."""
    key = f"{new.object}.{new.id}"
    if key in RULES:
        raise ValueError(f"rule {key} is declared twice")
    RULES[key] = new
    return new


def rule(
    severity: Severity | Mapping[str, Severity],
    *,
    reads: tuple[str, ...],
    nl: str,
    en: str,
    fix_nl: str,
    fix_en: str,
    source: Source,
    object: str = "cdr",
    blames: str | None = None,
    versions: tuple[str, ...] = VERSIONS,
    reading: str = "",
    good: tuple[Any, ...] = (),
    bad: tuple[Any, ...] = (),
    implies: tuple[str, ...] = (),
    opens_case: bool = True,
    retired: bool = False,
    needs: tuple[str, ...] = (),
    also: tuple[Severity, ...] = (),
) -> Callable[[Body], Rule]:
    """Declare a rule: the function's name is its id, its result the mask of records that are fine."""

    def declare(body: Body) -> Rule:
        return register(
            Rule(
                id=body.__name__,
                object=object,
                severity=severity if isinstance(severity, Mapping) else dict.fromkeys(versions, severity),
                reads=reads,
                blames=blames or reads[0],
                nl=nl,
                en=en,
                fix_nl=fix_nl,
                fix_en=fix_en,
                source=source,
                reading=reading,
                good=good,
                bad=bad,
                implies=implies,
                opens_case=opens_case,
                retired=retired,
                needs=needs,
                also=also,
                body=body,
            )
        )

    return declare
