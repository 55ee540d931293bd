"""The English of a report on what came before, on the other CPOs, on a self-check, on the rules and on places.

Here: sentences, under the same names as in words_past_nl.py. Not here: numbers and dates (words_en.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import ClassVar

from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Noun


class EnglishPast(ABC):
    """What English says beside the words of words_en.py; it counts and dates as that does."""

    nouns: ClassVar[dict[str, Noun]]
    past_labels: ClassVar[dict[str, str]] = {
        "trend": "Your last deliveries",
        "since": "Compared with your previous delivery",
        "others": "Compared with other CPOs",
        "rejected_share": "Share rejected",
        "all_counts": "The same in numbers",
        "window": "Delivery",
        "judged": "Received",
        "rejected": "Rejected",
        "solved": "Solved",
        "still_there": "Still there",
        "new": "New",
        "absent": "Not delivered again",
        "held_back": "Held back now",
        "before": "Before",
        "now": "Now",
        "explained": "All rules explained",
        "explanation": "About this rule",
        "bad": "Not fine, for example",
        "checked_files": "Files",
        "self_check": "Self-check, before delivery",
        "number": "No.",
        "incomplete": "incomplete",
    }
    since_meanings: ClassVar[dict[str, str]] = {
        "solved": "rejected then, accepted now",
        "still_there": "rejected then, rejected again",
        "absent": "rejected then, not in this delivery",
        "held_back": "rejected then, held back now",
        "new": "rejected now, not rejected then",
    }
    trend_note = "A column is the part of the received records that was rejected. Incomplete deliveries do not count."
    explained_intro = "Every rule that this delivery was, or could have been, held against."
    no_window = "your own files"
    self_check_advice = "Correct this data in your source system before you deliver it."
    self_check_fine = "You can deliver this data."
    self_check_note = (
        "This is a check by yourself: nothing was delivered to the portal. The verdicts are the portal's. "
        "What needs the portal's history stands under 'Not checked'."
    )
    page_is_file = "In this report 'page' is the number of the file, and 'position' counts from 0 within it."

    place_labels: ClassVar[dict[str, str]] = {
        "title": "Quality of the data on charge points",
        "region": "NAL region",
        "owner": "Data owner",
        "cpo": "CPO",
        "gemeente": "Municipality",
        "no_owner": "No permission",
        "unknown": "Place not known",
        "defects": "Why records were rejected",
        "incomplete": "Not counted, for the delivery is not complete; this may be the portal's doing:",
        "aantallen_csv": "these figures, per CPO and municipality, in Dutch. Opens in a Dutch spreadsheet.",
        "afkeuringen_csv": "rejected records, per CPO and rule, in Dutch. Opens in a Dutch spreadsheet.",
        "figures_csv": "the same figures, for your own systems.",
        "defects_csv": "the same rejections, for your own systems.",
        "no_personal": "This report holds numbers only: no records and no personal data.",
    }
    place_intro: ClassVar[dict[str, str]] = {
        "region": "What CPOs delivered about the charge points in your municipalities, and what became of it.",
        "owner": "What CPOs delivered about the charge points for which you gave permission, and what became of it.",
    }

    @abstractmethod
    def number(self, value: float, decimals: int = 0) -> str:
        """A number as the language writes it."""

    @abstractmethod
    def day(self, value: date, year: bool = True) -> str:
        """A date as the language writes it."""

    def short_day(self, value: date) -> str:
        """9 Nov, for beneath a column."""
        return f"{value.day} {self.day(value).split(' ')[1][:3]}"

    def trend_text(self, shares: list[tuple[date, str]]) -> str:
        """The picture of the last deliveries, in words."""
        return "Share rejected: " + "; ".join(f"{self.day(day)} {share}" for day, share in shares) + "."

    def since(self, window: date) -> str:
        """Which delivery this one is compared with."""
        return f"Compared with the delivery of {self.day(window)}, counted by record."

    def others(self, own: float, median: float, cpos: int) -> str:
        """This CPO beside the median of the others."""
        mine, theirs = round(100 * own), round(100 * median)
        if mine == theirs:
            place = "That is as much as with the others."
        else:
            place = "You do better than half of them." if mine > theirs else "Half of them do better."
        return (
            f"Of your records {mine}% was accepted. The median of {self.number(cpos)} other CPOs, in their newest complete "
            f"delivery of an earlier period, is {theirs}%. {place} We do not say which CPOs these are."
        )

    def checked(self, module: str, counts: Counts) -> str:
        """A self-check in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun = self.nouns[module]
        if n == 0:
            return f"Your files hold no {noun.many}."
        if rejected == 0:
            if counts.accepted != n:
                return f"Of the {self.number(n)} {noun.for_count(n)} in your files, none would be rejected."
            return f"All {self.number(n)} {noun.many} in your files would be accepted."
        if rejected == n:
            return f"All {self.number(n)} {noun.many} in your files would be rejected."
        return f"Of the {self.number(n)} {noun.many} in your files, {self.number(rejected)} would be rejected."

    def before(self, count: int) -> str:
        """How many findings of a rule the previous delivery had."""
        return f"previous delivery: {self.number(count)}"

    def place_sentence(self, kind: str, received: int, rejected: int) -> str:
        """The figures of a place in one sentence."""
        verb = "was" if rejected == 1 else "were"
        noun = self.nouns[kind].for_count(received)
        return f"Of {self.number(received)} {noun}, {self.number(rejected)} {verb} rejected."

    def rules_shown(self, shown: int, rules: int) -> str:
        """How many of the rules are listed."""
        return f"Rules: shown {self.number(shown)} of {self.number(rules)}"

    def place_windows(self, windows: list[date]) -> str:
        """Which deliveries the figures are of."""
        return f"Newest delivery of each CPO ({' and '.join(self.day(one) for one in windows)})."
