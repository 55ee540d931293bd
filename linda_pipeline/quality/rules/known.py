"""Rules that hold a record beside what the portal knows: the Locations delivered before, and the owner's register.

Here: comparisons with columns that were joined on (joined.py). Not here: where these come from (road), and comparisons of
records with each other (delivery.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality import joined
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.rules.moments import lasting
from linda_pipeline.quality.shown import decimal, hinted
from linda_pipeline.quality.view import View

_OWN = Source("L", "comparison with the CPO's own Locations")
_EARTH_RADIUS_M = 6_371_000.0


def distance_m(latitude: Any, longitude: Any, other_latitude: Any, other_longitude: Any) -> Any:
    """The distance between points that lie near each other (degrees, WGS 84), in metres; NaN where one is not known."""
    north = np.radians(other_latitude - latitude)
    east = np.radians(other_longitude - longitude) * np.cos(np.radians(latitude))
    return np.hypot(north, east) * _EARTH_RADIUS_M


def _numbers(view: View, name: str) -> Any:
    return view[name].to_numpy(zero_copy_only=False).astype(np.float64)


def _is_near(view: View, latitude: str, longitude: str, limit_m: float) -> Any:
    """Fine where the record's coordinates lie near those of two other columns; the finding shows how far they are."""
    here = (_numbers(view, "latitude"), _numbers(view, "longitude"))
    there = (_numbers(view, latitude), _numbers(view, longitude))
    metres = distance_m(*here, *there)

    def shown(where: Any) -> Any:
        sent = pc.binary_join_element_wise(
            *(view.text(name).take(pa.array(where)) for name in ("latitude", "longitude")), ", "
        )
        other = pc.binary_join_element_wise(*(decimal(values[where], 6) for values in there), ", ")
        whole = pa.array(metres[where].round().astype(np.int64))
        far = pc.binary_join_element_wise(pc.cast(whole, pa.string()), "m", " ")
        return pc.binary_join_element_wise(sent, pc.binary_join_element_wise(far, other, " ↔ "), ": ")

    return fails(pa.array(~(metres > limit_m + 0.01)), value=shown)


@rule(
    Severity.WARNING,
    reads=("location_id",),
    needs=(joined.LOCATION_KNOWN,),
    nl="De laadlocatie van deze sessie stond rond het begin van de sessie niet in uw Locations.",
    en="The location of this session was not in your Locations around the start of the session.",
    fix_nl="Lever elke openbare laadlocatie in de module Locations, met hetzelfde id als in de CDR.",
    fix_en="Send every public location in the Locations module, with the same id as in the CDR.",
    source=_OWN,
    reading="Known means: delivered, in whatever bucket it fell, in the last complete night before the session's start, the "
    "first one after it, or between. A session of which no night is known from before its start is let pass.",
    good=({joined.LOCATION_KNOWN: True}, {joined.LOCATION_KNOWN: None}),
    bad=({joined.LOCATION_KNOWN: False},),
)
def known_location(view: View) -> Any:
    return view[joined.LOCATION_KNOWN]


@rule(
    Severity.WARNING,
    reads=("evse_uid",),
    needs=(joined.LOCATION_KNOWN, joined.EVSE_KNOWN),
    nl="Het laadpunt van deze sessie stond rond het begin van de sessie niet in uw Locations.",
    en="The EVSE of this session was not in your Locations around the start of the session.",
    fix_nl="Lever elk laadpunt in de module Locations, met dezelfde uid en hetzelfde EVSE-id als in de CDR.",
    fix_en="Send every EVSE in the Locations module, with the same uid and EVSE id as in the CDR.",
    source=_OWN,
    reading="Known by its Location and uid, or by its EVSE id. Where the whole Location is not known, that is said alone.",
    good=({joined.LOCATION_KNOWN: True, joined.EVSE_KNOWN: True}, {joined.LOCATION_KNOWN: True}),
    bad=({joined.LOCATION_KNOWN: True, joined.EVSE_KNOWN: False},),
)
def known_evse(view: View) -> Any:
    return pc.or_(view[joined.EVSE_KNOWN], pc.invert(view[joined.LOCATION_KNOWN]))


