"""Whose data a CDR is: the permission that covers it, and with it the data owner.

Here: the choice among a CPO's permissions by the day of the session's end and its municipality. Not here: whether a record
is covered at all (holding.py), and what the register says of a permission (register).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.judging.holding import amsterdam_dates, within
from linda_pipeline.register.cpos import Cpo


def permission_of(cpo: Cpo, ends: Any, gemeente: Any) -> pa.Table:
    """owner_id and permission_document of the permission that covers each accepted CDR; null where it cannot be told.

    `ends`: the moments at which sessions ended; `gemeente`: their municipality codes. The narrowest permission wins: one that
    names municipalities before one for all charge points. (The register refuses two of equal rank. Should there be any, the one
    that began last counts, then the first by document.) Our reading where the municipality is not known: a permission for all
    charge points, else that of the only owner of that day. Null shows a record to no owner; a wrong owner would show it to him.
    """
    ranked = sorted(cpo.permissions, key=lambda one: (one.rank, -one.start.toordinal(), one.document))
    days = amsterdam_dates(ends)
    on_the_day = np.zeros((len(ranked), len(days)), bool)
    covers = np.zeros_like(on_the_day)
    for number, permission in enumerate(ranked):
        on_the_day[number] = _mask(within(permission, days))
        named = _mask(pc.is_in(gemeente, value_set=pa.array(permission.areas, pa.string())))
        covers[number] = on_the_day[number] & (named if permission.areas else True)
    of_nowhere = _mask(pc.is_null(gemeente)) & ~covers.any(axis=0)
    owners = {permission.owner_id for permission in ranked}
    for owner in sorted(owners):
        others = [number for number, one in enumerate(ranked) if one.owner_id != owner]
        alone = of_nowhere & ~on_the_day[others].any(axis=0)
        covers |= on_the_day & alone
    chosen = pa.array(covers.argmax(axis=0), mask=~covers.any(axis=0)) if ranked else pa.nulls(len(days), pa.int64())
    return pa.table(
        {
            "owner_id": _names([one.owner_id for one in ranked], chosen),
            "permission_document": _names([one.document for one in ranked], chosen),
        }
    )


def _mask(values: Any) -> Any:
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def _names(names: list[str], chosen: Any) -> Any:
    return pa.array(names, pa.string()).take(chosen)
