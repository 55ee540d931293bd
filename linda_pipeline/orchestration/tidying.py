"""How long Dagster's own history is kept: runs, their events and their logs. Ticks are tidied by dagster.yaml.

Here: the weekly job that takes old runs out. Not here: data. What was delivered, judged and published stays in the lake.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from linda_pipeline.orchestration.partitions import NIGHTS_KEPT
from linda_pipeline.orchestration.publishing import ENDED

RUNS_KEPT = 400
"""Days: a year of windows and the weeks in which they are corrected."""
_NIGHTLY = ("locations_delivery",)
_AT_ONCE = 200


def is_old(run: dg.DagsterRun, ended: datetime, now: datetime) -> bool:
    """Whether a run may go: after 90 days one of a night, after 400 days any."""
    nightly = run.job_name in _NIGHTLY or "dagster/partition/night" in run.tags
    return now - ended > timedelta(days=NIGHTS_KEPT if nightly else RUNS_KEPT)


def tidy(instance: dg.DagsterInstance, now: datetime) -> int:
    """Take old runs out of the history, with their events and logs; says how many."""
    oldest = now - timedelta(days=NIGHTS_KEPT)
    gone, cursor = 0, None
    while True:
        records = instance.get_run_records(
            dg.RunsFilter(statuses=ENDED, created_before=oldest), limit=_AT_ONCE, cursor=cursor
        )
        for record in records:
            ended = datetime.fromtimestamp(record.end_time or record.create_timestamp.timestamp(), UTC)
            if is_old(record.dagster_run, ended, now):
                _forget_logs(instance, record.dagster_run.run_id)
                instance.delete_run(record.dagster_run.run_id)
                gone += 1
        if len(records) < _AT_ONCE:
            return gone
        cursor = records[-1].dagster_run.run_id


def _forget_logs(instance: dg.DagsterInstance, run_id: str) -> None:
    instance.compute_log_manager.delete_logs(prefix=[run_id])


@dg.op(name="forget_old_runs")
def _forget_old_runs(context: dg.OpExecutionContext) -> None:
    """Take out what is old, and say how much that was."""
    context.log.info(f"{tidy(context.instance, datetime.now(UTC)):,} old runs were taken out of the history.")


@dg.job(
    name="tidy_history",
    tags={"linda/shared": "tidy"},
    description="Takes runs of nights older than 90 days, and all runs older than 400 days, out of Dagster's history. No data "
    "of the portal are touched.",
)
def tidy_history() -> None:
    """The weekly clean-up."""
    _forget_old_runs()


@dg.schedule(
    name="tidy_every_week",
    job=tidy_history,
    cron_schedule="0 12 * * 0",
    execution_timezone="Europe/Amsterdam",
    description="Tidies Dagster's history every Sunday at noon.",
)
def tidy_every_week(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """One run."""
    return dg.RunRequest(run_key=f"tidy/{context.scheduled_execution_time.date()}")
