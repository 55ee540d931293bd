"""The meaning of every column of linda.duckdb that OCPI does not give: ours, nl and en, with the unit where there is one.

Here: words alone. Not here: the columns of OCPI (ocpi.columns), and which table has which column (tables.py).
"""

from __future__ import annotations

from typing import NamedTuple


class Meaning(NamedTuple):
    """What a column says."""

    nl: str
    en: str
    unit: str | None = None


OWN: dict[str, Meaning] = {
    "cpo": Meaning("CPO (laadpaalexploitant) die leverde", "CPO (charge point operator) that delivered"),
    "user_pseudonym": Meaning(
        "Pseudoniem van de bestuurder: van het contract-id, anders van de laadpas",
        "Pseudonym of the driver: of the contract id, else of the token",
    ),
    "ocpi_version": Meaning("OCPI-versie van de levering", "OCPI version of the delivery"),
    "window": Meaning(
        "Eerste dag van het venster van 14 dagen (CDR's), of de nacht (Locations)",
        "First day of the 14-day window (CDRs), or the night (Locations)",
    ),
    "page": Meaning("Pagina van de levering, vanaf 1", "Page of the delivery, from 1"),
    "position": Meaning("Plaats op de pagina, vanaf 0", "Position on the page, from 0"),
    "pulled_at": Meaning("Moment waarop de levering is opgehaald", "Moment at which the delivery was pulled"),
    "gemeente_code": Meaning("Gemeente (CBS-code)", "Municipality (CBS code)"),
    "wijk_code": Meaning("Wijk (CBS-code)", "District (CBS code)"),
    "buurt_code": Meaning("Buurt (CBS-code)", "Neighbourhood (CBS code)"),
    "stadsdeel": Meaning("Stadsdeel", "City borough"),
    "nal_region": Meaning("NAL-regio", "NAL region"),
    "province": Meaning("Provincie", "Province"),
    "cbs_cell_500m": Meaning("Vierkant van 500 bij 500 m van het CBS", "CBS cell of 500 by 500 m"),
    "area_year": Meaning("Jaar van de gemeentegrenzen", "Year of the municipal borders"),
    "valid_from": Meaning("Eerste nacht waarop het zo was", "First night on which it was so"),
    "valid_to": Meaning(
        "Eerste nacht waarop het niet meer zo was; leeg: nog steeds zo",
        "First night on which it was no longer so; empty: still so",
    ),
    "end_reason": Meaning(
        "Waarom het eindigde: changed (gewijzigd), removed (status REMOVED), vanished (niet meer geleverd), moved "
        "(naar een andere CPO); leeg: nog steeds zo",
        "Why it ended: changed, removed (status REMOVED), vanished (no longer delivered), moved (to another CPO); "
        "empty: still so",
    ),
    "first_seen": Meaning("Eerste nacht waarop deze CPO het leverde", "First night on which this CPO delivered it"),
    "last_seen": Meaning("Laatste nacht waarop deze versie is gezien", "Last night on which this version was seen"),
    "moved_to_cpo": Meaning("CPO waarnaar het laadpunt overging", "CPO to which the EVSE moved"),
    "max_power_kw": Meaning(
        "Hoogste vermogen: max_electric_power, anders spanning maal stroom maal fasen (spanning vanaf 380 V op AC_3_PHASE "
        "gelezen als gekoppelde spanning)",
        "Highest power: max_electric_power, else voltage times current times phases (a voltage from 380 V on AC_3_PHASE is "
        "read as line to line)",
        "kW",
    ),
    "power_class": Meaning(
        "regular (tot 22 kW, afgerond op hele kW), semi_fast, fast (vanaf 50 kW)",
        "regular (up to 22 kW, rounded to whole kW), semi_fast, fast (from 50 kW)",
    ),
    "delivery_id": Meaning("Levering: module, CPO en venster of nacht", "Delivery: module, CPO, and window or night"),
    "module": Meaning("cdrs of locations", "cdrs or locations"),
    "window_until": Meaning("Eerste dag na het venster", "First day after the window"),
    "complete": Meaning("Of de levering tot het einde is opgehaald", "Whether the delivery was pulled to its end"),
    "profile_version": Meaning("Versie van het OCPI LINDA Profiel", "Version of the OCPI LINDA profile"),
    "received": Meaning("Ontvangen records", "Records received", "n"),
    "accepted": Meaning("Goedgekeurde records", "Records accepted", "n"),
    "rejected": Meaning("Afgekeurde records", "Records rejected", "n"),
    "identical": Meaning("Records die al ontvangen waren", "Records that were received before", "n"),
    "held_back": Meaning("Nog niet opgenomen records", "Records held back", "n"),
    "evses_received": Meaning("Ontvangen laadpunten (Locations)", "EVSEs received (Locations)", "n"),
    "evses_accepted": Meaning("Goedgekeurde laadpunten (Locations)", "EVSEs accepted (Locations)", "n"),
    "outside_window": Meaning("Geleverde records buiten het venster", "Records delivered outside the window", "n"),
    "errors": Meaning("Bevindingen: afkeuringen", "Findings: errors", "n"),
    "warnings": Meaning("Bevindingen: waarschuwingen", "Findings: warnings", "n"),
    "infos": Meaning("Bevindingen: ter informatie", "Findings: info", "n"),
    "due_date": Meaning(
        "Uiterste datum van de herlevering; leeg zonder afkeuringen",
        "Last day for the new delivery; empty without rejects",
    ),
    "begun_at": Meaning("Moment waarop de poging begon", "Moment at which the attempt began"),
    "outcome": Meaning(
        "Hoe de poging afliep: complete, incomplete, failed, killed of running",
        "How the attempt ended: complete, incomplete, failed, killed or running",
    ),
    "pages": Meaning("Opgehaalde pagina's", "Pages pulled", "n"),
    "records": Meaning("Opgehaalde records", "Records pulled", "n"),
    "unique_records": Meaning("Opgehaalde records met verschillende id", "Records pulled with different ids", "n"),
    "total_count": Meaning("X-Total-Count van de CPO", "X-Total-Count of the CPO", "n"),
    "bytes": Meaning("Omvang van de uitgepakte pagina's", "Size of the decoded pages", "byte"),
    "received_bytes": Meaning("Omvang op de lijn", "Size on the wire", "byte"),
    "proof": Meaning(
        "Waaruit blijkt dat alles er is: count of second crawl", "What proves that all is there: count or second crawl"
    ),
    "doubt": Meaning("Waarom niet zeker is dat alles er is", "Why it is not certain that all is there"),
    "hidden": Meaning("Records die de server van de CPO niet wil geven", "Records that the CPO's server refuses", "n"),
    "crawls": Meaning("Hoe vaak de lijst is doorlopen", "How often the list was gone through", "n"),
    "resumed_pages": Meaning(
        "Pagina's die een eerdere, afgebroken poging al had",
        "Pages that an earlier, killed attempt had brought in",
        "n",
    ),
    "duration_s": Meaning("Duur van de poging", "Duration of the attempt", "s"),
    "sha256": Meaning("SHA-256 over de SHA-256 van de pagina's", "SHA-256 over the SHA-256 of the pages"),
    "failure": Meaning("Waarom de poging mislukte", "Why the attempt failed"),
    "object": Meaning("cdr, location, evse of delivery", "cdr, location, evse or delivery"),
    "id": Meaning("Id van het record, zoals de CPO het gaf", "Id of the record, as the CPO gave it"),
    "rule": Meaning("Id van de regel", "Id of the rule"),
    "severity": Meaning(
        "error (afkeuring), warning (waarschuwing) of info (ter informatie)",
        "error (rejects), warning (is told) or info (is counted)",
    ),
    "path": Meaning("Plaats in het record, zoals de CPO het stuurde", "Place in the record, as the CPO sent it"),
    "value": Meaning(
        "Waarde; van een persoonsgegeven alleen lengte en eerste twee tekens",
        "Value; of personal data length and first two characters only",
    ),
    "area_level": Meaning(
        "nation, nal_region, province, gemeente, wijk, buurt, stadsdeel of cell_500m",
        "nation, nal_region, province, gemeente, wijk, buurt, stadsdeel or cell_500m",
    ),
    "area_code": Meaning(
        "Code van het gebied; NL is heel Nederland", "Code of the area; NL is the whole of the Netherlands"
    ),
    "area_name": Meaning("Naam van het gebied", "Name of the area"),
    "cpo_name": Meaning("Naam van de CPO", "Name of the CPO"),
    "kpi_id": Meaning("Id van de KPI", "Id of the KPI"),
    "definition_version": Meaning("Versie van de definitie", "Version of the definition"),
    "month": Meaning("Maand in Europe/Amsterdam, als JJJJ-MM", "Month in Europe/Amsterdam, as YYYY-MM"),
    "statistic": Meaning("value, mean, median, p10, p90, p95 of max", "value, mean, median, p10, p90, p95 or max"),
    "dimension": Meaning("Uitsplitsing, zoals power=fast; leeg: geen", "Breakdown, such as power=fast; empty: none"),
    "unit": Meaning(
        "Eenheid; fraction loopt van 0 tot 1 en wordt als % getoond",
        "Unit; fraction runs from 0 to 1 and is shown as %",
    ),
    "sessions": Meaning("Laadsessies waarop het cijfer rust", "Sessions on which the figure rests", "n"),
    "users": Meaning("Gebruikers waarop het cijfer rust", "Users on whom the figure rests", "n"),
    "evses": Meaning("Laadpunten waarop het cijfer rust", "EVSEs on which the figure rests", "n"),
    "coverage": Meaning(
        "Dekking: deel van de verwachte CDR-leveringen van de maand dat binnen is",
        "Share of the month's expected CDR deliveries that are in",
        "fraction",
    ),
    "share_known": Meaning(
        "Deel van de laadsessies waarvan de laadduur bekend is; leeg waar die niet nodig is",
        "Share of the sessions whose charging time is known; empty where it is not needed",
        "fraction",
    ),
    "status": Meaning(
        "provisional (voorlopig) of final (definitief: alles is binnen en er zijn vier weken voorbij)",
        "provisional or final (all of it is in and four weeks have passed)",
    ),
    "as_known_on": Meaning(
        "Amsterdamse datum van de nieuwste levering die is gebruikt", "Amsterdam date of the newest delivery used"
    ),
    "name_nl": Meaning("Naam in het Nederlands", "Name in Dutch"),
    "name_en": Meaning("Naam in het Engels", "Name in English"),
    "formula_nl": Meaning("Definitie in het Nederlands", "Definition in Dutch"),
    "formula_en": Meaning("Definitie in het Engels", "Definition in English"),
    "basis": Meaning(
        "Herkomst van de definitie: field (met bron) of own", "Origin of the definition: field (with source) or own"
    ),
    "sql": Meaning("De hele SELECT, te draaien in linda sql", "The whole SELECT, to be run in linda sql"),
    "demand_nl": Meaning("Wat de regel eist", "What the rule demands (Dutch)"),
    "demand_en": Meaning("Wat de regel eist (Engels)", "What the rule demands"),
    "fix_nl": Meaning("Wat de CPO kan doen", "What the CPO can do (Dutch)"),
    "fix_en": Meaning("Wat de CPO kan doen (Engels)", "What the CPO can do"),
    "source": Meaning("Waar de eis staat", "Where the demand stands"),
    "retired": Meaning("Of de regel niet meer geldt", "Whether the rule no longer holds"),
    "versions": Meaning("OCPI-versies waarvoor de regel geldt", "OCPI versions for which the rule holds"),
    "table_name": Meaning("Tabel", "Table"),
    "column_name": Meaning("Kolom", "Column"),
    "type": Meaning("Type in DuckDB", "Type in DuckDB"),
    "meaning_nl": Meaning("Betekenis in het Nederlands", "Meaning in Dutch"),
    "meaning_en": Meaning("Betekenis in het Engels", "Meaning in English"),
    "own_cpo": Meaning("CPO van de sessie of het laadpunt zelf", "CPO of the session or EVSE itself"),
    "evse_key": Meaning("EVSE-id in hoofdletters zonder scheidingstekens", "EVSE id in capitals without separators"),
    "energy_kwh": Meaning("Geladen energie", "Energy charged", "kWh"),
    "connection_us": Meaning("Aansluitduur", "Connection time", "µs"),
    "charging_us": Meaning("Laadduur; leeg: onbekend", "Charging time; empty: unknown", "µs"),
    "overlap_us": Meaning("Deel van de sessie in de maand", "Part of the session in the month", "µs"),
    "in_service_us": Meaning("Tijd in dienst in de maand", "Time in service in the month", "µs"),
    "in_service_from": Meaning("In dienst vanaf", "In service from"),
    "in_service_until": Meaning("In dienst tot", "In service until"),
    "is_current": Meaning("Of het laadpunt er nog is", "Whether the EVSE is still there"),
    "day": Meaning("Dag waarop is geteld", "Day of the count"),
}
