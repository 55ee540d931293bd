"""The views that KPIs read: sessions and EVSEs, with the reckoning of time and place done once.

Here: their names, their meaning and their order. Not here: their SQL (time_in_sql.py, scopes.py), and any KPI.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from linda_pipeline.warehouse.kpi import time_in_sql
from linda_pipeline.warehouse.kpi.scopes import SCOPED, scoped


@dataclass(frozen=True)
class DocumentedView:
    """A documented view of linda.duckdb."""

    name: str
    nl: str
    en: str
    sql: str


def _scope_of(relation: str) -> DocumentedView:
    return DocumentedView(
        f"{relation}{SCOPED}",
        f"Elke rij van {relation} één keer per gebied en CPO waarin zij telt "
        "(ALL is alle CPO's samen; own_cpo is de CPO van de rij)",
        f"Every row of {relation} once for each area and CPO in which it counts "
        "(ALL is all CPOs together; own_cpo is the row's CPO)",
        scoped(relation),
    )


VIEWS = (
    DocumentedView(
        "session",
        "Laadsessies met hun maand (van het begin, in Europe/Amsterdam) en hun duren in microseconden; de laadduur is leeg "
        "waar de CPO geen total_parking_time gaf. Dezelfde sessie onder twee CDR-id's (laadpunt, begin, einde en energie) "
        "staat er per CPO één keer in",
        "Charging sessions with their month (of the start, in Europe/Amsterdam) and their durations in microseconds; the "
        "charging time is empty where the CPO gave no total_parking_time. The same session under two CDR ids (EVSE, start, "
        "end and energy) stands here once per CPO",
        time_in_sql.SESSION,
    ),
    _scope_of("session"),
    DocumentedView(
        "first_session",
        "Het begin van de eerste laadsessie van elk laadpunt, per CPO",
        "When the first session of every EVSE began, per CPO",
        time_in_sql.FIRST_SESSION,
    ),
    DocumentedView(
        "shared_evse",
        "Laadpunten die meer dan één CPO levert, in Locations of in CDR's",
        "EVSEs that more than one CPO delivers, in Locations or in CDRs",
        time_in_sql.SHARED_EVSE,
    ),
    DocumentedView(
        "service",
        "Wanneer een laadpunt in dienst was: van de eerste nacht of, als die eerder was, de eerste laadsessie, tot het laatst "
        "gezien of REMOVED; één rij per versie",
        "When an EVSE was in service: from the first night or, if earlier, the first session, until last seen or REMOVED; one "
        "row per version",
        time_in_sql.SERVICE,
    ),
    DocumentedView(
        "service_span",
        "Aaneengesloten tijden waarin een laadpunt in dienst was, per CPO; van een laadpunt van meer CPO's ook voor alle samen "
        "(ALL)",
        "Spans without a gap in which an EVSE was in service, per CPO; of an EVSE of several CPOs also for all together (ALL)",
        time_in_sql.SERVICE_SPAN,
    ),
    DocumentedView(
        "session_month",
        "Het deel van elke laadsessie dat in een maand en in de diensttijd van het laadpunt valt, per CPO; van een laadpunt "
        "van meer CPO's ook voor alle samen (ALL)",
        "The part of every session that lies in a month and in the EVSE's time in service, per CPO; of an EVSE of several CPOs "
        "also for all together (ALL)",
        time_in_sql.SESSION_MONTH,
    ),
    DocumentedView(
        "evse_month",
        "Hoe lang een laadpunt in een maand in dienst was, in microseconden, met het gebied waarin het daarin het laatst "
        "lag; per CPO, en van een laadpunt van meer CPO's ook voor alle samen (ALL)",
        "How long an EVSE was in service in a month, in microseconds, with the area where it was last in that month; "
        "per CPO, and of an EVSE of several CPOs also for all together (ALL)",
        time_in_sql.EVSE_MONTH,
    ),
    DocumentedView(
        "evse_use",
        "De rijen van evse_month, en daaronder per laadpunt die van session_month: diensttijd en bezette tijd bij elkaar",
        "The rows of evse_month and, per EVSE, those of session_month: time in service and time occupied together",
        time_in_sql.EVSE_USE,
    ),
    _scope_of("evse_use"),
    DocumentedView(
        "charge_point",
        "Laadpunten in dienst op de laatste dag van een maand, of op de nieuwste nacht van de CPO als die eerder is",
        "EVSEs in service on the last day of a month, or on the CPO's newest night where that is earlier",
        time_in_sql.CHARGE_POINT,
    ),
    DocumentedView(
        "charge_point_use",
        "De rijen van charge_point, en per laadpunt de laadsessies die er in de maand begonnen (is_session)",
        "The rows of charge_point and, per EVSE, the sessions that began there in the month (is_session)",
        time_in_sql.CHARGE_POINT_USE,
    ),
    _scope_of("charge_point_use"),
)
"""The views in the order in which they can be made, over `cdrs` and `evses`."""


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views in a connection that has `cdrs` and `evses`."""
    for view in VIEWS:
        connection.execute(f"CREATE VIEW {view.name} AS {view.sql}")
