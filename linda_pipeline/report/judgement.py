"""How a delivery was judged, as the judge wrote it into the ledger: counts, what was not checked, and the due date.

Here: reading judgement.json into types, and the part of it that is summary.json. Not here: anything about single findings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from linda_pipeline.calendar import local_date

BUCKETS = ("accepted", "rejected", "identical", "held_back")
"""The four buckets that together are what was received."""
_SUMMARY = (
    *("delivery_id", "cpo", "module", "window", "pulled_at", "complete", "profile_version", "ocpi_version"),
    *("counts", "errors", "warnings", "infos", "rules_not_run", "due_date"),
)
_COUNTS = ("received", *BUCKETS)


@dataclass(frozen=True)
class Counts:
    """Records of one object in a delivery: received, and the four buckets that add up to it."""

    received: int
    accepted: int
    rejected: int
    identical: int
    held_back: int

    def of(self, bucket: str) -> int:
        """The count of one of BUCKETS."""
        return int(getattr(self, bucket))


@dataclass(frozen=True)
class Judgement:
    """The judge's record of one delivery."""

    content: Mapping[str, Any]
    """judgement.json as it stands."""
    module: str
    cpo: str
    window_from: date
    window_until: date
    """The first day after the window."""
    pulled_at: datetime
    complete: bool
    counts: Mapping[str, Counts]
    """Per object: cdrs; or locations and evses."""
    rules_not_run: tuple[tuple[str, str], ...]
    """Rule id and why it could not be checked."""
    due_date: date | None
    outside_window: int

    @property
    def version(self) -> str:
        """The OCPI version in which the delivery came."""
        return str(self.content["ocpi_version"])

    @property
    def main(self) -> Counts:
        """The counts of what the module delivers: CDRs or Locations."""
        return self.counts[self.module]

    def summary(self) -> dict[str, Any]:
        """The content of summary.json: the contract's keys in a fixed order."""
        summary = {key: self.content[key] for key in _SUMMARY}
        for severity in ("errors", "warnings", "infos"):
            summary[severity] = dict(sorted(summary[severity].items()))
        summary["window"] = {key: self.content["window"][key] for key in ("from", "until")}
        summary["counts"] = {
            name: {key: self.content["counts"][name][key] for key in _COUNTS}
            for name in ("cdrs", "locations", "evses")
            if name in self.content["counts"]
        }
        summary["rules_not_run"] = [
            {"rule": entry["rule"], "why": entry["why"]}
            for entry in sorted(self.content["rules_not_run"], key=lambda entry: str(entry["rule"]))
        ]
        return summary


def read_judgement(path: Path) -> Judgement:
    """The judgement at a path. Raises FileNotFoundError where the delivery was not judged, KeyError where a key lacks."""
    content = json.loads(path.read_text(encoding="utf-8"))
    window = content["window"]
    return Judgement(
        content=content,
        module=content["module"],
        cpo=content["cpo"],
        window_from=_first_day(content["module"], window["from"]),
        window_until=_first_day(content["module"], window["until"]),
        pulled_at=datetime.fromisoformat(content["pulled_at"]),
        complete=content["complete"],
        counts={
            name: Counts(**{key: counts[key] for key in _COUNTS}) for name, counts in sorted(content["counts"].items())
        },
        rules_not_run=tuple(sorted((entry["rule"], entry["why"]) for entry in content["rules_not_run"])),
        due_date=date.fromisoformat(content["due_date"]) if content["due_date"] else None,
        outside_window=content.get("outside_window", 0),
    )


def _first_day(module: str, moment: str) -> date:
    """The day on which a window begins (in UTC), or a night (in Amsterdam)."""
    return local_date(datetime.fromisoformat(moment)) if module == "locations" else date.fromisoformat(moment[:10])
