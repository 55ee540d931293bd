"""The English of the report, under the same names as in words_nl.py: numbers, dates, the verdict, and what a rule found.

Here: what counts or dates something in this delivery. Not here: labels and lists (words_fixed_en.py), other subjects
(words_again_en.py, words_past_en.py, words_place_en.py), and the sentences of the rules; each stands with its rule.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from linda_pipeline.calendar import AMSTERDAM, local_date
from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import grouped
from linda_pipeline.report.words_again_en import EnglishAgain
from linda_pipeline.report.words_fixed_en import EnglishFixed
from linda_pipeline.report.words_past_en import EnglishPast
from linda_pipeline.report.words_place_en import EnglishPlace

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class English(EnglishFixed, EnglishAgain, EnglishPast, EnglishPlace):
    """The report's English."""

    def number(self, value: float, decimals: int = 0) -> str:
        """12,345.6."""
        return grouped(value, decimals, ",", ".")

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in per cent; what is there is never shown as 0, and what lacks never as 100."""
        if whole == 0:
            return "–"
        percent = 100 * part / whole
        if 0 < percent < 0.1:
            return "< 0.1%"
        if 99.9 < percent < 100:
            return "> 99.9%"
        return f"{self.number(percent, 0 if percent in (0, 100) else 1)}%"

    def day(self, value: date, year: bool = True) -> str:
        """9 November 2026."""
        return f"{value.day} {MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")

    def period(self, module: str, first: date, last: date) -> str:
        """The window or night that a delivery is about, in words."""
        if module == "locations":
            return f"night of {self.day(first)}"
        same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
        begin = str(first.day) if same_month else self.day(first, year=not same_year)
        return f"period {begin} to {self.day(last)}"

    def pulled(self, moment: datetime) -> str:
        """When we fetched the delivery."""
        local = moment.astimezone(AMSTERDAM)
        return f"fetched on {self.day(local.date())} at {local:%H:%M} (Dutch time)"

    def _all(self, count: int) -> str:
        return "Both" if count == 2 else f"All {self.number(count)}"

    def verdict(self, module: str, counts: Counts, pulled_at: datetime) -> str:
        """The delivery in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun, session = self.nouns[module], self.sessions[module]
        when = f"on {self.day(local_date(pulled_at))}"
        if n == 0:
            return f"You delivered no {noun.many} {'in this period' if module == 'cdrs' else 'this night'}."
        if rejected == 0:
            if n == 1:
                return f"The {noun.one} that you delivered was {'accepted' if counts.accepted else 'not rejected'}."
            if counts.accepted == n:
                return f"{self._all(n)} {noun.many} were accepted."
            return f"Of the {self.number(n)} {noun.many} that you delivered {when}, none was rejected."
        if n == 1:
            return f"The {session.one} that you delivered {when} was rejected."
        if rejected == n:
            return f"{self._all(n)} {session.many} that you delivered {when} were rejected."
        verb = "was" if rejected == 1 else "were"
        return f"Of the {self.number(n)} {session.many} that you delivered {when}, {self.number(rejected)} {verb} rejected."

    def verdict_evses(self, counts: Counts) -> str:
        """What became of the EVSEs of a delivery of Locations."""
        n, rejected = counts.received, counts.rejected
        if n == 0:
            return "They had no charge points."
        if rejected == 0:
            if counts.accepted == n:
                return (
                    "The charge point was accepted too."
                    if n == 1
                    else f"{self._all(n)} charge points were accepted too."
                )
            return "No charge point was rejected."
        if rejected == n:
            return "The charge point was rejected." if n == 1 else f"{self._all(n)} charge points were rejected."
        verb = "was" if rejected == 1 else "were"
        return f"Of the {self.number(n)} charge points, {self.number(rejected)} {verb} rejected."

    nothing_to_do = "You do not have to do anything."
    only_warnings = "There are warnings, though. Read below what you can improve."
    only_held = "Read below why we have not included everything yet."
    only_changed = (
        "You do not have to deliver anything again: what was accepted before stays as it was. Read below how to correct a CDR "
        "that was accepted."
    )
    empty_advice: ClassVar[dict[str, str]] = {
        "cdrs": "If there were no charging sessions, you do not have to do anything. If there were, check that your OCPI "
        "connection returns CDRs by the date in last_updated.",
        "locations": "Check that your OCPI connection returns locations without a date filter.",
    }
    nothing_fetched = "We could not fetch your delivery."
    incomplete_title = "This delivery is not complete"
    incomplete = (
        "We could not fetch everything. The cause may lie with us or with your connection; it does not count in your "
        "score. We will try again. The numbers in this report cover only what we did receive."
    )
    delivery_wide = "This is about the delivery as a whole."
    portable = "This report opens without internet. The files are in the same folder."
    rejected_whole = (
        "All charge points of a rejected location are rejected with it. A charge point with a defect does not stop "
        "the other charge points of its location."
    )
    value_masked = "Personal data is masked here. The full value is only in rejected.jsonl.gz."

    def due(self, module: str, counts: Counts, due_date: date) -> str:
        """What must be done, and by when."""
        day = self.day(due_date)
        if module == "locations":
            return f"Correct this data in your source system by {day}. We fetch your locations again every night."
        these = (
            "this CDR in your source system and deliver it"
            if counts.rejected == 1
            else ("these CDRs in your source system and deliver them")
        )
        return f"Correct {these} again by {day}."

    def bar_title(self, module: str, count: int) -> str:
        """The title of the picture of buckets."""
        return f"What became of {self.counted(count, module)}"

    def frequent_heading(self, count: int) -> str:
        """Above the most frequent defects."""
        return {1: "What you need to correct", 2: "The two most frequent defects"}.get(
            count, "The three most frequent defects"
        )

    def costs(self, records: int, alone: int, object_name: str) -> str:
        """What one defect costs."""
        text = f"{self.counted(records, object_name)} rejected"
        if alone == 0:
            return text + ", always together with another defect"
        return text + (" for this alone" if alone == records else f", {self.number(alone)} of them for this alone")

    def of_received(self, records: int, received: int, object_name: str) -> str:
        """How many of the received records a rule is about."""
        return f"{self.counted(records, object_name)} ({self.share(records, received)} of {self.number(received)})"

    def findings(self, count: int) -> str:
        """A number of findings."""
        return f"{self.number(count)} {'finding' if count == 1 else 'findings'}"

    def examples(self, shown: int, findings: int) -> str:
        """How many of the findings are shown."""
        return f"Examples: {self.number(shown)} of {self.number(findings)} shown"

    def files_shown(self, shown: int, files: int) -> str:
        """Opens the list of files of a self-check."""
        noun = "file" if files == 1 else "files"
        return f"{self.number(files)} {noun}" + (f", the first {self.number(shown)}" if shown < files else "")

    def share_of_defect(self, records: int, object_name: str) -> str:
        """How many records a rule is about, in short."""
        return "whole delivery" if object_name == "delivery" else self.counted(records, object_name)

    def show_rules(self, count: int) -> str:
        """Opens a list of rules."""
        return "See this rule" if count == 1 else f"See these {self.number(count)} rules"

    def more_defects(self, count: int) -> str:
        """Opens the defects after the first."""
        return "1 more defect" if count == 1 else f"{self.number(count)} more defects"

    def left_out(self, rules: int) -> str:
        """Which rules have no section of their own."""
        which = "1 more rule" if rules == 1 else f"{self.number(rules)} more rules"
        return f"Of {which} with findings only the numbers are listed here. The findings are in findings.xlsx."

    def passed(self, count: int) -> str:
        """How many rules found nothing."""
        return f"{self.number(count)} {'rule' if count == 1 else 'rules'} found nothing."

    not_run_intro = (
        "We could not check these rules, or not for all records. What was not checked does not count in the verdict."
    )

    def checked_on(self, checked: int, records: int, object_name: str) -> str:
        """On how many of the records a rule could be checked."""
        return (
            f"checked on {self.number(checked)} of {self.number(records)} {self.nouns[object_name].for_count(records)}"
        )

    def outside(self, module: str, version: str, count: int) -> str:
        """How many records fell outside the window, why they came, and that they do not count."""
        came = (
            "OCPI 2.1.1 does not say whether the bounds of a period count. So we ask for one more day on each side."
            if version == "2.1.1"
            else "Your server sent more than we asked for."
        )
        they = "It belongs" if count == 1 else "They belong"
        return (
            f"We also received {self.counted(count, module)} with a last_updated outside this period. {came} {they} to another "
            f"delivery and {'does' if count == 1 else 'do'} not count here."
        )

    def held(self, object_name: str, reason: str, count: int, is_check: bool = False) -> str:
        """How many records were held back for a reason, and what that means."""
        held_back = f"{self.counted(count, object_name)} {'was' if count == 1 else 'were'} held back."
        lead = self.left_out_of_check(object_name, count) if is_check else held_back
        return f"{lead} {self.held_texts.get(reason, reason)}"
