"""Reminders: a week before the last day and when it is over, one mail per CPO and day, and none of what is objected to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.cases.objections import answer, object_to_case
from linda_pipeline.cases.untold import CasesToTell
from linda_pipeline.post.delivery_letter import Receiver
from linda_pipeline.post.outbox import mails
from linda_pipeline.post.reminder_letter import reminder_letter
from linda_pipeline.post.reminding import remind
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Cpo
from linda_pipeline_tests.cases.followed import FIRST, WINDOWS, Followed, broken, followed_on, in_window, pull_moment
from linda_pipeline_tests.deliveries import CPO

CONTACT = replace(CPO, quality_contact="data@cpo.example", language="nl")
DUE = date(2026, 12, 21)
"""28 days after the pull of the first window."""


@pytest.fixture(params=["sqlite", "postgresql"])
def road(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Followed]:
    with followed_on(request.param, tmp_path) as made:
        yield made


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)


def reminded(road: Followed, day: date, cpo: Cpo = CONTACT) -> list[str]:
    """The subjects that a morning writes."""
    road.take_in(morning(day))
    count = sum(remind(road.database, {cpo.key: cpo}, RULES, "linda@ndw.example", morning(day)).values())
    with road.database.reading() as session:
        return [mail.subject for mail in mails(session)[:count]]


def test_every_morning_from_the_refusal_to_the_end(road: Followed) -> None:
    road.deliver(FIRST, broken(1), broken(2), broken(3), in_window(4))
    told = {}
    for days in range(40):
        day = pull_moment(FIRST).date() + timedelta(days=days)
        if day == date(2026, 12, 10):
            road.deliver(WINDOWS[1], in_window(1, WINDOWS[1]))
        subjects = reminded(road, day)
        if subjects:
            told[day] = subjects
    assert told == {
        DUE - timedelta(days=7): ["LINDA: 2 CDR's nog te corrigeren, uiterlijk 21 december 2026"],
        DUE + timedelta(days=1): ["LINDA: termijn verlopen voor 2 CDR's"],
    }
    assert Standing.of(road.database, morning(DUE + timedelta(days=1))).untold_by_cpo == {}


def test_a_morning_that_was_missed_is_made_good_on_the_next(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    assert reminded(road, DUE - timedelta(days=3)) == ["LINDA: 1 CDR nog te corrigeren, uiterlijk 21 december 2026"]
    assert reminded(road, DUE + timedelta(days=9)) == ["LINDA: termijn verlopen voor 1 CDR"]


def test_a_second_time_on_one_day_writes_nothing_and_what_is_new_comes_the_day_after(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    day = DUE - timedelta(days=7)
    assert len(reminded(road, day)) == 1
    assert reminded(road, day) == []
    road.deliver(FIRST, broken(1), broken(2), again=1)  # pulled again an hour later, with one more that is due then
    assert [case.due_date for case in road.cases()] == [DUE, DUE]
    assert reminded(road, day) == []
    assert reminded(road, day + timedelta(days=1)) == ["LINDA: 1 CDR nog te corrigeren, uiterlijk 21 december 2026"]


def test_what_is_overdue_and_what_is_due_stand_in_one_mail(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    road.deliver(WINDOWS[1], broken(2, WINDOWS[1]), broken(3, WINDOWS[1]))
    day = pull_moment(WINDOWS[1]).date() + timedelta(days=21)
    assert day > DUE
    assert reminded(road, day) == [
        "LINDA: termijn verlopen voor 1 CDR en 2 CDR's nog te corrigeren, uiterlijk 4 januari 2027"
    ]


def test_an_open_objection_stops_the_reminders_and_not_the_date(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    with road.database.writing() as session:
        object_to_case(session, 1, "Onze meter telt anders.", at=morning(DUE - timedelta(days=10)), actor="cpo")
    assert reminded(road, DUE - timedelta(days=7)) == []
    assert reminded(road, DUE + timedelta(days=1)) == []
    with road.database.writing() as session:
        answer(session, [1], "De regel klopt.", is_upheld=False, at=morning(DUE + timedelta(days=2)), actor="ndw")
    assert reminded(road, DUE + timedelta(days=2)) == ["LINDA: termijn verlopen voor 1 CDR"]


def test_a_cpo_that_nobody_can_be_written_to_for_stays_untold_until_there_is_somebody(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    late = DUE + timedelta(days=1)
    assert reminded(road, late, CPO) == []
    assert Standing.of(road.database, morning(late)).untold_by_cpo == {CPO.key: 1}
    assert len(reminded(road, late)) == 1
    assert Standing.of(road.database, morning(late)).untold_by_cpo == {}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "nl",
            (
                "1 CDR is niet op tijd gecorrigeerd",
                "12 CDR's wachten nog op uw correctie. Wij moeten die uiterlijk 21 december 2026 hebben.",
                "Termijn verlopen op 7 december 2026",
                "Dit moet u herstellen",
                "(13 CDR's)",
                "Op 21 december 2026 halen wij de CDR's op",
            ),
        ),
        (
            "en",
            (
                "1 CDR was not corrected in time",
                "12 CDRs still wait for your correction. We need it by 21 December 2026.",
                "Overdue since 7 December 2026",
                "What you need to correct",
                "(13 CDRs)",
                "On 21 December 2026 we fetch the CDRs",
            ),
        ),
    ],
)
def test_the_letter_says_what_how_and_by_when(language: str, said: tuple[str, ...]) -> None:
    told = CasesToTell(CPO.key, {DUE: 12}, {date(2026, 12, 7): 1}, {"total_time_matches": 13})
    letter = reminder_letter(told, date(2026, 12, 14), RULES, Receiver("Data desk", "data@cpo.example", language))
    plain = " ".join(letter.text.split())
    assert [part for part in said if part not in plain] == []
    assert "http" not in letter.text + letter.html.replace("http-equiv", ""), "nothing is fetched"


def test_when_the_term_is_over_no_last_pull_within_it_is_named() -> None:
    told = CasesToTell(CPO.key, {}, {date(2026, 12, 7): 2}, {})
    letter = reminder_letter(told, date(2026, 12, 8), RULES, Receiver("", "data@cpo.example", "nl"))
    assert "laatste keer binnen uw termijn" not in " ".join(letter.text.split())
    assert "2. Zet last_updated op het moment van de correctie" in letter.text
    assert "3." not in letter.text
