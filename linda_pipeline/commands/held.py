"""`linda held`: what is held back, of which delivery and why, and what lets it through.

Here: options and what is shown. Not here: the reading of it (ledger.held_back) and the gate (judging.permissions).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from linda_pipeline.commands.choices import check_cpo_of_lake, check_module
from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.screen import console, print_note
from linda_pipeline.judging.again import AgainReason, deliveries_to_judge_again
from linda_pipeline.ledger.held_back import held_back, held_records
from linda_pipeline.ledger.moves import moves
from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.register.of_lake import of_strangers
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import MODULES, Lake

_REASONS = {
    "no_permission": "no permission of the data owner covers it",
    "reservation_only": "a reservation, no charging session",
    "home_charging": "charging at home, outside LINDA",
    "not_public": "at a location that is not public",
    "scope_unreadable": "whether it is public charging cannot be read",
}
_COUNTED = (Field("delivery"), Field("object"), number("records"), Field("reason", machines_only=True), Field("why"))
_EACH = (Field("delivery"), Field("object"), Field("id"), Field("reason"), number("page"), number("position"))


def held(
    cpo: Annotated[str | None, typer.Option(help="One CPO, such as NL-ABC.")] = None,
    module: Annotated[str | None, typer.Option(help="cdrs or locations.")] = None,
    records: Annotated[bool, typer.Option("--records", help="Every record by its id, page and position.")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """See what is held back and why. Once a permission stands in the register, `linda run` releases it without a new pull."""
    settings = read_settings()
    check_module(module)
    lake, out = Lake(settings.lake, reading=True), console()
    register = read_register(settings.cpos)
    check_cpo_of_lake(cpo, register, lake, settings.cpos)
    print_note(of_strangers(lake, register))
    none = "Nothing is held back."
    if records:
        print_listing(out, _EACH, list(_records(lake, module, cpo)), form, title="Held back", none=none)
        return
    rows = [
        (group.delivery.id, group.object, group.records, group.reason, _REASONS.get(group.reason, group.reason))
        for group in held_back(lake, module=module, cpo=cpo)
    ]
    print_listing(out, _COUNTED, rows, form, title="Held back", none=none)
    if form is Format.TABLE:
        _print_changes(lake, register, module, cpo, out)


def _records(lake: Lake, module: str | None, cpo: str | None) -> Iterator[tuple[Any, ...]]:
    for delivery, records in held_records(lake, module=module, cpo=cpo):
        for record in records.to_pylist():
            yield delivery.id, *(record[name] for name in ("object", "id", "reason", "page", "position"))


def _print_changes(lake: Lake, register: dict[str, Cpo], module: str | None, cpo: str | None, out: Console) -> None:
    """What changes of permissions have moved, and what they would move at the next run."""
    for title, key in (("Released by a permission", "released"), ("Withdrawn with a permission", "withdrawn")):
        lines = [
            line
            for name in MODULES
            if module in (None, name)
            for delivery in lake.judged(name, cpo)
            for line in moves(lake, delivery)
            if line[key]
        ]
        for line in lines:
            proof = (
                ""
                if key == "released"
                else f"; left in what is curated: {line.get('curated_rows_left', 'not proven yet')}"
            )
            out.print(
                f"{title}: {line['delivery_id']}, {line[key]:,} records, {line['at'] or ''}{proof}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    again = [
        again
        for again in deliveries_to_judge_again(lake, register)
        if again.reason == AgainReason.PERMISSIONS and cpo in (None, again.delivery.cpo)
    ]
    if again:
        out.print(
            f"The permissions in the register have changed for {len(again)} deliveries since they were judged. "
            "The next `linda run` judges them again from raw.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
