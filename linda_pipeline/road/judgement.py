"""The judgement on a delivery: its counts per bucket, its findings per rule, and the proof that nothing was lost.

Here: the ledger entry from which the report's summary, the deliveries table and the checks are made; and `conserve`, which
counts what stands in the lake again and compares. Not here: how the verdicts came about.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from linda_pipeline.calendar import AMSTERDAM, due_date, window_bounds
from linda_pipeline.lake import Delivery, Lake
from linda_pipeline.quality.rule import Rule
from linda_pipeline.road.raw import Pull

BUCKETS = ("accepted", "rejected", "identical", "held_back")


class NotConserved(Exception):
    """Records were lost or doubled between the raw pages and the buckets: our own failure, and it blocks the road."""


@dataclass
class Counts:
    """How many records of one kind fell in each bucket."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    identical: int = 0
    held_back: int = 0

    @property
    def adds_up(self) -> bool:
        """received = accepted + rejected + identical + held back."""
        return self.received == self.accepted + self.rejected + self.identical + self.held_back

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"received": self.received, **{bucket: getattr(self, bucket) for bucket in BUCKETS}}


@dataclass
class Judgement:
    """What was found in one delivery."""

    delivery: Delivery
    pulled_at: datetime
    pull: str
    complete: bool
    profile_version: str
    ocpi_version: str
    counts: dict[str, Counts]
    """By kind of record: cdrs, or locations and evses."""
    findings: dict[str, Counter[str]] = field(
        default_factory=lambda: {"error": Counter(), "warning": Counter(), "info": Counter()}
    )
    rules_not_run: list[dict[str, str]] = field(default_factory=list)
    outside_window: int = 0
    raw_bytes: int = 0
    opens_case: bool = False
    """Whether anything was rejected that the CPO is asked to deliver again."""

    def count(self, findings: pa.Table) -> None:
        """Add a table of findings to the counts per rule."""
        grouped = findings.group_by(["severity", "rule"]).aggregate([("rule", "count")])
        for severity, rule, number in zip(
            *(grouped[name].to_pylist() for name in ("severity", "rule", "rule_count")), strict=True
        ):
            self.findings[severity][rule] += number

    def as_dict(self) -> dict[str, Any]:
        """The ledger entry."""
        start, end = bounds(self.delivery)
        return {
            "delivery_id": self.delivery.id,
            "cpo": self.delivery.cpo,
            "module": self.delivery.module,
            "window": {"from": _utc(start), "until": _utc(end)},
            "pulled_at": _utc(self.pulled_at),
            "complete": self.complete,
            "profile_version": self.profile_version,
            "ocpi_version": self.ocpi_version,
            "counts": {kind: counts.as_dict() for kind, counts in self.counts.items()},
            **{f"{severity}s": dict(sorted(numbers.items())) for severity, numbers in self.findings.items()},
            "rules_not_run": self.rules_not_run,
            "due_date": due_date(self.pulled_at).isoformat() if self.opens_case else None,
            "pull": self.pull,
            "outside_window": self.outside_window,
            "bytes": self.raw_bytes,
        }

    def write(self, path: Path) -> None:
        """Write the ledger entry."""
        path.write_text(json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_judgement(lake: Lake, delivery: Delivery) -> dict[str, Any] | None:
    """The ledger entry of a delivery, or None where it was not judged yet."""
    path = lake.ledger(delivery)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def bounds(delivery: Delivery) -> tuple[datetime, datetime]:
    """The period of a delivery in UTC: a window of CDRs, or the Amsterdam day of a night of Locations."""
    if delivery.module == "cdrs":
        return window_bounds(delivery.window)
    return _midnight(delivery.window), _midnight(delivery.window + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def not_run(rules: Mapping[str, Rule], version: str, *objects: str) -> list[dict[str, str]]:
    """The rules on some kinds of record that cannot run, with why."""
    return [
        {"rule": rule.id, "why": rule.not_run}
        for rule in rules.values()
        if rule.object in objects and rule.not_run and version in rule.severity
    ]


def conserve(lake: Lake, delivery: Delivery, pull: Pull) -> dict[str, Any]:
    """Count everything again, from the raw pages and from the files in the lake. Raises NotConserved where it differs."""
    entry = read_judgement(lake, delivery)
    if entry is None:
        raise NotConserved(f"{delivery.id} was pulled, but there is no judgement on it. Judge the delivery again.")
    kind = delivery.module
    counts = entry["counts"][kind]
    on_disk = {
        "accepted": _rows(lake.table("accepted", delivery, "part-00001" if kind == "cdrs" else "locations")),
        "rejected": _rows(lake.table("rejected", delivery), "object", kind[:-1]),
        "held_back": _rows(lake.table("held", delivery), "object", kind[:-1]),
    }
    judged = {bucket: counts[bucket] for bucket in on_disk}
    if kind == "locations":
        evses = entry["counts"]["evses"]
        judged |= {"accepted EVSEs": evses["accepted"], "EVSEs present": evses["received"] - evses["identical"]}
        on_disk |= {
            "accepted EVSEs": _rows(lake.table("accepted", delivery, "evses")),
            "EVSEs present": _rows(lake.table("accepted", delivery, "present")),
        }
    in_raw = sum(len(records) for _, records in pull.pages())
    wrong = [
        f"{bucket}: {judged[bucket]:,} judged, {'no file' if found is None else f'{found:,}'} in the lake"
        for bucket, found in on_disk.items()
        if judged[bucket] != found
    ]
    if counts["received"] + entry["outside_window"] != in_raw:
        wrong.append(
            f"received: {counts['received']:,} and {entry['outside_window']:,} outside the window, {in_raw:,} in raw"
        )
    for name, one in entry["counts"].items():
        if not Counts(**one).adds_up:
            wrong.append(
                f"{name}: {one['received']:,} received, {sum(one[bucket] for bucket in BUCKETS):,} in the buckets"
            )
    if wrong:
        raise NotConserved(
            f"{delivery.id} does not add up ({'; '.join(wrong)}). Nothing of it is used. Judge it again; if that does "
            "not help, this is a mistake of the portal: report it with the file judgement.json."
        )
    return entry


def _rows(path: Path, column: str | None = None, value: str | None = None) -> int | None:
    """How many rows a table in the lake has (with a value in a column); None where the file is not there."""
    if not path.is_file():
        return None
    if column is None:
        return int(pq.read_metadata(path).num_rows)
    values = pq.read_table(path, columns=[column])[column].to_pylist()
    return sum(1 for one in values if one == value)
