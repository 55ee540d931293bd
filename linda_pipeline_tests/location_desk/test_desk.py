"""A report of a wrong place from its coming in to the night that has it right, its term, and every mistake in one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline import following
from linda_pipeline.cases.for_analysts import copies
from linda_pipeline.location_desk.closing import follow_places
from linda_pipeline.location_desk.delivered_places import NoSuchChargePoint, find_evse, find_location
from linda_pipeline.location_desk.handling import Proposal, ReportMistake, due_date, refuse, report_place, verify
from linda_pipeline.location_desk.location_report import SUBJECT, LocationReport, ReportState
from linda_pipeline.location_desk.report_copies import report_copies
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.publish import publish
from linda_pipeline.warehouse.sql import open_readonly
from linda_pipeline_tests.deliveries import CPO, NIGHT, delivered, demo_areas, location

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WRONG_PLACE: dict[str, Any] = {"latitude": "51.846870", "longitude": "5.863410"}
RIGHT_PLACE: dict[str, Any] = {"latitude": "51.847500", "longitude": "5.863410"}
"""Seventy metres further north."""
PROPOSED = Proposal(51.8475, 5.86341)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    delivered(lake, [location(1, **WRONG_PLACE), location(2)], module="locations")
    return lake


@pytest.fixture
def register(tmp_path: Path) -> Iterator[RegisterDatabase]:
    database = RegisterDatabase(address_of(None, tmp_path / "lake"))
    yield database
    database.close()


def the_id(lake: Lake) -> str:
    ids = [one["id"] for one in (location(1), location(2))]
    return str(ids[0])


def reported(
    register: RegisterDatabase,
    lake: Lake,
    proposal: Proposal = PROPOSED,
    wrong: str = "It stands round the corner.",
    role: str = "municipality",
    address: str | None = None,
) -> int:
    with register.writing() as session:
        report = report_place(
            session,
            find_location(lake, CPO.key, the_id(lake)),
            proposal,
            evse_id=None,
            wrong=wrong,
            role=role,
            address=address,
            at=MONDAY,
            actor="jan",
        )
        return report.id


def verified(register: RegisterDatabase, lake: Lake, proposal: Proposal = PROPOSED) -> int:
    number = reported(register, lake, proposal)
    with register.writing() as session:
        verify(session, number, at=MONDAY, actor="ndw")
    return number


def the_report(register: RegisterDatabase, number: int) -> LocationReport:
    with register.reading() as session:
        return session.get_one(LocationReport, number)


def actions(register: RegisterDatabase, number: int) -> list[str]:
    with register.reading() as session:
        return [event.action for event in events_of(session, SUBJECT, number)]


def next_night(lake: Lake, place: dict[str, Any], days: int = 1) -> None:
    delivered(lake, [location(1, **place), location(2)], module="locations", window=NIGHT + timedelta(days=days))


def test_a_report_is_verified_told_within_five_working_days_and_closed_by_the_night_that_is_right(
    register: RegisterDatabase, lake: Lake
) -> None:
    number = verified(register, lake)
    assert the_report(register, number).due_date == date(2026, 11, 30)
    next_night(lake, WRONG_PLACE)
    assert follow_places(lake, register, MONDAY + timedelta(days=1)) == {}
    next_night(lake, RIGHT_PLACE, days=2)
    assert follow_places(lake, register, MONDAY + timedelta(days=2)) == {"solved": 1}
    report = the_report(register, number)
    assert (report.state, report.closed_by, report.was_overdue) == ("solved", f"locations/{CPO.key}/2026-11-25", False)
    assert actions(register, number) == ["reported", "verified", "solved"]
    assert follow_places(lake, register, MONDAY + timedelta(days=3)) == {}, "once"


def test_after_its_term_a_report_is_overdue_once_and_can_still_be_solved(
    register: RegisterDatabase, lake: Lake
) -> None:
    number = verified(register, lake)
    assert follow_places(lake, register, datetime(2026, 11, 30, 22, 59, tzinfo=UTC)) == {}, "the last day, in Amsterdam"
    assert follow_places(lake, register, datetime(2026, 11, 30, 23, 1, tzinfo=UTC)) == {"overdue": 1}
    assert follow_places(lake, register, datetime(2026, 12, 2, tzinfo=UTC)) == {}
    next_night(lake, RIGHT_PLACE, days=9)
    assert follow_places(lake, register, datetime(2026, 12, 2, 5, tzinfo=UTC)) == {"solved": 1}
    assert the_report(register, number).was_overdue
    assert actions(register, number) == ["reported", "verified", "overdue", "solved"]


def test_within_ten_metres_is_right_and_a_little_further_is_not(register: RegisterDatabase, lake: Lake) -> None:
    verified(register, lake)
    next_night(lake, {"latitude": "51.847395", "longitude": "5.863410"})
    assert follow_places(lake, register, MONDAY + timedelta(days=1)) == {}, "11.7 metres"
    next_night(lake, {"latitude": "51.847415", "longitude": "5.863410"}, days=2)
    assert follow_places(lake, register, MONDAY + timedelta(days=2)) == {"solved": 1}, "9.5 metres"


def test_a_report_of_an_address_alone_closes_with_that_address(register: RegisterDatabase, lake: Lake) -> None:
    verified(register, lake, Proposal(address="Stationsplein  7"))
    next_night(lake, {"address": "Stationsplein 9"})
    assert follow_places(lake, register, MONDAY) == {}
    next_night(lake, {"address": "stationsplein 7"}, days=2)
    assert follow_places(lake, register, MONDAY) == {"solved": 1}


def test_a_refused_report_keeps_its_reason_and_asks_nothing_of_the_cpo(register: RegisterDatabase, lake: Lake) -> None:
    number = reported(register, lake)
    with register.writing() as session:
        refuse(session, number, at=MONDAY, actor="ndw", why="The permit says so.")
    with register.reading() as session:
        assert events_of(session, SUBJECT, number)[-1].why == "The permit says so."
    assert the_report(register, number).state == ReportState.REFUSED
    next_night(lake, RIGHT_PLACE)
    assert follow_places(lake, register, MONDAY + timedelta(days=60)) == {}


def test_a_charge_point_is_found_by_its_evse_id_however_that_is_written(lake: Lake) -> None:
    evse_id = str(location(1)["evses"][0]["evse_id"])
    for written in (evse_id, evse_id.lower(), evse_id.replace("*", "-")):
        assert find_evse(lake, written).location_id == the_id(lake)


def test_an_unknown_charge_point_is_told_with_what_comes_near(lake: Lake) -> None:
    evse_id = str(location(1)["evses"][0]["evse_id"])
    with pytest.raises(NoSuchChargePoint, match=r"Did you mean .*NL\*ABC"):
        find_evse(lake, f"{evse_id}9")
    with pytest.raises(NoSuchChargePoint, match="no Location 'elsewhere'"):
        find_location(lake, CPO.key, "elsewhere")
    with pytest.raises(NoSuchChargePoint, match="no Locations of NL-XYZ"):
        find_location(lake, "NL-XYZ", "elsewhere")


MISTAKES = [
    (Proposal(50.85, 4.35), "is wrong", "driver", None, "does not lie in the Netherlands"),
    (Proposal(5.86341, 51.8475), "is wrong", "driver", None, "look swapped"),
    (Proposal(51.84687, 5.863411), "is wrong", "driver", None, "already; up to 10 metres"),
    (Proposal(51.8475, None), "is wrong", "driver", None, "a latitude and a longitude, or neither"),
    (Proposal(), "is wrong", "driver", None, "coordinates, an address, or both"),
    (PROPOSED, " ", "driver", None, "Say what is wrong"),
    (PROPOSED, "is wrong", "nobody", None, "reported as one of municipality"),
    (PROPOSED, "is wrong", "driver", "jan.example.nl", "is no e-mail address"),
]


@pytest.mark.parametrize(("proposal", "wrong", "role", "address", "said"), MISTAKES)
def test_a_report_that_cannot_be_is_one_sentence_and_nothing_is_kept(
    register: RegisterDatabase,
    lake: Lake,
    proposal: Proposal,
    wrong: str,
    role: str,
    address: str | None,
    said: str,
) -> None:
    with pytest.raises(Exception, match=said):
        reported(register, lake, proposal, wrong, role, address)
    with register.reading() as session:
        assert session.get(LocationReport, 1) is None


def test_a_report_is_answered_once(register: RegisterDatabase, lake: Lake) -> None:
    number = verified(register, lake)
    with register.writing() as session, pytest.raises(ReportMistake, match="is verified already"):
        refuse(session, number, at=MONDAY, actor="ndw", why="Still wrong.")
    with register.writing() as session, pytest.raises(ReportMistake, match="no report 99"):
        verify(session, 99, at=MONDAY, actor="ndw")


def test_analysts_find_every_report_and_nothing_that_anybody_wrote(register: RegisterDatabase, lake: Lake) -> None:
    verified(register, lake)
    reported(register, lake, wrong="Bij mij om de hoek.", address="anne@example.nl")
    following.follow_places(lake, register, datetime(2026, 12, 2, tzinfo=UTC))
    publish(lake, rules={}, areas=demo_areas(), register={}, followed=copies(register) | report_copies(register))
    found = open_readonly(lake)
    asked = "SELECT id, state, proposed_latitude, due_date, was_overdue FROM location_report ORDER BY id"
    rows = found.sql(asked).fetchall()
    told = str(found.sql("FROM location_report").fetchall())
    assert rows == [
        (1, "overdue", 51.8475, date(2026, 11, 30), True),
        (2, "reported", 51.8475, None, False),
    ]
    assert "Bij mij" not in told
    assert "anne" not in told


TERMS = {
    date(2026, 4, 2): date(2026, 4, 13),  # over Good Friday and Easter Monday
    date(2026, 4, 24): date(2026, 5, 4),  # over Koningsdag (Monday 27 April)
    date(2026, 5, 4): date(2026, 5, 12),  # over Liberation Day
    date(2026, 5, 13): date(2026, 5, 21),  # over Ascension
    date(2026, 5, 22): date(2026, 6, 1),  # over Whit Monday
    date(2026, 12, 24): date(2027, 1, 4),  # over Christmas and New Year
    date(2026, 11, 28): date(2026, 12, 4),  # from a Saturday
}


@pytest.mark.parametrize("day", TERMS)
def test_the_term_is_five_working_days_without_public_holidays(day: date) -> None:
    assert due_date(day) == TERMS[day]
