"""`linda run`: the deliveries that are asked for, through Dagster in this process.

Here: which CPOs, modules and windows are meant. Not here: the run and what it shows (on_screen.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from linda_pipeline.calendar import is_window, local_date, newest_ended_window, window_of, windows_between
from linda_pipeline.commands.choices import check_cpo
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake
from linda_pipeline.orchestration.forks import begin
from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Delivery, Lake

_DAY = ["%Y-%m-%d"]


def run(
    cpo: Annotated[
        list[str] | None, typer.Option(help="A CPO of the register, such as NL-ABC; may be repeated.")
    ] = None,
    module: Annotated[str, typer.Option(help="cdrs, locations or all.")] = "all",
    window: Annotated[datetime | None, typer.Option(formats=_DAY, help="The Monday that opens a window.")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day of a backfill.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day of a backfill.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="How many CPOs side by side.")] = 4,
) -> None:
    """Pull, judge, report and publish for the CPOs of your register; by default the newest window that has ended, of all."""
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
    begin()
    from linda_pipeline.commands.on_screen import run_on_screen

    out, err = console(), console(stderr=True)
    if not chosen:
        out.print(
            "No CPO is active and has a permission that is valid today, so nothing is pulled. What was delivered before is "
            "judged again, because permissions or other deliveries have changed.",
            soft_wrap=True,
        )
    raise typer.Exit(run_on_screen(deliveries, out, err, at_once=at_once))


def _chosen_cpos(register: dict[str, Cpo], wanted: list[str] | None, today: date, lake: Path) -> list[str]:
    """The CPOs to pull; none where there is only something to judge again, as after the last permission was withdrawn."""
    for key in wanted or []:
        check_cpo(key, register, "the register of CPOs")
    keys = wanted or [key for key, one in register.items() if one.may_be_pulled_on(today)]
    if not keys and not (lake.is_dir() and _waits(Lake(lake), register)):
        raise InputMistake(
            "No CPO in the register is active and has a permission that is valid today, so nothing is pulled."
        )
    return keys


def _waits(lake: Lake, register: dict[str, Cpo]) -> bool:
    """Whether something waits to be judged again."""
    from linda_pipeline import stations  # the whole road comes with them

    return bool(stations.deliveries_to_judge_again(lake, register))


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
