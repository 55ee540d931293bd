"""`linda rebuild`: everything behind raw made again, or held against what stands.

Here: options and what is shown. Not here: the making and comparing (rebuilding).
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from linda_pipeline import means
from linda_pipeline.commands.choices import check_cpo_of_lake
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake, exit_code
from linda_pipeline.rebuilding import ToMake, differences, to_make
from linda_pipeline.rebuilding import rebuild as rebuild_lake
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake

_SHOWN = 50


def rebuild(
    from_raw: Annotated[
        bool, typer.Option("--from-raw", help="Judge again from raw first, each delivery by the profile of its pull.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing: make it beside the lake and compare. Exit code 1: it differs."),
    ] = False,
    cpo: Annotated[
        list[str] | None, typer.Option(help="With --from-raw: a CPO of the register; may be repeated.")
    ] = None,
) -> None:
    """Make everything behind raw again: reports, curated data, KPIs, linda.duckdb; with --from-raw the judgements too."""
    out, settings = console(), read_settings()
    lake, register = Lake(settings.lake, memory_limit=settings.memory_limit), means.cpos(settings)
    if cpo and not from_raw:
        raise InputMistake(
            "--cpo chooses what is judged again: give --from-raw with it. All else is made of all CPOs at once."
        )
    for one in cpo or []:
        check_cpo_of_lake(one, register, lake, settings.cpos)
    given = means.means(settings, has_key=from_raw)
    made = to_make(lake, given, from_raw=from_raw, cpos=cpo or ())
    if not made.report:
        raise InputMistake(
            f"Nothing was judged in {lake.root} yet, so there is nothing to make again. Run linda run first."
        )
    out.print(_what_is_made(lake, made, is_check=check), markup=False, highlight=False, soft_wrap=True)
    lines: list[str] = []
    now = datetime.now(UTC).replace(microsecond=0)
    with out.status("") as status, closing(means.register_database(settings)) as database:
        if check:
            lines, rebuilt = differences(lake, given, made, status.update, database)
        else:
            rebuilt = rebuild_lake(lake, given, made, status.update, database, now)
    for delivery, failure in rebuilt.failures.items():
        out.print(f"{delivery.id}: {failure}", markup=False, highlight=False, soft_wrap=True)
    for line in lines[:_SHOWN]:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if len(lines) > _SHOWN:
        out.print(f"… and {len(lines) - _SHOWN:,} more", highlight=False)
    done = f"{rebuilt.judged} deliveries judged from raw, " if from_raw else ""
    outcome = (f"{len(lines):,} differ." if lines else "nothing differs.") if check else "all of it stands in the lake."
    out.print(f"{done}{rebuilt.reported} reports, curated data, KPIs and linda.duckdb: {outcome}", highlight=False)
    codes = [exit_code(failure) for failure in rebuilt.failures.values()]
    raise typer.Exit(max([*codes, Exit.FINDINGS if lines else Exit.FINE]))


def _what_is_made(lake: Lake, made: ToMake, *, is_check: bool) -> str:
    """What is going to happen, before it does."""
    judged = f"{len(made.judge)} deliveries judged again from raw, " if made.judge else ""
    size = f"about {made.bytes / 1e6:,.1f} MB"
    where = (
        f"beside {lake.root}, which takes {size} while it runs. Nothing in the lake changes."
        if is_check
        else f"in {lake.root}, part by part ({size}). It may be stopped at any moment: what was made stays, and running it "
        "again does the rest."
    )
    left = f" Not in the register, and so not judged again: {', '.join(made.strangers)}." if made.strangers else ""
    return f"{judged}{len(made.report)} reports, the curated data, the KPIs and linda.duckdb are made {where}{left}"
