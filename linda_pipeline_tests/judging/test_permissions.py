"""Permissions that change: what is released, what is withdrawn, in which order, and the proof of it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline import stations
from linda_pipeline.judging.again import AgainReason, deliveries_to_judge_again, judge_again_in_turn
from linda_pipeline.judging.conservation import NotConserved
from linda_pipeline.judging.permissions import prove_withdrawals
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.ledger.held_back import HeldBack, held_back
from linda_pipeline.ledger.moves import moves
from linda_pipeline.pulling.pull import NotPermitted, pull
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    DELIVERY,
    EVERYWHERE,
    KEY,
    LICHTDAM,
    LOCATIONS,
    PULLED_AT,
    WINDOW,
    ZONNESTAD,
    bytes_of,
    cdr,
    demo_areas,
    ids,
    judged,
    location,
    permitted,
    raw_pull,
)

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
IN_ZONNESTAD = Permission("L-2", "Zonnestad", "concession", date(2025, 1, 1), None, ("GM9901",))
IN_LICHTDAM = Permission("L-3", "Lichtdam", "concession", date(2025, 1, 1), None, ("GM9902",))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def again(lake: Lake, cpo: Cpo) -> list[Delivery]:
    """Judge again, as `linda run` does, what the register asks for; says what that was."""
    found = []
    for one in judge_again_in_turn(lake, {cpo.key: cpo}):
        stations.judge(lake, cpo, one.delivery, areas=demo_areas(), key=KEY, judged_at=NOW)
        stations.conserve(lake, one.delivery)
        found.append(one.delivery)
    return found


def two_places(lake: Lake, cpo: Cpo, delivery: Delivery = DELIVERY) -> None:
    pages = [[cdr(1, **ZONNESTAD), cdr(2, **LICHTDAM)]]
    judged(lake, raw_pull(lake, *pages, delivery=delivery), cpo, demo_areas())


def accepted(lake: Lake, delivery: Delivery = DELIVERY) -> list[str]:
    return ids(lake, "accepted", delivery)


def owners_in(lake: Lake) -> list[tuple[str, str]]:
    table = pq.read_table(
        lake.table("accepted", DELIVERY), columns=["owner_id", "permission_document"], partitioning=None
    )
    return [(row["owner_id"], row["permission_document"]) for row in table.to_pylist()]


def test_a_permission_that_names_other_evses_or_locations_has_deliveries_judged_again(lake: Lake) -> None:
    def of_two(*evses: str) -> Cpo:
        return permitted(Permission("L-2", "Zonnestad", "concession", date(2025, 1, 1), evses=evses))

    pull = raw_pull(lake, [location(1, evses=2)], delivery=LOCATIONS)
    assert judged(lake, pull, of_two("NL*ABC*E000010", "NL*ABC*E000011")).counts["evses"].held_back == 0
    assert again(lake, of_two("NL*ABC*E000011", "NL*ABC*E000010")) == []
    assert again(lake, of_two("NL*ABC*E000010")) == [LOCATIONS]
    assert read_judgement(lake, LOCATIONS).counts["evses"].held_back == 1
    assert moves(lake, LOCATIONS) == [], "the Location itself stays"
    by_location = permitted(Permission("L-2", "Zonnestad", "concession", date(2025, 1, 1), locations=("LOC-0001",)))
    assert again(lake, by_location) == [LOCATIONS]
    assert read_judgement(lake, LOCATIONS).counts["evses"].held_back == 0


def test_a_judgement_keeps_the_permissions_that_it_rests_on(lake: Lake) -> None:
    two_places(lake, permitted(IN_ZONNESTAD))
    permissions = read_judgement(lake, DELIVERY).permissions
    (bearing,) = permissions["bearing"]
    assert bearing == {
        "document": "L-2",
        "owner_id": "zonnestad",
        "from": "2025-01-01",
        "until": None,
        "areas": ["GM9901"],
    }
    assert len(permissions["fingerprint"]) == 64


def test_nothing_is_judged_again_while_the_permissions_say_the_same(lake: Lake) -> None:
    two_places(lake, permitted(IN_ZONNESTAD))
    later = Permission("L-9", "Lichtdam", "concession", date(2026, 11, 24), None, ("GM9902",))
    ends_later = Permission("L-2", "Zonnestad", "concession", date(2025, 1, 1), date(2027, 1, 1), ("GM9901",))
    for cpo in (permitted(IN_ZONNESTAD, later), permitted(ends_later)):
        assert deliveries_to_judge_again(lake, {cpo.key: cpo}) == []


def test_another_owner_or_document_is_carried_into_the_accepted_cdrs_and_leaves_locations_as_they_are(
    lake: Lake,
) -> None:
    night = raw_pull(lake, [location(1, **ZONNESTAD)], delivery=LOCATIONS)
    two_places(lake, permitted(IN_ZONNESTAD))
    judged(lake, night, permitted(IN_ZONNESTAD), demo_areas())
    assert owners_in(lake) == [("zonnestad", "L-2")]
    renamed = Permission("L-2 bis", "Gemeente Zonnestad", "concession", date(2025, 1, 1), None, ("GM9901",))
    assert again(lake, permitted(renamed)) == [DELIVERY]
    assert owners_in(lake) == [("gemeente-zonnestad", "L-2 bis")]
    assert moves(lake, DELIVERY) == []


def test_what_was_judged_before_rows_had_owners_is_judged_again(lake: Lake) -> None:
    two_places(lake, permitted(IN_ZONNESTAD))
    path = lake.ledger(DELIVERY)
    entry = json.loads(path.read_text())
    of_old = hashlib.sha256(json.dumps(["2025-01-01", None, ["GM9901"]]).encode()).hexdigest()
    entry["permissions"]["fingerprint"] = of_old
    path.write_text(json.dumps(entry))
    assert again(lake, permitted(IN_ZONNESTAD)) == [DELIVERY]
    assert again(lake, permitted(IN_ZONNESTAD)) == []


def test_a_permission_that_comes_releases_what_was_held_back_without_a_new_pull(lake: Lake) -> None:
    two_places(lake, permitted(IN_ZONNESTAD))
    assert accepted(lake) == ["CDR-000001"]
    assert held_back(lake) == [HeldBack(DELIVERY, "cdr", "no_permission", 1)]
    raw = bytes_of(lake, "raw")
    assert again(lake, permitted(IN_ZONNESTAD, IN_LICHTDAM)) == [DELIVERY]
    assert accepted(lake) == ["CDR-000001", "CDR-000002"]
    assert held_back(lake) == []
    assert bytes_of(lake, "raw") == raw
    (line,) = moves(lake, DELIVERY)
    assert (line["released"], line["withdrawn"], line["at"]) == (1, 0, "2026-12-01T09:00:00Z")
    assert again(lake, permitted(IN_ZONNESTAD, IN_LICHTDAM)) == []


def test_what_is_judged_again_is_what_a_first_judgement_would_have_given(lake: Lake, tmp_path: Path) -> None:
    both = permitted(IN_ZONNESTAD, IN_LICHTDAM)
    two_places(lake, permitted(IN_ZONNESTAD))
    again(lake, both)
    other = Lake(tmp_path / "other")
    two_places(other, both)
    buckets = ("accepted", "held", "rejected", "findings")
    assert bytes_of(lake, *buckets) == bytes_of(other, *buckets)
    assert read_judgement(lake, DELIVERY) == read_judgement(other, DELIVERY)


def test_a_permission_withdrawn_for_the_past_takes_the_records_out_with_a_proof(lake: Lake) -> None:
    both = permitted(IN_ZONNESTAD, IN_LICHTDAM)
    two_places(lake, both)
    stations.curate_cdrs(lake, demo_areas())
    assert again(lake, permitted(IN_ZONNESTAD)) == [DELIVERY]
    assert (accepted(lake), ids(lake, "held")) == (["CDR-000001"], ["CDR-000002"])
    (line,) = moves(lake, DELIVERY)
    assert (line["released"], line["withdrawn"]) == (0, 1)
    assert [one["document"] for one in line["permissions_before"]] == ["L-2", "L-3"]
    assert [one["document"] for one in line["permissions_after"]] == ["L-2"]
    assert "curated_rows_left" not in line
    with pytest.raises(NotConserved, match="still curated"):
        prove_withdrawals(lake)
    stations.curate_cdrs(lake, demo_areas())
    (line,) = moves(lake, DELIVERY)
    assert line["curated_rows_left"] == 0
    assert prove_withdrawals(lake) == 0


def test_a_permission_that_comes_back_releases_again_and_both_moves_stay_on_record(lake: Lake) -> None:
    both, one = permitted(IN_ZONNESTAD, IN_LICHTDAM), permitted(IN_ZONNESTAD)
    two_places(lake, both)
    for cpo in (one, both, one):
        again(lake, cpo)
    assert [(line["released"], line["withdrawn"]) for line in moves(lake, DELIVERY)] == [(0, 1), (1, 0), (0, 1)]
    (found,) = deliveries_to_judge_again(lake, {both.key: both})
    assert found.reason == AgainReason.PERMISSIONS
    again(lake, both)
    again(lake, one)
    (later,) = deliveries_to_judge_again(lake, {both.key: both})
    assert later.key != found.key, "the same change a second time is another thing to do"


def test_a_permission_that_ended_before_the_pull_is_told_from_one_that_did_not(lake: Lake) -> None:
    two_places(lake, CPO)
    ended = Permission("L-1", "Eindhoven", "concession", date(2025, 1, 1), date(2026, 10, 1))
    assert again(lake, permitted(ended)) == [DELIVERY]
    assert accepted(lake) == []


def test_windows_are_judged_again_in_order_so_that_a_copy_counts_once(lake: Lake) -> None:
    """The same CDR in two windows: released in the earlier one, it becomes a copy in the later, which is judged again too."""
    later = Delivery("cdrs", CPO.key, WINDOW + timedelta(days=14))
    same = cdr(2, **LICHTDAM)
    moved = {**same, "last_updated": "2026-11-24T10:00:00Z"}
    judged(lake, raw_pull(lake, [same]), permitted(IN_ZONNESTAD), demo_areas())
    both = permitted(IN_ZONNESTAD, IN_LICHTDAM)
    judged(lake, raw_pull(lake, [moved], delivery=later), both, demo_areas())
    assert (accepted(lake), accepted(lake, later)) == ([], ["CDR-000002"])
    assert again(lake, both) == [DELIVERY, later]
    assert (accepted(lake), accepted(lake, later)) == (["CDR-000002"], [])
    counted = stations.curate_cdrs(lake, demo_areas())
    assert (counted["curated"], counted["superseded"]) == (1, 0)


def test_locations_are_released_and_withdrawn_by_the_permission_of_the_night(lake: Lake) -> None:
    pages = [[location(1, **ZONNESTAD), location(2, **LICHTDAM)]]
    both, one = permitted(IN_ZONNESTAD, IN_LICHTDAM), permitted(IN_ZONNESTAD)
    judged(lake, raw_pull(lake, *pages, delivery=LOCATIONS), one, demo_areas())
    assert accepted(lake, LOCATIONS) == ["LOC-0001"]
    assert again(lake, both) == [LOCATIONS]
    assert accepted(lake, LOCATIONS) == ["LOC-0001", "LOC-0002"]
    assert again(lake, one) == [LOCATIONS]
    assert accepted(lake, LOCATIONS) == ["LOC-0001"]
    assert [(line["released"], line["withdrawn"]) for line in moves(lake, LOCATIONS)] == [(1, 0), (0, 1)]


def test_locations_withdrawn_for_the_past_leave_the_history_with_a_proof(lake: Lake) -> None:
    both, one = permitted(IN_ZONNESTAD, IN_LICHTDAM), permitted(IN_ZONNESTAD)
    pages = [[location(1, **ZONNESTAD), location(2, **LICHTDAM)]]
    judged(lake, raw_pull(lake, *pages, delivery=LOCATIONS), both, demo_areas())
    stations.curate_locations(lake, demo_areas())
    assert again(lake, one) == [LOCATIONS]
    with pytest.raises(NotConserved, match="2 records of locations/NL-ABC/2026-11-23 are held back"):
        prove_withdrawals(lake, "locations")  # the Location and its EVSE
    stations.curate_locations(lake, demo_areas())
    (line,) = moves(lake, LOCATIONS)
    assert (line["withdrawn"], line["curated_rows_left"]) == (1, 0)
    for name in ("locations", "evses"):
        assert set(pq.read_table(lake.curated(name, "NL-ABC"))["location_id"].to_pylist()) == {"LOC-0001"}
    assert prove_withdrawals(lake, "locations") == 0


def test_a_cpo_that_left_the_register_is_left_as_it_is(lake: Lake) -> None:
    two_places(lake, CPO)
    assert deliveries_to_judge_again(lake, {}) == []


def test_a_permission_that_ended_stops_the_pull(lake: Lake) -> None:
    def ended(until: date) -> Cpo:
        return permitted(Permission("L-1", "Eindhoven", "concession", date(2025, 1, 1), until))

    options: dict[str, Any] = {"token": None, "pulled_at": PULLED_AT}
    with pytest.raises(NotPermitted, match="no permission is valid on 2026-11-23"):
        pull(lake, ended(date(2026, 11, 22)), "cdrs", WINDOW, **options)
    assert not list((lake.root / "raw").rglob("*.json*"))
    assert EVERYWHERE.holds_on(PULLED_AT.date())
