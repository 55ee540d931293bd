"""The receipt of a delivery: what came, what became of it, and what is asked of the CPO."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.pulling.raw import attempt_of
from linda_pipeline.report.receipt import receipt
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import CPO, DELIVERY, LOCATIONS, cdr, judged, location, raw_pull


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "nl",
            [
                "Ontvangstbewijs LINDA, Voorbeeld Laden B.V.",
                "periode 9 t/m 22 november 2026",
                "Goedgekeurd",
                "uiterlijk",
            ],
        ),
        ("en", ["Receipt LINDA, Voorbeeld Laden B.V.", "Accepted", "by 21 December 2026"]),
    ],
)
def test_the_receipt_says_what_came_and_what_became_of_it(lake: Lake, language: str, told: list[str]) -> None:
    pull = raw_pull(lake, [cdr(1), cdr(2, total_energy_kwh=-1.0)])
    judged(lake, pull)
    text = receipt(attempt_of(pull), find_judgement(lake, DELIVERY), CPO.name, language)
    for part in [*told, "cdrs/NL-ABC/2026-11-09"]:
        assert part in text
    assert "token" not in text.lower()


def test_the_receipt_of_a_pull_that_is_not_judged_or_not_complete_says_so(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    assert "has not been judged yet" in receipt(attempt_of(pull), None, CPO.name, "en")
    assert "We cannot prove" in receipt(attempt_of(replace(pull, complete=False)), None, CPO.name, "en")


def test_the_receipt_of_locations_speaks_of_locations(lake: Lake) -> None:
    pull = raw_pull(lake, [location(1, postal_code="6511JE")], delivery=LOCATIONS)
    judged(lake, pull)
    text = receipt(attempt_of(pull), find_judgement(lake, LOCATIONS), CPO.name, "nl")
    assert "Wij halen uw laadlocaties elke nacht opnieuw op." in text
    assert "CDR" not in text


@pytest.mark.parametrize(
    ("language", "why"), [("nl", "Uw server stuurde meer dan wij vroegen."), ("en", "sent more than we")]
)
def test_the_receipt_says_what_lies_outside_the_period_and_why(lake: Lake, language: str, why: str) -> None:
    pull = raw_pull(lake, [cdr(1), cdr(2, last_updated="2026-12-01T00:00:00Z")])
    judged(lake, pull)
    text = receipt(attempt_of(pull), find_judgement(lake, DELIVERY), CPO.name, language)
    assert why in text
    assert ("Buiten de periode     1" if language == "nl" else "Outside the period    1") in text