@rule(
    Severity.WARNING,
    reads=("latitude", "longitude"),
    needs=(joined.KNOWN_LATITUDE, joined.KNOWN_LONGITUDE),
    nl="De coördinaten in de CDR liggen meer dan 100 meter van die van de laadlocatie.",
    en="The coordinates in the CDR are more than 100 metres from those of the location.",
    fix_nl="Neem in de CDR de coördinaten van de laadlocatie over zoals die bij het begin van de sessie golden.",
    fix_en="Put the coordinates of the location into the CDR as they were at the start of the session.",
    source=_OWN,
    reading="The location as it was delivered around the start of the session, not as it is today. Found: the CDR's "
    "coordinates, the distance, and the location's.",
    good=({joined.KNOWN_LATITUDE: 51.84767, joined.KNOWN_LONGITUDE: 5.86341},),
    bad=(
        {joined.KNOWN_LATITUDE: 51.84787, joined.KNOWN_LONGITUDE: 5.86341},
        {joined.KNOWN_LATITUDE: 52.09070, joined.KNOWN_LONGITUDE: 5.12140},
    ),
)
def location_agrees(view: View) -> Any:
    return _is_near(view, joined.KNOWN_LATITUDE, joined.KNOWN_LONGITUDE, view.parameters.location_distance_m)


def coordinates_match_permit(view: View) -> Any:
    """Within some metres of the place in the owner's register."""
    return _is_near(view, joined.PERMIT_LATITUDE, joined.PERMIT_LONGITUDE, view.parameters.permit_distance_m)


for _object, _heading in (("cdr", "CDRs, cdr_location"), ("location", "Locations")):
    rule(
        Severity.WARNING,
        object=_object,
        reads=("latitude", "longitude"),
        needs=(joined.PERMIT_LATITUDE, joined.PERMIT_LONGITUDE),
        nl="De coördinaten liggen meer dan 10 meter van de plaats in het register van de data-eigenaar.",
        en="The coordinates are more than 10 metres from the place in the data owner's register.",
        fix_nl="Lever de coördinaten uit het verkeersbesluit of de vergunning; klopt het register niet, meld het dan bij NDW.",
        fix_en="Send the coordinates of the traffic decision or permit; where the register is wrong, tell NDW.",
        source=Source("P", f"{_heading}; linda agreements, art. 10"),
        reading="10 metres is our own choice. Only where the owner supplied a register of places, and for the places that it "
        "names; a place is told by its EVSE id or Location id. The profile demands exact coordinates; a warning, because a "
        "register may itself be out of date.",
        good=({joined.PERMIT_LATITUDE: 51.84695, joined.PERMIT_LONGITUDE: 5.86341},),
        bad=({joined.PERMIT_LATITUDE: 51.84697, joined.PERMIT_LONGITUDE: 5.86341},),
    )(coordinates_match_permit)


_POWER = (joined.KNOWN_POWER_KW, joined.KNOWN_VOLT_AMPERE_KW)


def _power(view: View, name: str) -> Any:
    """A power that Locations tell, in kW; NaN where it is not known."""
    return _numbers(view, name) if name in view.names else np.full(len(view), np.nan)


def _greatest_power(view: View) -> Any:
    """The greatest power of a connector of the kind that the CDR names, in kW."""
    limits = view.parameters
    greatest_ac = limits.most_ac_power_w / 1000
    by_kind = view.on_distinct(
        "connector_power_type",
        lambda kinds: pc.if_else(pc.starts_with(kinds, "AC"), greatest_ac, limits.greatest_power_kw),
    )
    return pc.fill_null(by_kind, limits.greatest_power_kw).to_numpy(zero_copy_only=False)


@rule(
    Severity.WARNING,
    plausibility=True,
    reads=("total_energy_kwh", "total_time_h", "total_parking_time_h"),
    uses=_POWER,
    nl="Er is meer geladen dan de connector in de laadtijd kan leveren.",
    en="More was charged than the connector can give in the charging time.",
    fix_nl="Controleer de energie (kWh, geen Wh), de tijd zonder laden (uren), en het vermogen van de connector in "
    "Locations (W, geen kW; bij drie fasen 3 × V × A).",
    fix_en="Check the energy (kWh, not Wh), the parking time (hours), and the connector's power in Locations (W, not kW; "
    "for three phases 3 × V × A).",
    source=Source("L", "plausibility, after Qualicharge ENEA"),
    reading="Charging time is total_time minus total_parking_time, with the tolerance of total_time. The power is that of the "
    "EVSE's strongest connector as delivered around the session's start: max_electric_power, else voltage, current "
    "and phases; where it is not known, the greatest that a connector of that kind has: 44.16 kW with alternating current, "
    "else 1,000 kW. 10 % more is allowed. A factor of 1000 is named (Wh for kWh, kW for W), and so is a power that leaves the "
    "phases out of account. Held where the times contradict each other: then that is the defect. Before November 2026 only "
    "where the power is known.",
    good=(
        {joined.KNOWN_POWER_KW: 11.0, joined.KNOWN_VOLT_AMPERE_KW: 11.04},
        {joined.KNOWN_POWER_KW: 5.7, joined.KNOWN_VOLT_AMPERE_KW: 5.7},
    ),
    bad=(
        {joined.KNOWN_POWER_KW: 3.7, joined.KNOWN_VOLT_AMPERE_KW: 11.04},
        {joined.KNOWN_POWER_KW: 5.5, joined.KNOWN_VOLT_AMPERE_KW: 5.5},
        {**lasting(3600, 0, 50), "connector_power_type": "AC_3_PHASE"},
    ),
)
def power_plausible(view: View) -> Any:
    power = _power(view, joined.KNOWN_POWER_KW)
    return _within_power(view, np.where(np.isnan(power), _greatest_power(view), power))


