"""Who is told of a judged delivery: the CPO and its regions, once, in their language; and nights only of what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.judging.by_place import place_figures
from linda_pipeline.post.delivery_letter import ReportPlace
from linda_pipeline.post.outbox import mails
from linda_pipeline.post.telling import Postman
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.contacts import Role, add_contact
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    DELIVERY,
    LICHTDAM,
    LOCATIONS,
    NIGHT,
    cdr,
    delivered,
    demo_areas,
    location,
)

AT = datetime(2026, 11, 23, 5, tzinfo=UTC)
REGISTER = {CPO.key: CPO}


@pytest.fixture
def register(tmp_path: Path) -> Iterator[RegisterDatabase]:
    database = RegisterDatabase(address_of(None, tmp_path / "lake"))
    with database.writing() as session:
        for role, of, language in ((Role.QUALITY, CPO.key, "en"), (Role.REGION, "Zuid", "nl")):
            add_contact(
                session,
                {CPO.key: CPO},
                role=role,
                of=of,
                name="Desk",
                address=f"{role}@example.nl",
                language=language,
                start=date(2026, 1, 1),
                until=None,
                at=AT,
                actor="test",
            )
    yield database
    database.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def tell(register: RegisterDatabase, lake: Lake, delivery: Delivery, cpo: Cpo = CPO) -> list[tuple[str, str]]:
    """Tell of a delivery; receiver and subject of what was written by it."""
    areas, cpos = demo_areas(), {cpo.key: cpo}
    postman = Postman(
        lake, cpos, RULES, "linda@ndw.example", ReportPlace(None), lambda one: place_figures(lake, cpos, areas, [one])
    )
    write = postman.prepare(delivery)
    with register.writing() as session:
        count = write(session, AT)
        return [(mail.receiver, mail.subject) for mail in mails(session)[:count]][::-1]


def broken(number: int, **changes: Any) -> dict[str, Any]:
    return cdr(number, postal_code="nowhere", **LICHTDAM, **changes)


def test_the_cpo_and_the_region_of_a_defect_are_told_once_each_in_their_language(
    register: RegisterDatabase, lake: Lake
) -> None:
    delivered(lake, [cdr(1, **LICHTDAM), broken(2)])
    assert tell(register, lake, DELIVERY) == [
        ("quality@example.nl", "LINDA: 1 of 2 CDRs rejected (period 9 to 22 November 2026)"),
        ("region@example.nl", "LINDA: 1 CDR afgekeurd in regio Zuid"),
    ]
    assert tell(register, lake, DELIVERY) == []


def test_where_nothing_was_rejected_the_region_is_left_in_peace(register: RegisterDatabase, lake: Lake) -> None:
    delivered(lake, [cdr(1, **LICHTDAM)])
    assert [receiver for receiver, _ in tell(register, lake, DELIVERY)] == ["quality@example.nl"]


def test_seven_equal_nights_are_one_mail_and_a_worse_one_is_another(register: RegisterDatabase, lake: Lake) -> None:
    told = []
    for days in range(8):
        bad = 1 if days < 7 else 2
        places = [location(number, postal_code="nowhere" if number <= bad else "3511 SB") for number in (1, 2, 3)]
        night = NIGHT + timedelta(days=days)
        delivered(lake, places, module="locations", window=night)
        told.append(len(tell(register, lake, Delivery("locations", CPO.key, night))))
    assert [count > 0 for count in told] == [True, *[False] * 6, True]


def test_a_cpo_without_a_contact_in_the_register_is_told_at_the_address_of_its_block(
    tmp_path: Path, lake: Lake
) -> None:

    (tmp_path / "other-lake").mkdir()
    fresh = RegisterDatabase(address_of(None, tmp_path / "other-lake" / "lake"))
    delivered(lake, [location(1, postal_code="nowhere")], module="locations")
    cpo = replace(CPO, quality_contact="block@example.nl", language="nl")
    assert [receiver for receiver, _ in tell(fresh, lake, LOCATIONS, cpo)] == ["block@example.nl"]
    assert tell(fresh, lake, LOCATIONS, CPO) == []
    fresh.close()
