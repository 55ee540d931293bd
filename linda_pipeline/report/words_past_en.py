"""The English of a report on the time before: the last deliveries, the previous one, and the other CPOs.

Here: sentences, under the same names as in words_past_nl.py. Not here: numbers and dates (words_en.py).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from linda_pipeline.report.words import Language


class EnglishPast(Language):
    """Earlier deliveries."""

    past_labels: ClassVar[dict[str, str]] = {
        "trend": "Your last deliveries",
        "since": "Compared with your previous delivery",
        "others": "Compared with other CPOs",
        "rejected_share": "Share rejected",
        "all_counts": "The same in numbers",
        "window": "Delivery",
        "judged": "Delivered",
        "rejected": "Rejected",
        "incomplete": "incomplete",
    }
    then_rows: ClassVar[dict[str, str]] = {
        "solved": "accepted now",
        "still_there": "rejected again now",
        "held_back": "held back now",
        "absent": "not in this delivery",
        "without_id": "without an id, so they cannot be followed",
    }
    now_rows: ClassVar[dict[str, str]] = {
        "again": "rejected last time too",
        "new": "not rejected last time",
        "without_id": "without an id, so they cannot be followed",
    }
    trend_note = (
        "Each column is a delivery and shows which part of it was rejected. "
        "A delivery that is incomplete does not count."
    )

    def short_day(self, value: date) -> str:
        """9 Nov, for beneath a column."""
        return f"{value.day} {self.day(value).split(' ')[1][:3]}"

    def trend_text(self, shares: list[tuple[date, str]]) -> str:
        """The picture of the last deliveries, in words."""
        return "Share rejected: " + "; ".join(f"{self.day(day)} {share}" for day, share in shares) + "."

    def never_rejected(self, deliveries: int) -> str:
        """Of deliveries in which nothing was rejected."""
        return f"Nothing was rejected in your last {self.number(deliveries)} deliveries."

    def since(self, window: date, module: str) -> str:
        """Which delivery this one is compared with, and what is counted."""
        if module == "locations":
            return (
                f"The previous delivery is that of {self.day(window)}. We compare locations and charge points that have a "
                "defect of their own, by id."
            )
        return f"The previous delivery is that of {self.day(window)}. We compare CDRs by id."

    def then_caption(self, records: int) -> str:
        """Above what became of the records that the previous delivery rejected."""
        return f"Rejected then: {self.number(records)}"

    def now_caption(self, records: int) -> str:
        """Above what the records that this delivery rejects were before."""
        return f"Rejected now: {self.number(records)}"

    def others(self, own: float, median: float, cpos: int) -> str:
        """This CPO beside the median of the others."""
        mine, theirs = round(100 * own), round(100 * median)
        if mine == theirs:
            place = "That is the same."
        else:
            place = "You do better than half of them." if mine > theirs else "Half of them do better."
        return (
            f"Of your records {mine}% was accepted. For the middle one of {self.number(cpos)} other CPOs that is {theirs}%, "
            f"measured over their newest complete delivery of an earlier period. {place} We do not say which CPOs these are."
        )

    def before(self, count: int) -> str:
        """How many findings of a rule the previous delivery had."""
        return f"previous delivery: {self.number(count)}"
