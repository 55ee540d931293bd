"""Which records a page holds, by their identity alone: what paging needs to prove that a crawl is whole.

Here: the fast way through a clean page (one pass, nothing but the ids is made), and the patient one through any other.
Not here: what a record means (normalise.py), and the records themselves (page.py).
"""

from __future__ import annotations

import contextlib
from array import array
from dataclasses import dataclass
from typing import Any

import msgspec

from linda_pipeline.ocpi.page import OcpiStatus, check_records, check_values, message_of, read_page
from linda_pipeline.ocpi.patient import decoded


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


class _IdsOnly(msgspec.Struct, gc=False):
    status_code: OcpiStatus
    data: list[_Record]
    status_message: Any = None


_decoder = msgspec.json.Decoder(_IdsOnly)


def scan_page(body: bytes, most_records: int | None = None) -> Scanned:
    """The identities of a page's records. Raises PageUnreadable where it is no JSON, or no envelope, or holds too many."""
    check_values(body, most_records)
    try:
        envelope = _decoder.decode(body)
        check_records(len(envelope.data), most_records)
        if any(record.id is None for record in envelope.data):
            return _scan_patiently(body, most_records)
        identities = array("q", map(_identity, envelope.data))
    except (msgspec.MsgspecError, ValueError, RecursionError):  # a ValueError also where an id has thousands of digits
        return _scan_patiently(body, most_records)
    return Scanned(envelope.status_code, message_of(envelope.status_message), identities)


def _identity(record: _Record) -> int:
    """The owner and the id, folded to capitals; 2.1.1 has no owner on its records."""
    return hash(f"{record.country_code}\x1f{record.party_id}\x1f{record.id}".upper())


def _scan_patiently(body: bytes, most_records: int | None) -> Scanned:
    page = read_page(body, most_records)
    return Scanned(page.status_code, page.status_message, array("q", map(_of_bytes, page.records)))


def _of_bytes(raw: bytes) -> int:
    """The identity of any JSON at all: a record without an id is known by its content."""
    record = decoded(raw)
    if isinstance(record, dict) and record.get("id") is not None:
        with contextlib.suppress(ValueError, RecursionError):  # an id may be nested deeper than can be written out
            return _identity(_Record(record["id"], record.get("country_code"), record.get("party_id")))
    return hash(raw)
