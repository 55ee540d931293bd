"""The judgement on a delivery: what the ledger says, and that a lost or doubled record is never passed over."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import NotConserved, conserve
from linda_pipeline.ledger.entry import Counts, bounds, find_judgement, read_judgement
from linda_pipeline.ledger.manifest import TABLES
from linda_pipeline.pulling.raw import Pull, pull_at
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import DELIVERY, LOCATIONS, PULLED_AT, cdr, judged, location, raw_pull

BUCKET_NAMES = {"accepted": "accepted", "rejected": "rejected", "held": "held_back"}


@pytest.fixture(scope="module")
def judged_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with a judged delivery that has something in every bucket."""
    lake = Lake(tmp_path_factory.mktemp("judged") / "lake")
    home = cdr(4, home_charging_compensation=True)
    beside = cdr(3, evse_uid="EVSE-000001", total_energy_kwh=12.45)
    made = raw_pull(
        lake,
        [cdr(1), cdr(1), cdr(2, currency=None), cdr(5, last_updated="2026-11-23T00:00:00Z")],
        [beside, home],
    )
    judged(lake, made)
    return lake.root


@pytest.fixture
def pull(lake: Lake, judged_lake: Path) -> Pull:
    """That delivery, in the lake of the test."""
    shutil.copytree(judged_lake, lake.root, dirs_exist_ok=True)
    return pull_at(lake, DELIVERY, PULLED_AT)


def changed_ledger(lake: Lake, **counts: int) -> None:
    path = lake.ledger(DELIVERY)
    entry = json.loads(path.read_text())
    entry["counts"]["cdrs"].update(counts)
    path.write_text(json.dumps(entry))


def without_first_row(lake: Lake, bucket: str, delivery: Delivery = DELIVERY, name: str = "part-00001") -> None:
    path = lake.table(bucket, delivery, name)
    pq.write_table(pq.read_table(path).slice(1), path)


def test_the_ledger_says_what_the_summary_of_the_contract_says(lake: Lake, pull: Pull) -> None:
    entry = json.loads(lake.ledger(DELIVERY).read_text())
    assert entry == read_judgement(lake, DELIVERY).as_dict()
    not_run = entry.pop("rules_not_run")
    assert not_run
    assert all({"rule", "why"} <= set(one) <= {"rule", "why", "why_nl"} for one in not_run)
    assert [one["document"] for one in entry.pop("permissions")["bearing"]] == ["L-1"]
    assert len(entry.pop("gives")) == 16
    assert entry.pop("leans_on") == {
        "accepted": {},
        "nights": {},
        "volumes": {},
        "others": {},
        "nights_since": "2026-10-09",
        "nights_until": "2026-11-23",
        "volumes_of": 6,
    }
    assert list(entry.pop("tables")) == list(TABLES["cdrs"])
    raw_bytes = entry.pop("bytes")
    assert raw_bytes == sum(len(record) for _, records in pull.pages() for record in records)
    assert entry == {
        "delivery_id": "cdrs/NL-ABC/2026-11-09",
        "cpo": "NL-ABC",
        "module": "cdrs",
        "window": {"from": "2026-11-09T00:00:00Z", "until": "2026-11-23T00:00:00Z"},
        "pulled_at": "2026-11-23T03:02:11Z",
        "complete": True,
        "profile_version": "2026-11",
        "ocpi_version": "2.2.1",
        "counts": {"cdrs": {"received": 5, "accepted": 2, "rejected": 1, "identical": 1, "held_back": 1}},
        "errors": {"currency_required": 1},
        "warnings": {"no_overlap": 1},
        "infos": {"identical_copy": 1},
        "by_rule": [
            {"object": "cdr", "rule": "currency_required", "severity": "error", "count": 1},
            {"object": "cdr", "rule": "identical_copy", "severity": "info", "count": 1},
            {"object": "cdr", "rule": "no_overlap", "severity": "warning", "count": 1},
        ],
        "due_date": "2026-12-21",
        "pull": "20261123T030211Z",
        "outside_window": 1,
    }


