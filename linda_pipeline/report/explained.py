"""A rule as a report explains it: what it demands, why, what to do, and what is fine or not.

Here: a rule in one language's words. Not here: what it found (rule_sections.py) and the page (report_html.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.ocpi.columns import OBJECTS, by_name
from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.messages import stem
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch

Words = Dutch | English
MAX_VALUES = 2


@dataclass(frozen=True)
class Explained:
    """One rule in one language, as it holds in one version of OCPI."""

    key: str
    """object.rule, its key in the register of rules."""
    rule: str
    object: str
    severity: str
    sentence: str
    """Without its full stop."""
    fix: str = ""
    source: str = ""
    reading: str = ""
    """How the portal reads the source; in English only."""
    field: str = ""
    """The field that the rule blames, as the CPO's version names it."""
    field_meaning: str = ""
    good: tuple[str, ...] = ()
    """Values that the rule is fine with, where it looks at one field alone."""
    bad: tuple[str, ...] = ()


def explain(key: str, rules: Mapping[str, Rule], version: str, severity: str, words: Words) -> Explained:
    """The rule with a key; one that the register no longer knows is told by its id."""
    object_name, _, rule_id = key.partition(".")
    rule = rules.get(key)
    if rule is None:
        return Explained(key, rule_id, object_name, severity, rule_id)
    field, meaning = _field(rule, version, words)
    return Explained(
        key=key,
        rule=rule.id,
        object=rule.object,
        severity=severity,
        sentence=sentence_of(rule, words),
        fix=str(getattr(rule, f"fix_{words.code}")),
        source=_source(rule, words),
        reading=rule.reading if words.code == "en" else "",
        field=field,
        field_meaning=meaning,
        good=_values(rule, rule.good),
        bad=_values(rule, rule.bad),
    )


def sentence_of(rule: Rule, words: Words) -> str:
    """What a rule says of a record that breaks it, without the full stop."""
    return stem(str(getattr(rule, words.code)))


def _source(rule: Rule, words: Words) -> str:
    document = words.documents.get(rule.source.document, rule.source.document)
    return f"{document}, {rule.source.heading}" if rule.source.heading else document


def _field(rule: Rule, version: str, words: Words) -> tuple[str, str]:
    """The field that a rule blames and its meaning; empty where it blames no field of this version."""
    columns = by_name(rule.object) if rule.object in OBJECTS else {}
    column = columns.get(rule.blames)
    if column is None or version not in column.path:
        return "", ""
    path, name = column.path[version], rule.blames
    while "." in name:
        name = name.rpartition(".")[0]
        path = f"{columns[name].path[version]}[].{path}"
    return path, str(getattr(column, words.code))


def _values(rule: Rule, examples: tuple[object, ...]) -> tuple[str, ...]:
    if rule.reads and rule.reads != (rule.blames,):
        return ()
    values = [example.get(rule.blames) for example in examples if isinstance(example, Mapping)]
    texts = [json.dumps(v, ensure_ascii=False) if not isinstance(v, str) else v for v in values if _is_plain(v)]
    return tuple(dict.fromkeys(texts))[:MAX_VALUES]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value != ""
