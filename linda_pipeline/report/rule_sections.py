"""What a report says of each rule that found something: the rule explained, how many records, and a few of its findings.

Here: one section per rule and severity, in one language. Not here: counting (figures.py) and the mark-up (templates/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.explained import Explained, Words, explain
from linda_pipeline.report.figures import ReportFigures, RuleFindings, ShownFinding, Unchecked
from linda_pipeline.report.past import Past

MAX_SECTIONS = 150
"""Rules with a section of their own; of the others the page gives the numbers."""
MAX_EXAMPLES_TOGETHER, FEWEST_EXAMPLES = 600, 3
"""Findings shown on the whole page, which keeps it under a megabyte; and of a rule at least, where it has them."""


@dataclass(frozen=True)
class RuleSection:
    """What the page says of one rule at one severity."""

    rule: Explained
    anchor: str
    findings: int
    records: int
    alone: int
    """Rejected records that are fine once this rule is met."""
    received: int
    """Records that the rule could be about; 0 for a rule on the delivery as a whole."""
    examples: tuple[ShownFinding, ...]
    before: int | None
    """Findings of this rule in the previous delivery; None where there is none to compare with."""
    unchecked: Unchecked | None
    """On how many records the rule could be checked, where that is not all of them."""


def rule_sections(figures: ReportFigures, rules: Mapping[str, Rule], words: Words, past: Past) -> list[RuleSection]:
    """A section per rule and severity, in the order of the figures."""
    most = _most_examples([len(defect.examples) for defect in figures.defects[:MAX_SECTIONS]])
    return [_section(figures, defect, rules, words, past, most) for defect in figures.defects]


def _most_examples(there: list[int]) -> int:
    """How many examples a rule may show, so that all rules together show no more than the page may hold."""
    for most in range(max(there, default=0), FEWEST_EXAMPLES, -1):
        if sum(min(count, most) for count in there) <= MAX_EXAMPLES_TOGETHER:
            return most
    return FEWEST_EXAMPLES


def _section(
    figures: ReportFigures, defect: RuleFindings, rules: Mapping[str, Rule], words: Words, past: Past, most: int
) -> RuleSection:
    severity = defect.severity.value
    received = figures.received(defect.object)
    unchecked = figures.unchecked(defect.key)
    says_something = any(finding.path or finding.id or finding.value for finding in defect.examples)
    return RuleSection(
        rule=explain(defect.key, rules, figures.judgement.ocpi_version, severity, words),
        anchor=f"{defect.object}-{defect.rule}-{severity}",
        findings=defect.findings,
        records=defect.records,
        alone=defect.alone,
        received=received.received if received is not None else 0,
        examples=tuple(defect.examples[:most]) if says_something else (),
        before=past.comparison.of(defect.object, defect.rule, severity) if past.comparison is not None else None,
        unchecked=unchecked if unchecked is not None and unchecked.records else None,
    )
