"""What `linda run` shows: every number whole on a narrow terminal, and a delivery that is not whole is said to be."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from linda_pipeline.commands.on_screen import deliveries_table
from linda_pipeline.errors import Exit
from linda_pipeline.ledger.entry import Counts, read_judgement
from linda_pipeline.orchestration.in_process import RunEnd
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import judgement_of, put_judged

LOCATIONS = Delivery("locations", "NL-ABC", date(2026, 11, 23))
CDRS = Delivery("cdrs", "NL-ABC", date(2026, 11, 9))
GONE = Delivery("cdrs", "NL-DEF", date(2026, 11, 9))
COUNTS = Counts(received=987_654, accepted=912_345, rejected=54_321, identical=20_000, held_back=988)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    for delivery in (LOCATIONS, CDRS):
        put_judged(lake, judgement_of(delivery, complete=delivery != CDRS, counts={delivery.module: COUNTS}))
    return lake


def shown(lake: Lake, width: int) -> str:
    ends = [
        RunEnd(LOCATIONS),
        RunEnd(CDRS, Exit.NOT_PULLED, "It did not come to rest.", is_incomplete=True),
        RunEnd(GONE, Exit.NOT_PULLED, "No answer."),
    ]
    console = Console(file=io.StringIO(), width=width)
    console.print(deliveries_table(lake, [LOCATIONS, CDRS, GONE], ends))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_number_is_cut_off_however_narrow_the_terminal(lake: Lake, width: int) -> None:
    text = shown(lake, width)
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    for number in ("987,654", "912,345", "54,321", "20,000", "988"):
        assert text.count(number) == 2, number


def test_on_eighty_columns_each_delivery_is_a_line_and_every_heading_is_whole(lake: Lake) -> None:
    lines = shown(lake, 80).splitlines()
    assert lines[1].split() == ["delivery", "received", "accepted", "rejected", "identical", "held", "back"]
    assert lines[3].split() == [LOCATIONS.id, "987,654", "912,345", "54,321", "20,000", "988"]


@pytest.mark.parametrize("width", [80, 120])
def test_below_a_delivery_stands_what_came_from_outside_its_window_and_why(lake: Lake, width: int) -> None:
    entry = replace(read_judgement(lake, CDRS), outside_window=1_234)
    put_judged(lake, entry)
    text = shown(lake, width)
    assert text.count("outside the window") == 1
    assert "1,234 outside the window" in text
    assert "OCPI 2.1.1 server is asked for one day more on each side" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= width


def test_below_a_delivery_that_is_not_whole_stands_how_it_ended(lake: Lake) -> None:
    lines = [line.strip() for line in shown(lake, 80).splitlines()]
    assert lines[lines.index(next(line for line in lines if line.startswith(CDRS.id))) + 1] == "incomplete"
    assert lines[lines.index(next(line for line in lines if line.startswith(GONE.id))) + 1] == "failed"
    assert lines[-2].split() == [GONE.id, "–", "–", "–", "–", "–"]
