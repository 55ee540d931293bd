"""The Dutch of the report, in plain Dutch (B1, u-form): numbers, dates, the verdict, and what a rule found.

Here: what counts or dates something in this delivery. Not here: labels and lists (words_fixed_nl.py), other subjects
(words_again_nl.py, words_past_nl.py, words_place_nl.py), and the sentences of the rules; each stands with its rule.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from linda_pipeline.calendar import AMSTERDAM, local_date
from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import grouped
from linda_pipeline.report.words_again_nl import DutchAgain
from linda_pipeline.report.words_fixed_nl import DutchFixed
from linda_pipeline.report.words_past_nl import DutchPast
from linda_pipeline.report.words_place_nl import DutchPlace

MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


class Dutch(DutchFixed, DutchAgain, DutchPast, DutchPlace):
    """The report's Dutch."""

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

    def _all(self, count: int) -> str:
        return "Beide" if count == 2 else f"Alle {self.number(count)}"

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
                return f"{self._all(n)} {noun.many} zijn goedgekeurd."
            return f"Van de {self.number(n)} {noun.many} die u {when} aanleverde, is er geen afgekeurd."
        if n == 1:
            return f"De {session.one} die u {when} aanleverde, is afgekeurd."
        if rejected == n:
            return f"{self._all(n)} {session.many} die u {when} aanleverde, zijn afgekeurd."
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
                    else f"Ook {self._all(n).lower()} laadpunten zijn goedgekeurd."
                )
            return "Er zijn geen laadpunten afgekeurd."
        if rejected == n:
            return "Het laadpunt is afgekeurd." if n == 1 else f"{self._all(n)} laadpunten zijn afgekeurd."
        verb = "is" if rejected == 1 else "zijn"
        return f"Van de {self.number(n)} laadpunten {verb} er {self.number(rejected)} afgekeurd."

    nothing_to_do = "U hoeft niets te doen."
    only_warnings = "Er zijn wel waarschuwingen. Lees hieronder wat u kunt verbeteren."
    only_held = "Lees hieronder waarom wij nog niet alles opnemen."
    only_changed = (
        "U hoeft niets opnieuw aan te leveren: wat eerder is goedgekeurd, blijft zoals het was. Lees hieronder hoe u een "
        "goedgekeurde CDR verbetert."
    )
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
    delivery_wide = "Dit gaat over de levering als geheel."
    portable = "Dit rapport opent zonder internet. De bestanden staan in dezelfde map."
    rejected_whole = (
        "Is een laadlocatie afgekeurd, dan zijn ook al haar laadpunten afgekeurd. Een laadpunt met een gebrek houdt de andere "
        "laadpunten van de laadlocatie niet tegen."
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

    def frequent_heading(self, count: int) -> str:
        """Above the most frequent defects."""
        return {1: "Dit moet u herstellen", 2: "De twee gebreken die het vaakst voorkomen"}.get(
            count, "De drie gebreken die het vaakst voorkomen"
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
        return f"Voorbeelden: {self.number(shown)} van {self.number(findings)} getoond"

    def files_shown(self, shown: int, files: int) -> str:
        """Opens the list of files of a self-check."""
        noun = "bestand" if files == 1 else "bestanden"
        return f"{self.number(files)} {noun}" + (f", de eerste {self.number(shown)}" if shown < files else "")

    def share_of_defect(self, records: int, object_name: str) -> str:
        """How many records a rule is about, in short."""
        return "hele levering" if object_name == "delivery" else self.counted(records, object_name)

    def show_rules(self, count: int) -> str:
        """Opens a list of rules."""
        return "Bekijk deze regel" if count == 1 else f"Bekijk deze {self.number(count)} regels"

    def more_defects(self, count: int) -> str:
        """Opens the defects after the first."""
        return "Nog 1 gebrek" if count == 1 else f"Nog {self.number(count)} gebreken"

    def left_out(self, rules: int) -> str:
        """Which rules have no section of their own."""
        which = "1 regel" if rules == 1 else f"{self.number(rules)} regels"
        return f"Van nog {which} met bevindingen staan hier alleen de aantallen. De bevindingen staan in findings.xlsx."

    def passed(self, count: int) -> str:
        """How many rules found nothing."""
        return "Bij 1 regel vonden wij niets." if count == 1 else f"Bij {self.number(count)} regels vonden wij niets."

    not_run_intro = (
        "Deze regels konden wij niet controleren, of niet bij alle records. Wat niet is gecontroleerd, telt niet mee in het "
        "oordeel."
    )

    def checked_on(self, checked: int, records: int, object_name: str) -> str:
        """On how many of the records a rule could be checked."""
        noun = self.nouns[object_name].for_count(records)
        return f"gecontroleerd bij {self.number(checked)} van {self.number(records)} {noun}"

    def outside(self, module: str, version: str, count: int) -> str:
        """How many records fell outside the window, why they came, and that they do not count."""
        verb, they = ("valt", "Die hoort") if count == 1 else ("vallen", "Die horen")
        came = (
            "In OCPI 2.1.1 staat niet of de grenzen van een periode meetellen. Daarom vragen wij aan elke kant een dag extra."
            if version == "2.1.1"
            else "Uw server stuurde meer dan wij vroegen."
        )
        return (
            f"Wij ontvingen ook {self.counted(count, module)} met een last_updated die buiten deze periode {verb}. {came} "
            f"{they} bij een andere levering en {'telt' if count == 1 else 'tellen'} hier niet mee."
        )

    def held(self, object_name: str, reason: str, count: int, is_check: bool = False) -> str:
        """How many records were held back for a reason, and what that means."""
        not_in = f"{self.counted(count, object_name)} {'is' if count == 1 else 'zijn'} nog niet opgenomen."
        lead = self.left_out_of_check(object_name, count) if is_check else not_in
        return f"{lead} {self.held_texts.get(reason, reason)}"
