"""Our own columns of deliveries as a whole, and of the attempts to pull them.

Here: words and types. Not here: how the counts came about (judging), and how attempts are noted (ledger).
"""

from __future__ import annotations

from linda_pipeline.own_columns.own_column import COUNT, DAY, FLAG, MOMENT, NUMBER, TEXT, OwnColumn

OF_DELIVERIES: dict[str, OwnColumn] = {
    "delivery_id": OwnColumn(
        TEXT, "Levering: module, CPO en venster of nacht", "Delivery: module, CPO, and window or night"
    ),
    "module": OwnColumn(TEXT, "cdrs of locations", "cdrs or locations"),
    "window_until": OwnColumn(DAY, "Eerste dag na het venster", "First day after the window"),
    "complete": OwnColumn(
        FLAG, "Of de levering tot het einde is opgehaald", "Whether the delivery was pulled to its end"
    ),
    "profile_version": OwnColumn(TEXT, "Versie van het OCPI LINDA Profiel", "Version of the OCPI LINDA profile"),
    "received": OwnColumn(COUNT, "Ontvangen records", "Records received", "n"),
    "accepted": OwnColumn(COUNT, "Goedgekeurde records", "Records accepted", "n"),
    "rejected": OwnColumn(COUNT, "Afgekeurde records", "Records rejected", "n"),
    "identical": OwnColumn(COUNT, "Records die al ontvangen waren", "Records that were received before", "n"),
    "held_back": OwnColumn(COUNT, "Nog niet opgenomen records", "Records held back", "n"),
    "evses_received": OwnColumn(COUNT, "Ontvangen laadpunten (Locations)", "EVSEs received (Locations)", "n"),
    "evses_accepted": OwnColumn(COUNT, "Goedgekeurde laadpunten (Locations)", "EVSEs accepted (Locations)", "n"),
    "outside_window": OwnColumn(
        COUNT,
        "Geleverde records buiten het venster; zij tellen niet als ontvangen",
        "Records delivered outside the window; they do not count as received",
        "n",
    ),
    "errors": OwnColumn(COUNT, "Bevindingen: afkeuringen", "Findings: errors", "n"),
    "warnings": OwnColumn(COUNT, "Bevindingen: waarschuwingen", "Findings: warnings", "n"),
    "infos": OwnColumn(COUNT, "Bevindingen: ter informatie", "Findings: info", "n"),
    "due_date": OwnColumn(
        DAY,
        "Uiterste datum van de herlevering; leeg zonder afkeuringen",
        "Last day for the new delivery; empty without rejects",
    ),
    "begun_at": OwnColumn(MOMENT, "Moment waarop de poging begon", "Moment at which the attempt began"),
    "outcome": OwnColumn(
        TEXT,
        "Hoe de poging afliep: complete, incomplete, failed, killed of running",
        "How the attempt ended: complete, incomplete, failed, killed or running",
    ),
    "pages": OwnColumn(COUNT, "Opgehaalde pagina's", "Pages pulled", "n"),
    "records": OwnColumn(COUNT, "Opgehaalde records", "Records pulled", "n"),
    "unique_records": OwnColumn(
        COUNT, "Opgehaalde records met verschillende id", "Records pulled with different ids", "n"
    ),
    "total_count": OwnColumn(COUNT, "X-Total-Count van de CPO", "X-Total-Count of the CPO", "n"),
    "bytes": OwnColumn(COUNT, "Omvang van de uitgepakte pagina's", "Size of the decoded pages", "byte"),
    "received_bytes": OwnColumn(COUNT, "Omvang op de lijn", "Size on the wire", "byte"),
    "proof": OwnColumn(
        TEXT,
        "Waaruit blijkt dat alles er is: count of second crawl",
        "What proves that all is there: count or second crawl",
    ),
    "doubt": OwnColumn(TEXT, "Waarom niet zeker is dat alles er is", "Why it is not certain that all is there"),
    "hidden": OwnColumn(
        COUNT, "Records die de server van de CPO niet wil geven", "Records that the CPO's server refuses", "n"
    ),
    "crawls": OwnColumn(COUNT, "Hoe vaak de lijst is doorlopen", "How often the list was gone through", "n"),
    "resumed_pages": OwnColumn(
        COUNT,
        "Pagina's die een eerdere, afgebroken poging al had",
        "Pages that an earlier, killed attempt had brought in",
        "n",
    ),
    "duration_s": OwnColumn(NUMBER, "Duur van de poging", "Duration of the attempt", "s"),
    "sha256": OwnColumn(TEXT, "SHA-256 over de SHA-256 van de pagina's", "SHA-256 over the SHA-256 of the pages"),
    "failure": OwnColumn(TEXT, "Waarom de poging mislukte", "Why the attempt failed"),
}
