"""When the portal works by itself: Locations every night, CDRs every second Monday. What is shared follows (publishing.py).

Here: two schedules in Europe/Amsterdam, the sensor that makes CPOs, windows and nights known to a fresh interface, and the one
that judges again what is no longer right.
Windows are counted from the anchor Monday (linda_pipeline.calendar), so a year of 53 weeks changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from linda_pipeline import stations
from linda_pipeline.calendar import WINDOW_DAYS, local_date, newest_ended_window, window_of
from linda_pipeline.errors import InputMistake
from linda_pipeline.orchestration.jobs import AGAIN_BY_MODULE, CASES, CDRS, CDRS_AGAIN, LOCATIONS, LOCATIONS_AGAIN
from linda_pipeline.orchestration.partitions import OPEN, forget_old_nights, is_kept, partition_key, register_deliveries
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery

ZONE = "Europe/Amsterdam"
WHY_AGAIN = "linda/why"
"""The tag of a run that judges again: why."""


def _cpos_on(portal: Portal, moment: datetime) -> list[Cpo]:
    return [cpo for cpo in portal.register().values() if cpo.may_be_pulled_on(local_date(moment))]


def _requests(
    context: dg.ScheduleEvaluationContext, deliveries: list[Delivery]
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    register_deliveries(context.instance, deliveries)
    for delivery in deliveries:
        yield dg.RunRequest(
            run_key=delivery.id,
            partition_key=partition_key(delivery),
            tags={"linda/delivery": delivery.id},
        )
    if not deliveries:
        yield dg.SkipReason("No CPO in the register is active and has a permission that is valid today.")


@dg.schedule(
    name="locations_every_night",
    cron_schedule="15 3 * * *",
    execution_timezone=ZONE,
    job=LOCATIONS,
    description="Pulls the Locations of every CPO with a valid permission, every night at 03:15.",
)
def locations_every_night(
    context: dg.ScheduleEvaluationContext, portal: Portal
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per CPO for the night."""
    moment = context.scheduled_execution_time
    night = local_date(moment)
    yield from _requests(context, [Delivery("locations", cpo.key, night) for cpo in _cpos_on(portal, moment)])
    forget_old_nights(context.instance, night)


@dg.schedule(
    name="cdrs_every_two_weeks",
    cron_schedule="0 5 * * 1",
    execution_timezone=ZONE,
    job=CDRS,
    description="Looks every Monday at 05:00 whether a window of two weeks has ended. On every second Monday one has: then it "
    "pulls its CDRs of every CPO with a valid permission. On the Mondays between it skips, and says when the next is due.",
)
def cdrs_every_two_weeks(
    context: dg.ScheduleEvaluationContext, portal: Portal
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per CPO for the window that ended this Monday; in the weeks between, the reason and the next day."""
    moment = context.scheduled_execution_time
    today = moment.astimezone(UTC).date()
    if window_of(today) != today:
        following = window_of(today) + timedelta(days=WINDOW_DAYS)
        yield dg.SkipReason(f"The window {window_of(today)} is still open. The next delivery is due on {following}.")
        return
    window = newest_ended_window(moment)
    yield from _requests(context, [Delivery("cdrs", cpo.key, window) for cpo in _cpos_on(portal, moment)])


@dg.sensor(
    name="register_of_cpos",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Makes the CPOs of the register, their windows of the last year, tonight, and all that lies in the lake known "
    "as partitions, in order, so that there is something to pick.",
)
def register_of_cpos(context: dg.SensorEvaluationContext, portal: Portal) -> dg.SkipReason:
    """Add what is not known yet to the partitions, and put them in order."""
    try:
        register, lake = portal.register(), portal.lake()
    except InputMistake as mistake:
        return dg.SkipReason(str(mistake))
    now = portal.moment()
    tonight = local_date(now)
    deliveries = [
        Delivery("cdrs", cpo.key, window) for cpo in register.values() for window in stations.windows_to_pick(cpo, now)
    ]
    deliveries += [Delivery("locations", cpo, tonight) for cpo in register]
    deliveries += [
        *lake.judged("cdrs"),
        *(night for night in lake.judged("locations") if is_kept(night.window, tonight)),
    ]
    register_deliveries(context.instance, deliveries)
    return dg.SkipReason(f"{len(register)} CPOs are known.")


@dg.sensor(
    name="judge_again",
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    jobs=[LOCATIONS_AGAIN, CDRS_AGAIN],
    description="Judges deliveries again, from what was pulled, when their permissions have changed in the register, when what "
    "they were compared with has changed (an earlier window that was pulled again), or when their judgement is damaged.",
)
def judge_again(context: dg.SensorEvaluationContext, portal: Portal) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Of each CPO the earliest first: a later window is compared with what it accepts. A CPO that is being worked for waits."""
    try:
        lake, register = portal.lake(), portal.register()
    except InputMistake as mistake:
        yield dg.SkipReason(str(mistake))
        return
    for said in stations.mend(lake):
        context.log.warning(said)
    open_runs = context.instance.get_run_records(dg.RunsFilter(statuses=OPEN))
    busy = {record.dagster_run.tags.get("dagster/partition/cpo") for record in open_runs}
    waiting: dict[str, stations.Again] = {}
    for again in stations.judge_again_in_turn(lake, register, is_left_out=lambda delivery: delivery.cpo in busy):
        waiting.setdefault(again.delivery.cpo, again)
    for again in waiting.values():
        delivery = again.delivery
        context.log.info(f"{delivery.id} is judged again: {again.why}.")
        register_deliveries(context.instance, [delivery])
        yield dg.RunRequest(
            run_key=f"{delivery.id}/{again.key}",
            job_name=AGAIN_BY_MODULE[delivery.module],
            partition_key=partition_key(delivery),
            tags={"linda/cpo": delivery.cpo, "linda/delivery": delivery.id, WHY_AGAIN: again.why[:200]},
        )
    if not waiting:
        yield dg.SkipReason(
            "Every delivery is judged as it was pulled, and as its permissions and its neighbours are now."
        )


cases_every_day = dg.ScheduleDefinition(
    name="cases_every_day",
    cron_schedule="30 6 * * *",
    execution_timezone=ZONE,
    job=CASES,
    description="Every morning at 06:30: marks the cases whose last day is over, takes in what waits, and reminds CPOs, "
    "a week before the last day and when it is over.",
)
SCHEDULES = [locations_every_night, cdrs_every_two_weeks, cases_every_day]
SENSORS = [register_of_cpos, judge_again]
