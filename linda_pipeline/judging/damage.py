"""What of the lake is damaged, from raw to what analysts read; and what is put right of it by itself.

Here: the judgements and their tables, the proofs of moved records, the reports, what is curated and published, and commits. Not
here: raw and attempts (pulling.raw_damage), and the judging again of what is set aside here (again.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from linda_pipeline.errors import disk_is_full
from linda_pipeline.judging.conservation import miscounted
from linda_pipeline.ledger.entry import Judgement, JudgementUnreadable, find_judgement
from linda_pipeline.ledger.manifest import TABLES, changed_tables, missing_tables, table_path
from linda_pipeline.ledger.moves import moves_file, put_moves, read_moves
from linda_pipeline.pulling.raw_damage import BY_ITSELF, Damage, mend_raw, raw_damage
from linda_pipeline.storage.engine import READ_ERRORS, can_open
from linda_pipeline.storage.lake import MODULES, SET_ASIDE, Delivery, Lake, LakeUnusable
from linda_pipeline.storage.parquet import TableUnreadable, batches, read_table
from linda_pipeline.storage.transaction import steps_of

REPORT_FILES = ("summary.json", "findings.csv", "findings.xlsx", "rejected.jsonl.gz", "rapport.html", "report.html")
_NAMED = 3
_MADE_ANEW = "linda rebuild makes it anew, and so does the next linda run."


def damage(lake: Lake, deliveries: Iterable[Delivery]) -> Iterator[Damage]:
    """Everything that is damaged of some deliveries, and of what all share.

    Raises PermissionError where raw is closed to this user.
    """
    chosen = list(deliveries)
    yield from raw_damage(lake, chosen)
    for delivery in chosen:
        yield from _of_judgement(lake, delivery)
    yield from _of_commits(lake)
    yield from _of_published(lake)


def _of_judgement(lake: Lake, delivery: Delivery) -> Iterator[Damage]:
    path = lake.ledger(delivery)
    try:
        judgement = find_judgement(lake, delivery)
    except JudgementUnreadable:
        yield Damage(delivery, path, "the judgement cannot be read", BY_ITSELF)
        return
    if judgement is None:
        return
    changed = list(changed_tables(lake, judgement))
    seen = {table_path(lake, delivery, name) for name in missing_tables(lake, judgement)}
    for table, what in changed:
        yield Damage(delivery, table, what, BY_ITSELF if table in seen else _judged_again(delivery))
    if not changed:
        yield from (Damage(delivery, path, what, _judged_again(delivery)) for what in _miscounted(lake, judgement))
    if read_moves(lake, delivery)[1]:
        yield Damage(
            delivery, moves_file(lake, delivery), "a line of the proofs of moved records cannot be read", BY_ITSELF
        )
    yield from _of_report(lake, judgement)


def _miscounted(lake: Lake, judgement: Judgement) -> list[str]:
    try:
        wrong = miscounted(lake, judgement)
    except TableUnreadable as failure:
        return [str(failure)]
    return [f"the judgement does not add up ({'; '.join(wrong)})"] if wrong else []


def _judged_again(delivery: Delivery) -> str:
    return f"linda rebuild --from-raw --cpo {delivery.cpo} judges it again."


def _of_report(lake: Lake, judgement: Judgement) -> Iterator[Damage]:
    """A report that was made is whole, and says what the judgement says."""
    folder = lake.report(judgement.delivery)
    if not folder.is_dir():
        return
    for name in REPORT_FILES:
        path = folder / name
        if not path.is_file() or not path.stat().st_size:
            yield Damage(judgement.delivery, path, "a file of the report is gone or empty", _MADE_ANEW)
        elif name == "summary.json" and not _says_the_same(path, judgement):
            yield Damage(judgement.delivery, path, "the report says other counts than the judgement", _MADE_ANEW)


def _says_the_same(path: Path, judgement: Judgement) -> bool:
    """Whether a summary says what the judgement says, in whatever its version says."""
    try:
        written = json.loads(path.read_bytes())
    except ValueError:
        return False
    summary = judgement.summary()
    return isinstance(written, dict) and "counts" in written and written.items() <= summary.items()


def _of_commits(lake: Lake) -> Iterator[Damage]:
    for plan in sorted((lake.root / ".staging").glob("*.commit")):
        try:
            steps_of(plan)
        except (ValueError, KeyError, TypeError, AttributeError):
            yield Damage(None, plan, "the plan of an interrupted commit cannot be read", BY_ITSELF)


def _of_published(lake: Lake) -> Iterator[Damage]:
    """Whatever is curated or published opens to its last row."""
    for path in sorted([*(lake.root / "curated").rglob("*.parquet"), *lake.kpi.glob("*.parquet")]):
        try:
            for _ in batches(path):
                pass
        except TableUnreadable as failure:
            yield Damage(None, path, f"it cannot be read to its end ({failure.__cause__})", _MADE_ANEW)
    if lake.database.exists() and not can_open(lake.database):
        yield Damage(None, lake.database, "it is no database that can be opened", _MADE_ANEW)


def mend(lake: Lake, deliveries: Iterable[Delivery]) -> Iterator[str]:
    """Put right what can be put right by small files alone, and set aside what cannot, never deleting; one sentence each.

    What is set aside of a judgement is judged again from raw when its turn comes (again.py).
    """
    yield from lake.noted
    lake.noted.clear()
    chosen = list(deliveries)
    yield from mend_raw(lake, chosen)
    for delivery in chosen:
        try:
            find_judgement(lake, delivery)
        except JudgementUnreadable:
            yield (
                f"The judgement of {delivery.id} was damaged and lies in {lake.set_aside(lake.ledger(delivery))}; "
                "it is judged again from raw."
            )
        lines, is_damaged = read_moves(lake, delivery)
        if is_damaged:
            with lake.transaction() as transaction:
                aside = put_moves(lake, transaction, delivery, lines)
            yield (
                f"The proofs of moved records, {moves_file(lake, delivery)}, were damaged: {len(lines)} lines stay, all of it "
                f"lies in {aside}."
            )


class TablesDamaged(LakeUnusable):
    """Tables of judgements were found damaged while they were read; they are set aside, and judged again by themselves."""


@contextlib.contextmanager
def tables_whole(lake: Lake) -> Iterator[None]:
    """Where what is read in the block turns out to be damaged: look at every table of every judgement, set aside what is no
    longer as it was written, and raise TablesDamaged. What is set aside is judged again when its turn comes (again.py)."""
    try:
        yield
    except (*READ_ERRORS, TableUnreadable) as failure:
        if disk_is_full(failure):
            raise
        found = _set_changed_tables_aside(lake)
        if not found:
            raise
        named = ", ".join(map(str, found[:_NAMED])) + (
            f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        )
        raise TablesDamaged(
            f"Damaged, and set aside in {lake.root / SET_ASIDE}: {named}. Run linda run: it judges these deliveries again from "
            "raw by itself. If this comes back, look at the disk."
        ) from failure


def _set_changed_tables_aside(lake: Lake) -> list[Path]:
    found = []
    for delivery in [one for module in MODULES for one in lake.judged(module)]:
        judgement = find_judgement(lake, delivery)
        for path in _unreadable_tables(lake, judgement) if judgement is not None else ():
            if path.is_file():
                lake.set_aside(path)
            found.append(path)
    return found


def _unreadable_tables(lake: Lake, judgement: Judgement) -> list[Path]:
    """The tables that are no longer as they were written; of an entry that does not list them, those that cannot be read."""
    found = [path for path, _ in changed_tables(lake, judgement)]
    if judgement.tables:
        return found
    for name in TABLES[judgement.delivery.module]:
        path = table_path(lake, judgement.delivery, name)
        try:
            if path not in found:
                read_table(path)
        except TableUnreadable:
            found.append(path)
    return found
