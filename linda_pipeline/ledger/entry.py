"""The ledger entry of a delivery: how it was judged. The road writes it; the report and the checks read it.

Here: its counts per bucket, its findings per rule, what was not checked, and its JSON, of which summary.json is a part. Not
here: how the verdicts came about, and single findings.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from linda_pipeline.calendar import AMSTERDAM, due_date, local_date, window_bounds
from linda_pipeline.storage.lake import Delivery

BUCKETS = ("accepted", "rejected", "identical", "held_back")
"""The four buckets that together are what was received."""
SEVERITIES = ("error", "warning", "info")
_KINDS = ("cdrs", "locations", "evses")


@dataclass
class Counts:
    """How many records of one kind were received, and fell in each bucket."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    identical: int = 0
    held_back: int = 0

    @property
    def adds_up(self) -> bool:
        """received = accepted + rejected + identical + held back."""
        return self.received == sum(map(self.of, BUCKETS))

    @property
    def judged(self) -> int:
        """Records that got a verdict of their own: accepted or rejected."""
        return self.accepted + self.rejected

    def of(self, bucket: str) -> int:
        """The count of one of BUCKETS."""
        return int(getattr(self, bucket))

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return {"received": self.received, **{bucket: self.of(bucket) for bucket in BUCKETS}}


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
    findings: dict[str, Counter[str]] = field(default_factory=lambda: {severity: Counter() for severity in SEVERITIES})
    """By severity: rule id -> findings."""
    rules_not_run: list[dict[str, str]] = field(default_factory=list)
    """Rule id and why it could not be checked; `why_nl` where the Dutch is not with the rule."""
    outside_window: int = 0
    raw_bytes: int = 0
    permissions: dict[str, Any] = field(default_factory=dict)
    """The permissions that it rests on, with their fingerprint (judging.permissions)."""
    opens_case: bool = False
    """Whether anything was rejected that the CPO is asked to deliver again."""
    files: list[str] = field(default_factory=list)
    """The files of a self-check, in order of the pages that findings name; none for a delivery to the portal."""

    @property
    def is_self_check(self) -> bool:
        """Whether a CPO judged its own files: there is no window then, and nothing is due."""
        return bool(self.files)

    @property
    def main(self) -> Counts:
        """The counts of what the module delivers: CDRs or Locations."""
        return self.counts[self.delivery.module]

    @property
    def due_date(self) -> date | None:
        """The last day on which rejected records may come again; None where none is asked for."""
        return due_date(self.pulled_at) if self.opens_case else None

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the window, or twice the night."""
        start, end = bounds(self.delivery)
        if self.delivery.module == "locations":
            return local_date(start), local_date(start)
        return start.date(), end.date() - timedelta(days=1)

    def count(self, findings: pa.Table) -> None:
        """Add a table of findings to the counts per rule."""
        grouped = findings.group_by(["severity", "rule"]).aggregate([("rule", "count")])
        for severity, rule, number in zip(
            *(grouped[name].to_pylist() for name in ("severity", "rule", "rule_count")), strict=True
        ):
            self.findings[severity][rule] += number

    def summary(self) -> dict[str, Any]:
        """The content of summary.json: the contract's keys in a fixed order."""
        start, end = (None, None) if self.is_self_check else bounds(self.delivery)
        due = self.due_date
        return {
            "delivery_id": self.delivery.id,
            "cpo": self.delivery.cpo,
            "module": self.delivery.module,
            "window": {"from": _utc(start), "until": _utc(end)},
            "pulled_at": _utc(self.pulled_at),
            "complete": self.complete,
            "profile_version": self.profile_version,
            "ocpi_version": self.ocpi_version,
            "counts": {kind: self.counts[kind].as_dict() for kind in _KINDS if kind in self.counts},
            **{f"{severity}s": dict(sorted(self.findings[severity].items())) for severity in SEVERITIES},
            "rules_not_run": [
                {"rule": entry["rule"], "why": entry["why"]}
                for entry in sorted(self.rules_not_run, key=lambda entry: entry["rule"])
            ],
            "due_date": due.isoformat() if due is not None else None,
        }

    def as_dict(self) -> dict[str, Any]:
        """The whole entry."""
        return {
            **self.summary(),
            "rules_not_run": self.rules_not_run,
            "pull": self.pull,
            "outside_window": self.outside_window,
            "bytes": self.raw_bytes,
            **({"permissions": self.permissions} if self.permissions else {}),
            **({"files": self.files} if self.files else {}),
        }

    def write(self, path: Path) -> None:
        """Write the entry."""
        path.write_text(json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_judgement(path: Path) -> Judgement:
    """The entry at a path. Raises FileNotFoundError where the delivery was not judged, KeyError where a key lacks."""
    told = json.loads(path.read_text(encoding="utf-8"))
    module, cpo, window = told["delivery_id"].split("/")
    return Judgement(
        delivery=Delivery(module, cpo, date.fromisoformat(window)),
        pulled_at=datetime.fromisoformat(told["pulled_at"]),
        pull=told["pull"],
        complete=told["complete"],
        profile_version=told["profile_version"],
        ocpi_version=told["ocpi_version"],
        counts={kind: Counts(**counts) for kind, counts in told["counts"].items()},
        findings={severity: Counter(told[f"{severity}s"]) for severity in SEVERITIES},
        rules_not_run=told["rules_not_run"],
        outside_window=told["outside_window"],
        raw_bytes=told["bytes"],
        opens_case=told["due_date"] is not None,
        permissions=told.get("permissions", {}),
        files=told.get("files", []),
    )


def bounds(delivery: Delivery) -> tuple[datetime, datetime]:
    """The period of a delivery in UTC: a window of CDRs, or the Amsterdam day of a night of Locations."""
    if delivery.module == "cdrs":
        return window_bounds(delivery.window)
    return _midnight(delivery.window), _midnight(delivery.window + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
