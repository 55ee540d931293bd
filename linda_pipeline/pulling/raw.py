"""Raw deliveries in the lake, as received: what a pull asked and got, and its pages read back.

Here: reading, and what a pull tells the ledger of attempts. Not here: how a pull comes about (pull.py) and what its
records mean (ocpi.normalise).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from isal import igzip
from isal.igzip_lib import IsalError

from linda_pipeline.calendar import stamp, window_bounds
from linda_pipeline.errors import why_unreadable
from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome
from linda_pipeline.ocpi.hidden import Hidden
from linda_pipeline.ocpi.page import PageUnreadable, read_page
from linda_pipeline.storage.lake import MODULES, Delivery, Lake, LakeUnusable

RECORD = "delivery.json"
"""The file that closes a pull: it is written last, and a folder without it is no pull."""


class RawUnreadable(LakeUnusable):
    """A file of a raw delivery is damaged or gone; the message names it and says what to do."""


@dataclass(frozen=True)
class PageFile:
    """One stored page. `url` is the address asked, `bytes` are of the decoded body, over which `sha256` was taken."""

    number: int
    file: str
    url: str
    records: int
    bytes: int
    sha256: str
    received_bytes: int
    duration_s: float


@dataclass(frozen=True)
class Pull:
    """One pull of a delivery that came to its end, as delivery.json tells it."""

    folder: Path
    delivery: Delivery
    asked_from: datetime | None
    asked_until: datetime | None
    """The bounds of last_updated that were asked, null for Locations; wider than the window for OCPI 2.1.1."""
    pulled_at: datetime
    ocpi_version: str
    versions_url: str
    endpoint: str
    token_encoding: str
    complete: bool
    """Whether it is proven that every record is there."""
    total_count: int | None
    """The last X-Total-Count that the CPO gave."""
    records: int
    files: tuple[PageFile, ...]
    duration_s: float
    proof: str | None = None
    """What proves it: "count" (unique ids = X-Total-Count) or "second crawl" (which agrees)."""
    doubt: str | None = None
    """Why it is not complete, in one sentence."""
    unique_records: int | None = None
    """How many different ids came."""
    hidden: tuple[Hidden, ...] = ()
    """The places in the CPO's list that its server refuses to give, even by themselves."""
    crawls: int = 1
    """How often the list was gone through; the pages are those of the last time."""
    resumed_pages: int = 0
    """How many of the pages an earlier, killed pull had brought in."""

    @property
    def stamp(self) -> str:
        """The moment of the pull as it stands in the folder's name."""
        return stamp(self.pulled_at)

    @property
    def kept(self) -> tuple[datetime, datetime] | None:
        """The bounds of last_updated to which a delivery of CDRs is trimmed; None: nothing falls outside."""
        return window_bounds(self.delivery.window)

    @property
    def body_bytes(self) -> int:
        """The size of the decoded pages together."""
        return sum(page.bytes for page in self.files)

    @property
    def sha256(self) -> str:
        """Over the SHA-256 of the pages in their order, in hex."""
        return hashlib.sha256("".join(page.sha256 for page in self.files).encode()).hexdigest()

    def pages(self) -> Iterator[tuple[int, list[bytes]]]:
        """Every page as its number (from 1) and its records as JSON, one page in memory at a time."""
        for page in self.files:
            yield page.number, self._records(page)

    def page(self, number: int) -> list[bytes]:
        """The records of one page, by its number from 1. Raises LakeUnusable where the file is damaged."""
        return self._records(self.files[number - 1])

    def _records(self, page: PageFile) -> list[bytes]:
        path = self.folder / page.file
        try:
            return read_page(igzip.decompress(path.read_bytes())).records
        except (OSError, EOFError, IsalError, PageUnreadable) as error:  # type: ignore[misc] # isal's stub calls it a value
            raise RawUnreadable(f"The raw page {path} cannot be read ({error}). {how_to_mend(self.delivery)}") from None

    def as_json(self) -> dict[str, Any]:
        """The content of delivery.json."""
        return {
            "delivery_id": self.delivery.id,
            "cpo": self.delivery.cpo,
            "module": self.delivery.module,
            "window": self.delivery.window.isoformat(),
            "asked": {"from": _text(self.asked_from), "until": _text(self.asked_until)},
            "pulled_at": _text(self.pulled_at),
            "ocpi_version": self.ocpi_version,
            "versions_url": self.versions_url,
            "endpoint": self.endpoint,
            "token_encoding": self.token_encoding,
            "complete": self.complete,
            "proof": self.proof,
            "doubt": self.doubt,
            "unique_records": self.unique_records,
            "hidden": [{"offset": record.offset, "why": record.why} for record in self.hidden],
            "crawls": self.crawls,
            "resumed_pages": self.resumed_pages,
            "total_count": self.total_count,
            "records": self.records,
            "pages": [{field.name: getattr(page, field.name) for field in fields(page)} for page in self.files],
            "duration_s": self.duration_s,
        }


