"""The checks beside an asset translate what the core found; they decide nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.ledger.tables import FINDINGS
from linda_pipeline.orchestration import checks
from linda_pipeline.storage.lake import Delivery, Lake

DELIVERY = Delivery("cdrs", "NL-ABC", date(2026, 11, 9))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def judgement(lake: Lake, *rows: dict[str, str]) -> Judgement:
    counts = {"cdrs": Counts(received=49, accepted=49)}
    entry = Judgement(DELIVERY, datetime(2026, 11, 23, tzinfo=UTC), "p", True, "2025-04", "2.2.1", counts)
    table = pa.Table.from_pylist([{name: row.get(name) for name in FINDINGS.names} for row in rows], schema=FINDINGS)
    entry.count(table)
    with lake.transaction() as transaction:
        pq.write_table(table, transaction.put(lake.table("findings", DELIVERY)))
    return entry


def test_the_volume_is_what_the_rule_on_the_delivery_found(lake: Lake) -> None:
    finding = {"object": "delivery", "rule": "delivery_volume", "severity": "warning", "value": "49 (± 100)"}
    result = checks.volume("validated_cdrs", lake, judgement(lake, finding))
    assert not result.passed
    assert result.metadata["received (± usual)"].value == "49 (± 100)"
    assert result.description == (
        "This delivery is much smaller or larger than usual. Ask the CPO whether that is right."
    )


def test_the_volume_passes_where_nothing_was_found_or_too_little_is_known(lake: Lake) -> None:
    entry = judgement(lake)
    assert checks.volume("validated_cdrs", lake, entry).passed
    entry.rules_not_run.append({"rule": "delivery_volume", "why": "There are too few earlier deliveries."})
    result = checks.volume("validated_cdrs", lake, entry)
    assert result.passed
    assert result.description == "There are too few earlier deliveries."
