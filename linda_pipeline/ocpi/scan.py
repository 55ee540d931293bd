"""Which records a page holds, by their identity alone: what paging needs to prove that a crawl is whole.

Here: the fast way through a clean page (one pass, nothing but the ids is made), and the patient one through any other.
Not here: what a record means (normalise.py), and the records themselves (page.py).
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import Any

import msgspec

from linda_pipeline.ocpi.page import read_page


@dataclass(frozen=True)
class Scanned:
    """An OCPI answer by the identities of its records: hashes that hold within this process, in the order given."""

    status_code: int
    status_message: str | None
    identities: array[int]


class _Record(msgspec.Struct, gc=False):
    id: Any = None
    country_code: Any = None
    party_id: Any = None


class _Envelope(msgspec.Struct, gc=False):
    status_code: int
    data: list[_Record]
    status_message: Any = None


_decoder = msgspec.json.Decoder(_Envelope)


def scan_page(body: bytes) -> Scanned:
    """The identities of a page's records. Raises PageUnreadable where it is no JSON, or no envelope."""
    try:
        envelope = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _scan_patiently(body)
    if any(record.id is None for record in envelope.data):
        return _scan_patiently(body)
    said = None if envelope.status_message is None else str(envelope.status_message)
    return Scanned(envelope.status_code, said, array("q", map(_identity, envelope.data)))


def _identity(record: _Record) -> int:
    """The owner and the id, folded to capitals; 2.1.1 has no owner on its records."""
    return hash(f"{record.country_code}\x1f{record.party_id}\x1f{record.id}".upper())


def _scan_patiently(body: bytes) -> Scanned:
    page = read_page(body)
    return Scanned(page.status_code, page.status_message, array("q", map(_of_bytes, page.records)))


def _of_bytes(raw: bytes) -> int:
    """The identity of any JSON at all: a record without an id is known by its content."""
    try:
        record = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict) and record.get("id") is not None:
        return _identity(_Record(record["id"], record.get("country_code"), record.get("party_id")))
    return hash(raw)
