"""Our own columns of the views that figures are reckoned from: sessions, service and charge points, with time in integers.

Here: words and types. Not here: the views in SQL (warehouse.kpi.views).
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import COUNT, DAY, ENERGY, FLAG, MOMENT, TEXT, OwnColumn

_WHOSE = OwnColumn(
    TEXT,
    "CPO waarvoor de rij telt; ALL is alle CPO's samen",
    "CPO for which the row counts; ALL is all CPOs together",
)

OF_VIEWS: dict[str, OwnColumn] = {
    **{
        f"{view}.cpo": _WHOSE
        for view in (
            "session_scope",
            "service_span",
            "session_month",
            "evse_month",
            "evse_use",
            "evse_use_scope",
            "charge_point_use",
            "charge_point_use_scope",
        )
    },
    "own_cpo": OwnColumn(
        TEXT, "CPO die de sessie of het laadpunt leverde", "CPO that delivered the session or the EVSE"
    ),
    "counts_in_all": OwnColumn(
        FLAG,
        "Of de rij meetelt bij alle CPO's samen; niet waar, als een andere CPO dezelfde sessie of hetzelfde laadpunt levert en "
        "die al telt",
        "Whether the row counts for all CPOs together; not so where another CPO delivers the same session or EVSE and that one "
        "counts",
    ),
    "is_warned": OwnColumn(
        FLAG,
        "Of een regel waarschuwt dat de sessie onwaarschijnlijk is",
        "Whether a rule warns that the session is not plausible",
    ),
    "energy_kwh": OwnColumn(
        ENERGY,
        "Geladen energie; leeg waar zij te groot is om op te tellen",
        "Energy charged; empty where it is too large to add up",
        "kWh",
    ),
    "connection_us": OwnColumn(COUNT, "Aansluitduur", "Connection time", "µs"),
    "charging_us": OwnColumn(
        COUNT,
        "Laadduur, nooit langer dan de aansluitduur; leeg: onbekend",
        "Charging time, never longer than the connection; empty: unknown",
        "µs",
    ),
    "span_from": OwnColumn(MOMENT, "In dienst vanaf, aaneengesloten", "In service from, without a gap"),
    "span_until": OwnColumn(MOMENT, "In dienst tot", "In service until"),
    "occupied_from": OwnColumn(
        MOMENT,
        "Begin van het deel van de sessie dat in de maand en in de diensttijd valt",
        "Begin of the part of the session that lies in the month and in the time in service",
    ),
    "occupied_until": OwnColumn(MOMENT, "Einde van dat deel", "End of that part"),
    "occupied_us": OwnColumn(
        COUNT,
        "Tijd die de sessie toevoegt aan wat eerder begonnen sessies van het laadpunt in de maand al bezet hielden",
        "Time that the session adds to what sessions of the EVSE that began earlier occupied already in the month",
        "µs",
    ),
    "occupied_unwarned_us": OwnColumn(
        COUNT,
        "Hetzelfde, als alleen sessies zonder waarschuwing zouden tellen",
        "The same, if only sessions without a warning counted",
        "µs",
    ),
    "is_first_part": OwnColumn(
        FLAG,
        "Of de rij het eerste deel van een laadsessie in de maand is; zo telt elke sessie er één keer",
        "Whether the row is the first part of a session in the month, so that each session counts once in it",
    ),
    "is_session": OwnColumn(
        FLAG,
        "Of de rij een laadsessie is die in de maand begon, en niet het laadpunt zelf",
        "Whether the row is a session that began in the month, and not the EVSE itself",
    ),
    "first_start": OwnColumn(MOMENT, "Begin van de eerste laadsessie", "When the first session began"),
    "in_service_us": OwnColumn(COUNT, "Tijd in dienst in de maand", "Time in service in the month", "µs"),
    "in_service_from": OwnColumn(MOMENT, "In dienst vanaf", "In service from"),
    "in_service_until": OwnColumn(MOMENT, "In dienst tot", "In service until"),
    "is_current": OwnColumn(FLAG, "Of het laadpunt er nog is", "Whether the EVSE is still there"),
    "day": OwnColumn(DAY, "Dag waarop is geteld", "Day of the count"),
}
