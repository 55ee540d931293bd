"""What stands in linda.duckdb: its tables, and the words on every table and column.

Here: the meaning of each relation, and of each column by relation. Not here: the rows (publish.py).
"""

from __future__ import annotations

from typing import NamedTuple

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.own_columns.declared import own_column
from linda_pipeline.warehouse.kpi import VIEWS


class Meaning(NamedTuple):
    """What a table or a column says."""

    nl: str
    en: str
    unit: str | None = None


TABLES: dict[str, Meaning] = {
    "cdrs": Meaning(
        "Laadsessies (CDR's): één goedgekeurde versie per CDR, zonder creditering. De bestuurder staat er alleen als "
        "pseudoniem in, en dat blijft een persoonsgegeven. Een view op de Parquet-bestanden van het lake",
        "Charging sessions (CDRs): one accepted version per CDR, without credits. The driver stands in it as a pseudonym only, "
        "which still is personal data. A view on the lake's Parquet files",
    ),
    "evses": Meaning("Laadpunten (EVSE's) door de tijd", "Charge points (EVSEs) over time"),
    "locations": Meaning("Laadlocaties door de tijd", "Locations over time"),
    "deliveries": Meaning("Leveringen van CPO's en hun uitkomst", "Deliveries of CPOs and what became of them"),
    "attempts": Meaning(
        "Elke poging om een levering op te halen, en hoe die afliep",
        "Every attempt to pull a delivery, and how it ended",
    ),
    "redelivery_case": Meaning(
        "Herleveringen: elk afgekeurd record, gevolgd tot het hersteld is",
        "Re-deliveries: every rejected record, followed until it is mended",
    ),
    "case_event": Meaning("Wat er met een herlevering gebeurde", "What happened to a re-delivery"),
    "location_report": Meaning(
        "Meldingen van een laadlocatie op de verkeerde plek, gevolgd tot de plek klopt",
        "Reports of a Location in the wrong place, followed until the place is right",
    ),
    "findings": Meaning(
        "Bevindingen: één regel per record, regel en plaats", "Findings: one line per record, rule and path"
    ),
    "area": Meaning("Gebieden waarover KPI's gaan", "Areas that KPIs speak of"),
    "cpo": Meaning("CPO's in het register", "CPOs in the register"),
    "kpi": Meaning("KPI-cijfers per maand, gebied en CPO", "KPI figures per month, area and CPO"),
    "reliance": Meaning(
        "Hoe ver op de cijfers van een maand, gebied en CPO kan worden gebouwd; kpi neemt het hieruit over",
        "How far the figures of a month, area and CPO can be relied on; kpi takes it from here",
    ),
    "kpi_definition": Meaning("Definities van de KPI's", "Definitions of the KPIs"),
    "rule": Meaning("Regels waarop leveringen worden beoordeeld", "Rules by which deliveries are judged"),
    "column_definition": Meaning("Betekenis van elke kolom", "Meaning of every column"),
    **{view.name: Meaning(view.nl, view.en) for view in VIEWS},
}
_OBJECTS = {
    "cdrs": ("cdr",),
    "locations": ("location",),
    "evses": ("evse", "location"),
    **{v.name: ("cdr", "evse") for v in VIEWS},
}


def meaning(table: str, column: str) -> Meaning:
    """What a column of a table says. Raises KeyError where nobody wrote it down."""
    for object_name in _OBJECTS.get(table, ()):
        found = by_name(object_name).get(column)
        if found is not None:
            return Meaning(found.nl, found.en, found.unit)
    own = own_column(column, table)
    return Meaning(own.nl, own.en, own.unit)


def comment(meant: Meaning) -> str:
    """A meaning as a COMMENT: Dutch, then English, then the unit."""
    return f"{meant.nl} | {meant.en}" + (f" [{meant.unit}]" if meant.unit else "")
