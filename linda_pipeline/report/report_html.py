"""The report as a page to read: rapport.html and report.html, each one file that opens without any network.

Here: what stands on the page and in which order, from the figures and one language's words. Not here: the rules with
findings (rule_sections.py), the sentences (words_*.py), the pictures (svg.py) and the mark-up (templates/).
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from linda_pipeline.ledger.entry import BUCKETS, Counts
from linda_pipeline.ocpi.columns import OBJECTS
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.explained import Words, explain, sentence_of
from linda_pipeline.report.figures import ReportFigures, Unchecked
from linda_pipeline.report.past import Earlier, Past
from linda_pipeline.report.rule_sections import MAX_SECTIONS, RuleSection, rule_sections
from linda_pipeline.report.svg import BarPart, TrendColumn, stacked_bar, trend_columns
from linda_pipeline.report.templating import template
from linda_pipeline.report.verdict import Instructions, advice, instructions, mood, verdict
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

LANGUAGES: tuple[Words, ...] = (Dutch(), English())
FIRST_DEFECTS, WORTH_A_FOLD = 10, 3
"""Defects that are listed at once; the others unfold on demand, where there are at least so many more."""
MOST_FREQUENT = 3
MAX_FILES = 200


def html(figures: ReportFigures, rules: Mapping[str, Rule], words: Words, past: Past | None = None) -> str:
    """The whole page in one language."""
    past = past or Past()
    judgement = figures.judgement
    module, is_check = judgement.delivery.module, judgement.is_self_check
    sections = rule_sections(figures, rules, words, past)
    by_severity = {
        severity.value: [section for section in sections[:MAX_SECTIONS] if section.rule.severity == severity]
        for severity in Severity
    }
    frequent = [section for section in by_severity["error"] if section.rule.object != "delivery"][:MOST_FREQUENT]
    again = instructions(figures, words)
    buckets = words.checked_buckets if is_check else words.buckets
    return template("report.html").render(
        w=words,
        l=words.labels,
        p=words.past_labels,
        figures=figures,
        judgement=judgement,
        module=module,
        is_check=is_check,
        main=judgement.main,
        verdict=verdict(figures, words),
        advice=advice(figures, words),
        mood=mood(figures),
        period=words.no_window if is_check else words.period(module, *judgement.days),
        contents=_contents(figures, by_severity, frequent, again, past, words, has_more=len(sections) > MAX_SECTIONS),
        again=again,
        buckets=buckets,
        meanings=words.checked_meanings if is_check else words.bucket_meanings,
        bars=[(kind, counts, _bar(kind, counts, buckets, words)) for kind, counts in judgement.counts.items()],
        frequent=frequent,
        by_severity=by_severity,
        first=FIRST_DEFECTS if len(by_severity["error"]) >= FIRST_DEFECTS + WORTH_A_FOLD else MAX_SECTIONS,
        more=sections[MAX_SECTIONS:],
        past=past,
        trend=_trend(past.trend, words),
        trend_rows=[(delivery, _rejected_share(delivery, words)) for delivery in past.trend],
        not_run=[_not_run(unchecked, rules, words) for unchecked in figures.not_run],
        passed=[
            explain(key, rules, judgement.ocpi_version, rules[key].severity[judgement.ocpi_version].value, words)
            for key in figures.passed
        ],
        glossary=[
            (word, meaning) for word, meaning in words.glossary if not (is_check and word in words.not_in_a_check)
        ],
        max_files=MAX_FILES,
    )


def _contents(
    figures: ReportFigures,
    by_severity: Mapping[str, list[RuleSection]],
    frequent: list[RuleSection],
    again: Instructions | None,
    past: Past,
    words: Words,
    *,
    has_more: bool,
) -> dict[str, str]:
    """The sections of this page in order: anchor and heading. What is not among them is not on the page."""
    judgement, labels = figures.judgement, words.labels
    headings = [
        ("now", words.frequent_heading(len(frequent)), frequent),
        ("again", again.heading if again else "", again),
        *((severity, words.severity_headings[severity], sections) for severity, sections in by_severity.items()),
        ("more-rules", labels["more_rules"], has_more),
        ("held", words.checked_heading if judgement.is_self_check else words.buckets["held_back"], figures.held),
        ("trend", words.past_labels["trend"], past.trend),
        ("since", words.past_labels["since"], past.comparison is not None and past.comparison.has_rejected),
        ("others", words.past_labels["others"], past.others),
        ("not-run", labels["not_run"], figures.not_run),
        ("passed", labels["passed"], figures.passed and judgement.main.received),
        ("checked", words.checked_files, judgement.is_self_check),
        ("files", labels["files"], True),
        ("words", labels["words"], True),
    ]
    return {anchor: heading for anchor, heading, is_there in headings if is_there}


def _bar(kind: str, counts: Counts, buckets: Mapping[str, str], words: Words) -> Markup:
    """The picture of what became of the records of one kind."""
    parts = [BarPart(bucket, counts.of(bucket), words.number(counts.of(bucket))) for bucket in BUCKETS]
    text = ", ".join(f"{buckets[part.name]}: {part.label}" for part in parts)
    return stacked_bar(parts, title=words.bar_title(kind, counts.received), text=f"{text}.", name=f"bar-{kind}")


def _trend(trend: tuple[Earlier, ...], words: Words) -> Markup:
    """The picture of the last deliveries; empty where there is nothing to draw."""
    if not any(delivery.complete and delivery.counts.rejected for delivery in trend):
        return Markup("")
    columns = [
        TrendColumn(
            delivery.counts.rejected / delivery.counts.received
            if delivery.complete and delivery.counts.received
            else None,
            _rejected_share(delivery, words),
            words.short_day(delivery.window),
            is_last=number == len(trend) - 1,
        )
        for number, delivery in enumerate(trend)
    ]
    text = words.trend_text([(delivery.window, column.above) for delivery, column in zip(trend, columns, strict=True)])
    return trend_columns(columns, title=words.past_labels["trend"], text=text, name="trend")


def _rejected_share(delivery: Earlier, words: Words) -> str:
    if not delivery.complete:
        return words.past_labels["incomplete"]
    return words.share(delivery.counts.rejected, delivery.counts.received)


def _not_run(unchecked: Unchecked, rules: Mapping[str, Rule], words: Words) -> tuple[str, str, str]:
    """A rule that was not checked, or in part: its id, its sentence where the rule is known, and why or on how many records."""
    rule = rules.get(unchecked.key)
    object_name, _, rule_id = unchecked.key.rpartition(".")
    why = unchecked.why_nl if words.code == "nl" else unchecked.why_en
    if unchecked.records:
        why = words.checked_on(unchecked.checked, unchecked.records, object_name if object_name in OBJECTS else "cdr")
    return rule_id, sentence_of(rule, words) if rule is not None else "", why
