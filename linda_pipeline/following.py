"""What follows from judged deliveries, by name: cases, reports of wrong places and mails, each one call.

Here: all that Dagster and the command line know of it. Not here: the work (cases, location_desk, post), and the road
(stations). SQLAlchemy comes with each of these, so that they are imported when they are called: judging need not wait for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.judging.by_place import place_figures
from linda_pipeline.judging.damage import tables_whole
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Lake

if TYPE_CHECKING:
    from linda_pipeline.post.carrier import Carrier
    from linda_pipeline.post.sending import Sending
    from linda_pipeline.post.telling import Postman
    from linda_pipeline.register.database import RegisterDatabase


def postman(
    lake: Lake, register: Mapping[str, Cpo], areas: Callable[[], Areas], *, sender: str, served_at: str | None
) -> Postman:
    """Who writes the letters on judged deliveries. `areas`: read where a region is to be told, which takes a moment;
    `sender`: from whom; `served_at`: the address of the reports, if any."""
    from linda_pipeline.post.delivery_letter import ReportPlace
    from linda_pipeline.post.telling import Postman

    reports = ReportPlace(served_at)
    return Postman(lake, register, RULES, sender, reports, lambda one: place_figures(lake, register, areas(), [one]))


def take_in_cases(
    lake: Lake, database: RegisterDatabase, now: datetime, postman: Postman | None = None
) -> Counter[str]:
    """Bring the cases up to every judgement that stands in the lake, and mark what is overdue; says what was done, by state.

    `postman`: in the same transactions the letters that tell of each judgement are written; none where a lake is made again,
    for that is no news. May be done at any time and by several processes at once. Raises DatabaseUnusable; what waits is then
    taken in later.
    """
    from linda_pipeline.cases.taking_in import take_in

    with tables_whole(lake):
        return take_in(lake, database, now, None if postman is None else postman.prepare)


def follow_places(lake: Lake, database: RegisterDatabase, now: datetime) -> Counter[str]:
    """Close the reports of wrong places that the newest night has right, and mark what is overdue; counts by state.

    Raises DatabaseUnusable.
    """
    from linda_pipeline.location_desk.closing import follow_places

    with tables_whole(lake):
        return follow_places(lake, database, now)


def remind(database: RegisterDatabase, register: Mapping[str, Cpo], sender: str, now: datetime) -> Counter[str]:
    """Write to each CPO of the cases whose last day comes or is over; says how many mails each gets.

    Raises DatabaseUnusable.
    """
    from linda_pipeline.post.reminding import remind

    return remind(database, register, RULES, sender, now)


def send_mails(database: RegisterDatabase, carrier: Carrier, sender: str, clock: Callable[[], datetime]) -> Sending:
    """Send what waits in the outbox; that the way is closed is told, not raised. Raises DatabaseUnusable."""
    from linda_pipeline.post.sending import send_waiting

    return send_waiting(database, carrier, sender, clock)
