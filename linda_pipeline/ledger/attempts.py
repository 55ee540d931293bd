"""The ledger of attempts: one small file for every time that a delivery was asked of its CPO, however it ended.

Here: what stands in such a file, and how it comes into the lake. Not here: how an attempt is filled in (pulling), and what is
made of them (books, alarms).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from linda_pipeline.calendar import stamp
from linda_pipeline.storage.lake import Delivery, Lake


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """The pages came to an end, but nothing proves that every record is there."""
    FAILED = "failed"
    KILLED = "killed"
    """Its process went away; the next attempt goes on where it stood."""


@dataclass
class Attempt:
    """One attempt, as its file tells it. Moments are UTC; sizes are bytes; `pages` and all counts are of the last crawl."""

    delivery: Delivery
    begun_at: datetime
    outcome: AttemptOutcome = AttemptOutcome.RUNNING
    asked: dict[str, str | None] = field(default_factory=lambda: {"from": None, "until": None})
    ocpi_version: str | None = None
    endpoint: str | None = None
    pages: int = 0
    records: int = 0
    unique_records: int | None = None
    """How many different ids are among them."""
    total_count: int | None = None
    """The CPO's own count."""
    bytes: int = 0
    """Of the decoded pages."""
    received_bytes: int = 0
    """On the wire."""
    sha256: str | None = None
    """Over the SHA-256 of the pages in their order, in hex."""
    complete: bool = False
    proof: str | None = None
    """"count" or "second crawl"."""
    doubt: str | None = None
    """Why it is not complete, in one sentence."""
    hidden: list[dict[str, Any]] = field(default_factory=list)
    """The records that the server refuses even by themselves: {offset, why}."""
    crawls: int = 0
    """How often the list was gone through."""
    resumed_pages: int = 0
    """How many pages an earlier, killed attempt had brought in."""
    duration_s: float | None = None
    pull: str | None = None
    """The stamp of the raw delivery that came of it."""
    set_aside: str | None = None
    """Where that delivery lies in the lake since it was found damaged and set aside."""
    failure: dict[str, str] | None = None
    """{kind, message, remedy}, without the token."""
    warnings: list[str] = field(default_factory=list)
    """What the operator should see to, such as a token that is about to expire."""

    def as_json(self) -> dict[str, Any]:
        """The content of the file."""
        told = {name: value for name, value in asdict(self).items() if name != "delivery"}
        return {
            "delivery_id": self.delivery.id,
            "cpo": self.delivery.cpo,
            "module": self.delivery.module,
            "window": self.delivery.window.isoformat(),
            **{name: value for name, value in told.items() if name != "set_aside" or value is not None},
            "begun_at": self.begun_at.isoformat().replace("+00:00", "Z"),
        }


def open_attempt(lake: Lake, delivery: Delivery, begun_at: datetime) -> tuple[Attempt, str]:
    """Note that an attempt begins; returns it with the name of its file. The caller holds the lock of the CPO.

    An attempt of this delivery that still says that it is running is marked as killed: else it would hold the lock.
    """
    for name, earlier in named_attempts(lake, delivery):
        if earlier.outcome == AttemptOutcome.RUNNING:
            earlier.outcome = AttemptOutcome.KILLED
            write_attempt(lake, earlier, name)
    attempt, first = Attempt(delivery, begun_at), stamp(begun_at)
    name, number = first, 1
    while lake.attempt(delivery, name).exists():
        number += 1
        name = f"{first}-{number:03d}"
    write_attempt(lake, attempt, name)
    return attempt, name


def write_attempt(lake: Lake, attempt: Attempt, name: str) -> None:
    """Put an attempt into the lake, in place of what stood there."""
    with lake.transaction() as transaction:
        path = transaction.put(lake.attempt(attempt.delivery, name))
        path.write_text(json.dumps(attempt.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def attempts(lake: Lake, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, the oldest first."""
    return [attempt for _, attempt in named_attempts(lake, delivery)]


def named_attempts(lake: Lake, delivery: Delivery) -> Iterator[tuple[str, Attempt]]:
    """Every attempt of a delivery with the name of its file, the oldest first; what is damaged is left out."""
    for path in _files(lake, delivery):
        attempt = _read(path)
        if attempt is not None:
            yield path.stem, attempt


def damaged_attempts(lake: Lake, delivery: Delivery) -> list[Path]:
    """The files of a delivery's attempts that cannot be read."""
    return [path for path in _files(lake, delivery) if _read(path) is None]


def _files(lake: Lake, delivery: Delivery) -> list[Path]:
    return sorted(lake.attempt(delivery, "x").parent.glob("*.json"), key=lambda path: path.stem)


def _read(path: Path) -> Attempt | None:
    """The attempt of a file; None where it is damaged."""
    try:
        entry: dict[str, Any] = json.loads(path.read_bytes())
        delivery = Delivery(entry["module"], entry["cpo"], date.fromisoformat(entry["window"]))
        rest = {name: value for name, value in entry.items() if name not in ("delivery_id", "cpo", "module", "window")}
        rest |= {"begun_at": datetime.fromisoformat(entry["begun_at"]), "outcome": AttemptOutcome(entry["outcome"])}
        return Attempt(delivery, **rest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
