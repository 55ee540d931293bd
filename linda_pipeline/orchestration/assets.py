"""The assets that an operator sees: every station, thin over its function.

Here: which function makes an asset, and what it tells the operator. Not here: any decision about content; that is the core's.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import dagster as dg

from linda_pipeline import following, stations
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.orchestration import checks
from linda_pipeline.orchestration.failing import explained
from linda_pipeline.orchestration.metadata import (
    column_schema,
    pull_metadata,
    rejected_metadata,
    rejected_schema,
    report_metadata,
    verdict_metadata,
)
from linda_pipeline.orchestration.partitions import CPO_BY_NIGHT, CPO_BY_WINDOW, delivery_of
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.quality.contract import GateFailed
from linda_pipeline.storage.lake import Delivery

if TYPE_CHECKING:
    Result = dg.MaterializeResult[Any]
else:
    Result = dg.MaterializeResult  # Dagster recognises only the bare class in an annotation

OWNERS = ["team:ndw-operators"]
DELIVER, JUDGE, REPORT, CURATE, PUBLISH = (
    "step_1_deliver",
    "step_2_judge",
    "step_3_report",
    "step_4_curate",
    "step_5_publish",
)
"""The groups of assets: numbered, because the interface sorts them by name."""
OF_LOCATIONS = {"dagster/column_schema": column_schema("location", without_personal=True)}
OF_CDRS = {"dagster/column_schema": column_schema("cdr", without_personal=True)}


def _delivery(context: dg.AssetExecutionContext, module: str) -> Delivery:
    key = context.partition_key
    assert isinstance(key, dg.MultiPartitionKey)
    return delivery_of(module, key)


def _pull(context: dg.AssetExecutionContext, portal: Portal, module: str) -> Result:
    delivery = _delivery(context, module)
    records = 0

    def on_page(page: Any) -> None:
        nonlocal records
        records += page.records
        portal.tell(delivery, "pulled", records)
        context.log.info(f"{delivery.id}: page {page.number}, {records:,} records so far")

    with explained(context, delivery):
        cpo = portal.cpo(delivery.cpo)
        pull = stations.pull(
            portal.lake(),
            cpo,
            delivery,
            token=portal.settings().secret(cpo.token_variable),
            pulled_at=portal.moment(delivery),
            patience=portal.patience(),
            on_page=on_page,
        )
    return dg.MaterializeResult(metadata=pull_metadata(pull), check_results=[checks.complete(f"raw_{module}", pull)])


def _judge(
    context: dg.AssetExecutionContext, portal: Portal, module: str, asset: str
) -> Generator[Any, None, dict[str, Any]]:
    """Judge a delivery; yields the failed check before it raises, so that the interface shows what stopped it.

    Returns what is to be said of its rejected records.
    """
    delivery = _delivery(context, module)
    began = time.monotonic()
    with explained(context, delivery):
        lake = portal.lake()
        try:
            judgement = stations.judge(
                lake,
                portal.cpo(delivery.cpo),
                delivery,
                areas=portal.areas(),
                key=portal.key(),
                register=portal.places(),
                profiles=portal.profiles(),
                on_records=lambda records: portal.tell(delivery, "judged", records),
                judged_at=portal.moment(delivery),
            )
        except GateFailed as closed:
            yield checks.gate(asset, why_closed=str(closed))
            raise
        counts = {kind: one.as_dict() for kind, one in judgement.counts.items()}
        try:
            stations.conserve(lake, delivery)
        except stations.NotConserved as error:
            yield checks.conservation(asset, counts, str(error))
            raise
        metadata = verdict_metadata(lake, judgement, time.monotonic() - began, portal.served())
    yield dg.MaterializeResult(
        asset_key=asset,
        metadata=metadata,
        check_results=[
            checks.gate(asset, accepted=judgement.main.accepted),
            checks.conservation(asset, counts),
            checks.volume(asset, lake, judgement),
        ],
    )
    return rejected_metadata(lake, delivery, metadata)


def _report(context: dg.AssetExecutionContext, portal: Portal, module: str) -> Result:
    delivery = _delivery(context, module)
    with explained(context, delivery):
        lake = portal.lake()
        stations.report(lake, delivery, cpo_name=portal.cpo(delivery.cpo).name)
        with closing(portal.register_database()) as database:
            following.take_in_cases(lake, database, portal.moment(delivery), portal.postman(lake))
        return dg.MaterializeResult(metadata=report_metadata(lake, read_judgement(lake, delivery), portal.served()))


@dg.asset(
    group_name=DELIVER,
    partitions_def=CPO_BY_NIGHT,
    owners=OWNERS,
    kinds={"ocpi", "json"},
    check_specs=checks.specs("raw_locations", CPO_BY_NIGHT, "complete"),
)
def raw_locations(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """All Locations of a CPO on one night, pulled over OCPI and kept as received. For whoever asks what was really sent."""
    return _pull(context, portal, "locations")


@dg.asset(
    group_name=JUDGE,
    partitions_def=CPO_BY_NIGHT,
    deps=[raw_locations],
    owners=OWNERS,
    kinds={"parquet"},
    metadata=OF_LOCATIONS,
    check_specs=checks.specs("locations", CPO_BY_NIGHT, "gate", "conservation", "volume"),
)
def locations(context: dg.AssetExecutionContext, portal: Portal) -> Iterator[Any]:
    """The night's Locations and EVSEs judged against the LINDA OCPI profile: accepted, rejected, identical, held back."""
    yield from _judge(context, portal, "locations", "locations")


