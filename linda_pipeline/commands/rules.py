"""`linda rules`: docs/rules.md on the screen, with what is in force here.

Here: nothing but that. Not here: how the page is made (catalogue.py).
"""

from __future__ import annotations

from linda_pipeline.catalogue import rules_markdown
from linda_pipeline.commands.screen import print_page
from linda_pipeline.quality.profile_file import read_profiles
from linda_pipeline.quality.rules import changeable
from linda_pipeline.settings import read_settings


def rules() -> None:
    """Look up every rule that records are judged by: what it demands, why, what to do, and what is in force of the profile."""
    print_page(rules_markdown(profiles=read_profiles(read_settings().profile, changeable())))
