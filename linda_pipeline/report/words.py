"""What both languages share: the shape of a noun, and characters of a CPO made visible.

Here: language-free pieces. Not here: sentences; all Dutch stands in words_nl.py, all English in words_en.py, with the
same names in both, so that a third language is one more file.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST_SHOWN = 100


@dataclass(frozen=True)
class Noun:
    """A word for what is counted, such as CDR and CDR's."""

    one: str
    many: str

    def for_count(self, count: int) -> str:
        """The form that goes with a count."""
        return self.one if count == 1 else self.many


def grouped(number: float, decimals: int, thousands: str, point: str) -> str:
    """A number with groups of three digits and a decimal sign."""
    return f"{number:,.{decimals}f}".translate({ord(","): thousands, ord("."): point})


def shown(text: str | None, longest: int = LONGEST_SHOWN) -> str:
    """A text of a CPO as a page shows it: invisible and direction-turning characters told by their code, long ones cut."""
    if text is None:
        return ""
    cut = text if len(text) <= longest else text[:longest] + "…"
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") else c for c in cut)