@dg.asset(group_name=REPORT, partitions_def=CPO_BY_NIGHT, deps=[locations], owners=OWNERS, kinds={"html", "csv"})
def locations_report(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The quality report on a night's Locations for the CPO, in Dutch and English."""
    return _report(context, portal, "locations")


@dg.asset(
    group_name=DELIVER,
    partitions_def=CPO_BY_WINDOW,
    owners=OWNERS,
    kinds={"ocpi", "json"},
    check_specs=checks.specs("raw_cdrs", CPO_BY_WINDOW, "complete"),
)
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
            metadata=OF_CDRS,
            description="The CDRs that meet the LINDA OCPI profile, with pseudonyms in place of drivers. From raw_cdrs, for "
            "curated_cdrs.",
        ),
        dg.AssetSpec(
            "rejected_cdrs",
            deps=[raw_cdrs],
            owners=OWNERS,
            kinds={"parquet"},
            metadata={"dagster/column_schema": rejected_schema()},
            description="The CDRs that do not, as received, with the rules that refused each. For the CPO alone.",
        ),
    ],
    check_specs=checks.specs("validated_cdrs", CPO_BY_WINDOW, "gate", "conservation", "volume"),
)
def judge_cdrs(context: dg.AssetExecutionContext, portal: Portal) -> Iterator[Any]:
    """Judge a window's CDRs: every record ends in exactly one bucket."""
    rejected = yield from _judge(context, portal, "cdrs", "validated_cdrs")
    yield dg.MaterializeResult(asset_key="rejected_cdrs", metadata=rejected)


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
def areas(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The municipalities, and the NAL region of each, by which charge points are placed. From the folder LINDA_AREAS."""
    with explained(context):
        table = portal.areas().table()
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": table.num_rows,
                "folder": dg.MetadataValue.path(str(portal.settings().areas)),
            }
        )


@dg.asset(group_name=CURATE, deps=[locations, areas], owners=OWNERS, kinds={"parquet", "duckdb"}, metadata=OF_LOCATIONS)
def curated_locations(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The history of Locations and EVSEs of every CPO: from which night until which night each was so, and where it stands."""
    with explained(context):
        return dg.MaterializeResult(metadata=stations.curate_locations(portal.lake(), portal.areas()))


@dg.asset(
    group_name=CURATE, deps=["validated_cdrs", areas], owners=OWNERS, kinds={"parquet", "duckdb"}, metadata=OF_CDRS
)
def curated_cdrs(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """One accepted version per CDR of every CPO, credits applied, placed in its areas, by local month. For analysts."""
    with explained(context):
        return dg.MaterializeResult(metadata=stations.curate_cdrs(portal.lake(), portal.areas()))


@dg.asset(group_name=PUBLISH, deps=[curated_cdrs, curated_locations], owners=OWNERS, kinds={"duckdb"})
def kpis(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """The KPIs per month by nation, NAL region, municipality, cell and CPO, each with its coverage."""
    with explained(context):
        return dg.MaterializeResult(metadata=stations.compute_kpis(portal.lake(), portal.register()))


@dg.asset(group_name=PUBLISH, deps=[kpis, "cases", "wrong_places"], owners=OWNERS, kinds={"duckdb"})
def linda_duckdb(context: dg.AssetExecutionContext, portal: Portal) -> Result:
    """linda.duckdb for analysts: CDRs, charge points, deliveries, findings, KPIs and what each of them means."""
    with explained(context), closing(portal.register_database()) as database:
        rows = stations.publish(portal.lake(), portal.register(), portal.areas(), database)
        return dg.MaterializeResult(metadata={**rows, "file": dg.MetadataValue.path(str(portal.lake().database))})


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
