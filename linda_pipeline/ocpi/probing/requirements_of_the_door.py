"""The requirements on the way in: the connection, the token, the versions and what they announce.

Here: their texts in Dutch and English, and which must hold before another can be tested. Not here: those on the lists
(requirements.py), and how each is tested (door.py, manners.py).
"""

from __future__ import annotations

from linda_pipeline.ocpi.probing.requirement import LINDA, MODULES, OCPI, Requirement

OF_THE_DOOR = (
    Requirement(
        "encrypted",
        "connection",
        "De verbinding is versleuteld (https).",
        "The connection is encrypted (https).",
        "Bied de koppeling aan over https, met een certificaat dat openbaar vertrouwd is. Stuur nooit een sleutel over http.",
        "Offer the connection over https, with a certificate that is publicly trusted. Never send a token over http.",
        LINDA,
    ),
    Requirement(
        "reachable",
        "connection",
        "De server is bereikbaar.",
        "The server can be reached.",
        "Controleer het adres, de firewall en het certificaat. Geef ons de versions-URL die van buiten uw netwerk werkt.",
        "Check the address, the firewall and the certificate. Give us the versions URL that works from outside your network.",
        LINDA,
        ("encrypted",),
    ),
    Requirement(
        "token_accepted",
        "connection",
        "De server laat ons binnen met de afgesproken sleutel.",
        "The server lets us in with the token agreed.",
        "Controleer of de sleutel geldig is en of hij voor NDW is vrijgegeven. Spreek zo nodig een nieuwe sleutel af.",
        "Check that the token is valid and was issued for NDW. Agree on a new token if need be.",
        OCPI,
        ("reachable",),
    ),
    Requirement(
        "token_form",
        "connection",
        "De sleutel mag komen in de vorm die de OCPI-versie voorschrijft: zoals hij is in 2.1.1, in base64 vanaf 2.2.",
        "The token may come in the form that the OCPI version prescribes: as it is in 2.1.1, in base64 from 2.2 on.",
        "Laat de server de voorgeschreven vorm lezen. Kan dat niet, vermeld dan bij de aansluiting welke vorm u verwacht.",
        "Let the server read the form prescribed. If it cannot, tell us which form you expect when you connect.",
        OCPI,
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
        OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "no_token_refused",
        "connection",
        "Een verzoek zonder sleutel wordt geweigerd met HTTP 401.",
        "A request without a token is refused with HTTP 401.",
        "Antwoord met HTTP 401 waar de header Authorization ontbreekt.",
        "Answer with HTTP 401 where the Authorization header is missing.",
        OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "versions_listed",
        "versions",
        "Het versions-adres geeft een lijst van versies, elk met een volledig adres.",
        "The versions address gives a list of versions, each with a whole address.",
        "Geef in data een lijst van objecten met version en url. De url begint met https://.",
        "Give a list of objects with version and url in data. The url begins with https://.",
        OCPI,
        ("token_accepted",),
    ),
    Requirement(
        "version_spoken",
        "versions",
        "De server biedt een OCPI-versie aan die LINDA spreekt (2.1.1, 2.2.1 of 2.3.0).",
        "The server offers an OCPI version that LINDA speaks (2.1.1, 2.2.1 or 2.3.0).",
        "Bied de afgesproken versie aan, of spreek met NDW een versie af die u wel aanbiedt.",
        "Offer the version agreed, or agree with NDW on a version that you do offer.",
        LINDA,
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
        LINDA,
        ("token_accepted",),
    ),
    Requirement(
        "version_details",
        "versions",
        "Het adres van de versie geeft die versie en haar modules.",
        "The address of the version gives that version and its modules.",
        "Geef in data een object met version en endpoints; in elk endpoint staan identifier, url en vanaf 2.2 role.",
        "Give an object with version and endpoints in data; each endpoint has identifier, url and, from 2.2 on, role.",
        OCPI,
        ("version_spoken",),
    ),
    Requirement(
        "module_announced",
        "versions",
        "De module is aangekondigd met een volledig adres, vanaf 2.2 met de rol SENDER.",
        "The module is announced with a whole address, from 2.2 on with the role SENDER.",
        "Neem de module op in endpoints, met het adres waar wij haar kunnen lezen en vanaf 2.2 met role SENDER.",
        "Put the module in endpoints, with the address where we can read it and, from 2.2 on, the role SENDER.",
        OCPI,
        ("version_details",),
        MODULES,
    ),
)
