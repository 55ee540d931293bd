"""The checks that stand beside the assets: complete, conservation, gate, volume, and whether all that is due is in.

Here: what each check is called and says, and its result from figures that exist already. Not here: the figures.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.orchestration.history import is_usual, missing_deliveries, usual_volume
from linda_pipeline.orchestration.portal import Portal
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.pulling.shortfall import MEANING, shortfall
from linda_pipeline.storage.lake import Delivery, Lake

COMPLETE = "complete"
"""The check that says whether every record came in."""
WHY = "why"
"""Its metadata that says why not."""


def specs(asset: str, partitions: dg.PartitionsDefinition[str], *names: str) -> list[dg.AssetCheckSpec]:
    """The checks of a delivery's asset, by name. They are partitioned as it is, so that each partition tells its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                name,
                asset=asset,
                partitions_def=partitions,
                blocking=name in ("conservation", "gate"),
                description=_MEANING[name],
            )
            for name in names
        ]


_MEANING = {
    "complete": "Every record that the CPO announced came in.",
    "conservation": "Nothing was lost: received = accepted + rejected + identical + held back, counted again in the lake.",
    "gate": "Every accepted record keeps to the contract (Pandera). Closed: a mistake of the portal, never of the CPO.",
    "volume": "Between half and double of what is usual for this CPO (the median of its last deliveries).",
}


def complete(asset: str, pull: Pull) -> dg.AssetCheckResult:
    """Whether as many records came as the CPO announced."""
    metadata: dict[str, Any] = {"received": pull.records}
    if pull.total_count is not None:
        metadata["announced"] = pull.total_count
    if pull.hidden:
        metadata["refused by the server, by offset"] = ", ".join(str(one.offset) for one in pull.hidden)
    why = shortfall(pull)
    if why is not None:
        metadata[WHY] = why
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=COMPLETE,
        passed=why is None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
        description=None if why is None else f"{why} {MEANING} Materialise this partition again.",
    )


def gate(asset: str, why_closed: str | None = None) -> dg.AssetCheckResult:
    """The gate: open, or closed with the reason."""
    return dg.AssetCheckResult(
        asset_key=asset, check_name="gate", passed=why_closed is None, description=why_closed or "Open."
    )


def conservation(
    asset: str, counts: Mapping[str, Mapping[str, int]], why_not: str | None = None
) -> dg.AssetCheckResult:
    """Whether every record is found again."""
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="conservation",
        passed=why_not is None,
        description=why_not,
        metadata={f"{kind} {bucket}": number for kind, buckets in counts.items() for bucket, number in buckets.items()},
    )


def volume(asset: str, lake: Lake, delivery: Delivery, judgement: Judgement) -> dg.AssetCheckResult:
    """Whether as much came as usual; passes while too little is known."""
    received, usual = judgement.counts[delivery.module].received, usual_volume(lake, delivery)
    passed = is_usual(received, usual)
    metadata: dict[str, Any] = {"received": received}
    if usual is not None:
        metadata["usual"] = usual
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="volume",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
        description=(
            "Too few earlier deliveries to compare with."
            if usual is None
            else None
            if passed
            else f"{received:,} received, where {usual:,.0f} is usual. Ask the CPO whether that is right."
        ),
    )


@dg.asset_check(
    asset="linda_duckdb",
    name="freshness",
    description="All deliveries that are due by now are in: last night's Locations, and the CDRs of the newest window.",
)
def freshness(portal: Portal) -> dg.AssetCheckResult:
    """Compare what the register makes one expect with the ledger."""
    missing = missing_deliveries(portal.lake(), portal.register(), portal.moment())
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "missing": len(missing),
            "deliveries": dg.MetadataValue.md("\n".join(f"- {one.id}" for one in missing) or "None."),
        },
        description=(
            f"Due and not in, or not whole: {len(missing)}. See the runs of these partitions." if missing else None
        ),
    )