power_plausible.until(AFTER_TRIALS)(lambda view: _within_power(view, _power(view, joined.KNOWN_POWER_KW)))


def _within_power(view: View, power: Any) -> Any:
    """Fine where the energy fits the charging time at a power in kW (NaN: not known)."""
    energy, total, parking = (
        _numbers(view, name) for name in ("total_energy_kwh", "total_time_h", "total_parking_time_h")
    )
    volt_ampere = _power(view, joined.KNOWN_VOLT_AMPERE_KW)
    charging = total - parking
    grace_h = view.parameters.total_time_tolerance_s / 3600
    least = 0 if view.profile.day < AFTER_TRIALS else -grace_h
    share = 1 + view.parameters.power_tolerance_share
    broken = (energy > share * power * (np.maximum(charging, 0) + grace_h)) & (charging >= least) & (parking >= least)

    def shown(where: Any) -> Any:
        average = energy[where] / (np.maximum(charging[where], 0) + grace_h)
        fits_phases = average <= share * volt_ampere[where]
        kilowatt = fits_phases & (volt_ampere[where] > 100 * power[where])
        return hinted(
            pc.binary_join_element_wise(
                pc.binary_join_element_wise(decimal(average), "kW", " "),
                pc.binary_join_element_wise(decimal(power[where], 3), "kW", " "),
                " > ",
            ),
            (pa.array(kilowatt), "Locations: kW in W"),
            (pa.array(fits_phases), "Locations: 3 × V × A"),
            (pa.array(average > 200 * power[where]), "Wh"),
        )

    return fails(pa.array(~broken), value=shown)


@rule(
    Severity.ERROR,
    reads=("total_energy_kwh", "start_date_time", "end_date_time"),
    uses=_POWER,
    valid_from=AFTER_TRIALS,
    nl="Er is meer geladen dan in deze tijd mogelijk is.",
    en="More was charged than is possible in this time.",
    fix_nl="Controleer of de energie in kWh staat (geen Wh, geen meterstand), en of begin en einde van de sessie kloppen.",
    fix_en="Check that the energy is in kWh (not Wh, not a meter reading), and that start and end of the session are right.",
    source=Source("L", "plausibility, after real sessions"),
    reading="More than twice the power of the connector times the whole duration, with the tolerance of total_time; where the "
    "power is not known, twice 1,000 kW. The power as in power_plausible, or by voltage, current and phases where that is "
    "more; below 1 kW it is taken as not known, since that is a mistake in the Location. An error, because no charger gives "
    "that, and one such record outweighs a thousand others. Held where the session does not end after its start: then that is "
    "the defect.",
    good=({joined.KNOWN_POWER_KW: 11.0, joined.KNOWN_VOLT_AMPERE_KW: 11.04}, lasting(3600, 0, 40)),
    bad=({joined.KNOWN_POWER_KW: 1.7, joined.KNOWN_VOLT_AMPERE_KW: 1.7}, lasting(1, 0, 40)),
    implies=("power_plausible",),
)
def energy_possible(view: View) -> Any:
    power = np.fmax(_power(view, joined.KNOWN_POWER_KW), _power(view, joined.KNOWN_VOLT_AMPERE_KW))
    power = np.where(power >= _LEAST_POWER_KW, power, view.parameters.greatest_power_kw)
    begin, end = (_hours_since_1970(view, name) for name in ("start_date_time", "end_date_time"))
    grace_h = view.parameters.total_time_tolerance_s / 3600
    energy, most = _numbers(view, "total_energy_kwh"), _TIMES_THE_POWER * power * (end - begin + grace_h)

    def shown(where: Any) -> Any:
        texts = pc.binary_join_element_wise(decimal(energy[where], 3), "kWh >", decimal(most[where], 3), "kWh", " ")
        return hinted(texts, (pa.array(energy[where] > 100 * most[where]), "Wh"))

    return fails(pa.array(~((energy > most) & (end > begin))), value=shown)


_TIMES_THE_POWER = 2
_LEAST_POWER_KW = 1
"""No connector gives less: such a power is one in kW where W is meant."""


def _hours_since_1970(view: View, name: str) -> Any:
    return pc.cast(view[name], pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64) / 3.6e9
