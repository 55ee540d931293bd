"""`linda kpis`: docs/kpis.md on the screen, or the KPIs as a listing.

Here: which columns the listing has. Not here: how the page is made (catalogue), and the KPIs themselves (warehouse.kpi).
"""

from __future__ import annotations

from linda_pipeline.catalogue import kpis_markdown
from linda_pipeline.commands.listing import Field, Format, PageFormat, PageFormatOption, print_listing
from linda_pipeline.commands.screen import console, print_page

_FIELDS = (
    *(Field(name) for name in ("id", "unit", "name_en", "basis")),
    *(Field(name, machines_only=True) for name in ("name_nl", "formula_nl", "formula_en", "version", "sql")),
)


def kpis(form: PageFormatOption = PageFormat.PAGE) -> None:
    """Look up every KPI: its definition, unit, basis and a query that you can paste."""
    if form is PageFormat.PAGE:
        print_page(kpis_markdown())
        return
    from linda_pipeline.warehouse.kpi import KPIS  # DuckDB comes with it

    rows = [
        (*(kpi.id, kpi.unit, kpi.en, kpi.basis), *(kpi.nl, kpi.formula_nl, kpi.formula_en, kpi.version, kpi.sql))
        for _, kpi in sorted(KPIS.items())
    ]
    print_listing(console(), _FIELDS, rows, Format(form), title="KPIs", none="There are no KPIs.")
