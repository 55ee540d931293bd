"""What an operator reads beside an asset: counts, shares, the largest findings, a picture, and where to look.

Here: Dagster metadata made from the ledger, the lake and the column catalogue. Not here: any figure that is not written
there already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

import dagster as dg

from linda_pipeline.cases.lookup import Standing
from linda_pipeline.ledger.earlier import earlier_judgements
from linda_pipeline.ledger.entry import Counts
from linda_pipeline.ledger.tables import REJECTED
from linda_pipeline.ocpi.columns import OBJECTS
from linda_pipeline.orchestration.share_bars import shares_picture
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.own_columns.declared import OWN_COLUMNS, own_column
from linda_pipeline.post.sending import Sending
from linda_pipeline.stations import Judgement, Pull
from linda_pipeline.storage.lake import Delivery, Lake

LARGEST = 5
SHOWN_DELIVERIES = 13
"""How many deliveries the picture shows: half a year of windows."""


def column_schema(object_name: str, *, without_personal: bool) -> dg.TableSchema:
    """The columns of an object as the catalogue declares them, then those of our own."""
    from_ocpi = [column for column in OBJECTS[object_name] if not (without_personal and column.personal)]
    names = {column.name for column in from_ocpi}
    return dg.TableSchema(
        columns=[
            *(_table_column(column.name, column.type.value.lower(), column.en, column.unit) for column in from_ocpi),
            *(
                _own_column(name)
                for name in accepted_schema(object_name).names
                if name not in names and name in OWN_COLUMNS
            ),
        ]
    )


def _table_column(name: str, kind: str, meaning: str, unit: str | None) -> dg.TableColumn:
    return dg.TableColumn(name, kind, description=f"{meaning}." + (f" Unit: {unit}." if unit else ""))


def _own_column(name: str) -> dg.TableColumn:
    own = own_column(name)
    return _table_column(name, str(own.type), own.en, own.unit)


def rejected_schema() -> dg.TableSchema:
    """The columns of what was rejected."""
    return dg.TableSchema(columns=[_own_column(name) for name in REJECTED.names if name in OWN_COLUMNS])


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
        "seconds": round(pull.duration_s, 1),
        "folder": dg.MetadataValue.path(str(pull.folder)),
    }


@dataclass(frozen=True)
class Served:
    """Where what people open is served over HTTP, if anywhere: the interface itself cannot show files of the lake."""

    docs: str | None = None
    reports: str | None = None

    def rule(self, object_name: str, rule: str) -> str:
        """A rule as Markdown: with a link to its place in docs/rules.md where that is served."""
        name = f"{object_name}.{rule}"
        return f"[{name}]({self.docs}/rules.md#{object_name}-{rule})" if self.docs else name

    def report(self, lake: Lake, delivery: Delivery, name: str) -> dg.MetadataValue[Any]:
        """A file of a report: a link, or where it lies in the lake."""
        place = (lake.report(delivery) / name).relative_to(lake.root / "reports").as_posix()
        if self.reports:
            return dg.MetadataValue.url(f"{self.reports}/{quote(place, safe='/=')}")
        return dg.MetadataValue.text(f"in the lake: reports/{place}")


def verdict_metadata(lake: Lake, judgement: Judgement, seconds: float, served: Served) -> dict[str, Any]:
    """The counts per bucket, the share that was rejected, the largest findings, and the picture of the last deliveries."""
    delivery, counts = judgement.delivery, judgement.main
    share = rejected_share(counts)
    earlier = list(islice(earlier_judgements(lake, delivery), SHOWN_DELIVERIES - 1))
    shares = [(str(one.delivery.window), rejected_share(one.main)) for one in reversed(earlier)]
    return {
        "dagster/row_count": counts.accepted,
        **counts.as_dict(),
        "rejected_share": dg.MetadataValue.md(f"{share:.2%} of {counts.received:,} received"),
        "largest_findings": dg.MetadataValue.md(findings_table(judgement, served)),
        "last_deliveries": dg.MetadataValue.md(
            shares_picture([*shares, (str(delivery.window), share)], f"Rejected {delivery.module} of {delivery.cpo}")
        ),
        "counts": dg.MetadataValue.json({kind: one.as_dict() for kind, one in judgement.counts.items()}),
        "outside_window": judgement.outside_window,
        "bytes": judgement.raw_bytes,
        "seconds": round(seconds, 1),
        "findings": dg.MetadataValue.path(str(lake.table("findings", delivery))),
    }


def rejected_metadata(lake: Lake, delivery: Delivery, verdicts: Mapping[str, Any]) -> dict[str, Any]:
    """Of the metadata of a delivery's verdicts, what concerns its rejected records."""
    return {
        "dagster/row_count": verdicts["rejected"],
        **{name: verdicts[name] for name in ("rejected", "rejected_share", "largest_findings")},
        "folder": dg.MetadataValue.path(str(lake.table("rejected", delivery).parent)),
    }


def rejected_share(counts: Counts) -> float:
    """Rejected of received, from 0 to 1; 0 where nothing was received."""
    return counts.rejected / counts.received if counts.received else 0.0


def findings_table(judgement: Judgement, served: Served) -> str:
    """The largest findings as a Markdown table, each with its place in the documentation."""
    found = sorted((-number, key) for key, number in judgement.findings.items() if key.severity != "info")[:LARGEST]
    if not found:
        return "No errors and no warnings."
    rows = [f"| {-number:,} | {key.severity} | {served.rule(key.object, key.rule)} |" for number, key in found]
    return "\n".join(["| findings | severity | rule |", "|---:|---|---|", *rows])


def report_metadata(lake: Lake, judgement: Judgement, served: Served) -> dict[str, Any]:
    """What the report says in short, and where it is."""
    due, delivery = judgement.due_date, judgement.delivery
    return {
        "rejected": judgement.main.rejected,
        "largest_findings": dg.MetadataValue.md(findings_table(judgement, served)),
        "to_be_delivered_again": f"by {due}" if due else "nothing",
        "in_dutch": served.report(lake, delivery, "rapport.html"),
        "in_english": served.report(lake, delivery, "report.html"),
        "every_finding": served.report(lake, delivery, "findings.xlsx"),
        "every_rejected_record": served.report(lake, delivery, "rejected.jsonl.gz"),
    }


def case_metadata(standing: Standing, changes: Mapping[str, int]) -> dict[str, Any]:
    """How the cases stand, what was done to them now, and whose are overdue."""
    overdue = [f"| {cpo} | {number:,} |" for cpo, number in standing.overdue_by_cpo.items()]
    return {
        "dagster/row_count": sum(standing.by_state.values()),
        **standing.by_state,
        "done_now": ", ".join(f"{action} {number:,}" for action, number in sorted(changes.items())) or "nothing",
        "overdue_by_cpo": dg.MetadataValue.md(
            "\n".join(["| CPO | overdue |", "|---|---:|", *overdue]) if overdue else "None."
        ),
    }


def message_metadata(reminded: Mapping[str, int], sending: Sending, place: str) -> dict[str, Any]:
    """What was written and sent now, and where mails go."""
    return {
        "reminders_written": sum(reminded.values()),
        "sent": sending.sent,
        "refused": sending.refused,
        "tried_again_later": sending.later,
        "given_up": sending.given_up,
        "place": place,
    }
