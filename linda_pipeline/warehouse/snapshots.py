"""Snapshots: what was published, as it was, for whoever reads it while the next one is made.

Here: the folder of a snapshot with hard links to the files of which it is made, and which of the older ones go. Not here: the
database (publish.py). A file of the lake is never written over but replaced, so that a link keeps the old rows; a snapshot
stands once its linda.duckdb lies in it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from linda_pipeline.ledger.moves import moves
from linda_pipeline.storage.lake import MODULES, Lake

KEPT = 2
"""So many snapshots stay in any case."""
KEPT_FOR_S = 24 * 3600
"""And all that are younger than this, counted from the newest."""
_LINKED = ("curated", "kpi")
_WITHDRAWN = "withdrawn"


def new_snapshot(lake: Lake) -> Path:
    """Make the folder of the next snapshot, with links to all curated files and figures as they are now.

    What a process that was killed left of a snapshot is taken away.
    """
    for half in _folders(lake):
        if not (half / lake.database.name).exists():
            shutil.rmtree(half)
    stands = _folders(lake)
    folder = lake.published / f"{int(stands[-1].name) + 1 if stands else 1:06d}"
    folder.mkdir(parents=True)
    for room in _LINKED:
        for path in sorted((lake.root / room).rglob("*.parquet")):
            link = folder / path.relative_to(lake.root)
            link.parent.mkdir(parents=True, exist_ok=True)
            same_as(path, link)
    (folder / _WITHDRAWN).write_text(f"{_withdrawals(lake)}\n", encoding="utf-8")
    return folder


def leave_older(lake: Lake, newest: Path) -> list[Path]:
    """Take away the snapshots whose time has passed; says which. Where a permission was withdrawn since, all older ones go."""
    now = (newest / lake.database.name).stat().st_mtime
    gone = []
    for number, folder in enumerate(reversed(_folders(lake))):
        age_s = now - (folder / lake.database.name).stat().st_mtime
        is_withdrawn = _noted(folder) != _noted(newest)
        if folder != newest and (is_withdrawn or (number >= KEPT and age_s > KEPT_FOR_S)):
            shutil.rmtree(folder)
            gone.append(folder)
    latest, aside = lake.published / "latest", lake.published / ".latest"
    aside.unlink(missing_ok=True)
    if latest.is_dir() and not latest.is_symlink():  # a copy of the lake that followed its links
        shutil.rmtree(latest)
    aside.symlink_to(newest.name, target_is_directory=True)
    aside.replace(latest)
    return gone


def _folders(lake: Lake) -> list[Path]:
    """The folders of all snapshots, the oldest first."""
    return sorted(path for path in lake.published.glob("*") if path.name.isdigit() and path.is_dir())


def same_as(path: Path, link: Path) -> None:
    """Let a file stand in another place as well, without its rows being written again where the disk can do that."""
    try:
        os.link(path, link)
    except OSError:  # a disk that has no hard links
        shutil.copy2(path, link)


def _withdrawals(lake: Lake) -> int:
    """How often a permission that was withdrawn has taken records out of the lake."""
    return sum(line["withdrawn"] > 0 for module in MODULES for one in lake.judged(module) for line in moves(lake, one))


def _noted(folder: Path) -> str:
    try:
        return (folder / _WITHDRAWN).read_text(encoding="utf-8")
    except OSError:
        return ""
