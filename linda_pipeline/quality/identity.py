"""Who is who in a delivery: copies, changed copies, and ids that an earlier window accepted.

Here: which of several records with one identity stands. Rows are told apart by a 64-bit hash of their identity, so that a
delivery of millions needs eight bytes each; only rows whose hash occurs twice are looked at closely. Not here: what the
identity of a record is (ocpi.record_keys), and where records come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

NO_IDENTITY = np.uint64(0)
"""The hash of a record without an id: it is like no other."""
_NO_SECRET = "0123456789123456"
_LATEST = datetime.max.replace(tzinfo=UTC)


def hashes(keys: Any, secret: str = "") -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A 64-bit hash per key; NO_IDENTITY where the key is null. `secret`: 16 characters without which nobody can make it again
    (SipHash), where the keys must not be guessed."""
    texts = keys.to_numpy(zero_copy_only=False)
    missing = pc.is_null(keys).to_numpy(zero_copy_only=False)
    hashed = pd.util.hash_array(np.where(missing, "", texts), hash_key=secret or _NO_SECRET, categorize=False)
    hashed[hashed == NO_IDENTITY] = np.uint64(1)
    hashed[missing] = NO_IDENTITY
    return hashed


def recurring(hashed: np.ndarray[Any, np.dtype[np.uint64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The rows whose hash occurs more than once, in order."""
    values, counts = np.unique(hashed, return_counts=True)
    again = values[(counts > 1) & (values != NO_IDENTITY)]
    return np.flatnonzero(np.isin(hashed, again))


@dataclass(frozen=True)
class Candidate:
    """A record of which another with the same identity may exist."""

    row: int
    key: str
    last_updated: datetime | None
    content: str
    """The hash of its content."""


@dataclass
class Identity:
    """The outcome: rows that are copies, and rows that clash with the record that stands."""

    identical: set[int] = field(default_factory=set)
    clashing: set[int] = field(default_factory=set)
    """cdr_id_unique or location_unique: the same id, other content, in this delivery."""
    changed: set[int] = field(default_factory=set)
    """unchanged_since_accepted: the same id, other content, than what an earlier window accepted."""
    stands: dict[int, int] = field(default_factory=dict)
    """For each clashing CDR, the row that stands in its place."""

    @property
    def refused(self) -> dict[str, set[int]]:
        """The rows that an identity rule on CDRs refuses, by rule."""
        return {"cdr_id_unique": self.clashing, "unchanged_since_accepted": self.changed}


def standing_first(one: Candidate) -> tuple[datetime, str, int]:
    """The order of CDRs with one identity: the first stands."""
    return one.last_updated or _LATEST, one.content, one.row


def resolve_cdrs(candidates: Iterable[Candidate], earlier: Mapping[str, str]) -> Identity:
    """Judge candidates by key. In one delivery the first by (last_updated, content) stands, whatever its verdict.

    `earlier`: by key, the content hash of the CDR that an earlier window accepted.
    """
    outcome = Identity()
    for key, group in _by_key(candidates).items():
        accepted = earlier.get(key)
        if len(group) == 1 and accepted is None:
            continue
        group.sort(key=standing_first)
        seen: set[str] = {accepted} if accepted is not None else set()
        for candidate in group:
            if candidate.content in seen:
                outcome.identical.add(candidate.row)
            elif accepted is not None:
                outcome.changed.add(candidate.row)
            elif seen:
                outcome.clashing.add(candidate.row)
                outcome.stands[candidate.row] = group[0].row
            seen.add(candidate.content)
    return outcome


def resolve_locations(candidates: Iterable[Candidate]) -> Identity:
    """Judge Locations that share an id: copies drop out, and of what differs the newest last_updated stays."""
    outcome = Identity()
    earliest = datetime.min.replace(tzinfo=UTC)
    for group in _by_key(candidates).values():
        if len(group) == 1:
            continue
        newest_first = sorted(group, key=lambda one: (one.content, one.row))
        newest_first.sort(key=lambda one: one.last_updated or earliest, reverse=True)
        seen: set[str] = set()
        for candidate in newest_first:
            if candidate.content in seen:
                outcome.identical.add(candidate.row)
            elif seen:
                outcome.clashing.add(candidate.row)
            seen.add(candidate.content)
    return outcome


def _by_key(candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.key, []).append(candidate)
    return groups
