"""The `linda` command: what a person types, and the edge at which every failure becomes one clear sentence.

Here: options, the exit codes of the contract, and what is printed. Not here: work. Dagster is imported only by the commands
that need it (2-3 seconds).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from linda_pipeline.calendar import is_window, local_date, newest_ended_window, window_of, windows_between
from linda_pipeline.commands.deliveries import deliveries
from linda_pipeline.commands.held import held
from linda_pipeline.commands.probe import probe
from linda_pipeline.commands.regions import regions
from linda_pipeline.commands.replay import replay_command
from linda_pipeline.commands.validate import validate
from linda_pipeline.errors import Exit, InputMistake, exit_code, printable, sentence
from linda_pipeline.judging.permissions import deliveries_to_judge_again
from linda_pipeline.register.cpos import Cpo, RegisterMistake, read_register
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Delivery, Lake

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="LINDA: judge, open up and publish the usage data of public charge points.",
)
out = Console()
err = Console(stderr=True)
app.command("replay")(replay_command)

app.command()(validate)
app.command()(regions)


def main() -> None:
    """Run the command; every failure ends in a sentence and an exit code of the contract."""
    try:
        app()
    except Exception as failure:
        tell(failure)
        sys.exit(exit_code(failure))


def tell(failure: BaseException) -> None:
    """Print a failure as a person reads it; the traceback only where the mistake is ours."""
    err.print(sentence(failure), style="bold red", markup=False, highlight=False, soft_wrap=True)
    if exit_code(failure) == Exit.OURS and read_settings().traceback:
        whole = printable("".join(traceback.format_exception(failure)))
        err.print(whole, markup=False, highlight=False, soft_wrap=True)


@app.command("check-cpos")
def check_cpos(path: Annotated[Path | None, typer.Argument(help="The register; default LINDA_CPOS.")] = None) -> None:
    """Check the register of CPOs: one sentence per mistake, naming block and key."""
    place = path or read_settings().cpos
    try:
        register = read_register(place)
    except RegisterMistake as mistake:
        for one in mistake.mistakes:
            err.print(one, highlight=False, soft_wrap=True, markup=False)
        err.print(f"{len(mistake.mistakes)} mistake(s) in {place}.", markup=False)
        raise typer.Exit(Exit.INPUT) from None
    today = local_date(datetime.now(UTC))
    allowed = [cpo.key for cpo in register.values() if cpo.may_be_pulled_on(today)]
    out.print(
        f"{place}: {len(register)} CPOs, no mistakes. With a permission that is valid today: {', '.join(allowed) or 'none'}."
    )
    for cpo in register.values():
        if warning := cpo.token_warning(today):
            err.print(warning, highlight=False, soft_wrap=True, markup=False)


@app.command()
def demo(
    to: Annotated[Path, typer.Option("--out", help="Where the demo's lake and history go.")] = Path("data/demo"),
) -> None:
    """The whole main job on simulated CPOs over real HTTP: pull, judge, report, curate, KPIs. About a minute."""
    from linda_pipeline.orchestration.forks import begin

    begin()
    from linda_pipeline.commands.demo_run import run_demo

    raise typer.Exit(run_demo(to, out))


@app.command()
def run(
    cpo: Annotated[
        list[str] | None, typer.Option(help="A CPO of the register, such as NL-ABC; may be repeated.")
    ] = None,
    module: Annotated[str, typer.Option(help="cdrs, locations or all.")] = "all",
    window: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The Monday that opens a window.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of a backfill.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of a backfill.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="How many CPOs side by side.")] = 4,
) -> None:
    """The same road for the CPOs of the register; default: the newest window that has ended, all CPOs."""
    settings = read_settings()
    now = datetime.now(UTC).replace(microsecond=0)
    chosen = _chosen_cpos(read_register(settings.cpos), cpo, local_date(now), settings.lake)
    windows = _chosen_windows(window, start, until, now)
    if module not in ("cdrs", "locations", "all"):
        raise InputMistake(f"--module is cdrs, locations or all, not {module!r}.")
    deliveries = [
        Delivery(one, key, when)
        for key in chosen
        for one, when in [
            *([("locations", local_date(now))] if module != "cdrs" else []),
            *([("cdrs", opened) for opened in windows] if module != "locations" else []),
        ]
    ]
    from linda_pipeline.orchestration.forks import begin

    begin()
    from linda_pipeline.commands.on_screen import run_on_screen

    if not chosen:
        out.print(
            "No CPO is active and has a permission that is valid today, so nothing is pulled. Permissions have changed: what "
            "was delivered before is judged again.",
            soft_wrap=True,
        )
    raise typer.Exit(run_on_screen(deliveries, out, err, at_once=at_once))


def _chosen_cpos(register: dict[str, Cpo], wanted: list[str] | None, today: date, lake: Path) -> list[str]:
    """The CPOs to pull; none where there is only something to judge again, as after the last permission was withdrawn."""
    for key in wanted or []:
        if key not in register:
            raise InputMistake(f"{key} is not in the register of CPOs. It holds: {', '.join(register) or 'no CPOs'}.")
    keys = wanted or [key for key, one in register.items() if one.may_be_pulled_on(today)]
    if not keys and not (lake.is_dir() and deliveries_to_judge_again(Lake(lake), register)):
        raise InputMistake(
            "No CPO in the register is active and has a permission that is valid today, so nothing is pulled."
        )
    return keys


def _chosen_windows(
    window: datetime | None, start: datetime | None, until: datetime | None, now: datetime
) -> list[date]:
    newest = newest_ended_window(now)
    if window is not None and (start is not None or until is not None):
        raise InputMistake("Give --window, or --from and --until, not both.")
    if window is not None:
        if not is_window(window.date()):
            raise InputMistake(
                f"No window opens on {window.date()}. Give the Monday of the window it falls in: {window_of(window.date())}."
            )
        if window.date() > newest:
            raise InputMistake(f"The window {window.date()} has not ended yet. The newest one that has is {newest}.")
        return [window.date()]
    if start is not None or until is not None:
        if start is None or until is None or until < start:
            raise InputMistake("A backfill needs --from and --until, with --until on or after --from.")
        return [one for one in windows_between(start.date(), until.date()) if one <= newest]
    return [newest]


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="A query; without it, one per line from standard input.")] = None,
) -> None:
    """Ask the lake in SQL (DuckDB, read-only)."""
    from linda_pipeline.warehouse.sql import open_readonly

    connection = open_readonly(Lake(read_settings().lake))
    for one in [query] if query else sys.stdin:
        if one.strip():
            out.print(str(connection.sql(one)), markup=False, highlight=False)


def _print_markdown(make: Callable[[], str]) -> None:
    from rich.markdown import Markdown

    text = make()
    out.print(Markdown(text) if out.is_terminal else text, markup=False, highlight=False, soft_wrap=True)


@app.command()
def rules() -> None:
    """Every rule: what it demands, why, and what to do."""
    from linda_pipeline.catalogue import rules_markdown

    _print_markdown(rules_markdown)


@app.command()
def kpis() -> None:
    """Every KPI: its definition, unit, basis and query."""
    from linda_pipeline.catalogue import kpis_markdown

    _print_markdown(kpis_markdown)


@app.command()
def columns() -> None:
    """Every column: its meaning, type, unit and place in each OCPI version."""
    from linda_pipeline.catalogue import columns_markdown

    _print_markdown(columns_markdown)


app.command("probe")(probe)
app.command("held")(held)
app.command("deliveries")(deliveries)

if __name__ == "__main__":
    main()
