"""Rules on texts as such: blanks that are too many, known values in another case, and texts that people cannot read.

Here: one declaration per object for all its texts. Not here: what is looked for and mended (quality.mending), text that is
no UTF-8 (written.py), and what a text must say (the other rules).
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import by_name
from linda_pipeline.quality.mending import TEXT_BLANKS, TEXT_READABLE, VALUE_IN_OTHER_CASE, AsMeant
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Part, Severity, Source, rule
from linda_pipeline.quality.view import View

OF_ALL_TEXTS = (TEXT_BLANKS, VALUE_IN_OTHER_CASE, TEXT_READABLE)
"""The ids of the rules of this module: they name no column, since they look at all."""


def _shown(view: View, name: str, found: AsMeant, quote: str = "") -> Any:
    """What was sent, and behind an arrow what it was taken for; of personal data, what was sent alone."""
    if by_name(view.object)[name].personal:
        return found.texts
    quoted = [pc.binary_join_element_wise(quote, texts, quote, "") for texts in (found.texts, found.meant)]
    return pc.binary_join_element_wise(*quoted, " → ")


def _text_blanks(view: View) -> tuple[Part, ...]:
    return tuple(Part(one.rows, name, _shown(view, name, one, '"')) for name, one in view.mended.blanks.items())


def _value_in_other_case(view: View) -> tuple[Part, ...]:
    return tuple(Part(one.rows, name, _shown(view, name, one)) for name, one in view.mended.cases.items())


def _text_readable(view: View) -> tuple[Part, ...]:
    columns = by_name(view.object)
    lost = [
        Part(
            rows,
            name,
            _as_sent(view, name, rows),
            None if view.version in columns[name].required else Severity.WARNING,
        )
        for name, rows in view.mended.unreadable.items()
    ]
    misread = [
        Part(one.rows, name, _shown(view, name, one), Severity.WARNING) for name, one in view.mended.misread.items()
    ]
    return (*lost, *misread)


def _as_sent(view: View, name: str, rows: pa.Array) -> Any:
    """The texts of a column that has no meaning for other rules, as they stand in the table; null where it lies in a list."""
    return None if "." in name else pc.take(view.table[name], rows)


_BLANKS: dict[str, tuple[Any, ...]] = {
    "cdr": (
        {"city": " Nijmegen"},
        {"postal_code": " 6511 JE "},
        {"postal_code": "6511  JE"},
        {"contract_id": "NL-EMS-C00000042-X "},
        {"connector_standard": "IEC_62196_T2 "},
        {"location_name": "\ufeffPlein 1944\xa0"},
        {"tariffs.id": " T-1", "charging_periods.tariff_id": "T-1"},
    ),
    "location": ({"city": "Nijmegen "}, {"address": "Plein  1944 3"}),
    "evse": ({"evse_uid": " EVSE-0042-1"}, {"connectors.connector_standard": "IEC_62196_T2 "}),
}
_CASES: dict[str, tuple[Any, ...]] = {
    "cdr": (
        {"auth_method": "Whitelist"},
        {"connector_standard": "iec_62196_t2"},
        {"charging_periods.dimensions.type": "energy"},
    ),
    "location": ({"location_type": "on_street"},),
    "evse": ({"status": "available"}, {"connectors.connector_format": "Socket"}),
}
_LOST: dict[str, tuple[Any, ...]] = {
    "cdr": (
        {"city": "\ufffds-Gravenhage"},
        {"city": "\xa0"},
        {"city": "-"},
        {"address": "Caf\ufffdstraat 3"},
        {"location_name": "Caf\ufffd"},
        {"location_name": "\u200b"},
        {"city": "SneekÃ«"},
        {"address": "CafÃ©straat 3"},
    ),
    "location": ({"city": "- -"}, {"city": "\u200b\xad"}, {"location_name": "Caf\ufffd"}, {"city": "SneekÃ«"}),
    "evse": ({"evse_uid": "—"}, {"physical_reference": "CafÃ©"}),
}
_HEADINGS = {
    "cdr": "CDR object",
    "location": "Locations module, Location object",
    "evse": "Locations module, EVSE object",
}

for _object, _heading in _HEADINGS.items():
    rule(
        Severity.WARNING,
        id=TEXT_BLANKS,
        object=_object,
        nl="Voor, achter of midden in deze tekst staan blanco tekens te veel.",
        en="There are too many blanks before, behind or within this text.",
        fix_nl="Lever de tekst zonder die blanco tekens, zoals achter de pijl. Wij beoordelen en bewaren de tekst zonder.",
        fix_en="Send the text without those blanks, as it stands behind the arrow. We judge and keep the text without.",
        source=Source("L", "a text is compared and read by people"),
        reading="Blanks are spaces, tabs, line breaks and characters that show nothing. Around any text; within a text where "
        "spaces are doubled, but not in ids. A text of blanks alone is missing, or cannot be read.",
        measured="Of 45,000 real Dutch addresses 284 have blanks around their postal code.",
        good=({},),
        bad=_BLANKS[_object],
        valid_from=AFTER_TRIALS,
    )(_text_blanks)
    rule(
        Severity.WARNING,
        id=VALUE_IN_OTHER_CASE,
        object=_object,
        nl="Deze waarde kent OCPI met andere hoofdletters of kleine letters.",
        en="OCPI knows this value in other capitals or small letters.",
        fix_nl="Schrijf de waarde precies als in OCPI, zoals achter de pijl. Wij lezen haar zo.",
        fix_en="Write the value exactly as OCPI does, as it stands behind the arrow. We read it so.",
        source=Source("O", _heading),
        reading="What is meant is beyond doubt: a warning, and it is judged and kept as the value that OCPI knows. What "
        "decides whether a record is public charging is read so too.",
        good=({},),
        bad=_CASES[_object],
        valid_from=AFTER_TRIALS,
    )(_value_in_other_case)
    rule(
        Severity.ERROR,
        id=TEXT_READABLE,
        object=_object,
        also=(Severity.WARNING,),
        nl="Deze tekst is niet goed te lezen.",
        en="This text cannot be read well.",
        fix_nl="Lever de tekst zoals mensen hem schrijven. Een � is een letter die verloren ging, en Ã© een é: dan is tekst "
        "ergens in uw systeem in de verkeerde codering gelezen. Een streepje of een teken dat niet te zien is, zegt niets: "
        "laat een veld dat niet verplicht is dan weg.",
        fix_en="Send the text as people write it. A � is a letter that was lost, and Ã© an é: somewhere in your system text "
        "was read in the wrong encoding. A dash, or a sign that nobody sees, says nothing: leave the field out then, where it "
        "is not mandatory.",
        source=Source("O", _heading),
        reading="Where the field is mandatory: an error if a letter was lost, or if there are only dashes or characters that "
        "show nothing; the rules on what the text says are then silent. A warning elsewhere, and for UTF-8 read as Latin-1: "
        "such a text is judged as it was meant, and kept as it was sent.",
        good=({},),
        bad=_LOST[_object],
        valid_from=AFTER_TRIALS,
    )(_text_readable)
