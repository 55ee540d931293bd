"""The demo killed at random moments and run again: does it end with the bytes of an undisturbed run?

    python bench/kills.py --times 10

Each round starts `linda demo` in a fresh folder, kills it and its children with SIGKILL at a random moment, runs it again in
the same folder, and compares every file of the lake (reports, Parquet) and the content of linda.duckdb. Takes a while: about
a minute and a half a round on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

TELLS_OF_KILLS = "attempts"
"""The one table that must differ: it lists every attempt, the killed one too, and how long each took."""
BUCKETS = ("accepted", "rejected", "held", "findings", "curated", "kpi", "reports", "ledger")


def demo(to: Path) -> subprocess.Popen[bytes]:
    """The demo, started in a process group of its own."""
    command = [sys.executable, "-m", "linda_pipeline.cli", "demo", "--out", str(to)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def fingerprint(lake: Path) -> dict[str, str]:
    """A hash of every file that must come out the same, and of the content of every table for analysts."""
    found = {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for bucket in BUCKETS
        for path in sorted((lake / bucket).rglob("*"))
        if path.is_file()
    }
    with duckdb.connect(str(lake / "linda.duckdb"), read_only=True) as connection:
        connection.execute(f"SET file_search_path = '{lake}'")
        for (table,) in connection.sql("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall():
            if table == TELLS_OF_KILLS:
                continue
            rows = connection.sql(f'SELECT * FROM "{table}" ORDER BY ALL').fetchall()
            found[f"linda.duckdb:{table}"] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def main() -> None:
    """Run the undisturbed demo once, then the rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    differing = 0
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        assert demo(Path(scratch) / "whole").wait() == 0
        took_s = time.monotonic() - began
        expected = fingerprint(Path(scratch) / "whole" / "lake")
        print(f"undisturbed: {took_s:.0f} s, {len(expected)} fingerprints", flush=True)
        for number in range(1, options.times + 1):
            to = Path(scratch) / f"killed-{number}"
            after_s = moments.uniform(0.1, 1.0) * took_s
            running = demo(to)
            time.sleep(after_s)
            ended = running.poll() is not None
            if not ended:
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            assert demo(to).wait() == 0
            found = fingerprint(to / "lake")
            wrong = sorted(name for name in expected | found if expected.get(name) != found.get(name))
            differing += bool(wrong)
            what = "had ended by itself" if ended else "killed"
            print(f"{number:2d}. {what} after {after_s:5.1f} s: {wrong or 'the same'}", flush=True)
    print(f"{options.times - differing} of {options.times} rounds end with the bytes of the undisturbed run")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
