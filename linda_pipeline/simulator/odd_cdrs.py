"""The kinds of CDRs that no single record shows: copies, credits, reservations, sessions beside each other or beside Locations.

Here: each kind, of a clean record; a rule's name as `object.rule_id` where one is to find it. Not here: which record becomes
which kind (defects.py).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality.example import full_path, set_at
from linda_pipeline.simulator.clock import text
from linda_pipeline.simulator.feed import Sent, encoded
from linda_pipeline.simulator.records import Place, Record
from linda_pipeline.simulator.transplant import moved

DAY_S = 86_400
IDENTICAL_COPY = "cdr.identical_copy"
SAME_ID_OTHER_CONTENT = "cdr.cdr_id_unique"
CHANGED_LATER = "cdr.unchanged_since_accepted"
SESSION_TWICE = "cdr.session_once"
TWO_SESSIONS_AT_ONCE = "cdr.no_overlap"
AFTER_REMOVED = "cdr.session_after_removed"
METER_READING = "delivery.energy_is_session_only"
RESERVATION_ONLY = "reservation_only"
HOME_CHARGING = "home_charging"
SCOPE_UNREADABLE = "scope_unreadable"
CREDIT = "credit"
CREDIT_TWICE = "cdr.credit_once"
CREDIT_OF_CREDIT = "cdr.credit_not_of_credit"
CREDIT_OF_UNKNOWN = "cdr.credit_reference_known"

_BESIDE_LOCATIONS: Mapping[str, Mapping[str, Any]] = {
    "cdr.known_location": {"location_id": "LOC-99999", "evse_uid": "EVSE-99999-1", "evse_id": "NL*XXX*E999991"},
    "cdr.known_evse": {"evse_uid": "EVSE-99999-1", "evse_id": "NL*XXX*E999991"},
    "cdr.location_agrees": {"latitude": "52.000010", "longitude": "5.100010"},
    "cdr.evse_id_agrees": {"evse_id": "NL*XXX*E999991"},
    "cdr.connector_known": {"connector_id": "9"},
    "cdr.connector_agrees": {"connector_standard": "CHADEMO"},
}
"""By rule, what stands in the CDR and not in Locations."""
_FIRST_READING_KWH = 2.0
_APART_S = 30
"""Less than the minute by which sessions may overlap, so that the next session on the EVSE is not blamed."""

OddKind = Callable[[int, Record], list[Sent]]


def odd_cdrs(version: str, gone: Sequence[Place]) -> dict[str, OddKind]:
    """The odd kinds by name; credits, reservations (and `#NA`) and home charging exist from 2.2 on. `gone`: REMOVED EVSEs."""
    kinds: dict[str, OddKind] = {
        IDENTICAL_COPY: _identical_copy,
        SAME_ID_OTHER_CONTENT: _same_id_other_content,
        CHANGED_LATER: _changed_later,
        SESSION_TWICE: _session_twice,
        TWO_SESSIONS_AT_ONCE: _two_sessions_at_once,
        **{rule: _beside(rule, version, changes) for rule, changes in _BESIDE_LOCATIONS.items()},
    }
    if gone:
        kinds[AFTER_REMOVED] = lambda at, record: _after_removed(at, record, gone[at % len(gone)])
    if version == "2.1.1":
        return kinds
    return kinds | {
        RESERVATION_ONLY: _reservation_only,
        HOME_CHARGING: _home_charging,
        SCOPE_UNREADABLE: _home_charging_unreadable,
        CREDIT: lambda at, record: _credits(at, record, version, CREDIT),
        CREDIT_TWICE: lambda at, record: _credits(at, record, version, CREDIT, CREDIT_TWICE),
        CREDIT_OF_CREDIT: lambda at, record: _credits(at, record, version, CREDIT, CREDIT_OF_CREDIT),
        CREDIT_OF_UNKNOWN: lambda at, record: _credits(at, record, version, CREDIT_OF_UNKNOWN),
    }


def evse_uid_of(record: Record, version: str) -> str:
    """The uid of the EVSE of a session."""
    place: Record = record["location"]["evses"][0] if version == "2.1.1" else record["cdr_location"]
    return str(place["uid" if version == "2.1.1" else "evse_uid"])


def with_meter_reading(record: Record, number: int) -> Record:
    """A CDR that sends the meter's reading as its energy, which only ever grows: the `number`th of its EVSE."""
    reading = _FIRST_READING_KWH + number / 100
    share = reading / record["total_energy"]
    periods = copy.deepcopy(record["charging_periods"])
    for period in periods:
        for dimension in period["dimensions"]:
            if dimension["type"] == "ENERGY":
                dimension["volume"] = round(dimension["volume"] * share, 4)
    return {**record, "total_energy": reading, "charging_periods": periods}


