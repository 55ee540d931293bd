"""The README as it is written: its first two lines, and its pictures. That its commands run is seen in test_demo.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


PAGES = ("README.md", "CONTRIBUTING.md", "bench/README.md", "docs/operator.md", "docs/cpo.md", "docs/analyst.md")
_SOURCE = re.compile(r"(?<![\w/.-])((?:[\w-]+/)*[\w-]+\.py)\b")


@pytest.mark.parametrize("page", PAGES)
def test_every_program_that_a_page_names_is_there(page: str) -> None:
    """By its path, or by its name alone where the page says elsewhere in which folder it lies."""
    named = set(_SOURCE.findall((ROOT / page).read_text(encoding="utf-8")))
    sources = [
        path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("bench/*.py"), *ROOT.glob("linda_pipeline*/**/*.py"))
    ]
    missing = {name for name in named if not any(source == name or source.endswith(f"/{name}") for source in sources)}
    assert missing == set()


def test_the_page_for_developers_names_every_room() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in ROOT.glob("linda_pipeline/*/__init__.py")}
    assert len(rooms) > 10
    assert {room for room in rooms if f"`{room}/`" not in text} == set()
