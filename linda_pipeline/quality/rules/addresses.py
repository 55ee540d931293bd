"""The form of a Dutch address and postal code, as patterns; and the rules on them.

Here: what counts as street and house number, and what as a description of the place. Not here: coordinates (places.py).
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from linda_pipeline.quality.rule import ABSENT, Severity, Source, rule
from linda_pipeline.quality.view import View

_PART = r"(?:[A-Za-z\d]{1,4}|[Zz]wart)"
_ADDITION = rf"{_PART}(?:-{_PART})*"
STREET_AND_NUMBER = (
    r"^\s*"
    r"['’‘]?[\d\s.]*\pL[\pL\d\s.'’‘`()/&+-]*"  # the street; digits and dashes occur in it (Plein 1944, 1e Jan Steenstraat)
    r"\s+[1-9]\d{0,4}"  # the house number, after a space
    rf"(?:\s+{_ADDITION}){{0,2}}\s*$"  # nothing, or a space and an addition (7 B, 12 A-1, 12 bis A)
)
_WAY = (
    r"[\pL'’.-]{2,}(?:straat|str\.|weg|laan|plein|singel|kade|gracht|dijk|pad|steeg|hof|dreef|markt|baan|park|strjitte)"
)
_CROSSING = r"(?:\s*[/&+]\s*|\s+[-–x]\s+|\s+en\s+|\s+hoek\s+(?:van\s+)?(?:de\s+|het\s+)?)"
DESCRIPTION = (
    r"(?i)(?:^|[\s(])(?:t\.\s?o\.|t/o|t\.\s?h\.\s?v\.|thv|tegenover|nabij|ter hoogte van)\s+\S+\s+\S"  # beside a street
    r"|\pL[\s,(]+(?:t\.?\s?o\.?|t/o|t\.?\s?h\.?\s?v\.?|tegenover|nabij|ter hoogte van)\s+\d"
    r"|\d\s*[,(]?\s*(?:t\.\s?o\.|t/o|t\.\s?h\.\s?v\.|thv|tegenover|nabij|naast|bij|achter|hoek|ter hoogte van)(?:\s|$)"
    r"|\d\s*(?:t/m|tot en met)\s"  # a range of numbers is not one number
    r"|\b\d+e\s+(?:laad)?paal\b|\blaad(?:paal|punt)\b"
    rf"|\b{_WAY}(?:\s+\d+)?{_CROSSING}{_WAY}\b"  # a crossing of two streets
    r"|\pL\s+/\s+\pL"
    rf"|\b{_WAY}\s+(?:hoek|kruising|naast)\b"
    rf"|^\s*(?:hoek|kruising|naast)\s+(?:(?:van\s+)?(?:de|het)\s+)?{_WAY}\b"
)
"""A description of where a charge point stands: only beside a street and a number, never as a street's own name."""
POSTAL_CODE = r"^[1-9][0-9]{3} (?:[A-RT-Z][A-Z]|S[BCE-RT-Z])$"
"""Four digits that do not start with 0, one space, two capitals; SA, SD and SS were never given out."""


def is_address(texts: Any) -> Any:
    """Whether texts are a street, a house number, and at most an addition."""
    return pc.and_not(pc.match_substring_regex(texts, STREET_AND_NUMBER), pc.match_substring_regex(texts, DESCRIPTION))


def is_postal_code(texts: Any) -> Any:
    """Whether texts are Dutch postal codes as 1111 AA."""
    return pc.match_substring_regex(texts, POSTAL_CODE)


def address_format(view: View) -> Any:
    """A street, a space and a house number; then nothing, or a space and an addition."""
    return view.on_distinct("address", is_address)


def postal_code_format(view: View) -> Any:
    """1111 AA."""
    return view.on_distinct("postal_code", is_postal_code)


