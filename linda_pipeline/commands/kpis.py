"""`linda kpis`: docs/kpis.md on the screen.

Here: nothing but that. Not here: how the page is made (catalogue.py).
"""

from __future__ import annotations

from linda_pipeline.catalogue import kpis_markdown
from linda_pipeline.commands.screen import print_page


def kpis() -> None:
    """Look up every KPI: its definition, unit, basis and a query that you can paste."""
    print_page(kpis_markdown())
