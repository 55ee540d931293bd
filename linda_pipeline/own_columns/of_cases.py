"""Our own columns of re-delivery cases and of what happened to them, as analysts find them.

Here: words and types. Not here: the cases themselves (cases), whose persons and reasons stay in the register.
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import COUNT, DAY, MOMENT, TEXT, OwnColumn

OF_CASES: dict[str, OwnColumn] = {
    "redelivery_case.id": OwnColumn(COUNT, "Nummer van het dossier", "Number of the case"),
    "redelivery_case.object": OwnColumn(TEXT, "cdr, location of evse", "cdr, location or evse"),
    "record_id": OwnColumn(
        TEXT,
        "Id van het record, zoals de CPO het gaf; leeg waar het er geen heeft",
        "Id of the record, as the CPO gave it; empty where it has none",
    ),
    "redelivery_case.records": OwnColumn(
        COUNT,
        "Aantal records: 1, of zonder id het aantal dat de regel overtreedt",
        "Number of records: 1, or without an id as many as break the rule",
        "n",
    ),
    "state": OwnColumn(
        TEXT,
        "Stand: open, overdue (termijn verlopen), objected (bezwaar), corrected (hersteld), withdrawn (vervallen) of upheld "
        "(bezwaar gegrond)",
        "State: open, overdue, objected, corrected, withdrawn or upheld",
    ),
    "redelivery_case.first_seen": OwnColumn(
        MOMENT,
        "Moment waarop de levering is opgehaald die het record voor het eerst bracht",
        "Moment at which the delivery was pulled that brought the record first",
    ),
    "redelivery_case.due_date": OwnColumn(
        DAY,
        "Uiterste datum van de herlevering; leeg voor laadlocaties en laadpunten",
        "Last day for the new delivery; empty for Locations and EVSEs",
    ),
    "closed_on": OwnColumn(DAY, "Dag waarop het dossier is gesloten", "Day on which the case was closed"),
    "closed_by": OwnColumn(
        TEXT,
        "Levering die het dossier sloot, replay (opnieuw beoordeeld) of objection (bezwaar gegrond)",
        "Delivery that closed the case, replay (judged again) or objection (upheld)",
    ),
    "redelivery_case.delivery_id": OwnColumn(TEXT, "Levering die het dossier opende", "Delivery that opened the case"),
    "previous_id": OwnColumn(
        COUNT, "Nummer van het vorige dossier van hetzelfde record", "Number of the record's case before this one"
    ),
    "case_id": OwnColumn(COUNT, "Nummer van het dossier", "Number of the case"),
    "happened_at": OwnColumn(MOMENT, "Moment waarop het gebeurde", "Moment at which it happened"),
    "action": OwnColumn(
        TEXT,
        "Wat er gebeurde: de nieuwe stand, of opened, refused_again, rules_changed, dropped",
        "What happened: the new state, or opened, refused_again, rules_changed, dropped",
    ),
    "case_event.delivery_id": OwnColumn(
        TEXT, "Levering waardoor het gebeurde, waar het er een was", "Delivery by which it happened, where it was one"
    ),
}
