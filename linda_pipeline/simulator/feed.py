"""What a CPO has to send of one module: its records as bytes, in the order of their last_updated.

Here: holding, selecting by date and cutting into pages. Not here: HTTP (server.py) and where the records come from.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True)
class Sent:
    """A record as it goes over the line. `last_updated` (seconds since 1970) is the truth, whatever the body says."""

    last_updated: int
    body: bytes
    made_for: str = ""
    """What is wrong with it on purpose: a rule as `object.rule_id`, or a kind of record; empty for a clean one."""


def encoded(record: Any) -> bytes:
    """A record as JSON; also what strict JSON writers refuse, since CPOs send that too."""
    try:
        return msgspec.json.encode(record)
    except (UnicodeEncodeError, TypeError, OverflowError):
        return json.dumps(record, separators=(",", ":")).encode("ascii")


class Feed:
    """The records of one module, oldest change first; records of the same second stay in the order given."""

    def __init__(self, records: Iterable[Sent] = ()) -> None:
        ordered = sorted(records, key=lambda sent: sent.last_updated)
        self.records = ordered
        self._moments = [sent.last_updated for sent in ordered]

    def __len__(self) -> int:
        return len(self.records)

    def between(self, first: int | None, last: int | None, *, last_included: bool) -> range:
        """The places of the records changed at or after `first` and before `last` (or at it, where included)."""
        begin = 0 if first is None else bisect_left(self._moments, first)
        if last is None:
            return range(begin, len(self.records))
        end = bisect_right(self._moments, last) if last_included else bisect_left(self._moments, last)
        return range(begin, max(begin, end))

    def joined(self, places: range) -> bytes:
        """The records at these places as a JSON list."""
        return b"[" + b",".join(sent.body for sent in self.records[places.start : places.stop]) + b"]"
