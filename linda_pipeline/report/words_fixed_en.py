"""The fixed English of a report: names, labels, headings, the list of files and the explanation of words.

Here: texts without a number in them, under the same names as in words_fixed_nl.py. Not here: sentences that count or date
something (words_en.py), and the sentences of the rules.
"""

from __future__ import annotations

from typing import ClassVar

from linda_pipeline.report.words import Noun


class EnglishFixed:
    """Labels and lists."""

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
        "received": "Delivered",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "identical": "Identical",
        "held_back": "Held back",
    }
    bucket_meanings: ClassVar[dict[str, str]] = {
        "accepted": "included in the portal",
        "rejected": "for you to correct",
        "identical": "we had it already; counts once",
        "held_back": "explained below",
    }
    outside_label = "Outside the period"
    outside_meaning = "not counted"
    severities: ClassVar[dict[str, str]] = {"error": "Rejection", "warning": "Warning", "info": "Information"}
    severity_headings: ClassVar[dict[str, str]] = {"error": "Rejections", "warning": "Warnings", "info": "Information"}
    severity_meanings: ClassVar[dict[str, str]] = {
        "error": "A record with one of these defects does not enter the portal. One record can have several defects.",
        "warning": "A warning does not stop a record. See whether you can take the cause away.",
        "info": "You do not have to do anything about this.",
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
        "counts": "These numbers in a table",
        "share": "Share",
        "total_row": "Together",
        "outside_row": "Outside the period (not counted)",
        "not_run": "Not checked, or only in part",
        "passed": "Rules without a finding",
        "files": "The files of this report",
        "words": "Words explained",
        "delivery": "Delivery",
        "profile": "Profile version",
        "ocpi": "OCPI version",
        "rule": "Rule",
        "good": "Right, for example",
        "bad": "Wrong, for example",
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
        "nothing_found": "empty or absent",
        "no_id": "no id",
        "details": "See this defect",
        "more_rules": "Other rules with findings",
        "show": "See the explanation",
    }
    held_texts: ClassVar[dict[str, str]] = {
        "no_permission": "No permission of the data owner covers this data yet, so we have not judged it. Arrange the "
        "permission with the concession grantor or contract holder, and report it to NDW.",
        "reservation_only": "There was a reservation only: nothing was charged. That is not a charging session. "
        "You do not have to do anything.",
        "home_charging": "This is charging at home, which is outside LINDA. Please do not deliver such CDRs.",
        "not_public": "Your own data says that the location is not public: publish is false, publish_allowed_to is filled, or "
        "parking_type is ON_DRIVEWAY. That is outside LINDA. Is this wrong? Then correct the location.",
        "scope_unreadable": "A field that says whether this is public charging cannot be read. As long as we do not know, "
        "we do not include this data. The findings show which field it is.",
    }
    files = (
        (
            "findings.xlsx",
            "All findings in a workbook, one sheet per rule (at most 50,000 on each). Made to be opened and filtered.",
        ),
        (
            "bevindingen.csv",
            "All findings in one table, in Dutch. Opens with a double click in a Dutch spreadsheet.",
        ),
        (
            "findings.csv",
            "All findings for your own systems, each value exactly as we found it. Not meant for a spreadsheet, which may "
            "take a value for a formula.",
        ),
        (
            "rejected.jsonl.gz",
            "Every rejected record, unchanged, with its findings. For you alone: it holds personal data.",
        ),
        ("summary.json", "The counts of this report, for your own systems."),
    )
    glossary = (
        ("CDR", "Charge detail record: the record of one charging session that has ended."),
        ("Charging session", "Charging once: from plugging in to unplugging."),
        ("Charge point", "The place where one vehicle can charge at a time. In OCPI: EVSE."),
        ("Location", "One or more charge points at one address. In OCPI: Location."),
        ("Accepted", "The record meets the LINDA profile and enters the portal."),
        ("Rejected", "The record has at least one defect and does not enter the portal."),
        ("Identical", "A copy of a record that is there already. It counts once."),
        ("Held back", "The record is not judged, mostly because a permission is missing."),
        ("Finding", "One place in one record that does not meet a rule."),
        ("Defect", "A finding for which the record is rejected."),
        ("Warning", "A finding that does not stop a record."),
        (
            "Due date",
            "The last day on which you can deliver corrected records again: four weeks after we fetched them.",
        ),
        ("Path", "The place in the record, in the field names of your OCPI version. Lists count from 0."),
        ("Page, position", "The page of your answer (from 1) and the place of the record in it (from 0)."),
    )
