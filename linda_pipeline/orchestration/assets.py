"""The assets that an operator sees: every station of the road, thin over its function.

Here: which function makes an asset, and what it tells the operator. Not here: any decision about content; that is road's.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from linda_pipeline.lake import Delivery
from linda_pipeline.orchestration.metadata import pull_metadata, report_metadata, verdict_metadata
from linda_pipeline.orchestration.partitions import CPO_BY_NIGHT, CPO_BY_WINDOW, delivery_of
from linda_pipeline.orchestration.portal import Portal
from linda_pipeline.road import stations
from linda_pipeline.road.judgement import NotConserved

if TYPE_CHECKING:
    Result = dg.MaterializeResult[Any]
else:
    Result = dg.MaterializeResult  # Dagster recognises only the bare class in an annotation

OWNERS = ["team:ndw-operators"]
DELIVER, JUDGE, REPORT, CURATE, PUBLISH = "deliver", "judge", "report", "curate", "publish"


def _delivery(context: dg.AssetExecutionContext, module: str) -> Delivery:
    key = context.partition_key
    assert isinstance(key, dg.MultiPartitionKey)
    return delivery_of(module, key)


def _pull(context: dg.AssetExecutionContext, portal: Portal, module: str) -> Result:
    delivery = _delivery(context, module)
    cpo = portal.cpo(delivery.cpo)
    records = 0

    def on_page(page: Any) -> None:
        nonlocal records
        records += page.records
        portal.tell(delivery, "pulled", records)
        context.log.info(f"{delivery.id}: page {page.number}, {records:,} records so far")

    pull = stations.pull(
        portal.lake(), cpo, delivery, token=portal.settings().token(cpo), pulled_at=portal.moment(), on_page=on_page
    )
    return dg.MaterializeResult(metadata=pull_metadata(pull))


def _judge(
    context: dg.AssetExecutionContext, portal: Portal, module: str
) -> tuple[dg.AssetCheckResult, dict[str, Any]]:
    delivery = _delivery(context, module)
    lake = portal.lake()
    judgement = stations.judge(
        lake,
        portal.cpo(delivery.cpo),
        delivery,
        areas=portal.areas(),
        key=portal.key(),
        on_records=lambda records: portal.tell(delivery, "judged", records),
    )
    metadata = verdict_metadata(lake, delivery, judgement)
    try:
        stations.conserve(lake, delivery)
    except NotConserved as error:
        return dg.AssetCheckResult(passed=False, check_name="conservation", metadata={"why": str(error)}), metadata
    return dg.AssetCheckResult(passed=True, check_name="conservation", metadata=metadata["counts"].value), metadata


def _report(context: dg.AssetExecutionContext, portal: Portal, module: str) -> Result:
    delivery = _delivery(context, module)
    lake = portal.lake()
    stations.report(lake, delivery, cpo_name=portal.cpo(delivery.cpo).name)
    return dg.MaterializeResult(metadata=report_metadata(lake, delivery))


@dg.asset(group_name=DELIVER, partitions_def=CPO_BY_NIGHT, owners=OWNERS, kinds={"ocpi", "json"})
def raw_locations(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """All Locations of a CPO on one night, pulled over OCPI and kept as received. For whoever asks what was really sent."""
    return _pull(context, portal, "locations")


@dg.asset(
    group_name=JUDGE,
    partitions_def=CPO_BY_NIGHT,
    deps=[raw_locations],
    owners=OWNERS,
    kinds={"parquet"},
    check_specs=[dg.AssetCheckSpec("conservation", asset="locations", blocking=True, description="Nothing was lost.")],
)
def locations(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The night's Locations and EVSEs judged against the LINDA OCPI profile: accepted, rejected, identical, held back."""
    check, metadata = _judge(context, portal, "locations")
    return dg.MaterializeResult(metadata=metadata, check_results=[check])


