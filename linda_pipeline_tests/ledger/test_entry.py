"""The ledger entry of a delivery: it adds up, is read back as it was written, and says when what is due."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from linda_pipeline.ledger.entry import BUCKETS, Counts, Judgement, bounds, read_judgement
from linda_pipeline.storage.lake import Delivery

CDRS = Delivery("cdrs", "NL-ABC", date(2026, 10, 19))
NIGHT = Delivery("locations", "NL-ABC", date(2026, 10, 25))


def judgement(delivery: Delivery = CDRS, **more: object) -> Judgement:
    """An entry with a count in every bucket."""
    kinds = ["cdrs"] if delivery.module == "cdrs" else ["locations", "evses"]
    entry = Judgement(
        delivery=delivery,
        pulled_at=datetime(2026, 11, 2, 3, 2, 11, tzinfo=UTC),
        pull="20261102T030211Z",
        complete=True,
        profile_version="2025-04",
        ocpi_version="2.2.1",
        counts={kind: Counts(10, 6, 2, 1, 1) for kind in kinds},
    )
    for name, value in more.items():
        setattr(entry, name, value)
    return entry


def findings(*rows: tuple[str, str]) -> pa.Table:
    """Findings as (severity, rule)."""
    return pa.table({"severity": [one for one, _ in rows], "rule": [rule for _, rule in rows]})


def test_counts_add_up_only_where_every_record_is_in_a_bucket() -> None:
    assert Counts(10, 6, 2, 1, 1).adds_up
    assert not Counts(10, 6, 2, 1, 0).adds_up
    assert Counts(10, 6, 2, 1, 1).judged == 8
    assert list(Counts().as_dict()) == ["received", *BUCKETS]


def test_findings_are_counted_by_severity_and_rule_over_all_units() -> None:
    entry = judgement()
    entry.count(findings(("error", "a"), ("error", "a"), ("warning", "b")))
    entry.count(findings(("error", "a"), ("info", "b")))
    entry.count(findings())
    summary = entry.summary()
    assert (summary["errors"], summary["warnings"], summary["infos"]) == ({"a": 3}, {"b": 1}, {"b": 1})


@pytest.mark.parametrize("delivery", [CDRS, NIGHT])
def test_an_entry_is_read_back_as_it_was_written(tmp_path: Path, delivery: Delivery) -> None:
    entry = judgement(
        delivery,
        opens_case=True,
        outside_window=3,
        raw_bytes=12_345,
        permissions={"documents": ["L-1"]},
        rules_not_run=[{"rule": "x", "why": "No history.", "why_nl": "Geen verleden."}],
    )
    entry.count(findings(("error", "a"), ("info", "é")))
    entry.write(tmp_path / "judgement.json")
    assert read_judgement(tmp_path / "judgement.json") == entry


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


def test_a_delivery_that_was_not_judged_or_an_entry_that_lacks_a_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_judgement(tmp_path / "judgement.json")
    told = {name: value for name, value in judgement().as_dict().items() if name != "pull"}
    (tmp_path / "judgement.json").write_text(json.dumps(told))
    with pytest.raises(KeyError, match="pull"):
        read_judgement(tmp_path / "judgement.json")
