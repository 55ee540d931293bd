"""The receipt of a delivery, to send to its CPO: what we asked, what came, its hash, and what became of it.

Here: the text in Dutch and English. Not here: the quality report, which tells every defect (report).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from linda_pipeline.calendar import AMSTERDAM
from linda_pipeline.ledger.entry import Judgement, bounds
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

_LABELS = {
    "nl": {
        "title": "Ontvangstbewijs",
        "delivery": "Levering",
        "period": "Periode",
        "pulled": "Opgehaald",
        "version": "OCPI-versie",
        "pages": "Pagina's",
        "records": "Records",
        "bytes": "Bytes (uitgepakt)",
        "complete": "Compleet",
        "sum": "SHA-256",
        "proof": {
            "count": "ja: evenveel verschillende records als uw X-Total-Count",
            "second crawl": "ja: twee keer opgehaald, beide keren gelijk",
            None: "ja",
        },
        "doubt": "nee. Wij kunnen niet bewijzen dat alles er is, en halen de levering opnieuw op.",
        "hidden": "Niet gekregen: uw server weigert {n} records, ook afzonderlijk.",
        "not_judged": "Deze levering is nog niet beoordeeld.",
        "due": "Lever gecorrigeerde CDR's uiterlijk {day} opnieuw aan.",
        "outside": "Buiten de periode",
        "note": "De SHA-256 is genomen over de SHA-256 van elke pagina, in volgorde. Wij bewaren de pagina's zoals wij ze "
        "ontvingen.",
    },
    "en": {
        "title": "Receipt",
        "delivery": "Delivery",
        "period": "Period",
        "pulled": "Pulled",
        "version": "OCPI version",
        "pages": "Pages",
        "records": "Records",
        "bytes": "Bytes (decoded)",
        "complete": "Complete",
        "sum": "SHA-256",
        "proof": {
            "count": "yes: as many different records as your X-Total-Count",
            "second crawl": "yes: pulled twice, the same both times",
            None: "yes",
        },
        "doubt": "no. We cannot prove that everything is there, and pull the delivery again.",
        "hidden": "Not received: your server refuses {n} records, even one by one.",
        "not_judged": "This delivery has not been judged yet.",
        "due": "Deliver corrected CDRs again by {day} at the latest.",
        "outside": "Outside the period",
        "note": "The SHA-256 is taken over the SHA-256 of each page, in order. We keep the pages as we received them.",
    },
}


def receipt(pull: Pull, judgement: Judgement | None, cpo_name: str, language: str) -> str:
    """The receipt of a pull as plain text. `judgement` is its ledger entry where it was judged."""
    words: Dutch | English = Dutch() if language == "nl" else English()
    labels: dict[str, Any] = _LABELS[words.code]
    start, end = bounds(pull.delivery)
    first = start.astimezone(AMSTERDAM).date() if pull.delivery.module == "locations" else start.date()
    last = first if pull.delivery.module == "locations" else end.date() - timedelta(days=1)
    rows = [
        (labels["delivery"], pull.delivery.id),
        (labels["period"], words.period(pull.delivery.module, first, last)),
        (labels["pulled"], _moment(pull.pulled_at, words)),
        (labels["version"], pull.ocpi_version),
        (labels["pages"], words.number(len(pull.files))),
        (labels["records"], words.number(pull.records)),
        (labels["bytes"], words.number(pull.body_bytes)),
        (
            labels["complete"],
            labels["proof"].get(pull.proof, labels["proof"][None]) if pull.complete else labels["doubt"],
        ),
        (labels["sum"], hashlib.sha256("".join(page.sha256 for page in pull.files).encode()).hexdigest()),
    ]
    lines = [f"{labels['title']} LINDA, {cpo_name}", "", *_aligned(rows)]
    if pull.hidden:
        lines += ["", labels["hidden"].format(n=words.number(len(pull.hidden)))]
    lines.append("")
    if judgement is None or judgement.pull != pull.stamp:
        lines.append(labels["not_judged"])
    else:
        for kind, counts in judgement.counts.items():
            lines += _aligned([(words.headings[kind], "")])
            lines += _aligned([(f"  {words.buckets[name]}", words.number(counts.of(name))) for name in words.buckets])
        if judgement.outside_window:
            lines += _aligned([(labels["outside"], words.number(judgement.outside_window))])
        if judgement.due_date is not None:
            lines += ["", labels["due"].format(day=words.day(judgement.due_date))]
    return "\n".join([*lines, "", labels["note"]]) + "\n"


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"{label:<22}{value}".rstrip() for label, value in rows]


def _moment(moment: datetime, words: Dutch | English) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{words.day(local.date())}, {local:%H:%M} (Europe/Amsterdam)"
