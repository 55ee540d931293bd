"""One OCPI page: the envelope around a list of records, split without decoding them.

Here: the envelope, and the splitting of a page even where one record in it is not clean JSON. Not here: how pages are
fetched (client.py) and what the records mean (normalise.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from linda_pipeline.ocpi.structure import brackets

MOST_RECORDS = 1_000_000
"""On one page, where nothing else is asked: what is more than that is an attack or a mistake, and takes all memory."""
_MOST_VALUES = 10_000_000
"""The most commas in a page: a server can pack a list of nothing a thousandfold."""


class Unreadable(StrEnum):
    """Why a body is no OCPI envelope."""

    NOT_JSON = "no JSON"
    NO_ENVELOPE = "JSON without an envelope"
    NO_STATUS = "an envelope without status_code"
    BAD_STATUS = "an envelope whose status_code is no OCPI status"
    TOO_DEEP = "JSON that nothing here can follow"
    TOO_MANY_RECORDS = "more records than a page may hold"


class PageUnreadable(Exception):
    """The body is not an OCPI envelope. `what` is wrong, `why` in words, and how the body begins (foreign, both)."""

    def __init__(self, what: Unreadable, why: str, body: bytes = b"", *, holds_data: bool = False) -> None:
        self.what, self.why, self.holds_data = what, why, holds_data
        """`holds_data`: whether something stands in data all the same."""
        self.beginning = body[:65536].decode("utf-8", "replace")
        super().__init__(f"{why[:200]}; it begins with {self.beginning[:60]!r}" if body else why)


@dataclass(frozen=True)
class Page:
    """An OCPI answer: its status, and its records as bytes of JSON. `records` is empty where there are no data."""

    status_code: int
    status_message: str | None
    records: list[bytes]


OcpiStatus = Annotated[int, msgspec.Meta(ge=0, le=9999)]


class _Listing(msgspec.Struct):
    status_code: OcpiStatus
    data: list[msgspec.Raw]
    status_message: Any = None


class _Envelope(msgspec.Struct):
    status_code: OcpiStatus
    data: msgspec.Raw = msgspec.Raw(b"null")
    status_message: Any = None


_DATA = re.compile(rb'"data"\s*:\s*\[')
_listing = msgspec.json.Decoder(_Listing)
_envelope = msgspec.json.Decoder(_Envelope)


def read_page(body: bytes, most_records: int = MOST_RECORDS) -> Page:
    """Split a body into its records. Raises PageUnreadable where it is no JSON, or no envelope, or holds too many."""
    check_values(body)
    try:
        listing = _listing.decode(body)
        check_records(len(listing.data), most_records)
        return Page(listing.status_code, message_of(listing.status_message), [bytes(record) for record in listing.data])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        envelope = _envelope.decode(body)
        data = bytes(envelope.data).strip()
        if not data.startswith(b"["):
            records = [] if data == b"null" else [data]
            return Page(envelope.status_code, message_of(envelope.status_message), records)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return _read_patiently(body, most_records)


def check_values(body: bytes) -> None:
    """Whether a body may be decoded at all. Raises PageUnreadable."""
    if len(body) > _MOST_VALUES and body.count(b",") > _MOST_VALUES:
        raise PageUnreadable(Unreadable.TOO_MANY_RECORDS, f"more than {_MOST_VALUES:,} values")


def check_records(records: int, most_records: int) -> None:
    """Whether a page holds no more records than it may. Raises PageUnreadable."""
    if records > most_records:
        raise PageUnreadable(
            Unreadable.TOO_MANY_RECORDS, f"{records:,} records (at most {most_records:,} are taken in)"
        )


def message_of(value: object) -> str | None:
    """A status_message; one that is no text says nothing."""
    return value if isinstance(value, str) else None


def first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys may be written twice: the first counts, as it does on the main road (DuckDB)."""
    return dict(reversed(pairs))


def _read_patiently(body: bytes, most_records: int) -> Page:
    """The slow way, for a page with a stain in it (a broken escape, bytes that are no UTF-8, NaN)."""
    try:
        envelope = json.loads(
            body.decode("utf-8-sig", "surrogateescape"), strict=False, object_pairs_hook=first_of_each
        )
    except json.JSONDecodeError as error:
        raise PageUnreadable(Unreadable.NOT_JSON, f"the answer is not JSON ({error})", body) from None
    except (RecursionError, ValueError):  # thousands of levels, or a number of thousands of digits
        return _read_by_brackets(body, most_records)
    data = envelope.get("data") if isinstance(envelope, dict) else None
    status = _checked_status(envelope, data, body)
    records = [] if data is None else data if isinstance(data, list) else [data]
    check_records(len(records), most_records)
    try:
        raw = [json.dumps(record).encode("ascii") for record in records]
    except RecursionError:
        return _read_by_brackets(body, most_records)
    return Page(status, message_of(envelope.get("status_message")), raw)


def _checked_status(envelope: object, data: object, body: bytes) -> int:
    """The status of an envelope. Raises PageUnreadable, and says what stands there in its place."""
    holds_data = bool(data)
    if not isinstance(envelope, dict) or not {"status_code", "data"} & envelope.keys():
        raise PageUnreadable(
            Unreadable.NO_ENVELOPE, "the answer is JSON, but not an OCPI envelope with status_code and data", body
        )
    if "status_code" not in envelope:
        raise PageUnreadable(Unreadable.NO_STATUS, "status_code is missing", body, holds_data=holds_data)
    status = envelope["status_code"]
    if type(status) is not int or not 0 <= status <= 9999:
        raise PageUnreadable(Unreadable.BAD_STATUS, _of_status(status), body, holds_data=holds_data)
    return status


def _of_status(status: object) -> str:
    if isinstance(status, str):
        return f"status_code is a text, {json.dumps(status)}, and no number"
    if isinstance(status, int | float) or status is None:
        return f"status_code is {json.dumps(status)}, and no whole number of four digits"
    return "status_code is no number"


def _read_by_brackets(body: bytes, most_records: int) -> Page:
    """For a page with a record that nothing here can follow: cut at the brackets, records left as they are.

    Raises PageUnreadable where its data are no list of objects.
    """
    unreadable = PageUnreadable(
        Unreadable.TOO_DEEP, "it is nested thousands of levels deep, or holds a number of thousands of digits", body
    )
    found = brackets(body)
    start = next((m.end() - 1 for m in _DATA.finditer(body) if found.depth_at(m.start()) == 1), None)
    if start is None:
        raise unreadable
    end = next(iter(found.at[(found.at > start) & ~found.opens & (found.depth == 1)].tolist()), len(body))
    here = (found.at > start) & (found.at < end)
    opened = found.at[here & found.opens & (found.depth == 3)].tolist()
    closed = found.at[here & ~found.opens & (found.depth == 2)].tolist()
    check_records(len(opened), most_records)
    if len(opened) != len(closed):
        raise unreadable
    between = [body[last + 1 : first].strip() for last, first in zip([start, *closed], [*opened, end], strict=True)]
    if any(one not in (b"", b",") for one in between):
        raise unreadable
    try:
        envelope = _envelope.decode(body[: start + 1] + body[end:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unreadable from None
    records = [body[first : last + 1] for first, last in zip(opened, closed, strict=True)]
    return Page(envelope.status_code, message_of(envelope.status_message), records)
