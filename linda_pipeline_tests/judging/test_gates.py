"""The gates: what is no public charging, or cannot be told to be, is neither accepted nor refused, and its CPO hears why."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.example import changed, good_record, set_at
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import NIGHT, WINDOW, delivered

CDRS = Delivery("cdrs", "NL-ABC", WINDOW)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _held(lake: Lake, delivery: Delivery = CDRS) -> list[tuple[str, str]]:
    rows = pq.read_table(lake.table("held", delivery)).to_pylist()
    return [(row["id"], row["reason"]) for row in rows]


def _findings(lake: Lake, delivery: Delivery = CDRS) -> list[tuple[str, str, str]]:
    rows = pq.read_table(lake.table("findings", delivery)).to_pylist()
    return [(row["rule"], row["severity"], row["id"]) for row in rows if row["object"] != "delivery"]


def _with(paths: dict[str, Any], module: str = "cdr", version: str = "2.2.1") -> dict[str, Any]:
    record = good_record(module, version)
    for path, value in paths.items():
        set_at(record, path, value)
    return record


def _conserved(lake: Lake, delivery: Delivery) -> None:
    pull = newest_pull(lake, delivery)
    assert pull is not None
    conserve(lake, delivery, pull)


@pytest.mark.parametrize("flag", ["true", "false", "Y", "", 1, 0, 1.0, [], {"value": True}])
def test_a_home_flag_that_cannot_be_read_closes_the_gate_and_is_told(lake: Lake, flag: Any) -> None:
    judgement = delivered(lake, [_with({"home_charging_compensation": flag, "total_energy": -1})])
    assert _held(lake) == [("CDR-2026-000042", "scope_unreadable")]
    assert _findings(lake) == [("home_charging_compensation_unreadable", "warning", "CDR-2026-000042")]
    assert (judgement.main.held_back, judgement.main.accepted, judgement.opens_case) == (1, 0, False)
    _conserved(lake, CDRS)


@pytest.mark.parametrize("flag", [None, False, ABSENT])
def test_a_session_that_says_nothing_of_home_charging_is_judged(lake: Lake, flag: Any) -> None:
    judgement = delivered(lake, [_with({"home_charging_compensation": flag})])
    assert (judgement.main.accepted, _held(lake), _findings(lake)) == (1, [], [])


@pytest.mark.parametrize("flag", ["true", 1, "credit", {}])
def test_a_credit_flag_that_cannot_be_read_refuses_the_cdr(lake: Lake, flag: Any) -> None:
    judgement = delivered(lake, [_with({"credit": flag})])
    assert _findings(lake) == [("credit_unreadable", "error", "CDR-2026-000042")]
    assert (judgement.main.rejected, judgement.opens_case) == (1, True)


@pytest.mark.parametrize("kind", [7, None, "ANDERS", ABSENT])
def test_a_token_type_that_cannot_be_read_refuses_the_cdr(lake: Lake, kind: Any) -> None:
    assert delivered(lake, [_with({"cdr_token.type": kind})]).main.rejected == 1


def test_a_reservation_whose_energy_cannot_be_read_is_a_session_with_a_defect(lake: Lake) -> None:
    reserved = {"cdr_location.evse_uid": "#NA", "cdr_location.evse_id": "#NA", "cdr_location.connector_id": "#NA"}
    delivered(
        lake, [_with({**reserved, "total_energy": 0}), _with({**reserved, "id": "CDR-2", "total_energy": "12,5"})]
    )
    assert _held(lake) == [("CDR-2026-000042", "reservation_only")]
    assert ("total_energy_unreadable", "error", "CDR-2") in _findings(lake)


NIGHTLY = Delivery("locations", "NL-ABC", NIGHT)


def _night(lake: Lake, paths: dict[str, Any], night: date = NIGHT, version: str = "2.2.1") -> Any:
    return delivered(lake, [_with(paths, "location", version)], module="locations", window=night, version=version)


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ({"publish": False}, "not_public"),
        ({"publish_allowed_to": [{"uid": "04A1B2C3D4E5F6"}]}, "not_public"),
        ({"publish_allowed_to": [{}]}, "not_public"),
        ({"parking_type": "ON_DRIVEWAY"}, "not_public"),
        ({"parking_type": "on_driveway"}, "not_public"),
        ({"publish": "true"}, "scope_unreadable"),
        ({"publish": 1}, "scope_unreadable"),
        ({"publish_allowed_to": "everybody"}, "scope_unreadable"),
        ({"parking_type": 3}, "scope_unreadable"),
    ],
)
def test_a_location_that_is_not_public_is_held_back_and_its_sessions_with_it(
    lake: Lake, paths: dict[str, Any], reason: str
) -> None:
    night = _night(lake, paths)
    assert _held(lake, NIGHTLY) == [("LOC-0042", reason)]
    assert (night.main.held_back, night.counts["evses"].held_back, night.opens_case) == (1, 1, False)
    unread = {rule.removesuffix("_unreadable") for rule, _, _ in _findings(lake, NIGHTLY)}
    assert bool(unread) == (reason == "scope_unreadable")
    _conserved(lake, NIGHTLY)
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert (_held(lake), _findings(lake)) == ([("CDR-2026-000042", "not_public")], [])
    _conserved(lake, CDRS)


@pytest.mark.parametrize("paths", [{"publish": True}, {"publish_allowed_to": []}, {"publish_allowed_to": None}])
def test_a_public_location_and_its_sessions_pass(lake: Lake, paths: dict[str, Any]) -> None:
    assert _night(lake, paths).main.accepted == 1
    assert delivered(lake, [good_record("cdr", "2.2.1")]).main.accepted == 1


def test_a_driveway_in_the_location_of_a_2_1_1_cdr_holds_it_back(lake: Lake) -> None:
    delivered(lake, [_with({"location.type": "ON_DRIVEWAY"}, version="2.1.1")], version="2.1.1")
    assert _held(lake) == [("CDR-2026-000042", "not_public")]


def test_a_2_1_1_cdr_whose_location_cannot_be_read_at_all_is_refused_for_that(lake: Lake) -> None:
    judgement = delivered(lake, [_with({"location": "Plein 1944"}, version="2.1.1")], version="2.1.1")
    assert (judgement.main.rejected, judgement.main.held_back) == (1, 0)


@pytest.mark.parametrize(
    ("nights", "is_held"),
    [
        ({-1: False, 3: True}, True),
        ({-1: True, 1: True, 3: False}, False),
        ({-1: True, 2: False}, True),
        ({4: False}, True),
        ({-5: False, -1: True, 3: True}, False),
    ],
    ids=["before", "later", "first after", "only after", "long before"],
)
def test_the_nights_around_the_start_of_a_session_say_whether_its_location_was_public(
    lake: Lake, nights: dict[int, bool], is_held: bool
) -> None:
    for days, publish in nights.items():
        _night(lake, {"publish": publish}, date(2026, 11, 10) + timedelta(days=days))
    assert delivered(lake, [good_record("cdr", "2.2.1")]).main.held_back == int(is_held)


def test_a_session_whose_start_cannot_be_told_at_a_location_that_was_ever_closed_is_held_back(lake: Lake) -> None:
    _night(lake, {"publish": False})
    _night(lake, {}, NIGHT + timedelta(days=2))
    assert delivered(lake, [_with({"start_date_time": "gisteren"})]).main.held_back == 1


def test_the_charge_point_of_a_closed_location_is_known_by_its_evse_id(lake: Lake) -> None:
    _night(lake, {"publish": False})
    cdrs = [
        changed("cdr", "2.2.1", {"cdr_id": "CDR-1", "location_id": "LOC-9", "evse_id": "nl-abc-e00421"}),
        changed("cdr", "2.2.1", {"cdr_id": "CDR-2", "location_id": "LOC-9", "evse_id": "NL*ABC*E00999"}),
    ]
    delivered(lake, cdrs)
    assert _held(lake) == [("CDR-1", "not_public")]


@pytest.mark.parametrize("status", ["Removed?", 5, None])
def test_an_evse_whose_status_cannot_be_read_is_withheld(lake: Lake, status: Any) -> None:
    assert _night(lake, {"evses[0].status": status}).counts["evses"].rejected == 1
