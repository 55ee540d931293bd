"""What did not change is not curated again; what did is, and the files are those of a lake that is curated anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from linda_pipeline.areas.area_set import Areas
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_cdrs import curate_cdrs
from linda_pipeline.warehouse.curate_locations import curate_locations
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import accept_cdrs, accept_night, cdr, evse

LAST_YEAR, OCTOBER, NOVEMBER = date(2025, 10, 13), date(2026, 10, 12), date(2026, 11, 9)
A_YEAR_AGO = cdr("Y", "2025-10-14 08:00", "2025-10-14 09:00")
OF_OCTOBER = cdr("O", "2026-10-13 08:00", "2026-10-13 09:00")
OF_NOVEMBER = cdr("N", "2026-11-10 08:00", "2026-11-10 09:00")


@pytest.fixture
def curated(lake: Lake) -> Lake:
    accept_cdrs(lake, [A_YEAR_AGO], window=LAST_YEAR)
    accept_cdrs(lake, [OF_OCTOBER], window=OCTOBER)
    accept_cdrs(lake, [OF_NOVEMBER], window=NOVEMBER)
    accept_night(lake, "2026-11-08", [evse(1)])
    curate(lake)
    return lake


def curate(lake: Lake, areas: Areas | None = None, *, anew: bool = False) -> None:
    areas = areas or demo_areas()
    counts = curate_cdrs(lake, "NL-ABC", areas, anew=anew)
    assert counts.adds_up
    assert sum(counts.months.values()) == counts.curated
    curate_locations(lake, "NL-ABC", areas, anew=anew)


def files(lake: Lake) -> dict[Path, tuple[bytes, int]]:
    return {
        path.relative_to(lake.root / "curated"): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted((lake.root / "curated").rglob("*.parquet"))
    }


def touched(lake: Lake, change: Callable[[], object]) -> set[str]:
    """The folders of the files that a change has written, or taken away."""
    before = files(lake)
    change()
    curate(lake)
    after = files(lake)
    curate(lake, anew=True)
    assert {path: found[0] for path, found in files(lake).items()} == {path: found[0] for path, found in after.items()}
    return {path.parent.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def test_where_nothing_was_delivered_no_file_is_opened(curated: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(curated)
    for module in ("curate_cdrs", "curate_locations"):
        monkeypatch.setattr(f"linda_pipeline.warehouse.{module}.engine", lambda _: pytest.fail("nothing is asked"))
    curate(curated)
    assert files(curated) == before


def test_a_window_writes_the_months_of_its_cdrs_alone(curated: Lake) -> None:
    late = cdr("L", "2026-10-20 08:00", "2026-10-20 09:00")
    assert touched(curated, lambda: accept_cdrs(curated, [OF_NOVEMBER, late], window=NOVEMBER)) == {"month=2026-10"}


def test_a_credit_for_a_cdr_of_last_year_takes_it_out_of_that_month(curated: Lake) -> None:
    credit = cdr("C", "2026-11-11 08:00", "2026-11-11 09:00", credit=True, credit_reference_id="Y")
    change = touched(curated, lambda: accept_cdrs(curated, [OF_NOVEMBER, credit], window=NOVEMBER))
    assert change == {"month=2025-10"}
    assert not curated.curated("cdrs", "NL-ABC", "2025-10").exists()
    again = touched(curated, lambda: accept_cdrs(curated, [OF_NOVEMBER], window=NOVEMBER))
    assert again == {"month=2025-10"}, "the credit was withdrawn"


def test_a_backfill_that_accepted_the_same_cdr_earlier_replaces_it(curated: Lake) -> None:
    earlier = {**OF_NOVEMBER, "total_energy_kwh": 3.0}
    assert touched(curated, lambda: accept_cdrs(curated, [A_YEAR_AGO, earlier], window=LAST_YEAR)) == {"month=2026-11"}


def test_a_night_writes_the_history_of_its_cpo_and_no_cdrs(curated: Lake) -> None:
    assert touched(curated, lambda: accept_night(curated, "2026-11-09", [evse(1), evse(2)])) == {"cpo=NL-ABC"}


def test_other_areas_place_every_row_anew(curated: Lake) -> None:
    before = files(curated)
    curate(curated, Areas({}))
    after = files(curated)
    assert before.keys() == after.keys()
    assert not [path for path in before if before[path] == after[path]]


@pytest.mark.parametrize("table", ["cdrs", "evses"])
def test_a_file_that_was_lost_or_overwritten_is_made_again(curated: Lake, table: str) -> None:
    path = curated.curated(table, "NL-ABC", "2026-10" if table == "cdrs" else None)
    content = path.read_bytes()
    for damage in (path.unlink, lambda: path.write_bytes(b"PAR1 no more")):
        damage()
        curate(curated)
        assert path.read_bytes() == content
