"""Good and bad examples of the rules that follow from the column catalogue, and what their breaking implies.

Here: a value that breaks just the one rule, per column and kind. Not here: the rules (derived.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linda_pipeline.ocpi.columns import Column, Type
from linda_pipeline.quality.rule import ABSENT

_WRONG: Mapping[Type, tuple[Any, ...]] = {
    Type.TEXT: (12, ["tekst"]),
    Type.CI_TEXT: (12, {"id": "1"}),
    Type.NUMBER: ("4,00", "2.00", True),
    Type.INTEGER: ("16", 16.5),
    Type.BOOLEAN: ("true", 1),
    Type.DATETIME: (1762759800, "10-11-2026 07:30", "2026-11-31T07:30:00Z", "2026-11-10T07:30:00:093Z"),
    Type.COORDINATE: (51.84687, "51,846870", "N 51.846870"),
    Type.LIST: ("lijst", {"0": {}}),
    Type.OBJECT: ("object", 7),
}
_TEXT = (Type.TEXT, Type.CI_TEXT)

_TOO_LONG: Mapping[str, str] = {
    "address": "{filling}straat 3",
    "postal_code": "6511 JE ({filling}",
    "latitude": "51.8468700{digits}",
    "longitude": "5.86341000{digits}",
}
"""Texts that are too long and nothing else; {filling} and {digits} stand for as much as is needed."""

_IMPLIED: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    ("cdr", "country_code", "too_long"): ("owner_matches_connection",),
    ("cdr", "country_code", "not_ascii"): ("owner_matches_connection",),
    ("cdr", "party_id", "too_long"): ("owner_matches_connection",),
    ("cdr", "party_id", "not_ascii"): ("owner_matches_connection",),
    ("cdr", "contract_id", "too_long"): ("contract_id_format",),
    ("cdr", "contract_id", "not_ascii"): ("contract_id_format",),
    ("cdr", "token_type", "not_ascii"): ("token_type_unknown_value",),
    ("cdr", "tariffs.id", "too_long"): ("tariff_id_known",),
    ("cdr", "tariffs.id", "not_ascii"): ("tariff_id_known",),
    ("cdr", "charging_periods.tariff_id", "too_long"): ("tariff_id_known",),
    ("cdr", "charging_periods.tariff_id", "not_ascii"): ("tariff_id_known",),
    ("cdr", "tariffs.currency", "too_long"): ("tariff_currency_agrees",),
    ("cdr", "currency", "too_long"): ("currency_iso_4217",),
    ("cdr", "postal_code", "too_long"): ("postal_code_format",),
    ("cdr", "country", "too_long"): ("country_is_nld",),
    ("location", "postal_code", "too_long"): ("postal_code_format",),
    ("location", "country", "too_long"): ("country_is_nld",),
    ("location", "time_zone", "too_long"): ("time_zone_iana",),
}


def good(object_name: str, column: Column, kind: str) -> tuple[Any, ...]:
    """Changes that a rule has nothing against."""
    if kind == "too_long" and not implied(object_name, column, kind):
        return ({column.name: _of_length(column, min(column.max_length.values()))},)
    if kind == "unknown_value":
        return tuple({column.name: words[0]} for words in list(column.values.values())[:1])
    if kind == "unreadable" and column.type is Type.DATETIME:
        return ({}, {column.name: ABSENT}) if not column.required else ({},)
    return ({},)


def bad(object_name: str, column: Column, kind: str) -> tuple[Any, ...]:
    """Changes that break the rule."""
    return tuple({column.name: value} for value in _broken(column, kind))


def _broken(column: Column, kind: str) -> tuple[Any, ...]:
    if kind == "required":
        empty: tuple[Any, ...] = ([],) if column.type is Type.LIST else ()
        if column.type.json == "string":
            empty = ("", "#NA")
        if column.type is Type.DATETIME:
            empty = (*empty, "1970-1-1T00:00:00Z", "1970-01-01T00:00:00Z")
        return (ABSENT, None, *empty)
    if kind == "unreadable":
        return _WRONG[column.type]
    if kind == "too_long":
        return (_of_length(column, max(column.max_length.values()) + 1),)
    if kind == "not_ascii":
        length = min(column.max_length.values(), default=10)
        return ("É" * min(length, 3), "A\x07B"[: max(length, 2)])
    return ("ANDERS",)


def _of_length(column: Column, length: int) -> str:
    """A text of exactly so many characters."""
    template = _TOO_LONG.get(column.name, "{filling}")
    room = length - len(template.format(filling="", digits=""))
    return template.format(filling="Z" * room, digits="1" * room)


def implied(object_name: str, column: Column, kind: str) -> tuple[str, ...]:
    """The rules that a record which breaks this one breaks as well."""
    return _IMPLIED.get((object_name, column.name, kind), ())
