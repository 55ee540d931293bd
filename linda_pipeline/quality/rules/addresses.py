"""Rules on the form of a Dutch address and postal code.

Here: the demands and their evaluators. Not here: the patterns (quality.address_form), and coordinates (places.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.address_form import (
    as_read,
    has_other_addition,
    is_address,
    is_postal_code,
    mended_addresses,
    mended_postal_codes,
    was_address,
    with_spaced_addition,
)
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import ABSENT, Part, Severity, Source, fails, rule
from linda_pipeline.quality.shown import sent_and_mended
from linda_pipeline.quality.view import View


def address_format(view: View) -> Part:
    """A street, a space and a house number; then nothing, or an addition, however that is written."""
    is_right, has_another = _forms(view)
    return fails(pc.or_(is_right, has_another), value=sent_and_mended(view["address"], mended_addresses))


def _address_format_before(view: View) -> Any:
    return view.on_distinct("address", was_address)


def address_addition_format(view: View) -> Part:
    """A space before the addition."""
    is_right, has_another = _forms(view)
    fine = pc.or_(is_right, pc.invert(has_another))
    return fails(fine, value=sent_and_mended(view["address"], with_spaced_addition))


def _forms(view: View) -> tuple[Any, Any]:
    """Per record whether its address is right, and whether only the addition is written in another way."""

    def make() -> tuple[Any, Any]:
        encoded = view.distinct("address")
        texts = as_read(encoded.dictionary)
        is_right = is_address(texts)
        has_another = np.zeros(len(texts), bool)
        wrong = np.flatnonzero(~is_right.to_numpy(zero_copy_only=False))
        if len(wrong):
            has_another[wrong] = has_other_addition(texts.take(pa.array(wrong))).to_numpy(zero_copy_only=False)
        return pc.take(is_right, encoded.indices), pc.take(pa.array(has_another), encoded.indices)

    found: tuple[Any, Any] = view.keep("address forms", make)
    return found


def postal_code_format(view: View) -> Part:
    """1111 AA."""
    fine = view.on_distinct("postal_code", is_postal_code)
    return fails(fine, value=sent_and_mended(view["postal_code"], mended_postal_codes))


_ADDRESS: dict[str, Any] = {
    "reads": ("address",),
    "nl": "Het adres bestaat niet uit een straat en een huisnummer.",
    "en": "The address is not a street and a house number.",
    "fix_nl": "Schrijf de straat, een spatie, het huisnummer en zo nodig een spatie en een toevoeging, zoals Plein 1944 "
    "3 A. Laat een omschrijving van de plek weg.",
    "fix_en": "Write the street, a space, the house number and if need be a space and an addition, such as Plein 1944 3 "
    "A. Leave out any description of the place.",
    "reading": "A word such as hoek, nabij or t.o. counts as a description only where it stands beside a street and a "
    "number, never within a street's name (De Hoek 12 is fine). From November 2026 on: initials (Ds. T.O. Hylkemaweg 5) are no "
    "description, a postal code or a road's number is no house number, and an addition that is written in another way (12A) "
    "has a rule of its own. Where one mistake in writing can be mended in one way, what it becomes stands behind an arrow.",
    "good": (
        {"address": "De Hoek 12"},
        {"address": "1e Jan Steenstraat 7 B"},
        {"address": "Plein 1944 3"},
        {"address": "'s-Gravenweg 12 A-1"},
        {"address": "Berg en Dalseweg 12 bis A"},
        {"address": "Achter de Hoven 114"},
        {"address": "Ds. T.O. Hylkemaweg 5"},
        {"address": "Cafe\u0301straat 3"},
    ),
    "bad": (
        {"address": "Plein"},
        {"address": "Dorpsstraat"},
        {"address": "12 Dorpsstraat"},
        {"address": "Dorpsstraat12"},
        {"address": "Dorpsstraat 6511 JE"},
        {"address": "Rijksweg A 2"},
        {"address": "Hoofdstraat 12\xa0A"},
        {"address": "Dorpsstraat, 12"},
        {"address": "Dorpsstraat 12 2e paal"},
        {"address": "t.o. Dorpsstraat 12"},
        {"address": "Dorpsstraat 12 nabij station"},
        {"address": "Hoek Dorpsstraat 12"},
        {"address": "Dorpsstraat / Kerkweg 3"},
        {"address": "Dorpsstraat hoek Kerkweg 3"},
    ),
}
_IN_CDR, _IN_LOCATION = Source("P", "CDRs, cdr_location"), Source("P", "Locations")
rule(Severity.ERROR, object="cdr", source=_IN_CDR, **_ADDRESS)(address_format).until(AFTER_TRIALS)(
    _address_format_before
)
rule(
    {"2.1.1": Severity.ERROR, "2.2.1": Severity.WARNING, "2.3.0": Severity.WARNING},
    object="location",
    source=_IN_LOCATION,
    **{
        **_ADDRESS,
        "reading": _ADDRESS["reading"] + " From 2.2 on the profile names only the address of a CDR: here a warning.",
    },
)(address_format).until(AFTER_TRIALS)(_address_format_before)

_ADDITION: dict[str, Any] = {
    "reads": ("address",),
    "nl": "Tussen het huisnummer en de toevoeging hoort een spatie.",
    "en": "There should be a space between the house number and the addition.",
    "fix_nl": "Schrijf 12 A, en niet 12A, 12-A of 12/A. U kunt overnemen wat achter de pijl staat.",
    "fix_en": "Write 12 A, and not 12A, 12-A or 12/A. You can take over what stands behind the arrow.",
    "reading": "The profile asks for a space. The street and the number are there, so that the place is known: a warning. What "
    "follows the number is taken for an addition, also where it may be a second number (11-13).",
    "measured": "Of 45,000 real Dutch addresses 2,090 have their letter without a space, and 773 with one.",
    "good": (
        {"address": "Dorpsstraat 12 A"},
        {"address": "Plein 40-45 12"},
        {"address": "Hoofdweg 1024 HS"},
    ),
    "bad": (
        {"address": "F.Rooseveltlaan 3A"},
        {"address": "Dorpsstraat 33-A"},
        {"address": "Dorpsstraat 37/b"},
        {"address": "Kooizandweg 6-429"},
        {"address": "Dorpsstraat 11-13"},
        {"address": "Dorpsstraat 147 - S"},
    ),
    "valid_from": AFTER_TRIALS,
}
rule(Severity.WARNING, object="cdr", source=_IN_CDR, **_ADDITION)(address_addition_format)
rule(Severity.WARNING, object="location", source=_IN_LOCATION, **_ADDITION)(address_addition_format)

_POSTAL_CODE: dict[str, Any] = {
    "reads": ("postal_code",),
    "nl": "De postcode staat niet in de vorm 1111 AA.",
    "en": "The postal code does not have the form 1111 AA.",
    "fix_nl": "Schrijf vier cijfers, een spatie en twee hoofdletters. Staat er iets achter een pijl, dan kunt u dat overnemen.",
    "fix_en": "Write four digits, a space and two capitals. Where something stands behind an arrow, you can take that over.",
    "measured": "Of 45,000 real Dutch addresses 30 % have their postal code without a space.",
    "good": ({"postal_code": "1000 AA"}, {"postal_code": "9999 ZZ"}, {"postal_code": "3511 SB"}),
    "bad": (
        {"postal_code": "3511AB"},
        {"postal_code": "3511 ab"},
        {"postal_code": "0511 AB"},
        {"postal_code": "3511-AB"},
        {"postal_code": "3511 SS"},
        {"postal_code": "B-2000"},
    ),
}
rule(Severity.ERROR, object="cdr", source=_IN_CDR, **_POSTAL_CODE)(postal_code_format)
rule(Severity.ERROR, object="location", source=_IN_LOCATION, **_POSTAL_CODE)(postal_code_format)


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
