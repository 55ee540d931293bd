"""The report as a page to read: rapport.html and report.html, each one file that opens without any network.

Here: what stands on the page and in which order, from the figures and one language's words. Not here: the sentences
(words_*.py), the pictures (svg.py) and the mark-up (templates/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from linda_pipeline.ledger.entry import BUCKETS, Counts, FindingKey, Judgement
from linda_pipeline.ocpi.columns import OBJECTS, by_name
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.explained import Explained, explain, good_values, source_of, text_of
from linda_pipeline.report.figures import OBJECTS as JUDGED
from linda_pipeline.report.figures import ReportFigures, RuleFindings, ShownFinding
from linda_pipeline.report.past import Earlier, Past
from linda_pipeline.report.svg import BarPart, TrendColumn, share_bar, stacked_bar, trend_columns
from linda_pipeline.report.words import shown
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

Words = Dutch | English
LANGUAGES: tuple[Words, ...] = (Dutch(), English())
MAX_SECTIONS = 50
LONGEST_SENTENCE = 1000
MAX_FILES = 200
MAX_EXAMPLES_TOGETHER, FEWEST_EXAMPLES = 800, 5
"""Examples on the whole page, which keeps it under a megabyte; and of a rule at least."""
OPEN_SECTIONS = 3
"""The first sections show their examples at once; the others on demand."""

TEMPLATES = Environment(
    loader=PackageLoader("linda_pipeline.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["shown"] = shown
TEMPLATES.filters["long"] = partial(shown, longest=LONGEST_SENTENCE)


def template(name: str) -> Template:
    """A template by its file name, with the settings that all pages share."""
    return TEMPLATES.get_template(name)


@dataclass(frozen=True)
class Section:
    """What the page tells of one rule at one severity."""

    anchor: str
    rule: str
    severity: str
    sentence: str
    fix: str
    source: str
    reading: str
    field: str
    field_meaning: str
    good: tuple[str, ...]
    """Values that the rule is fine with, where it looks at one field alone."""
    object: str
    findings: int
    records: int
    alone: int
    received: int
    share: Markup
    examples: tuple[ShownFinding, ...]
    key: str
    """Of the rule, as object.rule."""
    before: int | None
    """Findings of this rule at this severity in the previous delivery; None where there is none to compare with."""


def html(figures: ReportFigures, rules: Mapping[str, Rule], words: Words, past: Past | None = None) -> str:
    """The whole page in one language."""
    past = past or Past()
    judgement = figures.judgement
    counts, evses = judgement.main, judgement.counts.get("evses")
    most = max(FEWEST_EXAMPLES, MAX_EXAMPLES_TOGETHER // max(1, min(MAX_SECTIONS, len(figures.defects))))
    sections = [_section(figures, defect, rules, words, past, most) for defect in figures.defects]
    by_severity = {
        severity.value: [section for section in sections[:MAX_SECTIONS] if section.severity == severity]
        for severity in Severity
    }
    costly = [section for section in sections if section.severity == Severity.ERROR and section.object != "delivery"]
    return TEMPLATES.get_template("report.html").render(
        w=words,
        l=words.labels,
        figures=figures,
        judgement=judgement,
        module=judgement.delivery.module,
        counts=counts,
        evses=evses,
        mood=_mood(figures),
        p=words.past_labels,
        past=past,
        trend=_trend(past.trend, judgement.delivery.module, words),
        trend_rows=[(one, _rejected_share(one, words)) for one in past.trend],
        explained=_explained(judgement, rules, words),
        period=words.no_window if judgement.is_self_check else words.period(judgement.delivery.module, *judgement.days),
        bars=[
            _bar(name, judgement.counts[name], words)
            for name in (judgement.delivery.module, "evses")
            if name in judgement.counts
        ],
        buckets=BUCKETS,
        costly=costly[:3],
        by_severity=by_severity,
        collapsed=sections[MAX_SECTIONS:],
        sections=sections,
        max_sections=MAX_SECTIONS,
        max_files=MAX_FILES,
        open_anchors={section.anchor for section in sections[:OPEN_SECTIONS]},
        not_run=[_not_run(rules, judgement.delivery.module, entry, words) for entry in judgement.rules_not_run],
        passed=[(key, rules[key].id, rules[key].object) for key in figures.passed],
        advice=_advice(figures, words),
    )


def _mood(figures: ReportFigures) -> str:
    """How the verdict looks: good, bad, or neither."""
    every = figures.judgement.counts.values()
    if any(counts.rejected for counts in every):
        return "bad"
    told = figures.of(Severity.ERROR) or figures.of(Severity.WARNING)
    fine = figures.judgement.complete and figures.judgement.main.received and not told
    return "good" if fine and not any(counts.held_back for counts in every) else "calm"


def _advice(figures: ReportFigures, words: Words) -> str:
    """What the CPO does now, in one or two sentences."""
    judgement = figures.judgement
    if judgement.is_self_check:
        return (
            words.self_check_advice if any(one.rejected for one in judgement.counts.values()) else words.self_check_fine
        )
    if judgement.due_date is not None:
        return words.due(judgement.delivery.module, judgement.main, judgement.due_date)
    if not judgement.complete:
        return ""
    if judgement.main.received == 0:
        return words.empty_advice[judgement.delivery.module]
    if any(counts.held_back for counts in judgement.counts.values()):
        return words.only_held
    if figures.of(Severity.WARNING) or figures.of(Severity.ERROR):
        return words.only_warnings
    return words.nothing_to_do


def _bar(name: str, counts: Counts, words: Words) -> tuple[str, Counts, Markup]:
    """The picture of what became of the records of one object."""
    parts = [BarPart(bucket, counts.of(bucket), words.number(counts.of(bucket))) for bucket in BUCKETS]
    text = ", ".join(f"{words.buckets[part.name]}: {part.label}" for part in parts)
    title = words.bar_title(name, counts.received)
    return name, counts, stacked_bar(parts, title=title, text=f"{text}.", name=f"bar-{name}")


def _trend(trend: tuple[Earlier, ...], module: str, words: Words) -> Markup:
    """The picture of the last deliveries; empty where there is nothing to compare."""
    if not trend:
        return Markup("")
    columns = [
        TrendColumn(
            one.counts.rejected / one.counts.received if one.complete and one.counts.received else None,
            _rejected_share(one, words),
            words.short_day(one.window),
            is_last=number == len(trend) - 1,
        )
        for number, one in enumerate(trend)
    ]
    text = words.trend_text([(one.window, column.above) for one, column in zip(trend, columns, strict=True)])
    return trend_columns(columns, title=words.past_labels["trend"], text=text, name="trend")


def _rejected_share(one: Earlier, words: Words) -> str:
    if not one.complete:
        return words.past_labels["incomplete"]
    return words.share(one.counts.rejected, one.counts.received)


def _explained(judgement: Judgement, rules: Mapping[str, Rule], words: Words) -> list[Explained]:
    """Every rule that the delivery could be held against, in order of name."""
    return [
        explain(rule, key, judgement.ocpi_version, words)
        for key, rule in sorted(rules.items())
        if rule.object in JUDGED[judgement.delivery.module]
        and judgement.ocpi_version in rule.severity
        and not rule.retired
    ]


def _section(
    figures: ReportFigures, defect: RuleFindings, rules: Mapping[str, Rule], words: Words, past: Past, most: int
) -> Section:
    rule = rules.get(defect.key)
    received = figures.received(defect.object)
    field, meaning = _field(rule, figures.judgement.ocpi_version, words)
    return Section(
        anchor=f"{defect.object}-{defect.rule}-{defect.severity.value}",
        rule=defect.rule,
        severity=defect.severity.value,
        sentence=text_of(rule, "", words) or defect.rule,
        fix=text_of(rule, "fix_", words),
        source=source_of(rule, words),
        reading=rule.reading if rule is not None and words.code == "en" else "",
        field=field,
        field_meaning=meaning,
        good=good_values(rule),
        object=defect.object,
        findings=defect.findings,
        records=defect.records,
        alone=defect.alone,
        received=received.received if received is not None else 0,
        share=share_bar(defect.records, received.received if received is not None else 0),
        examples=tuple(defect.examples[:most]) if any(one.path or one.id for one in defect.examples) else (),
        key=defect.key if rule is not None else "",
        before=past.comparison.findings.get(FindingKey(defect.object, defect.rule, defect.severity.value), 0)
        if past.comparison is not None
        else None,
    )


def _field(rule: Rule | None, version: str, words: Words) -> tuple[str, str]:
    """The field that a rule blames, as the CPO's version names it, and its meaning."""
    if rule is None or rule.object not in OBJECTS:
        return "", ""
    columns = by_name(rule.object)
    column = columns.get(rule.blames)
    if column is None or version not in column.path:
        return "", ""
    path, name = column.path[version], rule.blames
    while "." in name:
        name = name.rpartition(".")[0]
        path = f"{columns[name].path[version]}[].{path}"
    return path, str(getattr(column, words.code))


def _not_run(rules: Mapping[str, Rule], module: str, entry: Mapping[str, str], words: Words) -> tuple[str, str, str]:
    """A rule that was not checked: its id, its sentence where the rule is known, and why, in the page's language."""
    rule_id, why = entry["rule"], entry["why"]
    for key in (rule_id, *(f"{name}.{rule_id}" for name in JUDGED[module])):
        rule = rules.get(key)
        if rule is not None:
            dutch = entry.get("why_nl") or (rule.not_run_nl if why == rule.not_run else "")
            return rule_id, text_of(rule, "", words), dutch if words.code == "nl" and dutch else why
    return rule_id, "", why
