"""Every record that is wrong on purpose is found out by the rule that it was made for."""

from __future__ import annotations

import functools
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.rule import Scope
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator import defects, odd_cdrs
from linda_pipeline.simulator.clock import seconds
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline_tests.simulator.verdicts import found

NOW = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)
COPIES = ("cdr.identical_copy", "cdr.cdr_id_unique", "cdr.unchanged_since_accepted")


def _content(record: Sent) -> dict[str, Any]:
    """What was sent, where it is JSON and an object; else an empty one."""
    try:
        content = json.loads(record.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _shows_by_itself(made_for: str) -> bool:
    """Whether one record shows what it was made for; of the others test_every_rule judges whole deliveries."""
    rule = RULES.get(made_for)
    return rule is not None and rule.scope is Scope.RECORD and not rule.needs


@functools.cache
def _feeds(version: str, share: float) -> dict[str, Feed]:
    plan = Plan("NL-SLO", version, locations=120, start=datetime(2026, 10, 30, tzinfo=UTC), until=NOW, defects=share)
    return feeds_of(plan)


def _sent(version: str, module: str, share: float = 0.6) -> list[Sent]:
    return _feeds(version, share)[module].records


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("module", "object_name"), [("cdrs", "cdr"), ("locations", "location")])
def test_each_defect_is_found_by_the_rule_that_it_was_made_for(version: str, module: str, object_name: str) -> None:
    sent = _sent(version, module, 0.6 if module == "cdrs" else 1.0)
    broken = found(object_name, version, [record.body for record in sent], NOW, "NL-SLO")
    missed = Counter(
        record.made_for
        for row, record in enumerate(sent)
        if _shows_by_itself(record.made_for) and record.made_for not in broken.get(row, set())
    )
    assert not missed


@pytest.mark.parametrize("version", VERSIONS)
def test_every_example_of_every_rule_for_a_cdr_comes_by(version: str) -> None:
    made = {record.made_for for record in _sent(version, "cdrs")}
    assert {defect.rule for defect in defects.defects_of(["cdr"], version)} <= made
    newer = {odd_cdrs.RESERVATION_ONLY, odd_cdrs.HOME_CHARGING, odd_cdrs.CREDIT}
    assert newer & made == (set() if version == "2.1.1" else newer)


def test_the_records_between_the_defects_stay_clean() -> None:
    sent = _sent("2.2.1", "cdrs", 0.15)
    broken = found("cdr", "2.2.1", [record.body for record in sent], NOW, "NL-SLO")
    assert not [broken[row] for row, record in enumerate(sent) if not record.made_for and row in broken]
    assert sum(1 for record in sent if record.made_for) / len(sent) == pytest.approx(0.15, abs=0.02)


def test_a_defect_does_not_carry_its_record_out_of_the_window() -> None:
    sent = _sent("2.2.1", "cdrs")
    changed = normalise("cdr", "2.2.1", [(1, [record.body for record in sent])]).table["last_updated"].to_pylist()
    strays = Counter(
        record.made_for
        for record, moment in zip(sent, changed, strict=True)
        if moment is not None and seconds(moment) != record.last_updated
    )
    assert not strays
    assert changed.count(None) > 0


def test_an_identical_copy_is_the_same_bytes_and_a_changed_one_is_not() -> None:
    by_id: dict[str, list[Sent]] = {}
    for record in _sent("2.2.1", "cdrs"):
        content = _content(record)
        if content and record.made_for in ("", *COPIES):
            by_id.setdefault(str(content.get("id")), []).append(record)
    pairs = [records for records in by_id.values() if len(records) == 2]
    assert {second.made_for for _, second in pairs} == set(COPIES)
    for first, second in pairs:
        assert (first.body == second.body) == (second.made_for == "cdr.identical_copy")


def test_a_credit_names_the_cdr_that_it_takes_back_and_negates_only_the_total_cost() -> None:
    contents = [(record, _content(record)) for record in _sent("2.2.1", "cdrs")]
    by_id = {str(content.get("id")): content for _, content in contents}
    credits = [content for record, content in contents if record.made_for == odd_cdrs.CREDIT]
    assert credits
    for credit in credits:
        original = by_id[credit["credit_reference_id"]]
        assert credit["total_cost"]["excl_vat"] == -original["total_cost"]["excl_vat"] < 0
        assert credit["total_energy"] == original["total_energy"]
        assert credit["total_energy_cost"] == original["total_energy_cost"]


def test_a_location_that_shares_an_evse_id_shares_it_with_another_live_evse() -> None:
    holders: Counter[str] = Counter()
    shared = []
    for record in _sent("2.2.1", "locations", 0.8):
        content = _content(record)
        if not isinstance(content.get("evses"), list):
            continue
        ids = [evse.get("evse_id") for evse in content["evses"] if isinstance(evse, dict)]
        holders.update(set(map(str, ids)))
        if record.made_for == "evse.evse_id_unique":
            shared.append(ids)
    assert shared
    assert all(any(holders[str(evse_id)] > 1 for evse_id in ids) for ids in shared)


def test_cdrs_that_are_refused_come_again_mended_where_the_plan_says_so() -> None:
    start, until = datetime(2026, 10, 26, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    once, twice = (
        feeds_of(Plan("NL-SLO", locations=40, start=start, until=until, defects=0.15, mends_after_days=days))[
            "cdrs"
        ].records
        for days in (0, 14)
    )
    mended = Counter(one.body for one in twice) - Counter(one.body for one in once)
    made_for_rules = [
        one for one in once if one.made_for.startswith("cdr.") and one.last_updated < seconds(until) - 14 * 86_400
    ]
    assert 0.2 * len(made_for_rules) < mended.total() < 0.6 * len(made_for_rules)
    assert min(json.loads(body)["last_updated"] for body in mended) >= "2026-11-09"
    assert len(twice) == len(once) + mended.total()
