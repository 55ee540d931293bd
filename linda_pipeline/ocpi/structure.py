"""Where the objects and lists of a piece of JSON begin and end, for whole buffers at once (numpy, no loop over bytes).

Here: brackets outside strings and their depth. Not here: what stands between them, and streams (stream.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_QUOTE, _BACKSLASH = 0x22, 0x5C
_OPEN, _CLOSE = 0x7B, 0x7D
_FOLD = 0x20
"""Turns [ into { and ] into }, and no other byte into either."""


@dataclass(frozen=True)
class Brackets:
    """The brackets outside strings: where each stands, and the depth after it, counted from 0 at the first byte."""

    at: Any
    opens: Any
    depth: Any

    def first_below(self) -> int | None:
        """Where the list or object around the buffer's beginning is closed; None where it is not."""
        below = np.flatnonzero(self.depth < 0)
        return int(self.at[below[0]]) if len(below) else None

    def spans(self, until: int | None = None) -> tuple[list[int], list[int]]:
        """Where the values at depth 0 begin, and where each ends (its last byte); the last end may lack."""
        here = self.at < until if until is not None else slice(None)
        depth, opens, at = self.depth[here], self.opens[here], self.at[here]
        return at[opens & (depth == 1)].tolist(), at[~opens & (depth == 0)].tolist()

    def depth_at(self, position: int) -> int:
        """How deep a position lies."""
        before = int(np.searchsorted(self.at, position)) - 1
        return int(self.depth[before]) if before >= 0 else 0


def brackets(buffer: bytes) -> Brackets:
    """The brackets of a buffer that begins outside any string."""
    data = np.frombuffer(buffer, np.uint8)
    folded = data | _FOLD
    at = np.flatnonzero((folded == _OPEN) | (folded == _CLOSE))
    quotes = _real_quotes(data, _BACKSLASH in buffer)
    at = at[np.searchsorted(quotes, at) % 2 == 0]
    opens = folded[at] == _OPEN
    return Brackets(at, opens, np.cumsum(np.where(opens, 1, -1)))


def _real_quotes(data: Any, has_escapes: bool) -> Any:
    """Where strings begin and end: quotes that no backslash escapes."""
    quotes = np.flatnonzero(data == _QUOTE)
    if not has_escapes or not len(quotes):
        return quotes
    slashes = np.flatnonzero(data == _BACKSLASH)
    number = np.arange(len(slashes))
    begins = np.concatenate([[True], np.diff(slashes) != 1])
    run_length = number - np.maximum.accumulate(np.where(begins, number, 0)) + 1
    before = np.searchsorted(slashes, quotes) - 1
    escaped = (before >= 0) & (slashes[before] == quotes - 1) & (run_length[before] % 2 == 1)
    return quotes[~escaped]
