"""A rule as a report explains it: what it demands, why, what to do, and what is fine or not.

Here: a rule in one language's words. Not here: what was found (figures.py) and the page (report_html.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.messages import stem
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

MAX_VALUES = 2


@dataclass(frozen=True)
class Explained:
    """One rule, for the list of all rules."""

    key: str
    rule: str
    object: str
    severity: str
    sentence: str
    fix: str
    source: str
    good: tuple[str, ...]
    bad: tuple[str, ...]


def explain(rule: Rule, key: str, version: str, words: Dutch | English) -> Explained:
    """A rule as it holds in an OCPI version."""
    return Explained(
        key=key,
        rule=rule.id,
        object=rule.object,
        severity=rule.severity[version].value,
        sentence=text_of(rule, "", words),
        fix=text_of(rule, "fix_", words),
        source=source_of(rule, words),
        good=good_values(rule),
        bad=_values(rule, rule.bad if rule is not None else ()),
    )


def text_of(rule: Rule | None, prefix: str, words: Dutch | English) -> str:
    """A rule's sentence, or with the prefix `fix_` its remedy; empty where the rule is not known."""
    if rule is None:
        return ""
    text = str(getattr(rule, prefix + words.code))
    return text if prefix else stem(text)


def source_of(rule: Rule | None, words: Dutch | English) -> str:
    """The document and the heading in which a rule stands."""
    if rule is None:
        return ""
    document = words.documents.get(rule.source.document, rule.source.document)
    return f"{document}, {rule.source.heading}" if rule.source.heading else document


def good_values(rule: Rule | None) -> tuple[str, ...]:
    """Values that a rule is fine with, where it looks at one field alone."""
    return _values(rule, rule.good) if rule is not None else ()


def _values(rule: Rule, examples: tuple[object, ...]) -> tuple[str, ...]:
    if rule.reads and rule.reads != (rule.blames,):
        return ()
    values = [example.get(rule.blames) for example in examples if isinstance(example, Mapping)]
    texts = [json.dumps(v, ensure_ascii=False) if not isinstance(v, str) else v for v in values if _is_plain(v)]
    return tuple(dict.fromkeys(texts))[:MAX_VALUES]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""
