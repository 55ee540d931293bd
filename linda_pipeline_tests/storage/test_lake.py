"""The lake: where things lie, and what stands after a kill, for another user, and while others hold a lock."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from linda_pipeline.storage.lake import Delivery, Lake, LakeUnusable

DELIVERY = Delivery("cdrs", "NL-ABC", date(2026, 11, 9))
NOBODY = 65534


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def staged(lake: Lake) -> list[str]:
    return sorted(path.name for path in (lake.root / ".staging").iterdir())


def test_paths_are_those_of_the_contract(lake: Lake) -> None:
    def below(path: Path) -> str:
        return str(path.relative_to(lake.root))

    night = Delivery("locations", "NL-ABC", date(2026, 11, 23))
    assert below(lake.raw(DELIVERY)) == "raw/cdrs/cpo=NL-ABC/window=2026-11-09"
    assert below(lake.table("accepted", DELIVERY)) == "accepted/cdrs/cpo=NL-ABC/window=2026-11-09/part-00001.parquet"
    assert below(lake.table("accepted", night, "evses")).endswith(
        "locations/cpo=NL-ABC/window=2026-11-23/evses.parquet"
    )
    assert below(lake.report(DELIVERY)) == "reports/cdrs/cpo=NL-ABC/window=2026-11-09"
    assert below(lake.ledger(DELIVERY)) == "ledger/cdrs/cpo=NL-ABC/window=2026-11-09/judgement.json"
    assert (
        below(lake.curated("cdrs", "NL-ABC", "2026-11")) == "curated/cdrs/cpo=NL-ABC/month=2026-11/part-00001.parquet"
    )
    assert below(lake.curated("evses", "NL-ABC")) == "curated/evses/cpo=NL-ABC/part-00001.parquet"
    assert (below(lake.kpi), below(lake.database)) == ("kpi", "linda.duckdb")
    assert DELIVERY.id == "cdrs/NL-ABC/2026-11-09"


def test_a_relative_lake_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Lake(Path("lake")).root == tmp_path / "lake"


def test_judged_deliveries_are_listed_in_order_and_by_cpo(lake: Lake) -> None:
    said = [
        Delivery("cdrs", "NL-XYZ", date(2026, 10, 26)),
        Delivery("cdrs", "NL-ABC", date(2026, 11, 9)),
        Delivery("cdrs", "NL-ABC", date(2026, 10, 26)),
        Delivery("locations", "NL-ABC", date(2026, 11, 9)),
    ]
    assert lake.judged("cdrs") == []
    for delivery in said:
        lake.ledger(delivery).parent.mkdir(parents=True)
        lake.ledger(delivery).write_text("{}")
    assert lake.judged("cdrs") == [said[2], said[1], said[0]]
    assert lake.judged("cdrs", "NL-ABC") == [said[2], said[1]]
    assert lake.judged("locations") == [said[3]]


def test_folders_with_personal_data_are_for_their_owner_alone(lake: Lake) -> None:
    assert [mode(lake.root / name) for name in ("raw", "rejected", ".staging")] == [0o700] * 3


def test_a_transaction_shows_everything_at_its_end_and_nothing_before(lake: Lake) -> None:
    one, two = lake.table("accepted", DELIVERY), lake.ledger(DELIVERY)
    with lake.transaction() as transaction:
        transaction.put(one).write_text("1")
        transaction.put(two).write_text("2")
        assert not one.exists()
        assert not two.exists()
    assert (one.read_text(), two.read_text()) == ("1", "2")
    assert staged(lake) == []


def test_a_transaction_that_raises_leaves_the_old_state(lake: Lake) -> None:
    target, kept = lake.ledger(DELIVERY), lake.table("held", DELIVERY)
    with lake.transaction() as transaction:
        transaction.put(target).write_text("old")
        transaction.put(kept).write_text("kept")
    with pytest.raises(ZeroDivisionError), lake.transaction() as transaction:  # noqa: PT012 (the block is what is tested)
        transaction.put(target).write_text("new")
        transaction.remove(kept)
        _ = 1 / 0
    assert (target.read_text(), kept.read_text()) == ("old", "kept")
    assert staged(lake) == []


def test_a_file_that_was_promised_but_not_written_fails_the_whole_transaction(lake: Lake) -> None:
    with pytest.raises(FileNotFoundError), lake.transaction() as transaction:  # noqa: PT012
        transaction.put(lake.ledger(DELIVERY)).write_text("new")
        transaction.put(lake.table("held", DELIVERY))
    assert not lake.ledger(DELIVERY).exists()


def test_a_removed_file_may_be_gone_already(lake: Lake) -> None:
    with lake.transaction() as transaction:
        transaction.remove(lake.database)
    assert not lake.database.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from linda_pipeline.storage.lake import Lake
from linda_pipeline.storage.transaction import Transaction

lake, last = Lake(Path(sys.argv[1])), int(sys.argv[2])
steps = 0

def counted(real):
    def step(*args, **options):
        global steps
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1
        return real(*args, **options)
    return step

Transaction.write_plan = counted(Transaction.write_plan)
for name in ("rename", "replace", "unlink"):
    setattr(Path, name, counted(getattr(Path, name)))
with lake.transaction() as transaction:
    for name in ("a", "b"):
        transaction.put(lake.root / name).write_text("new")
    transaction.remove(lake.root / "c")
print(steps)
"""
OLD = {"a": "old", "b": "old", "c": "old"}
NEW = {"a": "new", "b": "new"}


