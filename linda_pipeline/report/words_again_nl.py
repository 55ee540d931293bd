"""The Dutch of what comes before and after a delivery: a CPO's own check, and how to deliver corrected records again.

Here: sentences in plain Dutch (B1, u-form), under the same names as in words_again_en.py. What they say about delivering again
follows from how the portal pulls and judges: docs/cpo.md says the same at more length. Not here: the verdict (words_nl.py).
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import ClassVar

from linda_pipeline.ledger.entry import Counts
from linda_pipeline.report.words import Language


class DutchAgain(Language):
    """Checking beforehand and delivering again."""

    self_check = "Eigen controle, vóór levering"
    checked_files = "Gecontroleerde bestanden"
    no_window = "uw eigen bestanden"
    self_check_advice = "Corrigeer deze gegevens in uw bronsysteem voordat u ze levert."
    self_check_fine = "U kunt deze gegevens leveren."
    self_check_note = (
        "Dit is uw eigen controle: er is niets aan het portaal geleverd. De regels zijn dezelfde als die van het portaal. "
        "Regels die eerdere leveringen nodig hebben, staan bij 'Niet of deels gecontroleerd'."
    )
    page_is_file = "In dit rapport is 'pagina' het nummer van het bestand; 'positie' telt vanaf 0 in dat bestand."
    checked_buckets: ClassVar[dict[str, str]] = {
        "received": "Gecontroleerd",
        "accepted": "Goedgekeurd",
        "rejected": "Afgekeurd",
        "identical": "Identiek",
        "held_back": "Telt niet mee",
    }
    checked_meanings: ClassVar[dict[str, str]] = {
        "accepted": "voldoet aan het profiel",
        "rejected": "u corrigeert deze",
        "identical": "kopie van een ander record",
        "held_back": "zie de uitleg hieronder",
    }
    checked_heading = "Telt niet mee"
    not_in_a_check = ("Uiterste datum", "Nog niet opgenomen")
    """Words that a self-check does not use."""

    again_heading = "Zo levert u opnieuw aan"
    changed_heading = "Zo verbetert u een goedgekeurde CDR"

    again_steps_locations = (
        "Corrigeer de laadlocatie of het laadpunt in uw bronsysteem. Laat de id's zoals ze zijn en zet last_updated op het "
        "moment van de correctie.",
        "Meer hoeft u niet te doen: wij halen uw laadlocaties elke nacht opnieuw op. In het volgende rapport ziet u of het is "
        "gelukt.",
    )

    def checked(self, module: str, counts: Counts) -> str:
        """A self-check in one sentence."""
        n, rejected = counts.received, counts.rejected
        noun = self.nouns[module]
        if n == 0:
            return f"In uw bestanden staan geen {noun.many}."
        if rejected == 0:
            if counts.accepted != n:
                return f"Van de {self.number(n)} {noun.many} in uw bestanden zou er geen worden afgekeurd."
            if n == 1:
                return f"{self._the(module)} {noun.one} in uw bestanden zou worden goedgekeurd."
            return f"{self._all(n)} {noun.many} in uw bestanden zouden worden goedgekeurd."
        if rejected == n:
            if n == 1:
                return f"{self._the(module)} {noun.one} in uw bestanden zou worden afgekeurd."
            return f"{self._all(n)} {noun.many} in uw bestanden zouden worden afgekeurd."
        would = "zou er 1" if rejected == 1 else f"zouden er {self.number(rejected)}"
        return f"Van de {self.number(n)} {noun.many} in uw bestanden {would} worden afgekeurd."

    @staticmethod
    def _the(module: str) -> str:
        return "Het" if module == "evses" else "De"

    @abstractmethod
    def _all(self, count: int) -> str:
        """All of a number of records."""

    def left_out_of_check(self, object_name: str, count: int) -> str:
        """How many records of a self-check are not judged."""
        return f"{self.counted(count, object_name)} {'telt' if count == 1 else 'tellen'} niet mee."

    def again_steps(self, last_pull: date) -> tuple[str, ...]:
        """What a CPO does to deliver corrected CDRs again, in order. `last_pull`: our last pull within the term."""
        return (
            "Corrigeer de CDR in uw bronsysteem. Laat het id zoals het is, of vul het in als het ontbrak.",
            "Zet last_updated op het moment van de correctie, in UTC. Dan halen wij de CDR vanzelf weer op: elke twee weken "
            "vragen wij alle CDR's met een last_updated in die twee weken.",
            f"Doe dit op tijd. Op {self.day(last_pull)} halen wij de CDR's op met een last_updated van vóór die dag. Dat is de "
            "laatste keer binnen uw termijn.",
        )

    def again_notes(self, has_credits: bool) -> tuple[str, ...]:
        """What else to know about delivering CDRs again. `has_credits`: the CPO's OCPI version has credit CDRs."""
        return (
            "Kunt u last_updated niet aanpassen? Vraag NDW dan om deze periode nog eens op te halen zodra de CDR's zijn "
            "gecorrigeerd.",
            self.correction(has_credits),
            "Lever niet de oude én de verbeterde CDR met hetzelfde id: dan telt de CDR met de oudste last_updated.",
        )

    def correction(self, has_credits: bool) -> str:
        """How a CDR that was accepted is corrected."""
        correction = (
            "Lever dan een credit-CDR (met een eigen id, credit op true, in credit_reference_id het id van de onjuiste CDR, en "
            "alleen total_cost negatief) en een nieuwe CDR, ook met een eigen id."
            if has_credits
            else "OCPI 2.1.1 kent geen credit-CDR: neem dan contact op met NDW."
        )
        return f"Een CDR die is goedgekeurd, verandert u niet meer. Klopt hij toch niet? {correction}"
