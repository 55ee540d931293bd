"""What a rule is: one declaration of one demand, with the evaluator that judges it, whatever its scope.

Here: Source, Scope, Rule, the @rule decorator, the one shape of a verdict, and the register of all rules. Not here: the rules
(rules/) and the judge that applies them (judge.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, by_name
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.quality.profile import FIRST_DAY
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
OCPI's own terms is written as `@path`, such as `@charging_periods[0].start_date_time`; what is joined on, as `~name`.
In a rule on a delivery: a tuple of such changes, one record each in order; in one on the delivery itself: its facts."""


class Scope(StrEnum):
    """What an evaluator sees, and so what it is handed."""

    RECORD = "record"
    """One record, with what is joined to it: a View of a unit of records."""
    DELIVERY = "delivery"
    """The records of a delivery beside each other, and beside what earlier ones held: StandingCdrs, or a Night of Locations."""
    HISTORY = "history"
    """What an earlier delivery held and this one does not: the same, but a finding has no place in the delivery."""
    WHOLE = "whole"
    """The delivery itself: what was counted of it (Delivered)."""


@dataclass(frozen=True)
class Part:
    """What breaks a rule in one column. A verdict is a tuple of these; an empty one, or one without rows, finds nothing."""

    rows: Any
    """The records that break it, as rows of what the evaluator was handed, in order; of a column inside a list (its name has a
    dot) the elements, laid end to end. With HISTORY and WHOLE there are no rows: one finding per value."""
    column: str = ""
    """The column that is blamed, whose path and value a finding shows; by default the one that the rule names."""
    value: Any = None
    """One text per row to show in place of the value as sent."""
    severity: Severity | None = None
    """None: the rule's own."""
    path: str = ""
    """The JSON path to show in place of the column's."""
    ids: Any = None
    """With HISTORY: the id of what each finding is about."""


@dataclass(frozen=True)
class NotRun:
    """In place of a verdict: why the rule could not run at all."""

    en: str
    nl: str


Verdict: TypeAlias = tuple[Part, ...] | NotRun
Body = Callable[[Any], Any]
"""An evaluator: it is handed what its scope sees; it returns a Verdict, one Part, or (on records) the mask of what is fine."""


def fails(
    fine: Any,
    column: str = "",
    *,
    value: Any = None,
    severity: Severity | None = None,
    path: str = "",
) -> Part:
    """The Part of a mask (True or null: fine). `value`: a column of texts, or a function of the broken rows that gives them."""
    rows = broken(fine)
    if value is not None and len(rows):
        value = value(rows.to_numpy()) if callable(value) else pc.take(one_chunk(value), rows)
    return Part(rows, column, value if len(rows) else None, severity, path)


def broken(fine: Any) -> Any:
    """The rows in which a mask is false."""
    return pc.indices_nonzero(pc.invert(one_chunk(fine)))


