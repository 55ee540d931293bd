"""A pull of 50,000 CDRs killed at random moments and begun again: is a record ever lost, doubled or halved?

    python bench/pull_kills.py --times 30

A simulated CPO serves 50,000 CDRs. Each round pulls them in a process of its own, kills it with SIGKILL at a random moment
between the first page asked and the end, looks at what may be seen of it then (nothing, unless it had ended), pulls again in
the same lake, a minute later by the delivery's clock, and compares the records with those that the CPO sent. A kill that came
after the end is looked at too, but does not count as one of the rounds. Says how many pages the second pull had not to ask.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

from linda_pipeline.calendar import window_bounds
from linda_pipeline.ledger.attempts import attempts
from linda_pipeline.pulling.pull import newest_pull, pull
from linda_pipeline.register.cpos import parse_register
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.simulator.server import OcpiServer, ServedCpo
from linda_pipeline.storage.lake import Delivery, Lake

WINDOW = date(2026, 11, 9)
PULLED_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DELIVERY = Delivery("cdrs", "NL-ABC", WINDOW)
TOKEN = "bench"


def feed(records: int) -> Feed:
    """So many CDRs of the simulator, in the window; ids beyond the drawn sessions are numbered on."""
    start, end = window_bounds(WINDOW)
    plan = Plan("NL-ABC", locations=60, start=start + timedelta(hours=1), until=end)
    drawn = feeds_of(plan)["cdrs"].records
    first_id = drawn[0].body.partition(b'"id":"')[2].partition(b'"')[0]
    sent = []
    for number in range(records):
        one = drawn[number % len(drawn)]
        own_id = one.body.partition(b'"id":"')[2].partition(b'"')[0]
        body = one.body.replace(b'"id":"' + own_id, b'"id":"' + b"K%0*d" % (len(first_id), number), 1)
        sent.append(Sent(one.last_updated, body))
    return Feed(sent)


def pull_once(url: str, lake: Path, minutes: int) -> None:
    """One pull, in this process."""
    permission = {"document": "b", "owner": "b", "owner_kind": "cpo", "from": date(2020, 1, 1)}
    block = {"name": "Bench", "versions_url": url, "ocpi": "2.2.1", "permission": [permission]}
    cpo = parse_register({"cpo": {"NL-ABC": block}})["NL-ABC"]
    at = PULLED_AT + timedelta(minutes=minutes)
    pull(Lake(lake), cpo, "cdrs", WINDOW, token=TOKEN, pulled_at=at)


def main() -> None:
    """Serve, then kill and look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pull", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pull:
        pull_once(options.pull[0], Path(options.pull[1]), int(options.pull[2]))
        return
    served = feed(options.records)
    expected = sorted(sent.body for sent in served.records)
    assert len(set(expected)) == options.records
    server = OcpiServer(ServedCpo("2.2.1", TOKEN, {"cdrs": served, "locations": Feed()}, "2026-11-23T00:00:00Z"))
    Thread(target=server.serve_forever, daemon=True).start()
    moments, wrong = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        whole_s, number, tries = 0.0, 0, 0
        while number <= options.times:
            tries += 1
            lake = Path(scratch) / f"lake-{tries}"
            run = [sys.executable, __file__, "--pull", server.versions_url, str(lake)]
            first = subprocess.Popen([*run, "0"])
            while first.poll() is None and not list(lake.glob("raw/cdrs/*/*/*.partial")):
                time.sleep(0.005)
            began = time.monotonic()
            if number == 0:
                while first.poll() is None and not list(lake.glob("raw/cdrs/*/*/pull=*Z")):
                    time.sleep(0.005)
                whole_s = time.monotonic() - began
                first.wait()
            else:
                time.sleep(moments.uniform(0.0, 1.0) * whole_s)
                first.send_signal(signal.SIGKILL)
                first.wait()
            seen = newest_pull(Lake(lake), DELIVERY)
            is_half = seen is not None and seen.records != options.records
            is_late = number > 0 and seen is not None
            if number:
                subprocess.run([*run, "1"], check=True)
            got = newest_pull(Lake(lake), DELIVERY)
            assert got is not None
            records = sorted(record for _, page in got.pages() for record in page)
            fine = records == expected and got.complete and not is_half
            wrong += not fine
            outcomes = [str(attempt.outcome) for attempt in attempts(Lake(lake), DELIVERY)]
            what = "undisturbed" if not number else "killed after the end" if is_late else "killed"
            what += f", {outcomes}, went on from page {got.resumed_pages}"
            print(f"{number:2d}. {what} of {len(got.files)}: {'the same records' if fine else 'WRONG'}", flush=True)
            number += not is_late
    print(
        f"{options.times} kills before the end, {tries - 1 - options.times} after it: {tries - wrong} of {tries} rounds, the "
        f"undisturbed one among them, end with exactly the {options.records:,} records sent"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
