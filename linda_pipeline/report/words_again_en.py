"""The English of what comes before and after a delivery: a CPO's own check, and how to deliver corrected records again.

Here: sentences, under the same names as in words_again_nl.py. Not here: the verdict (words_en.py).
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import ClassVar

from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Language


class EnglishAgain(Language):
    """Checking beforehand and delivering again."""

    self_check = "Self-check, before delivery"
    checked_files = "The files checked"
    no_window = "your own files"
    self_check_advice = "Correct this data in your source system before you deliver it."
    self_check_fine = "You can deliver this data."
    self_check_note = (
        "This is your own check: nothing was delivered to the portal. The rules are the same as the portal's. "
        "Rules that need earlier deliveries are listed under 'Not checked, or only in part'."
    )
    page_is_file = "In this report 'page' is the number of the file, and 'position' counts from 0 within it."
    checked_buckets: ClassVar[dict[str, str]] = {
        "received": "Checked",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "identical": "Identical",
        "held_back": "Not counted",
    }
    checked_meanings: ClassVar[dict[str, str]] = {
        "accepted": "meets the profile",
        "rejected": "for you to correct",
        "identical": "a copy of another record",
        "held_back": "explained below",
    }
    checked_heading = "Not counted"
    not_in_a_check = ("Due date", "Held back")
    """Words that a self-check does not use."""

    again_heading = "How to deliver again"
    changed_heading = "How to correct a CDR that was accepted"

    again_steps_locations = (
        "Correct the location or charge point in your source system. Keep the ids as they are, and set last_updated to the "
        "moment of the correction.",
        "That is all: we fetch your locations again every night. The next report shows whether it worked.",
    )

    def checked(self, module: str, counts: Counts) -> str:
        """A self-check in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun = self.nouns[module]
        if n == 0:
            return f"Your files hold no {noun.many}."
        if rejected == 0:
            if counts.accepted != n:
                return f"Of the {self.number(n)} {noun.many} in your files, none would be rejected."
            if n == 1:
                return f"The {noun.one} in your files would be accepted."
            return f"{self._all(n)} {noun.many} in your files would be accepted."
        if rejected == n:
            if n == 1:
                return f"The {noun.one} in your files would be rejected."
            return f"{self._all(n)} {noun.many} in your files would be rejected."
        return f"Of the {self.number(n)} {noun.many} in your files, {self.number(rejected)} would be rejected."

    @abstractmethod
    def _all(self, count: int) -> str:
        """All of a number of records."""

    def left_out_of_check(self, object_name: str, count: int) -> str:
        """How many records of a self-check are not judged."""
        return f"{self.counted(count, object_name)} {'is' if count == 1 else 'are'} not counted."

    def again_steps(self, last_pull: date) -> tuple[str, ...]:
        """What a CPO does to deliver corrected CDRs again, in order. `last_pull`: our last pull within the term."""
        return (
            "Correct the CDR in your source system. Keep its id as it is, or fill it in where it was missing.",
            "Set last_updated to the moment of the correction, in UTC. Then we fetch the CDR again automatically: every two "
            "weeks we ask for all CDRs with a last_updated in those two weeks.",
            f"Do this in time. On {self.day(last_pull)} we fetch the CDRs with a last_updated before that day. That is the "
            "last time within your term.",
        )

    def again_notes(self, has_credits: bool) -> tuple[str, ...]:
        """What else to know about delivering CDRs again. `has_credits`: the CPO's OCPI version has credit CDRs."""
        return (
            "If you cannot change last_updated, ask NDW to fetch this period once more as soon as the CDRs are corrected.",
            self.correction(has_credits),
            "Do not deliver both the old and the corrected CDR under one id: the one with the oldest last_updated counts.",
        )

    def correction(self, has_credits: bool) -> str:
        """How a CDR that was accepted is corrected."""
        correction = (
            "Then deliver a credit CDR (with an id of its own, credit set to true, the id of the wrong CDR in "
            "credit_reference_id, and only total_cost negative) and a new CDR, with an id of its own too."
            if has_credits
            else "OCPI 2.1.1 has no credit CDR: please contact NDW."
        )
        return f"A CDR that was accepted is never changed. Is it wrong after all? {correction}"
