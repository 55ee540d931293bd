"""When what all CPOs share is made anew: once, when the last delivery of a window or night, or of a backfill, has ended.

Here: the sensor that waits for that, whatever became of the deliveries; coverage tells what is missing. Not here: the job.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from linda_pipeline.orchestration.failing import ATTENDED
from linda_pipeline.orchestration.jobs import PUBLISH
from linda_pipeline.orchestration.partitions import OPEN

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def group_of(run: dg.DagsterRun) -> str | None:
    """The deliveries that a run belongs with: its backfill, or its window or night. None: no delivery, or one of the command
    line, which publishes by itself."""
    tags = run.tags
    if "dagster/partition/cpo" not in tags or ATTENDED in tags:
        return None
    if "dagster/backfill" in tags:
        return f"backfill {tags['dagster/backfill']}"
    kind = "window" if "dagster/partition/window" in tags else "night"
    return f"{kind} {tags.get(f'dagster/partition/{kind}')}"


@dataclass(frozen=True)
class Waiting:
    """What the sensor remembers: until when it has looked, and what ended since then without being published."""

    seen: datetime
    groups: frozenset[str]

    @classmethod
    def read(cls, cursor: str | None, now: datetime) -> Waiting:
        """From the cursor; without one, from now on."""
        if not cursor:
            return cls(now, frozenset())
        stored = json.loads(cursor)
        return cls(datetime.fromisoformat(stored["seen"]), frozenset(stored["groups"]))

    def write(self) -> str:
        """As a cursor."""
        return json.dumps({"seen": self.seen.isoformat(), "groups": sorted(self.groups)})


def settle(
    waiting: Waiting, ended: Iterable[tuple[str, datetime]], is_open: Iterable[str]
) -> tuple[Waiting, list[str]]:
    """Add what ended, and take out what can be published: the groups of which no run is open any more."""
    found = list(ended)
    groups = waiting.groups | {group for group, _ in found}
    ready = groups - frozenset(is_open)
    return Waiting(max([waiting.seen, *(when for _, when in found)]), groups - ready), sorted(ready)


@dg.sensor(
    name="publish_after_deliveries",
    job=PUBLISH,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Curates, computes the KPIs and publishes once, when no delivery of a window, night or backfill is open any "
    "more, also where some failed.",
)
def publish_after_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One run of `publish` for all that ended."""
    waiting = Waiting.read(context.cursor, datetime.now(UTC))
    # What is open is asked first: a run that ends in between is then still counted as open, and published at the next look.
    open_runs = context.instance.get_run_records(dg.RunsFilter(statuses=OPEN))
    ended = context.instance.get_run_records(dg.RunsFilter(statuses=ENDED, updated_after=waiting.seen))
    open_groups = [group for record in open_runs if (group := group_of(record.dagster_run))]
    settled, ready = settle(
        waiting,
        [
            (group, record.update_timestamp.replace(tzinfo=record.update_timestamp.tzinfo or UTC))
            for record in ended
            if (group := group_of(record.dagster_run))
        ],
        open_groups,
    )
    if not ready:
        why = f"Waiting for {', '.join(sorted(settled.groups))}." if settled.groups else "No delivery has ended."
        return dg.SensorResult(skip_reason=why, cursor=settled.write())
    if any(
        record.dagster_run.job_name == PUBLISH.name and record.dagster_run.status == dg.DagsterRunStatus.QUEUED
        for record in open_runs
    ):
        return dg.SensorResult(
            skip_reason=f"A run of {PUBLISH.name} waits already and will take in {', '.join(ready)}.",
            cursor=settled.write(),
        )
    request = dg.RunRequest(
        run_key=f"publish/{settled.seen.isoformat()}/{len(ready)}",
        tags={"linda/after": ", ".join(ready)[:200], "linda/shared": "publish"},
    )
    return dg.SensorResult(run_requests=[request], cursor=settled.write())
