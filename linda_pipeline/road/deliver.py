"""The pull station: one delivery fetched from its CPO into the lake's raw folder, whole or not at all.

Here: permission first, then the pages one by one into a folder aside, which is renamed into place when the last is in.
Not here: OCPI itself (ocpi.client), and reading what was pulled (raw.py).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from linda_pipeline.calendar import local_date, window_bounds
from linda_pipeline.cpos import Cpo
from linda_pipeline.lake import PRIVATE, Delivery, Lake, LakeUnusable
from linda_pipeline.ocpi.client import Connection, Patience, RawPage, connect
from linda_pipeline.ocpi.failures import PullFailed
from linda_pipeline.road.raw import RECORD, PageFile, Pull, folder_of, newest_pull, pull_at, read_pull

__all__ = ["NotPermitted", "NotThatNight", "Pull", "TokenMissing", "newest_pull", "pull", "pull_at"]

PAGE_LIMIT = 500
"""Records to ask per page; a CPO may give fewer."""
_MARGIN_2_1_1 = timedelta(days=1)
"""OCPI 2.1.1 does not say whether its date bounds are inclusive, so more is asked; the judge trims it to the window."""


class NotPermitted(Exception):
    """No permission is valid on the day of the pull: the CPO was not contacted."""


class TokenMissing(PullFailed):
    """The environment holds no token for the CPO."""


class NotThatNight(PullFailed):
    """Locations can only be asked as they are now: the night asked is another one than that of the pull."""


def pull(
    lake: Lake,
    cpo: Cpo,
    module: str,
    window: date,
    *,
    token: str | None,
    pulled_at: datetime,
    patience: Patience | None = None,
    limit: int = PAGE_LIMIT,
    on_page: Callable[[RawPage], None] | None = None,
) -> Pull:
    """Fetch a delivery into the lake. For Locations the window is the night: the Amsterdam date of the pull.

    A pull that stands under the same moment already is returned as it is. `on_page` is called after each stored page.
    Raises NotPermitted before any contact; PullFailed, whose text never holds the token; LakeUnusable.
    """
    pulled_at = pulled_at.astimezone(UTC).replace(microsecond=0)
    delivery = Delivery(module, cpo.key, window)
    day = local_date(pulled_at)
    if not cpo.may_be_pulled_on(day):
        raise NotPermitted(_why_not(cpo, day))
    folder = folder_of(lake, delivery, pulled_at)
    with lake.lock(f"pull-{cpo.key}"):  # one connection per CPO
        if (folder / RECORD).is_file():
            return read_pull(folder)
        if module == "locations" and window != day:
            raise NotThatNight(
                f"The Locations of {cpo.key} cannot be pulled for the night of {window}: it is {day} now.",
                f"Pull the night of {day}; an OCPI server tells only how its Locations are now.",
            )
        if not token:
            raise TokenMissing(
                f"There is no token for {cpo.key}: {cpo.token_variable} is not set.",
                f"Set the environment variable {cpo.token_variable} to the authorisation key of this CPO.",
            )
        with _aside(folder) as partial:
            with connect(
                cpo.versions_url,
                token,
                ocpi=cpo.ocpi,
                token_encoding=cpo.token_encoding,
                token_name=cpo.token_variable,
                patience=patience,
            ) as connection:
                pulled = _fetch(connection, delivery, pulled_at, partial, limit, on_page)
            with _writing(partial):
                _write(partial / RECORD, json.dumps(pulled.as_json(), indent=1, ensure_ascii=False).encode() + b"\n")
        return read_pull(folder)


def _why_not(cpo: Cpo, day: date) -> str:
    if not cpo.active:
        return f"{cpo.key} was not contacted: it is not active. Set active = true in its block of the register."
    return (
        f"{cpo.key} was not contacted: no permission is valid on {day}. "
        f"Once the data owner has given permission in writing, add it as [[cpo.{cpo.key}.permission]] to the register."
    )


def _fetch(
    connection: Connection,
    delivery: Delivery,
    pulled_at: datetime,
    folder: Path,
    limit: int,
    on_page: Callable[[RawPage], None] | None,
) -> Pull:
    """Write the pages to a folder, one in memory at a time, and tell what came."""
    begun = time.perf_counter()
    asked_from, asked_until = _bounds(delivery, connection.version)
    files: list[PageFile] = []
    total_count = None
    for page in connection.pages(delivery.module, asked_from, asked_until, limit):
        name = f"page-{page.number:05d}.json.gz"
        with _writing(folder):
            _write(folder / name, page.stored)
        files.append(
            PageFile(
                number=page.number,
                file=name,
                url=page.url,
                records=page.records,
                bytes=len(page.body),
                sha256=page.sha256,
                received_bytes=page.received_bytes,
                duration_s=round(page.duration_s, 6),
            )
        )
        total_count = total_count if page.total_count is None else page.total_count
        if on_page is not None:
            on_page(page)
    records = sum(page.records for page in files)
    return Pull(
        folder=folder,
        delivery=delivery,
        asked_from=asked_from,
        asked_until=asked_until,
        pulled_at=pulled_at,
        ocpi_version=connection.version,
        versions_url=connection.versions_url,
        endpoint=connection.endpoint(delivery.module),
        token_encoding=connection.token_encoding,
        complete=total_count is None or records >= total_count,
        total_count=total_count,
        records=records,
        files=tuple(files),
        duration_s=round(time.perf_counter() - begun, 6),
    )


def _bounds(delivery: Delivery, version: str) -> tuple[datetime | None, datetime | None]:
    """The bounds of last_updated to ask; none for Locations, which are asked whole."""
    if delivery.module == "locations":
        return None, None
    start, end = window_bounds(delivery.window)
    margin = _MARGIN_2_1_1 if version == "2.1.1" else timedelta(0)
    return start - margin, end + margin


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder to fill, renamed into place when the block ends well and thrown away when it raises.

    What an earlier pull of this delivery left when it was killed goes first; the caller holds the lock.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    with _writing(folder):
        for left in folder.parent.glob("pull=*.partial"):
            shutil.rmtree(left)
        partial.mkdir(mode=PRIVATE, parents=True)
    try:
        yield partial
        with _writing(folder):
            _flush_folder(partial)
            partial.rename(folder)
            _flush_folder(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What goes wrong on disk within the block, as one clear sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LakeUnusable(
                f"There is no space left for {folder}. Free some, or point LINDA_LAKE at a larger disk. "
                "Nothing of this pull was kept; pull again."
            ) from None
        raise LakeUnusable(
            f"{folder} cannot be written ({error.strerror}). Give this user the folder, or point LINDA_LAKE elsewhere. "
            "Nothing of this pull was kept."
        ) from None


def _write(path: Path, content: bytes) -> None:
    """Write a file durably: it is on the disk when this returns."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
