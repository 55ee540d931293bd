"""What a reminder says beside the words of the report, in plain Dutch (B1, u-form) and in English.

Here: subject and sentences. Not here: how corrected CDRs are delivered again, which are the report's own words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date

from linda_pipeline.report.explained import Words
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch


class ReminderWords(ABC):
    """The sentences of a reminder in one language; `report` has those of the report."""

    report: Words
    list_of_cases: str
    no_more: str

    @abstractmethod
    def subject(self, due: int, first: date | None, overdue: int) -> str:
        """What it is about: what is overdue, what is due, or both."""

    @abstractmethod
    def due(self, records: int, last: date) -> str:
        """Records that are to come again by a day."""

    @abstractmethod
    def overdue(self, records: int) -> str:
        """Records that did not come again in time."""

    @abstractmethod
    def due_label(self, last: date) -> str:
        """The label of a number of records that are due."""

    @abstractmethod
    def overdue_label(self, last: date) -> str:
        """The label of a number of records that are overdue."""


class DutchReminder(ReminderWords):
    """Dutch."""

    report = Dutch()
    list_of_cases = (
        "Welke CDR's het zijn, staat in het rapport van elke levering. NDW stuurt u op verzoek de hele lijst."
    )
    no_more = "Over CDR's waartegen u bezwaar hebt gemaakt, krijgt u geen herinnering zolang NDW niet heeft geantwoord."

    def subject(self, due: int, first: date | None, overdue: int) -> str:
        """LINDA: 12 CDR's nog te corrigeren, uiterlijk 7 december 2026."""
        soon = f"{self._cdrs(due)} nog te corrigeren, uiterlijk {self.report.day(first)}" if first else ""
        late = f"termijn verlopen voor {self._cdrs(overdue)}" if overdue else ""
        return "LINDA: " + " en ".join(filter(None, (late, soon)))

    def due(self, records: int, last: date) -> str:
        """Records that are to come again by a day."""
        verb = "wacht" if records == 1 else "wachten"
        return f"{self._cdrs(records)} {verb} nog op uw correctie. Wij moeten die uiterlijk {self.report.day(last)} hebben."

    def overdue(self, records: int) -> str:
        """Records that did not come again in time."""
        verb, them = ("is", "hem") if records == 1 else ("zijn", "ze")
        return (
            f"{self._cdrs(records)} {verb} niet op tijd gecorrigeerd: de vier weken zijn voorbij. Lever {them} alsnog zo snel "
            "mogelijk opnieuw aan, dan sluiten wij het dossier."
        )

    def due_label(self, last: date) -> str:
        """Uiterlijk 7 december 2026."""
        return f"Uiterlijk {self.report.day(last)}"

    def overdue_label(self, last: date) -> str:
        """Verlopen op 7 december 2026."""
        return f"Termijn verlopen op {self.report.day(last)}"

    def _cdrs(self, records: int) -> str:
        return self.report.counted(records, "cdrs")


class EnglishReminder(ReminderWords):
    """English."""

    report = English()
    list_of_cases = (
        "The report of each delivery says which CDRs these are. NDW sends you the whole list when you ask for it."
    )
    no_more = "CDRs that you objected to are left out for as long as NDW has not answered."

    def subject(self, due: int, first: date | None, overdue: int) -> str:
        """LINDA: 12 CDRs still to be corrected by 7 December 2026."""
        soon = f"{self._cdrs(due)} still to be corrected by {self.report.day(first)}" if first else ""
        late = f"{self._cdrs(overdue)} overdue" if overdue else ""
        return "LINDA: " + " and ".join(filter(None, (late, soon)))

    def due(self, records: int, last: date) -> str:
        """Records that are to come again by a day."""
        verb = "waits" if records == 1 else "wait"
        return f"{self._cdrs(records)} still {verb} for your correction. We need it by {self.report.day(last)}."

    def overdue(self, records: int) -> str:
        """Records that did not come again in time."""
        verb, it, case = ("was", "it", "the case") if records == 1 else ("were", "them", "the cases")
        return (
            f"{self._cdrs(records)} {verb} not corrected in time: the four weeks are over. Deliver {it} again as soon as you "
            f"can, and we close {case}."
        )

    def due_label(self, last: date) -> str:
        """By 7 December 2026."""
        return f"By {self.report.day(last)}"

    def overdue_label(self, last: date) -> str:
        """Overdue since 7 December 2026."""
        return f"Overdue since {self.report.day(last)}"

    def _cdrs(self, records: int) -> str:
        return self.report.counted(records, "cdrs")


REMINDER_WORDS: Mapping[str, ReminderWords] = {"nl": DutchReminder(), "en": EnglishReminder()}
