"""The rules on how a record is written, before anything in it means something: JSON, names that stand once, UTF-8.

Here: their declarations and sentences. Not here: their verdicts, which are the normaliser's (ocpi.shape), and what must stand
in a field (derived.py and the other rules).
"""

from __future__ import annotations

from datetime import date

from linda_pipeline.ocpi.shape import NAMES_UNIQUE, RECORD_NOT_JSON, TEXT_UTF8
from linda_pipeline.quality.example import AsSent
from linda_pipeline.quality.rule import Severity, Source, rule

OF_WRITING = (RECORD_NOT_JSON, NAMES_UNIQUE, TEXT_UTF8)
"""The ids of the rules of this module."""
_RECORD = {"cdr": ("deze CDR", "this CDR"), "location": ("deze laadlocatie", "this location")}
_TWICE = {
    "cdr": {"currency": AsSent('"EUR", "currency": "EUR"')},
    "location": {"city": AsSent('"Nijmegen", "city": "Nijmegen"')},
    "evse": {"status": AsSent('"AVAILABLE", "status": "AVAILABLE"')},
}
_NO_TEXT = {
    "cdr": ({"city": AsSent('"Nijm\udcebgen"')}, {"location_name": AsSent('"Plein \\ud83d"')}),
    "location": ({"city": AsSent('"Nijm\udcebgen"')}, {"location_name": AsSent('"Plein \\ud83d"')}),
    "evse": ({"status": AsSent('"AVAILABL\udcc9"')}, {"floor_level": AsSent('"\\ud83d"')}),
}

for _object, (_nl, _en) in _RECORD.items():
    rule(
        Severity.ERROR,
        id=RECORD_NOT_JSON,
        object=_object,
        nl=f"De JSON van {_nl} is stuk. De plaats staat hierachter als regel:kolom.",
        en=f"The JSON of {_en} is broken. The place is given as line:column.",
        fix_nl="Herstel de JSON op die plaats. Vaak ontbreekt er een komma of een aanhalingsteken, staat er commentaar, of "
        "begint een getal met een 0.",
        fix_en="Mend the JSON at that place. Often a comma or a quote is missing, there is a comment, or a number begins "
        "with a 0.",
        source=Source("O", "Transport and format, JSON / HTTP"),
        reading="In a file, the line and column are those of the file; in an answer of your server, those of the record. "
        "Of a record that is nested too deep to be read, it is where that begins. The id is told where it can be read.",
        good=({},),
        bad=({"@": b'{"id": "CDR-2026-000042", "total_energy": 012.5}'}, {"@": b'{"id": "1" "name": "x"}'}),
    )(None)

for _object in ("cdr", "location", "evse"):
    rule(
        Severity.ERROR,
        id=NAMES_UNIQUE,
        object=_object,
        nl="Een naam staat meer dan eens in hetzelfde object. Welke waarde geldt, is niet te zeggen.",
        en="A name stands more than once in the same object. Which value counts cannot be told.",
        fix_nl="Schrijf elke naam in een object één keer, met de waarde die klopt.",
        fix_en="Write each name once in an object, with the value that is right.",
        source=Source("O", "Transport and format, JSON / HTTP"),
        reading="RFC 8259 (JSON), section 4: readers differ on which of the values counts. Also where the portal does not "
        "import the field, and where the values are the same. The other rules look at the first value.",
        good=({},),
        bad=(_TWICE[_object],),
        valid_from=date(2026, 11, 1),
    )(None)
    rule(
        Severity.ERROR,
        id=TEXT_UTF8,
        object=_object,
        also=(Severity.WARNING,),
        nl="Deze tekst is geen UTF-8, en is dus niet te lezen.",
        en="This text is no UTF-8, and so cannot be read.",
        fix_nl="Lever alle tekst als UTF-8. Vaak schrijft een export nog Windows-1252 of Latin-1: daar is \\xeb een ë. Een "
        "half teken, zoals \\ud83d, ontstaat door tekst midden in een teken af te breken.",
        fix_en="Send all text as UTF-8. Often an export still writes Windows-1252 or Latin-1, where \\xeb is an ë. Half a "
        "character, such as \\ud83d, comes from cutting a text in the middle of one.",
        source=Source("O", "Transport and format, JSON / HTTP"),
        reading="An error where the field is mandatory, else a warning, like a field that cannot be read. A field that the "
        "portal does not import is not looked at. RFC 8259 (JSON), sections 8.1 and 8.2.",
        good=({},),
        bad=_NO_TEXT[_object],
    )(None)