@dg.asset(group_name=REPORT, partitions_def=CPO_BY_NIGHT, deps=[locations], owners=OWNERS, kinds={"html", "csv"})
def locations_report(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The quality report on a night's Locations for the CPO, in Dutch and English."""
    return _report(context, portal, "locations")


@dg.asset(group_name=DELIVER, partitions_def=CPO_BY_WINDOW, owners=OWNERS, kinds={"ocpi", "json"})
def raw_cdrs(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The CDRs of a CPO whose last_updated lies in a window of 14 days, pulled over OCPI and kept as received."""
    return _pull(context, portal, "cdrs")


@dg.multi_asset(
    name="judge_cdrs",
    group_name=JUDGE,
    partitions_def=CPO_BY_WINDOW,
    specs=[
        dg.AssetSpec(
            "validated_cdrs",
            deps=[raw_cdrs],
            owners=OWNERS,
            kinds={"parquet"},
            description="The CDRs that meet the LINDA OCPI profile, with pseudonyms in place of drivers.",
        ),
        dg.AssetSpec(
            "rejected_cdrs",
            deps=[raw_cdrs],
            owners=OWNERS,
            kinds={"parquet"},
            description="The CDRs that do not, as received, with the rules that refused each. For the CPO alone.",
        ),
    ],
    check_specs=[
        dg.AssetCheckSpec("conservation", asset="validated_cdrs", blocking=True, description="Nothing was lost.")
    ],
)
def judge_cdrs(context: dg.AssetExecutionContext, portal: Portal) -> tuple[Result, Result]:
    """Judge a window's CDRs: every record ends in exactly one bucket."""
    check, metadata = _judge(context, portal, "cdrs")
    return (
        dg.MaterializeResult(asset_key="validated_cdrs", metadata=metadata, check_results=[check]),
        dg.MaterializeResult(asset_key="rejected_cdrs", metadata={"rejected": metadata["rejected"]}),
    )


@dg.asset(
    group_name=REPORT,
    partitions_def=CPO_BY_WINDOW,
    deps=["validated_cdrs", "rejected_cdrs"],
    owners=OWNERS,
    kinds={"html", "csv"},
)
def quality_report(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The quality report on a window's CDRs for the CPO, in Dutch and English, with every rejected record and its remedy."""
    return _report(context, portal, "cdrs")


@dg.asset(group_name=CURATE, owners=OWNERS, kinds={"geojson"})
def areas(portal: Portal) -> Result:
    """The municipalities, and the NAL region of each, by which charge points are placed. From the folder LINDA_AREAS."""
    table = portal.areas().table()
    return dg.MaterializeResult(metadata={"areas": table.num_rows, "folder": str(portal.settings().areas)})


@dg.asset(group_name=CURATE, deps=[locations, areas], owners=OWNERS, kinds={"parquet", "duckdb"})
def curated_locations(portal: Portal) -> Result:
    """The history of Locations and EVSEs of every CPO: from which night until which night each was so, and where it stands."""
    return dg.MaterializeResult(metadata=stations.curate_locations(portal.lake(), portal.areas()))


@dg.asset(group_name=CURATE, deps=["validated_cdrs", areas], owners=OWNERS, kinds={"parquet", "duckdb"})
def curated_cdrs(portal: Portal) -> Result:
    """One accepted version per CDR of every CPO, credits applied, placed in its areas, by local month. For analysts."""
    return dg.MaterializeResult(metadata=stations.curate_cdrs(portal.lake(), portal.areas()))


@dg.asset(group_name=PUBLISH, deps=[curated_cdrs, curated_locations], owners=OWNERS, kinds={"duckdb"})
def kpis(portal: Portal) -> Result:
    """The KPIs per month by nation, NAL region, municipality, cell and CPO, each with its coverage."""
    return dg.MaterializeResult(metadata=stations.compute_kpis(portal.lake(), portal.register()))


@dg.asset(group_name=PUBLISH, deps=[kpis], owners=OWNERS, kinds={"duckdb"})
def linda_duckdb(portal: Portal) -> Result:
    """linda.duckdb for analysts: CDRs, charge points, deliveries, findings, KPIs and what each of them means."""
    return dg.MaterializeResult(metadata=stations.publish(portal.lake(), portal.register(), portal.areas()))


ASSETS = [
    raw_locations,
    locations,
    locations_report,
    raw_cdrs,
    judge_cdrs,
    quality_report,
    areas,
    curated_locations,
    curated_cdrs,
    kpis,
    linda_duckdb,
]
