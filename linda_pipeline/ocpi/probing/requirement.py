"""Every requirement of the connection test, declared once: what is demanded, why it matters, and what to do where it fails.

Here: the texts in Dutch and English, which version and module a requirement is about, and which others must hold before it
can be tested. Not here: how it is tested (door.py, pages.py, dates.py, manners.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MODULES = ("locations", "cdrs")
Group = Literal["connection", "versions", "answers", "pages", "dates", "records"]
GROUPS: tuple[Group, ...] = ("connection", "versions", "answers", "pages", "dates", "records")
FROM_2_2 = ("2.2.1", "2.3.0")
_OCPI = "OCPI"
_LINDA = "LINDA"


@dataclass(frozen=True)
class Requirement:
    """One demand on a CPO's server. Its id never changes meaning."""

    id: str
    group: Group
    nl: str
    en: str
    fix_nl: str
    fix_en: str
    source: str
    """OCPI (the protocol's text) or LINDA (the conditions for connecting)."""
    needs: tuple[str, ...] = ()
    """What must be passed before this can be tested; else it is not testable, and says why."""
    modules: tuple[str, ...] = ()
    """The modules about each of which it is asked; none: once for the whole server."""
    versions: tuple[str, ...] = ()
    """The OCPI versions that demand it; none: all."""

    def applies_to(self, version: str | None) -> bool:
        """Whether a version demands it; an unknown version is taken to demand all."""
        return not self.versions or version is None or version in self.versions


