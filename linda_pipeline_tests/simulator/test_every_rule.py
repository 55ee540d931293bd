"""A simulated careless CPO over the whole road: every rule of the catalogue finds something in what it delivers.

Here: two nights of Locations and two windows of CDRs of one plan, judged as the portal judges them. Not here: one record by
itself (test_defects.py) and faults of the server (pulling/test_faults_of_cdrs.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from linda_pipeline.calendar import window_bounds
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.rule import Scope
from linda_pipeline.quality.rules import RULES
from linda_pipeline.simulator.feed import Sent
from linda_pipeline.simulator.plan import Plan, feeds_of
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import PULLED_AT, judged, raw_pull, rows

NIGHTS = (date(2026, 11, 2), date(2026, 11, 23))
WINDOWS = (date(2026, 10, 26), date(2026, 11, 9))
PAGE = 1000
_ONE_FEED = "the simulated CPO sends the same Locations every night"
_OF_THE_SERVER = "a server's fault, not a record's: simulator/faults.py makes it"
_OF_A_MONTH = "it takes a CPO whose volume or charge points change over months"
_OF_THE_ALLOWED = tuple(f"location.publish_allowed_to_{name}_" for name in ("group_id", "uid", "visual_number"))
NOT_SIMULATED = {
    "cdr.coordinates_match_permit": "it takes the owner's register of places",
    "location.coordinates_match_permit": "it takes the owner's register of places",
    "cdr.last_updated_not_in_future": "it lies outside every window that has ended: only a CPO's own files show it",
    "evse.status_age": "it is never run",
    **dict.fromkeys(
        (key for key in RULES if key.startswith(_OF_THE_ALLOWED)),
        "a Location that is not for everybody is held back, and no rule judges it",
    ),
    "evse.evse_id_stable": _ONE_FEED,
    "evse.removed_not_vanished": _ONE_FEED,
    "evse.evse_of_two_cpos": "it takes two CPOs",
    "delivery.delivery_complete": _OF_THE_SERVER,
    "delivery.every_record_given": _OF_THE_SERVER,
    "delivery.delivery_late": _OF_THE_SERVER,
    "delivery.delivery_volume": _OF_A_MONTH,
    "delivery.silent_charge_points": _OF_A_MONTH,
}
"""Rules that no delivery of this plan breaks, and why."""


@dataclass(frozen=True)
class Road:
    """What was sent, and what was found of each record, by its page and position."""

    version: str
    sent: dict[Delivery, list[Sent]]
    found: dict[Delivery, dict[tuple[int, int], set[str]]]
    held: dict[Delivery, set[tuple[int, int]]]

    @property
    def rules(self) -> set[str]:
        """Every rule that found something."""
        return {rule for at in self.found.values() for rules in at.values() for rule in rules}

    def missed(self) -> Iterator[str]:
        """What a record was made for and shows by itself, where that was not found; what is held back is judged by no rule."""
        for delivery, sent in self.sent.items():
            pulled = delivery.window + timedelta(days=14 if delivery.module == "cdrs" else 0)
            for number, record in enumerate(sent):
                place = (number // PAGE + 1, number % PAGE)
                if place in self.held[delivery] or not _judges(record.made_for, self.version, pulled):
                    continue
                if _shows_by_itself(record.made_for) and record.made_for not in self.found[delivery].get(place, set()):
                    yield record.made_for


@pytest.fixture(scope="module", params=VERSIONS)
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Road:
    """One CPO, judged as a portal that pulled it on those nights and after those windows; most of its Locations have no
    session, so that there are enough of them to show every defect."""
    version = request.param
    start = datetime(2026, 10, 27, tzinfo=UTC)
    plan = Plan("NL-ABC", version, seed=3, locations=120, start=start, until=PULLED_AT, defects=0.6)
    feeds = {
        "cdrs": feeds_of(plan)["cdrs"],
        "locations": feeds_of(replace(plan, locations=700, per_evse_day=0.01))["locations"],
    }
    lake = Lake(tmp_path_factory.mktemp("road"))
    made = Road(version, {}, {}, {})
    for night in NIGHTS:
        _judge(lake, made, Delivery("locations", "NL-ABC", night), feeds["locations"].records)
    for window in WINDOWS:
        begin, end = (moment.timestamp() for moment in window_bounds(window))
        inside = [one for one in feeds["cdrs"].records if begin <= one.last_updated < end]
        _judge(lake, made, Delivery("cdrs", "NL-ABC", window), inside)
    return made


def _judge(lake: Lake, road: Road, delivery: Delivery, sent: Sequence[Sent]) -> None:
    bodies = [one.body for one in sent]
    pages = [bodies[at : at + PAGE] for at in range(0, len(bodies), PAGE)]
    judged(lake, raw_pull(lake, *pages, delivery=delivery, version=road.version))
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for row in rows(lake, "findings", delivery):
        found[row["page"], row["position"]].add(f"{row['object'] or 'delivery'}.{row['rule']}")
    road.sent[delivery], road.found[delivery] = list(sent), found
    road.held[delivery] = {(row["page"], row["position"]) for row in rows(lake, "held", delivery)}


def test_every_rule_finds_its_defect_in_what_is_delivered(road: Road) -> None:
    expected = {key for key, rule in RULES.items() if _judges(key, road.version)}
    never = {key for key in NOT_SIMULATED if _judges(key, road.version)}
    assert expected - road.rules == never


def test_what_a_record_was_made_for_is_found_of_that_very_record(road: Road) -> None:
    assert list(road.missed()) == []
    assert sum(1 for sent in road.sent.values() for record in sent if record.made_for in RULES) > 2000


def _judges(key: str, version: str, pulled: date = NIGHTS[-1]) -> bool:
    rule = RULES.get(key)
    return rule is not None and rule.applies_to(version) and rule.holds_on(pulled)


def _shows_by_itself(key: str) -> bool:
    return RULES[key].scope is Scope.RECORD and not (RULES[key].needs or RULES[key].uses)
