"""What is asked of a delivery as a whole, and of a night beside the night before it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.quality.example import changed, good_record
from linda_pipeline.quality.profile import CURRENT
from linda_pipeline.quality.rules import RULES
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import NIGHT, WINDOW, delivered, judged_again, raw_pull

DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
BEFORE = NIGHT - timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _told(lake: Lake, delivery: Delivery = DELIVERY) -> list[tuple[str, str, str | None]]:
    """(rule, severity, value) of what is told of no record."""
    rows = pq.read_table(lake.table("findings", delivery)).to_pylist()
    assert all(r["path"] is None and r["position"] is None for r in rows if r["page"] is None)
    return [(r["rule"], r["severity"], r["value"]) for r in rows if r["page"] is None]


def _night(lake: Lake, records: list[Any], day: date = NIGHT, **what: Any) -> Any:
    return delivered(lake, records, module="locations", window=day, **what)


def test_a_delivery_that_is_not_complete_is_told_and_refuses_no_record(lake: Lake) -> None:
    judgement = delivered(lake, [good_record("cdr", "2.2.1")], total_count=3)
    assert _told(lake) == [("delivery_complete", "error", "1 < 3")]
    assert judgement.counts["cdrs"].accepted == 1
    assert judgement.as_dict()["errors"] == {"delivery_complete": 1}
    assert judgement.as_dict()["due_date"] is None


def test_a_delivery_without_records_is_told(lake: Lake) -> None:
    delivered(lake, [])
    assert _told(lake) == [("delivery_late", "warning", "0")]


def test_a_delivery_much_smaller_than_usual_is_told_once_three_earlier_ones_are_known(lake: Lake) -> None:
    for weeks in (2, 4, 6):
        window = WINDOW - timedelta(weeks=weeks)
        stamp = (window + timedelta(days=3)).isoformat()
        records = [{"id": f"CDR-{weeks}-{n}", "last_updated": f"{stamp}T12:00:00Z"} for n in range(10)]
        judgement = delivered(lake, records, window=window)
        assert "delivery_volume" in {one["rule"] for one in judgement.rules_not_run}
    judgement = delivered(lake, [good_record("cdr", "2.2.1")] * 4)
    assert _told(lake) == [("delivery_volume", "warning", "4 (± 10)")]
    assert "delivery_volume" not in {one["rule"] for one in judgement.rules_not_run}


def test_live_evses_without_a_session_for_thirty_days_are_listed(lake: Lake) -> None:
    location = good_record("location", "2.2.1")
    idle, gone = ({**location["evses"][0], "uid": f"EVSE-0042-{n}", "evse_id": f"NL*ABC*E0042{n}"} for n in (2, 3))
    location["evses"] += [idle, {**gone, "status": "REMOVED"}]
    end = WINDOW + timedelta(days=14)
    _night(lake, [location], end - timedelta(days=31))
    for weeks in (4, 2):
        delivered(lake, [], window=WINDOW - timedelta(weeks=weeks))
    raw_pull(lake, [good_record("cdr", "2.2.1")])
    judgement = judged_again(lake, DELIVERY)
    assert "silent_charge_points" in {one["rule"] for one in judgement.rules_not_run}
    _night(lake, [location], end - timedelta(days=1))
    judgement = judged_again(lake, DELIVERY)
    assert _told(lake) == [("silent_charge_points", "warning", "NL*ABC*E00422 (LOC-0042 / EVSE-0042-2)")]
    assert "silent_charge_points" not in {one["rule"] for one in judgement.rules_not_run}


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_each_example_of_an_evse_that_vanishes_is_judged_as_it_says(lake: Lake, kind: str) -> None:
    examples = getattr(RULES["evse.removed_not_vanished"], kind)
    assert examples
    for number, (before, after) in enumerate(examples):
        here = Lake(lake.root / str(number))
        _night(here, [changed("evse", "2.2.1", before)], BEFORE)
        _night(here, [changed("evse", "2.2.1", after)])
        told = _told(here, Delivery("locations", "NL-ABC", NIGHT))
        assert told == ([("removed_not_vanished", "warning", "NL*ABC*E00421")] if kind == "bad" else [])


def test_a_night_that_is_not_complete_proves_nothing_gone(lake: Lake) -> None:
    _night(lake, [good_record("location", "2.2.1")], BEFORE)
    other = changed("evse", "2.2.1", {"evse_uid": "2", "evse_id": "NL*ABC*E2"})
    judgement = _night(lake, [other], total_count=2)
    assert [rule for rule, _, _ in _told(lake, Delivery("locations", "NL-ABC", NIGHT))] == ["delivery_complete"]
    assert "removed_not_vanished" in {one["rule"] for one in judgement.rules_not_run}


def test_the_first_night_has_nothing_to_be_compared_with_and_says_so(lake: Lake) -> None:
    judgement = _night(lake, [good_record("location", "2.2.1")])
    not_run = {one["rule"]: one for one in judgement.rules_not_run}
    assert set(not_run) == {
        *("status_age", "evse_id_stable", "removed_not_vanished"),
        *("coordinates_match_permit", "delivery_volume", "evse_of_two_cpos"),
    }
    assert all(one["why"] != one["why_nl"] for one in not_run.values())


def test_an_evse_id_that_changes_from_one_night_to_the_next_is_told_where_it_stands(lake: Lake) -> None:
    _night(lake, [good_record("location", "2.2.1")], BEFORE)
    _night(lake, [changed("evse", "2.2.1", {"evse_id": "NL*ABC*E00429"})])
    rows = pq.read_table(lake.table("findings", Delivery("locations", "NL-ABC", NIGHT))).to_pylist()
    assert [(r["rule"], r["path"], r["value"]) for r in rows] == [
        ("evse_id_stable", "evses[0].evse_id", "NL*ABC*E00421 → NL*ABC*E00429")
    ]


def test_evses_whose_location_has_no_id_are_not_taken_for_each_other(lake: Lake) -> None:
    for night, number in ((BEFORE, 1), (NIGHT, 2)):
        own = {"@evses[0].uid": f"EVSE-{number}", "@evses[0].evse_id": f"NL*ABC*E{number}"}
        _night(lake, [changed("location", "2.2.1", {"location_id": None, **own})], night)
    rows = pq.read_table(lake.table("findings", Delivery("locations", "NL-ABC", NIGHT))).to_pylist()
    assert [row["rule"] for row in rows] == ["location_id_required"]


def test_a_delivery_is_judged_by_the_profile_of_its_pull(lake: Lake) -> None:
    judgement = delivered(lake, [good_record("cdr", "2.2.1")])
    assert judgement.as_dict()["profile_version"] == CURRENT.version
