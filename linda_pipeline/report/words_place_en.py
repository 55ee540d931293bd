"""The English of what a NAL region or a data owner reads.

Here: sentences, under the same names as in words_place_nl.py. Not here: numbers and dates (words_en.py).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from linda_pipeline.report.words import Language


class EnglishPlace(Language):
    """Places and their readers."""

    place_labels: ClassVar[dict[str, str]] = {
        "title": "Quality of the data on charge points",
        "region": "NAL region",
        "owner": "Data owner",
        "cpo": "CPO",
        "gemeente": "Municipality",
        "no_owner": "No permission",
        "unknown": "Place not known",
        "defects": "Why records were rejected",
        "incomplete": "Not counted, because the delivery is not complete (this may be the portal's doing):",
        "files": "Files",
        "aantallen_csv": "these figures, per CPO and municipality, in Dutch. Opens in a Dutch spreadsheet.",
        "afkeuringen_csv": "rejected records, per CPO and rule, in Dutch. Opens in a Dutch spreadsheet.",
        "figures_csv": "the same figures, for your own systems.",
        "defects_csv": "the same rejections, for your own systems.",
        "no_personal": "This report holds numbers only: no records and no personal data.",
    }
    place_intro: ClassVar[dict[str, str]] = {
        "region": "This is what CPOs delivered about the charge points in your municipalities, and what happened to it.",
        "owner": "This is what CPOs delivered about the charge points for which you gave permission, and what happened to it.",
    }

    def place_sentence(self, kind: str, received: int, rejected: int) -> str:
        """The figures of a place in one sentence."""
        noun = self.nouns[kind].for_count(received)
        if rejected == 0:
            return f"Of {self.number(received)} {noun}, none was rejected."
        verb = "was" if rejected == 1 else "were"
        return f"Of {self.number(received)} {noun}, {self.number(rejected)} {verb} rejected."

    def rules_shown(self, shown: int, rules: int) -> str:
        """How many of the rules are listed."""
        if shown == rules:
            return "A record can have several defects, and then counts under each of them."
        return (
            f"Below are the {self.number(shown)} most frequent of {self.number(rules)} defects. "
            "A record can have several defects, and then counts under each of them."
        )

    def more_lines(self, count: int) -> str:
        """Opens the rest of a long table."""
        return f"{self.number(count)} more"

    def place_windows(self, kind: str, windows: list[date]) -> str:
        """Which deliveries the figures are of."""
        days = " and ".join(self.day(window) for window in windows)
        which = f"the period from {days}" if kind == "cdrs" else f"the night of {days}"
        return f"We count the newest delivery of each CPO: {which}."
