"""What cannot be taken in now waits, and nothing is lost: a register that is held, damage in the lake, two runs at once."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from linda_pipeline.cases.taking_in import take_in
from linda_pipeline.register.database import DatabaseUnusable, RegisterDatabase, address_of
from linda_pipeline_tests.cases.followed import FIRST, WINDOWS, Followed, broken, in_window, pull_moment

NOW = pull_moment(WINDOWS[1])


def test_a_register_that_somebody_else_holds_is_told_and_the_judgement_waits(road: Followed) -> None:
    road.judge(road.pull(FIRST, broken(1)).delivery)
    hasty = RegisterDatabase(address_of(None, road.lake.root), busy=timedelta(milliseconds=50))
    with road.database.writing(), pytest.raises(DatabaseUnusable, match="held by another process"):
        take_in(road.lake, hasty, NOW)
    hasty.close()
    assert len(road.lake.follow_ups()) == 1
    assert road.take_in(NOW) == {"opened": 1}


def test_a_damaged_file_is_set_aside_with_what_brings_it_back_and_stops_no_other(road: Followed) -> None:
    for window in WINDOWS[:2]:
        road.judge(road.pull(window, broken(1, window), broken(2, window)).delivery)
    first = road.lake.follow_ups()[0]
    first.write_bytes(first.read_bytes()[:-20])
    assert road.take_in(NOW) == {"opened": 2}
    (said,) = road.lake.noted
    assert "`linda rebuild --from-raw --cpo NL-ABC` brings them back" in said
    road.judge(road.pull(FIRST, broken(1), broken(3), again=5).delivery)
    assert road.take_in(NOW) == {"opened": 1}


def test_a_judgement_with_a_damaged_table_waits_until_it_is_made_again(road: Followed) -> None:
    delivery = road.pull(FIRST, in_window(1), broken(2)).delivery
    road.judge(delivery)
    table = road.lake.table("accepted", delivery)
    whole = table.read_bytes()
    table.write_bytes(whole[:-20])
    assert road.take_in(NOW) == {}
    assert "wait until it is judged again" in road.lake.noted[0]
    table.write_bytes(whole)
    assert road.take_in(NOW) == {"opened": 1}


def _take_in_at(folder: Path) -> None:
    Followed.at(folder).take_in(NOW)


def test_two_runs_that_take_in_at_once_open_and_close_every_case_once(tmp_path: Path) -> None:
    road = Followed.at(tmp_path)
    for window in WINDOWS[:2]:
        mended = [in_window(number, window) for number in range(5)] if window != FIRST else []
        refused = [broken(number, window) for number in range(len(mended), 30)]
        road.judge(road.pull(window, *mended, *refused).delivery)
    spawn = multiprocessing.get_context("spawn")
    runs = [spawn.Process(target=_take_in_at, args=(tmp_path,)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0]
    assert [state for _, state in road.states()] == ["corrected"] * 5 + ["open"] * 25
    assert {tuple(road.told(case.id)) for case in road.cases()} == {
        ("opened", "corrected"),
        ("opened", "refused_again"),
    }
    road.database.close()


def test_what_else_tells_of_a_judgement_is_written_with_it_and_only_once(road: Followed) -> None:
    written: list[str] = []
    road.judge(road.pull(FIRST, broken(1)).delivery)
    for _ in range(2):
        take_in(road.lake, road.database, NOW, lambda delivery: lambda session, at: written.append(delivery.id))
    assert written == ["cdrs/NL-ABC/2026-11-09"]
