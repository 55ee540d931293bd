"""Realistic charging sessions, drawn all at once with numpy, the same for the same seed.

Here: when, where, how long, how much and by whom. Not here: the JSON of it (records.py).
The constants were measured over the Dutch public sessions of 2018 that the HvA's charging course shares (10,188 rows);
what that set cannot tell (fast charging, who charged) is our own choice and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from linda_pipeline.simulator.clock import Seconds, seconds, utc_of_local
from linda_pipeline.simulator.fleet import Fleet

Numbers = npt.NDArray[np.float64]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STARTS_BY_HOUR = (
    *(8, 4, 4, 138, 78, 144, 700, 1053, 806, 607, 647, 680),
    *(772, 612, 618, 725, 796, 651, 470, 297, 134, 139, 76, 27),
)
"""Starts per local hour, 0 to 23."""
STARTS_BY_WEEKDAY = (1292, 1400, 1557, 1382, 1445, 1567, 1543)
"""Starts per local weekday, Monday to Sunday."""
MEDIAN_CONNECTED_BY_HOUR_H = (
    *(7.3, 3.7, 19.6, 12.7, 12.6, 7.2, 5.9, 5.3, 3.7, 2.9, 2.5, 2.8),
    *(2.4, 2.2, 2.4, 3.4, 4.3, 3.9, 10.6, 10.8, 10.6, 9.8, 9.5, 9.2),
)
"""Median hours plugged in, by the hour of the start: who arrives in the evening stays the night."""
ENERGY_KWH = (
    (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0),
    (0.001, 0.16, 0.99, 1.68, 3.93, 7.13, 9.901, 15.455, 30.621, 60.15, 83.16),
)
"""Quantiles of the energy of a session: shares, and kWh."""
CONNECTED_H = (
    ENERGY_KWH[0],
    (0.001, 0.099, 0.42, 0.736, 1.778, 3.801, 8.873, 14.219, 17.05, 38.538, 167.33),
)
"""Quantiles of the hours plugged in."""
CHARGING_RATIO = ((0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0), (0.01, 0.034, 0.127, 0.192, 0.34, 0.698, 1.0, 1.0))
"""Quantiles of hours charging / hours plugged in."""
RANK_CORRELATION = ((1.0, 0.58, -0.15), (0.58, 1.0, -0.80), (-0.15, -0.80, 1.0))
"""Spearman's, between energy, hours plugged in and charging ratio."""
HOUR_BINDING = 0.45
"""How much of the time plugged in follows from the hour of the start, the rest being chance. Own choice."""
POWER_SHARE = 0.97
"""The most that a car takes of what an EVSE offers. Own choice."""
LEAST_MEAN_POWER_KW, HARDLY_ANY_H = 0.2, 0.5
"""A car that takes less than this on average is not charging; the rest of its time it stands plugged in. Own choice."""
DC_MEDIAN_KWH, DC_SPREAD, DC_MOST_KWH = 24.0, 0.6, 90.0
"""Fast charging: lognormal energy. Own choice; the 2018 set has AC posts alone."""
SESSIONS_PER_USER = 6
"""How many sessions a driver of the pool has on average, a few many more. Own choice."""
AD_HOC_SHARE = 0.03
"""Sessions paid on the spot, by a token of their own. Own choice."""
CHANGEOVER_S = 120
"""The least time between two cars on one EVSE."""
TOO_SHORT_S = 60
"""A session is at least this long."""