def standing(lake: Lake) -> dict[str, str]:
    return {name: (lake.root / name).read_text() for name in "abc" if (lake.root / name).exists()}


def run_to(root: Path, step: int) -> subprocess.CompletedProcess[str]:
    Lake(root)
    for name in "abc":
        (root / name).write_text("old")
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(step)], capture_output=True, text=True, check=False
    )


def test_a_kill_at_any_step_leaves_the_old_or_the_new_state_after_reopening(tmp_path: Path) -> None:
    whole = run_to(tmp_path / "whole", 1000)
    steps = int(whole.stdout)
    assert steps == 6, "before the plan, the plan's rename, two files in, one out, and the plan away"
    for step in range(steps):
        root = tmp_path / str(step)
        assert run_to(root, step).returncode == -9
        lake = Lake(root)
        assert standing(lake) == (OLD if step < 2 else NEW), f"killed at step {step}"
        assert staged(lake) == []


def test_what_a_living_process_is_writing_stays(lake: Lake) -> None:
    with lake.scratch() as folder:
        (folder / "work").write_text("in the making")
        Lake(lake.root)
        assert (folder / "work").exists()
    assert staged(lake) == []


def test_what_a_dead_process_was_writing_goes(lake: Lake) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (lake.root / ".staging" / f"{dead.pid}-abc").mkdir()
    Lake(lake.root)
    assert staged(lake) == []


AS_ANOTHER = """
import os, sys
from pathlib import Path
from linda_pipeline.storage.lake import Lake, LakeUnusable

os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
try:
    Lake(Path(sys.argv[1]))
except LakeUnusable as failure:
    print(failure)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder into which every user may look."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try the lake as another user")
def test_a_lake_of_another_user_is_told_in_one_sentence_with_the_remedy(open_folder: Path) -> None:
    lake = Lake(open_folder / "lake")
    asked = [sys.executable, "-c", AS_ANOTHER, str(lake.root), str(NOBODY)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert told.stdout == (
        f"The lake {lake.root} cannot be written by this user (Permission denied). "
        "Give this user the folder, or point LINDA_LAKE at another one.\n"
    )
    assert told.stderr == ""


def test_a_file_in_the_place_of_the_lake_is_told(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("not a folder")
    with pytest.raises(LakeUnusable, match="cannot be written by this user"):
        Lake(tmp_path / "lake")


HOLDS_A_LOCK = """
import sys
from pathlib import Path
from linda_pipeline.storage.lake import Lake

with Lake(Path(sys.argv[1])).lock("publish"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_keeps_other_processes_out_until_its_holder_dies(lake: Lake) -> None:
    holding = [sys.executable, "-c", HOLDS_A_LOCK, str(lake.root)]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        entered = threading.Event()

        def enter() -> None:
            with lake.lock("publish"):
                entered.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        with lake.lock("another"):
            assert not entered.wait(0.2)
        holder.kill()
        assert entered.wait(10)
        waiting.join()


def test_a_path_in_which_duckdb_cannot_write_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(LakeUnusable, match="question mark in its path"):
        Lake(tmp_path / "what?" / "lake")
    assert list(tmp_path.iterdir()) == []
