"""The judge alone, and beside the usual way: what a CDR costs, and which errors of type are found.

    python bench/judge.py [--records 200000] [--bad 0.02] [--rounds 3]

First: all rules on single CDRs of OCPI 2.2.1 at once over one normalised table, in µs of CPU per CDR. Then, in the same run
and from the same file: our road (read, normalise, judge) beside json.loads + json_normalize + a Pandera schema validated
lazily, written as fast as we know how: types by one vectorised test per column, moments parsed beforehand, and no coercion
(which costs minutes where a column has one wrong value). In one CDR of a hundred one field has a wrong JSON type; both
sides are asked which record and which field. Exits with 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import window_bounds
from linda_pipeline.ocpi.columns import CDR, Column, Type
from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.ocpi.stream import runs
from linda_pipeline.quality import joined
from linda_pipeline.quality.example import set_at
from linda_pipeline.quality.judge import find
from linda_pipeline.quality.mending import mended
from linda_pipeline.quality.profile import CURRENT
from linda_pipeline.quality.rules import ids_in_force, rules_for
from linda_pipeline.quality.view import View
from linda_pipeline.simulator.plan import Plan, feeds_of

PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
VERSION = "2.2.1"
UNIT = 40_000
WRONG_TYPE_EVERY = 100
MOST_MICROSECONDS = 8.0
LEAST_TIMES_FASTER = 2.5
WRONG: dict[Type, Any] = {
    Type.TEXT: 12345,
    Type.CI_TEXT: 12345,
    Type.NUMBER: "12.50",
    Type.BOOLEAN: "true",
    Type.DATETIME: 1762500000,
    Type.COORDINATE: 51.42,
}
"""A value of another JSON type than the column's."""
PYTHON: dict[Type, tuple[type, ...]] = {Type.NUMBER: (int, float), Type.BOOLEAN: (bool,)}

Place = tuple[int, str]
"""A record of the file, from 0, and a path in it."""


def scalars() -> list[Column]:
    """The fields of one value, outside lists."""
    return [column for column in CDR if VERSION in column.path and column.type in WRONG]


