"""Our own columns of places and of time: areas, and from when until when a charge point was so.

Here: words and types. Not here: how a place is found (areas), and how nights become history (warehouse).
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import DAY, NUMBER, PLACE, TEXT, OwnColumn

OF_PLACES: dict[str, OwnColumn] = {
    "gemeente_code": OwnColumn(TEXT, "Gemeente (CBS-code)", "Municipality (CBS code)"),
    "wijk_code": OwnColumn(TEXT, "Wijk (CBS-code)", "District (CBS code)"),
    "buurt_code": OwnColumn(TEXT, "Buurt (CBS-code)", "Neighbourhood (CBS code)"),
    "stadsdeel": OwnColumn(TEXT, "Stadsdeel", "City borough"),
    "nal_region": OwnColumn(TEXT, "NAL-regio", "NAL region"),
    "province": OwnColumn(TEXT, "Provincie", "Province"),
    "cbs_cell_500m": OwnColumn(TEXT, "Vierkant van 500 bij 500 m van het CBS", "CBS cell of 500 by 500 m"),
    "area_year": OwnColumn(PLACE, "Jaar van de gemeentegrenzen", "Year of the municipal borders"),
    "area_level": OwnColumn(
        TEXT,
        "nation, nal_region, province, gemeente, wijk, buurt, stadsdeel of cell_500m",
        "nation, nal_region, province, gemeente, wijk, buurt, stadsdeel or cell_500m",
    ),
    "area_code": OwnColumn(
        TEXT, "Code van het gebied; NL is heel Nederland", "Code of the area; NL is the whole of the Netherlands"
    ),
    "area_name": OwnColumn(TEXT, "Naam van het gebied", "Name of the area"),
    "valid_from": OwnColumn(DAY, "Eerste nacht waarop het zo was", "First night on which it was so"),
    "valid_to": OwnColumn(
        DAY,
        "Eerste nacht waarop het niet meer zo was; leeg: nog steeds zo",
        "First night on which it was no longer so; empty: still so",
    ),
    "end_reason": OwnColumn(
        TEXT,
        "Waarom het eindigde: changed (gewijzigd), removed (status REMOVED), vanished (niet meer geleverd), moved "
        "(naar een andere CPO); leeg: nog steeds zo",
        "Why it ended: changed, removed (status REMOVED), vanished (no longer delivered), moved (to another CPO); "
        "empty: still so",
    ),
    "first_seen": OwnColumn(
        DAY, "Eerste nacht waarop deze CPO het leverde", "First night on which this CPO delivered it"
    ),
    "last_seen": OwnColumn(
        DAY, "Laatste nacht waarop deze versie is gezien", "Last night on which this version was seen"
    ),
    "moved_to_cpo": OwnColumn(TEXT, "CPO waarnaar het laadpunt overging", "CPO to which the EVSE moved"),
    "max_power_kw": OwnColumn(
        NUMBER,
        "Hoogste vermogen: max_electric_power, anders spanning maal stroom maal fasen (spanning vanaf 380 V op AC_3_PHASE "
        "gelezen als gekoppelde spanning)",
        "Highest power: max_electric_power, else voltage times current times phases (a voltage from 380 V on AC_3_PHASE is "
        "read as line to line)",
        "kW",
    ),
    "power_class": OwnColumn(
        TEXT,
        "regular (tot 22 kW, afgerond op hele kW), semi_fast, fast (vanaf 50 kW)",
        "regular (up to 22 kW, rounded to whole kW), semi_fast, fast (from 50 kW)",
    ),
}
