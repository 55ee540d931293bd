"""The checks that stand beside the assets: complete, conservation, gate, volume, and whether all that is due is in.

Here: what each check is called and says, and its result from figures that exist already. Not here: the figures.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.ledger.earlier import on_delivery
from linda_pipeline.ledger.entry import BUCKETS
from linda_pipeline.orchestration.resource import Portal
from linda_pipeline.post.sending import Sending
from linda_pipeline.pulling.shortfall import MEANING, shortfall
from linda_pipeline.quality.rules import RULES
from linda_pipeline.stations import Judgement, Missed, Pull, missed
from linda_pipeline.storage.lake import Lake

COMPLETE = "complete"
"""The check that says whether every record came in."""
WHY = "why"
"""Its metadata that says why not."""
VOLUME_RULE = "delivery_volume"
SHOWN_MISSED = 100
_BUCKETS = {bucket: bucket.replace("_", " ") for bucket in BUCKETS}


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
    "complete": "It is proven that every record came in: as many as the CPO counts, or a second crawl that gave the same.",
    "conservation": "Nothing was lost: received = accepted + rejected + identical + held back, counted again in the lake.",
    "gate": "Every accepted record keeps to the contract of its table. Closed: a mistake of the portal, never of the CPO.",
    "volume": "As much as is usual for this CPO: the profile's rule delivery_volume on the delivery as a whole.",
}


def complete(asset: str, pull: Pull) -> dg.AssetCheckResult:
    """Whether it is proven that every record came in."""
    metadata: dict[str, Any] = {"received": pull.records}
    if pull.total_count is not None:
        metadata["announced"] = pull.total_count
    if pull.hidden:
        metadata["refused by the server, by offset"] = ", ".join(str(place.offset) for place in pull.hidden)
    why = shortfall(pull)
    if why is not None:
        metadata[WHY] = why
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=COMPLETE,
        passed=why is None,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
        description=f"{pull.records:,} records came. Proof: {pull.proof}."
        if why is None
        else f"{why} {MEANING} Materialise this partition again.",
    )


def of_cases() -> list[dg.AssetCheckSpec]:
    """The checks of the asset `cases`."""
    return [dg.AssetCheckSpec(name, asset="cases", description=meaning) for name, meaning in _OF_CASES.items()]


_OF_CASES = {
    "every_case_told": "No case without the event that opened it.",
    "overdue_marked": "No case whose last day is over without the event that says so.",
}


def on_cases(standing: Standing) -> list[dg.AssetCheckResult]:
    """Whether every case, and every one that is overdue, has its event."""
    counted = {"every_case_told": standing.without_event, "overdue_marked": standing.overdue_unmarked}
    return [
        dg.AssetCheckResult(
            asset_key="cases",
            check_name=name,
            passed=number == 0,
            metadata={"cases": number},
            description=None if number == 0 else f"{number:,} cases. This is a mistake of the portal: report it.",
        )
        for name, number in counted.items()
    ]


def of_messages() -> list[dg.AssetCheckSpec]:
    """The checks of the asset `messages`."""
    return [dg.AssetCheckSpec(name, asset="messages", description=meaning) for name, meaning in _OF_MESSAGES.items()]


_OF_MESSAGES = {
    "mails_go_out": "The mail server takes mails, and none was refused or given up now.",
    "overdue_told": "No overdue case of which its CPO was not told by mail.",
}


def on_messages(sending: Sending, untold_by_cpo: Mapping[str, int]) -> list[dg.AssetCheckResult]:
    """Whether mails go out, and whether every CPO with something overdue was told. Neither stops a delivery: a warning."""
    lost = sending.refused + sending.given_up
    closed = f"{sending.unusable} The mails wait, and are tried again." if sending.unusable else None
    not_taken = (
        f"{lost:,} mails did not arrive: linda mail list says which, and what the server answered." if lost else None
    )
    named = ", ".join(f"{cpo} ({number:,})" for cpo, number in untold_by_cpo.items())
    silent = (
        f"Not told yet: {named}. A CPO without a quality contact cannot be: linda contacts add --role quality --of CPO."
        if named
        else None
    )
    return [
        dg.AssetCheckResult(
            asset_key="messages",
            check_name=name,
            passed=why is None,
            severity=dg.AssetCheckSeverity.WARN,
            description=why,
        )
        for name, why in (("mails_go_out", closed or not_taken), ("overdue_told", silent))
    ]


def gate(asset: str, *, accepted: int = 0, why_closed: str | None = None) -> dg.AssetCheckResult:
    """The gate: open for what was accepted, or closed with the reason."""
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="gate",
        passed=why_closed is None,
        description=why_closed or f"All {accepted:,} accepted records keep to the contract.",
    )


def conservation(
    asset: str, counts: Mapping[str, Mapping[str, int]], why_not: str | None = None
) -> dg.AssetCheckResult:
    """Whether every record is found again."""
    sums = [
        f"{buckets['received']:,} {kind} received = "
        + " + ".join(f"{buckets[bucket]:,} {_BUCKETS[bucket]}" for bucket in _BUCKETS)
        for kind, buckets in counts.items()
    ]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="conservation",
        passed=why_not is None,
        description=why_not or f"{'; '.join(sums)}.",
        metadata={f"{kind} {bucket}": number for kind, buckets in counts.items() for bucket, number in buckets.items()},
    )


def volume(asset: str, lake: Lake, judgement: Judgement) -> dg.AssetCheckResult:
    """What the rule on the usual size of a delivery said; passes while too little is known."""
    said, rule = on_delivery(lake, judgement, VOLUME_RULE), RULES[f"delivery.{VOLUME_RULE}"]
    metadata: dict[str, Any] = {"received": judgement.main.received}
    if said.values:
        metadata["received (± usual)"] = said.values[0]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="volume",
        passed=not said.values,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
        description=said.not_run
        or (f"{rule.en} Ask the CPO whether that is right." if said.values else "As many records as usual."),
    )


@dg.asset_check(
    asset="linda_duckdb",
    name="freshness",
    description="The newest deliveries that are due are in: tonight's Locations by noon, and the CDRs of the newest window "
    "by 17:00 on the Monday after it.",
)
def freshness(portal: Portal) -> dg.AssetCheckResult:
    """Of each CPO the newest that is due."""
    return _nothing_missed(
        [late for late in missed(portal.lake(), portal.register(), portal.moment()) if late.is_newest]
    )


@dg.asset_check(
    asset="linda_duckdb",
    name="no_delivery_missed",
    description="No earlier delivery is missing: every window since a CPO's first, and the Locations of the last 14 nights.",
)
def no_delivery_missed(portal: Portal) -> dg.AssetCheckResult:
    """Those before the newest."""
    return _nothing_missed(
        [late for late in missed(portal.lake(), portal.register(), portal.moment()) if not late.is_newest]
    )


def _nothing_missed(missing: Sequence[Missed]) -> dg.AssetCheckResult:
    listed = "\n".join(f"- {late.delivery.id}: {late.why}" for late in missing[:SHOWN_MISSED])
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"missing": len(missing), "deliveries": dg.MetadataValue.md(listed or "None.")},
        description=f"Due and not in, or not whole: {len(missing)}. See the runs of these partitions."
        if missing
        else None,
    )


OF_ALL = [freshness, no_delivery_missed]
"""The checks on what all CPOs together delivered."""
