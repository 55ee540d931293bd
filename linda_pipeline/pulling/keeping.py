"""The door by which a pull comes into raw: each page durably, then its record, then the whole folder under its name.

Here: the writing, and what is said where it fails. Not here: what is pulled (crawl.py, pull.py), and reading it back (raw.py).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline.pulling.raw import RECORD, PageFile, Pull
from linda_pipeline.storage.lake import LakeUnusable
from linda_pipeline.storage.transaction import flush

JOURNAL = "journal.jsonl"
"""What lies beside the pages of a crawl until they are a pull, so that one that was cut off can go on."""


def keep_page(folder: Path, page: RawPage) -> PageFile:
    """Write one page into the folder of a crawl, as the CPO sent it."""
    file = PageFile(
        number=page.number,
        file=f"page-{page.number:05d}.json.gz",
        url=page.url,
        records=page.records,
        bytes=len(page.body),
        sha256=page.sha256,
        received_bytes=page.received_bytes,
        duration_s=round(page.duration_s, 6),
    )
    _write(folder / file.file, page.stored)
    return file


def keep_pull(folder: Path, pull: Pull) -> None:
    """Make a folder of pages the pull: its record first, then the folder under its name, all at once. Raises LakeUnusable."""
    with writing(pull.folder):
        _write(folder / RECORD, json.dumps(pull.as_json(), indent=1, ensure_ascii=False).encode() + b"\n")
        (folder / JOURNAL).unlink(missing_ok=True)
        flush(folder)
        folder.rename(pull.folder)
        flush(pull.folder.parent)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
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
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
