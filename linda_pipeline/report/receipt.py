"""The receipt of a delivery, to send to its CPO: what we asked, what came, its hash, and what became of it.

Here: the text in Dutch and English. Not here: the quality report, which tells every defect (report).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from linda_pipeline.calendar import AMSTERDAM
from linda_pipeline.ledger.attempts import Attempt
from linda_pipeline.ledger.entry import Judgement, bounds
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
        "note": "The SHA-256 is taken over the SHA-256 of each page, in order. We keep the pages as we received them.",
    },
}


def receipt(attempt: Attempt, judgement: Judgement | None, cpo_name: str, language: str) -> str:
    """The receipt of an attempt that came to its end, as plain text. `judgement` is its ledger entry where it was judged."""
    words: Dutch | English = Dutch() if language == "nl" else English()
    labels: dict[str, Any] = _LABELS[words.code]
    start, end = bounds(attempt.delivery)
    first = start.astimezone(AMSTERDAM).date() if attempt.delivery.module == "locations" else start.date()
    last = first if attempt.delivery.module == "locations" else end.date() - timedelta(days=1)
    rows = [
        (labels["delivery"], attempt.delivery.id),
        (labels["period"], words.period(attempt.delivery.module, first, last)),
        (labels["pulled"], _moment(attempt.begun_at, words)),
        (labels["version"], attempt.ocpi_version or ""),
        (labels["pages"], words.number(attempt.pages)),
        (labels["records"], words.number(attempt.records)),
        (labels["bytes"], words.number(attempt.bytes)),
        (
            labels["complete"],
            labels["proof"].get(attempt.proof, labels["proof"][None]) if attempt.complete else labels["doubt"],
        ),
        (labels["sum"], attempt.sha256 or ""),
    ]
    lines = [f"{labels['title']} LINDA, {cpo_name}", "", *_aligned(rows)]
    if attempt.hidden:
        lines += ["", labels["hidden"].format(n=words.number(len(attempt.hidden)))]
    lines.append("")
    if judgement is None or judgement.pull != attempt.pull:
        lines.append(labels["not_judged"])
    else:
        for kind, counts in judgement.counts.items():
            lines += _aligned([(words.headings[kind], "")])
            lines += _aligned([(f"  {words.buckets[name]}", words.number(counts.of(name))) for name in words.buckets])
        module = judgement.delivery.module
        if judgement.outside_window:
            lines += _aligned([(words.outside_label, words.number(judgement.outside_window))])
            lines += ["", words.outside(module, judgement.ocpi_version, judgement.outside_window)]
        if judgement.due_date is not None:
            lines += ["", words.due(module, judgement.main, judgement.due_date)]
    return "\n".join([*lines, "", labels["note"]]) + "\n"


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    return [f"{label:<22}{value}".rstrip() for label, value in rows]


def _moment(moment: datetime, words: Dutch | English) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{words.day(local.date())}, {local:%H:%M} (Europe/Amsterdam)"
