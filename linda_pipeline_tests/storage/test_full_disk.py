"""A disk on which nothing fits any more, told by whatever library meets it: the user's to mend, with the room it takes."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy.exc import OperationalError

from linda_pipeline.errors import Exit, disk_is_full, exit_code, sentence
from linda_pipeline.storage.lake import DiskFull, Lake
from linda_pipeline_tests.commands.published_lake import AREAS, lake_in, tree

STATIONS = """
import resource, sys
from pathlib import Path
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from linda_pipeline import stations
from linda_pipeline.areas.area_set import read_areas
from linda_pipeline.errors import exit_code, sentence
from linda_pipeline.register.cpos import read_register
from linda_pipeline.storage.lake import Lake
lake = Lake(Path(sys.argv[1]))
register, areas = read_register(lake.root.parent / "cpos.toml"), read_areas(Path(sys.argv[3]))
try:
    stations.curate_cdrs(lake, areas)
    stations.compute_kpis(lake, register)
    stations.publish(lake, register, areas)
except Exception as failure:
    print(sentence(failure))
    sys.exit(exit_code(failure))
"""


def made_anew(lake: Path, limit: int = 0) -> subprocess.CompletedProcess[str]:
    """Curate, compute and publish in a process of its own, no file of which may be larger than the limit (in bytes)."""
    return subprocess.run(
        [sys.executable, "-c", STATIONS, str(lake), str(limit), str(AREAS)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_in(tmp_path_factory.mktemp("full"), tmp_path_factory)


@pytest.fixture
def small_disk(lake: Lake, tmp_path: Path) -> Iterator[Path]:
    """The lake on a disk of its own; remounted by a test, it becomes as small as wanted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be made here")
    try:
        shutil.copytree(lake.root, disk / "lake")
        shutil.copy(lake.root.parent / "cpos.toml", disk)
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("room_kb", [8, 64, 512])
def test_a_disk_without_room_is_told_with_the_room_it_takes_and_nothing_changes(small_disk: Path, room_kb: int) -> None:
    used = int(subprocess.run(["df", "-k", "--output=used", str(small_disk)], capture_output=True, text=True, check=True)
               .stdout.split()[-1])  # fmt: skip
    subprocess.run(["mount", "-o", f"remount,size={used + room_kb}k", str(small_disk)], check=True)
    before = {name: what for name, what in tree(small_disk / "lake").items() if name.endswith((".parquet", ".duckdb"))}
    told = made_anew(small_disk / "lake")
    assert told.returncode == Exit.INPUT, told.stdout + told.stderr
    assert "is full" in told.stdout
    assert re.search(
        r"takes (about|more than) [\d.,]+ [kM]B beside what stands there, and there was room for \d", told.stdout
    )
    after = tree(small_disk / "lake")
    assert after["linda.duckdb"] == before["linda.duckdb"]
    assert list((small_disk / "lake" / ".staging").iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert made_anew(small_disk / "lake").returncode == 0


@pytest.mark.parametrize("limit", [4_096, 300_000])
def test_a_limit_on_the_size_of_files_is_told_alike(lake: Lake, tmp_path: Path, limit: int) -> None:
    shutil.copytree(lake.root, tmp_path / "lake")
    shutil.copy(lake.root.parent / "cpos.toml", tmp_path)
    told = made_anew(tmp_path / "lake", limit)
    assert told.returncode == Exit.INPUT, told.stdout + told.stderr
    assert "Free some, or point LINDA_LAKE at a larger disk" in told.stdout
    assert "failure of the portal itself" not in told.stdout
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


NO_SPACE = 'Could not write file "x.duckdb": No space left on device'
TOLD_BY = [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    OSError(errno.EFBIG, "File too large"),
    OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
    pa.ArrowException("IOError: No space left on device"),
    duckdb.FatalException(f"FATAL Error: Failed to create checkpoint because of error: {NO_SPACE}"),
    duckdb.TransactionException(f"TransactionContext Error: Failed to commit: {NO_SPACE}"),
    duckdb.IOException(f"IO Error: {NO_SPACE}"),
    sqlite3.OperationalError("database or disk is full"),
    OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    OperationalError("INSERT", {}, Exception('could not extend file "base/1": No space left on device')),
    ExceptionGroup("several", [ValueError(), OSError(errno.ENOSPC, "No space left on device")]),
]


@pytest.mark.parametrize("failure", TOLD_BY, ids=lambda one: f"{type(one).__module__}.{type(one).__name__}")
@pytest.mark.parametrize("how", ["itself", "cause", "context", "argument", "twice"])
def test_every_form_in_which_a_full_disk_is_told_is_known(failure: Exception, how: str) -> None:
    told: BaseException = failure
    if how == "cause":
        told = RuntimeError("a run failed")
        told.__cause__ = failure
    elif how == "context":
        told = RuntimeError("while closing")
        told.__context__ = failure
    elif how == "argument":
        told = RuntimeError("could not be written", failure)
    elif how == "twice":
        told, inner = RuntimeError("a run failed"), RuntimeError("a step failed")
        told.__cause__, inner.__cause__ = inner, failure
    assert disk_is_full(told)
    assert exit_code(told) == Exit.INPUT
    assert sentence(told).startswith("There is no space left on the disk.")


@pytest.mark.parametrize(
    "failure",
    [ValueError("No space left on device"), RuntimeError("database or disk is full"), OSError(errno.EIO, "I/O error"),
     duckdb.IOException("IO Error: No files found"), KeyError(28)],
)  # fmt: skip
def test_what_only_sounds_like_it_is_no_full_disk(failure: Exception) -> None:
    assert not disk_is_full(failure)


def test_a_failure_that_goes_round_in_a_circle_is_looked_through() -> None:
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__context__, second.__context__ = second, first
    assert not disk_is_full(first)


def test_the_room_is_that_of_what_stands_there_where_that_is_larger(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.database.write_bytes(b"x" * 7_000_000)

    def publish() -> None:
        with lake.transaction() as transaction:
            transaction.put(lake.database).write_bytes(b"y")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match=r"To write linda.duckdb takes about 7.0 MB .* room for 0 kB"):
        publish()
    assert lake.database.stat().st_size == 7_000_000
