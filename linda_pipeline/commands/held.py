"""`linda held`: what is held back, of which delivery and why, and what lets it through.

Here: options and tables on the screen. Not here: the reading of it (road.held) and the gate (road.permissions).
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake
from linda_pipeline.judging.again import AgainReason, deliveries_to_judge_again
from linda_pipeline.judging.permissions import changes
from linda_pipeline.ledger.held_back import held_back, held_records
from linda_pipeline.register.cpos import read_register
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import MODULES, Lake

_REASONS = {
    "no_permission": "no permission of the data owner covers it",
    "reservation_only": "a reservation, no charging session",
    "home_charging": "charging at home, outside LINDA",
    "not_public": "at a location that is not public",
    "scope_unreadable": "whether it is public charging cannot be read",
}


def held(
    cpo: Annotated[str | None, typer.Option(help="One CPO, such as NL-ABC.")] = None,
    module: Annotated[str | None, typer.Option(help="cdrs or locations.")] = None,
    records: Annotated[bool, typer.Option(help="Every record: delivery, object, id, reason, page, position.")] = False,
) -> None:
    """What is held back and why; once a permission stands in the register, `linda run` releases it without a new pull."""
    settings = read_settings()
    check_module(module)
    lake = Lake(settings.lake, reading=True)
    out = console()
    if records:
        for delivery, found in held_records(lake, module=module, cpo=cpo):
            for one in found.to_pylist():
                values = (delivery.id, *(one[name] for name in ("object", "id", "reason", "page", "position")))
                print("\t".join("" if value is None else str(value) for value in values))
        return
    table = Table(title="Held back", title_justify="left")
    for name in ("delivery", "object", "records", "why"):
        table.add_column(name, justify="right" if name == "records" else "left", no_wrap=name != "why")
    for one in held_back(lake, module=module, cpo=cpo):
        table.add_row(one.delivery.id, one.object, f"{one.records:,}", _REASONS.get(one.reason, one.reason))
    out.print(table)
    for title, key in (("Released by a permission", "released"), ("Withdrawn with a permission", "withdrawn")):
        lines = [
            line
            for name in MODULES
            if module in (None, name)
            for delivery in lake.judged(name, cpo)
            for line in changes(lake, delivery)
            if line[key]
        ]
        for line in lines:
            proof = (
                ""
                if key == "released"
                else f"; left in what is curated: {line.get('curated_rows_left', 'not proven yet')}"
            )
            out.print(f"{title}: {line['delivery_id']}, {line[key]:,} records, {line['at'] or ''}{proof}", markup=False)
    again = [
        one
        for one in deliveries_to_judge_again(lake, read_register(settings.cpos))
        if one.reason == AgainReason.PERMISSIONS and cpo in (None, one.delivery.cpo)
    ]
    if again:
        out.print(
            f"The permissions in the register have changed for {len(again)} deliveries since they were judged. "
            "The next `linda run` judges them again from raw.",
            markup=False,
            highlight=False,
        )


def check_module(module: str | None) -> None:
    """Raises InputMistake where there is no such module."""
    if module not in (None, *MODULES):
        raise InputMistake(f"--module is cdrs or locations, not {module!r}.")
