"""What an operator does in a clone: run, edit the register, upgrade by `git pull`. Nothing of theirs is in git's way."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAME = ["-c", "user.name=Operator", "-c", "user.email=operator@example.nl"]


def git(folder: Path, *arguments: str) -> str:
    told = subprocess.run(["git", *NAME, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the project's .gitignore and example, as an operator has it."""
    upstream = tmp_path / "upstream"
    for name in (".gitignore", "data/reference/cpos.example.toml"):
        (upstream / name).parent.mkdir(parents=True, exist_ok=True)
        (upstream / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    git(upstream, "init", "-q")
    git(upstream, "add", ".")
    git(upstream, "commit", "-qm", "The project")
    git(tmp_path, "clone", "-q", str(upstream), "clone")
    return tmp_path / "clone"


def test_nothing_that_an_operator_or_a_run_puts_into_data_is_seen_by_git(clone: Path) -> None:
    for name in (
        "cpos.toml",
        "profile.toml",
        "areas/gemeenten.geojson",
        "lake/raw/cdrs/x",
        "alerts.jsonl",
        ".alerts.jsonl.lock",
        "dagster/runs.db",
        "demo/cpos.toml",
        "reference/cpos.toml",
        "reference/places.csv",
    ):
        (clone / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / "data" / name).write_text("mine")
    assert git(clone, "status", "--porcelain") == ""


def test_what_the_changelog_says_of_an_upgrade_keeps_a_register_that_git_once_tracked(clone: Path) -> None:
    upstream = clone.parent / "upstream"
    git(upstream, "checkout", "-q", "-b", "before")
    (upstream / "data" / "reference" / "cpos.toml").write_text("# as shipped\n")
    git(upstream, "add", "-f", ".")
    git(upstream, "commit", "-qm", "As it was in 0.1.0")
    before = clone.parent / "old"
    git(clone.parent, "clone", "-q", str(upstream), str(before))
    git(upstream, "rm", "-q", "data/reference/cpos.toml")
    git(upstream, "commit", "-qm", "The register is the operator's own")
    (before / "data" / "reference" / "cpos.toml").write_text("[cpo.NL-ABC]\n")
    (said,) = re.findall(r"`(cp data/reference/cpos\.toml .*? git pull)`", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    told = subprocess.run(["bash", "-c", said], cwd=before, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert (before / "data" / "cpos.toml").read_text() == "[cpo.NL-ABC]\n"
    assert not (before / "data" / "reference" / "cpos.toml").exists()
    assert git(before, "status", "--porcelain") == ""
