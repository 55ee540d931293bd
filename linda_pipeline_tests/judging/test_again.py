"""Deliveries that are judged again by themselves: a second pull loses nothing, and the order of pulls makes no difference."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline import stations
from linda_pipeline.judging.again import Again, AgainReason, deliveries_to_judge_again, judge_again_in_turn
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    KEY,
    NIGHT,
    PULLED_AT,
    WINDOW,
    bytes_of,
    cdr,
    demo_areas,
    evse,
    findings,
    ids,
    judged,
    location,
    raw_pull,
)
from linda_pipeline_tests.earlier_lakes import KEY as EARLIER_KEY
from linda_pipeline_tests.earlier_lakes import unpacked

TWO_WEEKS = timedelta(days=14)
WINDOWS = [WINDOW, WINDOW + TWO_WEEKS, WINDOW + 2 * TWO_WEEKS]
FIRST, SECOND, THIRD = (Delivery("cdrs", CPO.key, window) for window in WINDOWS)
TONIGHT = Delivery("locations", CPO.key, NIGHT)
REGISTER = {CPO.key: CPO}


def moment_of(delivery: Delivery, pull: int = 0) -> datetime:
    """When the nth pull of a delivery is made: on the day of the schedule, each pull a minute later."""
    days = delivery.window + TWO_WEEKS if delivery.module == "cdrs" else delivery.window
    return PULLED_AT + (days - PULLED_AT.date()) + timedelta(minutes=pull)


def touched(record: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
    """A record with a last_updated in a window, and otherwise as it is."""
    return {**record, "last_updated": f"{delivery.window + timedelta(days=3)}T10:00:00Z"}


def pulled(lake: Lake, delivery: Delivery, *records: dict[str, Any], pull: int = 0) -> None:
    """Pull a delivery and judge it, as a run does."""
    given = [touched(one, delivery) for one in records] if delivery.module == "cdrs" else list(records)
    judged(lake, raw_pull(lake, given, delivery=delivery, pulled_at=moment_of(delivery, pull)))


def again(lake: Lake) -> list[Again]:
    """Judge again what asks for it, as `linda run` does after its pulls."""
    done = []
    for one in judge_again_in_turn(lake, REGISTER):
        stations.judge(lake, CPO, one.delivery, areas=demo_areas(), key=KEY)
        stations.conserve(lake, one.delivery)
        done.append(one)
    assert deliveries_to_judge_again(lake, REGISTER) == [], "one pass is enough"
    return done


def of(found: list[Again]) -> list[Delivery]:
    return [one.delivery for one in found]


def test_a_cdr_that_a_second_pull_leaves_out_stands_in_the_window_that_has_it_still(lake: Lake) -> None:
    """R2 is accepted in window 1, touched, and so a copy in window 2; window 1 is pulled again, now without it."""
    pulled(lake, FIRST, cdr(1), cdr(2))
    pulled(lake, SECOND, cdr(2))
    assert (ids(lake, "accepted", FIRST), ids(lake, "accepted", SECOND)) == (["CDR-000001", "CDR-000002"], [])
    assert again(lake) == []
    pulled(lake, FIRST, cdr(1), pull=1)
    (found,) = again(lake)
    assert (found.delivery, found.reason, found.detail) == (SECOND, AgainReason.LEANED_ON, FIRST.id)
    assert found.why == "what it was compared with has changed (cdrs/NL-ABC/2026-11-09)"
    assert (ids(lake, "accepted", FIRST), ids(lake, "accepted", SECOND)) == (["CDR-000001"], ["CDR-000002"])
    assert stations.curate_cdrs(lake, demo_areas())["curated"] == 2


def test_a_cdr_that_a_second_pull_brings_is_a_copy_in_the_window_that_had_it(lake: Lake) -> None:
    pulled(lake, FIRST, cdr(1))
    pulled(lake, SECOND, cdr(2))
    pulled(lake, FIRST, cdr(1), cdr(2), pull=1)
    assert of(again(lake)) == [SECOND]
    assert (ids(lake, "accepted", FIRST), ids(lake, "accepted", SECOND)) == (["CDR-000001", "CDR-000002"], [])
    assert read_judgement(lake, SECOND).main.identical == 1


def test_a_change_of_a_cdr_that_is_gone_is_no_change_any_more(lake: Lake) -> None:
    pulled(lake, FIRST, cdr(1), cdr(2))
    pulled(lake, SECOND, cdr(2, total_energy_kwh=12.4))
    assert ("CDR-000002", "unchanged_since_accepted", "id") in findings(lake, SECOND)
    pulled(lake, FIRST, cdr(1), pull=1)
    assert of(again(lake)) == [SECOND]
    assert ids(lake, "accepted", SECOND) == ["CDR-000002"]


def test_a_credit_whose_cdr_is_gone_is_told(lake: Lake) -> None:
    credit = cdr(9, credit=True, credit_reference_id="CDR-000002", total_cost_excl_vat=-4.0)
    pulled(lake, FIRST, cdr(1), cdr(2))
    pulled(lake, SECOND, credit)
    rules = {rule for _, rule, _ in findings(lake, SECOND)}
    assert "credit_reference_known" not in rules
    pulled(lake, FIRST, cdr(1), pull=1)
    assert of(again(lake)) == [SECOND]
    assert "credit_reference_known" in {rule for _, rule, _ in findings(lake, SECOND)}


def test_a_session_that_overlapped_one_that_is_gone_overlaps_nothing(lake: Lake) -> None:
    pulled(lake, FIRST, cdr(1), cdr(2, evse_uid="other"))
    pulled(lake, SECOND, cdr(3, evse_uid="EVSE-000001", total_energy_kwh=12.45))
    assert "no_overlap" in {rule for _, rule, _ in findings(lake, SECOND)}
    pulled(lake, FIRST, cdr(2, evse_uid="other"), pull=1)
    assert of(again(lake)) == [SECOND]
    assert "no_overlap" not in {rule for _, rule, _ in findings(lake, SECOND)}


def test_a_night_that_comes_after_the_window_is_asked_as_if_it_had_come_before(lake: Lake) -> None:
    """Both are pulled on the Monday, but by hand the night may come last."""
    night = Delivery("locations", CPO.key, NIGHT - TWO_WEEKS)
    pulled(lake, FIRST, cdr(1))
    assert "known_location" in {one["rule"] for one in read_judgement(lake, FIRST).rules_not_run}
    pulled(lake, night, location(7))
    (found,) = again(lake)
    assert (found.delivery, found.detail) == (FIRST, night.id)
    assert "known_location" in {rule for _, rule, _ in findings(lake, FIRST)}


def test_a_night_pulled_again_with_another_power_asks_for_the_windows_around_it_and_the_next_night(lake: Lake) -> None:
    tomorrow = Delivery("locations", CPO.key, NIGHT + timedelta(days=1))
    pulled(lake, TONIGHT, location(7))
    pulled(lake, tomorrow, location(7))
    pulled(lake, SECOND, cdr(1))
    assert again(lake) == []
    changed = location(7)
    changed["evses"] = [evse(7, 0), evse(7, 1)]
    pulled(lake, TONIGHT, changed, pull=1)
    assert of(again(lake)) == [tomorrow, SECOND]
    assert "removed_not_vanished" in {rule for _, rule, _ in findings(lake, tomorrow)}


def test_a_night_pulled_again_with_other_statuses_asks_for_nothing(lake: Lake) -> None:
    pulled(lake, TONIGHT, location(7))
    pulled(lake, FIRST, cdr(1))
    busy = location(7)
    busy["evses"][0] |= {"status": "CHARGING", "last_updated": "2026-11-23T02:00:00Z"}
    pulled(lake, TONIGHT, busy, pull=1)
    assert again(lake) == []


def test_a_night_pulled_again_with_another_plug_asks_for_the_windows_around_it(lake: Lake) -> None:
    night = Delivery("locations", CPO.key, NIGHT - TWO_WEEKS)
    pulled(lake, night, home())
    pulled(lake, FIRST, cdr(1, evse_uid="EVSE-0042-1"))
    before = bytes_of(lake, "findings")
    pulled(lake, night, home(standard="CHADEMO"), pull=1)
    assert of(again(lake)) == [FIRST]
    assert bytes_of(lake, "findings") != before


def test_a_night_of_another_cpo_that_comes_late_is_asked_as_if_it_had_come_before(lake: Lake) -> None:
    """Both deliver one EVSE: each is told so beside the other's last night."""
    other = replace(CPO, key="NL-XYZ", parties=("NL-ABC",))
    register = {CPO.key: CPO, other.key: other}
    before = Delivery("locations", other.key, NIGHT - timedelta(days=1))
    pulled(lake, TONIGHT, location(7))
    assert "evse_of_two_cpos" in {one["rule"] for one in read_judgement(lake, TONIGHT).rules_not_run}
    judged(lake, raw_pull(lake, [location(7)], delivery=before, pulled_at=moment_of(before)), other)
    (found,) = judge_again_in_turn(lake, register)
    assert (found.delivery, found.detail) == (TONIGHT, before.id)
    stations.judge(lake, CPO, TONIGHT, areas=demo_areas(), key=KEY)
    assert "evse_of_two_cpos" in {rule for _, rule, _ in findings(lake, TONIGHT)}
    assert deliveries_to_judge_again(lake, register) == []


