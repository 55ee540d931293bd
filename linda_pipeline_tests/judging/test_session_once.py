"""One session, one CDR: which of two is refused, which is only told, and what a credit makes fine again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, cdr, delivered

EVSE: dict[str, Any] = {"evse_uid": "EVSE-1"}
LATER = {"last_updated": "2026-11-10T14:00:00Z"}
NEXT = WINDOW + timedelta(days=14)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _told(lake: Lake, window: Any = WINDOW) -> list[tuple[str, str, str]]:
    rows = pq.read_table(lake.table("findings", Delivery("cdrs", "NL-ABC", window))).to_pylist()
    return [(row["severity"], row["id"], row["value"]) for row in rows if row["rule"] == "session_once"]


def _at(hour: int, **more: Any) -> dict[str, Any]:
    """A session of 3.5 hours that begins so many hours after the good one."""
    start, end = (f"2026-11-10T{clock + hour:02d}:{minutes}:00Z" for clock, minutes in ((7, 30), (11, "00")))
    periods = [{"start_date_time": start, "dimensions": [{"type": "ENERGY", "volume": 12.5}]}]
    return {"start_date_time": start, "end_date_time": end, "@charging_periods": periods, **LATER, **more}


def test_the_same_start_end_and_energy_on_one_evse_is_a_double_record(lake: Lake) -> None:
    judgement = delivered(lake, [cdr(2, **EVSE, **LATER), cdr(1, **EVSE), cdr(3)])
    assert _told(lake) == [("error", "CDR-000002", "CDR-000001")]
    assert (judgement.main.accepted, judgement.main.rejected, judgement.opens_case) == (2, 1, False)


def test_one_session_id_in_two_cdrs_that_overlap_on_one_evse_is_one_session(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, session_id="S"), cdr(2, **EVSE, **_at(1, session_id="s"))])
    assert _told(lake) == [("error", "CDR-000002", "CDR-000001")]


def test_one_session_id_elsewhere_or_at_another_time_is_only_told(lake: Lake) -> None:
    elsewhere, later = cdr(2, session_id="S", **LATER), cdr(3, **EVSE, **_at(6, session_id="S"))
    judgement = delivered(lake, [cdr(1, **EVSE, session_id="S"), elsewhere, later])
    assert _told(lake) == [("warning", "CDR-000002", "CDR-000001"), ("warning", "CDR-000003", "CDR-000001")]
    assert judgement.main.rejected == 0


def test_without_a_session_id_sessions_on_one_evse_are_compared_by_time_and_energy_alone(lake: Lake) -> None:
    old = [cdr(1, "2.1.1", **EVSE), cdr(2, "2.1.1", **EVSE, **_at(1)), cdr(3, "2.1.1", **EVSE, **LATER)]
    delivered(lake, old, version="2.1.1")
    assert _told(lake) == [("error", "CDR-000003", "CDR-000001")]


def test_a_cdr_after_a_credit_of_the_first_is_fine(lake: Lake) -> None:
    credit = cdr(9, **EVSE, credit=True, credit_reference_id="CDR-000001", total_cost_excl_vat=-4.0, **LATER)
    judgement = delivered(lake, [cdr(1, **EVSE), credit, cdr(2, **EVSE, last_updated="2026-11-10T15:00:00Z")])
    assert _told(lake) == []
    assert judgement.main.accepted == 3


def test_what_an_earlier_window_accepted_is_not_accepted_again_under_another_id(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE)])
    again = cdr(2, **EVSE, last_updated="2026-11-24T12:00:00Z")
    assert delivered(lake, [again], window=NEXT).main.rejected == 1
    assert _told(lake, NEXT) == [("error", "CDR-000002", "CDR-000001")]


def test_a_session_id_of_an_earlier_window_on_the_same_evse_at_the_same_time_is_the_same_session(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, session_id="S")])
    again = cdr(2, **EVSE, **_at(1, session_id="s", last_updated="2026-11-24T12:00:00Z"))
    assert delivered(lake, [again], window=NEXT).main.rejected == 1
    assert _told(lake, NEXT) == [("error", "CDR-000002", "CDR-000001")]


def test_a_session_id_of_an_earlier_window_elsewhere_or_at_another_time_is_only_told(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, session_id="S"), cdr(4, session_id="T")])
    moved = {"last_updated": "2026-11-24T12:00:00Z"}
    records = [
        cdr(2, **{**_at(1), **moved}, session_id="S"),
        cdr(3, **EVSE, **{**_at(6), **moved}, session_id="S"),
        cdr(5, **{**_at(1), **moved}, session_id="T"),
    ]
    assert delivered(lake, records, window=NEXT).main.rejected == 0
    assert _told(lake, NEXT) == [
        ("warning", "CDR-000002", "CDR-000001"),
        ("warning", "CDR-000003", "CDR-000002"),
        ("warning", "CDR-000005", "CDR-000004"),
    ]


def test_a_session_of_an_earlier_window_may_come_again_once_that_is_credited(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, session_id="S")])
    moved = {"last_updated": "2026-11-24T12:00:00Z"}
    credit = cdr(9, **EVSE, credit=True, credit_reference_id="CDR-000001", total_cost_excl_vat=-4.0, **moved)
    again = cdr(2, **EVSE, **{**_at(1), **moved}, session_id="S")
    assert delivered(lake, [credit, again], window=NEXT).main.accepted == 2
    assert _told(lake, NEXT) == []


def test_beside_what_an_earlier_version_accepted_sessions_are_told_by_time_and_energy_alone(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, session_id="S"), cdr(3, evse_uid="EVSE-3")])
    path = lake.table("accepted", Delivery("cdrs", "NL-ABC", WINDOW))
    table = pq.ParquetFile(path).read()
    assert table["session_key"].null_count == 0
    pq.write_table(table.drop_columns(["session_key"]), path)
    moved = {"last_updated": "2026-11-24T12:00:00Z"}
    records = [cdr(2, **EVSE, **{**_at(1), **moved}, session_id="S"), cdr(4, evse_uid="EVSE-3", **moved)]
    delivered(lake, records, window=NEXT)
    assert _told(lake, NEXT) == [("error", "CDR-000004", "CDR-000003")]


def test_what_was_refused_before_may_come_again_under_another_id(lake: Lake) -> None:
    delivered(lake, [cdr(1, **EVSE, address="Plein")])
    assert delivered(lake, [cdr(2, **EVSE, last_updated="2026-11-24T12:00:00Z")], window=NEXT).main.accepted == 1


def test_what_was_pulled_before_november_2026_is_not_asked(lake: Lake) -> None:
    window = WINDOW - timedelta(days=14 * 3)
    moved = {"last_updated": "2026-10-01T12:00:00Z"}
    delivered(lake, [cdr(1, **EVSE, **moved), cdr(2, **EVSE, **moved)], window=window)
    assert _told(lake, window) == []
