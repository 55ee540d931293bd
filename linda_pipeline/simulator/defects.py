"""Records that are wrong, or odd, on purpose: a clean record changed as a rule's own bad example says, and the kinds that no
single record shows.

Here: which record becomes what, the same for the same seed. Not here: the examples (each stands with its rule), the odd kinds
(odd_cdrs.py, odd_locations.py) and faults of the server. Every record made says what it was made for: the truth that the judge
is held against.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality import example
from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.clock import seconds, text
from linda_pipeline.simulator.feed import Sent, encoded
from linda_pipeline.simulator.odd_cdrs import DAY_S, METER_READING, evse_uid_of, odd_cdrs, with_meter_reading
from linda_pipeline.simulator.odd_locations import OddLocations, first_live_evse
from linda_pipeline.simulator.records import Place, Record
from linda_pipeline.simulator.transplant import (
    give_session,
    moved,
    shift_of,
    speaks_of_the_session,
    without_foreign_change,
)

Dated = tuple[int, Record]
"""A record and the moment of its last_updated, in seconds since 1970."""

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
        Defect(key, rule.object, shown)
        for key, rule in sorted(RULES.items())
        if rule.object in wanted and rule.applies_to(version)
        for one in rule.bad
        if (shown := _shown(rule, version, one))
    ]


def _shown(rule: Rule, version: str, bad: Any) -> Mapping[str, Any]:
    """What one record of a version shows of an example; nothing where it takes a delivery, or what the portal knows."""
    if not isinstance(bad, Mapping) or any(name.startswith("~") for name in bad):
        return {}
    if rule.object == "cdr" and rule.id == "last_updated_not_in_future":
        return {}  # it lies outside every window that has ended: only a CPO's own files show it
    columns = by_name(rule.object)
    return {name: value for name, value in bad.items() if name.startswith("@") or version in columns[name].path}


def spoilt_cdrs(
    records: Iterable[Dated],
    version: str,
    share: float,
    seed: int,
    now: datetime,
    *,
    gone: Sequence[Place] = (),
    metered: str = "",
    mends_after_days: int = 0,
) -> Iterator[Sent]:
    """CDRs as bytes, a share of them wrong or odd; copies and credits come on top. After `now` is the future.

    `gone`: EVSEs that are REMOVED; `metered`: the uid of an EVSE that sends its meter's readings, if anything is to be wrong;
    `mends_after_days`: where it is not 0, every second CDR that a rule refuses comes once more so many days later, mended.
    """
    draw = np.random.default_rng([seed, 3])
    odd = odd_cdrs(version, gone)
    known = defects_of(("cdr",), version)
    order: list[Any] = _dealt(draw, known, list(odd))
    turn = readings = refused = 0
    for at, record in records:
        if share and metered and evse_uid_of(record, version) == metered:
            readings += 1
            yield Sent(at, encoded(with_meter_reading(record, readings)), METER_READING)
            continue
        if not order or draw.random() >= share:
            yield Sent(at, encoded(record))
            continue
        kind = order[turn % len(order)]
        turn += 1
        if isinstance(kind, Defect):
            yield Sent(at, example.encoded(_with_defect(record, version, kind, at, now)), kind.rule)
            is_refused = RULES[kind.rule].severity[version] == Severity.ERROR
            refused += is_refused
            mended_at = at + mends_after_days * DAY_S
            if is_refused and refused % 2 and at < mended_at < seconds(now):
                yield Sent(mended_at, encoded({**record, "last_updated": text(mended_at)}))
        else:
            yield from (sent for sent in odd[kind](at, record) if sent.last_updated < seconds(now))


def spoilt_locations(records: Iterable[Dated], version: str, share: float, seed: int) -> Iterator[Sent]:
    """Locations as bytes, a share of them wrong; an example of an EVSE changes the first live EVSE of its Location."""
    draw = np.random.default_rng([seed, 4])
    known = defects_of(("location", "evse"), version)
    odd = OddLocations(version)
    order: list[Any] = _dealt(draw, known, list(odd.kinds))
    turn = 0
    for at, record in records:
        if not order or draw.random() >= share:
            yield Sent(at, encoded(record))
            odd.remember(record)
            continue
        kind = order[turn % len(order)]
        turn += 1
        if isinstance(kind, Defect):
            yield Sent(at, example.encoded(_with_location_defect(record, version, kind)), kind.rule)
        else:
            yield from odd.kinds[kind](at, record)


def _dealt(draw: np.random.Generator, known: Sequence[Defect], odd: Sequence[str]) -> list[Defect | str]:
    """The examples in a drawn order, the odd kinds spread evenly between them, each at least once."""
    order: list[Defect | str] = [known[int(index)] for index in draw.permutation(len(known))]
    count = max(len(odd), len(known) // _ODD_EVERY)
    for turn in range(count):
        order.insert(turn * (len(known) + count) // count, odd[turn % len(odd)])
    return order


def _with_defect(record: Record, version: str, defect: Defect, at: int, now: datetime) -> Any:
    if "@" in defect.example:
        return defect.example["@"]
    spoilt = copy.deepcopy(record)
    good = example.good_record("cdr", version)
    changes = _with_its_own_id(defect.example, good["id"], record["id"])
    if speaks_of_the_session(changes, by_name("cdr"), version):
        changed = datetime.fromtimestamp(at, UTC)
        shift = shift_of(changes, good, record, changed, now)
        give_session(spoilt, good, shift)
        changes = moved(without_foreign_change(changes, shift, changed), shift)
    _apply(spoilt, "cdr", version, changes)
    return spoilt


def _with_its_own_id(changes: Mapping[str, Any], of_the_good: str, own: str) -> Mapping[str, Any]:
    """An example that names the good record's id names that of the record which it goes into."""
    return {
        name: own.lower() if isinstance(value, str) and value.upper() == of_the_good else value
        for name, value in changes.items()
    }


def _with_location_defect(record: Record, version: str, defect: Defect) -> Any:
    if "@" in defect.example:
        return defect.example["@"]
    spoilt = copy.deepcopy(record)
    place = first_live_evse(spoilt) if defect.object == "evse" else spoilt
    if any(name.removeprefix("@").startswith("connectors") for name in defect.example):
        place["connectors"] = example.good_record("location", version)["evses"][0]["connectors"]
    _apply(place, defect.object, version, defect.example)
    return spoilt


def _apply(record: Record, object_name: str, version: str, changes: Mapping[str, Any]) -> None:
    columns = by_name(object_name)
    for name, value in changes.items():
        path = name[1:] if name.startswith("@") else example.full_path(columns, name, version)
        example.set_at(record, path, value)
