"""From nights to history: what changed, what was removed or vanished, and what silence does not say."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linda_pipeline.storage.engine import engine
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.curate_locations import EVSE_FILE, LOCATION_FILE, curate_locations
from linda_pipeline.warehouse.history import REMOVED, make_versions
from linda_pipeline.warehouse.sources import create_evses
from linda_pipeline_tests.deliveries import demo_areas
from linda_pipeline_tests.warehouse.accepted_rows import LICHTDAM, accept_night, connector, evse

Span = tuple[str, str | None, str | None]


def spans(lake: Lake, number: int = 1, cpo: str = "NL-ABC") -> list[Span]:
    rows = pq.read_table(lake.curated("evses", cpo), partitioning=None).to_pylist()
    return [
        (str(row["valid_from"])[5:], str(row["valid_to"])[5:] if row["valid_to"] else None, row["end_reason"])
        for row in rows
        if row["evse_id"] == f"NL*ABC*E{number}"
    ]


def curate(lake: Lake, cpo: str = "NL-ABC") -> None:
    curate_locations(lake, cpo, demo_areas())


def test_what_stays_the_same_is_one_version(lake: Lake) -> None:
    for night in ("2026-11-01", "2026-11-02", "2026-11-03"):
        accept_night(lake, night, [evse(status="CHARGING" if night.endswith("2") else "AVAILABLE")])
    curate(lake)
    assert spans(lake) == [("11-01", None, None)]


def test_a_change_that_matters_opens_a_version(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse()])
    accept_night(lake, "2026-11-02", [evse(connectors=[connector(amperes=32)])])
    accept_night(lake, "2026-11-03", [evse(connectors=[connector(amperes=32)])], location={"address": "Plein 2"})
    curate(lake)
    assert spans(lake) == [("11-01", "11-02", "changed"), ("11-02", "11-03", "changed"), ("11-03", None, None)]
    locations = pq.read_table(lake.curated("locations", "NL-ABC"), partitioning=None).to_pylist()
    assert [(row["address"], row["end_reason"]) for row in locations] == [("Plein 1", "changed"), ("Plein 2", None)]


def test_a_vanished_evse_ends_on_the_first_night_without_it(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse(1), evse(2)])
    accept_night(lake, "2026-11-04", [evse(2)])
    curate(lake)
    assert spans(lake) == [("11-01", "11-04", "vanished")]
    assert spans(lake, 2) == [("11-01", None, None)]


def test_a_removed_evse_ends_and_may_come_back(lake: Lake) -> None:
    for night, status in (("01", "AVAILABLE"), ("02", "REMOVED"), ("03", "REMOVED"), ("05", "AVAILABLE")):
        accept_night(lake, f"2026-11-{night}", [evse(status=status)])
    curate(lake)
    assert spans(lake) == [("11-01", "11-02", "removed"), ("11-05", None, None)]


@pytest.mark.parametrize("lost", [{}, {"evse_id": None}, {"evse_uid": None}, {"evse_id": "x", "evse_uid": "1"}])
def test_a_defective_evse_is_not_vanished_and_keeps_its_last_version(lake: Lake, lost: dict[str, Any]) -> None:
    accept_night(lake, "2026-11-01", [evse()])
    accept_night(lake, "2026-11-02", [evse(bucket="rejected", **lost)])
    accept_night(lake, "2026-11-03", [evse()])
    curate(lake)
    assert spans(lake) == [("11-01", None, None)]


def test_an_evse_that_was_never_accepted_has_no_history(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse(1, bucket="held_back"), evse(2)])
    accept_night(lake, "2026-11-02", [evse(1), evse(2)])
    curate(lake)
    assert spans(lake) == [("11-02", None, None)]


def test_a_night_without_a_delivery_says_nothing_and_an_incomplete_one_proves_no_absence(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse(1), evse(2)])
    accept_night(lake, "2026-11-05", [evse(2)], complete=False)
    accept_night(lake, "2026-11-06", [evse(1), evse(2)])
    curate(lake)
    assert spans(lake) == [("11-01", None, None)]


def test_an_evse_that_comes_back_defective_is_gone_until_it_is_accepted(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse(1), evse(2)])
    accept_night(lake, "2026-11-02", [evse(2)])
    accept_night(lake, "2026-11-03", [evse(1, bucket="rejected"), evse(2)])
    accept_night(lake, "2026-11-04", [evse(1), evse(2)])
    curate(lake)
    assert spans(lake) == [("11-01", "11-02", "vanished"), ("11-04", None, None)]


def test_an_evse_that_appears_at_another_cpo_moved(lake: Lake) -> None:
    accept_night(lake, "2026-11-01", [evse(1), evse(2)])
    accept_night(lake, "2026-11-02", [evse(2)])
    accept_night(lake, "2026-11-03", [evse(1, evse_id="NL-ABC-E1", evse_uid="9")], cpo="NL-XYZ")
    curate(lake)
    curate(lake, "NL-XYZ")
    with engine(lake) as connection:
        create_evses(connection, lake)
        rows = connection.sql("SELECT cpo, evse_id, end_reason, moved_to_cpo FROM evses").fetchall()
    assert rows == [
        ("NL-ABC", "NL*ABC*E1", "moved", "NL-XYZ"),
        ("NL-ABC", "NL*ABC*E2", None, None),
        ("NL-XYZ", "NL-ABC-E1", None, None),
    ]


@pytest.mark.parametrize(
    ("given_by", "power_kw", "power_class"),
    [
        (connector("AC_1_PHASE", 230, 16), 3.68, "regular"),
        (connector("AC_3_PHASE", 230, 32), 22.08, "regular"),
        (connector("AC_3_PHASE", 400, 32), 22.170, "regular"),
        (connector("AC_2_PHASE", 230, 32), 14.72, "regular"),
        (connector("DC", 400, 60), 24.0, "semi_fast"),
        (connector("DC", 400, 125), 50.0, "fast"),
        (connector("DC", 920, 500, watts=350_000), 350.0, "fast"),
    ],
)
def test_the_power_of_a_connector(lake: Lake, given_by: dict[str, Any], power_kw: float, power_class: str) -> None:
    accept_night(lake, "2026-11-01", [evse(connectors=[given_by])])
    curate(lake)
    row = pq.read_table(lake.curated("evses", "NL-ABC"), partitioning=None).to_pylist()[0]
    assert row["max_power_kw"] == pytest.approx(power_kw, abs=0.001)
    assert row["power_class"] == power_class


def test_evses_carry_their_place_and_their_nights(lake: Lake) -> None:
    place = {"latitude": LICHTDAM[0], "longitude": LICHTDAM[1]}
    for night in ("2026-11-01", "2026-11-02"):
        accept_night(lake, night, [evse()], location=place)
    curate(lake)
    table = pq.read_table(lake.curated("evses", "NL-ABC"), partitioning=None)
    row = table.to_pylist()[0]
    assert table.schema.equals(EVSE_FILE)
    assert (row["gemeente_code"], row["nal_region"], row["address"]) == ("GM9902", "Zuid", "Plein 1")
    assert (row["first_seen"], row["last_seen"]) == (date(2026, 11, 1), date(2026, 11, 2))


def test_without_nights_the_history_is_empty_and_typed(lake: Lake) -> None:
    counts = curate_locations(lake, "NL-ABC", demo_areas())
    assert (counts.nights, counts.locations, counts.evses) == (0, 0, 0)
    assert pq.read_table(lake.curated("locations", "NL-ABC"), partitioning=None).schema.equals(LOCATION_FILE)


def test_making_the_history_again_gives_the_same_bytes(lake: Lake) -> None:
    for day in range(1, 8):
        accept_night(lake, f"2026-11-0{day}", [evse(number) for number in range(1, 60) if (number + day) % 5])
    digests = set()
    for _ in range(2):
        curate(lake)
        digests.add(hashlib.sha256(lake.curated("evses", "NL-ABC").read_bytes()).hexdigest())
    assert len(digests) == 1


STATES = st.lists(
    st.sampled_from(["A", "B", "removed", "defective", "absent", "incomplete", "no delivery"]), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(STATES)
def test_versions_are_those_that_a_walk_through_the_nights_gives(nights: list[str]) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE night (night DATE, complete BOOLEAN, next_complete DATE)")
        connection.execute("CREATE TABLE sighting (key VARCHAR, night DATE, state UBIGINT)")
        delivered = [(n, s) for n, s in enumerate(nights) if s != "no delivery"]
        for number, state in delivered:
            later = [n for n, s in delivered if n > number and s != "incomplete"]
            connection.execute(
                "INSERT INTO night VALUES (?, ?, ?)",
                [day(number), state != "incomplete", day(later[0]) if later else None],
            )
            known = {"A": 11, "B": 12, "removed": REMOVED, "defective": None}
            if state in known:
                connection.execute("INSERT INTO sighting VALUES ('k', ?, ?)", [day(number), known[state]])
        make_versions(connection)
        found = connection.sql("SELECT valid_from, valid_to, end_reason, last_seen FROM version ORDER BY 1").fetchall()
    assert found == walk(nights)


def day(number: int) -> date:
    return date(2026, 11, 1 + number)


def walk(nights: list[str]) -> list[tuple[date, date | None, str | None, date]]:
    versions: list[list[Any]] = []
    now: str | None = None
    for number, state in enumerate(nights):
        if state in ("no delivery", "incomplete"):
            continue
        if now in ("A", "B") and state == "defective":
            versions[-1][3] = day(number)
        elif now in ("A", "B") and state != now:
            versions[-1][1] = day(number)
            versions[-1][2] = {"removed": "removed", "absent": "vanished"}.get(state, "changed")
        if state in ("A", "B"):
            if state != now:
                versions.append([day(number), None, None, day(number)])
            versions[-1][3] = day(number)
        if state != "defective":
            now = state
    return [(first, last, reason, seen) for first, last, reason, seen in versions]
