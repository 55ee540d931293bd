"""`linda cases` as a person types it: lists, one case, objections and their answers, and what cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from linda_pipeline.cli import app, tell
from linda_pipeline.errors import exit_code
from linda_pipeline_tests.cases.followed import FIRST, WINDOWS, Followed, broken, in_window, pull_moment

DELIVERY = "cdrs/NL-ABC/2026-11-09"


@pytest.fixture
def road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Followed]:
    """Three cases: one open, one corrected, one overdue."""
    (tmp_path / "cpos.toml").write_text('[cpo.NL-ABC]\nname = "Voorbeeld"\nversions_url = "https://ocpi.example.nl/"\n')
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.delenv("LINDA_DATABASE_URL", raising=False)
    made = Followed.at(tmp_path)
    made.deliver(FIRST, broken(1), broken(2))
    made.deliver(WINDOWS[1], in_window(1, WINDOWS[1]))
    made.deliver(WINDOWS[2], broken(3, WINDOWS[2], total_energy_kwh=-1.0))
    made.take_in(pull_moment(FIRST).replace(year=2027, month=1, day=5))
    yield made
    made.database.close()


def linda(*words: str) -> Result:
    return CliRunner().invoke(app, ["cases", *words])


def listed(*words: str) -> list[dict[str, Any]]:
    told = linda(*words, "--format", "json")
    assert told.exit_code == 0, told.output
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_the_list_holds_what_is_not_solved_with_what_is_due_first(road: Followed) -> None:
    assert listed() == [
        {
            "id": 2,
            "cpo": "NL-ABC",
            "module": "cdrs",
            "record_id": "CDR-000002",
            "rules": ["total_time_matches", "total_time_not_negative"],
            "state": "overdue",
            "first_seen": "2026-11-23T03:00:00Z",
            "due_date": "2026-12-21",
            "closed_on": None,
            "closed_by": None,
            "delivery_id": DELIVERY,
        },
        listed("--rule", "total_energy_not_negative")[0],
    ]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--state", "all"), [1, 2, 3]),
        (("--state", "corrected", "--state", "overdue"), [1, 2]),
        (("--cpo", "NL-ABC"), [2, 3]),
        (("--rule", "total_energy_not_negative"), [3]),
        (("--rule", "total%"), []),
        (("--region", "Zuid"), []),
        (("--due-before", "2026-12-22"), [2]),
    ],
)
def test_a_list_is_narrowed_by_what_is_asked(road: Followed, words: tuple[str, ...], numbers: list[int]) -> None:
    assert [one["id"] for one in listed(*words)] == numbers


def test_a_table_says_how_many_it_left_out(road: Followed) -> None:
    assert "These are the first 1." in linda("--rows", "1").stdout
    assert "There are no such cases." in linda("--state", "upheld").stdout


def test_one_case_is_shown_with_all_that_happened_to_it(road: Followed) -> None:
    told = linda("show", "1").stdout
    assert "Case 1: CDR-000001 (cdr) of NL-ABC, corrected." in told
    assert "Closed on 2026-12-07 by cdrs/NL-ABC/2026-11-23." in told
    happened = json.loads(linda("show", "2", "--format", "json").stdout)
    assert [(one["action"], one["actor"]) for one in happened] == [("opened", "portal"), ("overdue", "portal")]


def test_an_objection_that_is_upheld_closes_the_case_and_names_the_rule_to_mend(road: Followed) -> None:
    assert linda("object", "3", "--why", "Uw regel telt dubbel.").exit_code == 0
    assert [one["id"] for one in listed("--state", "objected")] == [3]
    told = linda("answer", "3", "--uphold", "--why", "U heeft gelijk.")
    assert "Case 3 is upheld." in told.stdout
    assert "total_energy_not_negative" in told.stdout
    assert "linda replay --apply" in told.stdout
    assert (road.cases()[2].state, road.cases()[2].closed_by) == ("upheld", "objection")
    happened = json.loads(linda("show", "3", "--format", "json").stdout)
    assert {one["why"] for one in happened} == {None, "Uw regel telt dubbel.", "U heeft gelijk."}


def test_an_objection_that_is_dropped_leaves_the_case_open_or_overdue_as_its_date_says(road: Followed) -> None:
    for number in ("2", "3"):
        linda("object", number, "--why", "Nee.")
        linda("answer", number, "--drop", "--why", "Toch wel.")
    assert {one["id"]: one["state"] for one in listed()}[2] in ("open", "overdue")
    assert sorted(road.told(2)) == ["dropped", "objected", "opened", "overdue"]


def test_a_rule_is_objected_to_and_answered_over_a_whole_delivery(road: Followed) -> None:
    choice = ("--rule", "total_time_not_negative", "--delivery", DELIVERY)
    assert "1 cases of" in linda("object", *choice, "--why", "De regel klopt niet.").stdout
    assert linda("answer", *choice, "--uphold", "--why", "Akkoord.").exit_code == 0
    assert [one.state for one in road.cases()] == ["corrected", "upheld", "open"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cpo", "NL-XYZ"), "There is no CPO NL-XYZ"),
        (("--state", "closed"), "--state is one of"),
        (("--region", "Brabant"), "--region is one of"),
        (("show", "99"), "There is no case 99"),
        (("object", "1", "--why", "x"), "Case 1 is closed (corrected on 2026-12-07)"),
        (("object", "2", "--why", " "), "Give the reason"),
        (("object", "--why", "x"), "Name one case by its number"),
        (("object", "--rule", "total_time_matches", "--why", "x"), "Name one case by its number"),
        (("object", "--rule", "cdr_id_unique", "--delivery", DELIVERY, "--why", "x"), "No open case of"),
        (("object", "--rule", "cdr_id_unique", "--delivery", "x", "--why", "x"), "is no delivery"),
        (("answer", "2", "--uphold", "--why", "x"), "nobody objects to it"),
        (("answer", "2", "--why", "x"), "--uphold or --drop"),
        (("answer", "2", "--uphold", "--drop", "--why", "x"), "--uphold or --drop"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    road: Followed, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [(one.state, road.told(one.id)) for one in road.cases()]
    failure = linda(*words).exception
    assert failure is not None
    tell(failure)
    told = capsys.readouterr().err.strip()
    assert (exit_code(failure), said in told, "\n" in told) == (2, True, False), told
    assert [(one.state, road.told(one.id)) for one in road.cases()] == before
