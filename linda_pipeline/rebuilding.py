"""Everything behind raw made again, in the lake or beside it to compare: the proof that nothing but raw has to be kept.

Here: what is made again, in which order, and what differs. Every part is put into the lake as a whole, so that it may be
stopped at any moment: what was made stays, and the next run does the rest. Not here: the making (stations), and the screen
(commands).
"""

from __future__ import annotations

import contextlib
import filecmp
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from linda_pipeline import following, stations
from linda_pipeline.errors import LindaError
from linda_pipeline.judging.again import judge_again_in_turn
from linda_pipeline.means import Means
from linda_pipeline.pulling.raw import stamps_by_delivery
from linda_pipeline.storage.engine import tables_that_differ
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

if TYPE_CHECKING:
    from linda_pipeline.register.database import RegisterDatabase

_INDEX = "index"
_JUDGED = ("ledger", "accepted", "rejected", "held", "findings", _INDEX)
_MADE_OF_JUDGED = ("reports", "curated", "kpi")
_HISTORY = {"permissions.jsonl"}
"""What tells how things came about, and so cannot be made again."""


@dataclass(frozen=True)
class ToMake:
    """What is to be made again."""

    judge: tuple[Delivery, ...] = ()
    """From raw, in the order in which each needs those before it."""
    report: tuple[Delivery, ...] = ()
    strangers: tuple[str, ...] = ()
    """CPOs that the register does not name: what they delivered stays as it is judged."""
    bytes: int = 0
    """How much of it stands in the lake now."""


@dataclass
class Rebuilt:
    """What came of it."""

    judged: int = 0
    reported: int = 0
    failures: dict[Delivery, LindaError] = field(default_factory=dict)
    """What could not be made again, such as where a raw page is lost: what stood there stands."""


def to_make(lake: Lake, means: Means, *, from_raw: bool, cpos: Sequence[str] = ()) -> ToMake:
    """What is made again: from raw the judgements (of some CPOs), and in any case all reports and what is published."""
    judged = [one for module in MODULES for one in lake.judged(module)]
    pulled = set(stamps_by_delivery(lake)) if from_raw else set()
    chosen = {one for one in {*judged, *pulled} if one.cpo in means.register and (not cpos or one.cpo in cpos)}
    rooms = (*_JUDGED, *_MADE_OF_JUDGED) if from_raw else _MADE_OF_JUDGED
    sizes = [path.stat().st_size for room in rooms for path in (lake.root / room).rglob("*") if path.is_file()]
    return ToMake(
        judge=tuple(sorted(chosen & pulled, key=_in_order)) if from_raw else (),
        report=tuple(sorted({*judged, *(chosen & pulled)}, key=_in_order)),
        strangers=tuple(sorted({one.cpo for one in judged} - means.register.keys())),
        bytes=sum(sizes) + (lake.database.stat().st_size if lake.database.exists() else 0),
    )


def _in_order(delivery: Delivery) -> tuple[bool, object, str]:
    return delivery.module != "locations", delivery.window, delivery.cpo


def rebuild(
    lake: Lake,
    means: Means,
    made: ToMake,
    on_step: Callable[[str], None] = lambda _: None,
    database: RegisterDatabase | None = None,
    now: datetime | None = None,
) -> Rebuilt:
    """Make it again in the lake. One delivery that cannot be made again stops no other.

    `database`: the register whose cases are published; with `now` it takes in what was judged again.
    """
    rebuilt = Rebuilt()
    for delivery in made.judge:
        on_step(f"judging {delivery.id}")
        with _noted(rebuilt, delivery):
            _judge(lake, means, delivery)
            rebuilt.judged += 1
    if made.judge:
        for one in judge_again_in_turn(lake, means.register, is_left_out=rebuilt.failures.__contains__):
            on_step(f"judging {one.delivery.id}: {one.why}")
            with _noted(rebuilt, one.delivery):
                _judge(lake, means, one.delivery)
    for delivery in made.report:
        on_step(f"the report on {delivery.id}")
        with _noted(rebuilt, delivery):
            cpo = means.register.get(delivery.cpo)
            stations.report(lake, delivery, cpo_name=cpo.name if cpo is not None else delivery.cpo)
            rebuilt.reported += 1
    on_step("curating")
    stations.curate_locations(lake, means.areas, anew=True)
    stations.curate_cdrs(lake, means.areas, anew=True)
    on_step("computing KPIs")
    stations.compute_kpis(lake, means.register, anew=True)
    if database is not None and now is not None:
        on_step("taking in cases")
        following.take_in_cases(lake, database, now)
    on_step("publishing")
    stations.publish(lake, means.register, means.areas, database)
    return rebuilt


