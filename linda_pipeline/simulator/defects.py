"""Records that are wrong, or odd, on purpose: a clean record changed as a rule's own bad example says, and a few kinds
that no single record shows (copies, credits, reservations).

Here: which record becomes what, the same for the same seed. Not here: the examples (each stands with its rule) and
faults of the server. Every record made says what it was made for: the truth that the judge is held against.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality.example import full_path, good_record, set_at
from linda_pipeline.quality.rule import Rule
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.clock import seconds, text
from linda_pipeline.simulator.feed import Sent, encoded
from linda_pipeline.simulator.records import Record
from linda_pipeline.simulator.transplant import (
    give_session,
    moved,
    shift_of,
    speaks_of_the_session,
    without_foreign_change,
)

Dated = tuple[int, Record]
"""A record and the moment of its last_updated, in seconds since 1970."""

DAY_S = 86_400
IDENTICAL_COPY = "identical_copy"
SAME_ID_OTHER_CONTENT = "cdr_id_unique"
CHANGED_LATER = "unchanged_since_accepted"
RESERVATION_ONLY = "reservation_only"
HOME_CHARGING = "home_charging"
SCOPE_UNREADABLE = "scope_unreadable"
NOT_PUBLIC = "not_public"
CREDIT = "credit"
NOT_AN_OBJECT = "record_unreadable"
NAME_TWICE = "names_unique"
HALF_A_CHARACTER = "text_utf8"
SHARED_EVSE_ID = "evse_id_unique"

_ODD_EVERY = 12
"""To so many examples of rules comes one record of an odd kind."""


@dataclass(frozen=True)
class Defect:
    """One way to be wrong: a rule of an object, and one of its bad examples."""

    rule: str
    object: str
    example: Mapping[str, Any]


def defects_of(objects: Iterable[str], version: str) -> list[Defect]:
    """Every bad example of every rule for these objects that one record of this version can show."""
    wanted = set(objects)
    return [
        Defect(key, rule.object, example)
        for key, rule in sorted(RULES.items())
        if rule.object in wanted and rule.body is not None and rule.applies_to(version)
        for example in rule.bad
        if _can_show(rule, version, example)
    ]


def _can_show(rule: Rule, version: str, example: Any) -> bool:
    if not isinstance(example, Mapping) or any(name.startswith("~") for name in example):
        return False  # a whole delivery, or what the portal knows: no record shows it
    if rule.object == "cdr" and rule.id == "last_updated_not_in_future":
        return False  # it lies outside every window that has ended: only a CPO's own files show it
    columns = by_name(rule.object)
    return all(name.startswith("@") or version in columns[name].path for name in example)


def spoilt_cdrs(records: Iterable[Dated], version: str, share: float, seed: int, now: datetime) -> Iterator[Sent]:
    """CDRs as bytes, a share of them wrong or odd; copies and credits come on top. After `now` is the future."""
    draw = np.random.default_rng([seed, 3])
    odd = _odd_cdrs(version)
    known = defects_of(("cdr",), version)
    order: list[Any] = _dealt(draw, known, list(odd))
    turn = 0
    for at, record in records:
        if not order or draw.random() >= share:
            yield Sent(at, encoded(record))
            continue
        kind = order[turn % len(order)]
        turn += 1
        if isinstance(kind, Defect):
            yield Sent(at, encoded(_with_defect(record, version, kind, at, now)), kind.rule)
        else:
            yield from (sent for sent in odd[kind](at, record) if sent.last_updated < seconds(now))


def spoilt_locations(records: Iterable[Dated], version: str, share: float, seed: int) -> Iterator[Sent]:
    """Locations as bytes, a share of them wrong; an example of an EVSE changes the first live EVSE of its Location."""
    draw = np.random.default_rng([seed, 4])
    known = defects_of(("location", "evse"), version)
    order: list[Any] = _dealt(
        draw, known, [SHARED_EVSE_ID, NOT_AN_OBJECT, *([NOT_PUBLIC] if version != "2.1.1" else [])]
    )
    turn = 0
    earlier: str | None = None
    for at, record in records:
        evses = record["evses"]
        live = next((index for index, evse in enumerate(evses) if evse["status"] != "REMOVED"), 0)
        own = str(evses[live]["evse_id"])
        if not order or draw.random() >= share:
            yield Sent(at, encoded(record))
            earlier = own
            continue
        kind = order[turn % len(order)]
        turn += 1
        if isinstance(kind, Defect):
            yield Sent(at, encoded(_with_location_defect(record, live, version, kind)), kind.rule)
        elif kind == NOT_PUBLIC:
            yield Sent(at, encoded({**record, "publish": False, "parking_type": "ON_DRIVEWAY"}), NOT_PUBLIC)
        elif kind == NOT_AN_OBJECT or earlier is None:
            yield Sent(at, encoded(record["id"]), f"location.{NOT_AN_OBJECT}")
        else:
            shared = copy.deepcopy(record)
            shared["evses"][live]["evse_id"] = earlier
            yield Sent(at, encoded(shared), f"evse.{SHARED_EVSE_ID}")


def _dealt(draw: np.random.Generator, known: Sequence[Defect], odd: Sequence[str]) -> list[Defect | str]:
    """The examples in a drawn order, the odd kinds spread evenly between them, each at least once."""
    order: list[Defect | str] = [known[int(index)] for index in draw.permutation(len(known))]
    count = max(len(odd), len(known) // _ODD_EVERY)
    for turn in range(count):
        order.insert(turn * (len(known) + count) // count, odd[turn % len(odd)])
    return order


def _with_defect(record: Record, version: str, defect: Defect, at: int, now: datetime) -> Record:
    spoilt = copy.deepcopy(record)
    example = _with_its_own_id(defect.example, good_record("cdr", version)["id"], record["id"])
    if speaks_of_the_session(example, by_name("cdr"), version):
        good = good_record("cdr", version)
        changed = datetime.fromtimestamp(at, UTC)
        shift = shift_of(example, good, record, changed, now)
        give_session(spoilt, good, shift)
        example = moved(without_foreign_change(example, shift, changed), shift)
    _apply(spoilt, "cdr", version, example)
    return spoilt


def _with_its_own_id(example: Mapping[str, Any], of_the_good: str, own: str) -> Mapping[str, Any]:
    """An example that names the good record's id names that of the record which it goes into."""
    return {
        name: own.lower() if isinstance(value, str) and value.upper() == of_the_good else value
        for name, value in example.items()
    }


