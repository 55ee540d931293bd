"""Cases of CDRs: what opens, keeps open and closes them, whatever order deliveries and judgements come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from linda_pipeline.register.cpos import Permission
from linda_pipeline.storage.lake import Delivery
from linda_pipeline_tests.cases.followed import FIRST, WINDOWS, Followed, broken, in_window, pull_moment
from linda_pipeline_tests.deliveries import EVERYWHERE, judged

SECOND, THIRD = WINDOWS[1:3]
CREDIT: dict[str, Any] = {"credit": True, "total_cost_excl_vat": -4.5, "total_cost_incl_vat": -5.45}


def test_a_refused_cdr_opens_a_case_that_is_due_28_days_after_the_pull(road: Followed) -> None:
    assert road.deliver(FIRST, in_window(1), broken(2)) == {"opened": 1}
    (case,) = road.cases()
    assert (case.cpo, case.module, case.object, case.record_id) == ("NL-ABC", "cdrs", "cdr", "CDR-000002")
    assert case.rules == ["total_time_matches", "total_time_not_negative"]
    assert (case.first_seen, case.due_date) == (pull_moment(FIRST), date(2026, 12, 21))
    assert (case.state, case.delivery_id, case.closed_on, case.closed_by) == (
        "open",
        "cdrs/NL-ABC/2026-11-09",
        None,
        None,
    )
    assert road.told(case.id) == ["opened"]


def test_the_case_closes_when_a_later_delivery_brings_the_same_cdr_and_it_is_accepted(road: Followed) -> None:
    road.deliver(FIRST, broken(1), broken(2))
    assert road.deliver(SECOND, in_window(2, SECOND, cdr_id="cdr-000002")) == {"corrected": 1}  # ids ignore case
    first, second = road.cases()
    assert first.state == "open"
    assert (second.state, second.closed_on, second.closed_by) == (
        "corrected",
        date(2026, 12, 7),
        "cdrs/NL-ABC/2026-11-23",
    )
    assert road.told(second.id) == ["opened", "corrected"]


def test_a_cdr_that_is_refused_again_keeps_its_case_and_its_date_with_one_more_event(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    assert road.deliver(SECOND, in_window(1, SECOND, total_energy_kwh=-1.0)) == {"refused_again": 1}
    (case,) = road.cases()
    assert (case.state, case.due_date, case.delivery_id) == ("open", date(2026, 12, 21), "cdrs/NL-ABC/2026-11-09")
    assert "total_energy_not_negative" in case.rules
    assert road.told(case.id) == ["opened", "refused_again"]


def test_a_credit_that_is_accepted_withdraws_the_case_in_a_later_delivery_or_in_the_same_one(road: Followed) -> None:
    credits = [in_window(10 + number, credit_reference_id=f"CDR-{number:06d}", **CREDIT) for number in (1, 2)]
    later = {**credits[0], "last_updated": "2026-11-25T12:00:00Z"}
    assert road.deliver(FIRST, broken(1), broken(2), credits[1]) == {"opened": 2, "withdrawn": 1}
    assert road.states() == [("CDR-000001", "open"), ("CDR-000002", "withdrawn")]
    assert road.deliver(SECOND, later) == {"withdrawn": 1}
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    road.take_in(pull_moment(THIRD))
    assert road.states() == [("CDR-000001", "withdrawn"), ("CDR-000002", "withdrawn")]


def test_what_is_broken_again_after_it_was_accepted_gets_a_new_case_that_names_the_old(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    road.deliver(SECOND, in_window(1, SECOND))
    assert road.deliver(THIRD, broken(1, THIRD)) == {"opened": 1}
    old, new = road.cases()
    assert (old.state, new.state, new.previous_id, new.due_date) == ("corrected", "open", old.id, date(2027, 1, 18))


def test_duplicates_and_changes_of_what_was_accepted_open_no_case(road: Followed) -> None:
    twice = in_window(1, location_name="Elders", last_updated="2026-11-13T00:00:00Z")
    assert road.deliver(FIRST, in_window(1), twice) == {}
    assert road.deliver(SECOND, in_window(1, SECOND, location_name="Elders")) == {}
    assert road.cases() == []


def test_the_same_judgement_twice_and_the_same_window_again_change_nothing(road: Followed) -> None:
    road.deliver(FIRST, in_window(1), broken(2))
    before = [(one.id, one.due_date, one.state) for one in road.cases()]
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    assert road.take_in(pull_moment(SECOND)) == {}
    assert road.deliver(FIRST, in_window(1), broken(2), again=5) == {}
    assert [(one.id, one.due_date, one.state) for one in road.cases()] == before
    assert road.told(1) == ["opened"]


def test_a_window_that_is_pulled_again_and_mended_closes_its_case_by_itself(road: Followed) -> None:
    road.deliver(FIRST, broken(1), broken(2))
    assert road.deliver(FIRST, in_window(1), again=5) == {"corrected": 1}
    first, second = road.cases()
    assert (first.closed_by, second.state) == ("cdrs/NL-ABC/2026-11-09", "open")  # the other was not sent again


def test_an_earlier_window_that_is_judged_again_opens_no_second_case(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    road.deliver(SECOND, in_window(1, SECOND))
    road.cpo = replace(road.cpo, permissions=(replace(EVERYWHERE, document="L-2"),))
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    assert road.take_in(pull_moment(THIRD)) == {}
    assert road.states() == [("CDR-000001", "corrected")]


def test_a_window_that_comes_late_opens_no_case_for_what_a_later_one_mended_and_closes_none_that_is_newer(
    road: Followed,
) -> None:
    road.deliver(SECOND, in_window(1, SECOND), broken(2, SECOND))
    assert road.deliver(FIRST, broken(1), in_window(2), broken(3)) == {"opened": 1}
    assert road.states() == [("CDR-000002", "open"), ("CDR-000003", "open")]


def test_a_case_is_due_after_the_judging_where_a_window_was_judged_again(road: Followed) -> None:
    outside = Permission("L-1", "Eindhoven", "concession", date(2026, 11, 20))
    inside, road.cpo = road.cpo, replace(road.cpo, permissions=(outside,))
    assert road.deliver(FIRST, broken(1)) == {}  # held back: nothing is to be delivered again
    road.cpo = inside
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    assert road.take_in(pull_moment(THIRD)) == {"opened": 1}
    assert road.cases()[0].due_date == date(2027, 1, 18)
    road.cpo = replace(road.cpo, permissions=(outside,))
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    assert road.take_in(pull_moment(THIRD)) == {"withdrawn": 1}
    assert (road.cases()[0].closed_by, road.cases()[0].closed_on) == ("replay", date(2027, 1, 4) - timedelta(days=14))


def test_what_is_accepted_by_judging_again_is_closed_by_replay(road: Followed) -> None:
    strange = in_window(1, country_code="NL", party_id="XYZ")
    road.deliver(FIRST, strange)
    assert road.states() == [("CDR-000001", "open")]
    road.cpo = replace(road.cpo, parties=("NL-ABC", "NL-XYZ"))
    road.judge(Delivery("cdrs", "NL-ABC", FIRST))
    assert road.take_in(pull_moment(SECOND)) == {"corrected": 1}
    assert (road.cases()[0].closed_by, road.cases()[0].closed_on) == ("replay", date(2026, 12, 7))


def test_a_case_is_overdue_the_day_after_its_last_and_can_still_be_mended(road: Followed) -> None:
    road.deliver(FIRST, broken(1))
    due = pull_moment(FIRST) + timedelta(days=28)
    assert road.take_in(due) == {}
    assert road.take_in(due + timedelta(days=1)) == {"overdue": 1}
    assert road.take_in(due + timedelta(days=2)) == {}
    assert road.deliver(WINDOWS[3], in_window(1, WINDOWS[3])) == {"corrected": 1}
    assert road.told(1) == ["opened", "overdue", "corrected"]


def test_a_delivery_in_time_that_is_taken_in_late_was_not_overdue(road: Followed) -> None:
    road.deliver(FIRST, broken(1), broken(2))
    judged(road.lake, road.pull(SECOND, in_window(1, SECOND)))
    assert road.take_in(pull_moment(FIRST) + timedelta(days=60)) == {"corrected": 1, "overdue": 1}
    assert (road.told(1), road.told(2)) == (["opened", "corrected"], ["opened", "overdue"])


def test_judgements_that_were_not_taken_in_lose_nothing_when_a_later_one_takes_their_place(road: Followed) -> None:
    judged(road.lake, road.pull(FIRST, broken(1), broken(2)))
    judged(road.lake, road.pull(FIRST, in_window(1), again=5))
    judged(road.lake, road.pull(SECOND, in_window(2, SECOND)))
    assert len(road.lake.follow_ups()) == 3
    assert road.take_in(pull_moment(SECOND)) == {"opened": 2, "corrected": 2}
    assert [one.closed_by for one in road.cases()] == ["cdrs/NL-ABC/2026-11-09", "cdrs/NL-ABC/2026-11-23"]
    assert road.lake.follow_ups() == []


def test_records_without_an_id_are_counted_by_rule_and_closed_when_the_next_complete_delivery_is_clean(
    road: Followed,
) -> None:
    nameless = [{**in_window(number), "id": None} for number in (1, 2)]
    road.deliver(FIRST, *nameless, broken(3, cdr_id=None, total_energy_kwh=-1.0))
    found = {tuple(one.rules): (one.record_id, one.records) for one in road.cases()}
    assert found[("cdr_id_required",)] == (None, 3)
    assert found[("total_time_not_negative",)] == (None, 1)
    opened = len(found)
    assert road.deliver(SECOND, in_window(4, SECOND), {**in_window(5, SECOND), "id": None}) == {
        "opened": 1,
        "corrected": opened - 1,
    }
    assert road.deliver(THIRD, in_window(6, THIRD)) == {"corrected": 2}


def test_an_id_that_no_database_takes_is_followed_all_the_same(road: Followed) -> None:
    ids = ["CDR\u0000X", "C" * 5000, "É-1"]
    road.deliver(FIRST, *(broken(number, cdr_id=one) for number, one in enumerate(ids, start=1)))
    assert [one.state for one in road.cases()] == ["open"] * 3
    assert "\\u0000" in str(road.cases()[0].record_id)
    assert road.deliver(SECOND, *(broken(number, SECOND, cdr_id=one) for number, one in enumerate(ids, start=1))) == {
        "refused_again": 3
    }
