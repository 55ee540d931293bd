"""What both languages share: the shape of a noun, what every language can write, and characters of a CPO made visible.

Here: language-free pieces. Not here: sentences. Those stand in words_nl.py and words_en.py, and by subject in words_fixed_*
(labels and lists), words_again_* (self-checks and delivering again), words_past_* (earlier deliveries) and words_place_*
(regions and owners), with the same names in both languages.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

LONGEST_SHOWN = 100
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
"""Unicode's kinds of characters that show nothing, or break or turn the line."""
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that look like a blank."""


@dataclass(frozen=True)
class Noun:
    """A word for what is counted, such as CDR and CDR's."""

    one: str
    many: str

    def for_count(self, count: int) -> str:
        """The form that goes with a count."""
        return self.one if count == 1 else self.many


class Language(ABC):
    """What the words on every subject may count on: nouns, numbers and dates of their language."""

    code: ClassVar[str]
    nouns: ClassVar[dict[str, Noun]]

    @abstractmethod
    def number(self, value: float, decimals: int = 0) -> str:
        """A number as the language writes it."""

    @abstractmethod
    def day(self, value: date, year: bool = True) -> str:
        """A date as the language writes it."""

    def counted(self, count: int, object_name: str) -> str:
        """A number with its noun: 2 CDRs."""
        return f"{self.number(count)} {self.nouns[object_name].for_count(count)}"


def grouped(number: float, decimals: int, thousands: str, point: str) -> str:
    """A number with groups of three digits and a decimal sign."""
    return f"{number:,.{decimals}f}".translate({ord(","): thousands, ord("."): point})


def shown(text: str | None, longest: int = LONGEST_SHOWN) -> str:
    """A text of a CPO as a reader sees it: invisible and direction-turning characters told by their code, long ones cut."""
    if text is None:
        return ""
    cut = text if len(text) <= longest else text[:longest] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_code(c) if _is_unseen(c) else c for c in cut)


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 1 << 16 else f"\\U{number:08x}"


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _UNSEEN or (category == "Zs" and character != " ") or character in _BLANK_LETTERS
