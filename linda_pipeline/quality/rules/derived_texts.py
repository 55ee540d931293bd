"""The sentences of the rules that follow from the column catalogue, in Dutch and English.

Here: a verdict and a remedy per kind of rule, filled in with what a column means. Not here: the rules (derived.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from linda_pipeline.ocpi.columns import VERSIONS, Column, Type


@dataclass(frozen=True)
class Texts:
    """A verdict and its remedy."""

    nl: str
    en: str
    fix_nl: str
    fix_en: str


_MOST_WORDS = 12
"""An enum with more words than this is not written out in a remedy."""

_EXPECTED = {
    Type.TEXT: ("Lever hier tekst, tussen aanhalingstekens.", "Send text here, between quotes."),
    Type.CI_TEXT: ("Lever hier tekst, tussen aanhalingstekens.", "Send text here, between quotes."),
    Type.NUMBER: (
        "Lever hier een getal zonder aanhalingstekens, met een punt voor de decimalen, zoals 12.5.",
        "Send a number here, without quotes and with a point before the decimals, such as 12.5.",
    ),
    Type.INTEGER: (
        "Lever hier een geheel getal zonder aanhalingstekens, zoals 16.",
        "Send a whole number here, without quotes, such as 16.",
    ),
    Type.BOOLEAN: ("Lever hier true of false, zonder aanhalingstekens.", "Send true or false here, without quotes."),
    Type.DATETIME: (
        "Lever hier een bestaand tijdstip in UTC als tekst, zoals 2026-11-10T07:30:00Z.",
        "Send a moment that exists here, in UTC and as text, such as 2026-11-10T07:30:00Z.",
    ),
    Type.COORDINATE: (
        'Lever hier graden als tekst met een punt voor de decimalen, zoals "51.846870".',
        'Send degrees here, as text with a point before the decimals, such as "51.846870".',
    ),
    Type.LIST: ("Lever hier een lijst, tussen [ en ].", "Send a list here, between [ and ]."),
    Type.OBJECT: ("Lever hier een object, tussen { en }.", "Send an object here, between { and }."),
}

_UNSAID = {
    Type.BOOLEAN: ("Zowel true als false is goed.", "Both true and false are fine."),
    Type.DATETIME: (
        "Het tijdstip 1970-01-01T00:00:00Z telt als ontbrekend.",
        "The moment 1970-01-01T00:00:00Z counts as missing.",
    ),
    Type.LIST: ("Een lege lijst telt als ontbrekend.", "An empty list counts as missing."),
}
_UNSAID_TEXT = ("Een lege tekst en #NA tellen als ontbrekend.", "An empty text and #NA count as missing.")
WHETHER_ZERO: Mapping[str, tuple[str, str]] = {
    "charging_periods.dimensions.volume": (
        "0 is goed als er van deze grootheid niets was.",
        "0 is fine where there was nothing of this dimension.",
    ),
    "total_cost_excl_vat": ("0 is goed als de sessie niets kostte.", "0 is fine where the session cost nothing."),
    "total_fixed_cost_excl_vat": (
        "0 is goed als er geen vast bedrag was.",
        "0 is fine where there was no fixed amount.",
    ),
    "total_energy_cost_excl_vat": (
        "0 is goed als de energie niets kostte.",
        "0 is fine where the energy cost nothing.",
    ),
    "total_energy_kwh": ("0 is goed als er niets is geladen.", "0 is fine where nothing was charged."),
    "total_time_h": (
        "0 is niet goed: lever het einde min het begin, in uren.",
        "0 will not do: send the end minus the start, in hours.",
    ),
    "total_parking_time_h": (
        "0 is goed als er de hele sessie is geladen.",
        "0 is fine where it charged for the whole session.",
    ),
    "connectors.max_voltage_v": (
        "0 is niet goed: lever de spanning in volt.",
        "0 will not do: send the voltage in volt.",
    ),
    "connectors.max_amperage_a": (
        "0 is niet goed: lever de stroomsterkte in ampère.",
        "0 will not do: send the current in ampere.",
    ),
}
"""Of each mandatory number: whether 0 is an answer."""

RECORDS: Mapping[str, Texts] = {
    "cdr": Texts(
        "Deze CDR is niet te lezen: het is geen JSON-object.",
        "This CDR cannot be read: it is no JSON object.",
        "Lever elke CDR als één object tussen { en }, zoals OCPI het beschrijft.",
        "Send each CDR as one object between { and }, as OCPI describes it.",
    ),
    "location": Texts(
        "Deze laadlocatie is niet te lezen: het is geen JSON-object.",
        "This location cannot be read: it is no JSON object.",
        "Lever elke laadlocatie als één object tussen { en }, zoals OCPI het beschrijft.",
        "Send each location as one object between { and }, as OCPI describes it.",
    ),
}

_RESERVATION = (
    "A CDR of a reservation that never became a session may leave it out from 2.2 on. A 2.1.1 CDR without exactly "
)
_NOT_ONE = "is told by location_one_evse instead."

READINGS: Mapping[tuple[str, str, str], str] = {
    ("cdr", "tariffs", "required"): (
        "The profile also asks for country_code and party_id, which a 2.1.1 tariff does not have: there they are looked at "
        "only where they are sent."
    ),
    ("cdr", "tariffs.type", "required"): (
        "The profile lists the tariff's type under the module Tariffs, which LINDA does not pull: here it is checked on "
        "the tariffs of a CDR."
    ),
    ("cdr", "evse_uid", "required"): f"{_RESERVATION}one EVSE {_NOT_ONE}",
    ("cdr", "evse_id", "required"): f"{_RESERVATION}one EVSE {_NOT_ONE}",
    ("cdr", "connector_id", "required"): f"{_RESERVATION}one connector {_NOT_ONE}",
    ("evse", "evse_id", "required"): "Not asked of an EVSE with status REMOVED.",
    ("location", "operator_name", "required"): "The profile has no table for 2.3.0; it is read as for 2.2.1.",
}

_GATE = "It decides whether this is public charging. Where it cannot be read the record is held back, and this is told."


def reading(object_name: str, column: Column, kind: str) -> str:
    """Our reading of a derived rule, where there is one to tell."""
    if kind == "unreadable" and column.gate:
        return _GATE if column.gate == "held" else _REFUSED
    return READINGS.get((object_name, column.name, kind), "")


_REFUSED = (
    "An error though the field may be absent: a credit that is not known as one would count its session a second time."
)


def of(column: Column, kind: str) -> Texts:
    """The texts of a derived rule of a kind (required, unreadable, too_long, not_ascii, unknown_value) on a column."""
    nl, en = _within(column.nl), _within(column.en)
    if kind == "required":
        return Texts(
            f"Een verplicht veld ontbreekt of is leeg: {nl}.",
            f"A mandatory field is missing or empty: {en}.",
            f"Vul dit veld in uw bronsysteem. {_counts_as(column)[0]}",
            f"Fill in this field in your source system. {_counts_as(column)[1]}",
        )
    if kind == "unreadable":
        fix_nl, fix_en = _EXPECTED[column.type]
        if column.gate == "held":
            fix_nl += " Zolang het niet te lezen is, nemen wij het record niet op."
            fix_en += " As long as it cannot be read, we do not take the record in."
        return Texts(f"Een veld is niet te lezen: {nl}.", f"A field cannot be read: {en}.", fix_nl, fix_en)
    if kind == "too_long":
        lengths_nl, lengths_en = _lengths(column)
        return Texts(
            f"De tekst is te lang: {nl}.",
            f"The text is too long: {en}.",
            f"Houd u aan de grootste lengte: {lengths_nl}.",
            f"Keep to the longest length: {lengths_en}.",
        )
    if kind == "not_ascii":
        return Texts(
            f"Er staan tekens in die OCPI hier niet toelaat: {nl}.",
            f"There are characters in it that OCPI does not allow here: {en}.",
            "Gebruik alleen gewone letters zonder accenten, cijfers en leestekens (ASCII).",
            "Use only plain letters without accents, digits and punctuation (ASCII).",
        )
    words = column.values[newest(column.values)]
    listed = f": {', '.join(words)}" if len(words) <= _MOST_WORDS else ""
    later_nl, later_en = _of_a_later_version(column)
    return Texts(
        f"De waarde staat niet in de lijst van OCPI: {nl}.",
        f"The value is not in the list of OCPI: {en}.",
        f"Kies een waarde die uw versie van OCPI kent{listed}.{later_nl}",
        f"Choose a value that your version of OCPI knows{listed}.{later_en}",
    )


def _of_a_later_version(column: Column) -> tuple[str, str]:
    """What to do with a value that only a later version of OCPI knows; nothing where the enum did not grow."""
    lacking = [version for version in column.values if column.later_values(version)]
    if not lacking:
        return "", ""
    until_nl, until_en = (
        "de waarde van uw versie die er het dichtst bij komt",
        "the value of your version that comes nearest",
    )
    if all("OTHER" in column.values[version] for version in lacking):
        until_nl = until_en = "OTHER"
    elif not column.required:
        until_nl, until_en = "dit veld niet", "nothing in this field"
    return (
        f" Staat er een versie achter, dan kent OCPI de waarde pas vanaf die versie: stap daarop over, en lever tot dan "
        f"{until_nl}.",
        f" Where a version stands behind it, OCPI knows the value only from that version on: move to it, and until then send "
        f"{until_en}.",
    )


def _counts_as(column: Column) -> tuple[str, str]:
    """What counts as filled in and what does not, where one could wonder."""
    return WHETHER_ZERO.get(column.name) or _UNSAID.get(column.type, _UNSAID_TEXT)


def newest(by_version: Mapping[str, object]) -> str:
    """The newest version of those that a mapping has, save 2.3.0 where 2.2.1 is there: most CPOs speak that."""
    return "2.2.1" if "2.2.1" in by_version else max(by_version)


def _within(meaning: str) -> str:
    """A meaning as it stands within a sentence: its first letter small, unless it begins an abbreviation."""
    return meaning if meaning[1:2].isupper() else meaning[:1].lower() + meaning[1:]


def _lengths(column: Column) -> tuple[str, str]:
    lengths = {version: column.max_length[version] for version in VERSIONS if version in column.max_length}
    if len(set(lengths.values())) == 1:
        length = next(iter(lengths.values()))
        return f"{length} tekens", f"{length} characters"
    return (
        ", ".join(f"{length} tekens in versie {version}" for version, length in lengths.items()),
        ", ".join(f"{length} characters in version {version}" for version, length in lengths.items()),
    )
