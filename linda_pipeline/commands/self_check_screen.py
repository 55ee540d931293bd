"""What `linda validate` says on the screen: what was read, what would be rejected, the first findings, and what to do next.

Here: text that fits a terminal of 80 columns. Not here: the judging, and the report in files, which says all of it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as ScreenTable
from rich.text import Text

from linda_pipeline.errors import one_line
from linda_pipeline.judging.own_files import OwnFile
from linda_pipeline.judging.self_check import Checked
from linda_pipeline.quality.rule import Severity
from linda_pipeline.quality.rules import RULES
from linda_pipeline.report import ReportFigures, RuleFindings, ShownFinding

_SHOWN_BREAKS = 5
_SHOWN_FINDINGS = 5
_SHOWN_RULES = 12
_LONGEST_VALUE = 120
_STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def tell_source(out: Console, source: OwnFile) -> None:
    """What is wrong with a file as a whole, and where it is no JSON."""
    name = f"[yellow]{escape(source.name)}[/]"
    if source.problem:
        _say(out, f"{name}: {escape(source.problem)}.")
    for one in source.breaks[:_SHOWN_BREAKS]:
        _say(out, f"{name}, line {one.line}, column {one.column}: {escape(one.what)}.")
    if source.broken > _SHOWN_BREAKS:
        _say(out, f"{name}: {source.broken:,} places are no JSON; shown {_SHOWN_BREAKS}.")


def tell_module(out: Console, checked: Checked, figures: ReportFigures) -> None:
    """The counts of a module, its rules with findings, and the first findings with what to do."""
    files = f"{len(checked.sources):,} file{'s' if len(checked.sources) != 1 else ''}"
    _say(out, f"\n[bold]{checked.module}[/], OCPI {checked.judgement.ocpi_version}, {files}")
    out.print(_counts(checked))
    if not figures.defects:
        _say(out, "No rule found anything.")
        return
    out.print(_rules(figures))
    _say(out, "The first findings, errors first, one per rule (records count from 0 within a file):")
    for number, (defect, finding) in enumerate(_first(figures), start=1):
        _tell_finding(out, number, defect, finding, checked.sources)


def _first(figures: ReportFigures) -> Iterator[tuple[RuleFindings, ShownFinding]]:
    """One finding per rule, those that concern most records first."""
    for defect in figures.defects[:_SHOWN_FINDINGS]:
        if defect.examples:
            yield defect, defect.examples[0]


def _tell_finding(
    out: Console, number: int, defect: RuleFindings, finding: ShownFinding, sources: Sequence[OwnFile]
) -> None:
    rule = RULES[defect.key]
    head = Text.assemble(f"{number}. ", (str(defect.severity), _STYLE[defect.severity]), f" {defect.rule}")
    if finding.page is not None and finding.position is not None:
        name = Path(sources[finding.page - 1].name).name if finding.page <= len(sources) else ""
        head.append(f", {one_line(finding.id or 'no id')} ({one_line(name)}, record {finding.position})")
    out.print(head, highlight=False)
    place = f"{finding.path}: " if finding.path else ""
    value = finding.value or "nothing there"
    value = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
    for text in (f"{rule.en}", one_line(f"{place}{value}"), f"→ {rule.fix_en}"):
        out.print(Padding(Text(text), (0, 0, 0, 3), expand=False))


def tell_parties(out: Console, parties: Sequence[str]) -> None:
    """Whose records they are, where nobody said so."""
    named = ", ".join(map(escape, parties)) or "none"
    _say(out, f"\nParties as the records name them: {named}. Give --party to have the owner of each CDR checked.")


def tell_next(out: Console, checked: Sequence[Checked], pages: Sequence[Path], again: Sequence[str]) -> None:
    """Where all of it stands, and the next step."""
    out.print()
    for page in pages:
        out.print(f"Report, with all findings: {one_line(str(page))}", markup=False, highlight=False, soft_wrap=True)
        out.print(
            f"In Dutch: {one_line(str(page.with_name('rapport.html')))}", markup=False, highlight=False, soft_wrap=True
        )
    rejected = sum(one.rejected for one in checked)
    if not rejected:
        _say(
            out, "[bold]Nothing would be rejected[/] by what can be checked here. What cannot is listed in the report."
        )
        return
    _say(
        out,
        f"[bold]{rejected:,} would be rejected.[/] Mend this where your system makes it, write the file anew, and run:",
    )
    out.print(f"  {shlex.join(again)}", markup=False, highlight=False, soft_wrap=True)


def _counts(checked: Checked) -> ScreenTable:
    table = ScreenTable()
    table.add_column("")
    for name in ("received", "accepted", "rejected", "identical", "held back"):
        table.add_column(name, justify="right")
    for kind, counts in checked.judgement.counts.items():
        table.add_row(kind, *(f"{number:,}" for number in counts.as_dict().values()))
    return table


def _rules(figures: ReportFigures) -> ScreenTable:
    """The rules with most records, errors first."""
    shown = figures.defects[:_SHOWN_RULES]
    table = ScreenTable(caption=f"{len(shown)} of {len(figures.defects)} rules with findings", caption_justify="left")
    table.add_column("severity")
    table.add_column("rule", overflow="fold")
    table.add_column("records", justify="right")
    table.add_column("findings", justify="right")
    for defect in shown:
        style = _STYLE[defect.severity]
        table.add_row(f"[{style}]{defect.severity}[/]", defect.rule, f"{defect.records:,}", f"{defect.findings:,}")
    return table


def _say(out: Console, text: str) -> None:
    """A sentence, broken between words on a terminal and nowhere else."""
    out.print(text, highlight=False, soft_wrap=not out.is_terminal)
