"""docs/kpis.md: every KPI, made from its one declaration.

Here: the page. Not here: the KPIs (warehouse.kpi).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from linda_pipeline.catalogue.markdown import MADE, cell


def kpis_markdown(kpis: Iterable[Any] | None = None) -> str:
    """docs/kpis.md: every KPI with its unit, names, formula, basis, version and the whole SELECT."""
    if kpis is None:
        from linda_pipeline.warehouse.kpi import KPIS  # DuckDB comes with it; the rules do not need it

        kpis = KPIS.values()
    chosen = sorted(kpis, key=lambda kpi: str(kpi.id))
    lines = [
        "# KPIs",
        "",
        MADE,
        "Every figure of the table `kpi` in `linda.duckdb`. *Basis*: a definition that the field uses (with its source), "
        "or our own. Each SELECT runs as it stands on the views of `linda.duckdb`. Fractions run from 0 to 1 and are shown "
        "as %.",
        "",
        "| id | unit | name | basis | version |",
        "|---|---|---|---|---|",
        *(
            f"| [{kpi.id}](#{kpi.id}) | {kpi.unit} | {cell(f'{kpi.nl}. *{kpi.en}.*')} | {cell(kpi.basis)} | {kpi.version} |"
            for kpi in chosen
        ),
        "",
    ]
    for kpi in chosen:
        lines += [
            f"## {kpi.id}",
            "",
            f"{kpi.nl}: {kpi.formula_nl}.",
            "",
            f"*{kpi.en}: {kpi.formula_en}.*",
            "",
            f"Unit {kpi.unit}; basis {kpi.basis}; version {kpi.version}.",
            "",
            "```sql",
            kpi.sql,
            "```",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"
