"""What a delivery that is being judged takes from others, for its ledger entry.

Here: how far it reaches: which nights, and how many earlier volumes. Not here: the digests (ledger.leanings), and what follows
when they change (again.py).
"""

from __future__ import annotations

from datetime import date, timedelta

from linda_pipeline.calendar import local_date, window_bounds
from linda_pipeline.judging.known_before import NIGHTS_BEFORE
from linda_pipeline.judging.whole_delivery import SILENT_MARGIN
from linda_pipeline.ledger.earlier import earlier_judgements
from linda_pipeline.ledger.entry import read_judgement
from linda_pipeline.ledger.leanings import Leanings, Neighbours, leanings
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.quality.profile import Profile
from linda_pipeline.storage.lake import Lake


def lean(lake: Lake, pull: Pull, profile: Profile) -> Leanings:
    """What a pull takes from others when it is judged now, under a profile."""
    delivery, count = pull.delivery, profile.parameters.volume_windows
    nights = _nights(pull, profile.parameters.silent_days)
    neighbours = Neighbours()
    complete = 0
    for entry in earlier_judgements(lake, delivery):
        neighbours.put(entry)
        complete += entry.complete
        if delivery.module == "locations" and complete >= max(1, count):
            break
    for night in lake.judged("locations", delivery.cpo if delivery.module == "cdrs" else None):
        if nights[0] <= night.window <= nights[1] and neighbours.get(night) is None:
            neighbours.put(read_judgement(lake, night))
    return leanings(lake, neighbours, delivery, nights=nights, volumes_of=count)


def _nights(pull: Pull, silent_days: int) -> tuple[date, date]:
    """The first and the last night that a window of CDRs looks at, for known charge points and for silent ones; or that a night
    looks at of other CPOs."""
    window = pull.delivery.window
    if pull.delivery.module == "locations":
        return window - NIGHTS_BEFORE, window - timedelta(days=1)
    end = window_bounds(window)[1]
    since = min(window - NIGHTS_BEFORE, (end - timedelta(days=silent_days)).date() - SILENT_MARGIN)
    return since, max(end.date(), local_date(pull.pulled_at))
