"""The books of the deliveries: every attempt, and whether raw is still as it was received.

Here: reading the ledger of attempts and raw. Not here: how attempts are written (attempts.py), what never came (due.py), and
the receipt (receipt.py).
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from isal import igzip
from isal.igzip_lib import IsalError

from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome, attempts
from linda_pipeline.ledger.entry import find_judgement
from linda_pipeline.ledger.tables import ATTEMPTS
from linda_pipeline.pulling.raw import RECORD, Pull, attempt_of, read_pull
from linda_pipeline.storage.lake import MODULES, Delivery, Lake, LakeUnusable


@dataclass(frozen=True)
class Damage:
    """A raw file that is no longer as it was received."""

    delivery_id: str
    path: Path
    what: str


def all_deliveries(lake: Lake, *, module: str | None = None, cpo: str | None = None) -> list[Delivery]:
    """Every delivery that was ever attempted or pulled, in order."""
    found = set()
    for one in MODULES if module is None else (module,):
        for place in ("raw" if lake.may_read_raw else "ledger", "attempts"):
            for folder in (lake.root / place / one).glob(f"cpo={cpo or '*'}/window=*"):
                if any(folder.glob("pull=*/delivery.json" if place == "raw" else "*.json")):
                    name, window = folder.parent.name, folder.name
                    found.add(
                        Delivery(one, name.removeprefix("cpo="), date.fromisoformat(window.removeprefix("window=")))
                    )
    return sorted(found)


def all_attempts(lake: Lake, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, the oldest first; a pull of before attempts were kept counts as one.

    Where raw is closed to this user, such a pull is known from its judgement alone.
    """
    found = attempts(lake, delivery)
    known = {attempt.pull for attempt in found}
    judgement = None if lake.may_read_raw else find_judgement(lake, delivery)
    if judgement is not None and judgement.pull not in known:
        found.append(
            Attempt(
                delivery,
                judgement.pulled_at,
                AttemptOutcome.COMPLETE if judgement.complete else AttemptOutcome.INCOMPLETE,
                ocpi_version=judgement.ocpi_version,
                records=judgement.main.received + judgement.outside_window,
                bytes=judgement.raw_bytes,
                complete=judgement.complete,
                pull=judgement.pull,
            )
        )
    for pull in pulls(lake, delivery):
        if pull.stamp not in known:
            found.append(attempt_of(pull))
    return sorted(found, key=lambda attempt: attempt.begun_at)


def pulls(lake: Lake, delivery: Delivery) -> list[Pull]:
    """Every finished pull of a delivery, the oldest first; none where raw is closed to this user.

    Raises LakeUnusable where a record cannot be read.
    """
    if not lake.may_read_raw:
        return []
    return [read_pull(folder) for folder in _folders(lake, delivery) if (folder / RECORD).exists()]


def _folders(lake: Lake, delivery: Delivery) -> list[Path]:
    return [folder for folder in sorted(lake.raw(delivery).glob("pull=*")) if "." not in folder.name]


def verify(lake: Lake, deliveries: Iterable[Delivery]) -> Iterator[Damage]:
    """Hold every raw page against the hash that was taken when it came in: SHA-256 over the decoded body.

    Raises PermissionError where raw is closed to this user.
    """
    if not lake.may_read_raw:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(lake.root / "raw"))
    for delivery in deliveries:
        sums = {attempt.pull: attempt.sha256 for attempt in attempts(lake, delivery) if attempt.pull and attempt.sha256}
        stamps = {folder.name.removeprefix("pull=") for folder in _folders(lake, delivery)}
        for stamp_text in sorted(set(sums) - stamps):
            yield Damage(delivery.id, lake.raw(delivery) / f"pull={stamp_text}", "the whole pull is gone")
        for folder in _folders(lake, delivery):
            try:
                pull = read_pull(folder)
            except LakeUnusable:
                yield Damage(delivery.id, folder / RECORD, "the record of the pull is missing or cannot be read")
                continue
            if sums.get(pull.stamp, pull.sha256) != pull.sha256:
                yield Damage(delivery.id, folder / RECORD, "the record of the pull was changed after it came in")
            yield from _pages(pull)


def _pages(pull: Pull) -> Iterator[Damage]:
    for page in pull.files:
        path = pull.folder / page.file
        try:
            body = igzip.decompress(path.read_bytes())
        except FileNotFoundError:
            yield Damage(pull.delivery.id, path, "the page is gone")
            continue
        except (OSError, EOFError, IsalError) as error:  # type: ignore[misc] # isal's stub calls it a value
            yield Damage(pull.delivery.id, path, f"the page cannot be unpacked ({error})")
            continue
        if hashlib.sha256(body).hexdigest() != page.sha256:
            yield Damage(pull.delivery.id, path, "the page was changed after it came in")
    known = {RECORD, *(page.file for page in pull.files)}
    for path in sorted(pull.folder.iterdir()):
        if path.name not in known:
            yield Damage(pull.delivery.id, path, "this file does not belong to the pull")


def attempts_table(lake: Lake) -> pa.Table:
    """Every attempt of every delivery, for linda.duckdb."""
    rows = [_row(attempt) for delivery in all_deliveries(lake) for attempt in all_attempts(lake, delivery)]
    return pa.Table.from_pylist(rows, schema=ATTEMPTS)


def _row(attempt: Attempt) -> dict[str, Any]:
    same = (
        "pages",
        "records",
        "unique_records",
        "total_count",
        "bytes",
        "received_bytes",
        "complete",
        "proof",
        "doubt",
    )
    return {
        "delivery_id": attempt.delivery.id,
        "module": attempt.delivery.module,
        "cpo": attempt.delivery.cpo,
        "window": attempt.delivery.window,
        "begun_at": attempt.begun_at,
        "outcome": attempt.outcome.value,
        "ocpi_version": attempt.ocpi_version,
        **{name: getattr(attempt, name) for name in same},
        "hidden": len(attempt.hidden),
        "crawls": attempt.crawls,
        "resumed_pages": attempt.resumed_pages,
        "duration_s": attempt.duration_s,
        "sha256": attempt.sha256,
        "failure": None if attempt.failure is None else attempt.failure["message"] or attempt.failure["kind"],
    }
