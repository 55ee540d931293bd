"""One crawl through a CPO's list into a folder: pages and a journal beside them, from which a crawl that was cut off goes on.

Here: pages as they come, one in memory at a time, and reading back how far a killed crawl came. Not here: what proves a crawl
(ocpi.proof), when a crawl becomes a delivery (pull.py), and the writing (keeping.py).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from isal import igzip
from isal.igzip_lib import IsalError

from linda_pipeline.ocpi.client import Connection
from linda_pipeline.ocpi.failures import ListMoved
from linda_pipeline.ocpi.page import PageUnreadable
from linda_pipeline.ocpi.paging import Given, Hidden, RawPage, Stand, fingerprint_of
from linda_pipeline.ocpi.proof import Crawled
from linda_pipeline.ocpi.scan import scan_page
from linda_pipeline.pulling.keeping import JOURNAL, keep_page, writing
from linda_pipeline.pulling.raw import PageFile
from linda_pipeline.storage.lake import PRIVATE


@dataclass(frozen=True)
class Question:
    """What a crawl asks: two crawls that ask the same may be held against each other."""

    endpoint: str
    module: str
    asked_from: datetime | None
    asked_until: datetime | None
    limit: int

    def as_json(self) -> dict[str, Any]:
        """The first line of a journal."""
        return asdict(self) | {name: str(getattr(self, name)) for name in ("asked_from", "asked_until")}


@dataclass
class Written:
    """A crawl on disk: what it gave, its files, and how many of them an earlier run had brought in."""

    folder: Path
    crawled: Crawled
    files: list[PageFile]
    resumed_pages: int = 0
    has_ended: bool = False


def crawl(
    connection: Connection,
    question: Question,
    folder: Path,
    on_page: Callable[[RawPage], None] | None,
) -> Written:
    """Crawl a list into a folder, to its end; goes on where an earlier run left off, where the list is still the same.

    Raises PullFailed and LakeUnusable; what was written stays.
    """
    written, stand = _reopened(folder, question)
    if written.has_ended:
        return written
    try:
        _go_on(connection, question, written, stand, on_page)
    except ListMoved:
        shutil.rmtree(folder)
        written, stand = _reopened(folder, question)
        _go_on(connection, question, written, stand, on_page)
    return written


def _go_on(
    connection: Connection,
    question: Question,
    written: Written,
    stand: Stand,
    on_page: Callable[[RawPage], None] | None,
) -> None:
    pages = connection.pages(question.module, question.asked_from, question.asked_until, question.limit, stand)
    with (written.folder / JOURNAL).open("a", encoding="utf-8") as journal:
        for page in pages:
            assert page.given is not None
            given = {name: getattr(page.given, name) for name in ("link", "total_count", "limit")}
            if given["link"] is not None:
                given["link"] = connection.hide(given["link"])
            hidden = [asdict(one) for one in page.hidden]
            with writing(written.folder):
                file = keep_page(written.folder, page)
                journal.write(json.dumps({"file": asdict(file), "given": given, "hidden": hidden}) + "\n")
                journal.flush()
            written.files.append(file)
            written.crawled.hidden.extend(page.hidden)
            written.crawled.add(page)
            if on_page is not None:
                on_page(page)
        written.crawled.hidden[:] = connection.hidden
        with writing(written.folder):
            journal.write(json.dumps({"end": [asdict(one) for one in connection.hidden]}) + "\n")
    written.has_ended = True


def _reopened(folder: Path, question: Question) -> tuple[Written, Stand]:
    """What an earlier run left in a folder, as far as it can be trusted; the folder is there afterwards."""
    written, pages = Written(folder, Crawled(), []), []
    lines = list(_lines(folder / JOURNAL))
    if not lines or lines[0] != question.as_json():
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=PRIVATE, parents=True)
            (folder / JOURNAL).write_text(json.dumps(question.as_json()) + "\n", encoding="utf-8")
        return written, Stand(())
    for line in lines[1:]:
        if "end" in line:
            written.crawled.hidden[:] = [Hidden(**one) for one in line["end"]]
            written.has_ended = True
            break
        page = _page(folder, line)
        if page is None:
            break
        written.crawled.hidden.extend(page.hidden)
        written.crawled.add(page)
        written.files.append(PageFile(**line["file"]))
        assert page.given is not None
        pages.append((page.url, page.given))
    written.resumed_pages = len(written.files)
    if not written.has_ended:
        _cut_back(folder, lines, written)
    body_bytes = sum(file.bytes for file in written.files)
    return written, Stand(pages, tuple(written.crawled.hidden), body_bytes)


def _cut_back(folder: Path, lines: list[dict[str, Any]], written: Written) -> None:
    """Leave on disk only what can be gone on from."""
    known = {page.file for page in written.files}
    kept = lines[: 1 + len(known)]
    with writing(folder):
        (folder / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        for path in folder.glob("page-*"):
            if path.name not in known:
                path.unlink()


def _lines(journal: Path) -> Iterator[dict[str, Any]]:
    try:
        content = journal.read_bytes()
    except OSError:
        return
    for line in content.split(b"\n"):
        try:
            yield json.loads(line)
        except ValueError:
            return  # the line at which the process was killed


def _page(folder: Path, line: dict[str, Any]) -> RawPage | None:
    """A page as its journal line and its file tell it; None where they do not agree, or its address was not kept whole."""
    file, told = PageFile(**line["file"]), line["given"]
    try:
        body = igzip.decompress((folder / file.file).read_bytes())
        identities = scan_page(body).identities
    except (OSError, EOFError, IsalError, PageUnreadable):  # type: ignore[misc] # isal's stub calls it a value
        return None
    if hashlib.sha256(body).hexdigest() != file.sha256 or "***" in file.url or "***" in (told["link"] or ""):
        return None
    given = Given(len(identities), fingerprint_of(identities), **told)
    return RawPage(
        number=file.number,
        url=file.url,
        body=b"",
        stored=b"",
        sha256=file.sha256,
        status_code=1000,
        records=file.records,
        total_count=given.total_count,
        limit=given.limit,
        received_bytes=file.received_bytes,
        duration_s=file.duration_s,
        identities=identities,
        given=given,
        hidden=tuple(Hidden(**one) for one in line["hidden"]),
    )
