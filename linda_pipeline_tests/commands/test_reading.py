"""Whoever may read a lake can ask it everything: reading takes no lock, writes nothing, and needs no right to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.commands.published_lake import (
    AREAS,
    AS_ANOTHER_USER,
    can_be_another_user,
    lake_in,
    linda,
    linda_process,
    settings,
    tree,
)

READING = {
    "sql": ["sql", "SELECT 'cdrs: ' || count(*) FROM cdrs; SELECT 'figures: ' || (count(*) > 0) FROM kpi"],
    "deliveries": ["deliveries", "--format", "csv"],
    "verify": ["deliveries", "--verify"],
    "receipt": ["deliveries", "--receipt", "cdrs/NL-ABC/2026-11-09"],
    "held": ["held"],
    "records": ["held", "--records", "--format", "csv"],
    "regions": ["regions", "--out", "{out}"],
    "rules": ["rules"],
    "kpis": ["kpis"],
    "columns": ["columns"],
    "check-cpos": ["check-cpos"],
}
SAID = {
    "sql": ["cdrs: 2", "figures: true"],
    "deliveries": ["cdrs/NL-ABC/2026-11-09", "locations/NL-ABC/2026-11-23"],
    "verify": ["every raw page is as it was received"],
    "receipt": ["Ontvangstbewijs"],
    "held": ["cdrs/NL-ABC/2026-11-09", "home"],
    "records": ["CDR-000003,reservation_only"],
    "regions": ["rapport.html"],
    "rules": ["total_time_matches"],
    "kpis": ["occupancy"],
    "columns": ["total_energy_kwh"],
    "check-cpos": ["no mistakes"],
}
CLOSED = {"verify", "receipt", "regions"}
"""What looks into raw or rejected records, which are for the user that runs the portal alone."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_in(tmp_path_factory.mktemp("reading"), tmp_path_factory)


def options(name: str, out: Path) -> list[str]:
    return [one.format(out=out) for one in READING[name]]


@pytest.mark.parametrize("name", READING)
def test_reading_leaves_every_name_and_moment_in_the_lake_as_it_was(
    name: str, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in {
        "LINDA_LAKE": str(lake.root),
        "LINDA_CPOS": str(lake.root.parent / "cpos.toml"),
        "LINDA_AREAS": str(AREAS),
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(setting, value)
    before = tree(lake.root)
    told = CliRunner().invoke(app, options(name, tmp_path / "out"))
    assert told.exit_code in (0, 1), told.output
    assert all(text in told.output for text in SAID[name]), told.output
    assert tree(lake.root) == before


COMMANDS_IN_TURN = """
import json, sys
from linda_pipeline_tests.linda_here import linda_here
asked, environment = map(json.loads, sys.argv[1:])
done = {name: linda_here(*words, environment=environment) for name, words in asked.items()}
print(json.dumps({name: (one.returncode, one.stdout, one.stderr) for name, one in done.items()}))
"""


class Theirs(NamedTuple):
    """What another user is told of a lake by every command, and the lake's files before and after all of them."""

    told: dict[str, tuple[int, str, str]]
    before: dict[str, tuple[int, int, str]]
    after: dict[str, tuple[int, int, str]]


@pytest.fixture(scope="module")
def theirs(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Theirs:
    """The lake of another user, who lets anybody read but what is private; asked in one process without their rights."""
    if not can_be_another_user():
        pytest.skip("only root with setpriv can act as another user here")
    folder = tmp_path_factory.mktemp("theirs")
    shutil.copytree(lake.root, folder / "lake")
    shutil.copy(lake.root.parent / "cpos.toml", folder)
    for path in [folder / "lake", *(folder / "lake").rglob("*")]:
        os.chown(path, 12345, 12345)
    before = tree(folder / "lake")
    asked = {name: options(name, folder / "out") for name in READING} | {"list": ["deliveries"], "replay": ["replay"]}
    environment = settings(folder / "lake", LINDA_PSEUDONYM_KEY="ab" * 32)
    told = subprocess.run(
        [*AS_ANOTHER_USER, sys.executable, "-c", COMMANDS_IN_TURN, json.dumps(asked), json.dumps(environment)],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    return Theirs(json.loads(told), before, tree(folder / "lake"))


@pytest.mark.parametrize("name", READING)
def test_another_user_reads_all_but_what_is_private(name: str, theirs: Theirs) -> None:
    code, out, err = theirs.told[name]
    if name in CLOSED:
        assert code == 2, err
        assert "This user has not the right" in err
        assert "failure of the portal itself" not in err
    else:
        assert code in (0, 1), err
        assert all(text in out for text in SAID[name]), out


def test_nothing_changes_in_a_lake_that_another_user_asks(theirs: Theirs) -> None:
    assert theirs.after == theirs.before


def test_another_user_is_told_that_raw_was_not_looked_into(theirs: Theirs) -> None:
    assert "this user may not read raw" in theirs.told["list"][1]


def test_a_command_that_writes_says_that_it_may_not(theirs: Theirs) -> None:
    code, _, err = theirs.told["replay"]
    assert code == 2
    assert "cannot be written by this user" in err


@pytest.fixture(scope="module")
def read_only_disk(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lake on a file system that nobody, not even root, can write to."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        shutil.copytree(lake.root, folder / "lake")
        shutil.copy(lake.root.parent / "cpos.toml", folder)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield folder / "lake"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("name", READING)
def test_a_lake_on_a_read_only_disk_is_read(name: str, read_only_disk: Path, tmp_path: Path) -> None:
    told = linda(read_only_disk, *options(name, tmp_path / "out"))
    assert told.returncode in (0, 1), told.stderr
    assert all(text in told.stdout for text in SAID[name]), told.stdout


def test_a_command_that_writes_names_the_read_only_disk(read_only_disk: Path) -> None:
    told = linda(read_only_disk, "replay", LINDA_PSEUDONYM_KEY="ab" * 32)
    assert told.returncode == 2
    assert "cannot be written" in told.stderr


def test_reading_waits_for_nobody(lake: Lake) -> None:
    with lake.lock("commit"), lake.lock("publish"):
        assert linda_process(lake.root, "held").returncode == 0
        assert linda_process(lake.root, "sql", "SELECT 1").returncode == 0


@pytest.mark.parametrize("command", [["sql", "SELECT 1"], ["deliveries"], ["held"], ["regions", "--out", "{out}"]])
def test_where_there_is_no_lake_none_is_made(command: list[str], tmp_path: Path, lake: Lake) -> None:
    shutil.copy(lake.root.parent / "cpos.toml", tmp_path)
    told = linda(tmp_path / "lake", *[one.format(out=tmp_path / "out") for one in command])
    assert told.returncode == 2, told.stdout
    assert f"There is no lake in {tmp_path / 'lake'} yet" in " ".join(told.stderr.split())
    assert not (tmp_path / "lake").exists()
