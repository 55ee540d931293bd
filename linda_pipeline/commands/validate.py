"""`linda validate`: a CPO judges its own files before delivery, with the verdicts that the portal would give.

Here: the options, progress on the screen, and the exit code. Not here: reading files (road.files) and judging
(road.self_check). Nothing of Dagster is needed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table as ScreenTable

from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.judging.own_files import OwnFile, files_in
from linda_pipeline.judging.self_check import Checked, Table, check_version, is_party, self_check
from linda_pipeline.report import report_on
from linda_pipeline.storage.lake import Lake

_SHOWN_BREAKS = 10
_SHOWN_RULES = 12
out = console()
err = console(stderr=True)


def validate(
    given: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER|-…", help="Files or folders of OCPI JSON, or - for standard input."),
    ],
    ocpi: Annotated[str | None, typer.Option(help="2.1.1, 2.2.1 or 2.3.0; default: told from the records.")] = None,
    party: Annotated[
        list[str] | None, typer.Option(help="Your party, such as NL-ABC; may be repeated. Default: as the records say.")
    ] = None,
    locations: Annotated[
        Path | None,
        typer.Option(help="A file with all your Locations: judged as well, and your CDRs are held against them."),
    ] = None,
    to: Annotated[Path, typer.Option("--out", help="The folder for the report.")] = Path("linda-report"),
    pulled_at: Annotated[
        str | None, typer.Option(help="What counts as now, such as 2026-11-23T03:00:00Z; default: now.")
    ] = None,
) -> None:
    """Judge files of CDRs and Locations before you deliver them. Exit code 1 where anything would be rejected."""
    moment = _moment(pulled_at)
    parties = [_party(one) for one in party or []]
    version = check_version(ocpi) if ocpi else None
    paths = _paths(given)
    given_files = len(paths)
    paths += _paths([str(locations)]) if locations else []
    with tempfile.TemporaryDirectory(prefix="linda-") as folder, _progress() as progress:
        table = Table(Path(folder))
        _read(table, paths, progress)
        if locations and not any(one.module == "locations" for one in table.sources[given_files:]):
            raise InputMistake(f"{locations} holds no Locations. Give --locations a file of OCPI Locations.")
        lake = Lake(Path(folder) / "lake")
        checked: list[Checked] = []
        for module in sorted(table.shelves, reverse=True):  # Locations first: CDRs may be held against them
            screen = _Stage(progress, module, table.shelves[module].records)
            screen.begins("judging")
            found = self_check(
                lake,
                table,
                module,
                moment=moment,
                version=version,
                parties=parties,
                beside=checked[0] if locations and checked else None,
                on_records=screen.judged,
            )
            screen.begins("writing the report")
            report_on(lake, found.judgement.delivery, cpo_name=", ".join(found.parties))
            checked.append(found)
        checked.sort(key=lambda one: one.module)
        for one in checked:
            _hand_over(one, to if len(checked) == 1 else to / one.module)
    _tell(checked, table.sources, to, bool(parties))
    is_bad = any(one.rejected for one in checked) or any(source.broken or source.problem for source in table.sources)
    raise typer.Exit(Exit.FINDINGS if is_bad else Exit.FINE)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputMistake(f"--pulled-at is a moment such as 2026-11-23T03:00:00Z, not {text!r}.") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _party(text: str) -> str:
    if not is_party(text):
        raise InputMistake(f"--party is a country code and a party id, such as NL-ABC, not {text!r}.")
    return text.upper()


def _paths(given: Sequence[str]) -> list[Path | None]:
    """The files that are meant, in the order given; None for standard input."""
    if given.count("-") > 1:
        raise InputMistake("Standard input (-) can be given once.")
    found: list[Path | None] = []
    for one in given:
        found += [None] if one == "-" else files_in([Path(one)])
    return found


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )


def _read(table: Table, paths: Sequence[Path | None], progress: Progress) -> None:
    sizes = [path.stat().st_size for path in paths if path is not None]
    task = progress.add_task("reading", total=sum(sizes) if len(sizes) == len(paths) else None)
    for path in paths:
        name = "standard input" if path is None else str(path)
        progress.update(task, description=f"reading {escape(name[-50:])}")
        if path is None:
            table.add(sys.stdin.buffer, name)
            continue
        try:
            with path.open("rb") as file:
                table.add(_Counted(file, progress, task), name)  # type: ignore[arg-type]
        except OSError as error:
            raise InputMistake(f"{path} cannot be read ({error.strerror}).") from None
    table.close()


class _Stage:
    """The line on the screen of one module that is judged."""

    def __init__(self, progress: Progress, module: str, records: int) -> None:
        self._progress, self._module = progress, module
        self._task = progress.add_task(module, total=records)

    def judged(self, records: int) -> None:
        """So many records were judged."""
        self._progress.update(self._task, completed=records)

    def begins(self, what: str) -> None:
        """Another piece of work begins."""
        self._progress.update(self._task, description=f"{self._module}: {what}")


class _Counted:
    """A file whose reading shows on the screen."""

    def __init__(self, file: BinaryIO, progress: Progress, task: TaskID) -> None:
        self._file, self._progress, self._task = file, progress, task

    def read(self, size: int) -> bytes:
        """The next bytes."""
        piece = self._file.read(size)
        self._progress.advance(self._task, len(piece))
        return piece


def _hand_over(checked: Checked, to: Path) -> None:
    """Move the report's files to where the CPO wants them; one that stood there under the same name is replaced."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        for path in sorted(checked.folder.iterdir()):
            aside = to / f".{path.name}.{os.getpid()}"
            shutil.copy(path, aside)
            aside.replace(to / path.name)
    except OSError as error:
        raise InputMistake(f"The report cannot be written to {to} ({error.strerror}). Give another --out.") from None


