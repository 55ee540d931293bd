"""Rules on the charging periods of a CDR: their order, their place in the session, and the sums of what was measured in them.

Here: what OCPI says of the chain of periods. Not here: which dimensions may occur (amounts.py), and whether they can be
read at all (derived.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.rules.durations import times_agree
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
        {"@charging_periods[1].dimensions": [{"type": "PARKING_TIME", "volume": 1.5}], "total_energy_kwh": 60},
        {
            "@charging_periods[0].dimensions[0].volume": 303,
            "total_energy_kwh": 300,
            "connector_power_type": "DC",
        },
    ),
    bad=(
        {"@charging_periods[0].dimensions[0].volume": 12500},
        {"@charging_periods[0].dimensions[0].volume": 12.0},
        {"@charging_periods[1].dimensions[0].volume": 12.5},
    ),
)
def energy_matches_periods(view: View) -> Any:
    sums, is_whole, _ = _sums(view, "ENERGY")
    total = _numbers(view, "total_energy_kwh")
    limit = np.maximum(view.parameters.energy_tolerance_kwh, view.parameters.energy_tolerance_share * np.abs(total))
    # A millionth of a kWh on top: binary fractions must not decide at the border.
    broken = is_whole & (total >= 0) & (np.abs(sums - total) > limit + 1e-6)

    def shown(where: Any) -> Any:
        found, whole = sums[where], total[where]
        wh = _near(found, whole * 1000) | _near(whole, found * 1000)
        texts = pc.binary_join_element_wise(decimal(whole, 4), "kWh ≠ Σ", decimal(found, 4), "kWh", " ")
        return hinted(texts, (pa.array(wh), "Wh"))

    return fails(pa.array(~broken), value=shown)


def _numbers(view: View, name: str) -> Any:
    return view[name].to_numpy(zero_copy_only=False).astype(np.float64)


def _sums(view: View, word: str, *others: str) -> tuple[Any, Any, Any]:
    """Per CDR the sum of a dimension over its periods; whether every period carries it (or one of some others); and in how many
    periods it is measured."""
    lists, rows, _ = view.elements("charging_periods")
    row_of, count = rows.to_numpy(), len(view)
    period_of = view.elements("charging_periods.dimensions")[1].to_numpy()

    def of(*words: str) -> Any:
        name = "charging_periods.dimensions.type"
        return view.keep(
            f"{name} is {words}",
            lambda: _is_true(view.on_distinct(name, lambda kinds: pc.is_in(kinds, value_set=pa.array(words)))),
        )

    is_meant = of(word)
    volumes = view.keep("volumes of periods", lambda: _numbers(view, "charging_periods.dimensions.volume"))
    carries = np.zeros(len(lists), bool)
    carries[period_of[of(word, *others) if others else is_meant]] = True
    is_whole = (np.bincount(row_of[~carries], minlength=count) == 0) & (np.bincount(row_of, minlength=count) > 0)
    at = row_of[period_of[is_meant]]
    return np.bincount(at, weights=volumes[is_meant], minlength=count), is_whole, np.bincount(at, minlength=count)


def _hours(seconds: Any) -> Any:
    return decimal(seconds / 3600, 4)


_HELD = (
    "60 seconds per period are allowed, since CPOs floor to whole minutes. Held where the times of the CDR contradict each "
    "other: then that is the defect."
)


@rule(
    Severity.WARNING,
    reads=("total_time_h", "total_parking_time_h", "charging_periods", "start_date_time", "end_date_time"),
    valid_from=AFTER_TRIALS,
    nl="De laadtijd van de perioden is samen niet de laadtijd van de sessie.",
    en="The charging time of the periods does not add up to that of the session.",
    fix_nl="Lever in TIME de uren van elke periode waarin is geladen, samen gelijk aan total_time min total_parking_time.",
    fix_en="Send in TIME the hours of each period in which it charged, together equal to total_time minus "
    "total_parking_time.",
    source=Source("O", "CdrDimensionType enum; CDR object, total_time"),
    reading="Only where every period carries TIME or PARKING_TIME, and one of them TIME. A sum that is the whole total_time is "
    f"let pass where no period carries PARKING_TIME. {_HELD}",
    good=(
        {"@charging_periods[0].dimensions[1].volume": 2.033},
        {"@charging_periods[0].dimensions[1]": {"type": "MAX_CURRENT", "volume": 16}},
    ),
    bad=(
        {"@charging_periods[0].dimensions[1].volume": 2.034},
        {"@charging_periods[0].dimensions[1].volume": 9.0},
        {"@charging_periods[0].dimensions[1].volume": 7200},
    ),
)
def time_matches_periods(view: View) -> Any:
    sums, is_whole, measured = _sums(view, "TIME", "PARKING_TIME")
    of_parking = _sums(view, "PARKING_TIME")[2]
    total, parking = (_numbers(view, name) * 3600 for name in ("total_time_h", "total_parking_time_h"))
    sums = sums * 3600
    limit = (measured + of_parking) * view.parameters.total_time_tolerance_s + 0.01
    fits = (np.abs(sums - (total - parking)) <= limit) | ((of_parking == 0) & (np.abs(sums - total) <= limit))
    broken = is_whole & (measured > 0) & _is_true(times_agree(view)) & ~fits

    def shown(where: Any) -> Any:
        expected = (total - parking)[where]
        texts = pc.binary_join_element_wise(_hours(expected), "h ≠ Σ", _hours(sums[where]), "h", " ")
        in_unit = ((pa.array(_near(sums[where], expected * unit)), name) for unit, name in ((60, "min"), (3600, "s")))
        return hinted(texts, *in_unit)

    return fails(pa.array(~broken), value=shown)


@rule(
    Severity.WARNING,
    reads=("total_parking_time_h", "total_time_h", "charging_periods", "start_date_time", "end_date_time"),
    valid_from=AFTER_TRIALS,
    nl="De tijd zonder laden van de perioden is samen niet total_parking_time.",
    en="The parking time of the periods does not add up to total_parking_time.",
    fix_nl="Lever in PARKING_TIME de uren van elke periode zonder laden, samen gelijk aan total_parking_time.",
    fix_en="Send in PARKING_TIME the hours of each period without charging, together equal to total_parking_time.",
    source=Source("O", "CdrDimensionType enum; CDR object, total_parking_time"),
    reading=f"Only where every period carries TIME or PARKING_TIME, and one of them PARKING_TIME. {_HELD}",
    good=(
        {"@charging_periods[1].dimensions[1].volume": 1.5166},
        {"@charging_periods[1].dimensions[1]": {"type": "TIME", "volume": 1.5}},
    ),
    bad=({"@charging_periods[1].dimensions[1].volume": 0.5}, {"@charging_periods[1].dimensions[1].volume": 90}),
)
def parking_matches_periods(view: View) -> Any:
    sums, is_whole, measured = _sums(view, "PARKING_TIME", "TIME")
    parking = _numbers(view, "total_parking_time_h") * 3600
    sums = sums * 3600
    limit = measured * view.parameters.total_time_tolerance_s + 0.01
    broken = is_whole & (measured > 0) & _is_true(times_agree(view)) & (np.abs(sums - parking) > limit)

    def shown(where: Any) -> Any:
        texts = pc.binary_join_element_wise(_hours(parking[where]), "h ≠ Σ", _hours(sums[where]), "h", " ")
        in_unit = ((pa.array(_near(sums[where], parking[where] * u)), name) for u, name in ((60, "min"), (3600, "s")))
        return hinted(texts, *in_unit)

    return fails(pa.array(~broken), value=shown)


_NEVER_NEGATIVE = pa.array(["ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT"])


@rule(
    Severity.WARNING,
    reads=("charging_periods",),
    blames="charging_periods.dimensions.volume",
    valid_from=AFTER_TRIALS,
    nl="De waarde van een periode is negatief.",
    en="A volume of a period is negative.",
    fix_nl="Lever van elke periode wat er in die periode is geladen of verstreken: 0 of meer. Een correctie hoort niet in een "
    "latere periode.",
    fix_en="Send of each period what was charged or went by in it: 0 or more. A correction does not belong in a later "
    "period.",
    source=Source("O", "CdrDimensionType enum"),
    reading="ENERGY, TIME, PARKING_TIME, RESERVATION_TIME and FLAT, whatever the sum of the periods says. A current or a power "
    "may be negative where a car feeds the grid.",
    good=({"@charging_periods[1].dimensions[0].volume": 0}, {"@charging_periods[1].dimensions[0].volume": 0.05}),
    bad=({"@charging_periods[0].dimensions[0].volume": 20.0, "@charging_periods[1].dimensions[0].volume": -7.5},),
)
def period_volume_not_negative(view: View) -> Any:
    volumes = view["charging_periods.dimensions.volume"]
    negative = pc.less(volumes, 0.0)
    if not pc.any(negative).as_py():
        return pc.invert(negative)
    counts = view.on_distinct(
        "charging_periods.dimensions.type", lambda words: pc.is_in(words, value_set=_NEVER_NEGATIVE)
    )
    return pc.invert(pc.and_(negative, pc.fill_null(counts, False)))


def _near(found: Any, expected: Any) -> Any:
    return (np.abs(found - expected) <= 0.02 * np.abs(expected)) & (expected != 0)


def _is_true(mask: Any) -> Any:
    return pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