_ADDRESS: dict[str, Any] = {
    "reads": ("address",),
    "nl": "Het adres bestaat niet uit een straat en een huisnummer.",
    "en": "The address is not a street and a house number.",
    "fix_nl": "Schrijf de straat, een spatie, het huisnummer en zo nodig een spatie en een toevoeging, zoals Plein 1944 "
    "3 A. Laat een omschrijving van de plek weg.",
    "fix_en": "Write the street, a space, the house number and if need be a space and an addition, such as Plein 1944 3 "
    "A. Leave out any description of the place.",
    "reading": "A word such as hoek, nabij or t.o. counts as a description only where it stands beside a street and a "
    "number, never within a street's name (De Hoek 12 is fine).",
    "good": (
        {"address": "De Hoek 12"},
        {"address": "1e Jan Steenstraat 7 B"},
        {"address": "Plein 1944 3"},
        {"address": "'s-Gravenweg 12 A-1"},
        {"address": "Berg en Dalseweg 12 bis A"},
        {"address": "Achter de Hoven 114"},
    ),
    "bad": (
        {"address": "Plein"},
        {"address": "Dorpsstraat"},
        {"address": "Dorpsstraat 12A"},
        {"address": "Dorpsstraat, 12"},
        {"address": "Dorpsstraat 12 2e paal"},
        {"address": "t.o. Dorpsstraat 12"},
        {"address": "Dorpsstraat 12 nabij station"},
        {"address": "Hoek Dorpsstraat 12"},
        {"address": "Dorpsstraat / Kerkweg 3"},
        {"address": "Dorpsstraat hoek Kerkweg 3"},
    ),
}
rule(Severity.ERROR, object="cdr", source=Source("P", "CDRs, cdr_location"), **_ADDRESS)(address_format)
rule(
    {"2.1.1": Severity.ERROR, "2.2.1": Severity.WARNING, "2.3.0": Severity.WARNING},
    object="location",
    source=Source("P", "Locations"),
    **{
        **_ADDRESS,
        "reading": _ADDRESS["reading"] + " From 2.2 on the profile names only the address of a CDR: here a warning.",
    },
)(address_format)

_POSTAL_CODE: dict[str, Any] = {
    "reads": ("postal_code",),
    "nl": "De postcode staat niet in de vorm 1111 AA.",
    "en": "The postal code does not have the form 1111 AA.",
    "fix_nl": "Schrijf vier cijfers, een spatie en twee hoofdletters.",
    "fix_en": "Write four digits, a space and two capitals.",
    "good": ({"postal_code": "1000 AA"}, {"postal_code": "9999 ZZ"}, {"postal_code": "3511 SB"}),
    "bad": (
        {"postal_code": "3511AB"},
        {"postal_code": "3511 ab"},
        {"postal_code": "0511 AB"},
        {"postal_code": "3511  AB"},
        {"postal_code": "3511 SS"},
        {"postal_code": "B-2000"},
    ),
}
rule(Severity.ERROR, object="cdr", source=Source("P", "CDRs, cdr_location"), **_POSTAL_CODE)(postal_code_format)
rule(Severity.ERROR, object="location", source=Source("P", "Locations"), **_POSTAL_CODE)(postal_code_format)


@rule(
    Severity.WARNING,
    reads=(),
    blames="postal_code",
    versions=("2.2.1", "2.3.0"),
    nl="De postcode ontbreekt.",
    en="The postal code is missing.",
    fix_nl="Lever de postcode; OCPI laat hem alleen weg waar een plek er geen heeft.",
    fix_en="Send the postal code; OCPI lets it be absent only where a place has none.",
    source=Source("O", "CdrLocation, postal_code"),
    good=({"postal_code": "6511 JE"},),
    bad=({"postal_code": ABSENT}, {"postal_code": None}, {"postal_code": ""}, {"postal_code": "#NA"}),
)
def postal_code_present(view: View) -> Any:
    silent = pc.or_(view.is_flawed("postal_code"), pc.invert(view["readable"]))
    return pc.or_(pc.is_valid(view["postal_code"]), silent)
