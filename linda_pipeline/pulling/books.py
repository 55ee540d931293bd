"""The books of the deliveries: what was ever asked of a CPO, and every attempt.

Here: reading the ledger of attempts and raw. Not here: how attempts are written (attempts.py), what never came (due.py),
what is damaged (raw_damage.py), and the receipt (receipt.py).
"""

from __future__ import annotations

import contextlib
from typing import Any

import pyarrow as pa

from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome, attempts
from linda_pipeline.ledger.entry import JudgementUnreadable, find_judgement
from linda_pipeline.ledger.tables import ATTEMPTS
from linda_pipeline.pulling.raw import Pull, RawUnreadable, attempt_of, pull_folders, read_pull
from linda_pipeline.storage.lake import MODULES, Delivery, Lake


def all_deliveries(lake: Lake, *, module: str | None = None, cpo: str | None = None) -> list[Delivery]:
    """Every delivery that was ever attempted or pulled, in order."""
    deliveries = set()
    for kind in MODULES if module is None else (module,):
        for place in ("raw" if lake.may_read_raw else "ledger", "attempts"):
            for folder in (lake.root / place / kind).glob(f"cpo={cpo or '*'}/window=*"):
                if any(folder.glob("pull=*/delivery.json" if place == "raw" else "*.json")):
                    deliveries.add(Delivery.of_folder(folder))
    return sorted(filter(None, deliveries))


def all_attempts(lake: Lake, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, the oldest first; a pull of before attempts were kept counts as one.

    Where raw is closed to this user, such a pull is known from its judgement alone.
    """
    noted = attempts(lake, delivery)
    known = {attempt.pull for attempt in noted}
    judgement = None
    if not lake.may_read_raw:
        with contextlib.suppress(JudgementUnreadable):
            judgement = find_judgement(lake, delivery)
    if judgement is not None and judgement.pull not in known:
        noted.append(
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
            noted.append(attempt_of(pull))
    return sorted(noted, key=lambda attempt: attempt.begun_at)


def pulls(lake: Lake, delivery: Delivery) -> list[Pull]:
    """Every finished pull of a delivery, the oldest first, but those whose record is damaged; none where raw is closed to this
    user."""
    if not lake.may_read_raw:
        return []
    pulls = []
    for folder in pull_folders(lake, delivery):
        with contextlib.suppress(RawUnreadable):
            pulls.append(read_pull(folder))
    return pulls


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
