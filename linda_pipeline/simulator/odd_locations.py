"""The kinds of Locations that no single record shows: copies, ids that are hashes or that two EVSEs share, and places that
are not public.

Here: each kind, of a clean record. Not here: which record becomes which kind (defects.py).
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable

from linda_pipeline.simulator.clock import text
from linda_pipeline.simulator.feed import Sent, encoded
from linda_pipeline.simulator.records import Record

NOT_PUBLIC = "not_public"
IDENTICAL_LOCATION = "location.identical_copy"
OLDER_LOCATION = "location.location_unique"
HASHED_ID = "location.location_ids_not_hashed"
SHARED_EVSE_ID = "evse.evse_id_unique"
SHARED_EVSE_UID = "evse.evse_uid_unique"
_DAY_S = 86_400


class OddLocations:
    """The odd kinds by name; those that share an id with another Location need one to have come by before."""

    def __init__(self, version: str) -> None:
        self._earlier: Record | None = None
        self.kinds: dict[str, Callable[[int, Record], list[Sent]]] = {
            SHARED_EVSE_ID: lambda at, record: self._sharing(at, record, "evse_id", SHARED_EVSE_ID),
            SHARED_EVSE_UID: lambda at, record: self._sharing(at, record, "uid", SHARED_EVSE_UID),
            IDENTICAL_LOCATION: _identical_copy,
            OLDER_LOCATION: _older_copy,
            HASHED_ID: _hashed_id,
        }
        if version != "2.1.1":
            self.kinds[NOT_PUBLIC] = _not_public

    def remember(self, record: Record) -> None:
        """A clean Location, which stays in the feed."""
        self._earlier = first_live_evse(record)

    def _sharing(self, at: int, record: Record, name: str, kind: str) -> list[Sent]:
        if self._earlier is None:
            return [Sent(at, encoded(record))]
        shared = copy.deepcopy(record)
        first_live_evse(shared)[name] = self._earlier[name]
        return [Sent(at, encoded(shared), kind)]


def first_live_evse(location: Record) -> Record:
    """The first EVSE of a Location that is not REMOVED; where all are, the first."""
    evses: list[Record] = location["evses"]
    return next((evse for evse in evses if evse["status"] != "REMOVED"), evses[0])


def _not_public(at: int, record: Record) -> list[Sent]:
    return [Sent(at, encoded({**record, "publish": False, "parking_type": "ON_DRIVEWAY"}), NOT_PUBLIC)]


def _identical_copy(at: int, record: Record) -> list[Sent]:
    body = encoded(record)
    return [Sent(at, body), Sent(at, body, IDENTICAL_LOCATION)]


def _older_copy(at: int, record: Record) -> list[Sent]:
    before = at - _DAY_S
    older = {**record, "city": f"Oud-{record['city']}", "last_updated": text(before)}
    return [Sent(before, encoded(older), OLDER_LOCATION), Sent(at, encoded(record))]


def _hashed_id(at: int, record: Record) -> list[Sent]:
    digest = hashlib.md5(record["id"].encode(), usedforsecurity=False).hexdigest()
    return [Sent(at, encoded({**record, "id": digest}), HASHED_ID)]
