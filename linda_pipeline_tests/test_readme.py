"""The README as it is written: its first two lines, and its pictures. That its commands run is seen in test_demo.py."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEST_LINE = ".venv/bin/pytest"


def commands() -> list[str]:
    """The commands of the README's `sh` blocks, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]


def test_the_first_two_commands_are_single_lines_that_set_up_everything() -> None:
    first, second = commands()[:2]
    assert first.endswith(".venv/bin/linda demo")
    assert second.endswith(TEST_LINE)
    for line in (first, second):
        assert "\n" not in line
        assert line.startswith("python3 -m venv .venv && ")


def test_ci_runs_the_second_line_as_it_stands() -> None:
    assert commands()[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000
