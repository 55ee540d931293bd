"""The checks beside an asset translate what the core found; they decide nothing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.ledger.entry import Counts, Judgement
from linda_pipeline.orchestration import checks
from linda_pipeline.post.sending import Sending
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
    fine = checks.on_cases(Standing({"open": 2}, {}, without_event=0, overdue_unmarked=0, untold_by_cpo={}))
    assert [(one.check_name, one.passed) for one in fine] == [("every_case_told", True), ("overdue_marked", True)]
    untold = checks.on_cases(Standing({"open": 2}, {}, without_event=0, overdue_unmarked=2, untold_by_cpo={}))
    assert [one.passed for one in untold] == [True, False]
    assert untold[1].description == "2 cases. This is a mistake of the portal: report it."


def test_mails_that_do_not_go_out_and_cpos_that_were_not_told_are_a_warning_with_what_to_do() -> None:
    fine = checks.on_messages(Sending(sent=3), {})
    assert [(one.check_name, one.passed) for one in fine] == [("mails_go_out", True), ("overdue_told", True)]
    closed, silent = checks.on_messages(Sending(unusable="The mail server does not answer."), {"NL-ABC": 2})
    assert (closed.passed, closed.description) == (
        False,
        "The mail server does not answer. The mails wait, and are tried again.",
    )
    assert closed.severity is silent.severity is dg.AssetCheckSeverity.WARN
    assert silent.description is not None
    assert silent.description.startswith("Not told yet: NL-ABC (2).")
    (refused, _) = checks.on_messages(Sending(refused=1, given_up=1), {})
    assert refused.description == "2 mails did not arrive: linda mail list says which, and what the server answered."
