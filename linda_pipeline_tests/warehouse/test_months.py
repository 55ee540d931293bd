"""Only the months of which anything changed are reckoned again, and the figures are those of a lake reckoned anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.compute import compute_kpis
from linda_pipeline.warehouse.curate_cdrs import curate_cdrs
from linda_pipeline.warehouse.curate_locations import curate_locations
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import accept_cdrs, accept_night, cdr, evse

OCTOBER, NOVEMBER = date(2026, 10, 12), date(2026, 11, 9)
OF_OCTOBER = cdr("O", "2026-10-13 08:00", "2026-10-13 09:00")
OF_NOVEMBER = cdr("N", "2026-11-10 08:00", "2026-11-10 09:00")


def reckon(lake: Lake) -> int:
    """Curate and reckon as a publishing does; how many months were reckoned."""
    areas = demo_areas()
    for cpo in sorted({one.cpo for one in lake.judged("cdrs")}):
        curate_cdrs(lake, cpo, areas)
    for cpo in sorted({one.cpo for one in lake.judged("locations")}):
        curate_locations(lake, cpo, areas)
    return compute_kpis(lake)["reckoned"]


def figures(lake: Lake) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(lake.kpi.glob("*"))}


def assert_as_anew(lake: Lake) -> None:
    stands = figures(lake)
    compute_kpis(lake, anew=True)
    assert figures(lake) == stands


@pytest.fixture
def two_months(lake: Lake) -> Lake:
    """October and November with a CDR each, and a charge point since 5 October."""
    accept_cdrs(lake, [OF_OCTOBER], window=OCTOBER)
    accept_cdrs(lake, [OF_NOVEMBER], window=NOVEMBER)
    accept_night(lake, "2026-10-05", [evse(1)])
    accept_night(lake, "2026-11-08", [evse(1)])
    assert reckon(lake) == 2
    return lake


def changed(lake: Lake, change: Callable[[], object]) -> list[str]:
    """The files of figures that a change touches."""
    before = {path: path.stat().st_mtime_ns for path in lake.kpi.iterdir()}
    change()
    reckon(lake)
    touched = sorted(path.stem for path in lake.kpi.iterdir() if before.get(path) != path.stat().st_mtime_ns)
    assert_as_anew(lake)
    return touched


def test_where_nothing_changed_nothing_is_reckoned(two_months: Lake) -> None:
    before = figures(two_months)
    assert reckon(two_months) == 0
    assert figures(two_months) == before
    assert set(before) == {"2026-10.parquet", "2026-11.parquet"}


def test_a_late_cdr_changes_its_own_month(two_months: Lake) -> None:
    late = cdr("L", "2026-10-20 08:00", "2026-10-20 09:00")
    assert changed(two_months, lambda: accept_cdrs(two_months, [OF_NOVEMBER, late], window=NOVEMBER)) == ["2026-10"]


def test_a_night_changes_the_running_month(two_months: Lake) -> None:
    assert changed(two_months, lambda: accept_night(two_months, "2026-11-09", [evse(1), evse(2)])) == ["2026-11"]


def test_a_session_that_reaches_into_the_next_month_changes_that_too(two_months: Lake) -> None:
    long = cdr("L", "2026-10-31 08:00", "2026-11-02 09:00")
    touched = changed(two_months, lambda: accept_cdrs(two_months, [OF_OCTOBER, long], window=OCTOBER))
    assert touched == ["2026-10", "2026-11"]


def test_a_first_session_before_the_first_night_changes_the_months_since(two_months: Lake) -> None:
    early = cdr("E", "2026-09-30 08:00", "2026-09-30 09:00")
    touched = changed(two_months, lambda: accept_cdrs(two_months, [early], window=date(2026, 9, 28)))
    assert touched[:2] == ["2026-09", "2026-10"]


def test_a_month_of_which_nothing_is_left_disappears_with_its_file(two_months: Lake) -> None:
    accept_cdrs(two_months, [cdr("S", "2026-12-01 08:00", "2026-12-01 09:00")], window=date(2026, 11, 23))
    assert reckon(two_months) == 1
    assert two_months.figures("2026-12").exists()
    changed(two_months, lambda: accept_cdrs(two_months, [], window=date(2026, 11, 23)))
    assert not two_months.figures("2026-12").exists()
    assert not two_months.month_table("2026-12", "presence").exists()


@pytest.mark.parametrize("name", ["figures", "presence", "reaching", "first_session"])
def test_a_table_that_was_lost_or_overwritten_is_made_again(two_months: Lake, name: str) -> None:
    before = figures(two_months)
    path = two_months.figures("2026-10") if name == "figures" else two_months.month_table("2026-10", name)
    table = path.read_bytes()
    for damage in (path.unlink, lambda: path.write_bytes(b"PAR1 no more")):
        damage()
        reckon(two_months)
        assert path.read_bytes() == table
        assert figures(two_months) == before


def test_without_its_book_every_month_is_reckoned(two_months: Lake) -> None:
    two_months.months_book.write_text("{")
    assert reckon(two_months) == 2
    assert reckon(two_months) == 0


STARTS = [date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 26), date(2026, 11, 9)]


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, date, list[int]]:
    """A delivery of a CPO, by the days after its window's first on which its sessions begin, or its EVSEs."""
    module = draw(st.sampled_from(["cdrs", "cdrs", "locations"]))
    window = draw(st.sampled_from(STARTS))
    return module, draw(st.sampled_from(["NL-ABC", "NL-XYZ"])), window, draw(st.lists(st.integers(0, 13), max_size=3))


@settings(max_examples=4, deadline=None)
@given(taken=st.lists(steps(), min_size=2, max_size=5))
def test_after_any_deliveries_in_any_order_the_figures_are_those_of_a_lake_reckoned_anew(
    taken: list[tuple[str, str, date, list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake") / "lake")
    for module, cpo, window, numbers in taken:
        if module == "locations":
            accept_night(lake, str(window), [evse(number + 1) for number in dict.fromkeys(numbers)], cpo=cpo)
        else:
            days = [window + timedelta(days=number - 20) for number in numbers]
            rows = [cdr(f"{day}", f"{day} 08:00", f"{day + timedelta(days=9)} 08:00") for day in dict.fromkeys(days)]
            accept_cdrs(lake, rows, cpo=cpo, window=window)
        reckon(lake)
    assert_as_anew(lake)
