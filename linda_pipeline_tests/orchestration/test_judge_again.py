"""The sensor that judges again: in the order in which a later window needs an earlier one, and not beside other work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from linda_pipeline.definitions import defs
from linda_pipeline.orchestration.jobs import CDRS
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.orchestration.schedules import WHY_AGAIN, judge_again
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, DELIVERY, REGISTER, WINDOW, cdr, judged, raw_pull

LATER = Delivery("cdrs", CPO.key, WINDOW + timedelta(days=14))


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Two windows, the first of which was pulled again since and not judged."""
    (tmp_path / "cpos.toml").write_text(REGISTER)
    monkeypatch.setenv("LINDA_CPOS", str(tmp_path / "cpos.toml"))
    monkeypatch.setenv("LINDA_LAKE", str(tmp_path / "lake"))
    lake = Lake(tmp_path / "lake")
    first = raw_pull(lake, [cdr(1)])
    judged(lake, first)
    judged(lake, raw_pull(lake, [cdr(1) | {"last_updated": "2026-11-25T00:00:00Z"}], delivery=LATER))
    raw_pull(lake, [cdr(2)], pulled_at=first.pulled_at + timedelta(minutes=1))
    return lake


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as one:
        yield one


def tick(instance: dg.DagsterInstance) -> tuple[list[dg.RunRequest], str | None]:
    """What the sensor asks for, and why it asks for nothing."""
    with dg.build_sensor_context(
        instance=instance, resources={"portal": Portal()}, repository_def=defs.get_repository_def()
    ) as context:
        made = judge_again(context)
        assert isinstance(made, Iterator)
        told = list(made)
    requests = [one for one in told if isinstance(one, dg.RunRequest)]
    return requests, next((one.skip_message for one in told if isinstance(one, dg.SkipReason)), None)


def test_the_earliest_window_comes_first_and_then_what_was_compared_with_it(
    lake: Lake, instance: dg.DagsterInstance
) -> None:
    (asked,), _ = tick(instance)
    assert (asked.job_name, str(asked.partition_key)) == ("cdrs_judged_again", f"NL-ABC|{WINDOW}")
    assert asked.tags[WHY_AGAIN] == "a newer pull counts, and was not judged (20261123T030311Z)"
    assert [one.run_key for one in tick(instance)[0]] == [asked.run_key], "the same thing is asked for once"
    judged(lake, raw_pull(lake, [cdr(2)], pulled_at=asked_at(lake)))
    (then,), _ = tick(instance)
    assert str(then.partition_key) == f"NL-ABC|{LATER.window}"
    assert then.tags[WHY_AGAIN] == f"what it was compared with has changed ({DELIVERY.id})"


def asked_at(lake: Lake) -> datetime:
    """The moment of a pull that is newer than all."""
    newest = newest_pull(lake, DELIVERY)
    assert newest is not None
    return newest.pulled_at + timedelta(minutes=1)


def test_a_cpo_that_is_being_worked_for_waits(lake: Lake, instance: dg.DagsterInstance) -> None:
    run = instance.create_run_for_job(
        defs.resolve_job_def(CDRS.name), status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition/cpo": CPO.key}
    )
    assert tick(instance)[0] == []
    instance.report_run_failed(run)
    assert len(tick(instance)[0]) == 1


def test_where_all_is_right_that_is_said(lake: Lake, instance: dg.DagsterInstance) -> None:
    for delivery in (DELIVERY, LATER):
        newest = newest_pull(lake, delivery)
        assert newest is not None
        judged(lake, newest)
    requests, said = tick(instance)
    assert requests == []
    assert said == "Every delivery is judged as it was pulled, and as its permissions and its neighbours are now."