@dataclass(frozen=True)
class Sessions:
    """Sessions in order of their start, one array per fact."""

    evse: npt.NDArray[np.int64]
    """Index in the fleet's charge_points."""
    start: Seconds
    end: Seconds
    charging_h: Numbers
    energy_kwh: Numbers
    user: npt.NDArray[np.int64]
    """Number of the driver; below 0: an ad hoc user, whose number comes up once."""

    def __len__(self) -> int:
        return len(self.start)

    def take(self, which: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Sessions:
        """Some of the sessions."""
        return Sessions(
            self.evse[which],
            self.start[which],
            self.end[which],
            self.charging_h[which],
            self.energy_kwh[which],
            self.user[which],
        )


def draw_sessions(
    fleet: Fleet,
    seed: int,
    start: datetime,
    until: datetime,
    per_evse_day: float = 0.8,
) -> Sessions:
    """Sessions on a fleet that begin at or after `start` and have ended by `until`; no two overlap on one EVSE.

    `per_evse_day`: how many sessions a day begin on an EVSE, on average.
    """
    draw = np.random.default_rng([seed, 1])
    chargers = [evse.charger for _, evse in fleet.charge_points]
    power_kw = np.array([charger.power_kw for charger in chargers])
    is_dc = np.array([charger.is_dc for charger in chargers], dtype=bool)
    local = _local_starts(draw, seconds(start), seconds(until), per_evse_day * len(chargers))
    if not len(local) or not len(chargers):
        nothing = np.empty(0, np.int64)
        return Sessions(nothing, nothing, nothing, np.empty(0), np.empty(0), nothing)
    evse = draw.integers(len(chargers), size=len(local))
    energy_kwh, connected_h, charging_h = _amounts(draw, local, power_kw[evse], is_dc[evse])
    begin = utc_of_local(local, AMSTERDAM)
    end = begin + np.maximum(np.rint(connected_h * 3600).astype(np.int64), TOO_SHORT_S)
    evse, fits = _spread(draw, evse, begin, end, _siblings(power_kw))
    drawn = Sessions(evse, begin, end, charging_h, energy_kwh, _users(draw, len(begin)))
    kept = drawn.take(fits & (begin >= seconds(start)) & (end <= seconds(until)))
    return kept.take(np.lexsort((kept.evse, kept.start)))


def _local_starts(draw: np.random.Generator, start: int, until: int, per_day: float) -> Seconds:
    """Wall-clock starts after the rhythm of hour and weekday, in order. A day more on each side, for the zone."""
    days = np.arange(start // 86400 - 1, until // 86400 + 2)
    weight = np.array(STARTS_BY_WEEKDAY) / np.mean(STARTS_BY_WEEKDAY)
    counts = draw.poisson(per_day * weight[(days + 3) % 7])  # 1 January 1970 was a Thursday
    day = np.repeat(days, counts)
    hour = draw.choice(24, size=len(day), p=np.array(STARTS_BY_HOUR) / sum(STARTS_BY_HOUR))
    return np.sort(day * 86400 + hour * 3600 + draw.integers(3600, size=len(day))).astype(np.int64)


def _amounts(
    draw: np.random.Generator, local: Seconds, power_kw: Numbers, is_dc: npt.NDArray[np.bool_]
) -> tuple[Numbers, Numbers, Numbers]:
    """Energy (kWh), hours plugged in and hours charging of each session; they never ask more than the power."""
    count = len(local)
    pearson = 2 * np.sin(np.pi * np.array(RANK_CORRELATION) / 6)  # what a normal copula needs for these ranks
    even = _normal_cdf(draw.multivariate_normal(np.zeros(3), pearson, size=count, method="cholesky"))
    energy_kwh = _quantile(even[:, 0], ENERGY_KWH, log=True)
    connected_h = _quantile(even[:, 1], CONNECTED_H, log=True)
    ratio = _quantile(even[:, 2], CHARGING_RATIO, log=False)
    # Whoever comes in the evening stays longest: hand out the drawn triples by rank, so that their quantiles stay.
    tendency = np.log(np.array(MEDIAN_CONNECTED_BY_HOUR_H))[local // 3600 % 24]
    rank = np.argsort(HOUR_BINDING * _standard(tendency) + (1 - HOUR_BINDING) * draw.normal(size=count), kind="stable")
    triple = np.empty(count, np.int64)
    triple[rank] = np.argsort(connected_h, kind="stable")
    energy_kwh, connected_h, ratio = energy_kwh[triple], connected_h[triple], ratio[triple]
    fast_kwh = np.minimum(DC_MEDIAN_KWH * np.exp(DC_SPREAD * draw.normal(size=count)), DC_MOST_KWH)
    fast_h = fast_kwh / (power_kw * draw.uniform(0.35, 0.85, size=count))
    fast_ratio = draw.uniform(0.75, 1.0, size=count)
    energy_kwh = np.asarray(np.round(np.where(is_dc, fast_kwh, energy_kwh), 3), dtype=np.float64)
    connected_h = np.where(is_dc, fast_h / fast_ratio, connected_h)
    charging_h = np.maximum(connected_h * np.where(is_dc, fast_ratio, ratio), energy_kwh / (power_kw * POWER_SHARE))
    charging_h = np.minimum(charging_h, np.maximum(energy_kwh / LEAST_MEAN_POWER_KW, HARDLY_ANY_H))
    return energy_kwh, np.maximum(connected_h, charging_h), charging_h


def _normal_cdf(values: Numbers) -> Numbers:
    grid = np.linspace(-6, 6, 2001)
    normal = NormalDist()
    return np.asarray(np.interp(values, grid, [normal.cdf(float(point)) for point in grid]))


def _quantile(even: Numbers, table: tuple[tuple[float, ...], tuple[float, ...]], *, log: bool) -> Numbers:
    """Values with the quantiles of a table from even draws; long tails are interpolated on a log scale."""
    shares, values = table
    found = np.exp(np.interp(even, shares, np.log(values))) if log else np.interp(even, shares, values)
    return np.asarray(found, dtype=np.float64)


def _standard(values: Numbers) -> Numbers:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / (spread if spread > 0 else 1.0))


def _siblings(power_kw: Numbers) -> npt.NDArray[np.int64]:
    """The class of each EVSE: a session can move to any EVSE of the same power."""
    return np.unique(power_kw, return_inverse=True)[1].astype(np.int64)


def _spread(
    draw: np.random.Generator, evse: npt.NDArray[np.int64], begin: Seconds, end: Seconds, kind: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Move sessions that find their EVSE taken to another of the same power; where none is free, give them up."""
    evse = evse.copy()
    members = [np.flatnonzero(kind == number) for number in range(int(kind.max()) + 1)]
    for _ in range(30):
        taken = _taken(evse, begin, end)
        if not taken.any():
            break
        for number, evses in enumerate(members):
            moving = np.flatnonzero(taken & (kind[evse] == number))
            evse[moving] = evses[draw.integers(len(evses), size=len(moving))]
    fits = np.ones(len(evse), dtype=bool)
    while True:
        rows = np.flatnonzero(fits)
        taken = _taken(evse[rows], begin[rows], end[rows])
        if not taken.any():
            return evse, fits
        fits[rows[taken]] = False


def _taken(evse: npt.NDArray[np.int64], begin: Seconds, end: Seconds) -> npt.NDArray[np.bool_]:
    """Which sessions begin while an earlier one on their EVSE still lasts."""
    order = np.lexsort((begin, evse))
    apart = evse[order] * np.int64(1 << 40)  # sets the EVSEs so far apart in time that none reaches the next
    latest = np.maximum.accumulate(end[order] + CHANGEOVER_S + apart)
    found = np.zeros(len(evse), dtype=bool)
    found[order[1:]] = (begin[order] + apart)[1:] < latest[:-1]
    return found


def _users(draw: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    pool = draw.choice(900_000, size=max(20, count // SESSIONS_PER_USER), replace=False)
    often = 1 / np.sqrt(np.arange(1, len(pool) + 1))
    users = pool[draw.choice(len(pool), size=count, p=often / often.sum())].astype(np.int64)
    return np.where(draw.random(count) < AD_HOC_SHARE, -1 - np.arange(count), users)
