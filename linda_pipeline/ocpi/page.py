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

from linda_pipeline.ocpi.patient import REFUSALS, TOO_DEEP, NoNumber, NotJson, cut, decoded, read, written
from linda_pipeline.ocpi.structure import brackets

_VALUES_TO_A_RECORD = 10
"""So many commas, or brackets, a page may hold for each record that it may hold: a server can pack a list of nothing a
thousandfold, and what is made of it is larger still. A page of real CDRs is over its limit in bytes before that."""


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


def read_page(body: bytes, most_records: int | None = None) -> Page:
    """Split a body into its records. Raises PageUnreadable where it is no JSON, or no envelope, or holds too many.

    `most_records` is for what comes over the wire; a page of our own lake holds what it holds.
    """
    check_values(body, most_records)
    try:
        listing = _listing.decode(body)
        check_records(len(listing.data), most_records)
        return Page(listing.status_code, message_of(listing.status_message), [bytes(record) for record in listing.data])
    except REFUSALS:
        pass
    try:
        envelope = _envelope.decode(body)
        data = bytes(envelope.data).strip()
        if not data.startswith(b"["):
            records = [] if data == b"null" else [data]
            return Page(envelope.status_code, message_of(envelope.status_message), records)
    except REFUSALS:
        pass
    return _read_patiently(body, most_records)


def check_values(body: bytes, most_records: int | None) -> None:
    """Whether a body may be decoded at all. Raises PageUnreadable."""
    most = len(body) if most_records is None else most_records * _VALUES_TO_A_RECORD
    if len(body) > most and max(body.count(b","), body.count(b"{") + body.count(b"[")) > most:
        raise PageUnreadable(
            Unreadable.TOO_MANY_RECORDS, f"more than {most:,} values (at most {most_records:,} records are taken in)"
        )


def check_records(records: int, most_records: int | None) -> None:
    """Whether a page holds no more records than it may. Raises PageUnreadable."""
    if most_records is not None and records > most_records:
        raise PageUnreadable(
            Unreadable.TOO_MANY_RECORDS, f"{records:,} records (at most {most_records:,} are taken in)"
        )


def message_of(value: object) -> str | None:
    """A status_message; one that is no text says nothing."""
    return value if isinstance(value, str) else None


def _read_patiently(body: bytes, most_records: int | None) -> Page:
    """The slow way, for a page in which something is no JSON, or nested deeper than anything here can follow.

    Where its records are objects they are cut at their brackets and left as they are, so that a bad one spoils no other.
    """
    if (page := _read_by_brackets(body, most_records)) is not None:
        return page
    try:
        envelope = read(body).value
    except NotJson as wrong:
        if wrong.what == TOO_DEEP:
            raise PageUnreadable(Unreadable.TOO_DEEP, wrong.what, body) from None
        why = f"the answer is not JSON ({wrong.what}, at byte {wrong.at})"
        raise PageUnreadable(Unreadable.NOT_JSON, why, body) from None
    data = envelope.get("data") if isinstance(envelope, dict) else None
    status = _checked_status(envelope, data, body)
    records = [] if data is None else data if isinstance(data, list) else [data]
    check_records(len(records), most_records)
    return Page(status, message_of(envelope.get("status_message")), [written(one) for one in records])


def _is_status(value: object) -> bool:
    return type(value) is int and 0 <= value <= 9999


def _checked_status(envelope: object, data: object, body: bytes) -> int:
    """The status of an envelope. Raises PageUnreadable, and says what stands there in its place."""
    if not isinstance(envelope, dict) or not {"status_code", "data"} & envelope.keys():
        raise PageUnreadable(
            Unreadable.NO_ENVELOPE, "the answer is JSON, but not an OCPI envelope with status_code and data", body
        )
    if "status_code" not in envelope:
        raise PageUnreadable(Unreadable.NO_STATUS, "status_code is missing", body, holds_data=bool(data))
    status = envelope["status_code"]
    if not _is_status(status):
        raise PageUnreadable(Unreadable.BAD_STATUS, _of_status(status), body, holds_data=bool(data))
    return int(status)


def _of_status(status: object) -> str:
    if isinstance(status, str):
        return f"status_code is a text, {json.dumps(status)}, and no number"
    if isinstance(status, int | float) or status is None:
        return f"status_code is {json.dumps(status)}, and no whole number of four digits"
    return "status_code is no number" if not isinstance(status, NoNumber) else "status_code is an endless number"


def _read_by_brackets(body: bytes, most_records: int | None) -> Page | None:
    """A page cut at its brackets; None where its data are no list of objects, or the envelope around them is not whole."""
    found = brackets(body)
    start = next((m.end() - 1 for m in _DATA.finditer(body) if found.depth_at(m.start()) == 1), None)
    if start is None:
        return None
    end = next(iter(found.at[(found.at > start) & ~found.opens & (found.depth == 1)].tolist()), None)
    if end is None:
        return None
    here = (found.at > start) & (found.at < end)
    opened = found.at[here & found.opens & (found.depth == 3)].tolist()
    closed = found.at[here & ~found.opens & (found.depth == 2)].tolist()
    check_records(len(opened), most_records)
    if len(opened) != len(closed):
        return None
    records: list[bytes] = []
    last = start
    for first, until in zip([*opened, end], [*closed, end], strict=True):
        others = _between(body[last + 1 : first])
        if others is None:
            return None
        records += others
        records.append(body[first : until + 1])
        last = until
    records.pop()  # the bracket that closes the list
    check_records(len(records), most_records)
    envelope = decoded(body[: start + 1] + body[end:])
    if not isinstance(envelope, dict) or not _is_status(envelope.get("status_code")):
        return None
    return Page(envelope["status_code"], message_of(envelope.get("status_message")), records)


def _between(text: bytes) -> list[bytes] | None:
    """The elements that are no objects, between two that are; None where what stands there is none."""
    inner = text.strip().removeprefix(b",").removesuffix(b",").strip()
    return cut(inner) if inner else []
