"""`linda permissions`: which data owner permits what, by which document, and the letter by which an owner gives it.

Here: options and what is shown. Not here: the edit of cpos.toml, papers and events (register), and the letter (post).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from linda_pipeline import means
from linda_pipeline.areas.area_set import AreasUnusable
from linda_pipeline.calendar import local_date
from linda_pipeline.commands.choices import check_cpo
from linda_pipeline.commands.listing import Field, Format, FormatOption, print_listing
from linda_pipeline.commands.person import who_types
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import InputMistake, one_line, visible
from linda_pipeline.post.confirmation_letter import Confirmation, confirmation_letter, read_template
from linda_pipeline.register import permission_changes
from linda_pipeline.register.cpos import OWNER_KINDS, Cpo, Permission, read_register, slug
from linda_pipeline.register.cpos_file import cpos_file
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.documents import papers, read_paper
from linda_pipeline.register.sql_tables import Document
from linda_pipeline.settings import Settings, read_settings

_DAY = ["%Y-%m-%d"]
_FIELDS = (
    Field("cpo"),
    Field("document"),
    Field("owner", minor=True),
    Field("owner_kind", minor=True),
    Field("owner_id"),
    Field("covers", minor=True),
    Field("areas", machines_only=True),
    Field("locations", machines_only=True),
    Field("evses", machines_only=True),
    Field("from"),
    Field("until"),
    Field("signed", shown=lambda is_kept: "yes" if is_kept else "no"),
    Field("sha256", machines_only=True),
    Field("received_at", machines_only=True),
)
CpoOption = Annotated[str, typer.Option(help="The CPO by its key, such as NL-ABC.")]
Reference = Annotated[str, typer.Argument(help="The document's reference, such as LINDA-2026-014.")]
OwnerOption = Annotated[str | None, typer.Option(help="The data owner's name; default for --kind cpo: the CPO's.")]
OwnerIdOption = Annotated[str | None, typer.Option(help="The owner's stable key; default: made of its name.")]
KindOption = Annotated[str, typer.Option(help=f"{' or '.join(OWNER_KINDS)}: the CPO itself owns the data.")]
_FIRST = typer.Option("--from", formats=_DAY, help="First day.")
UntilOption = Annotated[datetime | None, typer.Option(formats=_DAY, help="Last day; default none.")]
AreaOption = Annotated[list[str] | None, typer.Option("--area", help="A municipality such as GM0772; may be repeated.")]
LocationOption = Annotated[list[str] | None, typer.Option("--location", help="The id of a Location; may be repeated.")]
EvseOption = Annotated[list[str] | None, typer.Option("--evse", help="An EVSE id such as NL*ABC*E1; may be repeated.")]
WhyOption = Annotated[str | None, typer.Option(help="Why, for the event that tells of it.")]

group = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@group.callback()
def permissions() -> None:
    """Keep the permissions of data owners: write the letter to be signed, add one with its signed paper, end one."""


@group.command("list")
def list_permissions(
    cpo: Annotated[str | None, typer.Option(help="Of one CPO.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=_DAY, help="Those that hold on a day; default all.")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """See the permissions per CPO, and whether the signed paper is on record."""
    settings = read_settings()
    register = read_register(settings.cpos)
    check_cpo(cpo, register, "the register")
    shown = [
        (key, one)
        for key, of in register.items()
        for one in of.permissions
        if cpo in (None, key) and (on is None or one.holds_on(on.date()))
    ]
    with _database(settings).reading() as session:
        kept = papers(session, [one.document for _, one in shown])
        rows = [_row(key, one, kept.get(one.document)) for key, one in shown]
    print_listing(console(), _FIELDS, rows, form, title="Permissions", none="There are no permissions.")


@group.command()
def add(
    document: Reference,
    cpo: CpoOption,
    start: Annotated[datetime, _FIRST],
    owner: OwnerOption = None,
    kind: KindOption = "concession",
    owner_id: OwnerIdOption = None,
    until: UntilOption = None,
    areas: AreaOption = None,
    locations: LocationOption = None,
    evses: EvseOption = None,
    signed: Annotated[Path | None, typer.Option(help="The scan of the signed paper, a PDF.")] = None,
    why: WhyOption = None,
) -> None:
    """Add a permission to your register of CPOs; its remarks and layout stay. Without areas and ids: all charge points."""
    settings, now = read_settings(), datetime.now(UTC)
    paper = read_paper(signed) if signed is not None else None
    with cpos_file(settings.cpos) as file:
        check_cpo(cpo, file.register, "the register")
        charge_points = _charge_points(areas, locations, evses)
        keys = _keys(file.register[cpo], document, owner, kind, start, until, charge_points, owner_id)
        by = permission_changes.By(who_types(), now, why)
        permission = permission_changes.give(file, _database(settings), cpo, keys, paper, by)
    _say(f"{cpo} has a permission by {document} of {permission.owner} ({permission.owner_id}), {_days(permission)}.")
    if paper is None:
        _say(f"The signed paper is not on record: `linda permissions sign {document} FILE`.")


@group.command()
def end(
    document: Reference,
    cpo: CpoOption,
    on: Annotated[datetime | None, typer.Option(formats=_DAY, help="Its last day; default today.")] = None,
    why: WhyOption = None,
) -> None:
    """End a permission: it holds until and with a day, and stays in the register."""
    settings, now = read_settings(), datetime.now(UTC)
    last_day = on.date() if on else local_date(now)
    with cpos_file(settings.cpos) as file:
        check_cpo(cpo, file.register, "the register")
        by = permission_changes.By(who_types(), now, why)
        permission_changes.end(file, _database(settings), cpo, document, last_day, by)
    _say(f"{document} of {cpo} holds until and with {last_day}.")


@group.command()
def sign(
    document: Reference,
    paper: Annotated[Path, typer.Argument(help="The scan of the signed paper, a PDF.")],
    why: WhyOption = None,
) -> None:
    """Keep the signed paper of a permission. It is never replaced."""
    settings, now = read_settings(), datetime.now(UTC)
    read, register = read_paper(paper), read_register(settings.cpos)
    by = permission_changes.By(who_types(), now, why)
    is_new = permission_changes.sign(register, _database(settings), document, read, by)
    _say(f"{document} is on record{'' if is_new else ' already'}: {read.file_name}, SHA-256 {read.sha256}.")


@group.command()
def letter(
    document: Reference,
    cpo: CpoOption,
    owner: OwnerOption = None,
    kind: KindOption = "concession",
    start: Annotated[datetime | None, _FIRST] = None,
    until: UntilOption = None,
    areas: AreaOption = None,
    locations: LocationOption = None,
    evses: EvseOption = None,
    template: Annotated[Path | None, typer.Option(help="Your own text, in place of the standard one.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="The PDF; default: the reference in this folder.")] = None,
) -> None:
    """Write the letter by which an owner gives permission, to be signed: of one in the register, or of one to come."""
    settings, today = read_settings(), local_date(datetime.now(UTC))
    text = read_template(template) if template is not None else None
    register = read_register(settings.cpos)
    check_cpo(cpo, register, "the register")
    charge_points = _charge_points(areas, locations, evses)
    confirmed = [one for one in register[cpo].permissions if one.document == document]
    if not confirmed:
        keys = _keys(register[cpo], document, owner, kind, start, until, charge_points)
        if not keys.keys() >= {"owner", "from"}:
            raise InputMistake(
                f"{one_line(document)} of {cpo} does not stand in the register yet. Give --owner and --from for its letter."
            )
        confirmed = [permission_changes.drafted(keys)]
    elif owner or start or until or charge_points:
        raise InputMistake(
            f"{document} of {cpo} stands in the register, and its letter says what stands there. Leave out --owner, --from, "
            "--until, --area, --location and --evse, or give another reference."
        )
    elif len({(one.owner, one.owner_kind, one.start, one.until) for one in confirmed}) > 1:
        raise InputMistake(
            f"{document} of {cpo} stands in the register with several owners or days, and a letter confirms one of each. "
            "Write each letter under a reference of its own."
        )
    names = _municipalities(settings) if any(one.areas for one in confirmed) else {}
    pdf = confirmation_letter(Confirmation(register[cpo], confirmed, today, names), text)
    path = to or Path(f"{slug(document)}.pdf")
    _write_new(path, pdf)
    _say(f"{path}: the letter by which {confirmed[0].owner} permits {cpo}, {_days(confirmed[0])}.")


def _keys(
    cpo: Cpo,
    document: str,
    owner: str | None,
    kind: str,
    start: datetime | None,
    until: datetime | None,
    charge_points: Mapping[str, list[str]],
    owner_id: str | None = None,
) -> dict[str, Any]:
    """A permission as it stands in the register; what was not given is left out."""
    given = {
        "document": document,
        "owner": owner or (cpo.name if kind == "cpo" else None),
        "owner_kind": kind,
        "owner_id": owner_id,
        "from": start.date() if start else None,
        "until": until.date() if until else None,
    }
    return {**{key: value for key, value in given.items() if value is not None}, **charge_points}


def _charge_points(
    areas: list[str] | None, locations: list[str] | None, evses: list[str] | None
) -> dict[str, list[str]]:
    given = {"areas": areas, "locations": locations, "evses": evses}
    return {key: values for key, values in given.items() if values}


def _row(cpo: str, permission: Permission, paper: Document | None) -> list[object]:
    names = [*permission.areas, *permission.locations, *permission.evses]
    return [
        cpo,
        permission.document,
        permission.owner,
        permission.owner_kind,
        permission.owner_id,
        ", ".join(names) or "all charge points",
        list(permission.areas),
        list(permission.locations),
        list(permission.evses),
        permission.start,
        permission.until,
        paper is not None,
        paper and paper.sha256,
        paper and paper.received_at,
    ]


def _days(permission: Permission) -> str:
    return f"from {permission.start}" + (f" until and with {permission.until}" if permission.until else "")


def _municipalities(settings: Settings) -> dict[str, str]:
    """The names of municipalities by code; none where the areas are not there: a letter can do without."""
    try:
        table = means.areas(settings).table()
    except AreasUnusable:
        return {}
    return {row["area_code"]: row["area_name"] for row in table.to_pylist() if row["area_level"] == "gemeente"}


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet: a letter in its place may be the signed one."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise InputMistake(f"There is a file {path} already. Move it away, or give another --out.") from None
    except OSError as error:
        raise InputMistake(f"{path} cannot be written: {error.strerror}. Give --out another place.") from None


def _database(settings: Settings) -> RegisterDatabase:
    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def _say(sentence: str) -> None:
    console().print(visible(sentence), markup=False, highlight=False, soft_wrap=True)
