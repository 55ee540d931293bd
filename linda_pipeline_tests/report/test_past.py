"""A delivery beside earlier ones and other CPOs: what is solved, still there, new; and when nothing is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.ledger.entry import FindingKey, Judgement, read_judgement
from linda_pipeline.quality.rules import RULES
from linda_pipeline.report.figures import read_figures
from linda_pipeline.report.past import TREND_DELIVERIES, Past, read_past
from linda_pipeline.report.report_html import html
from linda_pipeline.report.words_en import English
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, PULLED_AT, WINDOW, cdr, evse, judged, location, raw_pull

TWO_WEEKS = timedelta(days=14)
WRONG: dict[str, Any] = {"postal_code": "6511JE"}


def delivered(lake: Lake, window: date, records: list[dict[str, Any]], cpo: str = "NL-ABC") -> Judgement:
    """A delivery of CDRs, judged."""
    for record in records:
        record["last_updated"] = f"{window + timedelta(days=5)}T00:00:00Z"
    pull = raw_pull(lake, records, delivery=Delivery("cdrs", cpo, window))
    return judged(lake, pull, replace(CPO, key=cpo))


def incomplete(lake: Lake, judgement: Judgement) -> Judgement:
    """The same, as if the pull had not been whole."""
    entry = replace(read_judgement(lake, judgement.delivery), complete=False)
    entry.write(lake.ledger(judgement.delivery))
    return entry


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A first delivery: three CDRs rejected, one accepted."""
    lake = Lake(tmp_path)
    delivered(lake, WINDOW, [cdr(1, **WRONG), cdr(2, **WRONG), cdr(3, **WRONG), cdr(4, evse_uid="4")])
    return lake


def second(lake: Lake) -> Judgement:
    """The next delivery: the first CDR mended, the second not, the third left out, and one that is newly wrong."""
    mended, still, new = cdr(1), cdr(2, **WRONG), cdr(5, **WRONG)
    return delivered(lake, WINDOW + TWO_WEEKS, [mended, still, new])


def test_what_was_rejected_is_solved_or_still_there_or_not_delivered_again(lake: Lake) -> None:
    told = read_past(lake, second(lake)).comparison
    assert told is not None
    assert told.window == WINDOW
    assert told.then == {"solved": 1, "still_there": 1, "held_back": 0, "absent": 1, "without_id": 0}
    assert told.now == {"again": 1, "new": 1, "without_id": 0}
    assert told.findings[FindingKey("cdr", "postal_code_format", "error")] == 3


