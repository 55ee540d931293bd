"""A lake with a register beside it: deliveries made by hand, judged, taken in, and the cases that stand afterwards.

Here: the road of a test. Not here: any test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from linda_pipeline.calendar import window_bounds
from linda_pipeline.cases.case import KIND, RedeliveryCase
from linda_pipeline.cases.taking_in import take_in
from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.pulling.raw import Pull, newest_pull
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.events import events_of
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, cdr, judged, raw_pull
from linda_pipeline_tests.postgres_server import running_server

FIRST = date(2026, 11, 9)
"""The first window; the good CDRs of the tests ended in it."""
WINDOWS = [FIRST + timedelta(days=14 * number) for number in range(6)]
Record = Mapping[str, Any] | bytes


def pull_moment(window: date) -> datetime:
    """The night after a window has ended, on which it is pulled."""
    return window_bounds(window)[1] + timedelta(hours=3)


def in_window(number: int, window: date = FIRST, **changes: Any) -> dict[str, Any]:
    """A good CDR that was changed last in a window, or one that differs as said."""
    moment = window_bounds(window)[0] + timedelta(days=3, hours=12, seconds=number)
    return cdr(number, **{"last_updated": moment.isoformat().replace("+00:00", "Z"), **changes})


def broken(number: int, window: date = FIRST, **changes: Any) -> dict[str, Any]:
    """A CDR that one rule refuses."""
    return in_window(number, window, **{"total_time_h": -1.0, **changes})


@dataclass
class Followed:
    """A lake, its register, and what happens to both."""

    lake: Lake
    database: RegisterDatabase
    cpo: Cpo = CPO

    @classmethod
    def at(cls, folder: Path, address: str | None = None) -> Followed:
        """In a folder; by default with SQLite beside the lake."""
        lake = Lake(folder / "lake")
        return cls(lake, RegisterDatabase(address or address_of(None, lake.root)))

    def pull(self, window: date, *records: Record, module: str = "cdrs", again: int = 0) -> Pull:
        """A pull of a window or night; `again`: so many hours after the first one."""
        day = (
            pull_moment(window) if module == "cdrs" else datetime(window.year, window.month, window.day, 2, tzinfo=UTC)
        )
        delivery = Delivery(module, self.cpo.key, window)
        return raw_pull(self.lake, records, delivery=delivery, pulled_at=day + timedelta(hours=again))

    def judge(self, delivery: Delivery) -> Judgement:
        """Judge what was pulled of a delivery last."""
        pull = newest_pull(self.lake, delivery)
        assert pull is not None
        return judged(self.lake, pull, self.cpo)

    def deliver(self, window: date, *records: Record, now: datetime | None = None, **how: Any) -> dict[str, int]:
        """Pull, judge and take in; says how many cases came to which state."""
        pull = self.pull(window, *records, **how)
        judged(self.lake, pull, self.cpo)
        return self.take_in(now or pull.pulled_at + timedelta(minutes=10))

    def take_in(self, now: datetime) -> dict[str, int]:
        """Take in what waits."""
        return dict(take_in(self.lake, self.database, now))

    def cases(self) -> list[RedeliveryCase]:
        """Every case, the oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(RedeliveryCase).order_by(RedeliveryCase.id)))

    def states(self) -> list[tuple[str | None, str]]:
        """The record and state of every case."""
        return [(one.record_id, one.state) for one in self.cases()]

    def told(self, number: int) -> list[str]:
        """What happened to a case."""
        with self.database.reading() as session:
            return [one.action for one in events_of(session, KIND, number)]


@contextmanager
def followed_on(server: str, folder: Path) -> Iterator[Followed]:
    """A followed lake whose register is in SQLite beside it (`sqlite`), or on a PostgreSQL of its own (`postgresql`)."""
    with ExitStack() as stack:
        address = None
        if server == "postgresql":
            address = address_of(stack.enter_context(running_server()).url, folder)
        made = Followed.at(folder, address)
        stack.callback(made.database.close)
        yield made
