"""When mails go out that could not before: a look at the outbox every five minutes, and a run where something is due.

Here: the sensor. Not here: the job (jobs.py), and when a mail is tried again (post.sending).
"""

from __future__ import annotations

from contextlib import closing

import dagster as dg

from linda_pipeline.errors import InputMistake
from linda_pipeline.orchestration.jobs import MESSAGES
from linda_pipeline.orchestration.partitions import OPEN
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.post.sending import is_anything_due


@dg.sensor(
    name="mails_waiting",
    job=MESSAGES,
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Sends the mails whose time has come: those that the mail server did not take before, and those that were "
    "written while nothing was sent.",
)
def mails_waiting(context: dg.SensorEvaluationContext, portal: Portal) -> dg.RunRequest | dg.SkipReason:
    """One run at a time."""
    if context.instance.get_run_records(dg.RunsFilter(job_name=MESSAGES.name, statuses=OPEN), limit=1):
        return dg.SkipReason("Mails are being sent.")
    try:
        with closing(portal.register_database()) as database:
            is_due = is_anything_due(database, portal.moment())
    except InputMistake as mistake:
        return dg.SkipReason(str(mistake))
    return dg.RunRequest() if is_due else dg.SkipReason("No mail waits.")