_ALL = (
    Requirement(
        "encrypted",
        "connection",
        "De verbinding is versleuteld (https).",
        "The connection is encrypted (https).",
        "Bied de koppeling aan over https, met een certificaat dat openbaar vertrouwd is. Stuur nooit een sleutel over http.",
        "Offer the connection over https, with a certificate that is publicly trusted. Never send a token over http.",
        _LINDA,
    ),
    Requirement(
        "reachable",
        "connection",
        "De server is bereikbaar.",
        "The server can be reached.",
        "Controleer het adres, de firewall en het certificaat. Geef ons de versions-URL die van buiten uw netwerk werkt.",
        "Check the address, the firewall and the certificate. Give us the versions URL that works from outside your network.",
        _LINDA,
        ("encrypted",),
    ),
    Requirement(
        "token_accepted",
        "connection",
        "De server laat ons binnen met de afgesproken sleutel.",
        "The server lets us in with the token agreed.",
        "Controleer of de sleutel geldig is en of hij voor NDW is vrijgegeven. Spreek zo nodig een nieuwe sleutel af.",
        "Check that the token is valid and was issued for NDW. Agree on a new token if need be.",
        _OCPI,
        ("reachable",),
    ),
    Requirement(
        "token_form",
        "connection",
        "De sleutel mag komen in de vorm die de OCPI-versie voorschrijft: zoals hij is in 2.1.1, in base64 vanaf 2.2.",
        "The token may come in the form that the OCPI version prescribes: as it is in 2.1.1, in base64 from 2.2 on.",
        "Laat de server de voorgeschreven vorm lezen. Kan dat niet, vermeld dan bij de aansluiting welke vorm u verwacht.",
        "Let the server read the form prescribed. If it cannot, tell us which form you expect when you connect.",
        _OCPI,
        ("token_accepted", "version_spoken"),
    ),
    Requirement(
        "wrong_token_refused",
        "connection",
        "Een onbekende sleutel wordt geweigerd met HTTP 401.",
        "An unknown token is refused with HTTP 401.",
        "Controleer de sleutel bij elk verzoek en antwoord met HTTP 401. Nu kan iedereen bij uw gegevens, of krijgt een "
        "afnemer een misleidend antwoord.",
        "Check the token at every request and answer with HTTP 401. As it is, anyone can reach your data, or a client gets a "
        "misleading answer.",
        _OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "no_token_refused",
        "connection",
        "Een verzoek zonder sleutel wordt geweigerd met HTTP 401.",
        "A request without a token is refused with HTTP 401.",
        "Antwoord met HTTP 401 waar de header Authorization ontbreekt.",
        "Answer with HTTP 401 where the Authorization header is missing.",
        _OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "versions_listed",
        "versions",
        "Het versions-adres geeft een lijst van versies, elk met een volledig adres.",
        "The versions address gives a list of versions, each with a whole address.",
        "Geef in data een lijst van objecten met version en url. De url begint met https://.",
        "Give a list of objects with version and url in data. The url begins with https://.",
        _OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "version_spoken",
        "versions",
        "De server biedt een OCPI-versie aan die LINDA spreekt (2.1.1, 2.2.1 of 2.3.0).",
        "The server offers an OCPI version that LINDA speaks (2.1.1, 2.2.1 or 2.3.0).",
        "Bied de afgesproken versie aan, of spreek met NDW een versie af die u wel aanbiedt.",
        "Offer the version agreed, or agree with NDW on a version that you do offer.",
        _LINDA,
        ("versions_listed",),
    ),
    Requirement(
        "known_origins",
        "versions",
        "Versies en modules staan op de server van het versions-adres, of op een server die bij NDW bekend is.",
        "Versions and modules are on the server of the versions address, or on a server that NDW knows of.",
        "Zet alles op één server, of geef NDW door op welke servers het staat. NDW noemt die in het register (origins), en in "
        "deze test met --origin.",
        "Put everything on one server, or tell NDW on which servers it is. NDW names these in the register (origins), and in "
        "this test with --origin.",
        _LINDA,
        ("token_accepted",),
    ),
    Requirement(
        "version_details",
        "versions",
        "Het adres van de versie geeft die versie en haar modules.",
        "The address of the version gives that version and its modules.",
        "Geef in data een object met version en endpoints; in elk endpoint staan identifier, url en vanaf 2.2 role.",
        "Give an object with version and endpoints in data; each endpoint has identifier, url and, from 2.2 on, role.",
        _OCPI,
        ("version_spoken",),
    ),
    Requirement(
        "module_announced",
        "versions",
        "De module is aangekondigd met een volledig adres, vanaf 2.2 met de rol SENDER.",
        "The module is announced with a whole address, from 2.2 on with the role SENDER.",
        "Neem de module op in endpoints, met het adres waar wij haar kunnen lezen en vanaf 2.2 met role SENDER.",
        "Put the module in endpoints, with the address where we can read it and, from 2.2 on, the role SENDER.",
        _OCPI,
        ("version_details",),
        MODULES,
    ),
    Requirement(
        "module_answers",
        "answers",
        "De module antwoordt met een lijst van records en een OCPI-status 1xxx.",
        "The module answers with a list of records and an OCPI status 1xxx.",
        "Geef HTTP 200 met de OCPI-envelop: data (een lijst), status_code 1000 en timestamp.",
        "Give HTTP 200 with the OCPI envelope: data (a list), status_code 1000 and timestamp.",
        _OCPI,
        ("module_announced",),
        MODULES,
    ),
    Requirement(
        "envelope",
        "answers",
        "Elk antwoord heeft de OCPI-envelop: data, status_code (een geheel getal) en timestamp in UTC.",
        "Every answer has the OCPI envelope: data, status_code (a whole number) and timestamp in UTC.",
        "Geef in elk antwoord status_code als getal en timestamp zoals 2026-11-23T03:02:11Z.",
        "Give status_code as a number and timestamp such as 2026-11-23T03:02:11Z in every answer.",
        _OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "content_type",
        "answers",
        "Elk antwoord zegt wat het is: JSON (Content-Type: application/json), en gzip alleen waar het gzip is.",
        "Every answer says what it is: JSON (Content-Type: application/json), and gzip only where it is gzip.",
        "Zet de header Content-Type op application/json, en Content-Encoding op gzip alleen bij een antwoord in gzip.",
        "Set the header Content-Type to application/json, and Content-Encoding to gzip only for an answer in gzip.",
        _OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "message_ids",
        "answers",
        "Elk antwoord herhaalt X-Request-ID en X-Correlation-ID van het verzoek.",
        "Every answer repeats X-Request-ID and X-Correlation-ID of the request.",
        "Neem beide headers ongewijzigd over in het antwoord. Zonder die nummers is een storing niet na te zoeken.",
        "Copy both headers into the answer as they are. Without these numbers a failure cannot be traced.",
        _OCPI,
        ("token_accepted",),
        versions=FROM_2_2,
    ),
    Requirement(
        "answers_steadily",
        "answers",
        "De server antwoordt op elk verzoek, heel en op tijd.",
        "The server answers every request, whole and in time.",
        "Zoek uit waarom de server weigert, afbreekt of traag is. Wij vragen hooguit één ding tegelijk.",
        "Find out why the server refuses, breaks off or is slow. We never ask more than one thing at a time.",
        _LINDA,
        ("token_accepted",),
    ),
    Requirement(
        "limit_honoured",
        "pages",
        "Een pagina bevat nooit meer records dan limit vraagt.",
        "A page never holds more records than limit asks.",
        "Houd u aan limit. Minder records geven mag, meer niet.",
        "Keep to limit. Giving fewer records is fine, giving more is not.",
        _OCPI,
        ("module_answers",),
        MODULES,
    ),
    Requirement(
        "limit_told",
        "pages",
        "Elke pagina noemt in X-Limit hoeveel records de server ten hoogste geeft.",
        "Every page says in X-Limit how many records the server gives at most.",
        "Geef de header X-Limit als geheel getal, niet lager dan het aantal records op de pagina.",
        "Give the header X-Limit as a whole number, not below the number of records on the page.",
        _OCPI,
        ("module_answers",),
        MODULES,
    ),
    Requirement(
        "total_count",
        "pages",
        "Elke pagina noemt in X-Total-Count hoeveel records er in totaal zijn, en dat klopt.",
        "Every page says in X-Total-Count how many records there are in all, and that is right.",
        "Geef in X-Total-Count alle records die aan het verzoek voldoen, zonder limit en offset. Tel niet per pagina.",
        "Give in X-Total-Count all records that match the request, without limit and offset. Do not count per page.",
        _OCPI,
        ("order_stable",),
        MODULES,
    ),
    Requirement(
        "order_stable",
        "pages",
        "Dezelfde vraag geeft dezelfde records in dezelfde volgorde.",
        "The same question gives the same records in the same order.",
        "Sorteer op een vaste sleutel, zoals het moment van aanmaken en dan de id. Anders raken bij het bladeren records zoek.",
        "Sort by a fixed key, such as the moment of creation and then the id. Otherwise records get lost between pages.",
        _OCPI,
        ("module_answers",),
        MODULES,
    ),
    Requirement(
        "offset_honoured",
        "pages",
        "offset slaat precies zoveel records over.",
        "offset skips exactly that many records.",
        "Laat offset tellen vanaf het eerste record dat aan het verzoek voldoet; 0 is het eerste.",
        "Let offset count from the first record that matches the request; 0 is the first.",
        _OCPI,
        ("order_stable", "limit_honoured"),
        MODULES,
    ),
    Requirement(
        "pages_complete",
        "pages",
        "Pagina na pagina komt elk record precies één keer.",
        "Page by page every record comes exactly once.",
        "Laat de pagina's naadloos aansluiten: geen record dubbel, geen record overgeslagen.",
        "Let the pages follow on without a gap: no record twice, no record skipped.",
        _OCPI,
        ("offset_honoured",),
        MODULES,
    ),
    Requirement(
        "next_link",
        "pages",
        'Elke pagina behalve de laatste wijst in Link (rel="next") de volgende aan, met dezelfde filters.',
        'Every page but the last points to the next one in Link (rel="next"), with the same filters.',
        "Geef in Link een volledig adres op dezelfde server, met offset, limit en de datums van het verzoek. Laat Link op de "
        "laatste pagina weg.",
        "Give a whole address on the same server in Link, with offset, limit and the dates of the request. Leave Link out on "
        "the last page.",
        _OCPI,
        ("order_stable",),
        MODULES,
    ),
    Requirement(
        "dates_honoured",
        "dates",
        "date_from en date_to beperken het antwoord tot records met last_updated daartussen.",
        "date_from and date_to limit the answer to records with last_updated in between.",
        "Filter op last_updated van het record, in UTC.",
        "Filter on last_updated of the record, in UTC.",
        _OCPI,
        ("order_stable",),
        ("cdrs",),
    ),
    Requirement(
        "date_from_inclusive",
        "dates",
        "Een record met last_updated gelijk aan date_from komt mee.",
        "A record with last_updated equal to date_from is included.",
        "Vergelijk met groter dan of gelijk aan date_from. Anders missen wij records op de grens van twee perioden.",
        "Compare with greater than or equal to date_from. Otherwise we miss records on the border of two periods.",
        _OCPI,
        ("dates_honoured",),
        ("cdrs",),
        FROM_2_2,
    ),
    Requirement(
        "date_to_exclusive",
        "dates",
        "Een record met last_updated gelijk aan date_to komt niet mee.",
        "A record with last_updated equal to date_to is not included.",
        "Vergelijk met kleiner dan date_to. Anders komt een record in twee perioden.",
        "Compare with less than date_to. Otherwise a record comes in two periods.",
        _OCPI,
        ("dates_honoured",),
        ("cdrs",),
        FROM_2_2,
    ),
    Requirement(
        "last_updated_readable",
        "records",
        "Elk record heeft een last_updated in UTC.",
        "Every record has a last_updated in UTC.",
        "Schrijf last_updated als 2026-11-23T03:02:11Z, zonder andere tijdzone.",
        "Write last_updated as 2026-11-23T03:02:11Z, without another time zone.",
        _OCPI,
        ("module_answers",),
        MODULES,
    ),
    Requirement(
        "sample_accepted",
        "records",
        "Een steekproef van records voldoet aan het LINDA-profiel.",
        "A sample of records meets the LINDA profile.",
        "Herstel de gebreken in uw bronsysteem. Met linda validate toetst u zelf al uw records, met dezelfde uitkomst.",
        "Mend the defects in your own system. With linda validate you test all your records yourself, with the same outcome.",
        _LINDA,
        ("module_answers",),
        MODULES,
    ),
)
REQUIREMENTS: dict[str, Requirement] = {requirement.id: requirement for requirement in _ALL}
"""By id, in the order in which they are told."""
