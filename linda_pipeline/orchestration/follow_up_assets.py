"""The assets of what follows from deliveries: cases, reports of wrong places, and mails. Thin, as those of the road.

Here: which function makes an asset, and what it tells the operator. Not here: when (jobs.py, schedules.py, mailing.py).
"""

from contextlib import closing

import dagster as dg

from linda_pipeline import following
from linda_pipeline.cases.lookup import Standing
from linda_pipeline.orchestration import checks
from linda_pipeline.orchestration.assets import OWNERS, REPORT, Result
from linda_pipeline.orchestration.failing import explained
from linda_pipeline.orchestration.metadata import case_metadata, message_metadata
from linda_pipeline.orchestration.resource import Portal


@dg.asset(
    group_name=REPORT,
    deps=["quality_report", "locations_report"],
    owners=OWNERS,
    kinds={"sql"},
    check_specs=checks.of_cases(),
)
def cases(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """What CPOs are to deliver again, by when, and what became of it. For whoever follows a refused record to its end."""
    with explained(context), closing(portal.register_database()) as database:
        lake = portal.lake()
        changes = following.take_in_cases(lake, database, portal.moment(), portal.postman(lake))
        standing = Standing.of(database, portal.moment())
        return dg.MaterializeResult(metadata=case_metadata(standing, changes), check_results=checks.on_cases(standing))


@dg.asset(group_name=REPORT, deps=["locations_report"], owners=OWNERS, kinds={"sql"})
def wrong_places(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """Reports of charge points in the wrong place: closed by the night that has them right, overdue after five working days."""
    with explained(context), closing(portal.register_database()) as database:
        changes = following.follow_places(portal.lake(), database, portal.moment())
        return dg.MaterializeResult(metadata={"solved": changes["solved"], "overdue": changes["overdue"]})


@dg.asset(group_name=REPORT, deps=[cases], owners=OWNERS, kinds={"sql", "mail"}, check_specs=checks.of_messages())
def messages(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The mails to CPOs and NAL regions: of each judged delivery, and of what is due or overdue. Written, and sent."""
    with explained(context), closing(portal.register_database()) as database:
        reminded = portal.remind(database)
        sending, place = portal.send_mails(database)
        untold = Standing.of(database, portal.moment()).untold_by_cpo
        return dg.MaterializeResult(
            metadata=message_metadata(reminded, sending, place), check_results=checks.on_messages(sending, untold)
        )


FOLLOW_UP = [cases, wrong_places, messages]