def _judge(lake: Lake, means: Means, delivery: Delivery) -> None:
    assert means.key is not None
    stations.judge(
        lake,
        means.register[delivery.cpo],
        delivery,
        areas=means.areas,
        key=means.key,
        register=means.places,
        profiles=means.profiles,
    )
    stations.conserve(lake, delivery)


@contextlib.contextmanager
def _noted(rebuilt: Rebuilt, delivery: Delivery) -> Iterator[None]:
    try:
        yield
    except LindaError as failure:
        rebuilt.failures[delivery] = failure


def differences(
    lake: Lake,
    means: Means,
    made: ToMake,
    on_step: Callable[[str], None] = lambda _: None,
    database: RegisterDatabase | None = None,
) -> tuple[list[str], Rebuilt]:
    """Make it again beside the lake, and say what differs: files by their bytes, linda.duckdb by what its tables hold.

    Nothing in the lake changes. Each difference is one line, in order.
    """
    with lake.scratch() as folder:
        beside = _beside(lake, folder / "lake", is_judged=bool(made.judge))
        rebuilt = rebuild(beside, means, made, on_step, database)
        on_step("comparing")
        rooms = (*_JUDGED, *_MADE_OF_JUDGED) if made.judge else _MADE_OF_JUDGED
        lines = [line for room in rooms for line in _of_room(lake, beside, room, {one.folder for one in made.report})]
        if not lake.database.exists():
            lines.append("linda.duckdb is not there")
        else:
            lines += [f"linda.duckdb: {name}" for name in tables_that_differ(lake.database, beside.database)]
        return lines, rebuilt


def _beside(lake: Lake, root: Path, *, is_judged: bool) -> Lake:
    """A lake beside the lake that reads the same raw pages; and the same tables, where these are not made again."""
    beside = Lake(root, memory_limit=lake.memory_limit)
    shutil.rmtree(beside.root / "raw")
    for room in ("raw", "attempts"):
        if (lake.root / room).exists():
            (beside.root / room).symlink_to(lake.root / room, target_is_directory=True)
    if not is_judged:
        shutil.rmtree(beside.root / "rejected")
        for room in _JUDGED[1:]:
            if (lake.root / room).exists():
                (beside.root / room).symlink_to(lake.root / room, target_is_directory=True)
        shutil.copytree(lake.root / "ledger", beside.root / "ledger", dirs_exist_ok=True)  # proofs are written to it
    return beside


def _of_room(lake: Lake, beside: Lake, room: str, folders: set[Path]) -> Iterator[str]:
    """The files of a room that differ, that lack, or that are too many; of what lies per delivery, those of some alone."""
    stands, made = _files(lake.root / room), _files(beside.root / room)
    if room not in ("curated", "kpi"):
        stands = {name for name in stands if any(name.is_relative_to(folder) for folder in folders)}
    for name in sorted(stands | made):
        path = Path(room) / name
        if name not in made:
            yield f"{path}: is not made any more"
        elif (
            name not in stands and room != _INDEX
        ):  # a lake of an earlier version makes its indexes when they are asked for
            yield f"{path}: is not there"
        elif name in stands and not filecmp.cmp(lake.root / path, beside.root / path, shallow=False):
            yield f"{path}: differs"


def _files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file() and path.name not in _HISTORY}
