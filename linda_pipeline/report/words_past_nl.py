"""The Dutch of a report on the time before: the last deliveries, the previous one, and the other CPOs.

Here: sentences in plain Dutch (B1, u-form), under the same names as in words_past_en.py. Not here: numbers and dates.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from linda_pipeline.report.words import Language


class DutchPast(Language):
    """Earlier deliveries."""

    past_labels: ClassVar[dict[str, str]] = {
        "trend": "Uw laatste leveringen",
        "since": "Vergeleken met uw vorige levering",
        "others": "Vergeleken met andere CPO's",
        "rejected_share": "Aandeel afgekeurd",
        "all_counts": "Hetzelfde in getallen",
        "window": "Levering",
        "judged": "Aangeleverd",
        "rejected": "Afgekeurd",
        "incomplete": "niet compleet",
    }
    then_rows: ClassVar[dict[str, str]] = {
        "solved": "nu goedgekeurd",
        "still_there": "nu weer afgekeurd",
        "held_back": "nu nog niet opgenomen",
        "absent": "niet in deze levering",
        "without_id": "zonder id, dus niet te volgen",
    }
    now_rows: ClassVar[dict[str, str]] = {
        "again": "vorige keer ook afgekeurd",
        "new": "vorige keer niet afgekeurd",
        "without_id": "zonder id, dus niet te volgen",
    }
    trend_note = (
        "Elke kolom is een levering en laat zien welk deel is afgekeurd. "
        "Een levering die niet compleet is, telt niet mee."
    )

    def short_day(self, value: date) -> str:
        """9 nov, for beneath a column."""
        month = self.day(value).split(" ")[1]
        return f"{value.day} {'mrt' if month == 'maart' else month[:3]}"

    def trend_text(self, shares: list[tuple[date, str]]) -> str:
        """The picture of the last deliveries, in words."""
        return "Aandeel afgekeurd: " + "; ".join(f"{self.day(day)} {share}" for day, share in shares) + "."

    def never_rejected(self, deliveries: int) -> str:
        """Of deliveries in which nothing was rejected."""
        return f"In uw laatste {self.number(deliveries)} leveringen is niets afgekeurd."

    def since(self, window: date, module: str) -> str:
        """Which delivery this one is compared with, and what is counted."""
        if module == "locations":
            return (
                f"De vorige levering is die van {self.day(window)}. Wij vergelijken laadlocaties en laadpunten waarin zelf een "
                "gebrek is gevonden, op hun id."
            )
        return f"De vorige levering is die van {self.day(window)}. Wij vergelijken CDR's op hun id."

    def then_caption(self, records: int) -> str:
        """Above what became of the records that the previous delivery rejected."""
        return f"Toen afgekeurd: {self.number(records)}"

    def now_caption(self, records: int) -> str:
        """Above what the records that this delivery rejects were before."""
        return f"Nu afgekeurd: {self.number(records)}"

    def others(self, own: float, median: float, cpos: int) -> str:
        """This CPO beside the median of the others."""
        mine, theirs = round(100 * own), round(100 * median)
        if mine == theirs:
            place = "Dat is evenveel."
        else:
            place = "U doet het beter dan de helft van hen." if mine > theirs else "De helft van hen doet het beter."
        return (
            f"Van uw records is {mine}% goedgekeurd. Bij de middelste van {self.number(cpos)} andere CPO's is dat {theirs}%, "
            f"gemeten over hun nieuwste complete levering van een eerdere periode. {place} "
            "Welke CPO's dit zijn, zeggen wij niet."
        )

    def before(self, count: int) -> str:
        """How many findings of a rule the previous delivery had."""
        return f"vorige levering: {self.number(count)}"
