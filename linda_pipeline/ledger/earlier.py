"""What is known of a CPO's earlier deliveries, and what a rule on a delivery as a whole said.

Here: reading the ledger back in time. Not here: what is usual, and what a rule asks (quality.rules).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from linda_pipeline.ledger.entry import Judgement, read_judgement
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import read_table


def earlier_judgements(lake: Lake, delivery: Delivery) -> Iterator[Judgement]:
    """The judgements on the same CPO's earlier windows or nights, the newest first."""
    for one in reversed(lake.judged(delivery.module, delivery.cpo)):
        if one.window < delivery.window:
            yield read_judgement(lake, one)


@dataclass(frozen=True)
class OnDelivery:
    """What a rule on a delivery as a whole said of it."""

    values: tuple[str, ...] = ()
    """What was found; nothing: the rule is kept."""
    not_run: str | None = None
    """Why it could not be checked."""


def on_delivery(lake: Lake, judgement: Judgement, rule: str) -> OnDelivery:
    """What a rule on the delivery as a whole, such as delivery_volume, said in a judgement."""
    for one in judgement.rules_not_run:
        if one["rule"] == rule:
            return OnDelivery(not_run=one["why"])
    if not any(key.object in ("delivery", "") and key.rule == rule for key in judgement.findings):
        return OnDelivery()
    findings = read_table(lake.table("findings", judgement.delivery), columns=["object", "rule", "value"])
    mine = pc.and_(pc.equal(findings["object"], "delivery"), pc.equal(findings["rule"], rule))
    return OnDelivery(tuple(findings.filter(mine)["value"].to_pylist()))
