"""`linda deliveries`: the books of what was pulled, on the screen; the proof that raw is untouched; a receipt.

Here: options and tables. Not here: the reading and checking (road.deliveries), and the receipt's text (road.receipt).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from linda_pipeline.commands.held import check_module
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.ledger.attempts import AttemptOutcome
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.pulling.books import all_attempts, all_deliveries, verify
from linda_pipeline.pulling.due import missed
from linda_pipeline.pulling.raw import attempt_of, newest_pull
from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.report.receipt import receipt as receipt_text
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

_COLOURS = {AttemptOutcome.COMPLETE: "green", AttemptOutcome.RUNNING: "yellow", AttemptOutcome.INCOMPLETE: "yellow"}


def deliveries(
    cpo: Annotated[str | None, typer.Option(help="One CPO, such as NL-ABC.")] = None,
    module: Annotated[str | None, typer.Option(help="cdrs or locations.")] = None,
    check: Annotated[bool, typer.Option("--verify", help="Hold every raw page against its hash.")] = False,
    receipt: Annotated[
        str | None, typer.Option(help="The receipt of a delivery, such as cdrs/NL-ABC/2026-11-09.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="nl or en, of the receipt; default the CPO's own.")] = None,
) -> None:
    """Every delivery and attempt, and which windows were missed. Exit code 1: one was missed, or raw was changed."""
    settings = read_settings()
    check_module(module)
    lake, out = Lake(settings.lake, reading=True), console()
    register = read_register(settings.cpos)
    if receipt is not None:
        print(_receipt(lake, register, receipt, language), end="")
        return
    chosen = all_deliveries(lake, module=module, cpo=cpo)
    if check:
        raise typer.Exit(_verify(lake, chosen, out))
    out.print(_table(lake, chosen))
    now = datetime.now(UTC)
    alarms = [
        one
        for one in missed(lake, register, now)
        if cpo in (None, one.delivery.cpo) and module in (None, one.delivery.module)
    ]
    for one in alarms:
        out.print(f"[bold red]missed[/] {one.delivery.id}, due since {one.due:%Y-%m-%d}: ", end="", highlight=False)
        out.print(one.why, markup=False, highlight=False, soft_wrap=True)
    if alarms:
        raise typer.Exit(Exit.FINDINGS)


def _table(lake: Lake, chosen: list[Delivery]) -> Table:
    table = Table(title="Deliveries", title_justify="left")
    for name in ("delivery", "attempt", "outcome"):
        table.add_column(name, no_wrap=True)
    for name in ("pages", "MB", "records", "s", "accepted", "rejected", "identical", "held back"):
        table.add_column(name, justify="right", no_wrap=True)
    for delivery in chosen:
        judgement = find_judgement(lake, delivery)
        for attempt in all_attempts(lake, delivery):
            is_judged = judgement is not None and judgement.pull == attempt.pull
            counts = judgement.main.as_dict() if judgement is not None and is_judged else {}
            told = [
                f"{counts[name]:,}" if counts else "" for name in ("accepted", "rejected", "identical", "held_back")
            ]
            colour = _COLOURS.get(attempt.outcome, "red")
            table.add_row(
                delivery.id,
                f"{attempt.begun_at:%Y-%m-%d %H:%M}",
                f"[{colour}]{attempt.outcome.value}[/]",
                f"{attempt.pages:,}",
                f"{attempt.bytes / 1e6:,.1f}",
                f"{attempt.records:,}",
                "" if attempt.duration_s is None else f"{attempt.duration_s:,.1f}",
                *told,
            )
    return table


def _verify(lake: Lake, chosen: list[Delivery], out: Console) -> int:
    damages = list(verify(lake, chosen))
    for damage in damages:
        out.print(f"{damage.delivery_id}: {damage.what}: {damage.path}", markup=False, highlight=False, soft_wrap=True)
    if damages:
        out.print(
            "Bring these files back from a backup, or pull the windows again. Until then nothing of them should be used.",
            markup=False,
            soft_wrap=True,
        )
        return Exit.FINDINGS
    out.print(f"{len(chosen)} deliveries: every raw page is as it was received.", highlight=False)
    return Exit.FINE


def _receipt(lake: Lake, register: dict[str, Cpo], name: str, language: str | None) -> str:
    delivery = _delivery(name)
    pull = newest_pull(lake, delivery)
    if pull is None:
        raise InputMistake(f"{name} was not pulled. `linda deliveries` lists what was.")
    cpo = register.get(delivery.cpo)
    chosen = language or (cpo.language if cpo else "nl")
    if chosen not in ("nl", "en"):
        raise InputMistake(f"--language is nl or en, not {language!r}.")
    return receipt_text(attempt_of(pull), find_judgement(lake, delivery), cpo.name if cpo else delivery.cpo, chosen)


def _delivery(name: str) -> Delivery:
    module, _, rest = name.partition("/")
    cpo, _, window = rest.partition("/")
    try:
        if module not in MODULES or not cpo or "/" in window:
            raise ValueError
        return Delivery(module, cpo, date.fromisoformat(window))
    except ValueError:
        raise InputMistake(f"{name!r} is no delivery. Name it as module/CPO/window: cdrs/NL-ABC/2026-11-09.") from None