def _tell(checked: Sequence[Checked], sources: Sequence[OwnFile], to: Path, parties_given: bool) -> None:
    for source in sources:
        _tell_source(source)
    for one in checked:
        out.print(_counts(one))
        out.print(_rules(one))
        if not parties_given and one.module == "cdrs":
            named = ", ".join(one.parties) or "none"
            _say(f"Parties as the records name them: {named}. Give --party to have the owner of each CDR checked.")
    pages = [to / "report.html"] if len(checked) == 1 else [to / one.module / "report.html" for one in checked]
    for page in pages:
        _say(f"Report: {page} (in Dutch: {page.with_name('rapport.html')})")


def _tell_source(source: OwnFile) -> None:
    if source.problem:
        _say(f"[yellow]{escape(source.name)}[/]: {escape(source.problem)}.")
    for one in source.breaks[:_SHOWN_BREAKS]:
        _say(f"[yellow]{escape(source.name)}[/], line {one.line}, column {one.column}: no JSON: {escape(one.what)}.")
    if source.broken > _SHOWN_BREAKS:
        _say(f"[yellow]{escape(source.name)}[/]: {source.broken:,} such places; shown {_SHOWN_BREAKS}.")


def _say(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)


def _counts(checked: Checked) -> ScreenTable:
    files = f"{len(checked.sources):,} file{'s' if len(checked.sources) != 1 else ''}"
    table = ScreenTable(title=f"{checked.module}, OCPI {checked.judgement.ocpi_version}, {files}", title_justify="left")
    table.add_column("")
    for name in ("received", "accepted", "rejected", "identical", "held back"):
        table.add_column(name, justify="right")
    for kind, counts in checked.judgement.counts.items():
        table.add_row(kind, *(f"{number:,}" for number in counts.as_dict().values()))
    return table


def _rules(checked: Checked) -> ScreenTable:
    """The rules with most findings, errors first."""
    found = [
        (severity, rule, count)
        for severity in ("error", "warning", "info")
        for rule, count in sorted(checked.judgement.of_severity(severity).items(), key=lambda item: (-item[1], item[0]))
    ]
    title = f"rules with findings: shown {min(len(found), _SHOWN_RULES)} of {len(found)}"
    table = ScreenTable(title=title, title_justify="left")
    for name in ("severity", "rule"):
        table.add_column(name)
    table.add_column("findings", justify="right")
    for severity, rule, count in found[:_SHOWN_RULES]:
        table.add_row(severity, rule, f"{count:,}")
    return table
