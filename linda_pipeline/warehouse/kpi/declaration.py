"""What a KPI is: one declaration with its meaning, its whole SELECT and an example that is worked out.

Here: Kpi, the @kpi decorator and the register of all KPIs. Not here: the KPIs (their modules), the views that they read
(views.py), and coverage and status, which are the same for every figure (compute.py).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

RESULT = (
    "month",
    "area_level",
    "area_code",
    "cpo",
    "statistic",
    "dimension",
    "value",
    "sessions",
    "users",
    "evses",
    "share_known",
    "share_warned",
)
"""The columns that every KPI's SELECT gives."""
FIELD = "field"
OWN = "own"


@dataclass(frozen=True)
class Example:
    """A tiny case, worked out by hand: what goes in, and what the KPI says of the nation and all CPOs together."""

    expected: Mapping[tuple[str, str, str | None], float | None]
    """(month, statistic, dimension) -> value."""
    sessions: tuple[Mapping[str, Any], ...] = ()
    """Rows of `cdrs`; columns that do not matter are left out."""
    evses: tuple[Mapping[str, Any], ...] = ()
    """Rows of `evses`."""


@dataclass(frozen=True)
class Kpi:
    """One figure per month, area and CPO."""

    id: str
    unit: str
    """n, kWh, h or fraction (from 0 to 1, shown as %)."""
    nl: str
    en: str
    formula_nl: str
    formula_en: str
    basis: str
    """Where the definition comes from: field (with its source), or own."""
    sql: str
    """One SELECT over the documented views of linda.duckdb, with the columns RESULT."""
    example: Example
    version: str = "2"


KPIS: dict[str, Kpi] = {}
"""Every KPI by id; filled when the package is imported."""


@dataclass(frozen=True)
class Name:
    """A KPI's name."""

    nl: str
    en: str


def kpi(
    unit: str,
    *,
    name: Name,
    formula: Name,
    basis: str,
    example: Example,
    version: str = "2",
) -> Callable[[Callable[[], str]], Kpi]:
    """Declare a KPI: the function's name is its id, its result the SELECT."""

    def declare(select: Callable[[], str]) -> Kpi:
        new = Kpi(
            id=select.__name__,
            unit=unit,
            nl=name.nl,
            en=name.en,
            formula_nl=formula.nl,
            formula_en=formula.en,
            basis=basis,
            sql=textwrap.dedent(select()).strip(),
            example=example,
            version=version,
        )
        if new.id in KPIS:
            raise ValueError(f"KPI {new.id} is declared twice")
        KPIS[new.id] = new
        return new

    return declare
