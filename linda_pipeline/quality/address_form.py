"""The form of a Dutch address and postal code, as patterns: what counts as street and house number, and what as a description.

Here: whether a text has the form, and what it would be with one mistake in writing mended. Not here: the rules
(rules/addresses.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.quality.signs import composed, repaired, visible

_PART = r"(?:[A-Za-z\d]{1,4}|[Zz]wart)"
_ADDITION = rf"{_PART}(?:-{_PART})*"
_STREET = r"['’‘]?[\d\s.]*\pL[\pL\d\s.'’‘`()/&+-]*"  # digits and dashes occur in it (Plein 1944, 1e Jan Steenstraat)
STREET_AND_NUMBER = (
    rf"^\s*{_STREET}"
    r"\s+[1-9]\d{0,4}"  # the house number, after a space
    rf"(?:\s+{_ADDITION}){{0,2}}\s*$"  # nothing, or a space and an addition (7 B, 12 A-1, 12 bis A)
)
_WAY = (
    r"[\pL'’.-]{2,}(?:straat|str\.|weg|laan|plein|singel|kade|gracht|dijk|pad|steeg|hof|dreef|markt|baan|park|strjitte)"
)
_CROSSING = r"(?:\s*[/&+]\s*|\s+[-–x]\s+|\s+en\s+|\s+hoek\s+(?:van\s+)?(?:de\s+|het\s+)?)"
_DESCRIPTION = (
    r"(?i)(?:{beside})\s+\S+\s+\S"  # beside a street
    r"|\pL[\s,(]+(?:t\.?\s?o\.?|t/o|t\.?\s?h\.?\s?v\.?|tegenover|nabij|ter hoogte van)\s+\d"
    r"|\d{glued}\s*[,(]?\s*(?:t\.\s?o\.|t/o|t\.\s?h\.\s?v\.|thv|tegenover|nabij|naast|bij|achter|hoek|ter hoogte van)(?:\s|$)"
    r"|\d\s*(?:t/m|tot en met)\s"  # a range of numbers is not one number
    r"|\b\d+e\s+(?:laad)?paal\b|\blaad(?:paal|punt)\b"
    rf"|\b{_WAY}(?:\s+\d+{{glued}})?{_CROSSING}{_WAY}\b"  # a crossing of two streets
    r"|\pL\s+/\s+\pL"
    rf"|\b{_WAY}\s+(?:hoek|kruising|naast)\b"
    rf"|^\s*(?:hoek|kruising|naast)\s+(?:(?:van\s+)?(?:de|het)\s+)?{_WAY}\b"
)
_WORDS_BESIDE = "t/o|thv|tegenover|nabij|ter hoogte van"
DESCRIPTION = _DESCRIPTION.replace("{glued}", "[A-DF-Za-df-z]?").replace(
    "{beside}",
    rf"^\s*(?:t\.\s?o\.|t\.\s?h\.\s?v\.)|[\s(](?-i:t\.\s?o\.|t\.\s?h\.\s?v\.)|(?:^|[\s(])(?:{_WORDS_BESIDE})",
)
"""A description of where a charge point stands: only beside a street and a number, never as a street's own name. Capitals
amid a text are somebody's initials (Ds. T.O. Hylkemaweg 5)."""
DESCRIPTION_UNTIL_NOVEMBER_2026 = _DESCRIPTION.replace("{glued}", "").replace(
    "{beside}", rf"(?:^|[\s(])(?:t\.\s?o\.|t\.\s?h\.\s?v\.|{_WORDS_BESIDE})"
)
NO_HOUSE_NUMBER = (
    r"\s[1-9]\d{3}\s*(?:[A-GI-RT-Z][A-Z]|H[A-RT-Z]|S[BCE-RT-Z])\s*$"  # a postal code; 1024 HS is an upper floor
    r"|(?:^|\s)[AN]\s+\d{1,3}\s*$"  # a road
    r"|\s(?:19\d\d\s*[-/]\s*(?:19)?\d\d|40\s*-\s*'?45)\s*$"  # the years in a street's name
)
"""What stands where the house number should."""
_OTHER_ADDITION = rf"(?:\s*[-/]\s*{_PART}|[A-Za-z]{{1,3}}(?:\d{{1,3}})?)"
OTHER_ADDITION = rf"^(\s*{_STREET}\s+[1-9]\d{{0,4}})({_OTHER_ADDITION}(?:\s*[-/\s]\s*{_PART}){{0,2}}\s*)$"
"""A street and a number with an addition glued to it, or behind a dash: 12A, 33-A, 37/b, 6-429."""
_AFTER_NUMBER = rf"(\s[1-9]\d{{0,4}})\s+[-/\s]*({_PART}(?:\s*[-/\s]\s*{_PART})*)\s*$"
_DASHED = rf"\d\s*[-/]\s+{_PART}\s*$"
"""A dash or slash between number and addition, where a pattern could take the number for a part of the street."""
POSTAL_CODE = r"^[1-9][0-9]{3} (?:[A-RT-Z][A-Z]|S[BCE-RT-Z])$"
"""Four digits that do not start with 0, one space, two capitals; SA, SD and SS were never given out."""


