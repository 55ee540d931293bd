"""What is held back: records that no permission covers, and records that are no public charging session.

Here: the reason for each record, or null. Errors are not given to a record that is held back; it is listed for the
operator. Not here: whether a CPO may be asked at all (cpos.py), and the other buckets (judge_cdrs.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import local_date
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.register.cpos import Cpo, Permission

NO_PERMISSION = "no_permission"
RESERVATION_ONLY = "reservation_only"
HOME_CHARGING = "home_charging"
EARLIEST_END = datetime(2009, 1, 1, tzinfo=UTC)
"""Before this no session can have ended (LINDA toolkit, Architectuur)."""


def reasons(table: pa.Table, covered: Any) -> Any:
    """Why each CDR is held back, or null. `covered`: whether a permission covers it."""
    home = (
        pc.fill_null(table["home_charging_compensation"], False)
        if "home_charging_compensation" in table.column_names
        else pa.scalar(False)
    )
    return pc.case_when(
        pc.make_struct(pc.invert(covered), table["reservation_only"], home),
        NO_PERMISSION,
        RESERVATION_ONLY,
        HOME_CHARGING,
    )


def amsterdam_dates(moments: Any) -> Any:
    """The Amsterdam date of each moment."""
    local = pc.local_timestamp(pc.cast(one_chunk(moments), pa.timestamp("us", tz="Europe/Amsterdam")))
    return pc.cast(local, pa.date32())


def covered_cdrs(cpo: Cpo, ends: Any, gemeente: Any, pulled_at: datetime) -> Any:
    """Whether a permission covers each CDR: on the day of its session's end, for its municipality where areas are named.

    Where the end or the municipality cannot be told, a permission that is valid at the pull covers it, so that it is judged.
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
        in_force = pc.fill_null(within(permission, days), False)
        if permission.areas:
            unknown = pc.or_(unknown, pc.and_(in_force, pc.is_null(gemeente)))
            named = pc.is_in(gemeente, value_set=pa.array(permission.areas, pa.string()))
            in_force = pc.and_(in_force, named)
        covered = pc.or_(covered, in_force)
    return pc.or_(covered, pc.and_(unknown, valid_now))


def covered_locations(cpo: Cpo, gemeente: Any, night: date) -> Any:
    """Whether a permission covers each Location on the night; one whose municipality cannot be told is covered by any."""
    permissions = [permission for permission in cpo.permissions if permission.holds_on(night)]
    covered = pa.repeat(any(not permission.areas for permission in permissions), len(gemeente))
    areas = sorted({area for permission in permissions for area in permission.areas})
    known = pc.is_in(gemeente, value_set=pa.array(areas, pa.string()))
    return pc.or_(covered, pc.or_(known, pc.and_(pc.is_null(gemeente), bool(permissions))))


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
