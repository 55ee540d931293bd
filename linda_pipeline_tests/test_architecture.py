"""The law of the house: who may know whom, where third parties live, no circles, no name twice (design: CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import linda_pipeline
from linda_pipeline_tests.house_law import (
    BY_NAME,
    CORE,
    DRIVERS,
    ONLY,
    ROOMS,
    breaches,
    circles,
    files_of,
    imports,
    names_used_twice,
)

ROOT = Path(linda_pipeline.__file__).parent
THE_SAME_THING = {
    "file cdr": "the columns of a CDR, and what is asked of them",
    "file location": "the columns of a Location, and what is asked of them",
}
"""Names that may stand twice, and why."""


def test_every_import_keeps_the_law() -> None:
    assert breaches(ROOT) == []


def test_no_modules_import_each_other() -> None:
    assert circles(ROOT) == []


def test_no_rooms_of_the_core_know_each_other() -> None:
    waiting = {room: set(knows) for room, knows in CORE.items()}
    while ready := {room for room, knows in waiting.items() if not knows & waiting.keys()}:
        waiting = {room: knows for room, knows in waiting.items() if room not in ready}
    assert waiting == {}


def test_no_name_stands_twice() -> None:
    """A module of commands/ may be named as its command: what a person types has the words of the room that it shows."""
    twice = {
        name: files
        for name, files in names_used_twice(ROOT).items()
        if name.startswith("class ") or len([file for file in files if not file.startswith("commands/")]) > 1
    }
    assert twice.keys() == THE_SAME_THING.keys()


def test_every_exception_to_the_law_is_still_needed() -> None:
    """What is allowed and used by nobody is a hole."""
    assert {file for file in BY_NAME if "?" in imports(ROOT, ROOT / file)} == set(BY_NAME)
    used = {
        (path.relative_to(ROOT).parts[0].removesuffix(".py"), *name.split(".")[1:3])
        for path in files_of(ROOT).values()
        for name in imports(ROOT, path)
        if name.startswith("linda_pipeline.") and name.count(".") > 1
    }
    unused = {(room, known, part) for (room, known), parts in ONLY.items() for part in parts} - used
    assert unused == set()


def test_whatever_drives_the_core_knows_nothing_that_it_does_not_use() -> None:
    unused = set()
    for room, parts in DRIVERS.items():
        for file, known in parts.items():
            path = ROOT / file if file == f"{room}.py" else ROOT / room / file
            used = {name.removeprefix("linda_pipeline.") for name in imports(ROOT, path)}
            unused |= {(file, one) for one in known if not any(f"{name}.".startswith(f"{one}.") for name in used)}
    assert unused == set()


def test_every_file_that_a_module_says_something_stands_in_is_there() -> None:
    """A docstring sends its reader to another file by that file's name, which a move leaves behind."""
    names = {path.name for root in (ROOT, Path(__file__).parent) for path in root.rglob("*.py")}
    sent = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in files_of(ROOT).values()
        for name in re.findall(r"\b[a-z_]+\.py\b", ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
    }
    assert len(sent) > 100
    assert {(file, name) for file, name in sent if name not in names} == set()


READS_THE_ENVIRONMENT = {
    "settings.py": "the one place",
    "simulator/__main__.py": "a program of its own, which takes the token of its clients from the environment that it is given",
    "simulator/process.py": "hands its environment, with that token, to the process it starts",
}
_ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def places_that_read_the_environment(root: Path) -> set[str]:
    """The files under a package root that look at the environment of the process, by os or by an option of typer."""
    found = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            by_name = isinstance(node, ast.Attribute) and node.attr in _ENVIRONMENT
            by_import = isinstance(node, ast.ImportFrom) and any(one.name in _ENVIRONMENT for one in node.names)
            by_option = isinstance(node, ast.keyword) and node.arg == "envvar"
            if by_name or by_import or by_option:
                found.add(path.relative_to(root).as_posix())
    return found


def test_only_the_settings_read_the_environment() -> None:
    assert places_that_read_the_environment(ROOT) == set(READS_THE_ENVIRONMENT)


