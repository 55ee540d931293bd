"""What one simulated CPO is to send, as plain settings, and the feeds that come of it.

Here: the settings and the way from them to records. Not here: the server (server.py) and its process (process.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from linda_pipeline.simulator.clock import seconds
from linda_pipeline.simulator.defects import spoilt_cdrs, spoilt_locations
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline.simulator.fleet import Fleet, make_fleet
from linda_pipeline.simulator.records import Record, cdr_records, location_records, places
from linda_pipeline.simulator.replay import replay
from linda_pipeline.simulator.sessions import draw_sessions


@dataclass(frozen=True)
class Plan:
    """One CPO. The same plan gives the same bytes."""

    party: str
    """Country code and party id, such as NL-ABC."""
    ocpi: str = "2.2.1"
    operator: str = "Voorbeeld Laden B.V."
    seed: int = 1
    locations: int = 40
    per_evse_day: float = 0.8
    """Sessions a day per EVSE."""
    start: datetime = datetime(2026, 10, 22, tzinfo=UTC)
    """The first session begins here."""
    until: datetime = datetime(2026, 11, 23, tzinfo=UTC)
    """Sessions that have ended by now are sent, if their CDR was made by now."""
    pulled_at: datetime | None = None
    """What counts as the future for a defect 'in the future': after this. Default: `until`."""
    defects: float = 0.0
    """The share of records that are wrong, or odd, on purpose."""
    mends_after_days: int = 0
    """Every second CDR that a rule refuses comes once more after so many days, mended; 0: none does."""
    replay: str | None = None
    """Instead of drawn sessions: 'dundee' or 'nl' …"""
    replay_file: Path | None = None
    """… out of this file."""
    fill_parking_time: bool = True
    """Whether a replay fills in total_parking_time."""
    page_limit: int = 1000
    faults: tuple[str, ...] = ()
    """What the server does wrong, as the simulator's command line writes it: `cdrs:http_503@3x2` (see faults.py)."""

    def __post_init__(self) -> None:
        if (self.replay is None) != (self.replay_file is None):
            raise ValueError("a replay needs both the name of a set and the file to replay")
        if self.replay is not None and self.defects:
            raise ValueError("a replay sends what stands in the file; it takes no share of defects")

    @property
    def now(self) -> datetime:
        """The moment at which the CPO thinks that it is asked."""
        return self.pulled_at or self.until


def feeds_of(plan: Plan) -> dict[str, Feed]:
    """The feeds of both modules, by module."""
    fleet, cdrs, busiest = _clean(plan)
    locations = [(seconds(fleet.since), record) for record in location_records(fleet, plan.ocpi)]
    spoilt = spoilt_cdrs(
        cdrs,
        plan.ocpi,
        plan.defects,
        plan.seed,
        plan.now,
        gone=places(fleet, plan.ocpi, removed=True),
        metered=busiest,
        mends_after_days=plan.mends_after_days,
    )
    return {
        "locations": Feed(spoilt_locations(locations, plan.ocpi, plan.defects, plan.seed)),
        "cdrs": Feed(spoilt),
    }


def sent_at_all(plan: Plan) -> list[Sent]:
    """Everything that the plan sends as CDRs, with what is wrong with it: the truth that the judge is held against."""
    return feeds_of(plan)["cdrs"].records


def _clean(plan: Plan) -> tuple[Fleet, Iterable[tuple[int, Record]], str]:
    """The fleet, its CDRs, and the uid of its busiest EVSE (of a replay, which is sent as it is, none)."""
    if plan.replay is not None and plan.replay_file is not None:
        fleet, replayed = replay(
            plan.replay,
            plan.replay_file,
            plan.party,
            plan.operator,
            plan.ocpi,
            fill_parking_time=plan.fill_parking_time,
        )
        return fleet, replayed, ""
    fleet = make_fleet(plan.party, plan.operator, plan.seed, plan.locations)
    sessions = draw_sessions(fleet, plan.seed, plan.start, plan.until, plan.per_evse_day)
    _, busiest = fleet.charge_points[int(np.bincount(sessions.evse, minlength=1).argmax())]
    latest = seconds(plan.until)
    records = cdr_records(fleet, sessions, plan.ocpi, plan.seed)
    return fleet, (sent for sent in records if sent[0] < latest), busiest.uid
