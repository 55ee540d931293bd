"""`linda columns`: docs/columns.md on the screen.

Here: nothing but that. Not here: how the page is made (catalogue.py).
"""

from __future__ import annotations

from linda_pipeline.catalogue import columns_markdown
from linda_pipeline.commands.screen import print_page


def columns() -> None:
    """Look up every column: its meaning, type, unit and place in each OCPI version."""
    print_page(columns_markdown())
