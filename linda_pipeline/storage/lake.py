"""The lake: the only place that builds paths, and the only way in which files become visible.

Here: the folder layout, commits (a kill leaves the old or the new state, finished at the next opening), and the lock that the
command line and Dagster share. Not here: what a commit puts and removes (transaction.py), and what the files mean.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linda_pipeline.errors import InputMistake, disk_is_full
from linda_pipeline.storage.transaction import Transaction, steps_of

MODULES = ("cdrs", "locations")
MEMORY_LIMIT = "1GB"
PRIVATE = 0o700
"""Mode of the folders that hold personal data: raw pages, rejected records and what is not yet committed."""
SET_ASIDE = "set-aside"
"""The folder of what is damaged and could not be made again; nothing in it is read, and nothing is deleted."""


class LakeUnusable(InputMistake):
    """The lake's folder cannot be used (rights, space): the message says what to do about it."""


@dataclass(frozen=True, order=True)
class Delivery:
    """One CPO, one module, one window (for Locations: one night, the Amsterdam date of the pull)."""

    module: str
    cpo: str
    window: date

    @property
    def id(self) -> str:
        """The name of the delivery in reports and tables, such as cdrs/NL-ABC/2026-11-09."""
        return f"{self.module}/{self.cpo}/{self.window}"

    @classmethod
    def of_folder(cls, folder: Path) -> Delivery | None:
        """The delivery whose folder this is below a bucket; None: it is somebody else's, such as a copy that was put there."""
        module, cpo, window = folder.parts[-3:]
        try:
            return cls(module, cpo.removeprefix("cpo="), date.fromisoformat(window.removeprefix("window=")))
        except ValueError:
            return None

    @property
    def folder(self) -> Path:
        """The folder below a bucket, such as cdrs/cpo=NL-ABC/window=2026-11-09."""
        return Path(self.module) / f"cpo={self.cpo}" / f"window={self.window}"


class DiskFull(LakeUnusable):
    """What is to be written finds no room: the message says how much it needs."""


class NoLake(LakeUnusable):
    """There is nothing to read: the folder is not there, or is no lake."""