def write(path: Path, count: int, bad: float) -> set[Place]:
    """Write a file of about so many simulated CDRs; the places where a type is wrong are given back."""
    start, end = window_bounds(datetime(2026, 11, 9).date())
    locations = int(count / (14 * 1.2 * 2.0) * 1.4) + 1
    plan = Plan("NL-ABC", VERSION, "Bench B.V.", 7, locations, 1.2, start, end - timedelta(hours=1), PULLED_AT, bad)
    sent = [one for one in feeds_of(plan)["cdrs"].records if _is_json(one.body)][:count]
    columns, planted = scalars(), set()
    with path.open("wb") as file:
        file.write(b"[")
        for place, one in enumerate(sent):
            body = one.body
            if place % WRONG_TYPE_EVERY == 0 and not one.made_for:
                column = columns[place // WRONG_TYPE_EVERY % len(columns)]
                record = json.loads(body)
                set_at(record, column.path[VERSION], WRONG[column.type])
                body = json.dumps(record, separators=(",", ":")).encode()
                planted.add((place, column.path[VERSION]))
            file.write((b",\n" if place else b"") + body)
        file.write(b"]")
    return planted


def _is_json(body: bytes) -> bool:
    """json.loads refuses the whole file where one record is none."""
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


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
    table, found_before = mended(table, "cdr", VERSION, ids_in_force("cdr", VERSION, CURRENT))
    view = View("cdr", VERSION, table, PULLED_AT, frozenset({"NL-ABC"}), mended=found_before)
    return find(view, rules_for("cdr", VERSION), flaws)


def read(path: Path) -> list[bytes]:
    """The records of the file, as `linda validate` takes them out of it."""
    with path.open("rb") as file:
        return [record for run in runs(file) for record in run.records]


def our_road(path: Path) -> tuple[int, set[Place]]:
    """File to findings as the road does it, in units: how many, and where something could not be read."""
    bodies, found, wrong = read(path), 0, set()
    for first in range(0, len(bodies), UNIT):
        unit = normalise("cdr", VERSION, [(1, bodies[first : first + UNIT])])
        findings = judged(with_known(unit.table), unit.flaws)
        found += findings.num_rows
        unread = findings.filter(pc.ends_with(findings["rule"], "_unreadable"))
        wrong |= {(first + row, at) for row, at in zip(*(unread[n].to_pylist() for n in ("row", "path")), strict=True)}
    return found, wrong


def usual_road(path: Path) -> tuple[int, set[Place]]:
    """File to failure cases with json_normalize and Pandera: how many, and where a type is wrong."""
    records = json.loads(path.read_bytes())
    places = [place for place, record in enumerate(records) if isinstance(record, dict)]
    frame = pd.json_normalize([records[place] for place in places])
    columns: dict[str, Any] = {}
    for column in scalars():
        name = column.path[VERSION]
        if name not in frame:
            continue
        kinds = PYTHON.get(column.type, (str,))
        checks = [pandera.Check(_of_types(frame[name], kinds), name="type", ignore_na=False)]
        if VERSION in column.values:
            checks.append(pandera.Check.isin(column.values[VERSION]))
        if VERSION in column.max_length and column.type is not Type.COORDINATE:
            checks.append(pandera.Check(_no_longer_than(column.max_length[VERSION]), name="too_long"))
        columns[name] = pandera.Column(None, checks, nullable=VERSION not in column.required)
        if column.type is Type.NUMBER:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        elif column.type is Type.DATETIME:
            frame[name] = pd.to_datetime(frame[name], errors="coerce", utc=True, format="ISO8601")
    schema = pandera.DataFrameSchema(
        columns,
        checks=[
            pandera.Check(lambda f: ~(f["start_date_time"] >= f["end_date_time"]), name="start_before_end"),
            pandera.Check(lambda f: ~(f["total_energy"] < 0), name="total_energy_not_negative"),
            pandera.Check(_total_time, name="total_time_matches"),
        ],
    )
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        typed = cases[cases["check"] == "type"]
        return len(cases), {(places[row], at) for row, at in zip(typed["index"], typed["column"], strict=True)}
    return 0, set()


def _of_types(values: Any, kinds: tuple[type, ...]) -> Callable[[Any], Any]:
    """The test whether values, as they came out of the JSON, are of a type or absent."""
    is_whole = (str in kinds and values.dtype == "str") or (float in kinds and pd.api.types.is_float_dtype(values))
    fine = pd.Series(True, index=values.index) if is_whole else values.isna() | values.map(type).isin(kinds)
    return lambda _: fine


def _no_longer_than(length: int) -> Callable[[Any], Any]:
    return lambda values: ~(values.str.len() > length)


def _total_time(frame: pd.DataFrame) -> Any:
    seconds = (frame["end_date_time"] - frame["start_date_time"]).dt.total_seconds()
    return ~((frame["total_time"] * 3600 - seconds).abs() > 60)


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    gc.collect()
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def main() -> int:
    """Measure and print; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--bad", type=float, default=0.02)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cdrs.json"
        planted = write(path, options.records, options.bad)
        bodies = read(path)
        count = len(bodies)
        unit = normalise("cdr", VERSION, [(1, bodies)])
        table = with_known(unit.table)
        times = []
        for _ in range(options.rounds + 1):
            seconds, found = cpu(partial(judged, table, unit.flaws))
            times.append(seconds / count * 1e6)
        alone = statistics.median(times[1:])
        rules = [rule for rule in rules_for("cdr", VERSION) if rule.body is not None]
        print(
            f"{count:,} CDRs, {options.bad:.0%} bad, {len(rules)} rules at once: {alone:.2f} µs of CPU per CDR "
            f"({', '.join(f'{one:.2f}' for one in times[1:])}); {found.num_rows:,} findings",
            flush=True,
        )
        del bodies
        ratios, missed = [], 0
        for _ in range(options.rounds):
            (ours, (our_findings, we_found)), (theirs, (their_findings, they_found)) = (
                cpu(partial(our_road, path)),
                cpu(partial(usual_road, path)),
            )
            ratios.append(theirs / ours)
            missed = len(planted - we_found)
            print(
                f"file to findings: ours {ours / count * 1e6:.1f} µs ({our_findings:,} findings; {len(planted) - missed:,} of "
                f"{len(planted):,} wrong types), json_normalize + Pandera {theirs / count * 1e6:.1f} µs "
                f"({their_findings:,} failure cases; {len(planted & they_found):,} of {len(planted):,}): "
                f"{ratios[-1]:.2f} times as long",
                flush=True,
            )
    print(f"times as long, median of {len(ratios)}: {statistics.median(ratios):.2f}")
    return int(alone > MOST_MICROSECONDS or missed > 0 or statistics.median(ratios) < LEAST_TIMES_FASTER)


if __name__ == "__main__":
    sys.exit(main())
