"""What Dagster loads: nothing but the Definitions object."""

from __future__ import annotations

import dagster as dg

from linda_pipeline.orchestration.assets import ASSETS, CHECKS
from linda_pipeline.orchestration.jobs import JOBS
from linda_pipeline.orchestration.portal import Portal
from linda_pipeline.orchestration.schedules import SCHEDULES, SENSORS

defs = dg.Definitions(
    assets=ASSETS, asset_checks=CHECKS, jobs=JOBS, schedules=SCHEDULES, sensors=SENSORS, resources={"portal": Portal()}
)
