"""`linda rules`: docs/rules.md on the screen.

Here: nothing but that. Not here: how the page is made (catalogue.py).
"""

from __future__ import annotations

from linda_pipeline.catalogue import rules_markdown
from linda_pipeline.commands.screen import print_page


def rules() -> None:
    """Look up every rule that records are judged by: what it demands, why, and what to do."""
    print_page(rules_markdown())
