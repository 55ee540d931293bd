"""What a record says, apart from when it was last touched: the ground on which copies are told from changes.

Here: the content hash of one record. It is slow beside the main road (a full decode), so callers ask it only for records
whose id occurs more than once. Not here: which record stands (quality.identity).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


_decode = msgspec.json.Decoder(float_hook=_number).decode


def content_hash(raw: bytes) -> str:
    """A hash of the decoded record with sorted keys and without `last_updated`; 1 and 1.0 are the same number."""
    value: Any
    try:
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            value = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False)
        except (ValueError, RecursionError):
            return hashlib.sha256(raw).hexdigest()
    if isinstance(value, dict):
        value.pop("last_updated", None)
    try:
        canonical = msgspec.json.encode(value, order="sorted")
    except (UnicodeEncodeError, RecursionError, TypeError, ValueError):
        try:
            canonical = repr(value).encode("utf-8", "backslashreplace")
        except RecursionError:
            canonical = raw
    return hashlib.sha256(canonical).hexdigest()
