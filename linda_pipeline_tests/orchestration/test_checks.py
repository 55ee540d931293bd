"""The checks beside an asset translate what the core found; they decide nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.orchestration import checks
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import DELIVERY, findings_table, judgement_of, put_judged


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def judgement(lake: Lake, *rows: dict[str, str]) -> Judgement:
    counts = {"cdrs": Counts(received=49, accepted=49)}
    return put_judged(lake, judgement_of(DELIVERY, counts=counts), findings=findings_table(*rows))


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


def test_a_case_or_an_overdue_one_of_which_nothing_was_told_fails_its_check() -> None:
    fine = checks.on_cases(Standing({"open": 2}, {}, without_event=0, overdue_untold=0))
    assert [(one.check_name, one.passed) for one in fine] == [("every_case_told", True), ("overdue_told", True)]
    untold = checks.on_cases(Standing({"open": 2}, {}, without_event=0, overdue_untold=2))
    assert [one.passed for one in untold] == [True, False]
    assert untold[1].description == "2 cases. This is a mistake of the portal: report it."
