"""Our own columns of reports of wrong places, as analysts find them.

Here: words and types. Not here: the reports themselves (location_desk), whose reporters and texts stay in the register.
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import COUNT, DAY, FLAG, MOMENT, NUMBER, TEXT, OwnColumn

_DEGREES = "°"
OF_LOCATION_REPORTS: dict[str, OwnColumn] = {
    "location_report.id": OwnColumn(COUNT, "Nummer van de melding", "Number of the report"),
    "location_report.location_id": OwnColumn(TEXT, "Id van de laadlocatie", "Id of the Location"),
    "location_report.evse_id": OwnColumn(TEXT, "Laadpunt dat de melder noemde", "Charge point that the reporter named"),
    "reporter_role": OwnColumn(
        TEXT,
        "Rol van de melder: municipality, province, region, cpo, owner, driver, ndw of other",
        "Role of the reporter: municipality, province, region, cpo, owner, driver, ndw or other",
    ),
    "found_latitude": OwnColumn(
        NUMBER, "Breedtegraad zoals geleverd bij de melding", "Latitude as delivered when it was reported", _DEGREES
    ),
    "found_longitude": OwnColumn(
        NUMBER, "Lengtegraad zoals geleverd bij de melding", "Longitude as delivered when it was reported", _DEGREES
    ),
    "found_address": OwnColumn(
        TEXT, "Adres zoals geleverd bij de melding", "Address as delivered when it was reported"
    ),
    "proposed_latitude": OwnColumn(NUMBER, "Breedtegraad volgens de melding", "Latitude that it should be", _DEGREES),
    "proposed_longitude": OwnColumn(NUMBER, "Lengtegraad volgens de melding", "Longitude that it should be", _DEGREES),
    "proposed_address": OwnColumn(TEXT, "Adres volgens de melding", "Address that it should be"),
    "location_report.state": OwnColumn(
        TEXT,
        "Stand: reported (gemeld), verified (nagegaan, de CPO is aan zet), overdue (termijn verlopen), solved (opgelost) of "
        "refused (afgewezen)",
        "State: reported, verified (the CPO is to mend it), overdue, solved or refused",
    ),
    "reported_at": OwnColumn(MOMENT, "Moment van de melding", "Moment at which it was reported"),
    "verified_at": OwnColumn(MOMENT, "Moment waarop NDW de melding juist vond", "Moment at which NDW found it right"),
    "location_report.due_date": OwnColumn(
        DAY, "Laatste van de vijf werkdagen na het nagaan", "Last of the five working days after that"
    ),
    "ended_at": OwnColumn(MOMENT, "Moment van oplossen of afwijzen", "Moment at which it was solved or refused"),
    "location_report.closed_by": OwnColumn(
        TEXT, "Levering waarin de plek klopte", "Delivery in which the place was right"
    ),
    "was_overdue": OwnColumn(
        FLAG, "Of de termijn verliep voordat de plek klopte", "Whether the term passed before the place was right"
    ),
}