def _with_location_defect(record: Record, live: int, version: str, defect: Defect) -> Record:
    spoilt = copy.deepcopy(record)
    place = spoilt["evses"][live] if defect.object == "evse" else spoilt
    _apply(place, defect.object, version, defect.example)
    return spoilt


def _apply(record: Record, object_name: str, version: str, example: Mapping[str, Any]) -> None:
    columns = by_name(object_name)
    for name, value in example.items():
        set_at(record, name[1:] if name.startswith("@") else full_path(columns, name, version), value)


OddKind = Callable[[int, Record], list[Sent]]


def _odd_cdrs(version: str) -> dict[str, OddKind]:
    """The kinds that no rule's example shows, by name; credits and home charging exist from 2.2 on."""
    kinds: dict[str, OddKind] = {
        IDENTICAL_COPY: _identical_copy,
        SAME_ID_OTHER_CONTENT: _same_id_other_content,
        CHANGED_LATER: _changed_later,
        NOT_AN_OBJECT: lambda at, record: [Sent(at, encoded(record["id"]), f"cdr.{NOT_AN_OBJECT}")],
        RESERVATION_ONLY: _reservation_only,
        NAME_TWICE: _name_twice,
        HALF_A_CHARACTER: _half_a_character,
    }
    if version == "2.1.1":
        del kinds[RESERVATION_ONLY]  # RESERVATION_TIME and `#NA` came with 2.2
        return kinds
    return kinds | {
        HOME_CHARGING: _home_charging,
        SCOPE_UNREADABLE: _home_charging_unreadable,
        CREDIT: lambda at, record: _credit(at, record, version),
    }


def _name_twice(at: int, record: Record) -> list[Sent]:
    """One name twice in one object, which no decoded record can show."""
    body = encoded(record)
    return [Sent(at, b'{"currency":' + encoded(record["currency"]) + b"," + body[1:], f"cdr.{NAME_TWICE}")]


def _half_a_character(at: int, record: Record) -> list[Sent]:
    """A text that was cut in the middle of a character."""
    return [Sent(at, encoded({**record, "auth_method": f"{record['auth_method']}\ud83d"}), f"cdr.{HALF_A_CHARACTER}")]


def _identical_copy(at: int, record: Record) -> list[Sent]:
    body = encoded(record)
    return [Sent(at, body), Sent(at, body, f"cdr.{IDENTICAL_COPY}")]


def _same_id_other_content(at: int, record: Record) -> list[Sent]:
    later = at + 60
    other = {**record, "total_energy": record["total_energy"] + 1.0, "last_updated": text(later)}
    return [Sent(at, encoded(record)), Sent(later, encoded(other), f"cdr.{SAME_ID_OTHER_CONTENT}")]


def _changed_later(at: int, record: Record) -> list[Sent]:
    """The same CDR again, changed, a window of 14 days later."""
    later = at + 14 * DAY_S
    other = {**record, "total_energy": record["total_energy"] + 2.0, "last_updated": text(later)}
    return [Sent(at, encoded(record)), Sent(later, encoded(other), f"cdr.{CHANGED_LATER}")]


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


def _credit(at: int, record: Record, version: str) -> list[Sent]:
    """A CDR, and a day later the one that takes it back: only its total_cost is negative."""
    later = at + DAY_S
    cost = copy.deepcopy(record["total_cost"])
    if version == "2.3.0":
        cost["before_taxes"] *= -1
        for tax in cost["taxes"]:
            tax["amount"] *= -1
    else:
        cost = {name: -amount for name, amount in cost.items()}
    credit = {
        **record,
        "id": f"{record['id']}-C",
        "credit": True,
        "credit_reference_id": record["id"],
        "total_cost": cost,
        "last_updated": text(later),
    }
    return [Sent(at, encoded(record)), Sent(later, encoded(credit), CREDIT)]
