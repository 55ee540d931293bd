"""What mails say beside the words of the report, in plain Dutch (B1, u-form) and in English.

Here: subjects, greetings, and the sentences that only a mail needs. Not here: the verdict, the rules and the way to deliver
again: those are the report's own, so that mail and report never say two things.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date

from linda_pipeline.report.explained import Words
from linda_pipeline.report.words_en import English
from linda_pipeline.report.words_nl import Dutch


class MailWords(ABC):
    """The sentences of mails in one language; `report` has those of the report."""

    code: str
    report: Words
    portal: str
    closing: str
    automatic: str
    trial_subject: str
    trial: str
    forward_heading: str
    forward_intro: str
    defects_heading: str
    place_labels: Mapping[str, str]
    place_heading: str
    place_steps: tuple[str, ...]

    @abstractmethod
    def greeting(self, name: str) -> str:
        """The first line."""

    @abstractmethod
    def subject(self, module: str, received: int, rejected: int, accepted: int, is_complete: bool, period: str) -> str:
        """What a delivery's letter is about, with the figure that counts first."""

    @abstractmethod
    def report_at(self, place: str, is_address: bool) -> str:
        """Where the whole report is."""

    @abstractmethod
    def region_subject(self, region: str, rejected: int, what: str) -> str:
        """What a region's letter is about."""

    @abstractmethod
    def rejected_of(self, what: str) -> str:
        """The label of two numbers: rejected, of so many."""

    @abstractmethod
    def region_intro(self, cpo: str, period: str) -> str:
        """Why a region gets this letter."""

    @abstractmethod
    def for_owner(self, owner: str, cpo: str, rejected: int, received: int, what: str, due: date | None) -> str:
        """A text that a region can send on to a data owner."""

    @abstractmethod
    def place_subject(self, location_id: str, due: date) -> str:
        """What a letter on a wrong place is about."""

    @abstractmethod
    def place_news(self, location_id: str) -> str:
        """That a place is wrong."""

    @abstractmethod
    def place_due(self, due: date) -> str:
        """By when it is to be right, and how that is seen."""


class DutchMail(MailWords):
    """Dutch."""

    code, report = "nl", Dutch()
    portal = "LINDA, het landelijke portaal voor gebruiksgegevens van publieke laadpunten"
    closing = "Met vriendelijke groet,"
    automatic = "Deze mail is automatisch verstuurd. Vragen? Neem contact op met het dataportaal van NDW."
    trial_subject = "LINDA: deze mail is een test"
    trial = "Dit is een testmail van het portaal. Komt hij aan, dan werkt de mail. U hoeft niets te doen."
    forward_heading = "Om door te sturen aan de eigenaar"
    forward_intro = (
        "Elke tekst hieronder kunt u zo doorsturen aan de concessieverlener of contracthouder die hij noemt."
    )
    defects_heading = "Waarom er is afgekeurd"
    place_labels: Mapping[str, str] = {"location": "Laadlocatie", "found": "U levert", "proposed": "Het moet zijn"}
    place_heading = "Wat u doet"
    place_steps = (
        "Zet de laadlocatie in uw bronsysteem op de juiste plek. Laat de id's zoals ze zijn en zet last_updated op het moment "
        "van de correctie.",
        "Meer hoeft u niet te doen: wij halen uw laadlocaties elke nacht op. Ligt de plek binnen 10 meter van de juiste, dan "
        "is de melding opgelost.",
        "Klopt de melding niet? Laat het NDW weten, met het verkeersbesluit of de vergunning erbij.",
    )

    def greeting(self, name: str) -> str:
        """Beste Data desk,"""
        return f"Beste {name}," if name else "Beste lezer,"

    def subject(self, module: str, received: int, rejected: int, accepted: int, is_complete: bool, period: str) -> str:
        """LINDA: 12 van 1.024 CDR's afgekeurd (periode 9 t/m 22 november 2026)."""
        words = self.report
        noun = words.nouns[module].for_count(received)
        if not is_complete:
            return f"LINDA: uw levering is niet compleet ({period})"
        if not received:
            return f"LINDA: geen {words.nouns[module].many} ontvangen ({period})"
        if rejected:
            return f"LINDA: {words.number(rejected)} van {words.number(received)} {noun} afgekeurd ({period})"
        if accepted == received:
            return f"LINDA: {words.number(received)} {noun} goedgekeurd ({period})"
        return f"LINDA: geen {words.nouns[module].many} afgekeurd ({period})"

    def report_at(self, place: str, is_address: bool) -> str:
        """Where the whole report is."""
        if is_address:
            return f"Het hele rapport, met elk gebrek en elk record: {place}"
        return f"Het hele rapport, met elk gebrek en elk record, krijgt u van NDW. Het heet {place}."

    def region_subject(self, region: str, rejected: int, what: str) -> str:
        """LINDA: 12 CDR's afgekeurd in regio Zuid."""
        noun = self.report.nouns[what].for_count(rejected)
        return f"LINDA: {self.report.number(rejected)} {noun} afgekeurd in regio {region}"

    def rejected_of(self, what: str) -> str:
        """Afgekeurde CDR's / aangeleverd."""
        return f"Afgekeurde {self.report.nouns[what].many} / aangeleverd"

    def region_intro(self, cpo: str, period: str) -> str:
        """Why a region gets this letter."""
        return (
            f"{cpo} leverde gegevens over laadpunten in uw regio ({period}). Niet alles voldoet aan het profiel. De CPO heeft "
            "een rapport gekregen met alle gebreken en wat hij moet doen."
        )

    def for_owner(self, owner: str, cpo: str, rejected: int, received: int, what: str, due: date | None) -> str:
        """A text that a region can send on to a data owner."""
        words = self.report
        noun = words.nouns[what].for_count(received)
        verb = "is" if rejected == 1 else "zijn"
        until = f" {cpo} moet ze uiterlijk {words.day(due)} gecorrigeerd opnieuw aanleveren." if due is not None else ""
        return (
            f"{owner}: van de {words.number(received)} {noun} die {cpo} over uw laadpunten aanleverde, {verb} er "
            f"{words.number(rejected)} afgekeurd.{until}"
        )

    def place_subject(self, location_id: str, due: date) -> str:
        """LINDA: plek van laadlocatie LOC-1 klopt niet, herstellen vóór 1 december 2026."""
        return f"LINDA: laadlocatie {location_id} staat op de verkeerde plek, herstel uiterlijk {self.report.day(due)}"

    def place_news(self, location_id: str) -> str:
        """That a place is wrong."""
        return f"De laadlocatie {location_id} staat op de verkeerde plek. NDW heeft de melding nagegaan, en die klopt."

    def place_due(self, due: date) -> str:
        """By when it is to be right."""
        return f"Herstel dit uiterlijk {self.report.day(due)}. Dat is binnen vijf werkdagen."


