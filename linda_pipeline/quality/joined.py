"""Columns that are joined to a unit before it is judged: what the portal knows of a record's EVSE, Location and permit.

Here: their names (with `~`, so that no column of the catalogue is meant), their types, and why a rule that needs one could
not run. Quality does not know where they come from; whoever judges joins them on, or leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Joined:
    """A column from elsewhere; null where nothing is known for a record, and then the rules that need it hold."""

    name: str
    type: pa.DataType
    en: str
    why_en: str
    """Why a rule was not run, where the column was not joined on."""
    why_nl: str


_NO_HISTORY = (
    "No Locations of this CPO are known from before these sessions.",
    "Er zijn geen laadlocaties van deze CPO bekend van vóór deze sessies.",
)
_NO_PLACE = (
    "Of no session is the place of its Location known from Locations of before it.",
    "Van geen enkele sessie is de plaats van de laadlocatie bekend uit Locations van vóór de sessie.",
)
_NO_POWER = (
    "Of no session is the power of its EVSE known from Locations of before it.",
    "Van geen enkele sessie is het vermogen van het laadpunt bekend uit Locations van vóór de sessie.",
)
_NO_EVSE = (
    "Of no session is the EVSE known from Locations of before it.",
    "Van geen enkele sessie is het laadpunt bekend uit Locations van vóór de sessie.",
)
_NO_REGISTER = (
    "No register of places of the data owner was supplied.",
    "Er is geen register van plaatsen van de data-eigenaar aangeleverd.",
)
_NO_EARLIER_NIGHT = (
    "There is no earlier night of Locations of this CPO to compare with.",
    "Er is geen eerdere nacht met laadlocaties van deze CPO om mee te vergelijken.",
)

LOCATION_KNOWN = "~location_known"
EVSE_KNOWN = "~evse_known"
KNOWN_LATITUDE, KNOWN_LONGITUDE = "~known_latitude", "~known_longitude"
KNOWN_POWER_KW, KNOWN_VOLT_AMPERE_KW = "~known_power_kw", "~known_volt_ampere_kw"
EVSE_IN_LOCATIONS, KNOWN_CONNECTORS = "~evse_in_locations", "~known_connectors"
EVSE_REMOVED = "~evse_removed"
PERMIT_LATITUDE, PERMIT_LONGITUDE = "~permit_latitude", "~permit_longitude"
EARLIER_EVSE_ID = "~earlier_evse_id"
OF_ANOTHER_CPO = "~of_another_cpo"

JOINED = {
    column.name: column
    for column in (
        Joined(
            LOCATION_KNOWN, pa.bool_(), "whether the Location was delivered around the session's start", *_NO_HISTORY
        ),
        Joined(EVSE_KNOWN, pa.bool_(), "whether the EVSE was delivered around the session's start", *_NO_HISTORY),
        Joined(KNOWN_LATITUDE, pa.float64(), "latitude of the EVSE's Location at the session's start", *_NO_PLACE),
        Joined(KNOWN_LONGITUDE, pa.float64(), "longitude of the EVSE's Location at the session's start", *_NO_PLACE),
        Joined(KNOWN_POWER_KW, pa.float64(), "highest power of the EVSE's connectors, in kW", *_NO_POWER),
        Joined(
            KNOWN_VOLT_AMPERE_KW,
            pa.float64(),
            "the same, reckoned from voltage, current and phases, in kW",
            *_NO_POWER,
        ),
        Joined(
            EVSE_IN_LOCATIONS,
            pa.string(),
            "EVSE id of the session's uid, in capitals without separators; where that uid is not there, the place of the "
            "session's EVSE id, as `LOCATION/UID`",
            *_NO_EVSE,
        ),
        Joined(KNOWN_CONNECTORS, pa.string(), "connectors of the EVSE, such as `|1=IEC_62196_T2|`", *_NO_EVSE),
        Joined(EVSE_REMOVED, pa.bool_(), "whether the EVSE was REMOVED before the session's start", *_NO_EVSE),
        Joined(PERMIT_LATITUDE, pa.float64(), "latitude of the place in the owner's register", *_NO_REGISTER),
        Joined(PERMIT_LONGITUDE, pa.float64(), "longitude of the place in the owner's register", *_NO_REGISTER),
        Joined(
            OF_ANOTHER_CPO,
            pa.bool_(),
            "whether another CPO delivered this EVSE id, live, in its last night before",
            "No other CPO delivered Locations in the nights before.",
            "Geen andere CPO leverde laadlocaties in de nachten ervoor.",
        ),
        Joined(EARLIER_EVSE_ID, pa.string(), "EVSE id of the same uid on the night before", *_NO_EARLIER_NIGHT),
    )
}
