"""The judge alone: all rules over one normalised table of CDRs, in µs of CPU per CDR; and the same file through
json_normalize and Pandera in the same run, with the type errors that each of the two finds.

    python bench/judge.py [--records 200000] [--bad 0.02] [--rounds 3]

The rules' own Pandera gate and the normaliser are told apart, so that the comparison is of whole roads: bytes to findings.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import window_bounds
from linda_pipeline.ocpi.columns import CDR, Type
from linda_pipeline.ocpi.normalise import Unit, normalise
from linda_pipeline.quality import joined
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.rules import rules_for
from linda_pipeline.quality.view import View
from linda_pipeline.simulator.plan import Plan, feeds_of

PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
VERSION = "2.2.1"
UNIT = 40_000


def records(count: int, bad: float) -> list[bytes]:
    """About so many simulated CDRs as bytes."""
    start, end = window_bounds(datetime(2026, 11, 9).date())
    locations = int(count / (14 * 1.2 * 2.0) * 1.4) + 1
    plan = Plan("NL-ABC", VERSION, "Bench B.V.", 7, locations, 1.2, start, end - timedelta(hours=1), PULLED_AT, bad)
    return [one.body for one in feeds_of(plan)["cdrs"].records][:count]


def with_known(table: pa.Table) -> pa.Table:
    """The table with all that the road joins on, so that every rule runs."""
    count = table.num_rows
    yes, power = pa.repeat(True, count), pa.repeat(22.0, count)
    return (
        table.append_column(joined.LOCATION_KNOWN, yes)
        .append_column(joined.EVSE_KNOWN, yes)
        .append_column(joined.KNOWN_POWER_KW, power)
        .append_column(joined.KNOWN_VOLT_AMPERE_KW, power)
        .append_column(joined.KNOWN_LATITUDE, table["latitude"])
        .append_column(joined.KNOWN_LONGITUDE, table["longitude"])
        .append_column(joined.PERMIT_LATITUDE, table["latitude"])
        .append_column(joined.PERMIT_LONGITUDE, table["longitude"])
    )


def judged(table: pa.Table, flaws: pa.Table) -> pa.Table:
    """Findings of all rules."""
    view = View("cdr", VERSION, table, PULLED_AT, frozenset({"NL-ABC"}))
    return find(view, rules_for("cdr", VERSION), flaws)


def our_road(bodies: list[bytes]) -> tuple[int, int]:
    """Bytes to findings as the road does it, in units: findings, and records with a place of the wrong type."""
    found, flawed = 0, 0
    for first in range(0, len(bodies), UNIT):
        unit = normalise("cdr", VERSION, [(1, bodies[first : first + UNIT])])
        found += judged(with_known(unit.table), unit.flaws).num_rows
        flawed += len(pc.unique(unit.flaws["row"]))
    return found, flawed


def usual_road(bodies: list[bytes]) -> tuple[int, int]:
    """Bytes to findings as one does it with json_normalize and Pandera, with coercion and the same scalars checked."""
    frame = pd.json_normalize([json.loads(body) for body in bodies if body.startswith(b"{")])
    columns: dict[str, Any] = {}
    for column in CDR:
        path = column.path.get(VERSION)
        if path is None or column.type in (Type.LIST, Type.OBJECT) or path not in frame:
            continue
        needed = VERSION in column.required
        checks: list[Any] = []
        if VERSION in column.values:
            checks.append(pandera.Check.isin(column.values[VERSION]))
        if VERSION in column.max_length and column.type is not Type.COORDINATE:
            checks.append(pandera.Check.str_length(max_value=column.max_length[VERSION]))
        if column.name == "total_energy_kwh":
            checks.append(pandera.Check.ge(0))
        columns[path] = pandera.Column(_PANDAS[column.type], checks, nullable=not needed, coerce=True, required=needed)
    schema = pandera.DataFrameSchema(
        columns,
        checks=[
            pandera.Check(lambda f: f["start_date_time"] < f["end_date_time"], name="start_before_end"),
            pandera.Check(_total_time, name="total_time_matches"),
        ],
    )
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        typed = cases[cases["check"].astype(str).str.contains("coerce|dtype", regex=True)]
        return len(cases), int(typed["index"].nunique())
    return 0, 0


_PANDAS: dict[Type, Any] = {
    Type.TEXT: str,
    Type.CI_TEXT: str,
    Type.NUMBER: float,
    Type.COORDINATE: float,
    Type.BOOLEAN: "boolean",
    Type.DATETIME: "datetime64[ns, UTC]",
}


def _total_time(frame: pd.DataFrame) -> Any:
    hours = (frame["end_date_time"] - frame["start_date_time"]).dt.total_seconds()
    return (frame["total_time"] * 3600 - hours).abs() <= 60


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    gc.collect()
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--bad", type=float, default=0.02)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    bodies = records(options.records, options.bad)
    count = len(bodies)
    unit: Unit = normalise("cdr", VERSION, [(1, bodies)])
    table = with_known(unit.table)
    times = []
    for _ in range(options.rounds + 1):
        seconds, found = cpu(lambda: judged(table, unit.flaws))
        times.append(seconds / count * 1e6)
    rules = [rule for rule in rules_for("cdr", VERSION) if rule.body is not None]
    print(
        f"{count:,} CDRs, {options.bad:.0%} bad, {len(rules)} rules at once: "
        f"{statistics.median(times[1:]):.2f} µs of CPU per CDR ({', '.join(f'{one:.2f}' for one in times[1:])}); "
        f"{found.num_rows:,} findings",
        flush=True,
    )
    ours, (our_findings, our_flaws) = cpu(lambda: our_road(bodies))
    usual, (usual_findings, usual_flaws) = cpu(lambda: usual_road(bodies))
    print(
        f"bytes to findings: ours {ours / count * 1e6:.1f} µs ({our_findings:,} findings, {our_flaws:,} records with a wrong "
        f"type), json_normalize + Pandera {usual / count * 1e6:.1f} µs ({usual_findings:,} failure cases, {usual_flaws:,} "
        f"records with a wrong type): {usual / ours:.1f} times as long"
    )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
