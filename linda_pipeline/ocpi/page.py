"""One OCPI page: the envelope around a list of records, split without decoding them.

Here: the envelope, and the splitting of a page even where one record in it is not clean JSON. Not here: how pages are
fetched (client.py) and what the records mean (normalise.py).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        envelope = _envelope.decode(body)
        data = bytes(envelope.data).strip()
        if not data.startswith(b"["):
            return Page(envelope.status_code, _text(envelope.status_message), [] if data == b"null" else [data])
        return _read_patiently(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_patiently(body)


def first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys may be written twice: the first counts, as it does on the main road (DuckDB)."""
    return dict(reversed(pairs))


def _read_patiently(body: bytes) -> Page:
    """The slow way, for a page with a stain in it (a broken escape, bytes that are no UTF-8, NaN)."""
    try:
        envelope = json.loads(
            body.decode("utf-8-sig", "surrogateescape"), strict=False, object_pairs_hook=first_of_each
        )
    except RecursionError:
        return _read_by_brackets(body)
    except ValueError as error:
        raise PageUnreadable(f"the answer is not JSON ({error}); it begins with {_beginning(body)}") from None
    if not isinstance(envelope, dict) or type(envelope.get("status_code")) is not int:
        raise PageUnreadable(
            f"the answer is JSON, but not an OCPI envelope with status_code and data; it begins with {_beginning(body)}"
        )
    data = envelope.get("data")
    records = [] if data is None else data if isinstance(data, list) else [data]
    return Page(
        envelope["status_code"],
        _text(envelope.get("status_message")),
        [json.dumps(record).encode("ascii") for record in records],
    )


def _read_by_brackets(body: bytes) -> Page:
    """For a page with a record nested deeper than anything here can follow: cut at the brackets, records left as they are.

    Raises PageUnreadable where its data are no list of objects.
    """
    unreadable = PageUnreadable(f"the answer is nested too deep to be read; it begins with {_beginning(body)}")
    found = brackets(body)
    start = next((m.end() - 1 for m in _DATA.finditer(body) if found.depth_at(m.start()) == 1), None)
    if start is None:
        raise unreadable
    end = next(iter(found.at[(found.at > start) & ~found.opens & (found.depth == 1)].tolist()), len(body))
    here = (found.at > start) & (found.at < end)
    opened = found.at[here & found.opens & (found.depth == 3)].tolist()
    closed = found.at[here & ~found.opens & (found.depth == 2)].tolist()
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
    return Page(envelope.status_code, _text(envelope.status_message), records)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _beginning(body: bytes) -> str:
    return repr(body[:60].decode("utf-8", "replace"))
