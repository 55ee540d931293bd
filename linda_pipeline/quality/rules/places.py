"""Rules on coordinates: precise to the metre, and in the Netherlands.

Here: the outline of the country that is shipped beside this file. Not here: comparison with registers or other records.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry import shape

from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.view import View

FIVE_DECIMALS = r"\.[0-9]{5,}$"


@lru_cache(maxsize=1)
def outline() -> Any:
    """The Netherlands with a margin of 2 km, as a prepared shape in degrees; where it comes from stands in the file."""
    text = files("linda_pipeline.quality").joinpath("netherlands.geojson").read_text(encoding="utf-8")
    country = shape(json.loads(text)["geometry"])
    shapely.prepare(country)
    return country


def in_netherlands(latitudes: Any, longitudes: Any) -> Any:
    """Whether points (degrees, WGS 84; arrays of numbers) lie in the Netherlands."""
    return pa.array(shapely.contains_xy(outline(), longitudes, latitudes))


def coordinates_metre_precise(view: View) -> Any:
    """At least five decimals in each coordinate as it was sent."""
    parts = []
    for name in ("latitude", "longitude"):
        precise = view.on_distinct(f"{name}__text", lambda texts: pc.match_substring_regex(texts, FIVE_DECIMALS))
        parts.append(fails(pc.or_(precise, pc.is_null(view[name])), name))
    return tuple(parts)


def coordinates_in_netherlands(view: View) -> Any:
    """Stations recur, so each distinct pair is looked up once."""
    latitude, longitude = view["latitude"], view["longitude"]
    pairs = pc.dictionary_encode(pc.binary_join_element_wise(view.text("latitude"), view.text("longitude"), ", "))
    rows = pc.index_in(pa.array(range(len(pairs.dictionary)), pairs.indices.type), value_set=pairs.indices)
    y, x = (pc.fill_null(pc.take(values, rows), 0.0).to_numpy() for values in (latitude, longitude))
    inside = in_netherlands(y, x)
    if pc.all(inside).as_py():
        return pa.repeat(True, len(view))
    swapped = pc.and_not(in_netherlands(x, y), inside)
    shown = pc.if_else(swapped, pc.binary_join_element_wise(pairs.dictionary, _SWAPPED, " "), pairs.dictionary)
    return fails(pc.take(inside, pairs.indices), value=pc.take(shown, pairs.indices))


_SWAPPED = "(omgewisseld? / swapped?)"

_PRECISE: dict[str, Any] = {
    "reads": (),
    "blames": "latitude",
    "nl": "De coördinaat heeft minder dan vijf decimalen en is dus niet op de meter nauwkeurig.",
    "en": "The coordinate has fewer than five decimals, so it is not precise to the metre.",
    "fix_nl": "Lever de coördinaten uit het verkeersbesluit of de vergunning, met vijf tot zeven decimalen (versie "
    "2.1.1: zes).",
    "fix_en": "Send the coordinates of the traffic decision or permit, with five to seven decimals (version 2.1.1: six).",
    "good": ({"latitude": "51.84687", "longitude": "5.86341"}, {"latitude": "51.8468701", "longitude": "5.8634101"}),
    "bad": (
        {"latitude": "51.8468"},
        {"longitude": "5.8634"},
        {"latitude": "52", "longitude": "5"},
    ),
}
_INSIDE: dict[str, Any] = {
    "reads": ("latitude", "longitude"),
    "nl": "De coördinaten liggen niet in Nederland.",
    "en": "The coordinates are not in the Netherlands.",
    "fix_nl": "Lever de coördinaten uit het verkeersbesluit of de vergunning. Controleer of breedtegraad (50 tot 54) en "
    "lengtegraad (3 tot 8) niet zijn omgewisseld.",
    "fix_en": "Send the coordinates of the traffic decision or permit. Check that latitude (50 to 54) and longitude (3 "
    "to 8) are not swapped.",
    "reading": "Accurate means at least: within the country's outline, drawn from the municipal borders of CBS with a "
    "margin of 2 km. 0,0 is outside.",
    "good": ({"latitude": "53.480000", "longitude": "6.160000"}, {"latitude": "50.755000", "longitude": "6.020000"}),
    "bad": (
        {"latitude": "0.000000", "longitude": "0.000000"},
        {"latitude": "5.863410", "longitude": "51.846870"},
        {"latitude": "50.775000", "longitude": "6.085000"},
        {"latitude": "-51.846870"},
    ),
}
for _object, _heading in (("cdr", "CDRs, cdr_location"), ("location", "Locations")):
    rule(Severity.ERROR, object=_object, source=Source("P", _heading), **_PRECISE)(coordinates_metre_precise)
    rule(Severity.ERROR, object=_object, source=Source("P", _heading), **_INSIDE)(coordinates_in_netherlands)
