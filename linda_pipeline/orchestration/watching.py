"""What people are told: a run that failed, and a delivery that should be in and is not.

Here: two sensors that make alerts, each with a link to the place where it can be mended. Not here: how they travel
(alerts.py) and what is due (pulling.due).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import dagster as dg

from linda_pipeline.errors import InputMistake
from linda_pipeline.orchestration.alerts import Alert, Post, now_utc, read_post
from linda_pipeline.orchestration.failing import ATTENDED
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.stations import missed
from linda_pipeline.storage.lake import Delivery

_TOLD_OF_FAILURES = timedelta(days=14)
_MISSED = "missed "
_REMEDY = {
    "cdrs": "Then materialise the window of these CPOs: an OCPI server still has its CDRs.",
    "locations": "Materialise tonight's partition of these CPOs; a night that has passed cannot be asked for again.",
}


def delivery_of_run(run: dg.DagsterRun) -> str | None:
    """The delivery that a run was about, such as cdrs/NL-ABC/2026-11-09; None for what all CPOs share."""
    cpo = run.tags.get("dagster/partition/cpo")
    for kind, module in (("window", "cdrs"), ("night", "locations")):
        if cpo and f"dagster/partition/{kind}" in run.tags:
            return f"{module}/{cpo}/{run.tags[f'dagster/partition/{kind}']}"
    return None


def post_of(portal: Portal) -> Post:
    """The post of this process."""
    return read_post(portal.settings())


def failure_alert(run: dg.DagsterRun, message: str, interface: str) -> Alert:
    """The alert of a failed run; `interface`: where people find Dagster."""
    what = delivery_of_run(run) or run.job_name
    return Alert(
        key=f"{what}: {message}",
        subject=f"LINDA: {what} failed",
        text=message,
        link=f"{interface}/runs/{run.run_id}",
    )


def why_failed(context: dg.RunFailureSensorContext) -> str:
    """The sentence with which the first step failed; where none did, the run's own."""
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data is not None and data.user_failure_data.description:
            return str(data.user_failure_data.description)
        if data.error is not None:
            cause = data.error.cause or data.error
            return cause.message.strip()
    return lost(context.failure_event.message or "The run failed without saying why.")


def lost(message: str) -> str:
    """What to tell of a run that failed without any of its stations failing, from Dagster's own words on it."""
    if "timed out" in message and "to start" in message:
        cause = "The run was given a place, but did not start in time: the daemon was restarted, or the machine is too busy."
    elif "outside the execution context" in message or "no longer there" in message:
        cause = "The process that carried the run out is gone: it was killed, or the machine was out of memory or went down."
    else:
        return message
    return f"{cause} Nothing half written is used. Open the run and choose Re-execute, From failure."


@dg.run_failure_sensor(
    name="alert_on_failure",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells people of a failed run, once: by LINDA_ALERT_SMTP or LINDA_ALERT_WEBHOOK, and always in the file "
    "LINDA_ALERT_FILE.",
)
def alert_on_failure(context: dg.RunFailureSensorContext, portal: Portal) -> None:
    """One alert per delivery and cause; runs at somebody's screen are told there."""
    if ATTENDED in context.dagster_run.tags:
        return
    alert = failure_alert(context.dagster_run, why_failed(context), portal.settings().dagster_url)
    for why in post_of(portal).send(alert, now_utc()):
        context.log.warning(f"The alert could not be sent by {why}. It stands in the file, and is tried again.")


@dg.sensor(
    name="alert_on_missed",
    minimum_interval_seconds=900,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells people, once, of deliveries that are due and not in: Locations by noon, CDRs by 17:00 on the Monday "
    "after the window.",
)
def alert_on_missed(context: dg.SensorEvaluationContext, portal: Portal) -> dg.SkipReason:
    """One alert per window or night of which deliveries are missing without a word; then what was not sent is tried again."""
    try:
        post = post_of(portal)
        due = missed(portal.lake(), portal.register(), portal.moment())
    except InputMistake as mistake:
        return dg.SkipReason(str(mistake))
    now = now_utc()
    missing = [late.delivery for late in due if late.is_newest]
    known = post.keys_since(now - _TOLD_OF_FAILURES)
    unreached: list[str] = []
    for alert in missed_alerts(unheard_of(missing, known), portal.settings().dagster_url):
        unreached += post.send(alert, now)
    unreached += post.again(now)
    said = f"{len(missing)} deliveries are due and not in." if missing else "All that is due is in."
    return dg.SkipReason(" ".join([said, *(f"Not reached by {why}." for why in sorted(set(unreached)))]))


def unheard_of(missing: Iterable[Delivery], known: Iterable[str]) -> list[Delivery]:
    """Those of which people heard neither that they failed nor that they are missing, by the keys of what was sent."""
    keys = set(known)
    reported = {
        (group, cpo) for key in keys if key.startswith(_MISSED) for group, _, cpos in [key[len(_MISSED) :].partition(" ")]
        for cpo in cpos.split()
    }  # fmt: skip
    return [
        delivery
        for delivery in missing
        if (f"{delivery.module}/{delivery.window}", delivery.cpo) not in reported
        and not any(key.startswith(f"{delivery.id}: ") for key in keys)
    ]


def missed_alerts(missing: Iterable[Delivery], interface: str) -> list[Alert]:
    """One alert per window or night, with the CPOs whose delivery is due and not in; `interface`: where people find Dagster."""
    groups: dict[tuple[str, str], list[str]] = {}
    for delivery in missing:
        groups.setdefault((delivery.module, str(delivery.window)), []).append(delivery.cpo)
    return [
        Alert(
            key=f"{_MISSED}{module}/{window} {' '.join(sorted(cpos))}",
            subject=f"LINDA: {module} {window} missing of {len(cpos)} CPO{'s' if len(cpos) > 1 else ''}",
            text=f"These should be in by now and are not, or not whole: {', '.join(sorted(cpos))}. Look whether the schedule "
            f"is switched on and the daemon runs. {_REMEDY[module]}",
            link=f"{interface}/assets/raw_{module}?view=partitions",
        )
        for (module, window), cpos in sorted(groups.items())
    ]


WATCHERS = [alert_on_failure, alert_on_missed]
