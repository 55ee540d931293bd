"""The letter to a CPO's quality contact after each judged delivery: the verdict, the figures, what costs most, and what to do.

Here: which news a delivery is, and its letter. Not here: the words of the verdict and of the rules (report), and whom to write
to (register.contacts). A night of Locations is news only where it has a defect that the night before had not, or more of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.ledger.entry import BUCKETS, Counts, Judgement
from linda_pipeline.post.layout import Body, Item, Section, laid_out
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_words import MAIL_WORDS, MailWords
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.explained import Words, explain
from linda_pipeline.report.figures import ReportFigures
from linda_pipeline.report.verdict import advice, instructions, verdict

KIND = "report"
COSTLIEST = 3


@dataclass(frozen=True)
class Receiver:
    """Somebody to write to."""

    name: str
    address: str
    language: str


@dataclass(frozen=True)
class ReportPlace:
    """Where the report of a delivery is: the address at which reports are served, or nothing."""

    served_at: str | None

    def of(self, folder: str, file: str) -> tuple[str, bool]:
        """The place of a report's page, and whether it is an address that opens."""
        if self.served_at is None:
            return f"{folder}/{file}", False
        return f"{self.served_at}/{folder}/{file}", True


def is_news(judgement: Judgement, before: Judgement | None) -> bool:
    """Whether a delivery is worth a letter; `before` is the night that was judged before it, for Locations."""
    if judgement.delivery.module == "cdrs" or before is None:
        return judgement.delivery.module == "cdrs" or bool(_defects(judgement))
    known = _defects(before)
    return any(count > known.get(key, 0) for key, count in _defects(judgement).items())


def _defects(judgement: Judgement) -> dict[tuple[str, str], int]:
    """Findings by object and rule of what rejects a record."""
    return {
        (object_name, rule): count
        for (object_name, rule, severity), count in judgement.findings.items()
        if severity == Severity.ERROR
    }


def news_of(judgement: Judgement) -> str:
    """What a delivery's letter tells, as a key: the same delivery judged again with the same outcome is no news."""
    told = {
        "pull": judgement.pull,
        "complete": judgement.complete,
        "counts": {kind: [counts.of(bucket) for bucket in BUCKETS] for kind, counts in judgement.counts.items()},
        "findings": sorted([*key, count] for key, count in judgement.findings.items()),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    return f"{KIND} {judgement.delivery.id} {digest}"


def delivery_letter(
    figures: ReportFigures, rules: Mapping[str, Rule], receiver: Receiver, place: ReportPlace
) -> Letter:
    """The letter on one delivery to one person."""
    judgement, words = figures.judgement, MAIL_WORDS[receiver.language]
    delivery, counts, report = judgement.delivery, judgement.main, words.report
    where, is_address = place.of(delivery.folder.as_posix(), report.file)
    body = Body(
        greeting=words.greeting(receiver.name),
        paragraphs=tuple(filter(None, (_news(figures, words), advice(figures, report)))),
        figures=_counts(counts, report) if counts.received else (),
        sections=tuple(filter(None, (_costliest(figures, rules, words), _again(figures, words)))),
        ending=(words.report_at(where, is_address),),
        address=where if is_address else None,
    )
    period = report.period(delivery.module, *judgement.days)
    subject = words.subject(
        delivery.module, counts.received, counts.rejected, counts.accepted, judgement.complete, period
    )
    text, html = laid_out(body, words, subject)
    return Letter(
        key=news_of(judgement),
        kind=KIND,
        of=delivery.cpo,
        receiver=receiver.address,
        language=receiver.language,
        subject=subject,
        text=text,
        html=html,
    )


def _counts(counts: Counts, report: Words) -> tuple[tuple[str, str], ...]:
    return tuple((report.buckets[name], report.number(count)) for name, count in counts.as_dict().items())


def _news(figures: ReportFigures, words: MailWords) -> str:
    said = verdict(figures, words.report)
    return said if figures.judgement.complete else f"{words.report.incomplete_title}. {said}"


def _costliest(figures: ReportFigures, rules: Mapping[str, Rule], words: MailWords) -> Section | None:
    defects = [defect for defect in figures.of(Severity.ERROR) if defect.object != "delivery"][:COSTLIEST]
    if not defects:
        return None
    items = []
    for defect in defects:
        told = explain(defect.key, rules, figures.judgement.ocpi_version, defect.severity.value, words.report)
        costs = words.report.costs(defect.records, defect.alone, defect.object)
        items.append(Item(told.sentence, costs, told.fix))
    return Section(words.report.frequent_heading(len(items)), tuple(items))


def _again(figures: ReportFigures, words: MailWords) -> Section | None:
    again = instructions(figures, words.report)
    if again is None or not again.steps:
        return None
    return Section(again.heading, tuple(Item(step) for step in again.steps), is_numbered=True)
