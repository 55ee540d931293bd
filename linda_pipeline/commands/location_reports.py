"""`linda location-reports`: reports of charge points in the wrong place, from the report to the night that has it right.

Here: options and what is shown. Not here: the desk (location_desk), and the letter to the CPO (post).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from linda_pipeline.calendar import local_date
from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.person import who_types
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake
from linda_pipeline.location_desk.closing import follow_places
from linda_pipeline.location_desk.delivered_places import find_evse, find_location
from linda_pipeline.location_desk.handling import ROLES, Proposal, refuse, report_of, report_place, reports, verify
from linda_pipeline.location_desk.location_report import SUBJECT, LocationReport, ReportState
from linda_pipeline.post.letter import read_sender
from linda_pipeline.post.outbox import put
from linda_pipeline.post.place_letter import place_letter
from linda_pipeline.post.telling import quality_contacts
from linda_pipeline.register.cpos import read_register
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of
from linda_pipeline.settings import Settings, read_settings
from linda_pipeline.storage.lake import Lake

_FIELDS = (
    number("id"),
    Field("state"),
    Field("cpo"),
    Field("location_id"),
    Field("evse_id", minor=True),
    Field("wrong", minor=True),
    Field("reporter_role", minor=True),
    Field("reported_at", minor=True),
    Field("due_date"),
    Field("ended_at", minor=True),
    Field("closed_by", minor=True),
    Field("found_latitude", minor=True),
    Field("found_longitude", minor=True),
    Field("found_address", minor=True),
    Field("proposed_latitude", minor=True),
    Field("proposed_longitude", minor=True),
    Field("proposed_address", minor=True),
)
_EVENTS = (Field("at"), Field("actor"), Field("action"), Field("why"))
_STATES = tuple(state.value for state in ReportState)
Number = Annotated[int, typer.Argument(help="The report's id, as `linda location-reports list` shows it.")]

group = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@group.callback()
def location_reports() -> None:
    """Follow reports of charge points in the wrong place: take one in, verify or refuse it, see how far it came."""


@group.command()
def add(
    wrong: Annotated[str, typer.Option(help="What is wrong, in a sentence.")],
    role: Annotated[str, typer.Option(help=f"As what it is reported: {', '.join(ROLES)}.")],
    evse: Annotated[str | None, typer.Option(help="The charge point by its EVSE id, such as NL*ABC*E0042*1.")] = None,
    cpo: Annotated[str | None, typer.Option(help="Or its CPO, with --location.")] = None,
    location: Annotated[str | None, typer.Option(help="The Location's id at that CPO.")] = None,
    latitude: Annotated[float | None, typer.Option(help="Where it should stand, in degrees.")] = None,
    longitude: Annotated[float | None, typer.Option(help="Where it should stand, in degrees.")] = None,
    address: Annotated[str | None, typer.Option(help="The address that it should have.")] = None,
    reporter: Annotated[str | None, typer.Option(help="The reporter's e-mail address; need not be given.")] = None,
) -> None:
    """Take in a report of a charge point in the wrong place."""
    settings = read_settings()
    lake = Lake(settings.lake, reading=True)
    if evse is not None and cpo is None and location is None:
        place = find_evse(lake, evse)
    elif evse is None and cpo is not None and location is not None:
        place = find_location(lake, cpo, location)
    else:
        raise InputMistake("Name the charge point by --evse, or by --cpo and --location.")
    with _database(settings).writing() as session:
        report = report_place(
            session,
            place,
            Proposal(latitude, longitude, address),
            evse_id=evse,
            wrong=wrong,
            role=role,
            address=reporter,
            at=datetime.now(UTC),
            actor=who_types(),
        )
    _say(
        f"Report {report.id}: {report.location_id} of {report.cpo}. Next: `linda location-reports verify {report.id}`."
    )


@group.command("verify")
def verify_report(
    report: Number, why: Annotated[str | None, typer.Option(help="On what it was verified.")] = None
) -> None:
    """Find a report right: the CPO gets a mail and has five working days."""
    settings, now = read_settings(), datetime.now(UTC)
    cpos, sender = read_register(settings.cpos), read_sender(settings.mail_from)
    with _database(settings).writing() as session:
        verified = verify(session, report, at=now, actor=who_types(), why=why)
        cpo = cpos.get(verified.cpo)
        receivers = [] if cpo is None else quality_contacts(session, cpo, local_date(now))
        for receiver in receivers:
            put(session, place_letter(verified, receiver), sender, now)
    told = ", ".join(receiver.address for receiver in receivers)
    _say(f"Report {report} is verified: {verified.cpo} has until {verified.due_date}.")
    _say(
        f"Told by mail: {told} (`linda mail send` sends it now)."
        if told
        else f"Nobody was told: {verified.cpo} has no quality contact. Add one with `linda contacts add`."
    )


@group.command("refuse")
def refuse_report(report: Number, why: Annotated[str, typer.Option(help="Why it is not right.")]) -> None:
    """Find a report wrong, with the reason."""
    with _database(read_settings()).writing() as session:
        refuse(session, report, at=datetime.now(UTC), actor=who_types(), why=why)
    _say(f"Report {report} is refused.")


@group.command("list")
def list_reports(
    cpo: Annotated[str | None, typer.Option(help="Of one CPO.")] = None,
    state: Annotated[str | None, typer.Option(help=f"One of {', '.join(_STATES)}.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """See the reports, oldest first, as far as the newest night has brought them."""
    if state is not None and state not in _STATES:
        raise InputMistake(f"--state is one of {', '.join(_STATES)}, not {state!r}.")
    settings = read_settings()
    with _database(settings).reading() as session:
        rows = [_row(one) for one in reports(session, cpo, [ReportState(state)] if state else ())]
    print_listing(console(), _FIELDS, rows, form, title="Location reports", none="There are no location reports.")


@group.command()
def follow() -> None:
    """Close what the newest night has right, and mark what is overdue; the nightly run does it by itself."""
    settings = read_settings()
    changes = follow_places(Lake(settings.lake, reading=True), _database(settings), datetime.now(UTC))
    _say(", ".join(f"{count} {state}" for state, count in sorted(changes.items())) or "Nothing changed.")


@group.command()
def show(report: Number, form: FormatOption = Format.TABLE) -> None:
    """See one report, with everything that happened to it."""
    with _database(read_settings()).reading() as session:
        one = report_of(session, report)
        rows = [[getattr(event, field.name) for field in _EVENTS] for event in events_of(session, SUBJECT, report)]
        title = f"Report {one.id}: {one.location_id} of {one.cpo}, {one.state}"
    print_listing(console(), _EVENTS, rows, form, title=title, none="Nothing happened yet.")


def _row(report: LocationReport) -> list[object]:
    return [getattr(report, field.name) for field in _FIELDS]


def _database(settings: Settings) -> RegisterDatabase:
    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def _say(sentence: str) -> None:
    console().print(sentence, markup=False, highlight=False, soft_wrap=True)
