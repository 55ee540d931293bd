"""`linda deliveries`: the books of what was pulled, on the screen; the proof that raw is untouched; a receipt.

Here: options and what is shown. Not here: the reading and checking (pulling.books), and the receipt's text (report.receipt).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from linda_pipeline.commands.choices import check_cpo_of_lake, check_module
from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.screen import console, print_note
from linda_pipeline.errors import Exit, InputMistake, visible
from linda_pipeline.judging.damage import damage
from linda_pipeline.ledger.attempts import AttemptOutcome
from linda_pipeline.ledger.entry import Judgement, JudgementUnreadable, find_judgement
from linda_pipeline.pulling.books import all_attempts, all_deliveries
from linda_pipeline.pulling.due import missed
from linda_pipeline.pulling.raw import attempt_of, newest_pull
from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.register.of_lake import of_strangers
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

_COLOURS = {AttemptOutcome.COMPLETE: "green", AttemptOutcome.RUNNING: "yellow", AttemptOutcome.INCOMPLETE: "yellow"}
_BUCKETS = ("accepted", "rejected", "identical", "held_back")
_FIELDS = (
    Field("delivery"),
    Field("begun_at", "attempt", lambda moment: f"{moment:%Y-%m-%d %H:%M}", minor=True),
    Field("outcome", style=lambda outcome: _COLOURS.get(outcome, "red")),
    number("pages", minor=True),
    number("bytes", "MB", digits=1, per=1e6, minor=True),
    number("records"),
    number("duration_s", "s", digits=1, minor=True),
    *(number(name, name.replace("_", " ")) for name in _BUCKETS),
    number("outside_window", "outside window"),
    Field("why", machines_only=True),
)


def deliveries(
    cpo: Annotated[str | None, typer.Option(help="One CPO, such as NL-ABC.")] = None,
    module: Annotated[str | None, typer.Option(help="cdrs or locations.")] = None,
    check: Annotated[
        bool, typer.Option("--verify", help="Hold every raw page, judgement and table against its hash.")
    ] = False,
    receipt: Annotated[
        str | None, typer.Option(help="The receipt of a delivery, such as cdrs/NL-ABC/2026-11-09.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="nl or en, of the receipt; default the CPO's own.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """See every delivery and attempt, and which windows were missed. Exit code 1: one was missed, or a file is damaged."""
    settings = read_settings()
    check_module(module)
    lake, out = Lake(settings.lake, reading=True), console()
    register = read_register(settings.cpos)
    check_cpo_of_lake(cpo, register, lake, settings.cpos)
    print_note(of_strangers(lake, register))
    if receipt is not None:
        print(visible(_receipt(lake, register, receipt, language)), end="")
        return
    chosen = all_deliveries(lake, module=module, cpo=cpo)
    if check:
        raise typer.Exit(_verify(lake, chosen, form, out))
    alarms = [
        late
        for late in missed(lake, register, datetime.now(UTC))
        if cpo in (None, late.delivery.cpo) and module in (None, late.delivery.module)
    ]
    rows = list(_rows(lake, chosen))
    if form is not Format.TABLE:
        rows += [(alarm.delivery.id, None, "missed", *[None] * (len(_FIELDS) - 4), alarm.why) for alarm in alarms]
    print_listing(out, _FIELDS, rows, form, title="Deliveries", none="Nothing was ever asked of a CPO.")
    if form is Format.TABLE:
        if not lake.may_read_raw:
            out.print("Told from the books alone: this user may not read raw.", highlight=False)
        for alarm in alarms:
            out.print(
                f"[bold red]missed[/] {alarm.delivery.id}, due since {alarm.due:%Y-%m-%d}: ", end="", highlight=False
            )
            out.print(alarm.why, markup=False, highlight=False, soft_wrap=True)
    if alarms:
        raise typer.Exit(Exit.FINDINGS)


def _rows(lake: Lake, chosen: list[Delivery]) -> Iterator[tuple[Any, ...]]:
    for delivery in chosen:
        judgement = _judgement(lake, delivery)
        for attempt in all_attempts(lake, delivery):
            is_judged = judgement is not None and judgement.pull == attempt.pull
            counts = judgement.main.as_dict() if judgement is not None and is_judged else {}
            yield (
                delivery.id,
                attempt.begun_at,
                attempt.outcome.value,
                attempt.pages or None,
                attempt.bytes,
                attempt.records,
                attempt.duration_s,
                *(counts.get(name) for name in _BUCKETS),
                judgement.outside_window if judgement is not None and is_judged else None,
                attempt.doubt or (attempt.failure or {}).get("message") or None,
            )


def _judgement(lake: Lake, delivery: Delivery) -> Judgement | None:
    """The judgement of a delivery, for a listing; one that is damaged is told by --verify, and the next run mends it."""
    try:
        return find_judgement(lake, delivery)
    except JudgementUnreadable:
        return None


def _verify(lake: Lake, chosen: list[Delivery], form: Format, out: Console) -> int:
    damages = [(file.delivery_id, file.what, str(file.path), file.remedy) for file in damage(lake, chosen)]
    if form is not Format.TABLE:
        fields = [Field(name) for name in ("delivery", "what", "path", "remedy")]
        print_listing(out, fields, damages, form, title="", none="")
        return Exit.FINDINGS if damages else Exit.FINE
    for delivery, what, path, remedy in damages:
        named = f"{delivery}: {what}: {path}" if delivery else f"{what}: {path}"
        out.print(f"{named}\n  {remedy}", markup=False, highlight=False, soft_wrap=True)
    if damages:
        return Exit.FINDINGS
    out.print(
        f"{len(chosen)} deliveries: every raw page is as it was received, and all that was made of it is as it was written.",
        highlight=False,
        soft_wrap=True,
    )
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
    from linda_pipeline.report.receipt import receipt  # all words of the reports come with it

    return receipt(attempt_of(pull), find_judgement(lake, delivery), cpo.name if cpo else delivery.cpo, chosen)


def _delivery(name: str) -> Delivery:
    module, _, rest = name.partition("/")
    cpo, _, window = rest.partition("/")
    try:
        if module not in MODULES or not cpo or "/" in window:
            raise ValueError
        return Delivery(module, cpo, date.fromisoformat(window))
    except ValueError:
        raise InputMistake(f"{name!r} is no delivery. Name it as module/CPO/window: cdrs/NL-ABC/2026-11-09.") from None
