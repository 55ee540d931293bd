"""Rules on ids: that they are no hashes, and that contract ids and EVSE ids have their form.

Here: one id at a time, and what is told once of all Location ids. Not here: whether ids are unique or stable (copies.py,
among_evses.py).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import RULES, Part, Scope, Severity, Source, broken, fails, rule
from linda_pipeline.quality.view import View

_HEX = "[0-9a-fA-F]"
LONG_DIGEST = rf"^{_HEX}{{40,}}$"
SHORT_DIGEST = rf"^{_HEX}{{32}}$"
UUID_DIGITS = rf"^{_HEX}{{12}}[1-8]{_HEX}{{3}}[89abAB]{_HEX}{{15}}$"
"""32 hexadecimal digits that are a UUID without its dashes: the version and variant digits stand where they should."""
_BASE64 = "[A-Za-z0-9+/_-]"
LONG_DIGEST_BASE64 = rf"^(?:{_BASE64}{{27}}=|{_BASE64}{{38}}==|{_BASE64}{{43}}=|{_BASE64}{{86}}==)$"
"""The base64 of 20, 28, 32 or 64 bytes (SHA-1, SHA-224, SHA-256, SHA-512)."""
SHORT_DIGEST_BASE64 = rf"^{_BASE64}{{21}}[AQgw]==$"
_DIGEST_LENGTHS = pa.array([24, 28, 32], pa.int32())
CONTRACT_ID = r"(?i)^[A-Z]{2}[-*]?[A-Z0-9]{3}[-*]?(?:[A-Z0-9]{8,9}|[A-Z0-9]{6})(?:[-*]?[A-Z0-9])?$"
CONTRACT_ID_UNTIL_NOVEMBER_2026 = r"(?i)^[A-Z]{2}-?[A-Z0-9]{3}-?[A-Z0-9]{8,9}(?:-?[A-Z0-9])?$"
EVSE_ID = r"(?i)^[A-Z]{2}[*-]?[A-Z0-9]{3}[*-]?E[A-Z0-9][A-Z0-9*-]*$"
EVSE_ID_LONGEST = 48
POINT_SUFFIX = r"(?i)E[A-Z0-9][A-Z0-9*-]*[*-][0-9]{1,2}$"


def looks_hashed(ids: Any) -> tuple[Any, Any]:
    """Two masks of ids: false in the first where an id is surely a digest, in the second where it may well be one.

    Digits alone are no digest, and 32 digits that form a UUID are a valid id.
    """
    lengths = pc.utf8_length(ids)
    suspect = pc.or_(pc.is_in(lengths, value_set=_DIGEST_LENGTHS), pc.greater_equal(lengths, 40))
    rows = pc.indices_nonzero(pc.fill_null(suspect, False))
    never = pa.repeat(True, len(ids))
    if not len(rows):
        return never, never
    values = pc.take(ids, rows)
    has_letter = pc.match_substring_regex(values, "[A-Fa-f]")
    surely = pc.or_(
        pc.and_(pc.match_substring_regex(values, LONG_DIGEST), has_letter),
        pc.match_substring_regex(values, LONG_DIGEST_BASE64),
    )
    maybe = pc.or_(
        pc.and_(
            pc.and_(pc.match_substring_regex(values, SHORT_DIGEST), has_letter),
            pc.invert(pc.match_substring_regex(values, UUID_DIGITS)),
        ),
        _base64_of_no_uuid(values),
    )
    return _without(never, rows, surely), _without(never, rows, maybe)


def _base64_of_no_uuid(values: Any) -> Any:
    """Where a text is the base64 of 16 bytes that are not a UUID."""
    found = pc.match_substring_regex(values, SHORT_DIGEST_BASE64)
    for row in pc.indices_nonzero(found).to_pylist():
        content = base64.b64decode(values[row].as_py().replace("-", "+").replace("_", "/"))
        if 1 <= content[6] >> 4 <= 8 and content[8] >> 6 == 2:
            found = _without(found, pa.array([row], pa.uint64()), pa.array([True]))
    return found


def _without(mask: Any, rows: Any, dropped: Any) -> Any:
    """A mask made False in those of the rows that are dropped."""
    changed = mask.to_numpy(zero_copy_only=False).copy()
    changed[rows.filter(dropped).to_numpy()] = False
    return pa.array(changed)


_SHA1_BASE64 = "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
_MD5 = "d41d8cd98f00b204e9800998ecf8427e"
_MD5_BASE64 = "1B2M2Y8AsgTpgAmY7PhCfg=="
_UUID = "3f2504e04f8941d39a0c0305e82c3301"


_READING = (
    "An error for a hexadecimal digest of 40 digits and more or its base64 form. A warning for 32 hexadecimal digits or the "
    "base64 of 16 bytes, and only where these are no UUID: a UUID without dashes is a valid id. Base64 is told by its padding."
)
_OF_LOCATIONS = (
    "An error for a hexadecimal digest of 40 digits and more or its base64 form, told by its padding. From November 2026 on 32 "
    "hexadecimal digits, or the base64 of 16 bytes, are told once for all Locations of a delivery (location_ids_not_hashed)."
)


def _hashed(name: str) -> Callable[[View], Any]:
    def body(view: View) -> Any:
        surely_none, none = looks_hashed(view[name])
        return fails(surely_none), fails(none, severity=Severity.WARNING)

    body.__name__ = f"{name}_not_hashed"
    return body


def _surely_hashed(name: str) -> Callable[[View], Any]:
    def body(view: View) -> Any:
        return looks_hashed(view[name])[0]

    body.__name__ = f"{name}_not_hashed"
    return body


def _declare_not_hashed(
    object_name: str, name: str, heading: str, *, versions: tuple[str, ...] = VERSIONS, implies: tuple[str, ...] = ()
) -> None:
    is_location = name == "location_id"
    good: tuple[Mapping[str, Any], ...] = ({name: _UUID}, {name: "3f2504e0-4f89-41d3-9a0c-0305e82c3301"})
    if implies:
        good = ({},)
    rule(
        Severity.ERROR,
        object=object_name,
        reads=(name,),
        versions=versions,
        nl="Het id lijkt een hash te zijn.",
        en="The id looks like a hash.",
        fix_nl="Lever het id zoals het in uw systeem staat, zonder het te hashen; NDW pseudonimiseert zelf.",
        fix_en="Send the id as it is in your system, without hashing it; NDW makes pseudonyms itself.",
        source=Source("P", heading),
        reading=_OF_LOCATIONS if is_location else _READING,
        good=good,
        bad=({name: _SHA1_BASE64},) if is_location else ({name: _SHA1_BASE64}, {name: _MD5}, {name: _MD5_BASE64}),
        implies=implies,
        also=() if is_location else (Severity.WARNING,),
    )(_surely_hashed(name) if is_location else _hashed(name))
    if is_location:
        RULES[f"{object_name}.{name}_not_hashed"].until(AFTER_TRIALS)(_hashed(name))


_declare_not_hashed("cdr", "cdr_id", "CDRs")
_declare_not_hashed("cdr", "location_id", "Locations", versions=("2.1.1",))
_declare_not_hashed("cdr", "token_uid", "CDRs, cdr_token", versions=VERSIONS[1:])
_declare_not_hashed("cdr", "contract_id", "CDRs", implies=("contract_id_format",))
_declare_not_hashed("location", "location_id", "Locations")


@rule(
    Severity.WARNING,
    object="location",
    scope=Scope.DELIVERY,
    blames="location_id",
    nl="Id's van laadlocaties in deze levering lijken op hashes.",
    en="Ids of locations in this delivery look like hashes.",
    fix_nl="Zijn dit de id's uit uw eigen systeem, dan hoeft u niets te doen. Lever ze anders zonder ze te hashen.",
    fix_en="Where these are the ids of your own system, nothing needs to be done. Else send them without hashing them.",
    source=Source("P", "Locations"),
    reading="32 hexadecimal digits, or the base64 of 16 bytes, that are no UUID. Told once, at the first: it says the same of "
    "all. Found: that id, and how many there are.",
    measured="All 5,843 Locations of one CPO have such ids of its own.",
    good=(({}, {"location_id": _UUID, "@evses[0].evse_id": "NL*ABC*E00431"}),),
    bad=(
        ({"location_id": _MD5},),
        ({}, {"location_id": _MD5_BASE64, "@evses[0].evse_id": "NL*ABC*E00431"}),
    ),
    valid_from=AFTER_TRIALS,
)
def location_ids_not_hashed(night: Nightly) -> Part:
    ids = night.column("location", "location_id")
    surely_none, none = looks_hashed(ids)
    rows = broken(pc.or_(pc.or_(none, pc.invert(surely_none)), pc.is_null(ids)))
    return Part(rows[:1], value=[f"{ids[int(row)].as_py()} ({len(rows)} ×)" for row in rows[:1].to_pylist()])


@rule(
    Severity.WARNING,
    reads=("contract_id",),
    nl="Het contract-id heeft niet de vorm van eMI3 of DIN 91286.",
    en="The contract id does not have the form of eMI3 or DIN 91286.",
    fix_nl="Lever het contract-id van de laaddienstverlener, zoals NL-AAA-12345678-A.",
    fix_en="Send the contract id of the e-mobility service provider, such as NL-AAA-12345678-A.",
    source=Source("P", "CDRs"),
    reading="The profile gives an example and no rule: a warning. Country, provider, eight or nine characters (eMI3) "
    "or, from November 2026 on, six (DIN SPEC 91286), and an optional check digit; any case; separators may be left "
    "out, and are dashes or (from November 2026 on) asterisks.",
    good=(
        {"contract_id": "NL-AAA-12345678-A"},
        {"contract_id": "NLEMSC00000042X"},
        {"contract_id": "de-8aa-c12345678"},
        {"contract_id": "NL-TNM-066075-5"},
        {"contract_id": "DE*GDF*012345*X"},
        {"contract_id": "DE*8AA*CA2B3C4D5*L"},
    ),
    bad=({"contract_id": "04A1B2C3D4E5F6"}, {"contract_id": "NL-EMS-42"}, {"contract_id": _UUID}),
)
def contract_id_format(view: View) -> Any:
    return pc.match_substring_regex(view["contract_id"], CONTRACT_ID)


contract_id_format.until(AFTER_TRIALS)(
    lambda view: pc.match_substring_regex(view["contract_id"], CONTRACT_ID_UNTIL_NOVEMBER_2026)
)


def evse_id_format(view: View) -> Any:
    """Any case, separators optional, at most 48 characters."""

    def is_formed(ids: Any) -> Any:
        return pc.and_(pc.match_substring_regex(ids, EVSE_ID), pc.less_equal(pc.utf8_length(ids), EVSE_ID_LONGEST))

    return view.on_distinct("evse_id", is_formed)


_EVSE_ID: dict[str, Any] = {
    "reads": ("evse_id",),
    "nl": "Het EVSE-id heeft niet de vorm NL*ABC*E12345.",
    "en": "The EVSE id does not have the form NL*ABC*E12345.",
    "fix_nl": "Lever het volledige EVSE-id: landcode, code van de CPO, een E en het nummer; hoogstens 48 tekens.",
    "fix_en": "Send the whole EVSE id: country code, the CPO's code, an E and the number; 48 characters at most.",
    "reading": "Any case; asterisks and dashes are both read as separators and may be left out. The length is part of "
    "the form, so no rule of its own speaks of it.",
    "good": (
        {"evse_id": "NL*ABC*E12345"},
        {"evse_id": "nlabce12345"},
        {"evse_id": "NL-ABC-E12345"},
        {"evse_id": "DE*A1C*E00*427*B"},
        {"evse_id": "NL*ABC*E" + "1" * 40},
    ),
    "bad": (
        {"evse_id": "NL*ABC*12345"},
        {"evse_id": "12345"},
        {"evse_id": "NL*ABC*E"},
        {"evse_id": "NL ABC E12345"},
        {"evse_id": "NL*ABC*E" + "1" * 41},
        {"evse_id": "NL*ABC*É12345"},
    ),
}
rule(Severity.ERROR, object="cdr", source=Source("P", "CDRs"), **_EVSE_ID)(evse_id_format)
rule(Severity.ERROR, object="evse", source=Source("P", "Locations, EVSE"), **_EVSE_ID)(evse_id_format)


def evse_id_point_suffix(view: View) -> Any:
    """No separator and one or two digits at the end."""
    return view.on_distinct("evse_id", lambda ids: pc.invert(pc.match_substring_regex(ids, POINT_SUFFIX)))


_POINT_SUFFIX: dict[str, Any] = {
    "reads": ("evse_id",),
    "nl": "Het EVSE-id eindigt op een volgnummer van het punt.",
    "en": "The EVSE id ends in a number for the point.",
    "fix_nl": "Heeft elk laadpunt zo een eigen EVSE-id, dan hoeft u niets te doen. Gebruik het id wel overal gelijk.",
    "fix_en": "Where each EVSE has an EVSE id of its own this way, nothing needs to be done. Use the same id everywhere.",
    "reading": "The profile wants the station's id without the point's, and also one id per EVSE; both cannot be. We accept "
    "both, and tell it: one or two digits after a separator at the end.",
    "good": ({"evse_id": "NL*ABC*E12345"}, {"evse_id": "NLABCE123451"}, {"evse_id": "NL*ABC*E00*423"}),
    "bad": ({"evse_id": "NL*ABC*E12345*1"}, {"evse_id": "nl-abc-e12345-02"}),
}
rule(Severity.WARNING, object="cdr", source=Source("P", "CDRs"), **_POINT_SUFFIX)(evse_id_point_suffix)
rule(Severity.WARNING, object="evse", source=Source("P", "Locations, EVSE"), **_POINT_SUFFIX)(evse_id_point_suffix)