def test_a_volume_is_compared_with_what_earlier_windows_hold_now(lake: Lake) -> None:
    pulled(lake, FIRST, cdr(1))
    pulled(lake, SECOND, cdr(2))
    assert read_judgement(lake, SECOND).leans_on["volumes"] == {"2026-11-09": 1}
    pulled(lake, FIRST, cdr(1), cdr(5, currency=None), pull=1)
    assert of(again(lake)) == [SECOND]
    assert read_judgement(lake, SECOND).leans_on["volumes"] == {"2026-11-09": 2}


def test_a_window_that_is_mended_has_all_later_ones_judged_again_in_order(lake: Lake) -> None:
    """The same CDR in three windows: it stands in the first that has it."""
    pulled(lake, FIRST, cdr(1))
    pulled(lake, SECOND, cdr(1), cdr(2))
    pulled(lake, THIRD, cdr(1), cdr(2), cdr(3))
    pulled(lake, FIRST, cdr(9), pull=1)
    assert of(again(lake)) == [SECOND, THIRD]
    accepted = [ids(lake, "accepted", one) for one in (FIRST, SECOND, THIRD)]
    assert accepted == [["CDR-000009"], ["CDR-000001", "CDR-000002"], ["CDR-000003"]]


def test_a_backfilled_window_has_the_later_ones_judged_again(lake: Lake) -> None:
    pulled(lake, SECOND, cdr(1))
    pulled(lake, FIRST, cdr(1))
    assert of(again(lake)) == [SECOND]
    assert (ids(lake, "accepted", FIRST), ids(lake, "accepted", SECOND)) == (["CDR-000001"], [])