def test_both_sides_of_the_comparison_add_up_to_what_was_rejected_whatever_the_ids(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    twice = [cdr(1, **WRONG), cdr(1, total_energy_kwh=99, **WRONG)]
    first = delivered(lake, WINDOW, [*twice, cdr(2, cdr_id=None), cdr(3, cdr_id=None, **WRONG), cdr(4, **WRONG)])
    again = [cdr(1, **WRONG), cdr(1, total_energy_kwh=9, **WRONG), cdr(1, total_energy_kwh=8), cdr(5, cdr_id=None)]
    last = delivered(lake, WINDOW + TWO_WEEKS, again)
    told = read_past(lake, last).comparison
    assert told is not None
    assert told.then == {"solved": 0, "still_there": 2, "held_back": 0, "absent": 1, "without_id": 2}
    assert told.now == {"again": 3, "new": 0, "without_id": 1}
    assert sum(told.then.values()) == first.main.rejected == 5
    assert sum(told.now.values()) == last.main.rejected == 4


def test_the_last_deliveries_are_told_oldest_first_and_not_too_many(lake: Lake) -> None:
    last = second(lake)
    assert [(one.window, one.counts.rejected) for one in read_past(lake, last).trend] == [
        (WINDOW, 3),
        (WINDOW + TWO_WEEKS, 2),
    ]
    for number in range(2, TREND_DELIVERIES + 2):
        last = delivered(lake, WINDOW + number * TWO_WEEKS, [])
    windows = [one.window for one in read_past(lake, last).trend]
    assert windows == [WINDOW + number * TWO_WEEKS for number in range(2, TREND_DELIVERIES + 2)]


def test_the_first_delivery_has_no_past_and_later_ones_are_not_looked_at(lake: Lake) -> None:
    second(lake)
    assert read_past(lake, read_judgement(lake, Delivery("cdrs", "NL-ABC", WINDOW))) == Past()


def test_an_incomplete_delivery_is_shown_and_compared_with_nothing(lake: Lake) -> None:
    incomplete(lake, read_judgement(lake, Delivery("cdrs", "NL-ABC", WINDOW)))
    past = read_past(lake, second(lake))
    assert [one.complete for one in past.trend] == [False, True]
    assert past.comparison is None
    assert read_past(lake, incomplete(lake, second_again(lake))).comparison is None


def second_again(lake: Lake) -> Judgement:
    """The entry of the second delivery."""
    return read_judgement(lake, Delivery("cdrs", "NL-ABC", WINDOW + TWO_WEEKS))


def test_a_record_that_now_waits_for_a_permission_is_not_called_solved(lake: Lake) -> None:
    home = cdr(1, home_charging_compensation=True)
    told = read_past(lake, delivered(lake, WINDOW + TWO_WEEKS, [home])).comparison
    assert told is not None
    assert told.then == {"solved": 0, "still_there": 0, "held_back": 1, "absent": 2, "without_id": 0}


def test_the_median_of_the_others_is_told_from_three_others_on(lake: Lake) -> None:
    own = second(lake)
    accepted = {"NL-DEF": 1, "NL-GHI": 2, "NL-JKL": 4}
    for number, (cpo, fine) in enumerate(accepted.items()):
        assert read_past(lake, own).others is None
        records = [cdr(10 * number + n, evse_uid=str(n), **({} if n < fine else WRONG)) for n in range(4)]
        delivered(lake, WINDOW, records, cpo)
    told = read_past(lake, own).others
    assert told is not None
    assert (told.cpos, told.median, told.own) == (3, 0.5, 1 / 3)


def test_others_whose_delivery_is_incomplete_or_old_do_not_count(lake: Lake) -> None:
    own = second(lake)
    for cpo in ("NL-DEF", "NL-GHI", "NL-JKL"):
        entry = delivered(lake, WINDOW, [cdr(7)], cpo)
    assert read_past(lake, own).others is not None
    incomplete(lake, entry)
    assert read_past(lake, own).others is None
    delivered(lake, WINDOW - 5 * TWO_WEEKS, [cdr(7)], "NL-MNO")
    assert read_past(lake, own).others is None


def test_evses_of_locations_are_compared_on_their_own(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    nights = [date(2026, 11, 21), date(2026, 11, 22)]
    place = location(1, evses=3)
    place["evses"][0] = evse(1, 0, evse_id="wrong")
    place["evses"][1] = evse(1, 1, evse_id="wrong")
    mended = {**place, "evses": [evse(1, 0), place["evses"][1], place["evses"][2]]}
    for night, record in zip(nights, (place, mended), strict=True):
        pulled_at = datetime.combine(night, PULLED_AT.time(), UTC)
        pull = raw_pull(lake, [record], delivery=Delivery("locations", "NL-ABC", night), pulled_at=pulled_at)
        entry = judged(lake, pull)
    told = read_past(lake, entry).comparison
    assert told is not None
    assert told.then == {"solved": 1, "still_there": 1, "held_back": 0, "absent": 0, "without_id": 0}
    assert told.now == {"again": 1, "new": 0, "without_id": 0}


def test_what_was_found_before_is_told_by_object_and_severity(tmp_path: Path) -> None:
    """The same rule on a Location and on two EVSEs: the report said 3 for both."""
    lake = Lake(tmp_path)
    wrong = {"last_updated": "gisteren"}
    place = {**location(1, evses=3), **wrong}
    place["evses"][0] |= wrong
    place["evses"][1] |= wrong
    for night in (date(2026, 11, 21), date(2026, 11, 22)):
        pulled_at = datetime.combine(night, PULLED_AT.time(), UTC)
        judged(lake, raw_pull(lake, [place], delivery=Delivery("locations", "NL-ABC", night), pulled_at=pulled_at))
    figures = read_figures(lake, Delivery("locations", "NL-ABC", date(2026, 11, 22)), cpo_name="ABC", rules=RULES)
    past = read_past(lake, figures.judgement)
    assert past.comparison is not None
    before = {key: number for key, number in past.comparison.findings.items() if key.severity == "error"}
    assert before == {
        FindingKey("location", "last_updated_unreadable", "error"): 1,
        FindingKey("evse", "last_updated_unreadable", "error"): 2,
    }
    page = html(figures, RULES, English(), past)
    assert page.count(English().before(1)) == page.count(English().before(2)) == 1
    assert English().before(3) not in page


def test_a_self_check_has_no_past(lake: Lake) -> None:
    assert read_past(lake, replace(second(lake), files=["a.json"])) == Past()
