"""Partitions: CPOs by window (CDRs) and CPOs by night (Locations), as dynamic sets that grow.

Here: the sets, their registration and the key of one delivery. Nights older than 90 days leave the set; their data stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import dagster as dg

from linda_pipeline.storage.lake import Delivery

CPO = dg.DynamicPartitionsDefinition(name="cpo")
WINDOW = dg.DynamicPartitionsDefinition(name="window")
NIGHT = dg.DynamicPartitionsDefinition(name="night")
CPO_BY_WINDOW = dg.MultiPartitionsDefinition({"cpo": CPO, "window": WINDOW})
CPO_BY_NIGHT = dg.MultiPartitionsDefinition({"cpo": CPO, "night": NIGHT})
NIGHTS_KEPT = 90
"""A set of many thousand keys makes the interface slow."""
OPEN = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
"""A run that has not ended."""

_SET = {"cdrs": "window", "locations": "night"}


def partition_key(delivery: Delivery) -> dg.MultiPartitionKey:
    """The partition of a delivery."""
    return dg.MultiPartitionKey({"cpo": delivery.cpo, _SET[delivery.module]: delivery.window.isoformat()})


def delivery_of(module: str, key: dg.MultiPartitionKey) -> Delivery:
    """The delivery of a partition."""
    parts = key.keys_by_dimension
    return Delivery(module, parts["cpo"], date.fromisoformat(parts[_SET[module]]))


def register_deliveries(instance: dg.DagsterInstance, deliveries: Iterable[Delivery]) -> None:
    """Add what deliveries need to the sets, and keep these in order; what is there already stays."""
    wanted: dict[str, set[str]] = {"cpo": set(), "window": set(), "night": set()}
    for delivery in deliveries:
        wanted["cpo"].add(delivery.cpo)
        wanted[_SET[delivery.module]].add(delivery.window.isoformat())
    for name, keys in wanted.items():
        new = keys - set(instance.get_dynamic_partitions(name))
        if new:
            instance.add_dynamic_partitions(name, sorted(new))
        put_in_order(instance, name)


def put_in_order(instance: dg.DagsterInstance, name: str) -> None:
    """Let a set stand in order in the interface, also where older keys came later.

    Dagster shows a dynamic set in the order in which its keys were added, so those that follow a late one are taken out and
    added again; what ran in them stays known by their names. For that moment they are missing, so it waits until no run is
    open. If this process dies in between, the sensor `register_of_cpos` adds them again from the register and the lake.
    """
    keys = instance.get_dynamic_partitions(name)
    in_order = sorted(keys)
    first = next((at for at, (key, wanted) in enumerate(zip(keys, in_order, strict=True)) if key != wanted), None)
    if first is None or instance.get_run_records(dg.RunsFilter(statuses=OPEN), limit=1):
        return
    for key in in_order[first:]:
        instance.delete_dynamic_partition(name, key)
    instance.add_dynamic_partitions(name, in_order[first:])


def is_kept(night: date, today: date) -> bool:
    """Whether a night stays in the set."""
    return night >= today - timedelta(days=NIGHTS_KEPT)


def forget_old_nights(instance: dg.DagsterInstance, today: date) -> None:
    """Take nights older than 90 days out of the set."""
    for night in instance.get_dynamic_partitions("night"):
        if not is_kept(date.fromisoformat(night), today):
            instance.delete_dynamic_partition("night", night)
