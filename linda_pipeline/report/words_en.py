"""Every English sentence of the report.

Here: sentences, numbers and dates, under the same names as in words_nl.py. Not here: the sentences of the rules; each
stands with its rule.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from linda_pipeline.calendar import AMSTERDAM, local_date
from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Noun, grouped
from linda_pipeline.report.words_past_en import EnglishPast

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class English(EnglishPast):
    """The report's English."""

    code = "en"
    file = "report.html"
    other_code = "nl"
    other_file = "rapport.html"
    other_name = "Nederlands"
    other_label = "Dit rapport in het Nederlands"
    portal = "Dutch national portal for charge point usage data"
    skip = "Skip to the content"
    nouns: ClassVar[dict[str, Noun]] = {
        "cdrs": Noun("CDR", "CDRs"),
        "locations": Noun("location", "locations"),
        "evses": Noun("charge point", "charge points"),
        "cdr": Noun("CDR", "CDRs"),
        "location": Noun("location", "locations"),
        "evse": Noun("charge point", "charge points"),
        "delivery": Noun("delivery", "deliveries"),
    }
    sessions: ClassVar[dict[str, Noun]] = {
        "cdrs": Noun("charging session", "charging sessions"),
        "locations": Noun("location", "locations"),
    }
    titles: ClassVar[dict[str, str]] = {"cdrs": "Quality report on CDRs", "locations": "Quality report on locations"}
    headings: ClassVar[dict[str, str]] = {"cdrs": "CDRs", "locations": "Locations", "evses": "Charge points"}
    buckets: ClassVar[dict[str, str]] = {
        "received": "Received",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "identical": "Identical",
        "held_back": "Held back",
    }
    bucket_meanings: ClassVar[dict[str, str]] = {
        "accepted": "taken into the portal",
        "rejected": "yours to correct",
        "identical": "we had it already, counts once",
        "held_back": "see the explanation below",
    }
    severities: ClassVar[dict[str, str]] = {"error": "Rejection", "warning": "Warning", "info": "Information"}
    severity_headings: ClassVar[dict[str, str]] = {"error": "Rejections", "warning": "Warnings", "info": "Information"}
    severity_meanings: ClassVar[dict[str, str]] = {
        "error": "Because of these defects, data was not taken in. Correct it in your source system.",
        "warning": "This data was taken in, unless it has a rejection as well. See whether you can take the cause away.",
        "info": "This data was taken in, unless it has a rejection as well. You need not do anything about it.",
    }
    documents: ClassVar[dict[str, str]] = {
        "A": "LINDA toolkit (April 2025), Architectuur",
        "P": "LINDA toolkit (April 2025), OCPI LINDA Profiel",
        "V": "LINDA toolkit (April 2025), Aansluitvoorwaarden",
        "O": "OCPI 2.1.1-d2, 2.2.1-d2 and 2.3.0",
        "L": "this portal's own rule",
    }
    labels: ClassVar[dict[str, str]] = {
        "result": "Result",
        "contents": "On this page",
        "counts": "Counts",
        "share": "Share",
        "total_row": "Together (received)",
        "held": "Held back",
        "not_run": "Not checked",
        "passed": "Rules without a finding",
        "files": "All findings and records",
        "words": "Words explained",
        "delivery": "Delivery",
        "profile": "Profile version",
        "ocpi": "OCPI version",
        "rule": "Rule",
        "good": "Fine, for example",
        "field": "Field",
        "source": "Source",
        "remedy": "What to do",
        "record": "Id of the record",
        "path": "Path",
        "found": "Found",
        "place": "Page, position",
        "why": "Reason",
        "findings": "Findings",
        "records": "Records",
        "file": "File",
        "holds": "What it holds",
        "nothing_found": "empty",
        "no_id": "no id",
        "details": "See this defect",
        "more_rules": "Other rules with findings",
    }
    held_texts: ClassVar[dict[str, str]] = {
        "no_permission": "No permission of the data owner covers this data yet, so we have not judged it. Arrange the "
        "permission with the concession grantor or contract holder, and report it to NDW.",
        "reservation_only": "This is a reservation only: nothing was charged. Such a CDR is no charging session. "
        "You need not do anything.",
        "home_charging": "This is charging at home and lies outside LINDA. Please leave such CDRs out.",
        "not_public": "This location is not public: publish is false, publish_allowed_to names who may see it, or it stands on "
        "a driveway. LINDA holds public charge points alone. You need not do anything.",
        "scope_unreadable": "A field that says whether this is public charging cannot be read, so we do not take it in. The "
        "findings name the field. Mend it and send the record again.",
    }
    files = (
        (
            "findings.xlsx",
            "All findings in a workbook, one sheet per rule (at most 50,000 on each). Made to be opened and filtered.",
        ),
        (
            "bevindingen.csv",
            "All findings in one table, in Dutch. Opens by a double click in a Dutch spreadsheet.",
        ),
        (
            "findings.csv",
            "All findings for your own systems, each value exactly as we found it. Not meant for a spreadsheet, which may "
            "take a value for a formula.",
        ),
        (
            "rejected.jsonl.gz",
            "Every rejected record exactly as we received it, with its findings. For you alone: "
            "it holds personal data.",
        ),
        ("summary.json", "The counts of this report, for your own systems."),
    )
    glossary = (
        ("CDR", "Charge detail record: the record of one charging session that has ended."),
        ("Charging session", "Charging once: from plug in to plug out."),
        ("Charge point", "Where one vehicle can charge at a time. In OCPI: EVSE."),
        ("Location", "One or more charge points at one address. In OCPI: Location."),
        ("Accepted", "The record meets the LINDA profile and was taken into the portal."),
        ("Rejected", "The record has at least one defect and was not taken in."),
        ("Identical", "A copy of a record that we have already. It counts once."),
        ("Held back", "The record is not judged, mostly because permission is missing."),
        ("Finding", "One place in one record that does not meet a rule."),
        ("Defect", "A finding for which the record was rejected."),
        ("Warning", "A finding with which the record was taken in all the same."),
        (
            "Due date",
            "The last day on which you can deliver corrected records again: four weeks after we fetched them.",
        ),
        ("Path", "The place in the record, in the field names of your OCPI version. Lists count from 0."),
        ("Page, position", "The page of your answer (from 1) and the place of the record in it (from 0)."),
    )

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

    def counted(self, count: int, object_name: str) -> str:
        """A number with its noun: 2 CDRs."""
        return f"{self.number(count)} {self.nouns[object_name].for_count(count)}"

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
                return f"All {self.number(n)} {noun.many} were accepted."
            return f"Of the {self.number(n)} {noun.many} that you delivered {when}, none was rejected."
        if n == 1:
            return f"The {session.one} that you delivered {when} was rejected."
        if rejected == n:
            return f"All {self.number(n)} {session.many} that you delivered {when} were rejected."
        verb = "was" if rejected == 1 else "were"
        return f"Of the {self.number(n)} {session.many} that you delivered {when}, {self.number(rejected)} {verb} rejected."

    def verdict_evses(self, counts: Counts) -> str:
        """What became of the EVSEs of a delivery of Locations."""
        n, rejected = counts.received, counts.rejected
        if n == 0:
            return "They held no charge points."
        if rejected == 0:
            if counts.accepted == n:
                return (
                    "The charge point was accepted too."
                    if n == 1
                    else (f"All {self.number(n)} charge points were accepted too.")
                )
            return "No charge point was rejected."
        if rejected == n:
            return "The charge point was rejected." if n == 1 else f"All {self.number(n)} charge points were rejected."
        verb = "was" if rejected == 1 else "were"
        return f"Of the {self.number(n)} charge points, {self.number(rejected)} {verb} rejected."

    nothing_to_do = "You need not do anything."
    only_warnings = "There are warnings, though. Read below what you can improve."
    only_held = "Read below why we have not taken in everything yet."
    empty_advice: ClassVar[dict[str, str]] = {
        "cdrs": "Were there no charging sessions? Then you need not do anything. Were there? Then check that your OCPI "
        "connection returns CDRs by the date in last_updated.",
        "locations": "Check that your OCPI connection returns locations without a date filter.",
    }
    nothing_fetched = "We could not fetch your delivery."
    incomplete_title = "This delivery is not complete"
    incomplete = (
        "We could not fetch everything. The cause may lie with us or with your connection; it does not count in your "
        "score. We will try again. The numbers in this report cover only what we did receive."
    )
    delivery_wide = "This defect is about the delivery as a whole."
    no_counts = "Nothing was received, so there is nothing to count."
    portable = "This report opens without internet. The other files stand in the same folder."
    rejected_whole = (
        "All charge points of a rejected location are rejected with it. A charge point with a defect does not hold back "
        "the other charge points of its location."
    )
    value_masked = "Personal data is masked here. The full value stands only in rejected.jsonl.gz."

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

    def costly_heading(self, count: int) -> str:
        """Above the defects that cost most."""
        return {1: "The defect to mend", 2: "The two defects that cost most"}.get(
            count, "The three defects that cost most"
        )

    def costs(self, records: int, alone: int, object_name: str) -> str:
        """What one defect costs."""
        text = f"{self.counted(records, object_name)} rejected"
        if alone == 0:
            return text + ", always along with another defect"
        return text + (", for this alone" if alone == records else f", {self.number(alone)} of them for this alone")

    def of_received(self, records: int, received: int, object_name: str) -> str:
        """How many of the received records a rule is about."""
        return f"{self.counted(records, object_name)} ({self.share(records, received)} of {self.number(received)})"

    def findings(self, count: int) -> str:
        """A number of findings."""
        return f"{self.number(count)} {'finding' if count == 1 else 'findings'}"

    def examples(self, shown: int, findings: int) -> str:
        """How many of the findings are shown."""
        return f"Examples: shown {self.number(shown)} of {self.number(findings)}"

    def left_out(self, shown: int, rules: int) -> str:
        """Which rules have no section of their own."""
        return (
            f"Above stand {self.number(shown)} of the {self.number(rules)} rules with findings. "
            "The examples of the other rules stand in findings.csv."
        )

    def passed(self, count: int) -> str:
        """How many rules found nothing."""
        return f"{self.number(count)} {'rule' if count == 1 else 'rules'} found nothing."

    passed_list = "See these rules"
    not_run_intro = "We could not check these rules. They do not count in the verdict."

    def outside(self, module: str, count: int) -> str:
        """How many records fell outside the window."""
        verb, they = ("lies", "It is") if count == 1 else ("lie", "They are")
        return (
            f"We also received {self.counted(count, module)} that {verb} outside this period. {they} not counted here."
        )

    def held(self, object_name: str, reason: str, count: int) -> str:
        """How many records were held back for a reason, and what that means."""
        verb = "was" if count == 1 else "were"
        return f"{self.counted(count, object_name)} {verb} held back. {self.held_texts.get(reason, reason)}"
