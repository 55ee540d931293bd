"""The report as a page to read: rapport.html and report.html, each one file that opens without any network.

Here: what stands on the page and in which order, from the figures and one language's words. Not here: the sentences
(words_*.py), the pictures (picture.py) and the mark-up (templates/).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from linda_pipeline.ocpi.columns import OBJECTS, by_name
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.figures import OBJECTS as JUDGED
from linda_pipeline.report.figures import Defect, Example, ReportFigures
from linda_pipeline.report.judgement import BUCKETS, Counts
from linda_pipeline.report.messages import stem
from linda_pipeline.report.picture import Part, share_bar, stacked_bar
from linda_pipeline.report.words import shown
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

Words = Dutch | English
LANGUAGES: tuple[Words, ...] = (Dutch(), English())
MAX_SECTIONS = 50
MAX_GOOD_VALUES = 2
LONGEST_SENTENCE = 1000
OPEN_SECTIONS = 3
"""The first sections show their examples at once; the others on demand."""

_TEMPLATES = Environment(
    loader=PackageLoader("linda_pipeline.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["shown"] = shown
_TEMPLATES.filters["long"] = partial(shown, longest=LONGEST_SENTENCE)


def template(name: str) -> Template:
    """A template by its file name, with the settings that all pages share."""
    return _TEMPLATES.get_template(name)


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
    examples: tuple[Example, ...]


def html(figures: ReportFigures, rules: Mapping[str, Rule], words: Words) -> str:
    """The whole page in one language."""
    judgement = figures.judgement
    counts, evses = judgement.main, judgement.counts.get("evses")
    sections = [_section(figures, defect, rules, words) for defect in figures.defects]
    by_severity = {
        severity.value: [section for section in sections[:MAX_SECTIONS] if section.severity == severity]
        for severity in Severity
    }
    costly = [section for section in sections if section.severity == Severity.ERROR and section.object != "delivery"]
    return _TEMPLATES.get_template("report.html").render(
        w=words,
        l=words.labels,
        figures=figures,
        judgement=judgement,
        module=judgement.module,
        counts=counts,
        evses=evses,
        mood=_mood(figures),
        period=words.period(judgement.module, judgement.window_from, judgement.window_until - timedelta(days=1)),
        bars=[
            _bar(name, judgement.counts[name], words)
            for name in (judgement.module, "evses")
            if name in judgement.counts
        ],
        buckets=BUCKETS,
        costly=costly[:3],
        by_severity=by_severity,
        collapsed=sections[MAX_SECTIONS:],
        sections=sections,
        max_sections=MAX_SECTIONS,
        open_anchors={section.anchor for section in sections[:OPEN_SECTIONS]},
        not_run=[_not_run(rules, judgement.module, rule_id, why, words) for rule_id, why in judgement.rules_not_run],
        passed=[(rules[key].id, rules[key].object) for key in figures.passed],
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
    if judgement.due_date is not None:
        return words.due(judgement.module, judgement.main, judgement.due_date)
    if not judgement.complete:
        return ""
    if judgement.main.received == 0:
        return words.empty_advice[judgement.module]
    if any(counts.held_back for counts in judgement.counts.values()):
        return words.only_held
    if figures.of(Severity.WARNING) or figures.of(Severity.ERROR):
        return words.only_warnings
    return words.nothing_to_do


def _bar(name: str, counts: Counts, words: Words) -> tuple[str, Counts, Markup]:
    """The picture of what became of the records of one object."""
    parts = [Part(bucket, counts.of(bucket), words.number(counts.of(bucket))) for bucket in BUCKETS]
    text = ", ".join(f"{words.buckets[part.name]}: {part.label}" for part in parts)
    title = words.bar_title(name, counts.received)
    return name, counts, stacked_bar(parts, title=title, text=f"{text}.", name=f"bar-{name}")


def _section(figures: ReportFigures, defect: Defect, rules: Mapping[str, Rule], words: Words) -> Section:
    rule = rules.get(defect.key)
    received = figures.received(defect.object)
    field, meaning = _field(rule, figures.judgement.version, words)
    return Section(
        anchor=f"{defect.object}-{defect.rule}-{defect.severity.value}",
        rule=defect.rule,
        severity=defect.severity.value,
        sentence=_text(rule, "", words) or defect.rule,
        fix=_text(rule, "fix_", words),
        source=_source(rule, words),
        reading=rule.reading if rule is not None and words.code == "en" else "",
        field=field,
        field_meaning=meaning,
        good=_good_values(rule),
        object=defect.object,
        findings=defect.findings,
        records=defect.records,
        alone=defect.alone,
        received=received.received if received is not None else 0,
        share=share_bar(defect.records, received.received if received is not None else 0),
        examples=tuple(defect.examples) if any(example.path or example.id for example in defect.examples) else (),
    )


def _text(rule: Rule | None, prefix: str, words: Words) -> str:
    if rule is None:
        return ""
    text = str(getattr(rule, prefix + words.code))
    return text if prefix else stem(text)


def _source(rule: Rule | None, words: Words) -> str:
    if rule is None:
        return ""
    document = words.documents.get(rule.source.document, rule.source.document)
    return f"{document}, {rule.source.heading}" if rule.source.heading else document


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


def _good_values(rule: Rule | None) -> tuple[str, ...]:
    if rule is None or (rule.reads and rule.reads != (rule.blames,)):
        return ()
    values = [example.get(rule.blames) for example in rule.good if isinstance(example, Mapping)]
    texts = [json.dumps(v, ensure_ascii=False) if not isinstance(v, str) else v for v in values if _is_plain(v)]
    return tuple(dict.fromkeys(texts))[:MAX_GOOD_VALUES]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _not_run(rules: Mapping[str, Rule], module: str, rule_id: str, why: str, words: Words) -> tuple[str, str, str]:
    """A rule that was not checked: its id, its sentence where the rule is known, and why, in the page's language."""
    for key in (rule_id, *(f"{name}.{rule_id}" for name in JUDGED[module])):
        rule = rules.get(key)
        if rule is not None:
            in_dutch = words.code == "nl" and why == rule.not_run and rule.not_run_nl
            return rule_id, _text(rule, "", words), rule.not_run_nl if in_dutch else why
    return rule_id, "", why