def test_a_night_is_the_amsterdam_day() -> None:
    start, end = bounds(Delivery("locations", "NL-ABC", date(2026, 3, 29)))
    assert (start, end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_what_was_not_judged_has_no_judgement(lake: Lake) -> None:
    assert find_judgement(lake, DELIVERY) is None
    with pytest.raises(NotConserved, match="there is no judgement on it"):
        conserve(lake, DELIVERY, raw_pull(lake, [cdr(1)]))


def test_a_whole_delivery_is_conserved(lake: Lake, pull: Pull) -> None:
    assert conserve(lake, DELIVERY, pull) == read_judgement(lake, DELIVERY)


@pytest.mark.parametrize(
    ("bucket", "said"),
    [
        ("accepted", "accepted: 2 judged, 1 in the lake"),
        ("rejected", "rejected: 1 judged, 0 in the lake"),
        ("held", "held_back: 1 judged, 0 in the lake"),
    ],
)
def test_a_row_that_is_missing_is_seen(lake: Lake, pull: Pull, bucket: str, said: str) -> None:
    without_first_row(lake, bucket)
    with pytest.raises(NotConserved) as raised:
        conserve(lake, DELIVERY, pull)
    assert said in str(raised.value)
    assert "Nothing of it is used. Judge it again" in str(raised.value)


@pytest.mark.parametrize("bucket", ["accepted", "rejected", "held"])
def test_a_file_that_is_missing_is_seen(lake: Lake, pull: Pull, bucket: str) -> None:
    lake.table(bucket, DELIVERY).unlink()
    with pytest.raises(NotConserved, match=f"{BUCKET_NAMES[bucket]}: . judged, no file in the lake"):
        conserve(lake, DELIVERY, pull)


@pytest.mark.parametrize("name", ["received", "accepted", "rejected", "identical", "held_back"])
def test_a_count_that_changed_is_seen(lake: Lake, pull: Pull, name: str) -> None:
    changed_ledger(lake, **{name: 7})
    with pytest.raises(NotConserved, match="does not add up"):
        conserve(lake, DELIVERY, pull)


def test_counts_that_add_up_but_are_not_what_lies_there_are_seen(lake: Lake, pull: Pull) -> None:
    changed_ledger(lake, accepted=1, identical=2)
    with pytest.raises(NotConserved, match="accepted: 1 judged, 2 in the lake"):
        conserve(lake, DELIVERY, pull)


def test_a_newer_pull_that_was_not_judged_is_seen(lake: Lake, pull: Pull) -> None:
    newer = raw_pull(lake, [cdr(1)], pulled_at=datetime(2026, 11, 24, tzinfo=UTC))
    with pytest.raises(NotConserved, match="1 in raw"):
        conserve(lake, DELIVERY, newer)


def test_locations_and_evses_are_proven_alike(lake: Lake) -> None:
    made = raw_pull(lake, [location(1, evses=2), location(2)], delivery=LOCATIONS)
    judged(lake, made)
    conserve(lake, LOCATIONS, made)
    for name in ("locations", "evses", "present"):
        kept = lake.table("accepted", LOCATIONS, name).read_bytes()
        without_first_row(lake, "accepted", LOCATIONS, name)
        with pytest.raises(NotConserved, match="does not add up"):
            conserve(lake, LOCATIONS, made)
        lake.table("accepted", LOCATIONS, name).write_bytes(kept)
    conserve(lake, LOCATIONS, made)


def test_counts_add_up_or_not() -> None:
    whole: dict[str, Any] = {"received": 10, "accepted": 4, "rejected": 3, "identical": 2, "held_back": 1}
    assert Counts(**whole).adds_up
    assert not Counts(**{**whole, "identical": 1}).adds_up
    assert Counts(**whole).as_dict() == whole
