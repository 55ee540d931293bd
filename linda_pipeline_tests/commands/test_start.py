"""How `linda` starts: its list of commands, and what is loaded for which of them."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linda_pipeline import commands
from linda_pipeline.cli import COMMANDS, app, module_of
from linda_pipeline.quality.example import good_record

HEAVY = {"dagster", "duckdb", "pyarrow", "pandas", "pandera", "httpx", "shapely", "jinja2", "numpy", "holidays", "isal"}
NAMES = [name for names in COMMANDS.values() for name in names]
DATA = {"duckdb", "pyarrow", "numpy", "holidays", "isal"}
MAY_LOAD = {
    "demo": set(),
    "check-cpos": {"holidays"},
    "deliveries": DATA,
    "held": DATA,
    "run": DATA,
    "sql": {"duckdb", "pyarrow", "numpy"},
    "validate": HEAVY - {"dagster", "pandera", "httpx", "holidays"},
    "rules": HEAVY - {"dagster", "duckdb", "pandera", "httpx", "jinja2"},
    "kpis": HEAVY - {"dagster", "duckdb", "pandera", "httpx", "jinja2"},
    "columns": HEAVY - {"dagster", "duckdb", "pandera", "httpx", "jinja2"},
}
"""What of the heavy libraries a command may load before it knows what is asked; all others anything but Dagster."""


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a fresh Python has loaded after some code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return HEAVY & set(json.loads(told.stderr))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_library_that_is_heavy(option: str) -> None:
    assert loaded_by(f"from typer.testing import CliRunner\nfrom linda_pipeline.cli import app\n"
                     f"assert CliRunner().invoke(app, [{option!r}]).exit_code == 0") == set()  # fmt: skip


@pytest.mark.parametrize("name", MAY_LOAD)
def test_a_command_loads_only_what_it_needs(name: str) -> None:
    assert loaded_by(f"import linda_pipeline.commands.{module_of(name)}") <= MAY_LOAD[name]


def test_no_other_command_loads_dagster_before_it_knows_what_is_asked() -> None:
    others = [module_of(name) for name in NAMES if name not in MAY_LOAD]
    assert len(others) > 3
    assert "dagster" not in loaded_by("\n".join(f"import linda_pipeline.commands.{name}" for name in others))


def test_a_file_is_judged_and_reported_without_what_only_a_portal_needs(tmp_path: Path) -> None:
    record = json.dumps(good_record("cdr", "2.2.1"))
    (tmp_path / "cdrs.json").write_text(record)
    words = ["validate", str(tmp_path / "cdrs.json"), "--out", str(tmp_path / "report")]
    loaded = loaded_by(
        f"from typer.testing import CliRunner\nfrom linda_pipeline.cli import app\n"
        f"assert CliRunner().invoke(app, {words!r}).exit_code == 0\nimport sys\nassert 'pyproj' not in sys.modules"
    )
    assert not loaded & {"dagster", "pandera", "httpx", "holidays"}
    assert (tmp_path / "report" / "report.html").exists()


def test_the_version_is_that_of_the_package() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output.split()) == (0, ["linda-pipeline", "0.1.0"])


@pytest.mark.parametrize("name", NAMES)
def test_a_command_is_the_function_of_its_modules_name_and_its_help_the_docstring(name: str) -> None:
    function = getattr(import_module(f"linda_pipeline.commands.{module_of(name)}"), module_of(name))
    first = function.__doc__.split()[:4]
    assert " ".join(first) in " ".join(CliRunner().invoke(app, ["--help"], terminal_width=200).output.split())
    alone = CliRunner().invoke(app, [name, "--help"])
    assert alone.exit_code == 0
    assert " ".join(first) in " ".join(alone.output.split())


def test_every_module_with_a_function_of_its_own_name_is_in_the_list() -> None:
    folder = Path(next(iter(commands.__path__)))
    found = {path.stem for path in folder.glob("*.py") if f"\ndef {path.stem}(" in path.read_text(encoding="utf-8")}
    assert found == {module_of(name) for name in NAMES}


def test_a_command_that_is_none_is_the_users_mistake_and_the_nearest_is_named() -> None:
    told = CliRunner().invoke(app, ["deliverys"])
    assert told.exit_code == 2
    assert "deliveries" in told.output