def test_a_look_at_the_environment_is_found_however_it_is_written(tmp_path: Path) -> None:
    looks = ("import os\nos.environ['A']", "import os as o\no.getenv('A')", "from os import environ", "f(envvar='A')")
    for number, look in enumerate(looks):
        (tmp_path / f"look{number}.py").write_text(look + "\n")
    (tmp_path / "none.py").write_text("import os\nos.cpu_count()\n")
    assert places_that_read_the_environment(tmp_path) == {f"look{number}.py" for number in range(len(looks))}


def test_every_room_is_in_the_law() -> None:
    rooms = {
        path.name.removesuffix(".py")
        for path in ROOT.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__"} == ROOMS


BREACHES = {
    "quality/judge.py": [
        ("import dagster", "quality/judge.py imports dagster, whose home is ['definitions', 'orchestration']"),
        ("from linda_pipeline.storage import lake", "quality/judge.py imports storage: quality may not know it"),
        ("from ..storage.lake import Lake", "quality/judge.py imports storage: quality may not know it"),
        ("from .. import storage", "quality/judge.py imports storage: quality may not know it"),
        (
            "import importlib\nimportlib.import_module('linda_pipeline.storage.lake')",
            "quality/judge.py imports storage: quality may not know it",
        ),
        ("__import__('linda_pipeline.storage')", "quality/judge.py imports storage: quality may not know it"),
        (
            "from importlib import import_module\nimport_module('..storage', __package__)",
            "quality/judge.py imports storage: quality may not know it",
        ),
        (
            "from importlib import import_module as bring\nbring(name)",
            "quality/judge.py imports by a name that is made at run time",
        ),
        ("def f():\n    import httpx", "quality/judge.py imports httpx, whose home is ['ocpi']"),
        ("import left_pad", "quality/judge.py imports left_pad, which has no home"),
        ("import pandera", "quality/judge.py imports pandera, whose home is ['quality/contract.py']"),
        (
            "from linda_pipeline.ocpi.client_http import ask",
            "quality/judge.py imports ocpi.client_http: of ocpi, quality may not know it",
        ),
    ],
    "calendar.py": [
        ("from linda_pipeline import ocpi", "calendar.py imports ocpi: calendar may not know it"),
        ("from . import ocpi", "calendar.py imports ocpi: calendar may not know it"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .ocpi.columns import CDR",
            "calendar.py imports ocpi: calendar may not know it",
        ),
    ],
    "commands/held.py": [
        (
            "from linda_pipeline.warehouse.curate_cdrs import curate_cdrs",
            "commands/held.py imports warehouse.curate_cdrs: the stations are what it may know, and what DRIVERS gives it",
        ),
        (
            "from linda_pipeline.judging import judge_cdrs",
            "commands/held.py imports judging.judge_cdrs: the stations are what it may know, and what DRIVERS gives it",
        ),
    ],
    "orchestration/assets_of_tomorrow.py": [
        (
            "from ..ledger.entry import read_judgement",
            "orchestration/assets_of_tomorrow.py imports ledger.entry: the stations are what it may know, and what DRIVERS "
            "gives it",
        ),
    ],
    "ledger/entry.py": [
        (
            "from linda_pipeline.ocpi.client import connect",
            "ledger/entry.py imports ocpi.client: of ocpi, ledger may not know it",
        ),
    ],
}


@pytest.mark.parametrize(
    ("file", "source", "said"), [(file, *case) for file, cases in BREACHES.items() for case in cases]
)
def test_a_breach_of_the_law_is_found_however_it_is_written(tmp_path: Path, file: str, source: str, said: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(source + "\n")
    assert breaches(tmp_path) == [said]


def test_modules_that_import_each_other_are_found_however_far_round(tmp_path: Path) -> None:
    sources = {
        "a/one.py": "from linda_pipeline.b.two import X",
        "b/two.py": "def f():\n    from ..c import three",
        "c/three.py": "import linda_pipeline.a.one",
        "c/four.py": "from linda_pipeline.a.one import Y\nfrom linda_pipeline.c import three",
    }
    for file, source in sources.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(source + "\n")
    assert circles(tmp_path) == [["a.one", "b.two", "c.three"]]


def test_a_name_that_stands_twice_is_found(tmp_path: Path) -> None:
    for file in ("a/same.py", "b/same.py"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text("class Same:\n    pass\n")
    twice = ["a/same.py", "b/same.py"]
    assert names_used_twice(tmp_path) == {"class Same": twice, "file same": twice}
