"""Our own columns of single records: where each came from, whose it is, who drove, and what was found in it.

Here: words and types. Not here: which table has which of them (accepted_schema.py, ledger, warehouse).
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import DAY, HASH, MOMENT, PLACE, TEXT, TEXTS, OwnColumn

OF_RECORDS: dict[str, OwnColumn] = {
    "cpo": OwnColumn(TEXT, "CPO (laadpaalexploitant) die leverde", "CPO (charge point operator) that delivered"),
    "user_pseudonym": OwnColumn(
        TEXT,
        "Pseudoniem van de bestuurder, hetzelfde bij alle CPO's: van het contract-id, anders van de laadpas. Blijft een "
        "persoonsgegeven",
        "Pseudonym of the driver, the same with all CPOs: of the contract id, else of the token. Still personal data",
    ),
    "session_key": OwnColumn(
        HASH,
        "De sessie: een hash met sleutel van het session_id, waaraan een sessie in een latere levering te herkennen is",
        "The session: a keyed hash of the session_id, by which a session is known again in a later delivery",
    ),
    "owner_id": OwnColumn(
        TEXT,
        "Data-eigenaar: owner_id van de toestemming waaronder het record valt; leeg waar dat niet vaststaat",
        "Data owner: owner_id of the permission that covers the record; empty where that cannot be told",
    ),
    "permission_document": OwnColumn(
        TEXT,
        "Document van de toestemming waaronder het record valt",
        "Document of the permission that covers the record",
    ),
    "plausibility_warnings": OwnColumn(
        TEXTS,
        "Regels die waarschuwen dat het record onwaarschijnlijk is; een lege lijst: geen",
        "Rules that warn that the record is not plausible; an empty list: none",
    ),
    "evse_key": OwnColumn(
        TEXT,
        "Het laadpunt: EVSE-id in hoofdletters zonder scheidingstekens; zonder EVSE-id de Location en het uid",
        "The charge point: EVSE id in capitals without separators; without EVSE id its Location and uid",
    ),
    "ocpi_version": OwnColumn(TEXT, "OCPI-versie van de levering", "OCPI version of the delivery"),
    "window": OwnColumn(
        DAY,
        "Eerste dag van het venster van 14 dagen (CDR's), of de nacht (Locations)",
        "First day of the 14-day window (CDRs), or the night (Locations)",
    ),
    "page": OwnColumn(PLACE, "Pagina van de levering, vanaf 1", "Page of the delivery, from 1"),
    "position": OwnColumn(PLACE, "Plaats op de pagina, vanaf 0", "Position on the page, from 0"),
    "index": OwnColumn(PLACE, "Plaats van het laadpunt in zijn Location, vanaf 0", "Place in its Location, from 0"),
    "pulled_at": OwnColumn(MOMENT, "Moment waarop de levering is opgehaald", "Moment at which the delivery was pulled"),
    "bucket": OwnColumn(
        TEXT,
        "Wat ervan werd: accepted, rejected of held_back",
        "What became of it: accepted, rejected or held_back",
    ),
    "object": OwnColumn(TEXT, "cdr, location, evse of delivery", "cdr, location, evse or delivery"),
    "id": OwnColumn(TEXT, "Id van het record, zoals de CPO het gaf", "Id of the record, as the CPO gave it"),
    "rule": OwnColumn(TEXT, "Id van de regel", "Id of the rule"),
    "rules": OwnColumn(TEXTS, "Ids van de regels die het record afkeuren", "Ids of the rules that reject the record"),
    "severity": OwnColumn(
        TEXT,
        "error (afkeuring), warning (waarschuwing) of info (ter informatie)",
        "error (rejects), warning (is told) or info (is counted)",
    ),
    "path": OwnColumn(
        TEXT, "Plaats in het record, zoals de CPO het stuurde", "Place in the record, as the CPO sent it"
    ),
    "findings.value": OwnColumn(
        TEXT,
        "Gevonden waarde; van een persoonsgegeven alleen lengte en eerste twee tekens",
        "The value found; of personal data length and first two characters only",
    ),
    "record": OwnColumn(
        TEXT,
        "Het record zoals ontvangen, als JSON; persoonsgegevens, alleen voor de CPO",
        "The record as received, as JSON; personal data, for the CPO alone",
    ),
    "reason": OwnColumn(
        TEXT,
        "Waarom het record niet is opgenomen: no_permission, reservation_only, home_charging en dergelijke",
        "Why the record is held back: no_permission, reservation_only, home_charging and the like",
    ),
}
"""By name; `table.name` where a column of that name means something else in another table."""
