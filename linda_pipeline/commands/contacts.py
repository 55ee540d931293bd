"""`linda contacts`: whom the portal writes to, by role and from which day.

Here: options and what is shown. Not here: who may be added and who is missing (register.contacts).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from linda_pipeline.calendar import local_date
from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.person import who_types
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.register.contacts import ROLES, Role, add_contact, end_contact, missing_contacts
from linda_pipeline.register.contacts import contacts as contacts_of
from linda_pipeline.register.cpos import read_register
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.settings import Settings, read_settings

_DAY = ["%Y-%m-%d"]
_FIELDS = (
    number("id"),
    Field("role"),
    Field("of"),
    Field("name", minor=True),
    Field("address"),
    Field("language", minor=True),
    Field("valid_from"),
    Field("valid_until"),
)
_MISSING = (Field("role"), Field("of"), Field("why"))
RoleOption = Annotated[str | None, typer.Option(help=f"One of {', '.join(ROLES)}.")]
WhyOption = Annotated[str | None, typer.Option(help="Why, for the event that tells of it.")]

group = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@group.callback()
def contacts() -> None:
    """Keep the people and mailboxes that the portal writes to: of CPOs, NAL regions, contract holders and the data team."""


@group.command()
def add(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    name: Annotated[str, typer.Option(help="The person, or the desk.")],
    address: Annotated[str, typer.Option(help="The e-mail address.")],
    of: Annotated[
        str, typer.Option(help="Whom it speaks for: a CPO, a NAL region, an owner_id; nothing for NDW.")
    ] = "",
    language: Annotated[str, typer.Option(help="nl or en, of the mails.")] = "nl",
    start: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day; default today.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day; default none.")] = None,
    why: WhyOption = None,
) -> None:
    """Add a contact, from a day on."""
    settings, now = read_settings(), datetime.now(UTC)
    chosen, register = _role(role), read_register(settings.cpos)
    database = _database(settings)
    with database.writing() as session:
        contact = add_contact(
            session,
            register,
            role=chosen,
            of=of,
            name=name,
            address=address,
            language=language,
            start=start.date() if start else local_date(now),
            until=until.date() if until else None,
            at=now,
            actor=who_types(),
            why=why,
        )
    _say(f"Contact {contact.id}: {contact.address} for {contact.of or 'NDW'}, from {contact.valid_from}.")


@group.command()
def end(
    number: Annotated[int, typer.Argument(help="The contact's id, as `linda contacts list` shows it.")],
    on: Annotated[datetime | None, typer.Option(formats=_DAY, help="Its last day; default today.")] = None,
    why: WhyOption = None,
) -> None:
    """End a contact: nothing is deleted, it holds until and with a day."""
    now = datetime.now(UTC)
    last_day = on.date() if on else local_date(now)
    with _database(read_settings()).writing() as session:
        contact = end_contact(session, number, last_day, at=now, actor=who_types(), why=why)
    _say(f"Contact {contact.id}, {contact.address}, holds until and with {contact.valid_until}.")


@group.command("list")
def list_contacts(
    role: RoleOption = None,
    of: Annotated[str | None, typer.Option(help="Of one CPO, region or owner_id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended too.")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """See the contacts that hold today or later."""
    chosen = _role(role) if role is not None else None
    with _database(read_settings()).reading() as session:
        found = contacts_of(session, chosen, of, since=None if every else local_date(datetime.now(UTC)))
        rows = [[getattr(one, field.name) for field in _FIELDS] for one in found]
    print_listing(console(), _FIELDS, rows, form, title="Contacts", none="There are no contacts.")


@group.command()
def check(form: FormatOption = Format.TABLE) -> None:
    """Find each active CPO, region and permission that nobody can be written to for. Exit code 1: there are some."""
    settings = read_settings()
    register = read_register(settings.cpos)
    day: date = local_date(datetime.now(UTC))
    with _database(settings).reading() as session:
        found = missing_contacts(session, register, day)
    rows = [(one.role.value, one.of, one.why) for one in found]
    none = "Every active CPO, region and permission has a contact."
    print_listing(console(), _MISSING, rows, form, title="Without a contact", none=none)
    if found:
        raise typer.Exit(Exit.FINDINGS)


def _role(name: str) -> Role:
    if name not in ROLES:
        raise InputMistake(f"--role is one of {', '.join(ROLES)}, not {name!r}.")
    return Role(name)


def _database(settings: Settings) -> RegisterDatabase:
    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def _say(sentence: str) -> None:
    console().print(sentence, markup=False, highlight=False, soft_wrap=True)
