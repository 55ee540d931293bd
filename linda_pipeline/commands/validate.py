"""`linda validate`: a CPO judges its own files before delivery, with the verdicts that the portal would give.

Here: the options, progress on the screen, and the exit code. Not here: reading files (judging.own_files), judging
(judging.self_check), and what is said (self_check_screen.py). Nothing of Dagster is needed.
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

from linda_pipeline.calendar import local_date
from linda_pipeline.commands import self_check_screen as screen
from linda_pipeline.commands.ending import ends_when_told
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake, one_line
from linda_pipeline.judging.own_files import OwnFile, files_in
from linda_pipeline.judging.self_check import Checked, Table, check_version, is_party, self_check
from linda_pipeline.quality.profile_file import read_profiles
from linda_pipeline.quality.rules import changeable
from linda_pipeline.report import ReportFigures, report_on
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake

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
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="The day whose profile judges, such as 2027-01-01; default: today.",
        ),
    ] = None,
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
    profiles = read_profiles(read_settings().profile, changeable()).as_of(as_of.date() if as_of else local_date(moment))
    with ends_when_told(), tempfile.TemporaryDirectory(prefix="linda-") as folder, _progress() as progress:
        table = Table(Path(folder), counts_parties=not parties)
        _read(table, paths, progress)
        if locations and not any(one.module == "locations" for one in table.sources[given_files:]):
            raise InputMistake(
                f"{one_line(str(locations))} holds no Locations. Give --locations a file of OCPI Locations."
            )
        lake = Lake(Path(folder) / "lake")
        checked: list[Checked] = []
        figures: dict[str, ReportFigures] = {}
        for module in sorted(table.shelves, reverse=True):  # Locations first: CDRs may be held against them
            stage = _Stage(progress, module, table.shelves[module].records)
            stage.begins("judging")
            found = self_check(
                lake,
                table,
                module,
                moment=moment,
                profiles=profiles,
                version=version,
                parties=parties,
                beside=checked[0] if locations and checked else None,
                on_records=stage.judged,
            )
            stage.begins("writing the report")
            figures[module] = report_on(lake, found.judgement.delivery, cpo_name=", ".join(found.parties))
            checked.append(found)
        checked.sort(key=lambda one: one.module)
        for one in checked:
            _hand_over(one, to if len(checked) == 1 else to / one.module)
    _tell(checked, [figures[one.module] for one in checked], table.sources, to, bool(parties))
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
        progress.update(task, description=f"reading {escape(one_line(name)[-50:])}")
        if path is None:
            table.add(sys.stdin.buffer, name)
            continue
        try:
            with path.open("rb") as file:
                table.add(_WatchedFile(file, progress, task), name)  # type: ignore[arg-type]
        except OSError as error:
            raise InputMistake(f"{one_line(name)} cannot be read ({error.strerror}).") from None
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


class _WatchedFile:
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


def _tell(
    checked: Sequence[Checked],
    figures: Sequence[ReportFigures],
    sources: Sequence[OwnFile],
    to: Path,
    parties_given: bool,
) -> None:
    for source in sources:
        screen.tell_source(out, source)
    for one, its in zip(checked, figures, strict=True):
        screen.tell_module(out, one, its)
        if not parties_given and one.module == "cdrs":
            screen.tell_parties(out, one.parties)
    pages = [to / "report.html"] if len(checked) == 1 else [to / one.module / "report.html" for one in checked]
    screen.tell_next(out, checked, pages, ["linda", *map(one_line, sys.argv[1:])])
