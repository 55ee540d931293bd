"""A run on the screen: deliveries through Dagster, CPOs side by side, with live progress and a table at the end.

Here: what `linda run` and `linda demo` show. Not here: the work (road, by way of orchestration).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from linda_pipeline.judging.conservation import read_judgement
from linda_pipeline.judging.permissions import deliveries_to_judge_again
from linda_pipeline.orchestration.in_process import Outcome, instance_at, run_deliveries, run_publish
from linda_pipeline.orchestration.portal import Portal, listening, project_home
from linda_pipeline.orchestration.side_by_side import AT_ONCE, hush, run_side_by_side
from linda_pipeline.settings import Settings, read_settings
from linda_pipeline.storage.lake import Delivery, Lake


def run_on_screen(
    deliveries: Sequence[Delivery],
    out: Console,
    err: Console,
    portal: Portal | None = None,
    home: Path | None = None,
    at_once: int = AT_ONCE,
) -> int:
    """Run deliveries, so many CPOs at once, and publish; returns the exit code of the contract: the gravest there was."""
    portal = portal or Portal()
    settings = read_settings()
    lake = Lake(settings.lake)
    portal.key()  # a missing key or area file is told before anything is pulled
    portal.areas()
    outcomes = _run(deliveries, out, portal, home or _home(settings), at_once)
    out.print(_table(lake, deliveries))
    for outcome in outcomes:
        if outcome.said:
            what = outcome.delivery.id if outcome.delivery else "publish"
            err.print(f"[bold red]{escape(what)}[/]: {escape(outcome.said)}", highlight=False, soft_wrap=True)
        if outcome.trace:
            err.print(outcome.trace, markup=False, highlight=False, soft_wrap=True)
    return max(outcome.code for outcome in outcomes)


def _home(settings: Settings) -> Path:
    """Where Dagster's history goes: DAGSTER_HOME, else the project's folder, else beside the lake."""
    return settings.dagster_home or project_home() or settings.lake.parent / "dagster"


def _run(deliveries: Sequence[Delivery], out: Console, portal: Portal, home: Path, at_once: int) -> list[Outcome]:
    hush()
    from linda_pipeline.definitions import defs

    outcomes: list[Outcome] = []
    with _progress(out) as progress, instance_at(home) as instance:
        whole = progress.add_task("all deliveries", total=len(deliveries) + 1, what="")
        tasks: dict[Delivery, TaskID] = {}

        def heard(delivery: Delivery, what: str, records: int) -> None:
            if delivery not in tasks:
                tasks[delivery] = progress.add_task(delivery.id, total=None, what="")
            progress.update(tasks[delivery], what=f"{records:,} {what}")

        with listening(heard):
            for outcome in run_side_by_side(instance, home, deliveries, portal, heard, at_once):
                outcomes.append(outcome)
                progress.advance(whole)
                _close(progress, tasks, outcome)
            again = [one.delivery for one in deliveries_to_judge_again(portal.lake(), portal.register())]
            for outcome in run_deliveries(instance, defs, again, portal, again=True):
                outcomes.append(outcome)
                _close(progress, tasks, outcome)
            progress.update(whole, what="curating, computing KPIs, publishing")
            outcomes.append(run_publish(instance, defs, portal))
            progress.update(whole, advance=1, what="")
    return outcomes


def _progress(out: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[what]}"),
        TimeElapsedColumn(),
        console=out,
    )


def _close(progress: Progress, tasks: dict[Delivery, TaskID], outcome: Outcome) -> None:
    assert outcome.delivery is not None
    if outcome.delivery not in tasks:
        tasks[outcome.delivery] = progress.add_task(outcome.delivery.id, total=None, what="")
    state = "[red]failed[/]" if outcome.said else "[green]done[/]"
    progress.update(tasks[outcome.delivery], total=1, completed=1, what=state)


def _table(lake: Lake, deliveries: Sequence[Delivery]) -> Table:
    """What was received, and in which bucket it fell, per delivery."""
    buckets = ("received", "accepted", "rejected", "identical", "held_back")
    table = Table(title="Deliveries", title_justify="left")
    table.add_column("delivery", no_wrap=True)
    for name in buckets:
        table.add_column(name.replace("_", " "), justify="right")
    for delivery in deliveries:
        entry = read_judgement(lake, delivery)
        counts = entry["counts"][delivery.module] if entry else {}
        table.add_row(delivery.id, *(f"{counts[name]:,}" if counts else "–" for name in buckets))
    return table
