"""Coverage, status and as_known_on: which days a month asks of whom, which are covered, and when its figures are final."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.calendar import windows_between
from linda_pipeline.register.cpos import Cpo, parse_register
from linda_pipeline.storage.lake import Delivery
from linda_pipeline.warehouse.coverage import JudgedDelivery, create_reliance, days

OF_OCTOBER = [date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 26)]
"""The windows that overlap October 2026; the last one has its last six days."""
OF_NOVEMBER = [date(2026, 10, 26), date(2026, 11, 9), date(2026, 11, 23)]
LONG_AFTER = datetime(2027, 1, 15, tzinfo=UTC)
EVER = {"from": date(2024, 1, 1)}


def register(**permissions: list[dict[str, date]]) -> Mapping[str, Cpo]:
    """CPOs by the last part of their key, each with permissions from and until a day."""
    about = {"document": "D", "owner": "O", "owner_kind": "cpo"}
    blocks = {
        f"NL-{name}": {
            "name": name,
            "versions_url": "https://example.nl/ocpi",
            "permission": [{**about, **one} for one in listed],
        }
        for name, listed in permissions.items()
    }
    return parse_register({"cpo": blocks})


def judged(
    cpo: str, window: date, pulled: datetime = LONG_AFTER, *, complete: bool = True, module: str = "cdrs", **more: Any
) -> JudgedDelivery:
    return JudgedDelivery(Delivery(module, f"NL-{cpo}", window), complete, pulled, **more)


Told = tuple[float | None, str, date | None]


def relied(
    month: str,
    rows: list[JudgedDelivery],
    cpos: Mapping[str, Cpo],
    presence: Mapping[str, list[str]] | None = None,
) -> dict[tuple[str, str], Told]:
    """(area_code, cpo) -> coverage, status and as_known_on. `presence`: CPO -> the municipalities where it had an EVSE."""
    there = [
        (month, *area, f"NL-{cpo}")
        for cpo, codes in (presence or {}).items()
        for area in [("nation", "NL"), *(("gemeente", code) for code in codes)]
    ]
    there = there or [(month, "nation", "NL", f"NL-{cpo}") for cpo in sorted({one.delivery.cpo[3:] for one in rows})]
    names = ("month", "area_level", "area_code", "cpo")
    with duckdb.connect() as connection:
        connection.register("presence", pa.table([list(column) for column in zip(*there, strict=True)], names=names))
        create_reliance(connection, rows, cpos)
        found = connection.sql("SELECT area_code, cpo, coverage, status, as_known_on FROM reliance").fetchall()
    assert len({row[:2] for row in found}) == len(found)
    return {row[:2]: row[2:] for row in found}


def test_a_month_of_which_six_of_31_days_are_in_is_no_whole_month() -> None:
    told = relied("2026-10", [judged("ABC", OF_OCTOBER[-1])], register(ABC=[EVER]))
    assert told == {("NL", cpo): (6 / 31, "provisional", date(2027, 1, 15)) for cpo in ("NL-ABC", "ALL")}


def test_two_of_three_windows_are_not_all_of_a_month() -> None:
    told = relied("2026-10", [judged("ABC", window) for window in OF_OCTOBER[:2]], register(ABC=[EVER]))
    assert told["NL", "ALL"] == (25 / 31, "provisional", date(2027, 1, 15))
    late = judged("ABC", OF_OCTOBER[2], complete=False)
    told = relied("2026-10", [*(judged("ABC", window) for window in OF_OCTOBER[:2]), late], register(ABC=[EVER]))
    assert told["NL", "ALL"] == (25 / 31, "provisional", date(2027, 1, 15))


def test_days_are_asked_for_from_the_first_permission_on_and_while_one_holds() -> None:
    rows = [judged("ABC", OF_OCTOBER[-1])]
    since = register(ABC=[{"from": date(2026, 10, 22)}])
    assert relied("2026-10", rows, since)["NL", "ALL"][0] == 6 / 10
    with_a_gap = register(ABC=[{"from": date(2024, 1, 1), "until": date(2026, 10, 4)}, {"from": date(2026, 10, 30)}])
    assert relied("2026-10", rows, with_a_gap)["NL", "ALL"][0] == 2 / 6
    ended = register(ABC=[{"from": date(2024, 1, 1), "until": date(2026, 9, 30)}])
    assert relied("2026-10", rows, ended)["NL", "ALL"] == (None, "provisional", date(2027, 1, 15))


def test_all_cpos_together_are_asked_for_the_days_of_each() -> None:
    rows = [judged("ABC", window) for window in OF_OCTOBER] + [judged("XYZ", OF_OCTOBER[-1], complete=False)]
    told = relied("2026-10", rows, register(ABC=[EVER], XYZ=[{"from": date(2026, 10, 1)}]))
    assert (told["NL", "NL-ABC"][0], told["NL", "NL-XYZ"][0], told["NL", "ALL"][0]) == (1, 0, 31 / 62)


def test_an_area_asks_only_the_cpos_that_are_there_and_the_nation_all_that_may_be_pulled() -> None:
    rows = [judged("ABC", window) for window in OF_OCTOBER]
    cpos = register(ABC=[EVER], XYZ=[EVER], NEW=[EVER], OFF=[{"from": date(2027, 1, 1)}])
    told = relied("2026-10", rows, cpos, {"ABC": ["GM0001", "GM0002"], "XYZ": ["GM0002"]})
    assert told["GM0001", "ALL"] == (1, "final", date(2027, 1, 15))
    assert told["GM0002", "ALL"] == (0.5, "provisional", date(2027, 1, 15))
    assert ("GM0001", "NL-XYZ") not in told
    assert told["NL", "ALL"][0] == 31 / 93
    assert ("NL", "NL-OFF") not in told


def test_of_a_cpo_that_left_the_register_the_permissions_hold_by_which_it_was_judged() -> None:
    until = (date(2024, 1, 1), date(2026, 10, 28))
    row = judged("GON", OF_OCTOBER[-1], permitted=(until,))
    assert relied("2026-10", [row], {})["NL", "NL-GON"][0] == 3 / 28
    assert relied("2026-10", [judged("OLD", OF_OCTOBER[-1])], {})["NL", "NL-OLD"][0] == 6 / 31


def test_a_month_is_final_when_all_of_it_is_in_and_four_weeks_have_passed() -> None:
    cpos = register(ABC=[EVER])
    early = [judged("ABC", window, datetime(2026, 12, 7, tzinfo=UTC)) for window in OF_NOVEMBER]
    assert relied("2026-11", early, cpos)["NL", "ALL"] == (1, "provisional", date(2026, 12, 7))
    day_before = judged("ABC", date(2026, 12, 28), datetime(2026, 12, 28, 22, 59, tzinfo=UTC), module="locations")
    assert relied("2026-11", [*early, day_before], cpos)["NL", "ALL"][1] == "provisional"
    on_the_day = judged("ABC", date(2026, 12, 29), datetime(2026, 12, 28, 23, 0, tzinfo=UTC), module="locations")
    assert relied("2026-11", [*early, on_the_day], cpos)["NL", "ALL"] == (1, "final", date(2026, 12, 29))


@given(
    month=st.sampled_from(["2026-02", "2026-10", "2026-11", "2026-12"]),
    start=st.dates(date(2026, 1, 15), date(2026, 12, 31)),
    until=st.none() | st.dates(date(2026, 1, 15), date(2027, 1, 15)),
    number=st.integers(0, 30),
)
def test_days_are_counted_one_by_one(month: str, start: date, until: date | None, number: int) -> None:
    if until is not None and until < start:
        start, until = until, start
    windows = windows_between(date(2026, 1, 1), date(2027, 1, 1))[:: 1 + number % 3]
    permission = {"from": start, **({} if until is None else {"until": until})}
    (row,) = days([month], [judged("ABC", window) for window in windows], register(ABC=[permission])).to_pylist()
    asked = covered = 0
    day = date(2026, int(month[5:]), 1)
    while f"{day:%Y-%m}" == month:
        if start <= day <= (until or date.max):
            asked += 1
            covered += any(window <= day < window + timedelta(days=14) for window in windows)
        day += timedelta(days=1)
    assert (row["asked_days"], row["covered_days"]) == (asked, covered)
