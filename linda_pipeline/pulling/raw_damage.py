"""What of raw and of the notes of attempts is no longer as it was written; and putting right what can be.

Here: finding it (every page against its hash), making a record again from its attempt and pages or an attempt from its record,
and setting aside what cannot be made again. Not here: what was made of raw (judging.damage).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from isal import igzip
from isal.igzip_lib import IsalError

from linda_pipeline.calendar import moment_of
from linda_pipeline.ledger.attempts import Attempt, attempts, damaged_attempts, named_attempts, write_attempt
from linda_pipeline.ocpi.hidden import Hidden
from linda_pipeline.ocpi.page import PageUnreadable, read_page
from linda_pipeline.pulling.raw import (
    RECORD,
    PageFile,
    Pull,
    RawUnreadable,
    attempt_of,
    how_to_mend,
    moment,
    pull_folders,
    read_pull,
)
from linda_pipeline.storage.lake import Delivery, Lake

BY_ITSELF = "The next linda run puts it right by itself."
_SHARED = (
    *("pages", "records", "unique_records", "total_count", "bytes", "received_bytes", "sha256"),
    *("complete", "proof", "doubt", "crawls", "resumed_pages", "hidden", "ocpi_version", "endpoint", "asked"),
)
"""What the record of a pull and the note of its attempt both say."""
_OF_PAGES = ("pages", "records", "bytes", "sha256")
"""What of it the pages themselves tell."""


@dataclass(frozen=True)
class Damage:
    """A file that is no longer as it was written."""

    delivery: Delivery | None
    path: Path
    what: str
    remedy: str

    @property
    def delivery_id(self) -> str:
        """The delivery that it belongs to; empty: it belongs to all."""
        return self.delivery.id if self.delivery is not None else ""


def raw_damage(lake: Lake, deliveries: Iterable[Delivery]) -> Iterator[Damage]:
    """Hold every raw page against the hash that was taken when it came in (SHA-256 over the decoded body), every record against
    its pages and its attempt.

    Raises PermissionError where raw is closed to this user.
    """
    if not lake.may_read_raw:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(lake.root / "raw"))
    for delivery in deliveries:
        for path in damaged_attempts(lake, delivery):
            yield Damage(delivery, path, "the note of an attempt cannot be read", BY_ITSELF)
        by_pull = {
            attempt.pull: attempt for attempt in attempts(lake, delivery) if attempt.pull and not attempt.set_aside
        }
        stamps = {_stamp(folder) for folder in pull_folders(lake, delivery)}
        for gone in sorted(by_pull.keys() - stamps):
            path = lake.raw(delivery) / f"pull={gone}"
            yield Damage(delivery, path, "the whole pull is gone", how_to_mend(delivery))
        for folder in pull_folders(lake, delivery):
            yield from _of_pull(folder, delivery, by_pull.get(_stamp(folder)))


def _of_pull(folder: Path, delivery: Delivery, attempt: Attempt | None) -> Iterator[Damage]:
    path = folder / RECORD
    try:
        pull = read_pull(folder)
    except RawUnreadable:
        remedy = BY_ITSELF if record_again(folder, delivery, attempt) else how_to_mend(delivery)
        yield Damage(delivery, path, "the record of the pull is missing or cannot be read", remedy)
        return
    damaged_pages = list(_pages(pull))
    yield from damaged_pages
    if pull.delivery != delivery:
        yield Damage(
            delivery, path, f"the record is that of another delivery, {pull.delivery.id}", how_to_mend(delivery)
        )
        return
    differing = disagreement(pull, attempt)
    if differing:
        can_tell = not damaged_pages and set(differing) <= set(_OF_PAGES)
        remedy = BY_ITSELF if can_tell else how_to_mend(delivery)
        what = "the record of the pull was changed after it came in: it and its attempt disagree on "
        yield Damage(delivery, path, what + ", ".join(differing), remedy)
    elif not damaged_pages and any(noted != counted for noted, counted in _counts(pull)):
        yield Damage(delivery, path, "the record of the pull counts other records than its pages hold", BY_ITSELF)


def _pages(pull: Pull) -> Iterator[Damage]:
    remedy = how_to_mend(pull.delivery)
    for page in pull.files:
        path = pull.folder / page.file
        try:
            body = igzip.decompress(path.read_bytes())
        except FileNotFoundError:
            yield Damage(pull.delivery, path, "the page is gone", remedy)
            continue
        except (OSError, EOFError, IsalError) as error:  # type: ignore[misc] # isal's stub calls it a value
            yield Damage(pull.delivery, path, f"the page cannot be unpacked ({error})", remedy)
            continue
        if hashlib.sha256(body).hexdigest() != page.sha256:
            yield Damage(pull.delivery, path, "the page was changed after it came in", remedy)
    known = {RECORD, *(page.file for page in pull.files)}
    for path in sorted(pull.folder.iterdir()):
        if path.name not in known:
            yield Damage(
                pull.delivery,
                path,
                "this file does not belong to the pull",
                "Take it away: nothing here has put it there.",
            )


def disagreement(pull: Pull, attempt: Attempt | None) -> list[str]:
    """What the record of a pull and its attempt say differently."""
    if attempt is None:
        return []
    by_record = attempt_of(pull)
    return [name for name in _SHARED if getattr(by_record, name) != getattr(attempt, name)]


def _counts(pull: Pull) -> Iterator[tuple[int, int]]:
    """What the record counts, and what its pages hold."""
    yield pull.records, sum(page.records for page in pull.files)
    for page in pull.files:
        yield page.records, len(pull.page(page.number))


def mend_raw(lake: Lake, deliveries: Iterable[Delivery]) -> Iterator[str]:
    """Put right what can be put right without looking at every page, and set aside what cannot; says each in one sentence.

    A CPO that is being pulled now is left for another time.
    """
    for delivery in deliveries:
        if not any(True for _ in _to_mend(lake, delivery)):
            continue
        with lake.lock_if_free(f"pull-{delivery.cpo}") as is_ours:
            if is_ours:
                for path in list(_to_mend(lake, delivery)):
                    yield (
                        _mended_pull(lake, delivery, path)
                        if path.name == RECORD
                        else _mended_attempt(lake, delivery, path)
                    )


def _to_mend(lake: Lake, delivery: Delivery) -> Iterator[Path]:
    """Records and notes of attempts that are damaged, or that disagree on what pages tell; records come first."""
    by_pull = {attempt.pull: attempt for attempt in attempts(lake, delivery) if attempt.pull}
    for folder in pull_folders(lake, delivery):
        try:
            pull = read_pull(folder)
        except RawUnreadable:
            yield folder / RECORD
            continue
        attempt = by_pull.get(pull.stamp)
        if pull.records != sum(page.records for page in pull.files):
            yield folder / RECORD
        elif pull.delivery == delivery and set(disagreement(pull, attempt)) & set(_OF_PAGES):
            made = record_again(folder, delivery, attempt)
            if made is not None:
                yield folder / RECORD
            elif (
                attempt is not None
                and not any(_pages(pull))
                and all(noted == counted for noted, counted in _counts(pull))
            ):
                yield next(
                    lake.attempt(delivery, name) for name, other in named_attempts(lake, delivery) if other == attempt
                )
    yield from damaged_attempts(lake, delivery)


def _mended_pull(lake: Lake, delivery: Delivery, path: Path) -> str:
    folder = path.parent
    attempt = next((noted for noted in attempts(lake, delivery) if noted.pull == _stamp(folder)), None)
    made = record_again(folder, delivery, attempt)
    if made is not None:
        kept = f" What stood there lies in {lake.set_aside(path)}." if path.exists() else ""
        path.write_text(json.dumps(made.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return f"The record of a pull, {path}, was damaged and is made again from its attempt and its pages.{kept}"
    aside = lake.set_aside(folder)
    for name, attempt in named_attempts(lake, delivery):
        if attempt.pull == _stamp(folder):
            attempt.set_aside = str(aside.relative_to(lake.root))
            write_attempt(lake, attempt, name)
    return (
        f"The pull {folder} is set aside in {aside}: its record is damaged, and nothing proves its pages. "
        f"{how_to_mend(delivery)}"
    )


def _mended_attempt(lake: Lake, delivery: Delivery, path: Path) -> str:
    """An attempt that brought a pull is told by it; of any other, what it said is lost."""
    aside = lake.set_aside(path)
    for folder in pull_folders(lake, delivery):
        if path.stem.startswith(_stamp(folder)):
            write_attempt(lake, attempt_of(read_pull(folder)), path.stem)
            return f"The note of an attempt, {path}, was damaged and is made again from its pull; it lies in {aside}."
    return f"The note of an attempt that brought nothing, {path}, was damaged; it lies in {aside}."


def set_damaged_aside(lake: Lake, newest: Pull) -> Iterator[str]:
    """Set aside the earlier pulls of a delivery that are damaged, now that a whole one has taken their place; says each in one
    sentence. The caller holds the lock of the CPO."""
    delivery = newest.delivery
    for name, attempt in list(named_attempts(lake, delivery)):
        if attempt.pull is None or attempt.pull >= newest.stamp or attempt.set_aside:
            continue
        folder = lake.raw(delivery) / f"pull={attempt.pull}"
        if folder.is_dir() and not any(_of_pull(folder, delivery, attempt)):
            continue
        attempt.set_aside = str(lake.set_aside(folder).relative_to(lake.root)) if folder.is_dir() else "gone"
        write_attempt(lake, attempt, name)
        yield f"The earlier pull {folder.name} was damaged: it is set aside ({attempt.set_aside})."


def record_again(folder: Path, delivery: Delivery, attempt: Attempt | None) -> Pull | None:
    """The record of a pull, made again from the note of its attempt and its pages; None where these do not prove each other.

    What neither knows stays empty: the address of each page, and how long it took.
    """
    if attempt is None or attempt.sha256 is None or attempt.pull != _stamp(folder) or not folder.is_dir():
        return None
    pages = []
    for number, path in enumerate(sorted(folder.glob("page-*.json.gz")), start=1):
        try:
            body = igzip.decompress(path.read_bytes())
            records = len(read_page(body).records)
        except (OSError, EOFError, IsalError, PageUnreadable):  # type: ignore[misc] # isal's stub calls it a value
            return None
        digest = hashlib.sha256(body).hexdigest()
        received = attempt.received_bytes if number == 1 else 0  # only the sum is known
        pages.append(PageFile(number, path.name, "", records, len(body), digest, received, 0.0))
    made = Pull(
        folder=folder,
        delivery=delivery,
        asked_from=moment(attempt.asked["from"]),
        asked_until=moment(attempt.asked["until"]),
        pulled_at=moment_of(_stamp(folder)),
        ocpi_version=attempt.ocpi_version or "",
        versions_url="",
        endpoint=attempt.endpoint or "",
        token_encoding="",
        complete=attempt.complete,
        total_count=attempt.total_count,
        records=attempt.records,
        files=tuple(pages),
        duration_s=attempt.duration_s or 0.0,
        proof=attempt.proof,
        doubt=attempt.doubt,
        unique_records=attempt.unique_records,
        hidden=tuple(Hidden(**place) for place in attempt.hidden),
        crawls=attempt.crawls,
        resumed_pages=attempt.resumed_pages,
    )
    is_proven = made.sha256 == attempt.sha256 and sum(page.records for page in pages) == attempt.records
    return made if is_proven else None


def _stamp(folder: Path) -> str:
    return folder.name.removeprefix("pull=")
