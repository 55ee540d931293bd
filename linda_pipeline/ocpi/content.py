"""What a record says, apart from when it was last touched: the ground on which copies are told from changes.

Here: the content hash of one record, and the places at which two records differ. Both are slow beside the main road (a full
decode), so callers ask them only for records whose id occurs more than once. Not here: which record stands (quality.identity).
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


_ABSENT = object()
"""Where a field is not there at all; null is something else."""

_decode = msgspec.json.Decoder(float_hook=_number).decode


MAX_CHANGED = 8
"""Places that a comparison names; where more differ it says how many."""


def content_hash(raw: bytes) -> str:
    """A hash of the decoded record with sorted keys and without `last_updated`; 1 and 1.0 are the same number, and
    a letter of two signs is that of one."""
    try:
        return hashlib.sha256(_composed(_canonical(_content(raw), raw))).hexdigest()
    except (ValueError, RecursionError):
        return hashlib.sha256(raw).hexdigest()


def changed_places(one: bytes, other: bytes) -> list[str]:
    """The JSON paths at which the contents of two records differ, sorted by key; none where one of them is no JSON.

    A field that only one of them has is named itself, and so is a list whose length differs.
    """
    try:
        pairs = [("", _content(one), _content(other))]
    except (ValueError, RecursionError):
        return []
    places: list[str] = []
    while pairs:
        path, left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            within = [
                (f"{path}.{key}" if path else str(key), left.get(key, _ABSENT), right.get(key, _ABSENT))
                for key in sorted({*left, *right}, reverse=True)
            ]
            pairs += within
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            pairs += [(f"{path}[{n}]", left[n], right[n]) for n in reversed(range(len(left)))]
        elif type(left) is not type(right) or (left != right and not _reads_alike(left, right)):
            places.append(path)
    return places


def in_short(places: Sequence[str]) -> str:
    """Places as a finding shows them: the first of them, and how many more there are."""
    more = len(places) - MAX_CHANGED
    return ", ".join(places[:MAX_CHANGED]) + (f" (+{more})" if more > 0 else "")


def _content(raw: bytes) -> Any:
    """The decoded record without `last_updated`. Raises ValueError or RecursionError where it is no JSON."""
    value: Any
    try:
        value = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False)
    if isinstance(value, dict):
        value.pop("last_updated", None)
    return value


def _reads_alike(left: Any, right: Any) -> bool:
    """Whether two values are texts that differ in how their letters are put together alone."""
    return isinstance(left, str) and unicodedata.normalize("NFC", left) == unicodedata.normalize("NFC", right)


def _composed(text: bytes) -> bytes:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _canonical(value: Any, raw: bytes) -> bytes:
    try:
        return msgspec.json.encode(value, order="sorted")
    except (UnicodeEncodeError, RecursionError, TypeError, ValueError):
        try:
            return repr(value).encode("utf-8", "backslashreplace")
        except RecursionError:
            return raw
