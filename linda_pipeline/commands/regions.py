"""`linda regions`: what each NAL region and data owner may know of the quality of the deliveries for its charge points.

Here: the options and where the files go. Not here: counting (judging.by_place) and pages (report.place_report).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from linda_pipeline import means
from linda_pipeline.commands.choices import make_out
from linda_pipeline.commands.screen import console, print_note
from linda_pipeline.errors import InputMistake
from linda_pipeline.judging.by_place import newest_deliveries, place_figures
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.of_lake import check_register, of_strangers
from linda_pipeline.report.place_report import write_regions
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake

out = console()


def regions(
    to: Annotated[Path, typer.Option("--out", help="The folder for the reports.")] = Path("linda-regions"),
    window: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A window or night; default: each CPO's newest delivery."),
    ] = None,
) -> None:
    """Write a report per NAL region and per data owner: figures per CPO, no records and no personal data."""
    settings = read_settings()
    lake, register, areas = Lake(settings.lake, reading=True), means.cpos(settings), means.areas(settings)
    check_register(lake, register)
    print_note(of_strangers(lake, register))
    deliveries = newest_deliveries(lake, window.date() if window else None)
    if not deliveries and window:
        which = f"There is no judged delivery of {window.date()} in {settings.lake}."
        raise InputMistake(f"{which} `linda deliveries` lists those that there are.")
    if not deliveries:
        raise InputMistake(f"There is no judged delivery in {settings.lake}. Run `linda run` first.")
    make_out(to)
    table = areas.table()
    names = {row["area_code"]: row["area_name"] for row in table.to_pylist() if row["area_level"] == "gemeente"}
    figures = place_figures(lake, register, areas, deliveries)
    places = write_regions(to, figures, RULES, names)
    if not places:
        raise InputMistake(
            "No record of these deliveries lies in a municipality of a NAL region or is covered by a data owner's permission. "
            "Check the areas (LINDA_AREAS) and the permissions in the register."
        )
    for place in places:
        out.print(f"{place / 'rapport.html'}", highlight=False, soft_wrap=True, markup=False)
