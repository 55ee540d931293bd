"""The README keeps its word: what it shows in `sh` blocks is run as it stands, in a fresh copy; the test line apart."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEST_LINE = ".venv/bin/pytest"


def commands() -> list[str]:
    """The commands of the README's `sh` blocks, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]


def copy_of_the_project(to: Path) -> Path:
    """What a fresh clone holds: the files that git tracks, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def test_the_first_two_commands_are_single_lines_that_set_up_everything() -> None:
    first, second = commands()[:2]
    assert first.endswith(".venv/bin/linda demo")
    assert second.endswith(TEST_LINE)
    for line in (first, second):
        assert "\n" not in line
        assert line.startswith("python3 -m venv .venv && ")


def test_ci_runs_the_second_line_as_it_stands() -> None:
    assert commands()[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_other_command_of_the_readme_runs_in_a_fresh_copy(tmp_path: Path) -> None:
    copy = copy_of_the_project(tmp_path / "copy")
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("LINDA_", "DAGSTER_", "VIRTUAL_ENV"))
    }
    for command in commands():
        if not command.endswith(TEST_LINE):
            told = subprocess.run(
                ["bash", "-c", command], cwd=copy, env=bare, capture_output=True, text=True, timeout=900, check=False
            )
            assert told.returncode == 0, f"{command}\n{told.stdout[-2000:]}\n{told.stderr[-2000:]}"
    assert (copy / "data" / "demo" / "lake" / "linda.duckdb").exists()


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000