class EnglishMail(MailWords):
    """English."""

    code, report = "en", English()
    portal = "LINDA, the national portal for usage data of public charge points"
    closing = "Kind regards,"
    automatic = "This mail was sent automatically. Questions? Contact the data portal of NDW."
    trial_subject = "LINDA: this mail is a test"
    trial = "This is a test mail of the portal. If it arrives, mail works. There is nothing for you to do."
    forward_heading = "To forward to the owner"
    forward_intro = (
        "You can forward each text below as it is to the concession grantor or contract holder that it names."
    )
    defects_heading = "Why they were rejected"
    place_labels: Mapping[str, str] = {"location": "Location", "found": "You deliver", "proposed": "It should be"}
    place_heading = "What you do"
    place_steps = (
        "Put the location in its right place in your source system. Keep the ids as they are, and set last_updated to the "
        "moment of the correction.",
        "That is all: we fetch your locations every night. Once the place lies within 10 metres of the right one, the report "
        "is solved.",
        "Is the report wrong? Tell NDW, with the traffic decision or the permit.",
    )

    def greeting(self, name: str) -> str:
        """Dear Data desk,"""
        return f"Dear {name}," if name else "Dear reader,"

    def subject(self, module: str, received: int, rejected: int, accepted: int, is_complete: bool, period: str) -> str:
        """LINDA: 12 of 1,024 CDRs rejected (period 9 to 22 November 2026)."""
        words = self.report
        noun = words.nouns[module].for_count(received)
        if not is_complete:
            return f"LINDA: your delivery is not complete ({period})"
        if not received:
            return f"LINDA: no {words.nouns[module].many} received ({period})"
        if rejected:
            return f"LINDA: {words.number(rejected)} of {words.number(received)} {noun} rejected ({period})"
        if accepted == received:
            return f"LINDA: {words.number(received)} {noun} accepted ({period})"
        return f"LINDA: no {words.nouns[module].many} rejected ({period})"

    def report_at(self, place: str, is_address: bool) -> str:
        """Where the whole report is."""
        if is_address:
            return f"The whole report, with every defect and every record: {place}"
        return f"NDW gives you the whole report, with every defect and every record. It is called {place}."

    def region_subject(self, region: str, rejected: int, what: str) -> str:
        """LINDA: 12 CDRs rejected in the region Zuid."""
        noun = self.report.nouns[what].for_count(rejected)
        return f"LINDA: {self.report.number(rejected)} {noun} rejected in the region {region}"

    def rejected_of(self, what: str) -> str:
        """Rejected CDRs / delivered."""
        return f"Rejected {self.report.nouns[what].many} / delivered"

    def region_intro(self, cpo: str, period: str) -> str:
        """Why a region gets this letter."""
        return (
            f"{cpo} delivered data about charge points in your region ({period}). Not all of it keeps to the profile. The CPO "
            "was given a report with every defect and what to do."
        )

    def for_owner(self, owner: str, cpo: str, rejected: int, received: int, what: str, due: date | None) -> str:
        """A text that a region can send on to a data owner."""
        words = self.report
        noun = words.nouns[what].for_count(received)
        verb = "was" if rejected == 1 else "were"
        until = f" {cpo} must deliver them again, corrected, by {words.day(due)}." if due is not None else ""
        return (
            f"{owner}: of the {words.number(received)} {noun} that {cpo} delivered about your charge points, "
            f"{words.number(rejected)} {verb} rejected.{until}"
        )

    def place_subject(self, location_id: str, due: date) -> str:
        """LINDA: location LOC-1 is in the wrong place, to be mended by 1 December 2026."""
        return f"LINDA: location {location_id} is in the wrong place, to be mended by {self.report.day(due)}"

    def place_news(self, location_id: str) -> str:
        """That a place is wrong."""
        return f"The location {location_id} is in the wrong place. NDW looked into the report, and it is right."

    def place_due(self, due: date) -> str:
        """By when it is to be right."""
        return f"Mend this by {self.report.day(due)}. That is within five working days."


MAIL_WORDS: Mapping[str, MailWords] = {"nl": DutchMail(), "en": EnglishMail()}
