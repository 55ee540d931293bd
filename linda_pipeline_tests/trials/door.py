"""A trial file through the door that `linda validate` uses, and what came out in the words in which a trial tells it.

Here: the judging of one file, with and without the Locations beside it, and the finding as a line. Not here: what is right.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.self_check import Checked, Table, self_check
from linda_pipeline.storage.lake import Lake

TRIALS = Path(__file__).parents[3] / "shared" / "data" / "trials"
MOMENT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
needs_trials = pytest.mark.skipif(
    not TRIALS.is_dir(), reason="the trial files (../shared/data/trials beside the project) are not on this machine"
)


@dataclass(frozen=True)
class Outcome:
    """What became of the records of one file."""

    told: Mapping[str, list[str]]
    """The ids by what was found of them, as `severity rule path`; an EVSE goes by its uid. Who is not there is clean."""
    values: Mapping[tuple[str, str], str]
    """By id and rule, the value that the finding shows."""
    counts: Mapping[str, tuple[int, int, int]]
    """By kind of record: how many were accepted, rejected and held back."""
    rejected: list[str]
    held: Mapping[str, str]
    """By id, why a record is held back."""
    not_run: frozenset[str]


def judged(folder: Path, name: str, locations: str = "") -> Outcome:
    """A trial file judged, CDRs beside a file of Locations where one is named."""
    return judged_bodies(folder, {file: (TRIALS / file).read_bytes() for file in filter(None, (name, locations))})


def judged_bodies(folder: Path, bodies: Mapping[str, bytes]) -> Outcome:
    """The same of files that are at hand, by name."""
    folder.mkdir(exist_ok=True)
    table, lake = Table(folder), Lake(folder / "lake")
    for name, body in bodies.items():
        table.add(io.BytesIO(body), name)
    table.close()
    beside = self_check(lake, table, "locations", moment=MOMENT) if "locations" in table.shelves else None
    if "cdrs" not in table.shelves:
        assert beside is not None
        return _outcome(lake, beside)
    return _outcome(lake, self_check(lake, table, "cdrs", moment=MOMENT, beside=beside))


def _outcome(lake: Lake, checked: Checked) -> Outcome:
    delivery = checked.judgement.delivery
    told: dict[str, list[str]] = defaultdict(list)
    values = {}
    for finding in _rows(lake, "findings", delivery):
        told[f"{finding['severity']} {finding['rule']} {finding['path'] or ''}".strip()].append(finding["id"] or "")
        values[finding["id"], finding["rule"]] = finding["value"]
    counted = checked.judgement.counts.items()
    return Outcome(
        told={verdict: sorted(ids) for verdict, ids in told.items()},
        values=values,
        counts={kind: (one.accepted, one.rejected, one.held_back) for kind, one in counted},
        rejected=sorted(one["id"] for one in _rows(lake, "rejected", delivery)),
        held={one["id"]: one["reason"] for one in _rows(lake, "held", delivery)},
        not_run=frozenset(one["rule"] for one in checked.judgement.rules_not_run),
    )


def _rows(lake: Lake, bucket: str, delivery: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(lake.table(bucket, delivery)).to_pylist()
    return rows
