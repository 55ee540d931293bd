"""Rules on what a Location says of itself, its EVSEs and connectors: ratings, ids within an EVSE, time zone, country, moments.

Here: demands that one record shows by itself, in force since the trials of November 2026. Not here: EVSEs beside each other
(among_evses.py), the power that a unit mix gives (location.py), and the country's outline (places.py).
"""

from __future__ import annotations

import zoneinfo
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.quality.rule import Part, Severity, Source, fails, rule
from linda_pipeline.quality.shown import sent_and_mended
from linda_pipeline.quality.view import View

SINCE = date(2026, 11, 1)
_OCPI = Source("O", "Locations module, Location, EVSE and Connector objects")


@lru_cache(maxsize=1)
def _zones() -> Any:
    return pa.array(sorted(zoneinfo.available_timezones()), pa.string())


@rule(
    Severity.WARNING,
    object="location",
    reads=("time_zone",),
    nl="Dit is geen tijdzone uit de IANA-lijst.",
    en="This is no time zone of the IANA list.",
    fix_nl="Schrijf de tijdzone als in de IANA-lijst. In Nederland is dat Europe/Amsterdam.",
    fix_en="Write the time zone as the IANA list does. In the Netherlands it is Europe/Amsterdam.",
    source=Source("O", "Locations module, Location object, time_zone"),
    reading="Capitals count: the names of the list are written in one way.",
    good=({"time_zone": "Europe/Amsterdam"}, {"time_zone": "America/Kralendijk"}),
    bad=(
        {"time_zone": "CET+1"},
        {"time_zone": "europe/amsterdam"},
        {"time_zone": "Amsterdam"},
        {"time_zone": "+01:00"},
    ),
    valid_from=SINCE,
)
def time_zone_iana(view: View) -> Any:
    fine = view.on_distinct("time_zone", lambda names: pc.is_in(names, value_set=_zones()))
    return fails(fine, value=sent_and_mended(view["time_zone"], _zone_in_its_case))


def _zone_in_its_case(names: Any) -> Any:
    return pc.take(_zones(), pc.index_in(pc.utf8_upper(names), value_set=pc.utf8_upper(_zones())))


_COUNTRY: dict[str, Any] = {
    "id": "country_is_nld",
    "reads": ("country",),
    "nl": "Het land is niet NLD.",
    "en": "The country is not NLD.",
    "fix_nl": "Schrijf het land als NLD (drie letters, ISO 3166-1). LINDA neemt alleen laadpunten in Nederland op.",
    "fix_en": "Write the country as NLD (three letters, ISO 3166-1). LINDA takes in charge points in the Netherlands alone.",
    "source": Source("O", "Locations module, Location object, country"),
    "reading": "OCPI asks for the code of three letters, and LINDA covers the Netherlands. Small letters are not the code.",
    "good": ({"country": "NLD"},),
    "bad": ({"country": "NL"}, {"country": "DEU"}, {"country": "XXX"}, {"country": "nld"}),
    "valid_from": SINCE,
}


_THE_NETHERLANDS = pa.array(["NL", "NLD", "NED", "HOL", "NEDERLAND", "NETHERLANDS", "THE NETHERLANDS", "HOLLAND"])
"""Names and codes by which nothing else can be meant, in capitals."""


def _is_nld(view: View) -> Any:
    fine = view.on_distinct("country", lambda codes: pc.equal(codes, "NLD"))
    return fails(fine, value=sent_and_mended(view["country"], _as_nld))


def _as_nld(names: Any) -> Any:
    return pc.if_else(pc.is_in(pc.utf8_upper(names), value_set=_THE_NETHERLANDS), "NLD", None)


rule(Severity.ERROR, object="location", **_COUNTRY)(_is_nld)
rule(Severity.ERROR, object="cdr", **_COUNTRY)(_is_nld)


def _not_after_the_pull(view: View) -> Any:
    return pc.less_equal(view["last_updated"], pa.scalar(view.pulled_at, pa.timestamp("us", tz="UTC")))


