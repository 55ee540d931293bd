"""The law of the house as data: which room may know which, and where each third party lives; and how imports are read.

Here: the law, and the breaches of it in any tree. Not here: the tests (test_architecture.py). A room is a folder or a module
right below linda_pipeline. The law is kept by reading the source, not by importing it: what stands within a function or under
TYPE_CHECKING counts as well.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "linda_pipeline"
CORE: dict[str, set[str]] = {
    "errors": set(),
    "settings": set(),
    "calendar": set(),
    "storage": {"calendar"},
    "ocpi": set(),
    "own_columns": {"ocpi"},
    "ledger": {"own_columns", "storage", "calendar", "ocpi"},
    "areas": {"own_columns"},
    "quality": {"ocpi"},
    "register": {"ledger", "storage", "calendar"},
    "pulling": {"ocpi", "ledger", "register", "storage", "calendar"},
    "judging": {"quality", "ocpi", "own_columns", "pulling", "ledger", "register", "storage", "areas", "calendar"},
    "cases": {"ledger", "register", "storage", "calendar"},
    "report": {"quality", "ocpi", "ledger", "register", "storage", "calendar"},
    "location_desk": {"quality", "ocpi", "ledger", "register", "storage", "calendar"},
    "post": {"cases", "location_desk", "report", "quality", "ledger", "register", "storage", "calendar"},
    "warehouse": {"quality", "ocpi", "own_columns", "ledger", "register", "storage", "areas", "calendar"},
}
MAY_KNOW: dict[str, set[str]] = {
    **{room: knows | {"errors"} for room, knows in CORE.items()},
    "means": set(CORE),
    "stations": set(CORE),
    "following": set(CORE),
    "rebuilding": set(CORE) | {"means", "stations", "following"},
    "catalogue": {"ocpi", "own_columns", "quality", "warehouse"},
    "simulator": {"calendar", "errors", "ocpi", "quality"},
}
FACE = {"means", "stations", "following", "rebuilding"}
"""What the core shows to those who drive it: what is set up, the road, what follows from it, and all of it made again."""
WORDS = {"errors", "settings", "calendar", "storage.lake", "register.cpos", "register.of_lake"}
"""What everyone who drives the core names: a mistake, a setting, a day, the lake and a delivery, a CPO."""
DRIVERS: dict[str, dict[str, set[str]]] = {
    "cli": {"cli.py": {"commands"}},
    "definitions": {"definitions.py": {"orchestration"}},
    "orchestration": {
        "alerts.py": {"post.carrier"},
        "assets.py": {"ledger.entry", "quality.contract"},
        "checks.py": {
            "cases.lookup",
            "ledger.earlier",
            "ledger.entry",
            "post.sending",
            "pulling.shortfall",
            "quality.rules",
        },
        "failing.py": {"ocpi.failures"},
        "follow_up_assets.py": {"cases.lookup"},
        "mailing.py": {"post.sending"},
        "metadata.py": {
            "cases.lookup",
            "ledger.earlier",
            "ledger.entry",
            "ledger.tables",
            "ocpi.columns",
            "own_columns",
            "post.sending",
        },
        "side_by_side.py": {"definitions"},
    },
    "commands": {
        "cases.py": {"cases", "register"},
        "check_cpos.py": {"orchestration.alerts"},
        "columns.py": {"catalogue", "ocpi.columns"},
        "contacts.py": {"register"},
        "deliveries.py": {"judging.damage", "ledger", "pulling", "report.receipt"},
        "demo.py": {"orchestration.forks"},
        "demo_run.py": {"orchestration.resource", "simulator"},
        "held.py": {"judging.again", "ledger"},
        "kpis.py": {"catalogue", "warehouse.kpi"},
        "location_reports.py": {"location_desk", "post", "register"},
        "mail.py": {"post", "register"},
        "on_screen.py": {"definitions", "ledger.entry", "orchestration", "post.outbox", "pulling.shortfall"},
        "permissions.py": {"areas", "post", "register"},
        "probe.py": {"ocpi", "quality.sample", "register.block", "report.probe_page", "report.probe_words"},
        "regions.py": {"judging.by_place", "quality.rules", "report.place_report"},
        "register.py": {"register"},
        "replay.py": {"judging.shadow"},
        "rules.py": {"catalogue", "quality.profile_file", "quality.rules"},
        "run.py": {"orchestration.forks"},
        "self_check_screen.py": {"judging.own_files", "judging.self_check", "quality.rule", "quality.rules", "report"},
        "sql.py": {"warehouse"},
        "validate.py": {"judging.own_files", "judging.self_check", "quality.profile_file", "quality.rules", "report"},
    },
}
"""Who drives the core, and what each file knows besides FACE, WORDS and its own room: the room (or the module of one) that a
command belongs to, and what a part of the interface shows. A file that is not named knows nothing more."""
ROOMS = {*MAY_KNOW, *DRIVERS}
_NOT_THE_WIRE = {"client", "paging", "proof", "probing", "address"}
ONLY: dict[tuple[str, str], set[str]] = {
    ("judging", "pulling"): {"raw", "raw_damage"},
    ("ledger", "ocpi"): {"nested", "power", "record_keys"},
    ("location_desk", "ocpi"): {"record_keys"},
    ("own_columns", "ocpi"): {"schema"},
    ("warehouse", "ocpi"): {"columns", "power", "record_keys"},
    ("report", "ocpi"): {"columns", "nested", "probing", "record_keys"},
}
"""What a room may know of a big room, where that is not all of it."""
NEVER: dict[tuple[str, str], set[str]] = {
    ("quality", "ocpi"): _NOT_THE_WIRE,
    ("judging", "ocpi"): _NOT_THE_WIRE,
}
"""What a room may not know of a big room: modules whose name begins so. Verdicts never depend on how records came."""

HOMES: dict[str, set[str]] = {
    "alembic": {"register", "cases", "post"},
    "altair": {"atlas"},
    "authlib": {"portal"},
    "certifi": {"ocpi"},
    "dagster": {"orchestration", "definitions"},
    "dagster_postgres": {"orchestration"},
    "deltalake": {"storage"},
    "duckdb": {"storage", "warehouse", "access", "ocpi"},
    "fastapi": {"portal"},
    "fpdf": {"post"},
    "fsspec": {"storage"},
    "holidays": {"calendar"},
    "httpx": {"ocpi"},
    "httpcore": {"ocpi"},
    "isal": {"ocpi", "pulling"},
    "jinja2": {"report", "post", "portal"},
    "markupsafe": {"report", "post", "portal"},
    "msgspec": {"ocpi", "judging", "simulator"},
    "obstore": {"storage"},
    "opentelemetry": {"journal"},
    "pandas": {"quality"},
    "pandera": {"quality"},
    "pyproj": {"areas"},
    "rdflib": {"opendata"},
    "rich": {"commands"},
    "shapely": {"areas", "quality", "atlas"},
    "sqlalchemy": {"register", "cases", "location_desk", "post", "orchestration"},
    "starlette": {"portal"},
    "tenacity": {"ocpi"},
    "tomlkit": {"register"},
    "typer": {"cli", "commands"},
    "uvicorn": {"portal"},
    "xlsxwriter": {"report", "exports"},
}
"""Where each third party lives; a room that is still to come is named beforehand."""
ANYWHERE = {"numpy", "pyarrow"}
AT_HOME: dict[str, set[str]] = {"pandera": {"quality/contract.py"}}
"""The only files that may know a third party, where its room is too wide."""
BY_NAME = {"cli.py": "the command that is asked for, out of commands/, which it may know"}
"""Files that import by a name made at run time, and what."""
_IMPORTERS = {"import_module", "__import__", "run_module", "run_path", "spec_from_file_location"}


def files_of(root: Path) -> dict[str, Path]:
    """Every module below a package root by its dotted name within it; a package by its own name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path, path: Path) -> Iterator[str]:
    """The dotted names that a file imports, relative ones resolved, importlib's by their text.

    A name imported from a module comes as that module's, since it may be a module itself. An import by a name that is made at
    run time comes as "?".
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = [PACKAGE, *path.relative_to(root).parts[:-1]]
    importers = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in _IMPORTERS
    } | _IMPORTERS
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _resolved("." * node.level + (node.module or ""), package)
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in importers:
            text = node.args[0] if node.args else None
            yield _resolved(str(text.value), package) if isinstance(text, ast.Constant) else "?"


def _resolved(name: str, package: list[str]) -> str:
    """A name as it is written, from the top; each dot before it is one package up from the one after."""
    level = len(name) - len(name.lstrip("."))
    return ".".join([*(package[: len(package) - level + 1] if level else []), *filter(None, [name[level:]])])


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))


def breaches(root: Path) -> list[str]:
    """Every import under a package root that the law forbids, as one sentence each, in order."""
    return sorted({breach for path in files_of(root).values() for breach in _breaches(root, path)})


def _breaches(root: Path, path: Path) -> Iterator[str]:
    inside = path.relative_to(root)
    file, room = inside.as_posix(), inside.parts[0].removesuffix(".py")
    if room == "__init__":
        return
    for name in imports(root, path):
        first, *rest = name.split(".")
        if name == "?":
            if file not in BY_NAME:
                yield f"{file} imports by a name that is made at run time"
        elif first == PACKAGE:
            yield from _breaches_within(file, room, rest)
        elif first in sys.stdlib_module_names or first in ANYWHERE:
            continue
        elif first not in HOMES:
            yield f"{file} imports {first}, which has no home"
        elif room not in HOMES[first] or file not in AT_HOME.get(first, {file}):
            yield f"{file} imports {first}, whose home is {sorted(AT_HOME.get(first, HOMES[first]))}"


def _breaches_within(file: str, room: str, rest: list[str]) -> Iterator[str]:
    known, part = rest[0] if rest else "", rest[1] if len(rest) > 1 else ""
    if known not in ROOMS or known == room:
        return
    if room in DRIVERS:
        if not {known, f"{known}.{part}"} & (FACE | WORDS | DRIVERS[room].get(file.removeprefix(f"{room}/"), set())):
            yield f"{file} imports {known}.{part}: the stations are what it may know, and what DRIVERS gives it"
    elif known not in MAY_KNOW.get(room, set()):
        yield f"{file} imports {known}: {room} may not know it"
    elif part not in ONLY.get((room, known), {part}) or any(
        part == one or part.startswith(f"{one}_") for one in NEVER.get((room, known), ())
    ):
        yield f"{file} imports {known}.{part}: of {known}, {room} may not know it"


def circles(root: Path) -> list[list[str]]:
    """The groups of modules that import each other, by whatever way round. A package that a module stands in does not count
    as imported by it."""
    modules = files_of(root)
    knows = {name: set(_modules(root, path, modules)) - {name} for name, path in modules.items()}
    return sorted(sorted(group) for group in _strongly_connected(knows) if len(group) > 1)


def _modules(root: Path, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    """The modules of the tree that a file imports."""
    for name in imports(root, path):
        parts = name.split(".")[1:] if name.startswith(f"{PACKAGE}.") else []
        for length in range(len(parts), 0, -1):
            if ".".join(parts[:length]) in modules:
                yield ".".join(parts[:length])
                break


def _strongly_connected(knows: dict[str, set[str]]) -> list[set[str]]:
    """Tarjan's groups."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[set[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(knows[name]):
            if other not in number:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            at = stack.index(name)
            groups.append(set(stack[at:]))
            del stack[at:]

    for name in sorted(knows):
        if name not in number:
            visit(name)
    return groups


def names_used_twice(root: Path) -> dict[str, list[str]]:
    """File names and class names that stand more than once below a package root, with their files."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in files_of(root).items():
        file = path.relative_to(root).as_posix()
        if name and not name.endswith("__main__"):
            found[f"file {name.rpartition('.')[2]}"].append(file)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[f"class {node.name}"].append(file)
    return {name: files for name, files in sorted(found.items()) if len(files) > 1}