def _beside(rule: str, version: str, changes: Mapping[str, Any]) -> OddKind:
    """A CDR that its CPO's own Locations contradict."""
    paths = {full_path(by_name("cdr"), name, version): value for name, value in changes.items()}

    def kind(at: int, record: Record) -> list[Sent]:
        other = copy.deepcopy(record)
        for path, value in paths.items():
            set_at(other, path, value)
        return [Sent(at, encoded(other), rule)]

    return kind


def _after_removed(at: int, record: Record, place: Place) -> list[Sent]:
    name = "location" if place.version == "2.1.1" else "cdr_location"
    return [Sent(at, encoded({**record, name: place.location}), AFTER_REMOVED)]


def _session_twice(at: int, record: Record) -> list[Sent]:
    later = at + 90
    again = {**record, "id": f"{record['id']}-D", "last_updated": text(later)}
    return [Sent(at, encoded(record)), Sent(later, encoded(again), SESSION_TWICE)]


def _two_sessions_at_once(at: int, record: Record) -> list[Sent]:
    """A second car on the same EVSE, half a minute after the first and as long."""
    second = moved(record, timedelta(seconds=_APART_S)) | {
        "id": f"{record['id']}-T",
        "last_updated": text(at + _APART_S),
    }
    if "session_id" in record:
        second["session_id"] = f"SES-{second['id']}"
    return [Sent(at, encoded(record)), Sent(at + _APART_S, encoded(second), TWO_SESSIONS_AT_ONCE)]


def _identical_copy(at: int, record: Record) -> list[Sent]:
    body = encoded(record)
    return [Sent(at, body), Sent(at, body, IDENTICAL_COPY)]


def _same_id_other_content(at: int, record: Record) -> list[Sent]:
    later = at + 60
    other = {**record, "total_energy": record["total_energy"] + 1.0, "last_updated": text(later)}
    return [Sent(at, encoded(record)), Sent(later, encoded(other), SAME_ID_OTHER_CONTENT)]


def _changed_later(at: int, record: Record) -> list[Sent]:
    """The same CDR again, changed, a window of 14 days later."""
    later = at + 14 * DAY_S
    other = {**record, "total_energy": record["total_energy"] + 2.0, "last_updated": text(later)}
    return [Sent(at, encoded(record)), Sent(later, encoded(other), CHANGED_LATER)]


def _reservation_only(at: int, record: Record) -> list[Sent]:
    """A reservation of which no session came: no EVSE, no energy, RESERVATION_TIME alone."""
    other = copy.deepcopy(record)
    other["cdr_location"] |= {"evse_uid": "#NA", "evse_id": "#NA", "connector_id": "#NA"}
    dimensions = [{"type": "RESERVATION_TIME", "volume": record["total_time"]}]
    other["charging_periods"] = [{"start_date_time": record["start_date_time"], "dimensions": dimensions}]
    other["total_energy"] = 0.0
    return [Sent(at, encoded(other), RESERVATION_ONLY)]


def _home_charging(at: int, record: Record) -> list[Sent]:
    return [Sent(at, encoded({**record, "home_charging_compensation": True}), HOME_CHARGING)]


def _home_charging_unreadable(at: int, record: Record) -> list[Sent]:
    return [Sent(at, encoded({**record, "home_charging_compensation": "Y"}), SCOPE_UNREADABLE)]


def _credits(at: int, record: Record, version: str, *kinds: str) -> list[Sent]:
    """A CDR, and a day apart each what takes it back; only total_cost is negative."""
    cost = copy.deepcopy(record["total_cost"])
    if version == "2.3.0":
        cost["before_taxes"] *= -1
        for tax in cost["taxes"]:
            tax["amount"] *= -1
    else:
        cost = {name: -amount for name, amount in cost.items()}
    sent = [Sent(at, encoded(record))]
    for number, kind in enumerate(kinds, start=1):
        later = at + number * DAY_S
        credit = {
            **record,
            "id": f"{record['id']}-{'C' * number}",
            "credit": True,
            "credit_reference_id": record["id"] + _CREDITED[kind],
            "total_cost": cost,
            "last_updated": text(later),
        }
        sent.append(Sent(later, encoded(credit), kind))
    return sent


_CREDITED = {CREDIT: "", CREDIT_TWICE: "", CREDIT_OF_CREDIT: "-C", CREDIT_OF_UNKNOWN: "-X"}
"""What stands after the CDR's own id in the id that a credit names."""
