"""A record that a server will not give: what paging notes of it, and what a stored pull keeps.

Here: that note alone, so that reading stored pulls needs nothing of HTTP. Not here: when a record counts as one (paging.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hidden:
    """A record that the server refuses: its offset in the list, and why it says that it does."""

    offset: int
    why: str