def test_a_pull_that_was_never_judged_and_a_newer_one_that_was_not_are_judged(lake: Lake) -> None:
    """As where a process was killed between the two."""
    raw_pull(lake, [cdr(1)], delivery=FIRST, pulled_at=moment_of(FIRST))
    (found,) = again(lake)
    assert (found.delivery, found.why) == (FIRST, "it was pulled, and never judged")
    raw_pull(lake, [touched(cdr(2), FIRST)], delivery=FIRST, pulled_at=moment_of(FIRST, 1))
    (found,) = again(lake)
    assert (found.reason, found.detail) == (AgainReason.PULLED, "20261123T030311Z")
    assert ids(lake, "accepted", FIRST) == ["CDR-000002"]


@pytest.mark.parametrize("bucket", ["accepted", "rejected", "held", "findings"])
@pytest.mark.parametrize("damage", [None, b"", b"PAR1"])
def test_a_table_that_is_gone_or_cut_is_made_again_from_raw(lake: Lake, bucket: str, damage: bytes | None) -> None:
    pulled(lake, FIRST, cdr(1), cdr(2, currency=None))
    before = bytes_of(lake, "accepted", "rejected", "held", "findings", "ledger")
    path = lake.table(bucket, FIRST)
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    (found,) = again(lake)
    assert (found.reason, found.detail) == (AgainReason.TABLES, f"{bucket}/part-00001")
    assert bytes_of(lake, "accepted", "rejected", "held", "findings", "ledger") == before


