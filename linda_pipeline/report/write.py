"""All files of a delivery's quality report, put into the lake together.

Here: the one function that the stations call. Not here: what stands in each file.
"""

from __future__ import annotations

from collections.abc import Mapping

from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.figures import ReportFigures, read_figures
from linda_pipeline.report.files import write_findings, write_rejected, write_summary
from linda_pipeline.report.messages import Messages
from linda_pipeline.report.past import read_past
from linda_pipeline.report.report_html import LANGUAGES, html
from linda_pipeline.report.workbook import write_workbook
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.transaction import Transaction


def report_on(lake: Lake, delivery: Delivery, *, cpo_name: str) -> ReportFigures:
    """Write the quality report of a judged delivery by the portal's own rules, in a transaction of its own."""
    with lake.transaction() as transaction:
        return write_report(lake, delivery, cpo_name=cpo_name, transaction=transaction)


def write_report(
    lake: Lake,
    delivery: Delivery,
    *,
    cpo_name: str,
    transaction: Transaction,
    rules: Mapping[str, Rule] | None = None,
) -> ReportFigures:
    """Write the quality report of a judged delivery: seven files that appear when the transaction commits.

    The delivery's judgement, findings, rejected and held-back records must stand in the lake. `rules` is the register of
    rules by `object.id`; by default the portal's own. Raises NotJudged.
    """
    if rules is None:
        from linda_pipeline.quality.rules import RULES  # importing them takes a moment, and tests bring their own

        rules = RULES
    figures = read_figures(lake, delivery, cpo_name=cpo_name, rules=rules)
    messages = Messages(rules)
    folder = lake.report(delivery)
    write_summary(transaction.put(folder / "summary.json"), figures.judgement)
    exact, readable = (transaction.put(folder / name) for name in ("findings.csv", "bevindingen.csv"))
    write_findings(exact, readable, lake, delivery, messages)
    write_rejected(transaction.put(folder / "rejected.jsonl.gz"), lake, delivery, messages)
    write_workbook(transaction.put(folder / "findings.xlsx"), lake, delivery, figures, rules)
    past = read_past(lake, figures.judgement)
    for words in LANGUAGES:
        transaction.put(folder / words.file).write_text(html(figures, rules, words, past), encoding="utf-8")
    return figures
