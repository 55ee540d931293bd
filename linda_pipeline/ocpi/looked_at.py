"""One text looked at: whether it is JSON, where it goes wrong, and whose record it says that it is.

Here: the decoders, and the patience for what only json.loads reads. Not here: where one record ends and the next begins
(stream.py).
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

_AT_BYTE = re.compile(r"\(byte (\d+)\)")
_TRUNCATED = "truncated"


class Head(msgspec.Struct):
    """Whose record it is, as it says itself."""

    country_code: Any = None
    party_id: Any = None


_any = msgspec.json.Decoder()
_head = msgspec.json.Decoder(Head)
_heads = msgspec.json.Decoder(list[Head])


def heads_of(records: list[bytes]) -> list[Head] | None:
    """Whose records they are, all at once; None where any of them is not a clean object."""
    try:
        heads = _heads.decode(b"[" + b",".join(records) + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return heads if len(heads) == len(records) else None


def looked_at(record: bytes) -> tuple[bytes, Head | None, tuple[int, str] | None]:
    """A record that may not be clean, written anew where only patience reads it; whose it is; and where it is no JSON."""
    try:
        return record, _head.decode(record), None
    except msgspec.ValidationError:
        return record, None, None  # JSON, but no object
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            value = json.loads(record.decode("utf-8-sig", "surrogateescape"), strict=False)
        except (ValueError, RecursionError):
            return record, None, wrong_in(record) or (0, str(error))
    head = Head(value.get("country_code"), value.get("party_id")) if isinstance(value, dict) else None
    return json.dumps(value).encode("ascii"), head, None


def decoded(text: bytes) -> Any:
    """The value of a text; None where it is no JSON."""
    try:
        return _any.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def wrong_in(text: bytes) -> tuple[int, str] | None:
    """Where a text that has begun goes wrong, and how; None where it is fine as far as it goes."""
    try:
        _any.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = _AT_BYTE.search(str(error))
        if _TRUNCATED in str(error):
            return None
        what = _AT_BYTE.sub("", str(error)).removeprefix("JSON is malformed: ").strip()
        return (int(found.group(1)) if found else 0), what
    return None
