"""The fixed Dutch of a report: names, labels, headings, the list of files and the explanation of words.

Here: texts without a number in them, in plain Dutch (B1, u-form), under the same names as in words_fixed_en.py. Not here:
sentences that count or date something (words_nl.py), and the sentences of the rules.
"""

from __future__ import annotations

from typing import ClassVar

from linda_pipeline.report.words import Noun


class DutchFixed:
    """Labels and lists."""

    code = "nl"
    file = "rapport.html"
    other_code = "en"
    other_file = "report.html"
    other_name = "English"
    other_label = "This report in English"
    portal = "Landelijk dataportaal laadpaalgebruiksgegevens"
    skip = "Naar de inhoud"
    nouns: ClassVar[dict[str, Noun]] = {
        "cdrs": Noun("CDR", "CDR's"),
        "locations": Noun("laadlocatie", "laadlocaties"),
        "evses": Noun("laadpunt", "laadpunten"),
        "cdr": Noun("CDR", "CDR's"),
        "location": Noun("laadlocatie", "laadlocaties"),
        "evse": Noun("laadpunt", "laadpunten"),
        "delivery": Noun("levering", "leveringen"),
    }
    sessions: ClassVar[dict[str, Noun]] = {
        "cdrs": Noun("laadsessie", "laadsessies"),
        "locations": Noun("laadlocatie", "laadlocaties"),
    }
    titles: ClassVar[dict[str, str]] = {
        "cdrs": "Kwaliteitsrapport CDR's",
        "locations": "Kwaliteitsrapport laadlocaties",
    }
    headings: ClassVar[dict[str, str]] = {"cdrs": "CDR's", "locations": "Laadlocaties", "evses": "Laadpunten"}
    buckets: ClassVar[dict[str, str]] = {
        "received": "Aangeleverd",
        "accepted": "Goedgekeurd",
        "rejected": "Afgekeurd",
        "identical": "Identiek",
        "held_back": "Nog niet opgenomen",
    }
    bucket_meanings: ClassVar[dict[str, str]] = {
        "accepted": "opgenomen in het portaal",
        "rejected": "u corrigeert deze",
        "identical": "hadden wij al, telt één keer",
        "held_back": "zie de uitleg hieronder",
    }
    outside_label = "Buiten de periode"
    outside_meaning = "niet meegeteld"
    severities: ClassVar[dict[str, str]] = {"error": "Afkeuring", "warning": "Waarschuwing", "info": "Ter informatie"}
    severity_headings: ClassVar[dict[str, str]] = {
        "error": "Afkeuringen",
        "warning": "Waarschuwingen",
        "info": "Ter informatie",
    }
    severity_meanings: ClassVar[dict[str, str]] = {
        "error": "Een record met een van deze gebreken komt niet in het portaal. Eén record kan meer gebreken hebben.",
        "warning": "Een waarschuwing houdt een record niet tegen. Kijk of u de oorzaak kunt wegnemen.",
        "info": "U hoeft hiervoor niets te doen.",
    }
    documents: ClassVar[dict[str, str]] = {
        "A": "LINDA-toolkit (april 2025), Architectuur",
        "P": "LINDA-toolkit (april 2025), OCPI LINDA Profiel",
        "V": "LINDA-toolkit (april 2025), Aansluitvoorwaarden",
        "O": "OCPI 2.1.1-d2, 2.2.1-d2 en 2.3.0",
        "L": "eigen regel van dit portaal",
    }
    labels: ClassVar[dict[str, str]] = {
        "result": "Uitslag",
        "contents": "Op deze pagina",
        "counts": "Deze aantallen in een tabel",
        "share": "Aandeel",
        "total_row": "Samen",
        "outside_row": "Buiten de periode (niet meegeteld)",
        "not_run": "Niet of deels gecontroleerd",
        "passed": "Regels zonder bevinding",
        "files": "Bestanden bij dit rapport",
        "words": "Uitleg van woorden",
        "delivery": "Levering",
        "profile": "Profielversie",
        "ocpi": "OCPI-versie",
        "rule": "Regel",
        "good": "Zo is het goed",
        "bad": "Zo is het niet goed",
        "field": "Veld",
        "source": "Bron",
        "remedy": "Wat u doet",
        "record": "Id van het record",
        "path": "Pad",
        "found": "Gevonden",
        "place": "Pagina, positie",
        "why": "Reden",
        "findings": "Bevindingen",
        "records": "Records",
        "file": "Bestand",
        "holds": "Wat erin staat",
        "nothing_found": "leeg of afwezig",
        "no_id": "geen id",
        "details": "Bekijk dit gebrek",
        "more_rules": "Overige regels met bevindingen",
        "show": "Bekijk de uitleg",
    }
    held_texts: ClassVar[dict[str, str]] = {
        "no_permission": "Er is nog geen toestemming van de data-eigenaar die deze gegevens dekt. Wij keuren ze daarom "
        "nog niet. Regel de toestemming met de concessiegever of contracthouder en meld haar bij NDW.",
        "reservation_only": "Er is alleen gereserveerd, niet geladen. Dat telt niet als laadsessie. U hoeft niets te doen.",
        "home_charging": "Het gaat om thuisladen. Dat valt buiten LINDA. Lever zulke CDR's liever niet aan.",
        "not_public": "Volgens uw eigen gegevens is de laadlocatie niet openbaar: publish staat op false, "
        "publish_allowed_to is gevuld, of parking_type is ON_DRIVEWAY. Dat valt buiten LINDA. Klopt het "
        "niet? Corrigeer dan de laadlocatie.",
        "scope_unreadable": "Een veld dat zegt of het om openbaar laden gaat, is niet te lezen. Zolang wij dat niet weten, "
        "nemen wij deze gegevens niet op. Bij de bevindingen ziet u welk veld het is.",
    }
    files = (
        (
            "findings.xlsx",
            "Alle bevindingen in een werkmap, een blad per regel (hoogstens 50.000 per blad). Om te openen en te filteren.",
        ),
        (
            "bevindingen.csv",
            "Alle bevindingen in één tabel, in het Nederlands. Opent met een dubbelklik in een Nederlands rekenblad.",
        ),
        (
            "findings.csv",
            "Alle bevindingen voor uw eigen systemen, elke waarde precies zoals wij haar vonden. Niet bedoeld voor een "
            "rekenblad: dat kan een waarde als formule lezen.",
        ),
        (
            "rejected.jsonl.gz",
            "Elk afgekeurd record, onveranderd, met zijn bevindingen. Alleen voor u: hierin staan persoonsgegevens.",
        ),
        ("summary.json", "De tellingen van dit rapport, voor uw eigen systemen."),
    )
    glossary = (
        ("CDR", "Het sessierecord van één afgesloten laadsessie (Charge Detail Record)."),
        ("Laadsessie", "Eén keer laden: van aansluiten tot loskoppelen."),
        ("Laadpunt", "De plek waar één voertuig tegelijk kan laden. In OCPI: EVSE."),
        ("Laadlocatie", "Een of meer laadpunten op één adres. In OCPI: Location."),
        ("Goedgekeurd", "Het record voldoet aan het LINDA-profiel en komt in het portaal."),
        ("Afgekeurd", "Het record heeft ten minste één gebrek en komt niet in het portaal."),
        ("Identiek", "Een kopie van een record dat er al is. Het telt één keer mee."),
        ("Nog niet opgenomen", "Het record wordt niet gekeurd, meestal omdat de toestemming ontbreekt."),
        ("Bevinding", "Eén plek in één record die niet aan een regel voldoet."),
        ("Gebrek", "Een bevinding waardoor het record wordt afgekeurd."),
        ("Waarschuwing", "Een bevinding die een record niet tegenhoudt."),
        (
            "Uiterste datum",
            "De laatste dag waarop u gecorrigeerde records opnieuw kunt aanleveren: vier weken na ophalen.",
        ),
        ("Pad", "De plaats in het record, met de veldnamen van uw OCPI-versie. Lijsten tellen vanaf 0."),
        ("Pagina, positie", "De pagina van uw antwoord (vanaf 1) en de plaats van het record daarin (vanaf 0)."),
    )
