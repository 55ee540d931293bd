"""Rules on the charging periods of a CDR: their order, their place in the session, and the sum of their energy.

Here: what OCPI says of the chain of periods. Not here: which dimensions may occur (amounts.py), and whether they can be
read at all (derived.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.shown import decimal, hinted
from linda_pipeline.quality.view import View

_PERIODS = Source("O", "ChargingPeriod class")
_START = "charging_periods.start_date_time"


def _microseconds(moments: Any) -> Any:
    """Moments as microseconds since 1970; NaN where there is none."""
    return pc.cast(moments, pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64)


def _starts(view: View) -> tuple[Any, Any]:
    """The start of every period, laid end to end; and the row of each."""
    starts: tuple[Any, Any] = view.keep(
        "starts of periods", lambda: (_microseconds(view[_START]), view.elements("charging_periods")[1].to_numpy())
    )
    return starts


def _two_periods(second: str) -> dict[str, Any]:
    dimensions = [{"type": "ENERGY", "volume": 6.25}]
    return {
        "@charging_periods": [
            {"start_date_time": "2026-11-10T07:30:00Z", "dimensions": dimensions},
            {"start_date_time": second, "dimensions": dimensions},
        ]
    }


@rule(
    Severity.WARNING,
    reads=("charging_periods",),
    blames=_START,
    nl="De periode begint eerder dan de vorige periode.",
    en="The period begins before the period in front of it.",
    fix_nl="Zet de perioden op volgorde van hun begin.",
    fix_en="Put the periods in order of their start.",
    source=_PERIODS,
    reading="A period ends where the next one begins, so their order is their meaning. Equal starts are let pass.",
    good=(_two_periods("2026-11-10T07:30:00Z"), _two_periods("2026-11-10T09:30:00Z")),
    bad=(
        {"@charging_periods[1].start_date_time": "2026-11-10T07:29:59Z"},
        {"@charging_periods[0].start_date_time": "2026-11-10T09:30:01Z"},
    ),
)
def periods_chronological(view: View) -> Any:
    starts, rows = _starts(view)
    fine = np.ones(len(starts), bool)
    fine[1:] = ~((rows[1:] == rows[:-1]) & (starts[1:] < starts[:-1]))
    return pa.array(fine)


@rule(
    Severity.WARNING,
    reads=("charging_periods", "start_date_time", "end_date_time"),
    blames=_START,
    nl="De periode begint buiten de laadsessie.",
    en="The period begins outside the charging session.",
    fix_nl="Controleer het begin van de periode: het ligt tussen het begin en het einde van de sessie, in UTC.",
    fix_en="Check the start of the period: it lies between the start and the end of the session, in UTC.",
    source=_PERIODS,
    reading="60 seconds of difference are allowed, as for the total time. Held where start and end of the session "
    "contradict each other: then that is the defect.",
    good=(_two_periods("2026-11-10T11:01:00Z"), {"@charging_periods[0].start_date_time": "2026-11-10T07:29:00Z"}),
    bad=(
        _two_periods("2026-11-10T11:01:01Z"),
        {"@charging_periods[0].start_date_time": "2026-11-10T07:28:59Z"},
        {"@charging_periods[0].start_date_time": "2026-11-10T06:30:00Z"},
    ),
)
def periods_inside_session(view: View) -> Any:
    starts, rows = _starts(view)
    tolerance = view.parameters.period_tolerance_s * 1e6
    begin, end = (_microseconds(view[name]) for name in ("start_date_time", "end_date_time"))
    # A comparison with NaN is never true, so a moment that is not known blames nothing.
    outside = (starts < (begin - tolerance)[rows]) | (starts > (end + tolerance)[rows])
    return pa.array(~(outside & (begin < end)[rows]))


@rule(
    Severity.WARNING,
    plausibility=True,
    reads=("total_energy_kwh", "charging_periods"),
    nl="De energie van de perioden is samen niet de totale energie.",
    en="The energy of the periods does not add up to the total energy.",
    fix_nl="Lever de energie van elke periode in kWh (niet in Wh en niet als meterstand), samen gelijk aan total_energy.",
    fix_en="Send the energy of each period in kWh (not in Wh, and not as a meter reading), together equal to "
    "total_energy.",
    source=Source("L", "plausibility"),
    reading="Only where every period of the CDR carries ENERGY. 1 % or 0.1 kWh of difference is allowed, whichever is "
    "more. A factor of 1000 is named: one of the two is in Wh. Held where the total is negative: then that is the defect.",
    good=(
        {"@charging_periods[0].dimensions[0].volume": 12.6},
        {"@charging_periods[1].dimensions": [{"type": "PARKING_TIME", "volume": 1.5}], "total_energy_kwh": 99},
        {"@charging_periods[0].dimensions[0].volume": 804, "total_energy_kwh": 800},
    ),
    bad=(
        {"@charging_periods[0].dimensions[0].volume": 12500},
        {"@charging_periods[0].dimensions[0].volume": 12.0},
        {"@charging_periods[1].dimensions[0].volume": 12.5},
    ),
)
def energy_matches_periods(view: View) -> Any:
    lists, rows, _ = view.elements("charging_periods")
    period_of = view.elements("charging_periods.dimensions")[1].to_numpy()
    is_energy = _is_true(view.on_distinct("charging_periods.dimensions.type", lambda words: pc.equal(words, "ENERGY")))
    volumes = view["charging_periods.dimensions.volume"].to_numpy(zero_copy_only=False).astype(np.float64)
    row_of = rows.to_numpy()
    count = len(view)
    carries = np.zeros(len(lists), bool)
    carries[period_of[is_energy]] = True
    lacking = np.bincount(row_of[~carries], minlength=count) > 0
    sums = np.bincount(row_of[period_of[is_energy]], weights=volumes[is_energy], minlength=count)
    total = view["total_energy_kwh"].to_numpy(zero_copy_only=False).astype(np.float64)
    limit = np.maximum(view.parameters.energy_tolerance_kwh, view.parameters.energy_tolerance_share * np.abs(total))
    has_periods = np.bincount(row_of, minlength=count) > 0
    # A millionth of a kWh on top: binary fractions must not decide at the border.
    broken = has_periods & ~lacking & (total >= 0) & (np.abs(sums - total) > limit + 1e-6)

    def shown(where: Any) -> Any:
        found, whole = sums[where], total[where]
        wh = _near(found, whole * 1000) | _near(whole, found * 1000)
        texts = pc.binary_join_element_wise(decimal(whole, 4), "kWh ≠ Σ", decimal(found, 4), "kWh", " ")
        return hinted(texts, (pa.array(wh), "Wh"))

    return fails(pa.array(~broken), value=shown)


def _near(found: Any, expected: Any) -> Any:
    return (np.abs(found - expected) <= 0.02 * np.abs(expected)) & (expected != 0)


def _is_true(mask: Any) -> Any:
    return pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
