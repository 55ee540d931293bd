"""`linda cases`: what CPOs are to deliver again, by when, and what became of it; and the objections of CPOs.

Here: options and what is shown. Not here: what opens and closes a case, and the law of objections (the room cases).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from linda_pipeline.calendar import local_date
from linda_pipeline.cases.case import KIND, UNSOLVED, CaseState, RedeliveryCase
from linda_pipeline.cases.lookup import SHOWN, Asked, cpos_with_cases, list_cases
from linda_pipeline.cases.objections import answer as answer_objection
from linda_pipeline.cases.objections import find_case, object_to_case, object_to_rule, objected
from linda_pipeline.commands.choices import check_cpo
from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.person import who_types
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake
from linda_pipeline.register.cpos import NAL_REGIONS, read_register
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of
from linda_pipeline.settings import Settings, read_settings

_DAY = ["%Y-%m-%d"]
_COLOURS = {CaseState.OVERDUE.value: "red", CaseState.OPEN.value: "yellow", CaseState.CORRECTED.value: "green"}
_SHOWN = {
    "id": number("id"),
    "module": Field("module", minor=True),
    "rules": Field("rules", shown=lambda rules: ", ".join(rules)),
    "state": Field("state", style=lambda state: _COLOURS.get(state, "")),
    "first_seen": Field("first_seen", shown=lambda moment: f"{local_date(moment)}", minor=True),
    "delivery_id": Field("delivery_id", minor=True),
}
_FIELDS = tuple(_SHOWN.get(name, Field(name)) for name in SHOWN)
_EVENTS = (Field("at", shown=lambda moment: f"{moment:%Y-%m-%d %H:%M}"), Field("actor"), Field("action"), Field("why"))
_STATES = [state.value for state in CaseState]
WhyOption = Annotated[str, typer.Option(help="The reason, in words that the other side reads.")]
RuleOption = Annotated[str | None, typer.Option(help="All cases of a rule …")]
DeliveryOption = Annotated[str | None, typer.Option(help="… in a delivery, such as cdrs/NL-ABC/2026-11-09.")]

group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@group.callback(invoke_without_command=True)
def cases(
    context: typer.Context,
    cpo: Annotated[str | None, typer.Option(help="One CPO, such as NL-ABC.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(_STATES)} or all; default what is not solved. May be repeated."),
    ] = None,
    rule: Annotated[str | None, typer.Option(help="A rule that a case names.")] = None,
    region: Annotated[str | None, typer.Option(help=f"A NAL region: {', '.join(NAL_REGIONS)}.")] = None,
    due_before: Annotated[
        datetime | None, typer.Option("--due-before", formats=_DAY, help="Those whose last day lies before a day.")
    ] = None,
    most: Annotated[int, typer.Option("--rows", min=1, help="How many the table shows; json and csv give all.")] = 100,
    form: FormatOption = Format.TABLE,
) -> None:
    """See what CPOs are to deliver again, by when, and what became of it; note and answer their objections."""
    if context.invoked_subcommand is not None:
        return
    settings = read_settings()
    asked = Asked(cpo, _states(state), rule, region, due_before.date() if due_before else None)
    if region is not None and region not in NAL_REGIONS:
        raise InputMistake(f"--region is one of {', '.join(NAL_REGIONS)}, not {region!r}.")
    with _database(settings).reading() as session:
        if cpo is not None:
            known = {*read_register(settings.cpos), *cpos_with_cases(session)}
            check_cpo(cpo, known, f"the register {settings.cpos}, and none has cases")
        rows = list(list_cases(session, asked, most + 1 if form is Format.TABLE else None))
    shown = rows[:most] if form is Format.TABLE else rows
    print_listing(console(), _FIELDS, shown, form, title="Re-delivery cases", none="There are no such cases.")
    if len(rows) > len(shown):
        _say(f"These are the first {most:,}. --rows shows more; --format csv or json gives all.")


@group.command()
def show(
    case: Annotated[int, typer.Argument(help="The number of the case.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """See one case, and everything that happened to it."""
    with _database(read_settings()).reading() as session:
        found = find_case(session, case)
        rows = [(one.at, one.actor, one.action, one.why) for one in events_of(session, KIND, case)]
        if form is Format.TABLE:
            _say(_told(found))
    print_listing(console(), _EVENTS, rows, form, title="What happened", none="Nothing was told of it.")


def _told(case: RedeliveryCase) -> str:
    nameless = "1 record without an id" if case.records == 1 else f"{case.records:,} records without an id"
    what = case.record_id or nameless
    lines = [f"Case {case.id}: {what} ({case.object}) of {case.cpo}, {case.state}.", f"Rules: {', '.join(case.rules)}."]
    lines.append(f"First refused in {case.delivery_id}, pulled on {local_date(case.first_seen)}.")
    if case.due_date is not None:
        lines.append(f"To be delivered again by {case.due_date}.")
    if case.nal_region is not None:
        lines.append(f"NAL region: {case.nal_region}.")
    if case.closed_on is not None:
        lines.append(f"Closed on {case.closed_on} by {case.closed_by}.")
    if case.previous_id is not None:
        lines.append(f"The record had case {case.previous_id} before.")
    return "\n".join(lines)


@group.command("object")
def object_(
    why: WhyOption,
    case: Annotated[int | None, typer.Argument(help="The number of the case.")] = None,
    rule: RuleOption = None,
    delivery: DeliveryOption = None,
) -> None:
    """Note that the CPO objects: to one case, or to a rule over a delivery. Its last day stays; reminders stop."""
    now = datetime.now(UTC)
    _check_choice(case, rule, delivery)
    with _database(read_settings()).writing() as session:
        if case is not None:
            object_to_case(session, case, why, at=now, actor=who_types())
            said = f"Case {case} is objected to."
        else:
            found = object_to_rule(session, str(rule), str(delivery), why, at=now, actor=who_types())
            said = f"{len(found):,} cases of {delivery} with the rule {rule} are objected to."
    _say(said)


@group.command()
def answer(
    why: WhyOption,
    case: Annotated[int | None, typer.Argument(help="The number of the case.")] = None,
    rule: RuleOption = None,
    delivery: DeliveryOption = None,
    uphold: Annotated[bool, typer.Option("--uphold", help="The CPO is right: the case closes.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="The rule stands: the case is open again, or overdue.")] = False,
) -> None:
    """Answer the CPO's objection, with the reason."""
    now = datetime.now(UTC)
    _check_choice(case, rule, delivery)
    if uphold == drop:
        raise InputMistake("Give --uphold or --drop: one of the two.")
    with _database(read_settings()).writing() as session:
        numbers = [case] if case is not None else objected(session, str(rule), str(delivery))
        answered = answer_objection(session, numbers, why, is_upheld=uphold, at=now, actor=who_types())
        rules = sorted({one for done in answered for one in done.rules}) if rule is None else [rule]
        states = sorted({one.state for one in answered})
    which = f"Case {case} is" if case is not None else f"{len(answered):,} cases are"
    _say(f"{which} {' or '.join(states)}.")
    if uphold:
        _say(f"Once {', '.join(rules)} is mended, `linda replay --apply` judges again what it refused.")


def _check_choice(case: int | None, rule: str | None, delivery: str | None) -> None:
    if (case is None) == (rule is None and delivery is None) or (rule is None) != (delivery is None):
        raise InputMistake("Name one case by its number, or a rule and a delivery with --rule and --delivery.")


def _states(chosen: list[str] | None) -> list[str]:
    unknown = [one for one in chosen or [] if one not in (*_STATES, "all")]
    if unknown:
        raise InputMistake(f"--state is one of {', '.join(_STATES)} or all, not {unknown[0]!r}.")
    return _STATES if "all" in (chosen or []) else chosen or [state.value for state in UNSOLVED]


def _database(settings: Settings) -> RegisterDatabase:
    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)
