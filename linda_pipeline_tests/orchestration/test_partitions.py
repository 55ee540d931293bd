"""CPOs, windows and nights stand in order in the interface, whatever came first, and what ran in them stays known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import dagster as dg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linda_pipeline.orchestration.partitions import CPO, NIGHTS_KEPT, forget_old_nights, register_deliveries
from linda_pipeline.storage.lake import Delivery


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def window(day: str, cpo: str = "NL-ABC") -> Delivery:
    return Delivery("cdrs", cpo, date.fromisoformat(day))


def test_older_windows_and_cpos_that_come_later_take_their_place_in_order(instance: dg.DagsterInstance) -> None:
    register_deliveries(instance, [window("2026-10-26", "NL-ZON"), window("2026-11-09", "NL-ZON")])
    register_deliveries(instance, [window("2025-01-06"), window("2026-11-23"), window("2025-01-20")])
    assert instance.get_dynamic_partitions("window") == [
        "2025-01-06",
        "2025-01-20",
        "2026-10-26",
        "2026-11-09",
        "2026-11-23",
    ]
    assert instance.get_dynamic_partitions("cpo") == ["NL-ABC", "NL-ZON"]


@given(st.lists(st.lists(st.dates(date(2025, 1, 1), date(2027, 1, 1)), max_size=6), max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_whatever_order_nights_come_they_stand_in_order_and_none_is_lost(nights: list[list[date]]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for some in nights:
            register_deliveries(instance, [Delivery("locations", "NL-ABC", one) for one in some])
        assert instance.get_dynamic_partitions("night") == sorted({str(one) for some in nights for one in some})


def test_while_a_run_is_open_nothing_is_taken_out(instance: dg.DagsterInstance) -> None:
    register_deliveries(instance, [window("2026-11-09")])
    instance.create_run_for_job(_nothing, run_id="11111111-2222-4333-8444-555555555555")
    register_deliveries(instance, [window("2026-10-26")])
    assert instance.get_dynamic_partitions("window") == ["2026-11-09", "2026-10-26"]
    instance.delete_run("11111111-2222-4333-8444-555555555555")
    register_deliveries(instance, [])
    assert instance.get_dynamic_partitions("window") == ["2026-10-26", "2026-11-09"]


def test_what_ran_in_a_partition_is_still_known_after_it_was_moved(instance: dg.DagsterInstance) -> None:
    @dg.asset(partitions_def=CPO)
    def something() -> None: ...

    register_deliveries(instance, [window("2026-11-09", "NL-ZON")])
    assert dg.materialize([something], instance=instance, partition_key="NL-ZON").success
    register_deliveries(instance, [window("2026-11-09", "NL-ABC")])
    assert instance.get_dynamic_partitions("cpo") == ["NL-ABC", "NL-ZON"]
    assert instance.get_materialized_partitions(dg.AssetKey("something")) == {"NL-ZON"}


def test_nights_leave_the_set_after_ninety_days(instance: dg.DagsterInstance) -> None:
    today = date(2026, 11, 23)
    register_deliveries(
        instance,
        [Delivery("locations", "NL-ABC", today - timedelta(days=days)) for days in (NIGHTS_KEPT + 1, NIGHTS_KEPT, 0)],
    )
    forget_old_nights(instance, today)
    assert instance.get_dynamic_partitions("night") == ["2026-08-25", "2026-11-23"]


@dg.op
def _little() -> None: ...


@dg.job
def _nothing() -> None:
    _little()
