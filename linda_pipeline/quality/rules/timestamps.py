"""Rules on how a moment in a CDR is written: in UTC, as OCPI writes it.

Here: the designator at its end. Not here: whether it is a moment at all (derived.py), and what it says (moments.py).
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import OBJECTS, Type, walk
from linda_pipeline.quality.rule import Part, Severity, Source, rule
from linda_pipeline.quality.view import View

_OFFSET = r"[+-]\d\d:\d\d$"
_ZERO_OFFSET = r"[+-]00:00$"


def _stamps(view: View, refused: str, allowed: str | None = None) -> tuple[Part, ...]:
    """A verdict per column that holds moments: fine where the text as sent does not end in a refused offset."""
    parts = []
    for column in walk(OBJECTS["cdr"]):
        if column.type is not Type.DATETIME or view.version not in column.path:
            continue
        places, sent = _not_in_z(view, column.name)
        if not len(places):
            continue
        offends = pc.and_(pc.match_substring_regex(sent, refused), pc.is_valid(pc.take(view[column.name], places)))
        if allowed is not None:
            offends = pc.and_not(offends, pc.match_substring_regex(sent, allowed))
        parts.append(Part(places.filter(offends), column.name))
    return tuple(parts)


def _not_in_z(view: View, name: str) -> tuple[Any, Any]:
    """Where a moment came as text that does not end in Z, and that text: nearly all do, so only these are looked at."""

    def make() -> tuple[Any, Any]:
        sent = view.text(name)
        places = pc.indices_nonzero(pc.invert(pc.ends_with(sent, "Z")))
        return places, pc.take(sent, places)

    found: tuple[Any, Any] = view.keep(f"{name} not in Z", make)
    return found


@rule(
    Severity.ERROR,
    reads=(),
    blames="start_date_time",
    nl="Het tijdstip staat niet in UTC.",
    en="The moment is not in UTC.",
    fix_nl="Reken het tijdstip om naar UTC en schrijf het met een Z, zoals 2026-11-10T07:30:00Z.",
    fix_en="Convert the moment to UTC and write it with a Z, such as 2026-11-10T07:30:00Z.",
    source=Source("P", "CDRs"),
    reading="Z or no designator is UTC, as OCPI says; an offset other than zero is refused. Holds for every moment in a "
    "CDR.",
    good=({"start_date_time": "2026-11-10T07:30:00"}, {"end_date_time": "2026-11-10T11:00:00.000Z"}),
    bad=(
        {"start_date_time": "2026-11-10T08:30:00+01:00"},
        {"end_date_time": "2026-11-10T06:00:00-05:00"},
        {"charging_periods.start_date_time": "2026-11-10T08:30:00+01:00"},
    ),
)
def timestamp_utc(view: View) -> Any:
    return _stamps(view, _OFFSET, _ZERO_OFFSET)


@rule(
    Severity.WARNING,
    reads=(),
    blames="start_date_time",
    nl="Het tijdstip is met +00:00 geschreven in plaats van met een Z.",
    en="The moment is written with +00:00 instead of a Z.",
    fix_nl="Schrijf het tijdstip met een Z, zoals 2026-11-10T07:30:00Z.",
    fix_en="Write the moment with a Z, such as 2026-11-10T07:30:00Z.",
    source=Source("O", "DateTime type"),
    reading="+00:00 is UTC, but OCPI knows no offsets.",
    good=({"start_date_time": "2026-11-10T07:30:00Z"},),
    bad=({"start_date_time": "2026-11-10T07:30:00+00:00"}, {"last_updated": "2026-11-10T12:00:00-00:00"}),
)
def timestamp_zero_offset(view: View) -> Any:
    return _stamps(view, _ZERO_OFFSET)
