"""What earlier deliveries held, and what a rule on a delivery as a whole said."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from linda_pipeline.ledger.earlier import OnDelivery, earlier_judgements, on_delivery
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, findings_table, judgement_of, put_judged


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def judge(lake: Lake, window: date, received: int, findings: pa.Table | None = None) -> Judgement:
    """A judged window in which this much was received."""
    delivery = Delivery("cdrs", "NL-ABC", window)
    counts = {"cdrs": Counts(received=received, accepted=received)}
    table = findings_table() if findings is None else findings
    return put_judged(lake, judgement_of(delivery, counts=counts), findings=table)


def of_the_whole(rule: str, value: str) -> pa.Table:
    return findings_table({"object": "delivery", "rule": rule, "severity": "warning", "value": value})


def test_earlier_judgements_are_those_before_a_window_the_newest_first(lake: Lake) -> None:
    for number in range(4):
        judge(lake, WINDOW - timedelta(weeks=2 * number), 100 + number)
    judge(lake, WINDOW + timedelta(weeks=2), 7)
    found = [entry.main.received for entry in earlier_judgements(lake, Delivery("cdrs", "NL-ABC", WINDOW))]
    assert found == [101, 102, 103]


def test_a_rule_on_the_delivery_says_what_it_found_or_why_it_could_not_be_checked(lake: Lake) -> None:
    entry = judge(lake, WINDOW, 49, of_the_whole("delivery_volume", "49 (± 100)"))
    assert on_delivery(lake, entry, "delivery_volume") == OnDelivery(("49 (± 100)",))
    assert on_delivery(lake, entry, "delivery_late") == OnDelivery()
    entry.rules_not_run.append({"rule": "delivery_late", "why": "Too few."})
    assert on_delivery(lake, entry, "delivery_late") == OnDelivery(not_run="Too few.")
