"""Stored deliveries judged again: the difference is told right, the lake stays as it was, and applied it is the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace as with_changes
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.areas.area_set import Areas, read_areas
from linda_pipeline.judging.conservation import conserve
from linda_pipeline.judging.shadow import replay
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality import contract
from linda_pipeline.quality import rules as all_rules
from linda_pipeline.quality.example import changed
from linda_pipeline.quality.profile import ProfileChange, Profiles
from linda_pipeline.quality.rules import RULES
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, KEY, WINDOW, delivered

NEXT = WINDOW + timedelta(days=14)
DELIVERIES = [Delivery("cdrs", "NL-ABC", WINDOW), Delivery("cdrs", "NL-ABC", NEXT)]


@pytest.fixture(scope="module")
def areas() -> Areas:
    return read_areas(Path(__file__).parents[2] / "data" / "reference" / "areas")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two windows: one CDR whose total time is 61 seconds off comes in both, changed the second time."""
    lake = Lake(tmp_path / "lake")
    off = changed("cdr", "2.2.1", {"total_time_h": 3.5 + 61 / 3600})
    fine = changed("cdr", "2.2.1", {"cdr_id": "CDR-2", "session_id": "2", "evse_uid": "2", "address": "Dorpsstraat"})
    delivered(lake, [off, fine])
    again = {**off, "total_energy": 12.45, "last_updated": "2026-11-24T12:00:00Z"}
    delivered(lake, [again], window=NEXT)
    return lake


def _state(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }


def _trial(**more: Any) -> Profiles:
    return Profiles().trying(ProfileChange("trial", date(2025, 4, 1), **more))


def test_without_another_profile_and_with_the_same_rules_nothing_would_differ(lake: Lake, areas: Areas) -> None:
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES, areas=areas, key=KEY) as replayed:
        assert replayed.outcome.changed == []
        assert replayed.outcome.rules == []


def test_another_tolerance_is_told_through_the_windows_and_changes_nothing_until_it_is_applied(
    lake: Lake, areas: Areas
) -> None:
    before = _state(lake.root)
    profiles = _trial(parameters={"total_time_tolerance_s": 90.0})
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES, areas=areas, key=KEY, profiles=profiles) as replayed:
        outcome = replayed.outcome
    assert _state(lake.root) == before
    # In the second window the CDR was judged on its own; now the first accepts it, so that it comes back changed.
    assert [(c.severity, c.rule, c.before, c.after) for c in outcome.rules] == [
        ("error", "total_time_matches", 2, 0),
        ("error", "unchanged_since_accepted", 0, 1),
    ]
    assert outcome.buckets["NL-ABC", "cdrs"]["accepted"] == (0, 1)
    assert outcome.newly_accepted == {"NL-ABC": ["CDR-2026-000042"]}
    assert outcome.newly_rejected == {"NL-ABC": []}
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES, areas=areas, key=KEY, profiles=profiles) as replayed:
        replayed.apply()
    for delivery in DELIVERIES:
        pull = newest_pull(lake, delivery)
        assert pull is not None
        conserve(lake, delivery, pull)
        assert read_judgement(lake, delivery).profile_version == "trial"
    applied = _state(lake.root)
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES, areas=areas, key=KEY, profiles=profiles) as replayed:
        assert replayed.outcome.changed == []
    assert _state(lake.root) == applied


def test_one_window_alone_is_judged_beside_what_stands_of_the_others(lake: Lake, areas: Areas) -> None:
    profiles = _trial(parameters={"total_time_tolerance_s": 90.0})
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES[1:], areas=areas, key=KEY, profiles=profiles) as replayed:
        assert [(c.rule, c.before, c.after) for c in replayed.outcome.rules] == [("total_time_matches", 1, 0)]


def test_another_severity_and_a_rule_that_is_off_are_told(lake: Lake, areas: Areas) -> None:
    profiles = _trial(severity={"cdr.address_format": "warning", "cdr.total_time_matches": "off"})
    with replay(lake, {"NL-ABC": CPO}, DELIVERIES[:1], areas=areas, key=KEY, profiles=profiles) as replayed:
        assert [(c.severity, c.rule, c.before, c.after) for c in replayed.outcome.rules] == [
            ("error", "address_format", 1, 0),
            ("error", "total_time_matches", 1, 0),
            ("warning", "address_format", 0, 1),
        ]


def test_a_mended_rule_is_told(lake: Lake, areas: Areas, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES["cdr.address_format"]
    mended = with_changes(rule, body=lambda view: view.on_distinct("address", lambda texts: texts.is_valid()))
    monkeypatch.setitem(RULES, "cdr.address_format", mended)
    caches = (all_rules._rules_for, contract._error_rules, contract._schema)
    for cache in caches:
        cache.cache_clear()
    try:
        with replay(lake, {"NL-ABC": CPO}, DELIVERIES, areas=areas, key=KEY) as replayed:
            assert [(c.rule, c.before, c.after) for c in replayed.outcome.rules] == [("address_format", 1, 0)]
            assert replayed.outcome.changed == DELIVERIES[:1]
    finally:
        for cache in caches:
            cache.cache_clear()


def test_a_rule_holds_from_its_day_on_until_it_is_retired() -> None:
    rule = RULES["cdr.address_format"]
    coming = with_changes(rule, valid_from=date(2027, 4, 1))
    gone = with_changes(rule, valid_until=date(2027, 4, 1))
    assert [one.holds_on(date(2027, 3, 31)) for one in (rule, coming, gone)] == [True, False, True]
    assert [one.holds_on(date(2027, 4, 1)) for one in (rule, coming, gone)] == [True, True, False]
    assert rule.holds_on(date(2020, 1, 1))
