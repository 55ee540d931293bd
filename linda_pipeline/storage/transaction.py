"""What one block of work puts into the lake and takes out of it, written aside until it is committed.

Here: the files in the making, and the plan of a commit. Not here: carrying it out (lake.py).
"""

from __future__ import annotations

import filecmp
import json
import os
from pathlib import Path


class Transaction:
    """What one block of work puts into the lake and takes out of it."""

    def __init__(self, root: Path, folder: Path) -> None:
        """`root` is the lake's; `folder` is where files lie until the commit."""
        self._root = root
        self._folder = folder
        self._put: dict[str, str] = {}
        self._number = 0
        self._remove: list[str] = []

    def put(self, target: Path) -> Path:
        """Where to write a file now so that it stands at its target in the lake after the commit."""
        name = f"{self._number:05d}{target.suffix}"
        self._number += 1
        self._put[name] = str(target.relative_to(self._root))
        return self._folder / name

    def staged(self) -> list[tuple[Path, Path]]:
        """Every file put so far: its target, and where it lies until the commit."""
        return [(self._root / target, self._folder / name) for name, target in self._put.items()]

    def remove(self, target: Path) -> None:
        """Take a file out of the lake at the commit; it may be gone already."""
        self._remove.append(str(target.relative_to(self._root)))

    def leave_what_is_the_same(self) -> list[Path]:
        """Take out of the commit every file that stands in the lake byte for byte, so that it is known to be unchanged; says
        which."""
        left = []
        for name, target in list(self._put.items()):
            staged, stands = self._folder / name, self._root / target
            if stands.exists() and filecmp.cmp(staged, stands, shallow=False):
                del self._put[name]
                staged.unlink()
                left.append(stands)
        return left

    def room_it_needs(self) -> str:
        """What to say where it found no room, while what it has written is still there."""
        written = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        places = [self._root / target for target in self._put.values()]
        before = sum(path.stat().st_size for path in places if path.exists())
        needs = f"about {_megabytes(before)}" if before > written else f"more than {_megabytes(written)}"
        named = places[0].relative_to(self._root) if places else "it"
        more = f" and {len(places) - 1} more files" if len(places) > 1 else ""
        return (
            f"The disk of the lake {self._root} is full. To write {named}{more} takes {needs} beside what stands there, "
            f"and there was room for {_megabytes(written)}. Nothing half-done is kept. Free some, or point LINDA_LAKE at a "
            "larger disk, and run again."
        )

    def write_plan(self) -> None:
        """Note on disk, durably, what the commit will do."""
        for name in self._put:
            flush(self._folder / name)
        plan = self._folder / "plan.json"
        plan.write_text(json.dumps({"put": self._put, "remove": self._remove}), encoding="utf-8")
        flush(plan)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.0f} kB"


def steps_of(plan: Path) -> tuple[dict[str, str], list[str]]:
    """What a plan puts (name in its folder -> target in the lake) and removes. Raises ValueError, KeyError, TypeError or
    AttributeError where it is damaged."""
    steps = json.loads(plan.read_bytes())
    put, remove = dict(steps["put"]), list(steps["remove"])
    for target in (*put.values(), *remove):
        if Path(target).is_absolute() or ".." in Path(target).parts:
            raise ValueError(target)
    return put, remove


def flush(path: Path) -> None:
    """Let a file, or what a folder lists, be on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
