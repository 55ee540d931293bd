"""The jobs over assets: a delivery of each module, pulled or judged again, and what follows once for all CPOs.

Here: which assets each job makes, and what it is for. Not here: when they run (schedules.py, publishing.py), and the job that
tidies Dagster's own history (tidying.py).
"""

from __future__ import annotations

import dagster as dg

LOCATIONS = dg.define_asset_job(
    "locations_delivery",
    selection=dg.AssetSelection.assets("raw_locations", "locations", "locations_report"),
    description="Pulls, judges and reports the Locations of one CPO on one night.",
)
CDRS = dg.define_asset_job(
    "cdrs_delivery",
    selection=dg.AssetSelection.assets("raw_cdrs", "validated_cdrs", "rejected_cdrs", "quality_report"),
    description="Pulls, judges and reports the CDRs of one CPO in one window.",
)
LOCATIONS_AGAIN = dg.define_asset_job(
    "locations_judged_again",
    selection=dg.AssetSelection.assets("locations", "locations_report"),
    description="Judges a night of Locations again from what was pulled, such as after a permission changed.",
)
CDRS_AGAIN = dg.define_asset_job(
    "cdrs_judged_again",
    selection=dg.AssetSelection.assets("validated_cdrs", "rejected_cdrs", "quality_report"),
    description="Judges a window of CDRs again from what was pulled, such as after a permission changed.",
)
FOLLOWED = ("cases", "wrong_places", "messages")
"""The assets of what follows from deliveries: they are made with every publication, and every morning."""
PUBLISH = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(*FOLLOWED, "areas", "curated_locations", "curated_cdrs", "kpis", "linda_duckdb"),
    tags={"linda/shared": "publish"},
    description="Brings cases and reports of wrong places up to date, sends mails, curates what was accepted of all CPOs, "
    "computes KPIs, publishes linda.duckdb.",
)
CASES = dg.define_asset_job(
    "follow_cases",
    selection=dg.AssetSelection.assets(*FOLLOWED),
    description="Brings cases and reports of wrong places up to date, marks what is overdue, and reminds CPOs: a term may end "
    "on a day without a delivery.",
)
MESSAGES = dg.define_asset_job(
    "send_mails",
    selection=dg.AssetSelection.assets("messages"),
    description="Sends the mails that wait, such as those that the mail server did not take before.",
)
JOBS = [LOCATIONS, CDRS, LOCATIONS_AGAIN, CDRS_AGAIN, PUBLISH, CASES, MESSAGES]
BY_MODULE = {"locations": LOCATIONS.name, "cdrs": CDRS.name}
AGAIN_BY_MODULE = {"locations": LOCATIONS_AGAIN.name, "cdrs": CDRS_AGAIN.name}
