"""The ledger entry of a delivery: it adds up, is read back as it was written, and says when what is due."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from linda_pipeline.ledger.entry import (
    BUCKETS,
    Counts,
    FindingKey,
    Judgement,
    JudgementUnreadable,
    NotJudged,
    bounds,
    find_judgement,
    findings_by_object,
    judgements,
    read_judgement,
)
from linda_pipeline.storage.lake import MODULES, Delivery, Lake
from linda_pipeline_tests.deliveries import judgement_of, put_judged
from linda_pipeline_tests.earlier_lakes import unpacked

CDRS = Delivery("cdrs", "NL-ABC", date(2026, 10, 19))
NIGHT = Delivery("locations", "NL-ABC", date(2026, 10, 25))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def judgement(delivery: Delivery = CDRS, **more: object) -> Judgement:
    """An entry with a count in every bucket."""
    kinds = ["cdrs"] if delivery.module == "cdrs" else ["locations", "evses"]
    counts = {kind: Counts(10, 6, 2, 1, 1) for kind in kinds}
    return judgement_of(delivery, datetime(2026, 11, 2, 3, 2, 11, tzinfo=UTC), **{"counts": counts, **more})


def findings(*rows: tuple[str, str, str]) -> pa.Table:
    """Findings as (object, rule, severity)."""
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(FindingKey._fields)})


def written(lake: Lake, entry: Judgement) -> Path:
    """Put an entry into a lake; says where its file is."""
    return lake.ledger(put_judged(lake, entry).delivery)


def test_counts_add_up_only_where_every_record_is_in_a_bucket() -> None:
    assert Counts(10, 6, 2, 1, 1).adds_up
    assert not Counts(10, 6, 2, 1, 0).adds_up
    assert Counts(10, 6, 2, 1, 1).judged == 8
    assert list(Counts().as_dict()) == ["received", *BUCKETS]


def test_findings_are_counted_by_object_rule_and_severity_over_all_units() -> None:
    entry = judgement()
    entry.count(findings(("location", "a", "error"), ("location", "a", "error"), ("location", "b", "warning")))
    entry.count(findings(("evse", "a", "error"), ("location", "b", "info")))
    entry.count(findings())
    summary = entry.summary()
    assert (summary["errors"], summary["warnings"], summary["infos"]) == ({"a": 3}, {"b": 1}, {"b": 1})
    assert summary["by_rule"] == [
        {"object": "evse", "rule": "a", "severity": "error", "count": 1},
        {"object": "location", "rule": "a", "severity": "error", "count": 2},
        {"object": "location", "rule": "b", "severity": "info", "count": 1},
        {"object": "location", "rule": "b", "severity": "warning", "count": 1},
    ]


@pytest.mark.parametrize("delivery", [CDRS, NIGHT])
def test_an_entry_is_read_back_as_it_was_written(lake: Lake, delivery: Delivery) -> None:
    entry = judgement(
        delivery,
        opens_case=True,
        outside_window=3,
        raw_bytes=12_345,
        permissions={"documents": ["L-1"]},
        rules_not_run=[{"rule": "x", "why": "No history.", "why_nl": "Geen verleden."}],
    )
    entry.count(findings(("cdr", "a", "error"), ("delivery", "é", "info")))
    written(lake, entry)
    assert read_judgement(lake, delivery) == entry
    assert list(judgements(lake, delivery.module)) == [entry]


def test_nothing_is_due_where_nothing_was_rejected_that_can_come_again() -> None:
    assert judgement().due_date is None
    # Pulled on 2 November, 28 days; the summary says the same.
    assert judgement(opens_case=True).summary()["due_date"] == "2026-11-30"


def test_a_self_check_has_no_window_and_an_entry_for_the_portal_names_no_files() -> None:
    own = judgement(files=["a.json"])
    assert own.is_self_check
    assert own.summary()["window"] == {"from": None, "until": None}
    assert "files" not in judgement().as_dict()


def test_a_night_is_the_day_in_amsterdam_also_when_the_clock_goes_back() -> None:
    start, end = bounds(NIGHT)
    assert (start.isoformat(), end.isoformat()) == ("2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00")
    assert judgement(NIGHT).days == (date(2026, 10, 25), date(2026, 10, 25))
    assert judgement().days == (date(2026, 10, 19), date(2026, 11, 1))


def test_the_summary_leaves_out_what_is_for_the_portal_alone() -> None:
    entry = judgement(rules_not_run=[{"rule": "b", "why": "x", "why_nl": "y"}, {"rule": "a", "why": "z"}])
    assert entry.summary()["rules_not_run"] == [{"rule": "a", "why": "z"}, {"rule": "b", "why": "x"}]
    assert {"pull", "bytes", "outside_window"} <= entry.as_dict().keys() - entry.summary().keys()


def test_a_delivery_that_was_not_judged_has_no_entry_and_the_message_names_it(lake: Lake) -> None:
    assert find_judgement(lake, CDRS) is None
    with pytest.raises(NotJudged, match="cdrs/NL-ABC/2026-10-19 has not been judged"):
        read_judgement(lake, CDRS)


@pytest.mark.parametrize("content", ["", "{", "null", "[]", "\ud800", '{"delivery_id": "cdrs"}', "no pull"])
def test_a_damaged_entry_is_named_by_its_file(lake: Lake, content: str) -> None:
    path = written(lake, judgement())
    if content == "no pull":
        content = json.dumps({name: value for name, value in judgement().as_dict().items() if name != "pull"})
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(JudgementUnreadable) as raised:
        find_judgement(lake, CDRS)
    assert str(path) in str(raised.value)
    assert "judges cdrs/NL-ABC/2026-10-19 again from raw by itself" in str(raised.value)


def test_an_entry_of_before_findings_were_told_apart_by_object_is_read_and_they_are_counted_from_its_table(
    tmp_path: Path,
) -> None:
    """25 November: `errors` says connectors_connector_standard_required, but not that it was found on an EVSE."""
    lake, _ = unpacked("2026-11-25", tmp_path)
    night = read_judgement(lake, Delivery("locations", "NL-SLO", date(2026, 11, 23)))
    assert night.findings[FindingKey("", "connectors_connector_standard_required", "error")] == 1
    assert findings_by_object(lake, night) == {
        FindingKey("evse", "connectors_connector_standard_required", "error"): 1,
        FindingKey("evse", "evse_id_unique", "error"): 2,
        FindingKey("location", "last_updated_unreadable", "error"): 1,
    }
    entries = [entry for module in MODULES for entry in judgements(lake, module)]
    assert len(entries) == 12
    for entry in entries:
        counted: Counter[tuple[str, str]] = Counter()
        for key, number in findings_by_object(lake, entry).items():
            counted[key.rule, key.severity] += number
        assert counted == {(key.rule, key.severity): number for key, number in entry.findings.items()}, entry.delivery
