"""The ledger entry of a delivery: how it was judged, written once and read by all through this one door.

Here: its counts per bucket, its findings per object, rule and severity, what was not checked, and its JSON, of which
summary.json is a part; nobody else parses it. Not here: how the verdicts came about, and single findings (tables.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from linda_pipeline.calendar import AMSTERDAM, due_date, local_date, window_bounds
from linda_pipeline.errors import InputMistake, why_unreadable
from linda_pipeline.storage.lake import Delivery, Lake, LakeUnusable
from linda_pipeline.storage.parquet import read_table

BUCKETS = ("accepted", "rejected", "identical", "held_back")
"""The four buckets that together are what was received."""
SEVERITIES = ("error", "warning", "info")
_KINDS = ("cdrs", "locations", "evses")


class NotJudged(InputMistake):
    """A judgement is asked for of a delivery that was not judged yet."""


class JudgementUnreadable(LakeUnusable):
    """The ledger entry of a delivery is damaged; the message names its file."""


class FindingKey(NamedTuple):
    """What findings are counted by: a rule may have several severities, and one id may stand for rules of two objects."""

    object: str
    """cdr, location, evse or delivery; empty in an entry of before objects were told apart."""
    rule: str
    severity: str


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
    findings: Counter[FindingKey] = field(default_factory=Counter)
    """How many findings, by object, rule and severity."""
    rules_not_run: list[dict[str, str]] = field(default_factory=list)
    """Rule id and why it could not be checked; `why_nl` where the Dutch is not with the rule."""
    checked_on: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By object.rule, for rules that look beyond their record: on how many records one could be checked, and of how many."""
    outside_window: int = 0
    raw_bytes: int = 0
    permissions: dict[str, Any] = field(default_factory=dict)
    """The permissions that it rests on, with their fingerprint (judging.permissions)."""
    gives: str = ""
    """A digest of what later deliveries read of this one (leanings.py); empty in entries of before it was remembered."""
    leans_on: dict[str, Any] = field(default_factory=dict)
    """What it took from other deliveries (leanings.Leanings); empty in entries of before it was remembered."""
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The tables that it left in the lake: bucket/name -> {bytes, sha256}; none in entries of before they were listed."""
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
        """Add a table of findings to the counts."""
        self.findings.update(_counted(findings))

    def of_severity(self, severity: str) -> dict[str, int]:
        """The findings of one severity by rule id, whatever their object, in order of the rule."""
        counted: Counter[str] = Counter()
        for key, number in self.findings.items():
            if key.severity == severity:
                counted[key.rule] += number
        return dict(sorted(counted.items()))

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
            **{f"{severity}s": self.of_severity(severity) for severity in SEVERITIES},
            "by_rule": [{**key._asdict(), "count": number} for key, number in sorted(self.findings.items())],
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
            **({"checked_on": dict(sorted(self.checked_on.items()))} if self.checked_on else {}),
            "pull": self.pull,
            "outside_window": self.outside_window,
            "bytes": self.raw_bytes,
            **({"permissions": self.permissions} if self.permissions else {}),
            **({"gives": self.gives} if self.gives else {}),
            **({"leans_on": self.leans_on} if self.leans_on else {}),
            **({"tables": self.tables} if self.tables else {}),
            **({"files": self.files} if self.files else {}),
        }

    def write(self, path: Path) -> None:
        """Write the entry."""
        path.write_text(json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_judgement(lake: Lake, delivery: Delivery) -> Judgement:
    """The entry of a delivery. Raises NotJudged where there is none, JudgementUnreadable where it is damaged."""
    found = find_judgement(lake, delivery)
    if found is None:
        raise NotJudged(f"{delivery.id} has not been judged. `linda run` judges what was pulled.")
    return found


def find_judgement(lake: Lake, delivery: Delivery) -> Judgement | None:
    """The entry of a delivery, or None where it was not judged yet. Raises JudgementUnreadable."""
    path = lake.ledger(delivery)
    try:
        return _read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise JudgementUnreadable(
            f"The ledger entry {path} cannot be read ({why_unreadable(error)}). "
            f"The next linda run sets it aside and judges {delivery.id} again from raw by itself."
        ) from None


def judgements(lake: Lake, module: str, cpo: str | None = None) -> Iterator[Judgement]:
    """The entries of every judged delivery of a module, in order."""
    for delivery in lake.judged(module, cpo):
        yield read_judgement(lake, delivery)


def findings_by_object(lake: Lake, judgement: Judgement) -> Mapping[FindingKey, int]:
    """The counts of findings with their objects; of an entry from before these were kept, they are counted from the table."""
    if all(key.object for key in judgement.findings):
        return judgement.findings
    return _counted(read_table(lake.table("findings", judgement.delivery), FindingKey._fields))


def _counted(findings: pa.Table) -> Counter[FindingKey]:
    keys = list(FindingKey._fields)
    grouped = findings.group_by(keys).aggregate([([], "count_all")])
    columns = (grouped[name].to_pylist() for name in (*keys, "count_all"))
    return Counter({FindingKey(*key): number for *key, number in zip(*columns, strict=True)})


def _read(entry: Mapping[str, Any]) -> Judgement:
    module, cpo, window = entry["delivery_id"].split("/")
    return Judgement(
        delivery=Delivery(module, cpo, date.fromisoformat(window)),
        pulled_at=datetime.fromisoformat(entry["pulled_at"]),
        pull=entry["pull"],
        complete=entry["complete"],
        profile_version=entry["profile_version"],
        ocpi_version=entry["ocpi_version"],
        counts={kind: Counts(**counts) for kind, counts in entry["counts"].items()},
        findings=_findings(entry),
        rules_not_run=entry["rules_not_run"],
        checked_on={key: (checked, records) for key, (checked, records) in entry.get("checked_on", {}).items()},
        outside_window=entry["outside_window"],
        raw_bytes=entry["bytes"],
        opens_case=entry["due_date"] is not None,
        permissions=entry.get("permissions", {}),
        gives=entry.get("gives", ""),
        leans_on=entry.get("leans_on", {}),
        tables=entry.get("tables", {}),
        files=entry.get("files", []),
    )


def _findings(entry: Mapping[str, Any]) -> Counter[FindingKey]:
    """Entries of before 26 November 2026 have no `by_rule`: their counts do not tell objects apart."""
    if "by_rule" in entry:
        return Counter(
            {FindingKey(one["object"], one["rule"], one["severity"]): one["count"] for one in entry["by_rule"]}
        )
    return Counter(
        {
            FindingKey("", rule, severity): number
            for severity in SEVERITIES
            for rule, number in entry[f"{severity}s"].items()
        }
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