_LATER = "2031-11-23T02:00:01Z"
for _object, _nl, _en in (
    ("cdr", "De CDR", "The CDR"),
    ("location", "De locatie", "The location"),
    ("evse", "Het laadpunt", "The EVSE"),
):
    rule(
        Severity.WARNING,
        id="last_updated_not_in_future",
        object=_object,
        reads=("last_updated",),
        nl=f"{_nl} zegt in de toekomst te zijn gewijzigd.",
        en=f"{_en} says that it changed in the future.",
        fix_nl="Zet de klok van uw systeem goed, en lever last_updated in UTC.",
        fix_en="Set the clock of your system right, and send last_updated in UTC.",
        source=Source("O", "Types, DateTime; last_updated of each object"),
        reading="In the future means: after the moment at which the delivery was pulled.",
        good=({"last_updated": "2026-11-23T02:00:00Z"},) if _object != "evse" else ({},),
        bad=({"last_updated": _LATER},),
        implies=("last_updated_parent",) if _object == "evse" else (),
        valid_from=SINCE,
    )(_not_after_the_pull)


_RATING_COLUMNS = ("connectors.max_voltage_v", "connectors.max_amperage_a", "connectors.max_electric_power_w")


def _not_positive(view: View) -> tuple[Part, ...]:
    parts = []
    for name in _RATING_COLUMNS:
        if view.version == "2.1.1" and name == _RATING_COLUMNS[-1]:
            continue
        parts.append(fails(pc.greater(pc.cast(view[name], pa.float64()), 0.0), name))
    return tuple(parts)


rule(
    Severity.WARNING,
    id="connector_ratings_positive",
    object="evse",
    reads=("connectors",),
    blames=_RATING_COLUMNS[0],
    nl="De spanning, stroom of het vermogen van deze connector is nul of negatief.",
    en="The voltage, current or power of this connector is zero or negative.",
    fix_nl="Lever de waarden van het typeplaatje: bijvoorbeeld 230 V en 16 A per fase, vermogen in watt. Laat "
    "max_electric_power weg als u het niet weet.",
    fix_en="Send the values of the type plate: such as 230 V and 16 A per phase, power in watts. Leave max_electric_power "
    "out where you do not know it.",
    source=_OCPI,
    good=({}, {"connectors.max_electric_power_w": None}),
    bad=({"connectors.max_voltage_v": 0}, {"connectors.max_amperage_a": -16}),
    valid_from=SINCE,
)(_not_positive)


_CONNECTOR = {
    "id": "1",
    "standard": "IEC_62196_T2",
    "format": "SOCKET",
    "power_type": "AC_3_PHASE",
    **dict.fromkeys(("voltage", "max_voltage"), 230),
    **dict.fromkeys(("amperage", "max_amperage"), 16),
    "last_updated": "2026-10-01T08:00:00Z",
}


@rule(
    Severity.WARNING,
    object="evse",
    reads=("connectors",),
    blames="connectors.connector_id",
    nl="Dit connector-id komt op dit laadpunt meer dan één keer voor.",
    en="This connector id stands more than once in this EVSE.",
    fix_nl="Geef elke connector van een laadpunt een eigen id, zoals 1 en 2.",
    fix_en="Give each connector of an EVSE an id of its own, such as 1 and 2.",
    source=Source("O", "Locations module, Connector object, id"),
    reading="Each one after the first is blamed. Capitals do not count.",
    good=({"connectors.connector_id": "2"}, {"@connectors": [_CONNECTOR, {**_CONNECTOR, "id": "2"}]}),
    bad=({"@connectors": [_CONNECTOR, _CONNECTOR]},),
    valid_from=SINCE,
)
def connector_id_unique(view: View) -> Part:
    _, rows, _ = view.elements("connectors")
    ids = pc.utf8_upper(view["connectors.connector_id"])
    keys = one_chunk(pc.binary_join_element_wise(pc.cast(rows, pa.string()), ids, "/"))
    codes = pc.dictionary_encode(keys).indices
    known = codes.is_valid().to_numpy(zero_copy_only=False)
    numbers = codes.fill_null(-1).to_numpy(zero_copy_only=False)
    first = np.zeros(len(numbers), bool)
    first[np.unique(numbers, return_index=True)[1]] = True
    return fails(pa.array(first | ~known))
