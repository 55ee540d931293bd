"""The KPIs against plain Python over random sessions: borders of months, days of 23 and 25 hours, doubles, two CPOs at one
EVSE, sessions out of service, missing parking time; and the laws that every figure keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.warehouse.curate_cdrs import CURATED_CDR
from linda_pipeline.warehouse.curate_locations import CURATED_EVSE
from linda_pipeline.warehouse.kpi import KPIS, RESULT, create_views
from linda_pipeline_tests.warehouse.slow_kpis import Cut, Figure, Row, figures

AREAS = {"GM0001": ("Noord", "E1000N5000"), "GM0002": ("Noord", "E1005N5000"), None: (None, None)}
BORDERS = [
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 10, 24, 20, tzinfo=UTC),
    datetime(2026, 10, 31, 20, tzinfo=UTC),
]
"""Before the day of 23 hours, before the day of 25, and before the end of that month."""
CPOS = ["NL-AAA", "NL-BBB"]
OF_SESSIONS = [kpi_id for kpi_id in KPIS if kpi_id not in ("occupancy", "charge_points")]


def of_place(gemeente: str | None) -> Row:
    return {"gemeente_code": gemeente, "nal_region": AREAS[gemeente][0], "cbs_cell_500m": AREAS[gemeente][1]}


@st.composite
def sessions(draw: st.DrawFn) -> list[Row]:
    """Sessions around the borders, of two CPOs, at five EVSEs, by four users; some come twice, under another id or of the other
    CPO; some have no parking time, or one that cannot be."""
    rows: list[Row] = []
    for number in range(draw(st.integers(1, 12))):
        if rows and draw(st.integers(0, 3)) == 0:
            row = {**draw(st.sampled_from(rows)), "cpo": draw(st.sampled_from(CPOS))}
        else:
            start = draw(st.sampled_from(BORDERS)) + timedelta(seconds=draw(st.integers(0, 40 * 3600)))
            length = timedelta(seconds=draw(st.sampled_from([0, 1, 59, 3600, 36_000, 40 * 86_400])))
            hours = length.total_seconds() / 3600
            row = {
                "cpo": draw(st.sampled_from(CPOS)),
                "evse_key": f"NLX{draw(st.integers(1, 5))}",
                "user_pseudonym": draw(st.sampled_from(["a", "b", "c", None])),
                "token_type": draw(st.sampled_from(["RFID", "AD_HOC_USER", None])),
                "start_date_time": start,
                "end_date_time": start + length,
                "total_time_h": hours + draw(st.sampled_from([0.0, 1 / 60, 3000.0])),
                "total_parking_time_h": draw(st.sampled_from([None, 0.0, hours / 4, hours + 1 / 60])),
                "total_energy_kwh": draw(st.sampled_from([0.0, 0.1, 7.123456, 60.0, 1e15])),
                "plausibility_warnings": draw(st.sampled_from([[], ["energy_plausible"], None])),
                **of_place(draw(st.sampled_from(list(AREAS)))),
            }
        place = {"window": date(2026, 1, draw(st.integers(1, 2))), "page": 1, "position": number}
        rows.append({**row, "cdr_id": str(number), **place})
    return rows


@st.composite
def evses(draw: st.DrawFn) -> list[Row]:
    """Histories of EVSEs 1 to 4 (5 is in no Locations), of one CPO or of both: two versions with another place and power."""
    rows = []
    for number in range(1, 5):
        for cpo in draw(st.sampled_from([["NL-AAA"], ["NL-AAA", "NL-BBB"], []])):
            first = date(2026, 3, 1) + timedelta(days=draw(st.integers(0, 230)))
            middle = first + timedelta(days=draw(st.integers(1, 40)))
            reason = draw(st.sampled_from([None, "vanished", "removed", "moved"]))
            last_seen = middle + timedelta(days=draw(st.integers(0, 40)))
            gone = last_seen + timedelta(days=draw(st.integers(1, 5)))
            before = {
                "valid_from": first,
                "valid_to": middle,
                "end_reason": "changed",
                "last_seen": middle - timedelta(1),
            }
            after = {"valid_from": middle, "valid_to": gone if reason else None, "end_reason": reason}
            for version in (before, {**after, "last_seen": last_seen}):
                rows.append(
                    {
                        "cpo": cpo,
                        "evse_key": f"NLX{number}",
                        "power_class": draw(st.sampled_from(["fast", "regular", None])),
                        "first_seen": first,
                        **of_place(draw(st.sampled_from(list(AREAS)))),
                        **version,
                    }
                )
    return rows


def reckoned(kpi_id: str, cdrs: list[Row], versions: list[Row]) -> dict[Cut, Figure]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("cdrs", pa.Table.from_pylist(cdrs, schema=CURATED_CDR))
        connection.register("evses", pa.Table.from_pylist(versions, schema=CURATED_EVSE))
        create_views(connection)
        result = connection.sql(KPIS[kpi_id].sql)
        assert tuple(result.columns) == RESULT
        rows = result.fetchall()
    found: dict[Cut, Figure] = {row[:6]: Figure(*row[6:]) for row in rows}
    assert len(found) == len(rows), "no two rows say the same"
    return found


def assert_same(found: dict[Cut, Figure], expected: dict[Cut, Figure]) -> None:
    assert set(found) == set(expected)
    for name in Figure._fields:
        these, those = ({cut: getattr(one, name) for cut, one in told.items()} for told in (found, expected))
        assert these == pytest.approx(those, abs=1e-9), name


@pytest.mark.parametrize("kpi_id", OF_SESSIONS)
@settings(max_examples=10, deadline=None)
@given(cdrs=sessions())
def test_a_kpi_over_sessions_is_what_its_definition_says(kpi_id: str, cdrs: list[Row]) -> None:
    assert_same(reckoned(kpi_id, cdrs, []), figures(kpi_id, cdrs, []))


@pytest.mark.parametrize("kpi_id", ["occupancy", "charge_points"])
@settings(max_examples=20, deadline=None)
@given(cdrs=sessions(), versions=evses())
def test_a_kpi_over_charge_points_is_what_its_definition_says(
    kpi_id: str, cdrs: list[Row], versions: list[Row]
) -> None:
    assert_same(reckoned(kpi_id, cdrs, versions), figures(kpi_id, cdrs, versions))


@pytest.mark.parametrize("kpi_id", list(KPIS))
@settings(max_examples=10, deadline=None)
@given(cdrs=sessions(), versions=evses())
def test_every_ratio_and_share_lies_between_0_and_1_and_nothing_is_negative(
    kpi_id: str, cdrs: list[Row], versions: list[Row]
) -> None:
    most = 1 if KPIS[kpi_id].unit == "fraction" else float("inf")
    wrong = {
        cut: one
        for cut, one in reckoned(kpi_id, cdrs, versions).items()
        if not 0 <= (one.value or 0) <= most
        or not 0 <= (one.share_known or 0) <= 1
        or not 0 <= (one.share_warned or 0) <= 1
    }
    assert wrong == {}


def test_a_month_with_a_changed_clock_is_an_hour_longer_or_shorter() -> None:
    whole_year = {
        "cpo": "NL-AAA",
        "evse_key": "NLX1",
        "valid_from": date(2026, 1, 1),
        "first_seen": date(2026, 1, 1),
        "last_seen": date(2026, 12, 31),
    }
    with duckdb.connect() as connection:
        connection.register("cdrs", CURATED_CDR.empty_table())
        connection.register("evses", pa.Table.from_pylist([whole_year], schema=CURATED_EVSE))
        create_views(connection)
        rows = connection.sql("SELECT month, in_service_us / 3.6e9 FROM evse_month WHERE counts_in_all").fetchall()
    length_h = dict(rows)
    assert (length_h["2026-03"], length_h["2026-10"], length_h["2026-11"]) == (743, 745, 720)
