"""The figures: findings and records per rule are exact, whatever the batches, and examples are few."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from linda_pipeline.quality.rule import Severity
from linda_pipeline.report import figures as module
from linda_pipeline.report import read_figures
from linda_pipeline.report.record_batches import whole_records
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.made_findings import Made, made_cdrs, made_locations, made_rules


@pytest.mark.parametrize("rows", [7, 1 << 16])
def test_findings_and_records_are_counted_exactly_in_batches_of_any_size(
    tmp_path: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", rows)
    made = made_cdrs(tmp_path, 1_000, 200)
    for position in range(5):
        for period in range(3):
            made.find("power_plausible", "warning", f"W-{position}", 800, position, path=f"charging_periods[{period}]")
    figures = read_figures(made.lake, made.write(), cpo_name="x", rules=made_rules())
    errors: dict[str, set[str]] = {}
    for one in made.findings:
        if one["severity"] == "error":
            errors.setdefault(one["id"], set()).add(one["rule"])
    assert len(figures.defects) > 1
    for defect in figures.defects:
        same = [one for one in made.findings if one["rule"] == defect.rule]
        assert defect.findings == len(same)
        assert defect.records == len({one["id"] for one in same})
        assert defect.alone == sum(rules == {defect.rule} for rules in errors.values())
        assert len(defect.examples) == min(50, defect.records)
        assert len({(one.page, one.position) for one in defect.examples}) == len(defect.examples)


def test_errors_come_first_and_what_concerns_most_records_before_the_rest(tmp_path: Path) -> None:
    figures = read_figures(
        (made := made_cdrs(tmp_path, 1_000, 200)).lake, made.write(), cpo_name="x", rules=made_rules()
    )
    order = [(("error", "warning", "info").index(defect.severity), -defect.records) for defect in figures.defects]
    assert order == sorted(order)
    assert figures.of(Severity.ERROR)[0].rule == "postal_code_format"


def test_evses_of_one_location_are_records_of_their_own_and_fall_with_it(tmp_path: Path) -> None:
    made = made_locations(tmp_path)
    figures = read_figures(made.lake, made.write(), cpo_name="x", rules=made_rules())
    evses = next(defect for defect in figures.defects if defect.key == "evse.evse_id_format")
    assert (evses.records, evses.alone) == (4, 3)


def test_rules_without_a_finding_pass_unless_they_were_not_run(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 100, 0)
    made.findings.clear()
    made.rules_not_run = [{"rule": "made_rule_1", "why": "…"}]
    rules = made_rules(2)
    figures = read_figures(made.lake, made.write(), cpo_name="x", rules=rules)
    assert "cdr.made_rule_0" in figures.passed
    assert "cdr.made_rule_1" not in figures.passed
    assert not any(key.startswith(("location", "evse")) for key in figures.passed)


def test_what_is_held_back_is_counted_by_reason(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 1_000, 20)
    figures = read_figures(made.lake, made.write(), cpo_name="x", rules=made_rules())
    assert figures.held == {("cdr", "no_permission"): 36, ("cdr", "reservation_only"): 4}


def test_findings_out_of_order_are_refused(tmp_path: Path) -> None:
    table = pa.table({"page": [2, 1], "position": [0, 0]})
    with pytest.raises(ValueError, match="in order"):
        list(whole_records(iter([table])))


def test_findings_without_a_record_are_each_counted(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    made.find("delivery_complete", "error", None, None, None, object="delivery")
    figures = read_figures(made.lake, made.write(), cpo_name="x", rules={})
    assert [(defect.key, defect.records) for defect in figures.defects] == [("delivery.delivery_complete", 1)]