def as_read(texts: Any) -> Any:
    """Texts as a reader takes them: letters composed, and UTF-8 that was read as Latin-1 read well."""
    return composed(repaired(texts))


def is_address(texts: Any) -> Any:
    """Whether texts are a street, a house number, and at most an addition behind a space."""
    return _without(pc.match_substring_regex(texts, STREET_AND_NUMBER), texts, _DASHED, DESCRIPTION, NO_HOUSE_NUMBER)


def was_address(texts: Any) -> Any:
    """The same as it was told until November 2026: initials could count as a description, and a road's number as a house's."""
    return _without(pc.match_substring_regex(texts, STREET_AND_NUMBER), texts, DESCRIPTION_UNTIL_NOVEMBER_2026)


def has_other_addition(texts: Any) -> Any:
    """Whether texts are addresses but for the way in which the addition is written."""
    return _without(pc.match_substring_regex(texts, OTHER_ADDITION), texts, DESCRIPTION, NO_HOUSE_NUMBER)


def is_postal_code(texts: Any) -> Any:
    """Whether texts are Dutch postal codes as 1111 AA."""
    return pc.match_substring_regex(texts, POSTAL_CODE)


def _without(found: Any, texts: Any, *patterns: str) -> Any:
    """Of the texts that are `found`, those without any of the patterns; a long pattern is costly even for no text at all."""
    for pattern in patterns:
        if pc.any(found).as_py():
            found = pc.and_not(found, pc.match_substring_regex(texts, pattern))
    return found


def with_spaced_addition(texts: Any) -> Any:
    """Addresses with their addition behind a space alone; null where that does not make them right."""
    spaced = pc.replace_substring_regex(as_read(texts), OTHER_ADDITION, r"\1 \2")
    bare = _neat(pc.replace_substring_regex(spaced, _AFTER_NUMBER, r"\1 \2"))
    return pc.if_else(is_address(bare), bare, None)


def mended_addresses(texts: Any) -> Any:
    """Texts that are no address as the address that they become by mending one mistake in writing; null where none does."""
    seen = visible(as_read(texts))
    attempts: tuple[Callable[[Any], Any], ...] = (
        lambda some: some,
        lambda some: pc.replace_substring(some, ",", " "),
        lambda some: pc.replace_substring_regex(some, r"(\pL)(\d{1,5}(?:\s.*)?)$", r"\1 \2"),
        lambda some: pc.replace_substring_regex(some, r"^\s*(\d{1,5}(?:\s*[A-Za-z])?)[\s,]+(\pL.*)$", r"\2 \1"),
    )
    tried = pa.concat_arrays([_neat(attempt(seen)) for attempt in attempts])
    glued = has_other_addition(tried)
    if pc.any(glued).as_py():
        tried = pc.if_else(glued, pc.coalesce(with_spaced_addition(tried), tried), tried)
    right = pc.if_else(is_address(tried), tried, None)
    return pc.coalesce(*(right.slice(number * len(seen), len(seen)) for number in range(len(attempts))))


def mended_postal_codes(texts: Any) -> Any:
    """Texts that are no postal code as the one that their four digits and two letters make; null where they do not."""
    bare = pc.utf8_upper(pc.replace_substring_regex(visible(texts), r"[\s.-]", ""))
    bare = pc.replace_substring_regex(bare, r"^NL", "")
    spaced = pc.replace_substring_regex(bare, r"^(\d{4})([A-Z]{2})$", r"\1 \2")
    return pc.if_else(is_postal_code(spaced), spaced, None)


def _neat(texts: Any) -> Any:
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"\s+", " "))
