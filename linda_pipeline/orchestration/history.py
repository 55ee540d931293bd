"""What the ledger tells of earlier deliveries, and what of them is missing: the ground of volume, freshness and pictures.

Here: reading and comparing. Not here: what Dagster shows of it (metadata.py, checks.py) and who is told (watching.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from statistics import median

from linda_pipeline.calendar import AMSTERDAM, WINDOW_DAYS, local_date, newest_ended_window
from linda_pipeline.ledger.entry import Judgement, find_judgement, read_judgement
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import MODULES, Delivery, Lake

COMPARED = 6
"""How many earlier deliveries the usual volume is taken from."""
ENOUGH = 3
"""With fewer earlier deliveries nothing is usual yet."""
LEAST, MOST = 0.5, 2.0
"""Times the usual volume: outside of this somebody should look."""
CDRS_DUE_AT, LOCATIONS_DUE_AT = time(17, 0), time(12, 0)
"""In Amsterdam: the CDRs on the Monday after the window, the Locations on the same day."""


def earlier_entries(lake: Lake, delivery: Delivery) -> list[Judgement]:
    """The judgements on the same CPO's earlier windows or nights, oldest first."""
    earlier = [one for one in lake.judged(delivery.module, delivery.cpo) if one.window < delivery.window]
    return [read_judgement(lake, one) for one in earlier]


def usual_volume(lake: Lake, delivery: Delivery) -> float | None:
    """The median of what was received in the last deliveries before this one; None while there are too few."""
    received = [entry.main.received for entry in earlier_entries(lake, delivery)[-COMPARED:]]
    return median(received) if len(received) >= ENOUGH else None


def is_usual(received: int, usual: float | None) -> bool:
    """Whether a volume is within half and double of what is usual."""
    return usual is None or LEAST * usual <= received <= MOST * usual


def due_deliveries(register: Mapping[str, Cpo], now: datetime) -> list[Delivery]:
    """The newest deliveries that should be in by now: tonight's Locations, and the CDRs of the newest window that ended."""
    local = now.astimezone(AMSTERDAM)
    today = local_date(now)
    night = today if local.time() >= LOCATIONS_DUE_AT else today - timedelta(days=1)
    window = newest_ended_window(now)
    pull_day = window + timedelta(days=WINDOW_DAYS)
    if datetime.combine(pull_day, CDRS_DUE_AT, AMSTERDAM) > local:
        window -= timedelta(days=WINDOW_DAYS)
        pull_day -= timedelta(days=WINDOW_DAYS)
    due = [Delivery("locations", cpo.key, night) for cpo in register.values() if cpo.may_be_pulled_on(night)]
    return due + [Delivery("cdrs", cpo.key, window) for cpo in register.values() if cpo.may_be_pulled_on(pull_day)]


def missing_deliveries(lake: Lake, register: Mapping[str, Cpo], now: datetime) -> list[Delivery]:
    """Those of the newest deliveries due that were not judged, or only judged from an incomplete pull.

    A portal that has no delivery of a module at all has not begun, and so misses nothing of it.
    """
    begun = {module for module in MODULES if lake.judged(module)}
    return [
        one
        for one in due_deliveries(register, now)
        if one.module in begun and ((entry := find_judgement(lake, one)) is None or not entry.complete)
    ]
