"""What an operator reads beside an asset: counts, shares, the largest findings, and where to look.

Here: Dagster metadata made from the ledger and the lake. Not here: any figure that is not written there already.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from linda_pipeline.lake import Delivery, Lake
from linda_pipeline.road.judgement import Judgement
from linda_pipeline.road.raw import Pull

LARGEST = 5


def pull_metadata(pull: Pull) -> dict[str, Any]:
    """How much was pulled, in which version, how long it took and where it lies."""
    return {
        "dagster/row_count": pull.records,
        "pages": len(pull.files),
        "bytes": pull.body_bytes,
        "ocpi_version": pull.ocpi_version,
        "complete": pull.complete,
        "proof": pull.proof or "none",
        **({"doubt": pull.doubt} if pull.doubt else {}),
        "seconds": pull.duration_s,
        "folder": dg.MetadataValue.path(str(pull.folder)),
    }


def verdict_metadata(lake: Lake, delivery: Delivery, judgement: Judgement) -> dict[str, Any]:
    """The counts per bucket, the share that was rejected, and the largest findings."""
    counts = judgement.counts[delivery.module]
    largest = sorted(
        (
            (number, rule, severity)
            for severity, numbers in judgement.findings.items()
            for rule, number in numbers.items()
        ),
        key=lambda one: (-one[0], one[1]),
    )[:LARGEST]
    return {
        "dagster/row_count": counts.accepted,
        "received": counts.received,
        "rejected": counts.rejected,
        "rejected_share": counts.rejected / counts.received if counts.received else 0.0,
        "counts": dg.MetadataValue.json({kind: one.as_dict() for kind, one in judgement.counts.items()}),
        "outside_window": judgement.outside_window,
        "largest_findings": dg.MetadataValue.table(
            [
                dg.TableRecord({"rule": rule, "severity": severity, "findings": number})
                for number, rule, severity in largest
            ],
            schema=dg.TableSchema(
                columns=[
                    dg.TableColumn("rule", "string"),
                    dg.TableColumn("severity", "string"),
                    dg.TableColumn("findings", "int"),
                ]
            ),
        ),
        "findings": dg.MetadataValue.path(str(lake.table("findings", delivery))),
    }


def report_metadata(lake: Lake, delivery: Delivery) -> dict[str, Any]:
    """Where the report lies."""
    folder = lake.report(delivery)
    return {
        name.partition(".")[0]: dg.MetadataValue.path(str(folder / name))
        for name in ("rapport.html", "report.html", "findings.csv")
    }
