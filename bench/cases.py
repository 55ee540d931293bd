"""What following costs: a window of CDRs judged and taken in beside a million cases, and how fast those are listed.

    python bench/cases.py [--records 100000] [--cases 1000000] [--unsolved 200000]

CPU of the judging and of the taking in, in one run; all unsolved cases are of the CPO that delivers: the worst that can be.
Exits with 1 where taking in costs more than a tenth of the judging, or a list takes a second.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from linda_pipeline.calendar import window_bounds
from linda_pipeline.cases.case import RedeliveryCase, event, tell
from linda_pipeline.cases.lookup import Asked, list_cases
from linda_pipeline.cases.taking_in import take_in
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import CPO, KEY, raw_pull

WINDOW = date(2026, 11, 9)
EARLIER = date(2026, 10, 26)
MOST_SHARE, MOST_SECONDS = 0.1, 1.0
_AT_ONCE = 50_000
_CASES: Any = RedeliveryCase.__table__


def fill(database: RegisterDatabase, cases: int, unsolved: int) -> None:
    """Put cases into a register, those that are unsolved first."""
    pulled_at = window_bounds(EARLIER)[1] + timedelta(hours=3)
    with database.writing() as session:
        for first in range(1, cases + 1, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, cases + 1))
            rows = [
                {
                    "id": number,
                    "cpo": CPO.key if number <= unsolved else f"NL-X{number % 20:02d}",
                    "module": "cdrs",
                    "object": "cdr",
                    "identity": f"NL|ABC|OLD-{number}",
                    "record_id": f"OLD-{number}",
                    "records": 1,
                    "rules": ["total_time_matches"],
                    "state": "open" if number <= unsolved else "corrected",
                    "first_seen": pulled_at,
                    "due_date": date(2027, 6, 1),
                    "delivery_id": f"cdrs/{CPO.key}/{EARLIER}",
                    "last_window": EARLIER,
                    "last_pull": "20261109T030000Z",
                }
                for number in numbers
            ]
            session.connection().execute(insert(_CASES), rows)
            tell(session, (event(number, pulled_at, "portal", "opened") for number in numbers))


def main() -> int:
    """Measure, print, and say by the exit code whether the bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--unsolved", type=int, default=200_000)
    options = parser.parse_args()
    start, end = window_bounds(WINDOW)
    pulled_at = end + timedelta(hours=3)
    locations = int(options.records / (14 * 1.2 * 2.0) * 1.4) + 1
    plan = Plan(CPO.key, "2.2.1", "Bench B.V.", 7, locations, 1.2, start, end - timedelta(hours=1), pulled_at, 0.05)
    bodies = [sent.body for sent in feeds_of(plan)["cdrs"].records[: options.records]]
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        database = RegisterDatabase(address_of(None, lake.root))
        fill(database, options.cases, options.unsolved)
        pull = raw_pull(lake, *(bodies[at : at + 1000] for at in range(0, len(bodies), 1000)))
        gc.freeze()  # what the bench holds is nothing that a portal holds, and is not to be looked through again and again
        begun = time.process_time()
        judge_cdrs(lake, CPO, pull, areas=None, key=KEY)
        judged = time.process_time()
        changes = take_in(lake, database, pulled_at)
        taken_in = time.process_time()
        gc.unfreeze()
        asked = time.perf_counter()
        with database.reading() as session:
            shown = len(list(list_cases(session, Asked(rule="total_time_matches"), 100)))
        listed_s = time.perf_counter() - asked
        database.close()
    share = (taken_in - judged) / (judged - begun)
    print(
        f"{len(bodies):,} CDRs judged in {judged - begun:.2f} s of CPU, taken in in {taken_in - judged:.2f} s: {share:.1%}"
    )
    print(f"{dict(changes)} beside {options.cases:,} cases, {options.unsolved:,} of them unsolved")
    print(f"a list of {shown} by rule in {listed_s:.2f} s")
    return int(share > MOST_SHARE or listed_s > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
