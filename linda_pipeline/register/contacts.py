"""Whom to write to: people and mailboxes by role, each from a day and until a day.

Here: the roles, adding and ending a contact with the event that tells it, who is spoken for on a day, and who is missing. Not
here: the mails. The quality contact that a CPO's block in cpos.toml names holds as well, where the database has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.register.cpos import NAL_REGIONS, Cpo
from linda_pipeline.register.events import note
from linda_pipeline.register.sql_tables import Contact

LANGUAGES = ("nl", "en")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_LONGEST_ADDRESS, _LONGEST_NAME = 320, 200


class Role(StrEnum):
    """What a contact is written to for."""

    QUALITY = "quality"
    """A CPO: defects, re-deliveries, wrong places."""
    REGION = "region"
    """A NAL region."""
    CONTRACT_HOLDER = "contract-holder"
    """The data owner of a permission, by its owner_id in the register of CPOs."""
    DATA_TEAM = "data-team"
    """A member of the LINDA data team, for a NAL region or for NDW."""


ROLES = tuple(Role)


class ContactMistake(InputMistake):
    """A contact cannot be added or ended as it was asked; the message says why and what can."""


@dataclass(frozen=True)
class Missing:
    """Somebody who is active and has no contact."""

    role: Role
    of: str
    why: str


def whom(role: Role, register: Mapping[str, Cpo]) -> list[str]:
    """Whom a role can speak for: keys of CPOs, regions or keys of owners, in order."""
    if role is Role.QUALITY:
        return sorted(register)
    if role is Role.CONTRACT_HOLDER:
        return sorted({one.owner_id for cpo in register.values() for one in cpo.permissions})
    return list(NAL_REGIONS)


def checked_address(address: str) -> str:
    """An e-mail address as it was given. Raises ContactMistake."""
    if not _ADDRESS.fullmatch(address) or len(address) > _LONGEST_ADDRESS:
        raise ContactMistake(f"{one_line(address)!r} is no e-mail address. Write it as name@example.nl.")
    return address


def add_contact(
    session: Session,
    register: Mapping[str, Cpo],
    *,
    role: Role,
    of: str,
    name: str,
    address: str,
    language: str,
    start: date,
    until: date | None,
    at: datetime,
    actor: str,
    why: str | None = None,
) -> Contact:
    """Add a contact from a day on. Raises ContactMistake, and nothing is changed."""
    name, address = " ".join(name.split()), checked_address(address)
    if not name or len(name) > _LONGEST_NAME:
        raise ContactMistake(f"A contact has a name of at most {_LONGEST_NAME} characters. Give it with --name.")
    if language not in LANGUAGES:
        raise ContactMistake(f"--language is nl or en, not {one_line(language)!r}.")
    if until is not None and until < start:
        raise ContactMistake(f"A contact cannot end on {until}, before it begins on {start}.")
    known = whom(role, register)
    if of not in known and not (role is Role.DATA_TEAM and not of):
        raise ContactMistake(
            f"{one_line(of)!r} is nobody that a contact in the role {role} speaks for. There are: {', '.join(known) or 'none'}."
        )
    for one in contacts(session, role, of):
        ends_before = one.valid_until is not None and one.valid_until < start
        if one.address.lower() == address.lower() and not (
            ends_before or (until is not None and until < one.valid_from)
        ):
            raise ContactMistake(
                f"{address} is contact {one.id} for {of or 'NDW'} in the role {role} already, from {one.valid_from}. "
                f"End that one first with `linda contacts end {one.id}`."
            )
    contact = Contact(
        role=role.value, of=of, name=name, address=address, language=language, valid_from=start, valid_until=until
    )
    session.add(contact)
    session.flush()
    note(session, at, actor, "added", "contact", contact.id, why, role=role.value, of=of, valid_from=start.isoformat())
    return contact


def end_contact(
    session: Session, number: int, last_day: date, *, at: datetime, actor: str, why: str | None = None
) -> Contact:
    """Let a contact hold until and with a day. Raises ContactMistake, and nothing is changed."""
    contact = session.get(Contact, number)
    if contact is None:
        raise ContactMistake(f"There is no contact {number}. `linda contacts list --all` shows every one.")
    if contact.valid_until is not None and contact.valid_until <= last_day:
        raise ContactMistake(f"Contact {number} has ended on {contact.valid_until} already.")
    if last_day < contact.valid_from:
        raise ContactMistake(
            f"Contact {number} holds from {contact.valid_from} on, so that it cannot end on {last_day}. Give a later --on."
        )
    before, contact.valid_until = contact.valid_until, last_day
    told = {"valid_until": last_day.isoformat(), "before": before.isoformat() if before else None}
    note(session, at, actor, "ended", "contact", number, why, **told)
    return contact


def contacts(
    session: Session, role: Role | None = None, of: str | None = None, since: date | None = None, on: date | None = None
) -> Sequence[Contact]:
    """Contacts by role and by whom they speak for, in order; `since`: that hold on that day or later; `on`: on that day."""
    asked = select(Contact).order_by(Contact.role, Contact.of, Contact.valid_from, Contact.id)
    if role is not None:
        asked = asked.where(Contact.role == role.value)
    if of is not None:
        asked = asked.where(Contact.of == of)
    until = since or on
    if until is not None:
        asked = asked.where(or_(Contact.valid_until.is_(None), Contact.valid_until >= until))
    if on is not None:
        asked = asked.where(Contact.valid_from <= on)
    return session.scalars(asked).all()


def missing_contacts(session: Session, register: Mapping[str, Cpo], day: date) -> list[Missing]:
    """Each active CPO, region of one, and data owner of a permission in force on a day that nobody can be written to for."""
    spoken_for = {(Role(one.role), one.of) for one in contacts(session, on=day)}
    return sorted(
        {one for one in _needed(register, day) if (one.role, one.of) not in spoken_for},
        key=lambda one: (ROLES.index(one.role), one.of),
    )


def _needed(register: Mapping[str, Cpo], day: date) -> Iterator[Missing]:
    for cpo in register.values():
        if not cpo.active:
            continue
        if cpo.quality_contact is None:
            yield Missing(Role.QUALITY, cpo.key, f"{cpo.name} ({cpo.key}) has no quality contact.")
        for region in cpo.nal_regions:
            yield Missing(Role.REGION, region, f"The NAL region {region} has no contact.")
        for permission in cpo.permissions:
            if permission.holds_on(day) and permission.owner_kind == "concession":
                why = (
                    f"{permission.owner} ({permission.owner_id}) has no contact; it owns data that a permission opens."
                )
                yield Missing(Role.CONTRACT_HOLDER, permission.owner_id, why)
