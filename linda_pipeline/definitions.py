"""What Dagster loads: nothing but the Definitions object."""

from __future__ import annotations

import dagster as dg

from linda_pipeline.orchestration.assets import ASSETS
from linda_pipeline.orchestration.checks import OF_ALL
from linda_pipeline.orchestration.follow_up_assets import FOLLOW_UP
from linda_pipeline.orchestration.jobs import JOBS
from linda_pipeline.orchestration.mailing import mails_waiting
from linda_pipeline.orchestration.publishing import publish_after_deliveries
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.orchestration.schedules import SCHEDULES, SENSORS
from linda_pipeline.orchestration.tidying import tidy_every_week, tidy_history
from linda_pipeline.orchestration.watching import WATCHERS

defs = dg.Definitions(
    assets=[*ASSETS, *FOLLOW_UP],
    asset_checks=OF_ALL,
    jobs=[*JOBS, tidy_history],
    schedules=[*SCHEDULES, tidy_every_week],
    sensors=[*SENSORS, publish_after_deliveries, mails_waiting, *WATCHERS],
    resources={"portal": Portal()},
    executor=dg.in_process_executor,  # a run is a process of its own already; one more per step costs 6 s each
)
