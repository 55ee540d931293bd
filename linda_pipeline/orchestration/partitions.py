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

_SET = {"cdrs": "window", "locations": "night"}


def partition_key(delivery: Delivery) -> dg.MultiPartitionKey:
    """The partition of a delivery."""
    return dg.MultiPartitionKey({"cpo": delivery.cpo, _SET[delivery.module]: delivery.window.isoformat()})


def delivery_of(module: str, key: dg.MultiPartitionKey) -> Delivery:
    """The delivery of a partition."""
    parts = key.keys_by_dimension
    return Delivery(module, parts["cpo"], date.fromisoformat(parts[_SET[module]]))


def register_deliveries(instance: dg.DagsterInstance, deliveries: Iterable[Delivery]) -> None:
    """Add what deliveries need to the sets; what is there already stays as it is."""
    wanted: dict[str, set[str]] = {"cpo": set(), "window": set(), "night": set()}
    for delivery in deliveries:
        wanted["cpo"].add(delivery.cpo)
        wanted[_SET[delivery.module]].add(delivery.window.isoformat())
    for name, keys in wanted.items():
        new = keys - set(instance.get_dynamic_partitions(name))
        if new:
            instance.add_dynamic_partitions(name, sorted(new))


def forget_old_nights(instance: dg.DagsterInstance, today: date) -> None:
    """Take nights older than 90 days out of the set."""
    oldest = (today - timedelta(days=NIGHTS_KEPT)).isoformat()
    for night in instance.get_dynamic_partitions("night"):
        if night < oldest:
            instance.delete_dynamic_partition("night", night)
