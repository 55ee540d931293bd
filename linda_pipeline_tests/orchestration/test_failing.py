"""What a failed delivery tells, and what is tried again; and the small parts around it."""

import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.definitions import defs
from linda_pipeline.ocpi.failures import HostFailing, HostUnreachable, NotAuthorised, NotFound
from linda_pipeline.orchestration.failing import ATTENDED, explained
from linda_pipeline.orchestration.launcher import is_alive
from linda_pipeline.orchestration.share_bars import SHOWN_IN_PLACE, shares_picture
from linda_pipeline.orchestration.tidying import is_old
from linda_pipeline.pulling.pull import NotPermitted, TokenMissing
from linda_pipeline.register.cpos import RegisterMistake


def run_of(raised: Exception, tags: dict[str, str] | None = None) -> list[BaseException]:
    """What Dagster gets to see of something that an asset raises each time, until it gives up."""
    seen: list[BaseException] = []

    @dg.op
    def pulling(context: dg.OpExecutionContext) -> None:
        try:
            with explained(context):  # type: ignore[arg-type]
                raise raised
        except (dg.Failure, dg.RetryRequested) as failure:
            seen.append(failure)
            raise

    @dg.job
    def one() -> None:
        pulling()

    one.execute_in_process(
        tags=tags, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}, raise_on_error=False
    )
    return seen


def failure_of(raised: Exception, tags: dict[str, str] | None = None) -> dg.Failure:
    """What is final of something that an asset raises."""
    last = run_of(raised, tags)[-1]
    assert isinstance(last, dg.Failure)
    return last


@pytest.mark.parametrize("raised", [HostUnreachable("No answer.", "Wait."), HostFailing("HTTP 503.", "Ask the CPO.")])
def test_what_can_pass_is_tried_three_times_and_then_fails_with_its_cause(
    raised: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linda_pipeline.orchestration.failing.AGAIN_AFTER_S", (0, 0))
    first, second, third = run_of(raised)
    for one in (first, second):
        assert isinstance(one, dg.RetryRequested)
        assert str(raised.args[0]) in str(one.__cause__.description)  # type: ignore[union-attr]
    assert isinstance(third, dg.Failure)
    assert third.__cause__ is raised


@pytest.mark.parametrize(
    "raised",
    [
        NotAuthorised("HTTP 401.", "Check the token."),
        NotFound("HTTP 404.", "Check the address."),
        TokenMissing("No token.", "Set it."),
        NotPermitted("No permission."),
        RegisterMistake(["A mistake."]),
        ZeroDivisionError("ours"),
    ],
)
def test_what_cannot_pass_is_not_tried_again(raised: Exception) -> None:
    assert len(run_of(raised)) == 1
    assert not failure_of(raised).allow_retries


def test_somebody_at_a_screen_does_not_wait_for_retries() -> None:
    assert len(run_of(HostFailing("HTTP 503.", "Ask the CPO."), {ATTENDED: "yes"})) == 1


def test_a_failure_begins_with_its_cause_and_its_remedy() -> None:
    failure = failure_of(NotAuthorised("HTTP 401.", "Check the token."))
    assert failure.description == "HTTP 401. Check the token."
    assert failure.metadata["cause"].value == "HTTP 401."
    assert failure.metadata["remedy"].value == "Check the token."


def test_a_failure_of_ours_does_not_look_like_one_of_the_cpo() -> None:
    failure = failure_of(ZeroDivisionError("division by zero"))
    assert "the portal itself" in str(failure.metadata["whose"].value)


def test_no_asset_has_a_retry_policy_of_dagster_for_it_would_repeat_what_an_operator_terminates() -> None:
    assert all(one.op.retry_policy is None for one in defs.resolve_asset_graph().assets_defs)


def test_the_picture_of_a_year_is_shown_in_place_and_needs_no_network() -> None:
    picture = shares_picture(
        [(f"2026-01-{number:02d}", number / 20) for number in range(1, 14)], "Rejected cdrs of NL-ABC"
    )
    assert len(picture) < SHOWN_IN_PLACE
    assert picture.startswith("![Rejected cdrs of NL-ABC](data:image/svg+xml,")
    assert " " not in picture.partition("(")[2]


def test_a_process_that_ended_or_came_later_is_not_the_one_that_was_named() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_alive(child.pid, time.time())
    assert is_alive(child.pid, time.time() - 3600) is not Path("/proc/stat").exists()
    child.kill()
    child.wait()
    assert not is_alive(child.pid, time.time())


def test_runs_of_nights_go_after_ninety_days_and_all_after_four_hundred() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 23, tzinfo=UTC)
    night, window = (dg.DagsterRun(job_name=name) for name in ("locations_delivery", "cdrs_delivery"))
    assert [is_old(night, now - timedelta(days=days), now) for days in (89, 91)] == [False, True]
    assert [is_old(window, now - timedelta(days=days), now) for days in (91, 399, 401)] == [False, False, True]
