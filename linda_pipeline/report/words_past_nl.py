"""The Dutch of a report on what came before, on the other CPOs, on a self-check, on the rules and on places.

Here: sentences in plain Dutch (B1, u-form), under the same names as in words_past_en.py. Not here: numbers and dates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from typing import ClassVar

from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Noun


class DutchPast(ABC):
    """What Dutch says beside the words of words_nl.py; it counts and dates as that does."""

    nouns: ClassVar[dict[str, Noun]]
    past_labels: ClassVar[dict[str, str]] = {
        "trend": "Uw laatste leveringen",
        "since": "Vergeleken met uw vorige levering",
        "others": "Vergeleken met andere CPO's",
        "rejected_share": "Aandeel afgekeurd",
        "all_counts": "Hetzelfde in getallen",
        "window": "Levering",
        "judged": "Aangeleverd",
        "rejected": "Afgekeurd",
        "solved": "Opgelost",
        "still_there": "Nog aanwezig",
        "new": "Nieuw",
        "absent": "Niet opnieuw aangeleverd",
        "held_back": "Nu nog niet opgenomen",
        "before": "Vorige keer",
        "now": "Nu",
        "explained": "Alle regels uitgelegd",
        "explanation": "Over deze regel",
        "bad": "Zo is het niet goed",
        "checked_files": "Bestanden",
        "self_check": "Eigen controle, vóór levering",
        "number": "Nr.",
        "incomplete": "niet compleet",
    }
    since_meanings: ClassVar[dict[str, str]] = {
        "solved": "toen afgekeurd, nu goedgekeurd",
        "still_there": "toen afgekeurd, nu weer afgekeurd",
        "absent": "toen afgekeurd, niet in deze levering",
        "held_back": "toen afgekeurd, nu nog niet opgenomen",
        "new": "nu afgekeurd, toen niet",
    }
    trend_note = (
        "Een kolom is het deel van de ontvangen records dat is afgekeurd. "
        "Een levering die niet compleet is, telt niet mee."
    )
    explained_intro = "Alle regels waaraan wij deze levering toetsten, of hadden kunnen toetsen."
    no_window = "uw eigen bestanden"
    self_check_advice = "Corrigeer deze gegevens in uw bronsysteem voordat u ze aanlevert."
    self_check_fine = "U kunt deze gegevens aanleveren."
    self_check_note = (
        "Dit is een eigen controle: er is niets aan het portaal geleverd. Het oordeel is dat van het portaal. "
        "Wat de geschiedenis van het portaal nodig heeft, staat bij 'Niet gecontroleerd'."
    )
    page_is_file = "In dit rapport is 'pagina' het nummer van het bestand; 'positie' telt vanaf 0 in dat bestand."

    place_labels: ClassVar[dict[str, str]] = {
        "title": "Kwaliteit van de gegevens over laadpunten",
        "region": "NAL-regio",
        "owner": "Data-eigenaar",
        "cpo": "CPO",
        "gemeente": "Gemeente",
        "no_owner": "Geen toestemming",
        "unknown": "Plaats niet bekend",
        "defects": "Waarom records zijn afgekeurd",
        "incomplete": "Niet meegeteld, want de levering is niet compleet; dat kan aan het portaal liggen:",
        "aantallen_csv": "deze aantallen, per CPO en gemeente. Opent in een Nederlands rekenblad.",
        "afkeuringen_csv": "afgekeurde records, per CPO en regel. Opent in een Nederlands rekenblad.",
        "figures_csv": "dezelfde aantallen voor uw eigen systemen.",
        "defects_csv": "dezelfde afkeuringen voor uw eigen systemen.",
        "no_personal": "In dit rapport staan alleen aantallen: geen records en geen persoonsgegevens.",
    }
    place_intro: ClassVar[dict[str, str]] = {
        "region": "Wat CPO's aanleverden over de laadpunten in uw gemeenten, en wat ermee gebeurde.",
        "owner": "Wat CPO's aanleverden over de laadpunten waarvoor u toestemming gaf, en wat ermee gebeurde.",
    }

    @abstractmethod
    def number(self, value: float, decimals: int = 0) -> str:
        """A number as the language writes it."""

    @abstractmethod
    def day(self, value: date, year: bool = True) -> str:
        """A date as the language writes it."""

    def short_day(self, value: date) -> str:
        """9 nov, for beneath a column."""
        month = self.day(value).split(" ")[1]
        return f"{value.day} {'mrt' if month == 'maart' else month[:3]}"

    def trend_text(self, shares: list[tuple[date, str]]) -> str:
        """The picture of the last deliveries, in words."""
        return "Aandeel afgekeurd: " + "; ".join(f"{self.day(day)} {share}" for day, share in shares) + "."

    def since(self, window: date) -> str:
        """Which delivery this one is compared with."""
        return f"Vergeleken met de levering van {self.day(window)}, geteld per record."

    def others(self, own: float, median: float, cpos: int) -> str:
        """This CPO beside the median of the others."""
        mine, theirs = round(100 * own), round(100 * median)
        if mine == theirs:
            place = "Dat is evenveel als bij de anderen."
        else:
            place = "U doet het beter dan de helft van hen." if mine > theirs else "De helft van hen doet het beter."
        return (
            f"Van uw records is {mine}% goedgekeurd. De mediaan van {self.number(cpos)} andere CPO's, in hun nieuwste "
            f"complete levering van een eerdere periode, is {theirs}%. {place} Wij zeggen niet welke CPO's dit zijn."
        )

    def checked(self, module: str, counts: Counts) -> str:
        """A self-check in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun = self.nouns[module]
        if n == 0:
            return f"In uw bestanden staan geen {noun.many}."
        if rejected == 0:
            if counts.accepted != n:
                return f"Van de {self.number(n)} {noun.for_count(n)} in uw bestanden zou er geen worden afgekeurd."
            return f"Alle {self.number(n)} {noun.many} in uw bestanden zouden worden goedgekeurd."
        if rejected == n:
            return f"Alle {self.number(n)} {noun.many} in uw bestanden zouden worden afgekeurd."
        would = "zou er 1" if rejected == 1 else f"zouden er {self.number(rejected)}"
        return f"Van de {self.number(n)} {noun.many} in uw bestanden {would} worden afgekeurd."

    def before(self, count: int) -> str:
        """How many findings of a rule the previous delivery had."""
        return f"vorige levering: {self.number(count)}"

    def place_sentence(self, kind: str, received: int, rejected: int) -> str:
        """The figures of a place in one sentence."""
        verb = "is" if rejected == 1 else "zijn"
        noun = self.nouns[kind].for_count(received)
        return f"Van {self.number(received)} {noun} {verb} er {self.number(rejected)} afgekeurd."

    def rules_shown(self, shown: int, rules: int) -> str:
        """How many of the rules are listed."""
        return f"Regels: getoond {self.number(shown)} van {self.number(rules)}"

    def place_windows(self, windows: list[date]) -> str:
        """Which deliveries the figures are of."""
        return f"Nieuwste levering van elke CPO ({' en '.join(self.day(one) for one in windows)})."
