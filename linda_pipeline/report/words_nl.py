"""Every Dutch sentence of the report, in plain Dutch (B1, u-form).

Here: sentences, numbers and dates. Not here: the sentences of the rules; each stands with its rule.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from linda_pipeline.calendar import AMSTERDAM, local_date
from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Noun, grouped
from linda_pipeline.report.words_past_nl import DutchPast

MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


class Dutch(DutchPast):
    """The report's Dutch."""

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
    severities: ClassVar[dict[str, str]] = {"error": "Afkeuring", "warning": "Waarschuwing", "info": "Ter informatie"}
    severity_headings: ClassVar[dict[str, str]] = {
        "error": "Afkeuringen",
        "warning": "Waarschuwingen",
        "info": "Ter informatie",
    }
    severity_meanings: ClassVar[dict[str, str]] = {
        "error": "Door deze gebreken zijn gegevens niet opgenomen. Corrigeer ze in uw bronsysteem.",
        "warning": "Deze gegevens zijn wel opgenomen, tenzij ze ook een afkeuring hebben. "
        "Kijk of u de oorzaak kunt wegnemen.",
        "info": "Deze gegevens zijn wel opgenomen, tenzij ze ook een afkeuring hebben. U hoeft hiervoor niets te doen.",
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
        "counts": "Tellingen",
        "share": "Aandeel",
        "total_row": "Samen (aangeleverd)",
        "held": "Nog niet opgenomen",
        "not_run": "Niet gecontroleerd",
        "passed": "Regels zonder bevinding",
        "files": "Alle bevindingen en records",
        "words": "Uitleg van woorden",
        "delivery": "Levering",
        "profile": "Profielversie",
        "ocpi": "OCPI-versie",
        "rule": "Regel",
        "good": "Zo is het goed",
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
        "nothing_found": "leeg",
        "no_id": "geen id",
        "details": "Bekijk dit gebrek",
        "more_rules": "Overige regels met bevindingen",
    }
    held_texts: ClassVar[dict[str, str]] = {
        "no_permission": "Er is nog geen toestemming van de data-eigenaar die deze gegevens dekt. Wij keuren ze daarom "
        "nog niet. Regel de toestemming met de concessiegever of contracthouder en meld haar bij NDW.",
        "reservation_only": "Dit is alleen een reservering: er is niet geladen. Zo'n CDR telt niet als laadsessie. "
        "U hoeft niets te doen.",
        "home_charging": "Dit is thuisladen en valt buiten LINDA. Lever deze CDR's liever niet aan.",
        "not_public": "Deze locatie is niet openbaar: publish is false, publish_allowed_to noemt wie haar mag zien, of zij "
        "staat op een oprit. LINDA bevat alleen openbare laadpunten. U hoeft niets te doen.",
        "scope_unreadable": "Een veld dat zegt of dit openbaar laden is, is niet te lezen. Daarom nemen wij het niet op. De "
        "bevindingen noemen het veld. Herstel het en lever het record opnieuw aan.",
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
            "Elk afgekeurd record precies zoals wij het ontvingen, met de bevindingen erbij. Alleen voor u: "
            "hierin staan persoonsgegevens.",
        ),
        ("summary.json", "De tellingen van dit rapport voor uw eigen systemen."),
    )
    glossary = (
        ("CDR", "Het sessierecord van één afgesloten laadsessie (Charge Detail Record)."),
        ("Laadsessie", "Eén keer laden: van aansluiten tot loskoppelen."),
        ("Laadpunt", "De plek waar één voertuig tegelijk kan laden. In OCPI: EVSE."),
        ("Laadlocatie", "Een of meer laadpunten op één adres. In OCPI: Location."),
        ("Goedgekeurd", "Het record voldoet aan het LINDA-profiel en is opgenomen in het portaal."),
        ("Afgekeurd", "Het record heeft ten minste één gebrek en is niet opgenomen."),
        ("Identiek", "Een kopie van een record dat wij al hebben. Het telt één keer mee."),
        ("Nog niet opgenomen", "Het record wordt niet gekeurd, meestal omdat de toestemming ontbreekt."),
        ("Bevinding", "Eén plek in één record die niet aan een regel voldoet."),
        ("Gebrek", "Een bevinding waardoor het record is afgekeurd."),
        ("Waarschuwing", "Een bevinding waarbij het record wel is opgenomen."),
        (
            "Uiterste datum",
            "De laatste dag waarop u gecorrigeerde records opnieuw kunt aanleveren: vier weken na ophalen.",
        ),
        ("Pad", "De plaats in het record, met de veldnamen van uw OCPI-versie. Lijsten tellen vanaf 0."),
        ("Pagina, positie", "De pagina van uw antwoord (vanaf 1) en de plaats van het record daarin (vanaf 0)."),
    )

    def number(self, value: float, decimals: int = 0) -> str:
        """12.345,6."""
        return grouped(value, decimals, ".", ",")

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in per cent; what is there is never shown as 0, and what lacks never as 100."""
        if whole == 0:
            return "–"
        percent = 100 * part / whole
        if 0 < percent < 0.1:
            return "< 0,1%"
        if 99.9 < percent < 100:
            return "> 99,9%"
        return f"{self.number(percent, 0 if percent in (0, 100) else 1)}%"

    def day(self, value: date, year: bool = True) -> str:
        """9 november 2026."""
        return f"{value.day} {MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")

    def period(self, module: str, first: date, last: date) -> str:
        """The window or night that a delivery is about, in words."""
        if module == "locations":
            return f"nacht van {self.day(first)}"
        same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
        begin = str(first.day) if same_month else self.day(first, year=not same_year)
        return f"periode {begin} t/m {self.day(last)}"

    def pulled(self, moment: datetime) -> str:
        """When we fetched the delivery."""
        local = moment.astimezone(AMSTERDAM)
        return f"opgehaald op {self.day(local.date())} om {local:%H.%M} uur (Nederlandse tijd)"

    def counted(self, count: int, object_name: str) -> str:
        """A number with its noun: 2 CDR's."""
        return f"{self.number(count)} {self.nouns[object_name].for_count(count)}"

    def verdict(self, module: str, counts: Counts, pulled_at: datetime) -> str:
        """The delivery in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun, session = self.nouns[module], self.sessions[module]
        when = f"op {self.day(local_date(pulled_at))}"
        if n == 0:
            return f"U leverde {'in deze periode' if module == 'cdrs' else 'deze nacht'} geen {noun.many} aan."
        if rejected == 0:
            if n == 1:
                return f"De {noun.one} die u aanleverde, is {'goedgekeurd' if counts.accepted else 'niet afgekeurd'}."
            if counts.accepted == n:
                return f"Alle {self.number(n)} {noun.many} zijn goedgekeurd."
            return f"Van de {self.number(n)} {noun.many} die u {when} aanleverde, is er geen afgekeurd."
        if n == 1:
            return f"De {session.one} die u {when} aanleverde, is afgekeurd."
        if rejected == n:
            return f"Alle {self.number(n)} {session.many} die u {when} aanleverde, zijn afgekeurd."
        verb = "is" if rejected == 1 else "zijn"
        return f"Van de {self.number(n)} {session.many} die u {when} aanleverde, {verb} er {self.number(rejected)} afgekeurd."

    def verdict_evses(self, counts: Counts) -> str:
        """What became of the EVSEs of a delivery of Locations."""
        n, rejected = counts.received, counts.rejected
        if n == 0:
            return "Er stonden geen laadpunten in."
        if rejected == 0:
            if counts.accepted == n:
                return (
                    "Ook het laadpunt is goedgekeurd."
                    if n == 1
                    else f"Ook alle {self.number(n)} laadpunten zijn goedgekeurd."
                )
            return "Er zijn geen laadpunten afgekeurd."
        if rejected == n:
            return "Het laadpunt is afgekeurd." if n == 1 else f"Alle {self.number(n)} laadpunten zijn afgekeurd."
        verb = "is" if rejected == 1 else "zijn"
        return f"Van de {self.number(n)} laadpunten {verb} er {self.number(rejected)} afgekeurd."

    nothing_to_do = "U hoeft niets te doen."
    only_warnings = "Er zijn wel waarschuwingen. Lees hieronder wat u kunt verbeteren."
    only_held = "Lees hieronder waarom wij nog niet alles opnemen."
    empty_advice: ClassVar[dict[str, str]] = {
        "cdrs": "Waren er geen laadsessies? Dan hoeft u niets te doen. Waren ze er wel? Controleer dan of uw OCPI-koppeling "
        "CDR's teruggeeft op de datum in last_updated.",
        "locations": "Controleer of uw OCPI-koppeling laadlocaties teruggeeft zonder datumfilter.",
    }
    nothing_fetched = "Wij konden uw levering niet ophalen."
    incomplete_title = "Deze levering is niet compleet"
    incomplete = (
        "Wij konden niet alles ophalen. Dat kan aan ons liggen of aan uw koppeling; het telt niet mee in uw score. "
        "Wij proberen het opnieuw. De aantallen in dit rapport gaan alleen over wat wij wel ontvingen."
    )
    delivery_wide = "Dit gebrek gaat over de levering als geheel."
    no_counts = "Er is niets ontvangen, dus er is niets te tellen."
    portable = "Dit rapport opent zonder internet. De andere bestanden staan in dezelfde map."
    rejected_whole = (
        "Van een afgekeurde laadlocatie zijn ook alle laadpunten afgekeurd. Een laadpunt met een gebrek houdt de "
        "andere laadpunten van zijn locatie niet tegen."
    )
    value_masked = "Persoonsgegevens zijn hier afgeschermd. De volledige waarde staat alleen in rejected.jsonl.gz."

    def due(self, module: str, counts: Counts, due_date: date) -> str:
        """What must be done, and by when."""
        day = self.day(due_date)
        if module == "locations":
            correct = f"Corrigeer deze gegevens uiterlijk {day} in uw bronsysteem."
            return f"{correct} Wij halen uw laadlocaties elke nacht opnieuw op."
        if counts.rejected == 1:
            return f"Corrigeer deze CDR in uw bronsysteem en lever deze uiterlijk {day} opnieuw aan."
        return f"Corrigeer deze CDR's in uw bronsysteem en lever ze uiterlijk {day} opnieuw aan."

    def bar_title(self, module: str, count: int) -> str:
        """The title of the picture of buckets."""
        return f"Verdeling van {self.counted(count, module)}"

    def costly_heading(self, count: int) -> str:
        """Above the defects that cost most."""
        return {1: "Het gebrek dat u herstelt", 2: "De twee gebreken die het meest kosten"}.get(
            count, "De drie gebreken die het meest kosten"
        )

    def costs(self, records: int, alone: int, object_name: str) -> str:
        """What one defect costs."""
        text = f"{self.counted(records, object_name)} afgekeurd"
        if alone == 0:
            return text + ", altijd samen met een ander gebrek"
        return text + (", alleen hierom" if alone == records else f", waarvan {self.number(alone)} alleen hierom")

    def of_received(self, records: int, received: int, object_name: str) -> str:
        """How many of the received records a rule is about."""
        return f"{self.counted(records, object_name)} ({self.share(records, received)} van {self.number(received)})"

    def findings(self, count: int) -> str:
        """A number of findings."""
        return f"{self.number(count)} {'bevinding' if count == 1 else 'bevindingen'}"

    def examples(self, shown: int, findings: int) -> str:
        """How many of the findings are shown."""
        return f"Voorbeelden: getoond {self.number(shown)} van {self.number(findings)}"

    def left_out(self, shown: int, rules: int) -> str:
        """Which rules have no section of their own."""
        return (
            f"Hierboven staan {self.number(shown)} van de {self.number(rules)} regels met bevindingen. "
            "De voorbeelden van de andere regels staan in findings.csv."
        )

    def passed(self, count: int) -> str:
        """How many rules found nothing."""
        if count == 1:
            return "Bij 1 andere regel vonden wij niets."
        return f"Bij {self.number(count)} regels vonden wij niets."

    passed_list = "Bekijk deze regels"
    not_run_intro = "Deze regels konden wij niet controleren. Ze tellen niet mee in het oordeel."

    def outside(self, module: str, count: int) -> str:
        """How many records fell outside the window."""
        verb, counts = ("valt", "telt") if count == 1 else ("vallen", "tellen")
        received = f"Daarnaast ontvingen wij {self.counted(count, module)} die buiten deze periode {verb}."
        return f"{received} Die {counts} hier niet mee."

    def held(self, object_name: str, reason: str, count: int) -> str:
        """How many records were held back for a reason, and what that means."""
        verb = "is" if count == 1 else "zijn"
        return f"{self.counted(count, object_name)} {verb} nog niet opgenomen. {self.held_texts.get(reason, reason)}"
