"""The letter to a NAL region after a delivery with defects of its charge points, with a text to forward per data owner.

Here: counts by CPO, defect and owner, in words. Not here: any record, id, value or person: a region hears how many, not which.
Concession grantors and contract holders hear it through their region, so each has a text of its own here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.post.delivery_letter import Receiver, news_of
from linda_pipeline.post.layout import Body, Item, Section, laid_out
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.mail_words import MAIL_WORDS, MailWords
from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.explained import sentence_of

KIND = "region"
MAX_DEFECTS = 10
_OBJECT = {"cdrs": "cdr", "locations": "location", "evses": "evse"}


def region_letter(
    judgement: Judgement,
    region: str,
    figures: Sequence[PlaceFigures],
    rules: Mapping[str, Rule],
    receiver: Receiver,
) -> Letter | None:
    """The letter on one delivery to one person of a region; None where nothing of the region was rejected.

    `figures` are those of the delivery; only the region's are read.
    """
    mine = [row for row in figures if row.nal_region == region and row.rejected]
    if not mine or not judgement.complete:
        return None
    words = MAIL_WORDS[receiver.language]
    report, what = words.report, mine[0].kind
    rejected = sum(row.rejected for row in mine if row.kind == what)
    period = report.period(judgement.delivery.module, *judgement.days)
    subject = words.region_subject(region, rejected, what)
    body = Body(
        greeting=words.greeting(receiver.name),
        paragraphs=(subject.removeprefix("LINDA: ") + ".", words.region_intro(mine[0].cpo_name, period)),
        figures=_counts([row for row in figures if row.nal_region == region], words),
        sections=(_defects(mine, rules, words), _to_forward(mine, judgement, words)),
    )
    text, html = laid_out(body, words, subject)
    return Letter(
        key=f"{KIND} {region} {news_of(judgement)}",
        kind=KIND,
        of=region,
        receiver=receiver.address,
        language=receiver.language,
        subject=subject,
        text=text,
        html=html,
    )


def _counts(figures: Sequence[PlaceFigures], words: MailWords) -> tuple[tuple[str, str], ...]:
    received, rejected = Counter[str](), Counter[str]()
    for row in figures:
        received[row.kind] += row.received
        rejected[row.kind] += row.rejected
    report = words.report
    return tuple(
        (words.rejected_of(kind), f"{report.number(rejected[kind])} / {report.number(received[kind])}")
        for kind in _OBJECT
        if received[kind]
    )


def _defects(figures: Sequence[PlaceFigures], rules: Mapping[str, Rule], words: MailWords) -> Section:
    counted: Counter[tuple[str, str]] = Counter()
    for row in figures:
        for rule_id, records in row.rules.items():
            counted[row.kind, rule_id] += records
    frequent = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MAX_DEFECTS]
    items = []
    for (kind, rule_id), records in frequent:
        rule = rules.get(f"{_OBJECT[kind]}.{rule_id}")
        said = rule_id if rule is None else sentence_of(rule, words.report)
        items.append(Item(said, words.report.counted(records, kind)))
    return Section(words.defects_heading, tuple(items))


def _to_forward(figures: Sequence[PlaceFigures], judgement: Judgement, words: MailWords) -> Section:
    by_owner: dict[tuple[str, str], list[PlaceFigures]] = {}
    for row in figures:
        if row.owner is not None:
            by_owner.setdefault((row.owner, row.kind), []).append(row)
    items = tuple(
        Item(
            words.for_owner(
                owner,
                rows[0].cpo_name,
                sum(row.rejected for row in rows),
                sum(row.received for row in rows),
                kind,
                judgement.due_date,
            )
        )
        for (owner, kind), rows in sorted(by_owner.items())
    )
    return Section(words.forward_heading, items, words.forward_intro)
