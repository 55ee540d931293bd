"""Which permission covers which record, and why a record is held back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from linda_pipeline.judging import holding
from linda_pipeline.judging.named_places import PlaceNames
from linda_pipeline.register.cpos import Permission
from linda_pipeline_tests.deliveries import PULLED_AT, permitted

NOVEMBER = Permission("L-1", "Eindhoven", "concession", date(2026, 11, 1), date(2026, 11, 15))
ZONNESTAD_ALONE = Permission("L-2", "Zonnestad", "concession", date(2026, 1, 1), areas=("GM9901",))


def ends(*moments: datetime | None) -> Any:
    return pa.array(moments, pa.timestamp("us", "UTC"))


def covered(permissions: list[Permission], moments: Any, gemeente: list[str | None] | None = None) -> list[bool]:
    codes = pa.array(gemeente or [None] * len(moments), pa.string())
    ids = [f"LOC-{number}" for number in range(len(moments))]
    places = PlaceNames(codes, pa.array(ids), pa.array([f"NL*ABC*E{number}" for number in range(len(moments))]))
    found: list[bool] = holding.covered_cdrs(permitted(*permissions), moments, places, PULLED_AT).to_pylist()
    return found


def test_a_permission_covers_sessions_that_end_on_its_first_to_its_last_amsterdam_day() -> None:
    moments = ends(
        datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 31, 23, 0, tzinfo=UTC),
        datetime(2026, 11, 15, 22, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 15, 23, 0, tzinfo=UTC),
    )
    assert covered([NOVEMBER], moments) == [False, True, True, False]


def test_a_session_whose_end_cannot_be_told_is_covered_by_a_permission_that_is_valid_at_the_pull() -> None:
    strange = ends(None, datetime(2008, 12, 31, tzinfo=UTC), datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
    assert covered([NOVEMBER], strange) == [False] * 3
    assert covered([ZONNESTAD_ALONE], strange) == [True] * 3


def test_a_permission_with_areas_covers_sessions_in_them() -> None:
    moments = ends(*[datetime(2026, 11, 10, tzinfo=UTC)] * 3)
    assert covered([ZONNESTAD_ALONE], moments, ["GM9901", "GM9902", None]) == [True, False, True]


def test_where_the_municipality_cannot_be_told_the_permission_must_hold_at_the_pull_and_on_the_day() -> None:
    ended = Permission("L-3", "Zonnestad", "concession", date(2026, 1, 1), date(2026, 11, 20), ("GM9901",))
    assert covered([ended], ends(datetime(2026, 11, 10, tzinfo=UTC)), [None]) == [False]
    assert covered([ZONNESTAD_ALONE], ends(datetime(2025, 11, 10, tzinfo=UTC)), [None]) == [False]


def test_permissions_add_up() -> None:
    moments = ends(datetime(2026, 11, 10, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
    assert covered([NOVEMBER, ZONNESTAD_ALONE], moments, ["GM9902", "GM9902"]) == [True, False]
    assert covered([], moments) == [False, False]


def test_locations_are_covered_by_what_holds_on_the_night() -> None:
    codes = pa.array(["GM9901", "GM9902", None], pa.string())

    def on(night: date, *permissions: Permission) -> list[bool]:
        ids, none = pa.array(["LOC-1", "LOC-2", "LOC-3"]), pa.nulls(0, pa.string())
        places, no_evses = PlaceNames(codes, ids, pa.nulls(3, pa.string())), PlaceNames(none, none, none)
        found = holding.covered_night(permitted(*permissions), night, places, no_evses, np.array([], np.int64))
        return [bool(one) for one in found[0]]

    assert on(date(2026, 11, 15), NOVEMBER) == [True] * 3
    assert on(date(2026, 11, 16), NOVEMBER) == [False] * 3
    assert on(date(2026, 11, 16), ZONNESTAD_ALONE) == [True, False, True]
    assert on(date(2026, 11, 15), NOVEMBER, ZONNESTAD_ALONE) == [True] * 3


def _reasons(covered: list[bool], unreadable: list[bool], not_public: list[bool], **columns: Any) -> list[str | None]:
    masks = (pa.array(mask, pa.bool_()) for mask in (covered, unreadable, not_public))
    found: list[str | None] = holding.reasons(pa.table(columns), *masks).to_pylist()
    return found


def test_the_first_reason_that_fits_is_given() -> None:
    found = _reasons(
        [False, True, True, True, True, True],
        [True, True, True, True, False, False],
        [True, True, True, True, True, False],
        reservation_only=[True, True, False, False, False, False],
        home_charging_compensation=pa.array([True, True, True, None, None, None], pa.bool_()),
    )
    assert found == ["no_permission", "reservation_only", "home_charging", "scope_unreadable", "not_public", None]


def test_a_version_without_home_charging_has_no_such_reason() -> None:
    assert _reasons([True, False], [False] * 2, [False] * 2, reservation_only=[False] * 2) == [None, "no_permission"]


def test_a_cdr_that_names_a_driveway_is_held_back_however_the_word_is_written() -> None:
    kinds = pa.array(["ON_DRIVEWAY", " on_driveway ", "ON_STREET", None], pa.string())
    found = _reasons([True] * 4, [False] * 4, [False] * 4, reservation_only=[False] * 4, location_type=kinds)
    assert found == ["not_public", "not_public", None, None]


def test_areas_are_needed_only_where_a_permission_names_them() -> None:
    assert not holding.needs_areas(permitted(NOVEMBER))
    assert holding.needs_areas(permitted(NOVEMBER, ZONNESTAD_ALONE))


def test_a_permission_may_name_locations_or_evses_whatever_their_case_and_separators() -> None:
    moments = ends(*[datetime(2026, 11, 10, tzinfo=UTC)] * 3)
    by_location = Permission("L-4", "Zonnestad", "concession", date(2026, 1, 1), locations=("loc-1",))
    by_evse = Permission("L-5", "Zonnestad", "concession", date(2026, 1, 1), evses=("nlabce2",))
    assert covered([by_location], moments) == [False, True, False]
    assert covered([by_evse], moments) == [False, False, True]
    assert covered([by_location, by_evse], moments) == [False, True, True]


def test_where_the_location_or_evse_cannot_be_told_the_permission_must_hold_at_the_pull_and_on_the_day() -> None:
    moments = ends(datetime(2026, 11, 10, tzinfo=UTC))
    nothing = pa.nulls(1, pa.string())
    start, end = date(2026, 1, 1), date(2026, 11, 20)
    for permission, wanted in (
        (Permission("L-4", "Zonnestad", "concession", start, locations=("LOC-1",)), True),
        (Permission("L-4", "Zonnestad", "concession", start, evses=("NL*ABC*E1",)), True),
        (Permission("L-4", "Zonnestad", "concession", start, end, evses=("NL*ABC*E1",)), False),
    ):
        places = PlaceNames(nothing, nothing, nothing)
        found = holding.covered_cdrs(permitted(permission), moments, places, PULLED_AT)
        assert found.to_pylist() == [wanted]


def test_a_permission_for_an_evse_covers_its_location_and_leaves_the_other_evses_of_it_out() -> None:
    one = Permission("L-5", "Zonnestad", "concession", date(2026, 1, 1), evses=("NL*ABC*E1",))
    codes = pa.array(["GM9901", "GM9901"])
    locations = PlaceNames(codes, pa.array(["LOC-1", "LOC-2"]), pa.nulls(2, pa.string()))
    evses = PlaceNames(
        pa.array(["GM9901"] * 4),
        pa.array(["LOC-1", "LOC-1", "LOC-1", "LOC-2"]),
        pa.array(["NL*ABC*E1", "NL*ABC*E2", None, "NL*ABC*E3"]),
    )
    whole, single = holding.covered_night(
        permitted(one), date(2026, 11, 9), locations, evses, np.array([0, 0, 0, 1], np.int64)
    )
    assert whole.tolist() == [True, False]
    assert single.tolist() == [True, False, True, False]
    everything = Permission("L-6", "Zonnestad", "concession", date(2026, 1, 1))
    both = holding.covered_night(
        permitted(one, everything), date(2026, 11, 9), locations, evses, np.array([0, 0, 0, 1], np.int64)
    )
    assert [mask.all() for mask in both] == [True, True]
