"""Every row of a session file goes out as one CDR, with what the file says and no more."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.simulator.plan import Plan, feeds_of

DUNDEE = (
    "Charging event,User ID,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Cost,Site,Group,Model\n"
    '7751157,601838,50914,1,06/09/2018,23:55,07/09/2018,07:03,22.287,0,"Hub, Dundee",A,APT 22kW Dual Outlet\n'
    '7750180,,50268,2,06/09/2018,16:38,,,,,"Office, Dundee",A,APT 50kW Raption\n'
)
DUTCH = (
    "Started,Ended,TotalEnergy,ConnectedTime,ChargeTime,MaxPower\n"
    "2018-01-01 11:26:40,2018-01-01 14:36:13,28641,3.1592,2.3056,13680\n"
    "2018-02-29 07:37:53,2018-02-29 16:46:45,5000,9.1478,2.0,3360\n"
    "2018-07-02 10:00:00,2018-07-02 12:00:00,1000,2.0,-740.25,3360\n"
)


def _records(
    tmp_path: Path, name: str, content: str, version: str = "2.2.1", *, fill: bool = True
) -> list[dict[str, Any]]:
    path = tmp_path / "sessions.csv"
    path.write_text(content, encoding="utf-8")
    plan = Plan("NL-TRI", version, replay=name, replay_file=path, fill_parking_time=fill)
    return [json.loads(sent.body) for sent in feeds_of(plan)["cdrs"].records]


def test_british_wall_clock_time_becomes_utc(tmp_path: Path) -> None:
    whole = _records(tmp_path, "dundee", DUNDEE)[1]
    assert (whole["start_date_time"], whole["end_date_time"]) == ("2018-09-06T22:55:00Z", "2018-09-07T06:03:00Z")
    assert (whole["total_energy"], whole["total_time"], whole["total_parking_time"]) == (22.287, 7.1333, 0.0)
    assert whole["cdr_token"]["contract_id"] == "GB-CPS-C00601838-X"
    assert whole["last_updated"] == "2018-09-07T07:03:00Z"


def test_a_missing_end_and_user_stay_missing(tmp_path: Path) -> None:
    partial = _records(tmp_path, "dundee", DUNDEE)[0]
    assert {"end_date_time", "total_energy", "total_time"}.isdisjoint(partial)
    assert {"contract_id", "uid"}.isdisjoint(partial["cdr_token"])
    assert partial["last_updated"] == "2018-09-06T16:38:00Z"


def test_dutch_durations_and_energy_are_those_of_the_file(tmp_path: Path) -> None:
    cdr = _records(tmp_path, "nl", DUTCH)[0]
    assert (cdr["start_date_time"], cdr["end_date_time"]) == ("2018-01-01T10:26:40Z", "2018-01-01T13:36:13Z")
    assert (cdr["total_energy"], cdr["total_time"], cdr["total_parking_time"]) == (28.641, 3.1592, 0.8536)


def test_an_impossible_date_is_sent_as_it_stands(tmp_path: Path) -> None:
    cdr = _records(tmp_path, "nl", DUTCH)[1]
    assert (cdr["start_date_time"], cdr["end_date_time"]) == ("2018-02-29T07:37:53Z", "2018-02-29T16:46:45Z")
    assert cdr["last_updated"] == "2018-03-01T16:46:45Z"


def test_a_negative_charging_time_is_sent_as_it_stands(tmp_path: Path) -> None:
    assert _records(tmp_path, "nl", DUTCH)[2]["total_parking_time"] == 742.25


def test_without_the_filling_no_cdr_has_a_parking_time(tmp_path: Path) -> None:
    assert all("total_parking_time" not in cdr for cdr in _records(tmp_path, "nl", DUTCH, fill=False))


def test_a_replay_in_2_1_1_has_the_same_facts_under_its_own_names(tmp_path: Path) -> None:
    newer, older = (_records(tmp_path, "dundee", DUNDEE, version)[1] for version in ("2.2.1", "2.1.1"))
    assert older["stop_date_time"] == newer["end_date_time"]
    assert older["auth_id"] == newer["cdr_token"]["contract_id"]
    assert older["location"]["evses"][0]["uid"] == newer["cdr_location"]["evse_uid"]


def test_a_replay_takes_no_defects(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="takes no share of defects"):
        Plan("NL-TRI", replay="nl", replay_file=tmp_path, defects=0.1)


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1"])
def test_every_row_of_dundee_is_sent_once(dundee_file: Path, version: str) -> None:
    with dundee_file.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    plan = Plan("NL-DUN", version, replay="dundee", replay_file=dundee_file)
    feeds = feeds_of(plan)
    cdrs = [json.loads(sent.body) for sent in feeds["cdrs"].records]
    assert Counter(cdr["id"] for cdr in cdrs) == Counter(f"DUNDEE-{row['Charging event']}" for row in rows)
    assert sum(cdr.get("total_energy", 0) for cdr in cdrs) == pytest.approx(
        sum(float(row["Total kWh"] or 0) for row in rows)
    )
    assert len(feeds["locations"]) == len({row["CP ID"] for row in rows})


def test_every_row_of_the_dutch_file_is_sent_once_and_sessions_rarely_meet(nl_file: Path) -> None:
    with nl_file.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cdrs = [
        json.loads(sent.body) for sent in feeds_of(Plan("NL-HVA", replay="nl", replay_file=nl_file))["cdrs"].records
    ]
    assert len({cdr["id"] for cdr in cdrs}) == len(cdrs) == len(rows)
    assert sum(cdr["total_time"] for cdr in cdrs) == pytest.approx(sum(float(row["ConnectedTime"]) for row in rows))
    by_evse: dict[str, list[tuple[str, str]]] = {}
    for cdr in cdrs:
        session = (cdr["start_date_time"], cdr["end_date_time"])
        by_evse.setdefault(cdr["cdr_location"]["evse_uid"], []).append(session)
    meetings = sum(
        later[0] < earlier[1]
        for sessions in by_evse.values()
        for earlier, later in zip(sorted(sessions), sorted(sessions)[1:], strict=False)
    )
    assert meetings <= 5
