"""The Dutch of what a NAL region or a data owner reads.

Here: sentences in plain Dutch (B1, u-form), under the same names as in words_place_en.py. Not here: numbers and dates.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from linda_pipeline.report.words import Language


class DutchPlace(Language):
    """Places and their readers."""

    place_labels: ClassVar[dict[str, str]] = {
        "title": "Kwaliteit van de gegevens over laadpunten",
        "region": "NAL-regio",
        "owner": "Data-eigenaar",
        "cpo": "CPO",
        "gemeente": "Gemeente",
        "no_owner": "Geen toestemming",
        "unknown": "Plaats niet bekend",
        "defects": "Waarom records zijn afgekeurd",
        "incomplete": "Niet meegeteld, want de levering is niet compleet (dat kan aan het portaal liggen):",
        "files": "Bestanden",
        "aantallen_csv": "deze aantallen, per CPO en gemeente. Opent in een Nederlands rekenblad.",
        "afkeuringen_csv": "afgekeurde records, per CPO en regel. Opent in een Nederlands rekenblad.",
        "figures_csv": "dezelfde aantallen, voor uw eigen systemen.",
        "defects_csv": "dezelfde afkeuringen, voor uw eigen systemen.",
        "no_personal": "In dit rapport staan alleen aantallen: geen records en geen persoonsgegevens.",
    }
    place_intro: ClassVar[dict[str, str]] = {
        "region": "Dit hebben CPO's aangeleverd over de laadpunten in uw gemeenten, en dit is ermee gebeurd.",
        "owner": "Dit hebben CPO's aangeleverd over de laadpunten waarvoor u toestemming gaf, en dit is ermee gebeurd.",
    }

    def place_sentence(self, kind: str, received: int, rejected: int) -> str:
        """The figures of a place in one sentence."""
        noun = self.nouns[kind].for_count(received)
        if rejected == 0:
            return f"Van {self.number(received)} {noun} is er geen afgekeurd."
        verb = "is" if rejected == 1 else "zijn"
        return f"Van {self.number(received)} {noun} {verb} er {self.number(rejected)} afgekeurd."

    def rules_shown(self, shown: int, rules: int) -> str:
        """How many of the rules are listed."""
        if shown == rules:
            return "Een record kan meer gebreken hebben en telt dan bij elk ervan."
        return (
            f"Hieronder staan de {self.number(shown)} meest voorkomende van {self.number(rules)} gebreken. "
            "Een record kan meer gebreken hebben en telt dan bij elk ervan."
        )

    def more_lines(self, count: int) -> str:
        """Opens the rest of a long table."""
        return f"Nog {self.number(count)}"

    def place_windows(self, kind: str, windows: list[date]) -> str:
        """Which deliveries the figures are of."""
        days = " en ".join(self.day(window) for window in windows)
        which = f"de periode vanaf {days}" if kind == "cdrs" else f"de nacht van {days}"
        return f"Wij tellen van elke CPO de nieuwste levering: {which}."