def how_to_mend(delivery: Delivery) -> str:
    """What to do about a raw delivery that is damaged."""
    if delivery.module == "locations":
        return "Bring it back from a backup: a night that has passed cannot be asked for again. What was judged of it stands."
    return (
        "Bring it back from a backup, or pull the window again: "
        f"linda run --cpo {delivery.cpo} --module cdrs --window {delivery.window}"
    )


def newest_pull(lake: Lake, delivery: Delivery) -> Pull | None:
    """The pull of a delivery that counts: the newest complete one, else the newest; None where there is none.

    One whose record is damaged does not count while there is another. Raises LakeUnusable where there is no other.
    """
    whole, failed = [], None
    for path in sorted(lake.raw(delivery).glob(f"pull=*/{RECORD}")):
        if _is_whole(path.parent):
            try:
                whole.append(read_pull(path.parent))
            except LakeUnusable as failure:
                failed = failure
    if not whole and failed is not None:
        raise failed
    return max(whole, key=lambda pull: (pull.complete, pull.pulled_at), default=None)


def stamps_by_delivery(lake: Lake) -> dict[Delivery, list[str]]:
    """Every delivery that was pulled, with the stamps of its whole pulls, the oldest first; no file is opened. None where raw
    is closed to this user."""
    stamps: dict[Delivery, list[str]] = {}
    for module in MODULES if lake.may_read_raw else ():
        for path in sorted((lake.root / "raw" / module).glob(f"cpo=*/window=*/pull=*/{RECORD}")):
            folder = path.parent
            if _is_whole(folder):
                delivery = Delivery.of_folder(folder.parent)
                if delivery is not None:
                    stamps.setdefault(delivery, []).append(folder.name.removeprefix("pull="))
    return stamps


def pull_folders(lake: Lake, delivery: Delivery) -> list[Path]:
    """The folders of a delivery's finished pulls, the oldest first, whatever state they are in."""
    return [folder for folder in sorted(lake.raw(delivery).glob("pull=*")) if _is_whole(folder)]


def pull_at(lake: Lake, delivery: Delivery, pulled_at: datetime) -> Pull:
    """The pull of a delivery that was made at a moment. Raises LakeUnusable where it is not in the lake."""
    return read_pull(folder_of(lake, delivery, pulled_at))


def folder_of(lake: Lake, delivery: Delivery, pulled_at: datetime) -> Path:
    """Where a pull stands once it is whole."""
    return lake.raw(delivery) / f"pull={stamp(pulled_at)}"


def read_pull(folder: Path) -> Pull:
    """A pull from its folder. Raises LakeUnusable where its delivery.json is missing or damaged."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_bytes())
        return Pull(
            folder=folder,
            delivery=Delivery(record["module"], record["cpo"], date.fromisoformat(record["window"])),
            asked_from=moment(record["asked"]["from"]),
            asked_until=moment(record["asked"]["until"]),
            pulled_at=datetime.fromisoformat(record["pulled_at"]),
            ocpi_version=record["ocpi_version"],
            versions_url=record["versions_url"],
            endpoint=record["endpoint"],
            token_encoding=record["token_encoding"],
            complete=record["complete"],
            total_count=record["total_count"],
            records=record["records"],
            files=tuple(PageFile(**page) for page in record["pages"]),
            duration_s=record["duration_s"],
            proof=record.get("proof"),
            doubt=record.get("doubt"),
            unique_records=record.get("unique_records"),
            hidden=tuple(Hidden(**place) for place in record.get("hidden", ())),
            crawls=record.get("crawls", 1),
            resumed_pages=record.get("resumed_pages", 0),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        delivery = Delivery.of_folder(folder.parent)
        remedy = how_to_mend(delivery) if delivery is not None else "Bring it back from a backup."
        raise RawUnreadable(
            f"The record of a raw delivery, {path}, cannot be read ({why_unreadable(error)}). {remedy}"
        ) from None


def attempt_of(pull: Pull) -> Attempt:
    """A pull as the attempt that it came of."""
    attempt = Attempt(pull.delivery, pull.pulled_at, ocpi_version=pull.ocpi_version, endpoint=pull.endpoint)
    attempt.asked = {"from": _text(pull.asked_from), "until": _text(pull.asked_until)}
    fill_attempt(attempt, pull)
    attempt.duration_s = pull.duration_s
    return attempt


def fill_attempt(attempt: Attempt, pull: Pull) -> None:
    """Note in an attempt what came of it."""
    attempt.outcome = AttemptOutcome.COMPLETE if pull.complete else AttemptOutcome.INCOMPLETE
    attempt.pull = pull.stamp
    for name in ("records", "unique_records", "total_count", "complete", "proof", "doubt", "crawls", "resumed_pages"):
        setattr(attempt, name, getattr(pull, name))
    attempt.pages, attempt.bytes = len(pull.files), pull.body_bytes
    attempt.received_bytes = sum(page.received_bytes for page in pull.files)
    attempt.hidden = [asdict(place) for place in pull.hidden]
    attempt.sha256 = pull.sha256


def _is_whole(folder: Path) -> bool:
    """Whether a folder is a finished pull and not one in the making."""
    return "." not in folder.name


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def moment(text: str | None) -> datetime | None:
    """A moment as a record tells it."""
    return None if text is None else datetime.fromisoformat(text)
