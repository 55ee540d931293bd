"""The pull station: one delivery fetched from its CPO into the lake's raw folder, whole or not at all.

Here: permission first, then crawls into a folder aside until one proves to be whole, which is renamed into place. Not
here: OCPI itself (ocpi.client), one crawl (crawl.py), the ledger of attempts (attempts.py), writing and reading raw
(keeping.py, raw.py).
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from linda_pipeline.calendar import local_date, moment_of, window_bounds
from linda_pipeline.errors import Exit, InputMistake
from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome, open_attempt, write_attempt
from linda_pipeline.ocpi.client import Connection
from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.client_token import unquoted
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import PullFailed
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline.ocpi.proof import Crawled, doubt_of, is_settled, proof_of
from linda_pipeline.pulling.crawl import Question, crawl
from linda_pipeline.pulling.keeping import keep_pull, writing
from linda_pipeline.pulling.raw import RECORD, Pull, fill_attempt, folder_of, newest_pull, pull_at, read_pull
from linda_pipeline.pulling.raw_damage import set_damaged_aside
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import PRIVATE, Delivery, Lake, LakeUnusable

__all__ = ["NotPermitted", "NotThatNight", "Pull", "TokenMissing", "newest_pull", "pull", "pull_at"]

PAGE_LIMIT = 500
"""Records to ask per page; a CPO may give fewer."""
_MARGIN_2_1_1 = timedelta(days=1)
"""OCPI 2.1.1 does not say whether its date bounds are inclusive, so more is asked; the judge trims it to the window."""
_CRAWLS = 3
"""How often a list is gone through for two crawls to agree; after that the delivery is incomplete."""
_RESUMED_WITHIN = timedelta(hours=24)
"""What a killed pull left behind is gone on from within this time."""


class NotPermitted(InputMistake):
    """No permission is valid on the day of the pull: the CPO was not contacted."""


class TokenMissing(PullFailed):
    """The environment holds no token for the CPO."""

    code = Exit.INPUT


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

    A pull that stands under the same moment already is returned as it is. `on_page` is called after each stored page of
    the first crawl. Every attempt is noted in the lake's ledger of attempts. What a killed pull left is gone on from.
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
        with _noted(lake, delivery, pulled_at, cpo.token_warning(day)) as attempt:
            if module == "locations" and window != day:
                raise NotThatNight(
                    f"The Locations of {cpo.key} cannot be pulled for the night of {window}: it is {day} now.",
                    f"Pull the night of {day}; an OCPI server tells only how its Locations are now.",
                )
            if not token:
                raise TokenMissing(
                    f"There is no token for {cpo.key}: {cpo.token_variable} is not set.",
                    f"Set the environment variable {cpo.token_variable} to the authorisation key of this CPO, or put it "
                    f"in a file of that name in the folder LINDA_SECRETS.",
                )
            with (
                unquoted(token, PullFailed, LakeUnusable),
                _aside(folder, pulled_at) as partial,
                connect(
                    cpo.versions_url,
                    token,
                    ocpi=cpo.ocpi,
                    token_encoding=cpo.token_encoding,
                    token_name=cpo.token_variable,
                    patience=patience,
                    trust=Trust(
                        ca_bundle=cpo.ca_bundle,
                        client_certificate=cpo.client_certificate,
                        allow_http=cpo.allow_http,
                        origins=cpo.origins,
                        private_network=cpo.private_network,
                        block=f"[cpo.{cpo.key}]",
                    ),
                ) as connection,
            ):
                pulled = _fetch(connection, delivery, pulled_at, partial, limit, attempt, on_page)
            fill_attempt(attempt, pulled)
            if pulled.complete:
                attempt.warnings += set_damaged_aside(lake, pulled)
            return pulled


@contextlib.contextmanager
def _noted(lake: Lake, delivery: Delivery, pulled_at: datetime, warning: str | None) -> Iterator[Attempt]:
    """An attempt in the ledger, from its beginning to its end, whatever that is."""
    begun = time.perf_counter()
    attempt, name = open_attempt(lake, delivery, pulled_at)
    attempt.warnings = [warning] if warning else []
    try:
        yield attempt
    except BaseException as failure:
        _fail(attempt, failure)
        raise
    finally:
        attempt.duration_s = round(time.perf_counter() - begun, 6)
        with contextlib.suppress(OSError):  # a full disk has its own sentence; it must not be hidden behind this one
            write_attempt(lake, attempt, name)


def _fail(attempt: Attempt, failure: BaseException) -> None:
    """Note why an attempt failed. Only failures whose text is known to hold no token are quoted."""
    attempt.outcome = AttemptOutcome.FAILED if isinstance(failure, Exception) else AttemptOutcome.KILLED
    attempt.failure = {
        "kind": type(failure).__name__,
        "message": failure.message if isinstance(failure, PullFailed) else "",
        "remedy": failure.remedy if isinstance(failure, PullFailed) else "",
    }


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
    partial: Path,
    limit: int,
    attempt: Attempt,
    on_page: Callable[[RawPage], None] | None,
) -> Pull:
    """Crawl until a crawl is proven, or the tries are out; the last crawl becomes the delivery."""
    begun = time.perf_counter()
    asked_from, asked_until = _bounds(delivery, connection.version, pulled_at)
    endpoint = connection.endpoint(delivery.module)
    question = Question(endpoint, delivery.module, asked_from, asked_until, limit)
    attempt.ocpi_version, attempt.endpoint = connection.version, endpoint
    attempt.asked = {"from": _text(asked_from), "until": _text(asked_until)}

    def told(page: RawPage) -> None:
        attempt.pages, attempt.records = page.number, attempt.records + page.records
        attempt.bytes, attempt.received_bytes = (
            attempt.bytes + len(page.body),
            attempt.received_bytes + page.received_bytes,
        )
        if on_page is not None and attempt.crawls == 1:
            on_page(page)

    holds_still = asked_until is not None and asked_until <= pulled_at
    before: Crawled | None = None
    while True:
        attempt.crawls += 1
        attempt.pages = attempt.records = attempt.bytes = attempt.received_bytes = 0
        written = crawl(connection, question, partial / f"crawl-{attempt.crawls}", told)
        proof = proof_of(written.crawled, before, holds_still=holds_still)
        if proof is not None or attempt.crawls == _CRAWLS or is_settled(written.crawled, before):
            break
        before = written.crawled
    found = written.crawled
    pulled = Pull(
        folder=partial.with_suffix(""),
        delivery=delivery,
        asked_from=asked_from,
        asked_until=asked_until,
        pulled_at=pulled_at,
        ocpi_version=connection.version,
        versions_url=connection.versions_url,
        endpoint=endpoint,
        token_encoding=connection.token_encoding,
        complete=proof is not None and not found.hidden,
        total_count=found.total,
        records=found.records,
        files=tuple(written.files),
        duration_s=round(time.perf_counter() - begun, 6),
        proof=None if proof is None else proof.value,
        doubt=doubt_of(found, proof),
        unique_records=len(found.unique),
        hidden=tuple(found.hidden),
        crawls=attempt.crawls,
        resumed_pages=written.resumed_pages,
    )
    keep_pull(written.folder, pulled)
    return pulled


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _bounds(delivery: Delivery, version: str, pulled_at: datetime) -> tuple[datetime | None, datetime | None]:
    """The bounds of last_updated to ask; none for Locations, which are asked whole.

    The upper one lies in the past, so that the list holds still while it is crawled (unless the window is still open).
    """
    if delivery.module == "locations":
        return None, None
    start, end = window_bounds(delivery.window)
    margin = _MARGIN_2_1_1 if version == "2.1.1" else timedelta(0)
    return start - margin, min(end + margin, max(end, pulled_at))


@contextlib.contextmanager
def _aside(folder: Path, pulled_at: datetime) -> Iterator[Path]:
    """A folder to crawl into; the newest that a killed pull left is taken over where it is young enough.

    It goes away when the block ends, save where it fails in a way that may pass: then the next pull goes on from it.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    with writing(folder):
        for left in sorted(folder.parent.glob("pull=*.partial"), reverse=True):
            age = pulled_at - moment_of(left.stem.removeprefix("pull="))
            is_spent = (left.with_suffix("") / RECORD).is_file() or not timedelta(0) <= age <= _RESUMED_WITHIN
            if is_spent or (partial.exists() and left != partial):
                shutil.rmtree(left)
            elif left != partial:
                left.rename(partial)
        partial.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    try:
        yield partial
    except BaseException as failure:
        may_go_on = failure.may_pass if isinstance(failure, PullFailed) else not isinstance(failure, Exception)
        if not may_go_on:
            shutil.rmtree(partial, ignore_errors=True)
        raise
    shutil.rmtree(partial, ignore_errors=True)