def test_what_an_earlier_version_judged_is_judged_again_once(tmp_path: Path) -> None:
    """Its entries do not say what they leaned on, so that a lost CDR could not be seen."""
    lake, register = unpacked("2026-11-25", tmp_path)
    done = []
    for one in judge_again_in_turn(lake, register):
        stations.judge(lake, register[one.delivery.cpo], one.delivery, areas=demo_areas(), key=EARLIER_KEY)
        done.append(one.delivery)
    assert done
    assert set(done) >= set(lake.judged("cdrs"))
    assert deliveries_to_judge_again(lake, register) == []
    for delivery in done:
        stations.conserve(lake, delivery)


def test_what_somebody_else_takes_care_of_is_left_out(lake: Lake) -> None:
    pulled(lake, FIRST, cdr(1))
    pulled(lake, SECOND, cdr(1))
    pulled(lake, FIRST, pull=1)
    assert list(judge_again_in_turn(lake, REGISTER, is_left_out=lambda one: one == SECOND)) == []
    (asked,) = deliveries_to_judge_again(lake, REGISTER)
    pulled(lake, FIRST, cdr(3), pull=2)
    (other,) = deliveries_to_judge_again(lake, REGISTER)
    assert asked.key != other.key, "there is something else to do, so that it is asked for anew"


RECORDS = [
    cdr(1),
    cdr(1, total_energy_kwh=12.4),
    cdr(2, evse_uid="other"),
    cdr(3, start_date_time="2026-11-10T08:00:00Z"),
    cdr(9, credit=True, credit_reference_id="CDR-000001"),
    cdr(4, currency=None),
]
"""A CDR and a changed one, one elsewhere, one that overlaps it, a credit, and one that is rejected."""


def home(**connector: Any) -> dict[str, Any]:
    """The Location of the CDRs, with another connector at their EVSE."""
    made = location(42, evses=2)
    made["evses"][1]["connectors"][0] |= connector
    return made


NIGHTS = [
    [home()],
    [home(max_electric_power=1000)],
    [home(standard="CHADEMO")],
    [location(42, evses=1)],
    [home() | {"coordinates": {"latitude": "51.5", "longitude": "5.5"}}],
    [home() | {"publish": False}],
    [location(8, postal_code="wrong")],
    [],
]
"""The Location of the CDRs as it was, and as rules on CDRs, on the next night and on what is held back see it otherwise."""
PULLS = st.one_of(
    st.tuples(st.sampled_from([FIRST, SECOND, THIRD]), st.lists(st.sampled_from(RECORDS), max_size=4)),
    st.tuples(
        st.sampled_from([Delivery("locations", CPO.key, NIGHT + timedelta(days=day)) for day in (-14, 0, 1)]),
        st.sampled_from(NIGHTS),
    ),
)


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(PULLS, min_size=2, max_size=6), st.booleans())
def test_after_any_order_of_pulls_the_lake_is_as_if_the_newest_were_judged_in_order(
    pulls: list[tuple[Delivery, list[dict[str, Any]]]], at_once: bool
) -> None:
    buckets = ("accepted", "rejected", "held", "findings", "ledger")
    with tempfile.TemporaryDirectory() as folder:
        lake, afresh = Lake(Path(folder) / "lake"), Lake(Path(folder) / "afresh")
        newest: dict[Delivery, tuple[int, list[dict[str, Any]]]] = {}
        for number, (delivery, records) in enumerate(pulls):
            pulled(lake, delivery, *records, pull=number)
            newest[delivery] = (number, records)
            if at_once:
                again(lake)
        again(lake)
        for delivery in sorted(newest, key=lambda one: (one.module == "cdrs", one.window)):
            number, records = newest[delivery]
            pulled(afresh, delivery, *records, pull=number)
        assert again(afresh) == []
        made, expected = bytes_of(lake, *buckets), bytes_of(afresh, *buckets)
        assert made.keys() - {one for one in made if one.endswith("permissions.jsonl")} == expected.keys()
        different = [name for name, content in expected.items() if made[name] != content]
        assert different == []
