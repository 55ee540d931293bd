"""The law of imports: which package may know which, and which third party lives where (design: CONTRIBUTING.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import linda_pipeline

ROOT = Path(linda_pipeline.__file__).parent
CORE = {
    "errors": set(),
    "settings": set(),
    "calendar": set(),
    "storage": {"calendar"},
    "ledger": {"storage", "calendar"},
    "areas": set(),
    "ocpi": set(),
    "quality": {"ocpi"},
    "register": {"ledger", "storage", "calendar"},
    "pulling": {"ocpi", "ledger", "register", "storage", "calendar"},
    "judging": {"quality", "ocpi", "pulling", "ledger", "register", "storage", "areas", "calendar"},
    "report": {"quality", "ocpi", "ledger", "register", "storage", "calendar"},
    "warehouse": {"quality", "ocpi", "ledger", "register", "storage", "areas", "calendar"},
}
STATIONS = set(CORE)
MAY_KNOW: dict[str, set[str]] = {
    **{room: knows | {"errors"} for room, knows in CORE.items()},
    "stations": STATIONS,
    "catalogue": {"ocpi", "quality", "warehouse"},
    "simulator": {"calendar", "errors", "ocpi", "quality"},
    "orchestration": STATIONS | {"stations", "definitions"},
    **dict.fromkeys(
        ("cli", "commands", "definitions"),
        STATIONS | {"stations", "orchestration", "definitions", "catalogue", "commands", "simulator"},
    ),
}
EVERYTHING = set(MAY_KNOW)
HOMES = {
    "dagster": {"orchestration", "definitions"},
    "httpx": {"ocpi"},
    "duckdb": {"storage", "warehouse", "ocpi"},
    "pandera": {"quality"},
    "jinja2": {"report"},
    "sqlalchemy": {"register", "orchestration"},
    "alembic": {"register"},
    "typer": {"cli", "commands", "simulator"},
}


STILL_TO_MOVE = {
    "judging/by_place.py imports report: judging may not know it",
    "judging/self_check.py imports report: judging may not know it",
    "judging/shadow.py imports stations: judging may not know it",
    "ledger/attempts.py imports ocpi: ledger may not know it",
    "ledger/attempts.py imports pulling: ledger may not know it",
    "ledger/charge_points_then.py imports warehouse: ledger may not know it",
    "pulling/books.py imports warehouse: pulling may not know it",
    "report/receipt.py imports pulling: report may not know it",
}
"""What the big move left behind; each is mended by the change that takes its room in hand."""


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def broken_laws(root: Path) -> list[str]:
    """Every import under a package root that the law forbids, as one sentence each."""
    found = set()
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root).parts
        room = inside[0].removesuffix(".py")
        if room == "__init__":
            continue
        for name in _imports(path):
            parts = name.split(".")
            if parts[0] == "linda_pipeline" and len(parts) > 1:
                known = parts[1]
                if known in EVERYTHING and known != room and known not in MAY_KNOW[room]:
                    found.add(f"{'/'.join(inside)} imports {known}: {room} may not know it")
            elif parts[0] in HOMES and room not in HOMES[parts[0]]:
                found.add(f"{'/'.join(inside)} imports {parts[0]}, whose home is {sorted(HOMES[parts[0]])}")
    return sorted(found)


def test_every_import_keeps_the_law() -> None:
    assert set(broken_laws(ROOT)) == STILL_TO_MOVE


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
    assert rooms - {"__init__"} == set(MAY_KNOW)


def test_a_broken_law_is_found(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality" / "judge.py").write_text("import dagster\nfrom linda_pipeline.storage import lake\n")
    (tmp_path / "calendar.py").write_text("from linda_pipeline import ocpi\n")
    assert broken_laws(tmp_path) == [
        "calendar.py imports ocpi: calendar may not know it",
        "quality/judge.py imports dagster, whose home is ['definitions', 'orchestration']",
        "quality/judge.py imports storage: quality may not know it",
    ]