class Lake:
    """A lake in a local folder. Opening it makes the folder and finishes what a killed process had begun to commit.

    Opened for reading it takes no lock and writes nothing, so that whoever may read the folder may read the lake.
    """

    def __init__(self, root: Path, *, reading: bool = False, memory_limit: str = MEMORY_LIMIT) -> None:
        """Raises LakeUnusable; NoLake where it is opened for reading and there is none."""
        self.root = root.absolute()
        self.memory_limit = memory_limit
        """What a query on it may hold in memory, such as 1GB; what does not fit spills to disk."""
        self._is_for_reading = reading
        self.noted: list[str] = []
        """What opening it had to put right, in a sentence each, for whoever can tell a person."""
        if reading:
            self._look()
            return
        if "?" in str(self.root):
            raise LakeUnusable(
                f"The lake {self.root} has a question mark in its path, and DuckDB cannot write a database there. "
                "Point LINDA_LAKE at a folder without one."
            )
        try:
            for private in ("raw", "rejected", ".staging"):
                folder = self.root / private
                if not folder.is_dir():
                    folder.mkdir(parents=True, exist_ok=True)
                    folder.chmod(PRIVATE)
            if not os.access(self.root, os.W_OK | os.X_OK) or not os.access(self.root / ".staging", os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            if disk_is_full(error):
                raise
            raise LakeUnusable(
                f"The lake {self.root} cannot be written by this user ({error.strerror}). "
                "Give this user the folder, or point LINDA_LAKE at another one."
            ) from None
        with self.lock("commit"):
            self._finish_commits()
            self._sweep()

    def _look(self) -> None:
        try:
            is_lake = self.root.is_dir() and any(self.root.iterdir())
        except OSError as error:
            raise LakeUnusable(
                f"The lake {self.root} cannot be read by this user ({error.strerror}). "
                "Give this user the right to read it, or point LINDA_LAKE at another one."
            ) from None
        if not is_lake:
            raise NoLake(
                f"There is no lake in {self.root} yet. Run linda run or linda demo, or point LINDA_LAKE at another folder."
            )

    def raw(self, delivery: Delivery) -> Path:
        """The folder of a delivery's pulls, each in a folder pull=<stamp>."""
        return self.root / "raw" / delivery.folder

    def table(self, bucket: str, delivery: Delivery, name: str = "part-00001") -> Path:
        """A Parquet file of a delivery in a bucket: accepted, rejected, held or findings."""
        return self.root / bucket / delivery.folder / f"{name}.parquet"

    def index(self, delivery: Delivery) -> Path:
        """The file by which later windows look up what a delivery of CDRs accepted."""
        return self.root / "index" / delivery.folder / "accepted.arrow"

    def report(self, delivery: Delivery) -> Path:
        """The folder of a delivery's quality report."""
        return self.root / "reports" / delivery.folder

    def ledger(self, delivery: Delivery) -> Path:
        """The file that says how a delivery was judged: its counts, and what could not be judged."""
        return self.root / "ledger" / delivery.folder / "judgement.json"

    def follow_up(self, delivery: Delivery, name: str) -> Path:
        """The file of what a judgement left to be followed, until the register has taken it in."""
        return self.root / "follow-up" / delivery.folder / f"{name}.parquet"

    def follow_ups(self) -> list[Path]:
        """Every such file."""
        return sorted((self.root / "follow-up").glob("*/cpo=*/window=*/*.parquet"))

    def attempt(self, delivery: Delivery, name: str) -> Path:
        """The file that tells of one attempt to pull a delivery; its name is the stamp of its beginning."""
        return self.root / "attempts" / delivery.folder / f"{name}.json"

    def judged(self, module: str, cpo: str | None = None) -> list[Delivery]:
        """Every delivery of a module that was judged, in order."""
        found = (self.root / "ledger" / module).glob(f"cpo={cpo or '*'}/window=*/judgement.json")
        return sorted(filter(None, (Delivery.of_folder(path.parent) for path in found)))

    def curated(self, table: str, cpo: str, month: str | None = None) -> Path:
        """A curated Parquet file: cdrs per CPO and month, locations and evses per CPO."""
        folder = self.root / "curated" / table / f"cpo={cpo}"
        return (folder / f"month={month}" if month else folder) / "part-00001.parquet"

    @property
    def may_read_raw(self) -> bool:
        """Whether this user may look into raw: its folder is for the user that runs the portal."""
        raw = self.root / "raw"
        return not raw.exists() or os.access(raw, os.R_OK | os.X_OK)

    @property
    def kpi(self) -> Path:
        """The folder of the KPI tables as Parquet."""
        return self.root / "kpi"

    def figures(self, month: str) -> Path:
        """The file of all figures of a month."""
        return self.kpi / f"{month}.parquet"

    def month_table(self, month: str, name: str) -> Path:
        """A small table that a month leaves for the reckoning of others."""
        return self.root / "months" / month / f"{name}.parquet"

    def curation(self, module: str, cpo: str) -> Path:
        """The file that says of what a CPO's curated files were made."""
        return self.root / "months" / "curated" / module / f"cpo={cpo}.json"

    @property
    def months_book(self) -> Path:
        """The file that says of what every month was reckoned."""
        return self.root / "months" / "book.json"

    @property
    def published(self) -> Path:
        """The folder of the snapshots, each with its linda.duckdb and the files that it reads."""
        return self.root / "published"

    @property
    def database(self) -> Path:
        """The DuckDB file for analysts."""
        return self.root / "linda.duckdb"

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock that other processes on this machine respect; it is freed when its holder dies."""
        assert not self._is_for_reading, "a lake that was opened for reading takes no lock"
        path = self.root / f".{name}.lock"
        with path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def lock_if_free(self, name: str) -> Iterator[bool]:
        """Hold a lock if nobody else does; says whether it is held."""
        assert not self._is_for_reading, "a lake that was opened for reading takes no lock"
        with (self.root / f".{name}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for work in progress, emptied afterwards."""
        assert not self._is_for_reading, "a lake that was opened for reading writes nothing"
        folder = self.root / ".staging" / f"{os.getpid()}-{uuid.uuid4().hex}"
        folder.mkdir(mode=PRIVATE)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Files that become visible together when the block ends well, and not at all when it raises."""
        with self.scratch() as folder:
            transaction = Transaction(self.root, folder)
            try:
                yield transaction
                transaction.write_plan()
            except Exception as failure:
                if disk_is_full(failure):
                    raise DiskFull(transaction.room_it_needs()) from failure
                raise
            with self.lock("commit"):
                (folder / "plan.json").rename(self.root / ".staging" / f"{folder.name}.commit")
                self._finish_commits()

    def _finish_commits(self) -> None:
        """Carry out every plan that stands: renames that were done already are simply missing from the staging folder."""
        for plan in sorted((self.root / ".staging").glob("*.commit")):
            staged = plan.with_suffix("")
            try:
                put, remove = steps_of(plan)
            except (ValueError, KeyError, TypeError, AttributeError):
                self._give_up(plan, staged)
                continue
            for name, target in put.items():
                if (staged / name).exists():
                    path = self.root / target
                    path.parent.mkdir(parents=True, exist_ok=True)
                    (staged / name).replace(path)
            for target in remove:
                (self.root / target).unlink(missing_ok=True)
            plan.unlink()
            shutil.rmtree(staged, ignore_errors=True)

    def _give_up(self, plan: Path, staged: Path) -> None:
        """A plan that cannot be read: where its files belong is not known, so that they are set aside with it."""
        kept = [self.set_aside(path) for path in (plan, staged) if path.exists()]
        self.noted.append(
            f"A commit that was interrupted cannot be finished, because its plan is damaged: it lies in {kept[0]} now. "
            "What it was to change is made again."
        )

    def set_aside(self, path: Path) -> Path:
        """Move a damaged file or folder out of the way, never over another one; returns where it lies now."""
        target = self.root / SET_ASIDE / path.relative_to(self.root)
        number, place = 1, target
        while place.exists():
            number += 1
            place = target.with_name(f"{target.name}.{number}")
        for folder in (self.root / SET_ASIDE, place.parent):
            folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        path.rename(place)
        return place

    def _sweep(self) -> None:
        """Throw away what killed processes left half-written; what a living process is writing stays."""
        for folder in (self.root / ".staging").iterdir():
            owner = folder.name.partition("-")[0]
            if folder.is_dir() and owner.isdigit() and not _is_alive(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
