"""Contacts: added and ended with an event, each from a day and until a day, and who has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.register.contacts import (
    ContactMistake,
    Role,
    add_contact,
    contacts,
    end_contact,
    missing_contacts,
)
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = date(2026, 11, 26)
OF_EINDHOVEN = Permission("L-1", "Gemeente Eindhoven", "concession", date(2025, 1, 1), date(2026, 12, 31))
CPO = Cpo(
    key="NL-ABC",
    name="Voorbeeld Laden",
    versions_url="https://ocpi.example.nl/",
    ocpi="newest",
    token_encoding=None,
    parties=("NL-ABC",),
    language="nl",
    nal_regions=("Zuid",),
    quality_contact=None,
    active=True,
    permissions=(OF_EINDHOVEN,),
)
REGISTER = {"NL-ABC": CPO}
GOOD: dict[str, Any] = {
    "role": Role.QUALITY,
    "of": "NL-ABC",
    "name": "Kwaliteitsdesk",
    "address": "data@example.nl",
    "language": "nl",
    "start": DAY,
    "until": None,
    "at": NOON,
    "actor": "anna",
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[RegisterDatabase]:
    opened = RegisterDatabase(address_of(None, tmp_path / "lake"))
    yield opened
    opened.close()


def add(database: RegisterDatabase, **changes: Any) -> int:
    with database.writing() as session:
        return add_contact(session, REGISTER, **{**GOOD, **changes}).id


def test_a_contact_holds_from_its_first_day_to_its_last_and_every_change_is_told(database: RegisterDatabase) -> None:
    number = add(database)
    with database.writing() as session:
        end_contact(session, number, date(2026, 12, 1), at=NOON, actor="bram", why="andere baan")
    with database.reading() as session:
        held = {
            day: len(contacts(session, on=day))
            for day in (date(2026, 11, 25), DAY, date(2026, 12, 1), date(2026, 12, 2))
        }
        told = [(one.action, one.actor, one.why) for one in events_of(session, "contact", number)]
    assert list(held.values()) == [0, 1, 1, 0]
    assert told == [("added", "anna", None), ("ended", "bram", "andere baan")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": "data at example.nl"}, "is no e-mail address"),
        ({"address": "data@example"}, "is no e-mail address"),
        ({"address": "a@b.nl\r\nBcc: c@d.nl"}, "is no e-mail address"),
        ({"address": "a@b.nl, c@d.nl"}, "is no e-mail address"),
        ({"name": " "}, "has a name"),
        ({"language": "de"}, "--language is nl or en"),
        ({"until": date(2026, 11, 25)}, "cannot end on 2026-11-25"),
        ({"of": "NL-XYZ"}, "There are: NL-ABC"),
        ({"of": ""}, "nobody that a contact"),
        ({"role": Role.REGION, "of": "Brabant"}, "Noordwest"),
        ({"role": Role.CONTRACT_HOLDER, "of": "Gemeente Eindhoven"}, "There are: gemeente-eindhoven"),
    ],
)
def test_a_contact_that_cannot_be_is_one_sentence_and_changes_nothing(
    database: RegisterDatabase, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContactMistake, match=said) as told:
        add(database, **changes)
    assert "\n" not in str(told.value)
    with database.reading() as session:
        assert (list(contacts(session)), list(events_of(session, "contact", 1))) == ([], [])


def test_the_same_address_is_not_added_twice_for_the_same_days(database: RegisterDatabase) -> None:
    number = add(database, until=date(2026, 11, 30))
    with pytest.raises(ContactMistake, match=f"linda contacts end {number}"):
        add(database, address="DATA@example.nl", start=date(2026, 11, 30))
    assert add(database, start=date(2026, 12, 1)) != number


def test_what_has_ended_or_is_not_there_cannot_be_ended(database: RegisterDatabase) -> None:
    number = add(database)
    for last_day, said in ((date(2026, 11, 25), "Give a later --on"), (DAY, ""), (DAY, "has ended on 2026-11-26")):
        with database.writing() as session:
            if not said:
                end_contact(session, number, last_day, at=NOON, actor="anna")
                continue
            with pytest.raises(ContactMistake, match=said):
                end_contact(session, number, last_day, at=NOON, actor="anna")
    with database.writing() as session, pytest.raises(ContactMistake, match="no contact 99"):
        end_contact(session, 99, DAY, at=NOON, actor="anna")


def missing(database: RegisterDatabase, cpo: Cpo = CPO, day: date = DAY) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(one.role.value, one.of) for one in missing_contacts(session, {cpo.key: cpo}, day)]


def test_each_active_cpo_region_and_owner_without_a_contact_is_found(database: RegisterDatabase) -> None:
    assert missing(database) == [("quality", "NL-ABC"), ("region", "Zuid"), ("contract-holder", "gemeente-eindhoven")]
    add(database)
    add(database, role=Role.REGION, of="Zuid")
    assert missing(database) == [("contract-holder", "gemeente-eindhoven")]
    add(database, role=Role.CONTRACT_HOLDER, of="gemeente-eindhoven")
    assert missing(database) == []


def test_who_is_not_active_or_has_no_permission_any_more_needs_no_contact(database: RegisterDatabase) -> None:
    assert missing(database, replace(CPO, active=False)) == []
    assert ("contract-holder", "gemeente-eindhoven") not in missing(database, day=date(2027, 1, 1))


def test_the_contact_of_the_register_of_cpos_counts_and_a_cpo_that_owns_its_data_needs_no_other(
    database: RegisterDatabase,
) -> None:
    own = replace(OF_EINDHOVEN, owner_kind="cpo")
    told = replace(CPO, quality_contact="data@example.nl", nal_regions=(), permissions=(own,))
    assert missing(database, told) == []
