"""A pull that does not come to its end: killed, failed or without room, it is never seen, and the next one goes on from it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from linda_pipeline.ledger.attempts import attempts
from linda_pipeline.ocpi.failures import HostFailing, NotAuthorised
from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline.pulling.pull import newest_pull
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo, answers, numbered
from linda_pipeline_tests.pulling.from_a_server import (
    BRISK,
    DELIVERY,
    PULLED_AT,
    files_of,
    pulled,
)


def test_pages_go_to_disk_one_by_one_and_are_seen_by_nobody_before_the_last(lake: Lake, server: LittleCpo) -> None:
    seen: list[int] = []

    def on_page(page: RawPage) -> None:
        assert newest_pull(lake, DELIVERY) is None
        seen.append(sum(name.endswith(".gz") for name in files_of(lake)))

    pulled(lake, server, on_page=on_page)
    assert seen == [1, 2, 3]


def test_a_pull_that_fails_halfway_for_good_leaves_nothing(lake: Lake, server: LittleCpo) -> None:
    server.faults = [lambda handler: handler.page("cdrs", {"limit": "100"}), answers(403)]
    with pytest.raises(NotAuthorised):
        pulled(lake, server)
    assert files_of(lake) == []
    assert newest_pull(lake, DELIVERY) is None


def test_a_pull_that_a_failing_server_ends_is_not_seen_and_the_next_one_goes_on_from_it(
    lake: Lake, server: LittleCpo
) -> None:
    server.faults = [lambda handler: handler.page("cdrs", {"limit": "100"}), *[answers(503)] * BRISK.tries]
    with pytest.raises(HostFailing):
        pulled(lake, server)
    assert newest_pull(lake, DELIVERY) is None
    server.asked.clear()
    got = pulled(lake, server, pulled_at=PULLED_AT + timedelta(hours=1))
    assert (got.complete, got.records, got.resumed_pages) == (True, 250, 1)
    assert [asked.query["offset"] for asked in server.pages_asked()] == ["0", "100", "200"], (
        "the last page that came is asked again, to see that the list is still the same"
    )
    assert all("pull=20261123T040211Z/" in name for name in files_of(lake))


def test_where_the_list_is_another_one_by_now_the_pull_begins_anew(lake: Lake, server: LittleCpo) -> None:
    server.faults = [lambda handler: handler.page("cdrs", {"limit": "100"}), *[answers(503)] * BRISK.tries]
    with pytest.raises(HostFailing):
        pulled(lake, server)
    server.records["cdrs"] = server.records["cdrs"][1:]
    got = pulled(lake, server, pulled_at=PULLED_AT + timedelta(hours=1))
    assert (got.complete, got.records, got.resumed_pages) == (True, 249, 0)
    assert [json.loads(record) for _, records in got.pages() for record in records] == numbered(250)[1:]


def in_child(code: str, lake: Path, server: LittleCpo, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, with `pulled(on_page=None)` for the same pull; `before` is run by a shell."""
    script = (
        "import os, sys, pathlib\n"
        "from linda_pipeline.pulling.pull import newest_pull\n"
        "from linda_pipeline.storage.lake import Lake\n"
        "from linda_pipeline_tests.ocpi.little_cpo import LittleCpo\n"
        "from linda_pipeline_tests.pulling import from_a_server as here\n"
        "lake = Lake(pathlib.Path(sys.argv[1]))\n"
        "pulled = lambda **options: here.pulled(lake, LittleCpo(url=sys.argv[2]), **options)\n" + code
    )
    python = [sys.executable, "-c", script, str(lake), server.url]
    command = ["unshare", "-rm", "sh", "-c", f'{before} && exec "$@"', "sh", *python] if before else python
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("hours", [1, 30])
def test_a_killed_pull_is_never_seen_and_the_next_one_goes_on_from_it_or_clears_it_away(
    lake: Lake, server: LittleCpo, hours: int
) -> None:
    kill = "import signal\npulled(on_page=lambda page: page.number == 2 and os.kill(os.getpid(), signal.SIGKILL))"
    assert in_child(kill, lake.root, server).returncode == -9
    assert len(files_of(lake)) == 3, "two pages and the journal"
    assert newest_pull(lake, DELIVERY) is None
    (cut_off,) = attempts(lake, DELIVERY)
    assert cut_off.outcome == "running"
    later = PULLED_AT + timedelta(hours=hours)
    got = pulled(lake, server, pulled_at=later)
    assert (got.records, got.resumed_pages) == (250, 2 if hours < 24 else 0)
    assert [json.loads(record) for _, records in got.pages() for record in records] == numbered(250)
    assert all(f"pull={got.stamp}/" in name for name in files_of(lake))
    assert [attempt.outcome for attempt in attempts(lake, DELIVERY)] == ["killed", "complete"]


def test_a_full_disk_is_a_clear_sentence_and_nothing_half_written(tmp_path: Path, server: LittleCpo) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=400k none "{disk}"'
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "sh", "-c", mount], check=False).returncode:
        pytest.skip("no small disk can be mounted here: that takes Linux with user namespaces")
    noise = random.Random(1)
    server.records["cdrs"] = [{"id": str(n), "noise": noise.randbytes(1000).hex()} for n in range(1000)]
    tell = (
        "try:\n    pulled()\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
        "print(here.files_of(lake), newest_pull(lake, here.DELIVERY))\n"
    )
    done = in_child(tell, disk, server, before=mount)
    assert "LakeUnusable There is no space left for " in done.stdout, done.stderr
    assert done.stdout.endswith("[] None\n")
