"""A module as the connection test sees it: its first page, and further pages as they are asked for.

Here: pages with their records, each known by its id. Not here: what is tested on them (pages.py, dates.py, manners.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from linda_pipeline.ocpi.address import next_link, with_query
from linda_pipeline.ocpi.foreign import count_of
from linda_pipeline.ocpi.patient import decoded
from linda_pipeline.ocpi.probing.desk import Desk, Told
from linda_pipeline.ocpi.probing.moment import moment_of
from linda_pipeline.ocpi.probing.wire import Asker, Reply

SAMPLE = 100
"""Records that are asked for at the first look."""


@dataclass(frozen=True)
class Seen:
    """What the test needs of a record."""

    key: str
    """Its identity: owner and id, or a hash where it has none."""
    party: str | None
    last_updated: object
    moment: datetime | None
    """last_updated in UTC; None where it cannot be read or is not in UTC."""


@dataclass(frozen=True)
class PageSeen:
    """One page of a module."""

    url: str
    limit: int
    reply: Reply
    records: tuple[Seen, ...]
    total: int | None
    told_limit: int | None
    link: str | None

    @property
    def keys(self) -> list[str]:
        """The identities of its records, in order."""
        return [record.key for record in self.records]


@dataclass
class Looked:
    """A module as the first look found it."""

    module: str
    endpoint: str
    filters: dict[str, str]
    first: PageSeen
    raw: list[bytes]
    pages: list[PageSeen] = field(default_factory=list)
    """Every page that was read well."""

    @property
    def records(self) -> tuple[Seen, ...]:
        """The records of the first page."""
        return self.first.records

    @property
    def empty(self) -> Told:
        """Why a test on records is not possible."""
        return Told("De module bevat nog geen records.", "The module holds no records yet.")


class NoPage(Exception):
    """A page that a test needs did not come; noted as unsteadiness."""


def first_look(desk: Desk, asker: Asker, module: str, endpoint: str, asked_at: datetime) -> Looked | None:
    """The first page of a module: as many records as one question gives, up to SAMPLE."""
    moment = asked_at.astimezone(UTC).replace(second=0, microsecond=0)
    filters = {"date_to": moment.strftime("%Y-%m-%dT%H:%M:%SZ")} if module == "cdrs" else {}
    url = _address(endpoint, filters, 0, SAMPLE)
    reply = asker.ask(url)
    if not desk.may_test("module_answers", module):
        return None
    if reply.elsewhere is not None:
        desk.untestable("module_answers", reply.said, module)
        return None
    if not reply.is_good or reply.page is None:
        desk.failed("module_answers", reply.said, module)
        return None
    if _holds_no_list(reply):
        desk.failed("module_answers", Told("data is geen lijst.", "data is no list."), module)
        asker.replies.pop()  # this one defect is told here, and not once more of its envelope
        return None
    page = seen_page(url, SAMPLE, reply)
    count = len(page.records)
    desk.passed(
        "module_answers",
        Told(f"De eerste pagina geeft {count} records.", f"The first page gives {count} records."),
        module,
    )
    return Looked(module, endpoint, filters, page, list(reply.page.records[:SAMPLE]), [page])


def ask_page(asker: Asker, looked: Looked, url: str, limit: int) -> PageSeen:
    """A further page of a module. Raises NoPage where it does not come well, and notes that."""
    reply = asker.ask(url)
    if not reply.is_good:
        asker.hiccups.append(reply.said)
        raise NoPage
    page = seen_page(url, limit, reply)
    looked.pages.append(page)
    return page


def address(looked: Looked, offset: int, limit: int, **filters: str) -> str:
    """The address of a page of a module."""
    return _address(looked.endpoint, filters or looked.filters, offset, limit)


def _address(endpoint: str, filters: dict[str, str], offset: int, limit: int) -> str:
    return with_query(endpoint, {**filters, "offset": str(offset), "limit": str(limit)})


def _holds_no_list(reply: Reply) -> bool:
    """Whether data is there and is no list; an answer that only the patient reader can follow holds one."""
    envelope = reply.envelope
    return bool(envelope) and not isinstance(envelope.get("data"), list)


def seen_page(url: str, limit: int, reply: Reply) -> PageSeen:
    """A page from the answer that brought it."""
    headers = reply.headers
    return PageSeen(
        url=url,
        limit=limit,
        reply=reply,
        records=tuple(_seen(record) for record in (reply.page.records if reply.page else [])),
        total=count_of(headers.get("x-total-count")),
        told_limit=count_of(headers.get("x-limit")),
        link=next_link(headers.get("link"), url),
    )


def _seen(raw: bytes) -> Seen:
    record = decoded(raw)
    if not isinstance(record, dict):
        return Seen(hashlib.sha256(raw).hexdigest(), None, None, None)
    owner = [record.get(name) for name in ("country_code", "party_id")]
    party = "-".join(str(part).upper() for part in owner) if all(isinstance(part, str) for part in owner) else None
    name = record.get("id")
    is_plain = isinstance(name, str | int) and bool(name)
    key = f"{party or ''}|{str(name).upper()}" if is_plain else hashlib.sha256(raw).hexdigest()
    return Seen(key, party, record.get("last_updated"), moment_of(record.get("last_updated")))