@dataclass(frozen=True)
class Rule:
    """One demand on a record, on the records of a delivery, or on a delivery."""

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
    scope: Scope = Scope.RECORD
    reading: str = ""
    """Our reading, where the source is unclear."""
    good: tuple[Any, ...] = ()
    bad: tuple[Any, ...] = ()
    implies: tuple[str, ...] = ()
    """Rules that a record which breaks this one breaks as well."""
    opens_case: bool = True
    """Whether a rejection by this rule asks for a new delivery (art. 13)."""
    plausibility: bool = False
    """Whether a record that breaks it is accepted but not plausible, so that figures say which share rests on such ones."""
    measured: str = ""
    """How much of the field's data it touches, where that was measured."""
    fixed: bool = False
    """Whether its severity never changes: it tells who is who, and so decides what becomes of a record."""
    retired: bool = False
    not_run: str = ""
    """Why a demand of the sources is not checked at all; the report lists it among the rules not run."""
    not_run_nl: str = ""
    """The same in Dutch."""
    needs: tuple[str, ...] = ()
    """Columns from elsewhere (joined.py) that it reads; it is not run where they were not joined on."""
    uses: tuple[str, ...] = ()
    """Columns from elsewhere that it reads where they are known; without them it says less."""
    also: tuple[Severity, ...] = ()
    """Other degrees in which it speaks, beside its severity."""
    modules: tuple[str, ...] = ()
    """For the object `delivery`: the modules (cdrs, locations) of which it is asked."""
    valid_from: date = FIRST_DAY
    """The day from which it holds: a delivery is judged by the rules that held on the day of its pull."""
    valid_until: date | None = None
    """The day from which it holds no more, or None."""
    body: Body | None = None
    """None where another gives the verdict: what could not be read comes of the normaliser's flaws."""
    before: tuple[tuple[date, Body], ...] = ()
    """How it was judged before it was mended: (the day from which it is mended, the body until then), oldest first."""

    def applies_to(self, version: str) -> bool:
        """Whether a version is judged by this rule. One on single records needs every column that it reads to be there."""
        if self.retired or version not in self.severity:
            return False
        columns = by_name(self.object) if self.scope is Scope.RECORD and self.object in OBJECTS else {}
        return all(version in columns[name].path for name in self.reads if name in columns)

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day. What was pulled before the first profile is judged by that as well."""
        day = max(day, FIRST_DAY)
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def until(self, day: date) -> Callable[[Body], Rule]:
        """Declare how the rule was judged before a day, so that what was pulled then keeps its verdict."""

        def declare(body: Body) -> Rule:
            mended = replace(self, before=tuple(sorted((*self.before, (day, body)), key=lambda one: one[0])))
            RULES[f"{self.object}.{self.id}"] = mended
            return mended

        return declare

    def judge(self, seen: Any) -> Verdict:
        """The evaluator's verdict on what its scope sees (with `profile`), in the one shape.

        A rule on a record is kept wherever a column that it reads is missing.
        """
        assert self.body is not None
        body = next((body for until, body in self.before if seen.profile.day < until), self.body)
        said = body(seen)
        if isinstance(said, NotRun):
            return said
        parts = said if isinstance(said, tuple) else (said,)
        parts = tuple(part if isinstance(part, Part) else fails(part) for part in parts)
        if self.scope is not Scope.RECORD:
            return parts
        return tuple(self._where_known(seen, part) for part in parts)

    def _where_known(self, view: View, part: Part) -> Part:
        if not len(part.rows) or "." in (part.column or self.blames):
            return part
        known = None
        for name in (*self.reads, *self.needs):
            if name in view.names:
                valid = pc.is_valid(pc.take(view[name], part.rows))
                known = valid if known is None else pc.and_(known, valid)
        if known is None or pc.all(known).as_py():
            return part
        value = None if part.value is None else one_chunk(part.value).filter(one_chunk(known))
        return replace(part, rows=part.rows.filter(one_chunk(known)), value=value)


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
    nl: str,
    en: str,
    fix_nl: str,
    fix_en: str,
    source: Source,
    id: str = "",
    object: str = "cdr",
    scope: Scope = Scope.RECORD,
    reads: tuple[str, ...] = (),
    blames: str | None = None,
    versions: tuple[str, ...] = VERSIONS,
    reading: str = "",
    good: tuple[Any, ...] = (),
    bad: tuple[Any, ...] = (),
    implies: tuple[str, ...] = (),
    opens_case: bool = True,
    plausibility: bool = False,
    measured: str = "",
    fixed: bool = False,
    retired: bool = False,
    not_run: str = "",
    not_run_nl: str = "",
    needs: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
    also: tuple[Severity, ...] = (),
    modules: tuple[str, ...] = ("cdrs", "locations"),
    valid_from: date = FIRST_DAY,
    valid_until: date | None = None,
) -> Callable[[Body | None], Rule]:
    """Declare a rule of any scope. The evaluator's name is its id, unless one is given; without an evaluator (None) another
    gives the verdict, or it is not run at all."""

    def declare(body: Body | None) -> Rule:
        return register(
            Rule(
                id=id or (body.__name__ if body is not None else ""),
                object=object,
                scope=scope,
                severity=severity if isinstance(severity, Mapping) else dict.fromkeys(versions, severity),
                reads=reads,
                blames=blames if blames is not None else reads[0] if reads else "",
                nl=nl,
                en=en,
                fix_nl=fix_nl,
                fix_en=fix_en,
                source=source,
                reading=reading,
                good=good,
                bad=bad,
                implies=implies,
                opens_case=opens_case and object != "delivery",
                plausibility=plausibility,
                measured=measured,
                fixed=fixed,
                retired=retired,
                not_run=not_run,
                not_run_nl=not_run_nl,
                needs=needs,
                uses=uses,
                also=also,
                modules=modules if object == "delivery" else (),
                valid_from=valid_from,
                valid_until=valid_until,
                body=body,
            )
        )

    return declare
