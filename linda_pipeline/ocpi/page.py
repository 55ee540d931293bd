"""One OCPI page: the envelope around a list of records, split without decoding them.

Here: the envelope, and the splitting of a page even where one record in it is not clean JSON. Not here: how pages are
fetched (client.py) and what the records mean (normalise.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from linda_pipeline.ocpi.patient import REFUSALS, NotJson, cut, decoded, read, written
from linda_pipeline.ocpi.structure import brackets


class PageUnreadable(Exception):
    """The body is not an OCPI envelope; the message says where it breaks off."""


@dataclass(frozen=True)
class Page:
    """An OCPI answer: its status, and its records as bytes of JSON. `records` is empty where there are no data."""

    status_code: int
    status_message: str | None
    records: list[bytes]


class _Listing(msgspec.Struct):
    status_code: int
    data: list[msgspec.Raw]
    status_message: Any = None


class _Envelope(msgspec.Struct):
    status_code: int
    data: msgspec.Raw = msgspec.Raw(b"null")
    status_message: Any = None


_DATA = re.compile(rb'"data"\s*:\s*\[')
_listing = msgspec.json.Decoder(_Listing)
_envelope = msgspec.json.Decoder(_Envelope)


def read_page(body: bytes) -> Page:
    """Split a body into its records. Raises PageUnreadable where it is no JSON, or no envelope."""
    try:
        listing = _listing.decode(body)
        return Page(listing.status_code, _text(listing.status_message), [bytes(record) for record in listing.data])
    except REFUSALS:
        pass
    try:
        envelope = _envelope.decode(body)
        data = bytes(envelope.data).strip()
        if not data.startswith(b"["):
            return Page(envelope.status_code, _text(envelope.status_message), [] if data == b"null" else [data])
        return _read_patiently(body)
    except REFUSALS:
        return _read_patiently(body)


def _read_patiently(body: bytes) -> Page:
    """The slow way, for a page in which something is no JSON, or nested deeper than anything here can follow.

    Where its records are objects they are cut at their brackets and left as they are, so that a bad one spoils no other.
    """
    if (page := _read_by_brackets(body)) is not None:
        return page
    try:
        envelope = read(body).value
    except NotJson as wrong:
        raise PageUnreadable(
            f"the answer is not JSON ({wrong.what}, at byte {wrong.at}); it begins with {_beginning(body)}"
        ) from None
    if not _is_envelope(envelope):
        raise PageUnreadable(
            f"the answer is JSON, but not an OCPI envelope with status_code and data; it begins with {_beginning(body)}"
        )
    data = envelope.get("data")
    records = [] if data is None else data if isinstance(data, list) else [data]
    return Page(envelope["status_code"], _text(envelope.get("status_message")), [written(one) for one in records])


def _is_envelope(value: Any) -> bool:
    return isinstance(value, dict) and type(value.get("status_code")) is int


def _read_by_brackets(body: bytes) -> Page | None:
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
    envelope = decoded(body[: start + 1] + body[end:])
    if not _is_envelope(envelope):
        return None
    records.pop()  # the bracket that closes the list
    return Page(envelope["status_code"], _text(envelope.get("status_message")), records)


def _between(text: bytes) -> list[bytes] | None:
    """The elements that are no objects, between two that are; None where what stands there is none."""
    inner = text.strip().removeprefix(b",").removesuffix(b",").strip()
    return cut(inner) if inner else []


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _beginning(body: bytes) -> str:
    return repr(body[:60].decode("utf-8", "replace"))
