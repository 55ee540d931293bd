"""What is held back: records that no permission covers, and records that are no public charging session.

Here: the reason for each record, or null. A record that is held back gets no errors; it is listed for the operator, and told
to the CPO where a flag could not be read. These gates have no date and no setting. Not here: whether a CPO may be asked at all
(register), which Locations were not public when (not_public.py), and the other buckets (judge_cdrs.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linda_pipeline.calendar import local_date
from linda_pipeline.judging.named_places import PlaceNames, covered_by_any, lies_in
from linda_pipeline.ocpi.columns import OBJECTS
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.normalise import Unit
from linda_pipeline.register.cpos import Cpo, Permission

NO_PERMISSION = "no_permission"
RESERVATION_ONLY = "reservation_only"
HOME_CHARGING = "home_charging"
NOT_PUBLIC = "not_public"
"""A Location that says so itself (publish false, publish_allowed_to, ON_DRIVEWAY), and every CDR at it."""
SCOPE_UNREADABLE = "scope_unreadable"
"""Whether it is public charging stands in it, but cannot be read. It is told to the CPO, so that it can be mended."""
DRIVEWAY = "ON_DRIVEWAY"
EARLIEST_END = datetime(2009, 1, 1, tzinfo=UTC)
"""Before this no session can have ended (LINDA toolkit, Architectuur)."""


def reasons(table: pa.Table, covered: Any, unreadable: Any, not_public: Any) -> Any:
    """Why each CDR is held back, or null.

    `covered`: whether a permission covers it; `unreadable`: whether a flag on its scope could not be read; `not_public`:
    whether it was made at a Location that is not public.
    """
    home = (
        pc.fill_null(table["home_charging_compensation"], False)
        if "home_charging_compensation" in table.column_names
        else pa.scalar(False)
    )
    return pc.case_when(
        pc.make_struct(
            pc.invert(covered), table["reservation_only"], home, unreadable, pc.or_(not_public, _on_a_driveway(table))
        ),
        NO_PERMISSION,
        RESERVATION_ONLY,
        HOME_CHARGING,
        SCOPE_UNREADABLE,
        NOT_PUBLIC,
    )


def location_reasons(table: pa.Table, covered: Any, unreadable: Any) -> Any:
    """Why each Location is held back, or null; as for CDRs. It is not public where any of its three signs says so."""
    not_public = _on_a_driveway(table)
    if "publish" in table.column_names:
        not_public = pc.or_(not_public, pc.fill_null(pc.invert(table["publish"]), False))
        named = pc.fill_null(pc.list_value_length(table["publish_allowed_to"]), 0)
        not_public = pc.or_(not_public, pc.greater(named, 0))
    return pc.case_when(
        pc.make_struct(pc.invert(covered), unreadable, not_public), NO_PERMISSION, SCOPE_UNREADABLE, NOT_PUBLIC
    )


def scope_unreadable(unit: Unit) -> Any:
    """The mask of records with a flag on their scope that cannot be read. Where what holds it cannot be read either, the
    record is refused for that."""
    wanted = _gates(unit.object, unit.version)
    mask = np.zeros(len(unit), bool)
    flaws = unit.flaws
    for name, path in wanted.items():
        its_own = pc.and_(pc.equal(flaws["column"], name), pc.equal(flaws["path"], path))
        mask[flaws.filter(its_own)["row"].to_numpy()] = True
    return pa.array(mask)


def told(found: pa.Table, reasons: Any, object_name: str) -> pa.Table:
    """Findings (with `row`) without those on records that are held back; save what could not be read, where that is why."""
    reason = pc.take(one_chunk(reasons), found["row"])
    gates = pa.array([f"{column.stem}_unreadable" for column in OBJECTS[object_name] if column.gate == "held"])
    is_why = pc.and_(pc.fill_null(pc.equal(reason, SCOPE_UNREADABLE), False), pc.is_in(found["rule"], value_set=gates))
    return found.filter(pc.or_(pc.is_null(reason), is_why))


@cache
def _gates(object_name: str, version: str) -> dict[str, str]:
    return {
        column.name: column.path[version]
        for column in OBJECTS[object_name]
        if column.gate == "held" and version in column.path
    }


def _on_a_driveway(table: pa.Table) -> Any:
    if "location_type" not in table.column_names:
        return pa.scalar(False)
    kind = pc.utf8_upper(pc.utf8_trim_whitespace(table["location_type"]))
    return pc.fill_null(pc.equal(kind, DRIVEWAY), False)


def amsterdam_dates(moments: Any) -> Any:
    """The Amsterdam date of each moment."""
    local = pc.local_timestamp(pc.cast(one_chunk(moments), pa.timestamp("us", tz="Europe/Amsterdam")))
    return pc.cast(local, pa.date32())


def covered_cdrs(cpo: Cpo, ends: Any, places: PlaceNames, pulled_at: datetime) -> Any:
    """Whether a permission covers each CDR: on the day of its session's end, at the charge points that it names.

    Where the end or the place cannot be told, a permission that is valid at the pull covers it, so that it is judged.
    Our reading: an end before 2009 or after the pull tells nothing either; else such a defect would be held back for want of
    a permission, and its CPO would never hear of it.
    """
    ends = one_chunk(ends)
    possible = pc.and_(
        pc.greater_equal(ends, pa.scalar(EARLIEST_END, ends.type)), pc.less_equal(ends, pa.scalar(pulled_at, ends.type))
    )
    days = amsterdam_dates(pc.if_else(possible, ends, None))
    valid_now = any(permission.holds_on(local_date(pulled_at)) for permission in cpo.permissions)
    covered = pa.repeat(False, len(days))
    unknown = pc.is_null(days)
    for permission in cpo.permissions:
        in_force, named = pc.fill_null(within(permission, days), False), lies_in(permission, places)
        unknown = pc.or_(unknown, pc.and_(in_force, pc.is_null(named)))
        covered = pc.or_(covered, pc.and_(in_force, pc.fill_null(named, False)))
    return pc.or_(covered, pc.and_(unknown, valid_now))


def covered_night(
    cpo: Cpo, night: date, locations: PlaceNames, evses: PlaceNames, location_of: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a permission covers each Location on the night, and each EVSE; one whose place cannot be told is covered by any.

    A permission that names EVSEs covers these, and the Locations on which they stand: the other EVSEs there are held back
    alone. `location_of` is the row of each EVSE's Location.
    """
    permissions = [permission for permission in cpo.permissions if permission.holds_on(night)]
    by_evse = [permission for permission in permissions if permission.evses]
    whole = covered_by_any([one for one in permissions if not one.evses], locations).to_numpy(zero_copy_only=False)
    alone = covered_by_any(by_evse, evses).to_numpy(zero_copy_only=False)
    holds_one = np.zeros(len(whole), bool)
    holds_one[location_of[alone]] = True
    return whole | holds_one, whole[location_of] | alone


def needs_areas(cpo: Cpo) -> bool:
    """Whether any permission names areas, so that municipalities must be looked up."""
    return any(permission.areas for permission in cpo.permissions)


def within(permission: Permission, days: Any) -> Any:
    """Whether a permission is in force on each day; null where the day is."""
    after = pc.greater_equal(days, pa.scalar(permission.start, pa.date32()))
    return (
        after
        if permission.until is None
        else pc.and_(after, pc.less_equal(days, pa.scalar(permission.until, pa.date32())))
    )
