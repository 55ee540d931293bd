"""Whose data an accepted CDR is: the permission that covers it, the narrowest first."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.judging.holding import covered_cdrs
from linda_pipeline.judging.named_places import PlaceNames
from linda_pipeline.judging.owners import owners_on, permission_of
from linda_pipeline.ocpi.schema import MOMENT
from linda_pipeline.register.cpos import Permission
from linda_pipeline_tests.deliveries import permitted

PULLED_AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
ALL = Permission("L-1", "Laadbedrijf B.V.", "cpo", date(2025, 1, 1))
ZONNESTAD = Permission("L-2", "Gemeente Zonnestad", "concession", date(2025, 1, 1), None, ("GM9901",))
AGAIN = Permission("L-3", "Zonnestad", "concession", date(2026, 1, 1), None, ("GM9901",), owner_id="zonnestad-2026")
LICHTDAM = Permission("L-4", "Gemeente Lichtdam", "concession", date(2025, 1, 1), date(2026, 11, 9), ("GM9902",))


def at(gemeente: str | None, location_id: str | None = "LOC-1", evse_id: str | None = "NL*ABC*E1") -> PlaceNames:
    return PlaceNames(*(pa.array([one], pa.string()) for one in (gemeente, location_id, evse_id)))


def of(
    permissions: list[Permission], gemeente: str | None, ends: datetime | None = NOON
) -> tuple[str | None, str | None]:
    table = permission_of(permitted(*permissions), pa.array([ends], MOMENT), at(gemeente))
    (row,) = table.to_pylist()
    return row["owner_id"], row["permission_document"]


def test_the_narrowest_permission_says_whose_a_record_is() -> None:
    assert of([ALL, ZONNESTAD], "GM9901") == ("gemeente-zonnestad", "L-2")
    assert of([ALL, ZONNESTAD], "GM9902") == ("laadbedrijf-b-v", "L-1")
    assert of([ZONNESTAD, ALL], None) == ("laadbedrijf-b-v", "L-1")


def test_one_that_names_evses_comes_before_locations_and_locations_before_municipalities() -> None:
    by_location = Permission("L-5", "Stad", "concession", date(2025, 1, 1), locations=("loc-1",))
    by_evse = Permission("L-6", "Winkel", "cpo", date(2025, 1, 1), evses=("NL-ABC-E1",))
    cpo = permitted(ALL, ZONNESTAD, by_location, by_evse)
    day = date(2026, 11, 10)

    def owner(places: PlaceNames) -> str | None:
        (name,) = owners_on(cpo, day, places).to_pylist()
        return None if name is None else str(name)

    assert owner(at("GM9901")) == "Winkel"
    assert owner(at("GM9901", evse_id="NL*ABC*E2")) == "Stad"
    assert owner(at("GM9901", location_id="LOC-2", evse_id="NL*ABC*E2")) == "Gemeente Zonnestad"
    assert owner(at("GM9902", location_id="LOC-2", evse_id="NL*ABC*E2")) == "Laadbedrijf B.V."
    assert owner(at("GM9902", location_id="LOC-2", evse_id=None)) == "Laadbedrijf B.V."


def test_of_two_of_equal_rank_the_one_that_began_last() -> None:
    assert of([AGAIN, ZONNESTAD], "GM9901") == of([ZONNESTAD, AGAIN], "GM9901") == ("zonnestad-2026", "L-3")
    assert of([AGAIN, ZONNESTAD], "GM9901", datetime(2025, 6, 1, tzinfo=UTC)) == ("gemeente-zonnestad", "L-2")


def test_a_permission_covers_its_last_day_in_amsterdam_and_no_further() -> None:
    last, over = datetime(2026, 11, 9, 22, 59, tzinfo=UTC), datetime(2026, 11, 9, 23, 0, tzinfo=UTC)
    assert of([LICHTDAM], "GM9902", last) == ("gemeente-lichtdam", "L-4")
    assert of([LICHTDAM], "GM9902", over) == (None, None)


def test_where_the_municipality_is_not_known_a_record_is_nobodys_unless_there_is_one_owner_that_day() -> None:
    assert of([ZONNESTAD, LICHTDAM], None, datetime(2026, 11, 9, tzinfo=UTC)) == (None, None)
    assert of([ZONNESTAD, LICHTDAM], None) == ("gemeente-zonnestad", "L-2")
    assert of([], "GM9901") == (None, None)
    assert of([ALL], "GM9901", None) == (None, None)


PERMISSIONS = st.builds(
    Permission,
    st.sampled_from(["A", "B"]),
    st.sampled_from(["x", "y"]),
    st.just("concession"),
    st.dates(date(2026, 10, 1), date(2026, 11, 20)),
    st.none() | st.just(date(2026, 11, 21)),
    st.sampled_from([(), ("GM9901",), ("GM9901", "GM9902")]),
    locations=st.sampled_from([(), (), ("LOC-1",), ("LOC-2",)]),
    evses=st.sampled_from([(), (), ("NL*ABC*E1",), ("NL*ABC*E2",)]),
)


@given(
    permissions=st.lists(PERMISSIONS, min_size=1, max_size=4),
    gemeente=st.sampled_from(["GM9901", "GM9902", "GM9903"]),
    day=st.integers(1, 22),
)
def test_a_record_of_a_known_place_and_day_has_an_owner_just_where_a_permission_covers_it(
    permissions: list[Permission], gemeente: str, day: int
) -> None:
    ends, places = pa.array([datetime(2026, 11, day, 12, tzinfo=UTC)], MOMENT), at(gemeente)
    cpo = permitted(*permissions)
    (owner,) = permission_of(cpo, ends, places)["owner_id"].to_pylist()
    assert (owner is not None) == covered_cdrs(cpo, ends, places, PULLED_AT)[0].as_py()
