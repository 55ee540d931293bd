"""`linda mail`: the mails that the portal wrote, and what became of each.

Here: options and what is shown. Not here: the outbox and the sending (post).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from linda_pipeline.commands.listing import Field, Format, FormatOption, number, print_listing
from linda_pipeline.commands.person import who_types
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.post.carrier import Carrier, mail_folder_of, read_carrier
from linda_pipeline.post.letter import read_sender
from linda_pipeline.post.mail_table import MailState
from linda_pipeline.post.outbox import mails, put, send_anew
from linda_pipeline.post.sending import Sending, send_waiting
from linda_pipeline.post.trial_letter import trial_letter
from linda_pipeline.register.contacts import checked_address
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.settings import Settings, read_settings


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


_FIELDS = (
    number("id"),
    Field("state"),
    Field("of"),
    Field("kind", minor=True),
    Field("receiver"),
    Field("subject", minor=True),
    Field("written_at", shown=_minute, minor=True),
    Field("ended_at", shown=_minute, minor=True),
    number("tries", minor=True),
    Field("answer"),
)
_STATES = tuple(state.value for state in MailState)

group = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@group.callback()
def mail() -> None:
    """See which mails were written, sent and refused; send one anew; try the mail server."""


@group.command("list")
def list_mails(
    state: Annotated[str | None, typer.Option(help=f"One of {', '.join(_STATES)}.")] = None,
    of: Annotated[str | None, typer.Option(help="About one CPO or region.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """See the mails, newest first."""
    if state is not None and state not in _STATES:
        raise InputMistake(f"--state is one of {', '.join(_STATES)}, not {state!r}.")
    with _database(read_settings()).reading() as session:
        rows = [[getattr(one, field.name) for field in _FIELDS] for one in mails(session, state, of)]
    print_listing(console(), _FIELDS, rows, form, title="Mails", none="There are no mails.")


@group.command()
def send() -> None:
    """Send what waits, now. Exit code 2: the way out is closed, and the mails wait on."""
    settings = read_settings()
    _sent(_send(settings, _database(settings)), _carrier(settings))


@group.command()
def resend(
    number: Annotated[int, typer.Argument(help="The mail's id, as `linda mail list` shows it.")],
) -> None:
    """Send a mail once more, as it was."""
    settings = read_settings()
    database = _database(settings)
    with database.writing() as session:
        send_anew(session, number, who_types(), datetime.now(UTC))
    _sent(_send(settings, database), _carrier(settings))


@group.command("test")
def try_out(
    address: Annotated[str, typer.Argument(help="The e-mail address that gets a mail.")],
    language: Annotated[str, typer.Option(help="nl or en.")] = "nl",
) -> None:
    """Send a mail that says nothing but that mail works."""
    if language not in ("nl", "en"):
        raise InputMistake(f"--language is nl or en, not {language!r}.")
    settings, now = read_settings(), datetime.now(UTC)
    database = _database(settings)
    letter = trial_letter(checked_address(address), language, now)
    with database.writing() as session:
        put(session, letter, read_sender(settings.mail_from), now)
    _sent(_send(settings, database), _carrier(settings))


def _send(settings: Settings, database: RegisterDatabase) -> Sending:
    return send_waiting(database, _carrier(settings), read_sender(settings.mail_from), lambda: datetime.now(UTC))


def _carrier(settings: Settings) -> Carrier:
    return read_carrier(settings.smtp_url, mail_folder_of(settings.lake))


def _database(settings: Settings) -> RegisterDatabase:
    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def _sent(sending: Sending, carrier: Carrier) -> None:
    """Say what came of a round, and end with 2 where the way was closed, 1 where a mail was refused or given up."""
    if sending.unusable is not None:
        raise InputMistake(sending.unusable)
    parts = {
        "sent": sending.sent,
        "refused": sending.refused,
        "to be tried again": sending.later,
        "given up": sending.given_up,
    }
    told = ", ".join(f"{count} {what}" for what, count in parts.items() if count) or "nothing to send"
    console().print(f"{told} · {carrier.place}", markup=False, highlight=False, soft_wrap=True)
    if sending.refused or sending.given_up:
        raise typer.Exit(Exit.FINDINGS)
