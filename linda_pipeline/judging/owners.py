"""Whose data a CDR is: the permission that covers it, and with it the data owner.

Here: the choice among a CPO's permissions by the day of the session's end and its place. Not here: whether a record
is covered at all (holding.py), and what the register says of a permission (register).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.holding import amsterdam_dates, within
from linda_pipeline.judging.named_places import PlaceNames, lies_in
from linda_pipeline.register.cpos import Cpo, Permission


def permission_of(cpo: Cpo, ends: Any, places: PlaceNames) -> pa.Table:
    """owner_id and permission_document of the permission that covers each accepted CDR; null where it cannot be told.

    `ends`: the moments at which sessions ended; `places`: where.
    """
    ranked, chosen = _narrowest(cpo, amsterdam_dates(ends), places)
    return pa.table(
        {
            "owner_id": _names([one.owner_id for one in ranked], chosen),
            "permission_document": _names([one.document for one in ranked], chosen),
        }
    )


def owners_on(cpo: Cpo, day: date, places: PlaceNames) -> Any:
    """The name of the data owner to whom each record of a day belongs; null where it cannot be told."""
    ranked, chosen = _narrowest(cpo, pa.repeat(pa.scalar(day, pa.date32()), len(places.gemeente)), places)
    return _names([one.owner for one in ranked], chosen)


def _narrowest(cpo: Cpo, days: Any, places: PlaceNames) -> tuple[list[Permission], Any]:
    """A CPO's permissions, the narrowest first, and which of them counts for each record.

    The narrowest permission wins: one that names EVSEs before one that names Locations, municipalities, or all charge points.
    (The register refuses two of equal rank. Should there be any, the one that began last counts, then the first by document.)
    Our reading where the place is not known: a permission for all charge points, else that of the only owner of that day. Null
    shows a record to no owner; a wrong owner would show it to him.
    """
    ranked = sorted(cpo.permissions, key=lambda one: (one.rank, -one.start.toordinal(), one.document))
    on_the_day = np.zeros((len(ranked), len(days)), bool)
    covers, untold = np.zeros_like(on_the_day), np.zeros_like(on_the_day)
    for number, permission in enumerate(ranked):
        on_the_day[number] = _mask(within(permission, days))
        named = lies_in(permission, places)
        covers[number] = on_the_day[number] & _mask(named)
        untold[number] = _mask(pc.is_null(named))
    of_nowhere = untold.any(axis=0) & ~covers.any(axis=0)
    owners = {permission.owner_id for permission in ranked}
    for owner in sorted(owners):
        others = [number for number, one in enumerate(ranked) if one.owner_id != owner]
        alone = of_nowhere & ~on_the_day[others].any(axis=0)
        covers |= on_the_day & alone
    chosen = pa.array(covers.argmax(axis=0), mask=~covers.any(axis=0)) if ranked else pa.nulls(len(days), pa.int64())
    return ranked, chosen


def _mask(values: Any) -> Any:
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def _names(names: list[str], chosen: Any) -> Any:
    return pa.array(names, pa.string()).take(chosen)
