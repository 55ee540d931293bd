"""Clean records are clean: they add up, and the real judge finds nothing in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.records import contract_id, token_uid
from linda_pipeline_tests.simulator.verdicts import found

NOW = datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC)


def _plan(version: str) -> Plan:
    return Plan("NL-ZON", version, locations=30, start=datetime(2026, 11, 9, tzinfo=UTC), until=NOW)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("module", "object_name"), [("cdrs", "cdr"), ("locations", "location")])
def test_the_judge_finds_nothing_in_clean_records(version: str, module: str, object_name: str) -> None:
    bodies = [sent.body for sent in feeds_of(_plan(version))[module].records]
    assert len(bodies) >= 30
    assert found(object_name, version, bodies, NOW, "NL-ZON") == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_plan_gives_the_same_bytes(version: str) -> None:
    assert feeds_of(_plan(version))["cdrs"].records == feeds_of(_plan(version))["cdrs"].records


@pytest.fixture(scope="module")
def cdrs() -> list[dict[str, Any]]:
    made = [json.loads(sent.body) for sent in feeds_of(_plan("2.2.1"))["cdrs"].records]
    assert len(made) > 100
    return made


def test_periods_add_up_to_the_totals(cdrs: list[dict[str, Any]]) -> None:
    for cdr in cdrs:
        volumes = {"ENERGY": 0.0, "TIME": 0.0, "PARKING_TIME": 0.0}
        for period in cdr["charging_periods"]:
            for dimension in period["dimensions"]:
                volumes[dimension["type"]] += dimension["volume"]
        assert volumes["ENERGY"] == pytest.approx(cdr["total_energy"], abs=1e-6)
        assert volumes["PARKING_TIME"] == pytest.approx(cdr["total_parking_time"], abs=1e-6)
        assert volumes["TIME"] == pytest.approx(cdr["total_time"] - cdr["total_parking_time"], abs=1e-6)


def test_costs_add_up_to_the_total(cdrs: list[dict[str, Any]]) -> None:
    for cdr in cdrs:
        parts = cdr["total_fixed_cost"]["excl_vat"] + cdr["total_energy_cost"]["excl_vat"]
        assert parts == pytest.approx(cdr["total_cost"]["excl_vat"], abs=1e-4)


def test_periods_lie_in_order_within_the_session(cdrs: list[dict[str, Any]]) -> None:
    for cdr in cdrs:
        starts = [period["start_date_time"] for period in cdr["charging_periods"]]
        assert starts == sorted(starts)
        assert starts[0] == cdr["start_date_time"]
        assert starts[-1] <= cdr["end_date_time"] < cdr["last_updated"]


def test_a_cdr_of_2_1_1_holds_exactly_one_evse_and_connector() -> None:
    records = feeds_of(_plan("2.1.1"))["cdrs"].records
    assert len(records) > 100
    for sent in records:
        (evse,) = json.loads(sent.body)["location"]["evses"]
        assert len(evse["connectors"]) == 1


def test_drivers_have_contracts_and_cards_of_their_own() -> None:
    users = range(-500, 500)
    assert contract_id(42) == "NL-EMS-C00000042-X"
    assert len({contract_id(user) for user in users}) == len({token_uid(user) for user in users}) == len(users)
