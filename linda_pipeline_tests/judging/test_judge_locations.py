"""A night of Locations judged: each Location, each EVSE below it, and the ids of the whole night compared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.ledger.tables import FINDINGS, HELD, REJECTED
from linda_pipeline.own_columns.accepted_schema import PRESENT, accepted_schema
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.register.cpos import Permission
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    CPO,
    LICHTDAM,
    LOCATIONS,
    NIGHT,
    PULLED_AT,
    ZONNESTAD,
    bytes_of,
    demo_areas,
    evse,
    findings,
    ids,
    judged,
    location,
    permitted,
    raw_pull,
    rows,
)


def with_evses(number: int, *evses: Any, **changes: Any) -> dict[str, Any]:
    """A good Location with these EVSEs."""
    return {**location(number, **changes), "evses": list(evses)}


def night(lake: Lake, *pages: Any, **options: Any) -> dict[str, dict[str, int]]:
    """The counts of a night with these pages, after the proof that they are conserved."""
    pull = raw_pull(lake, *pages, delivery=LOCATIONS, **options)
    judgement = judged(lake, pull)
    conserve(lake, LOCATIONS, pull)
    return {kind: counts.as_dict() for kind, counts in judgement.counts.items()}


def counts(
    received: int, accepted: int = 0, rejected: int = 0, identical: int = 0, held_back: int = 0
) -> dict[str, int]:
    return {
        "received": received,
        "accepted": accepted,
        "rejected": rejected,
        "identical": identical,
        "held_back": held_back,
    }


def accepted_evses(lake: Lake) -> list[str]:
    return [row["evse_uid"] for row in rows(lake, "accepted", LOCATIONS, "evses")]


def present(lake: Lake) -> dict[str, str]:
    return {row["evse_uid"]: row["bucket"] for row in rows(lake, "accepted", LOCATIONS, "present")}


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
def test_good_locations_and_their_evses_are_accepted(lake: Lake, version: str) -> None:
    found = night(lake, [location(1, version, 2)], [location(2, version)], version=version)
    assert found == {"locations": counts(2, 2), "evses": counts(3, 3)}
    assert findings(lake, LOCATIONS) == []
    assert ids(lake, "accepted", LOCATIONS) == ["LOC-0001", "LOC-0002"]
    evses = rows(lake, "accepted", LOCATIONS, "evses")
    assert [(row["location_id"], row["index"], row["evse_uid"]) for row in evses] == [
        ("LOC-0001", 0, "EVSE-0001-0"),
        ("LOC-0001", 1, "EVSE-0001-1"),
        ("LOC-0002", 0, "EVSE-0002-0"),
    ]
    assert evses[0]["connectors"][0]["max_voltage_v"] == 230
    assert {row["window"] for row in rows(lake, "accepted", LOCATIONS, "locations")} == {NIGHT}


def test_a_defective_evse_is_withheld_alone(lake: Lake) -> None:
    broken = evse(1, 1, status="KAPOT", evse_id="12345")
    found = night(lake, [with_evses(1, evse(1, 0), broken, evse(1, 2)), location(2)])
    assert found == {"locations": counts(2, 2), "evses": counts(4, 3, 1)}
    assert accepted_evses(lake) == ["EVSE-0001-0", "EVSE-0001-2", "EVSE-0002-0"]
    assert findings(lake, LOCATIONS) == [
        ("EVSE-0001-1", "evse_id_format", "evses[1].evse_id"),
        ("EVSE-0001-1", "status_unknown_value", "evses[1].status"),
    ]
    (refused,) = rows(lake, "rejected", LOCATIONS)
    told = ("object", "id", "location_id", "evse_uid", "page", "position", "index", "rules")
    assert [refused[name] for name in told] == [
        "evse",
        "EVSE-0001-1",
        "LOC-0001",
        "EVSE-0001-1",
        1,
        0,
        1,
        ["evse_id_format", "status_unknown_value"],
    ]
    assert json.loads(refused["record"]) == broken
    assert present(lake)["EVSE-0001-1"] == "rejected", "a defective EVSE has not vanished"


def test_flaws_in_evses_are_told_at_their_place_and_withhold_the_evse_alone(lake: Lake) -> None:
    connectors = [*evse(2)["connectors"], {**evse(2)["connectors"][0], "id": "2", "max_voltage": "230 V"}]
    found = night(
        lake,
        [location(1, evses=3), with_evses(2, evse(2, 0), evse(2, 1, connectors=connectors))],
        [with_evses(3, evse(3, 0, uid=3), evse(3, 1, last_updated="gisteren"), evse(3, 2))],
    )
    assert found == {"locations": counts(3, 3), "evses": counts(8, 5, 3)}
    assert findings(lake, LOCATIONS) == [
        ("EVSE-0002-1", "connectors_max_voltage_unreadable", "evses[1].connectors[1].max_voltage"),
        (None, "evse_uid_unreadable", "evses[0].uid"),
        ("EVSE-0003-1", "last_updated_unreadable", "evses[1].last_updated"),
    ]
    assert [row["index"] for row in rows(lake, "rejected", LOCATIONS)] == [1, 0, 1]


def test_an_error_of_the_location_rejects_it_whole(lake: Lake) -> None:
    found = night(lake, [location(1, evses=2, city=ABSENT), location(2)])
    assert found == {"locations": counts(2, 1, 1), "evses": counts(3, 1, 2)}
    assert [(row["object"], row["id"], row["rules"]) for row in rows(lake, "rejected", LOCATIONS)] == [
        ("location", "LOC-0001", ["city_required"])
    ]
    assert present(lake) == {"EVSE-0001-0": "rejected", "EVSE-0001-1": "rejected", "EVSE-0002-0": "accepted"}


def test_an_evse_id_belongs_to_one_live_evse_over_the_whole_night(lake: Lake) -> None:
    found = night(
        lake,
        [with_evses(1, evse(1, evse_id="NL*ABC*E77"), evse(1, 1)), with_evses(2, evse(2, evse_id="nl-abc-e77"))],
        [with_evses(3, evse(3, evse_id="NL*ABC*E77", status="REMOVED"), evse(3, 1))],
    )
    assert found["evses"] == counts(5, 3, 2)
    assert found["locations"] == counts(3, 3)
    assert findings(lake, LOCATIONS) == [
        ("EVSE-0001-0", "evse_id_unique", "evses[0].evse_id"),
        ("EVSE-0002-0", "evse_id_unique", "evses[0].evse_id"),
    ]


def test_evse_ids_of_copies_and_of_older_versions_are_not_counted(lake: Lake) -> None:
    older = {**location(1), "city": "Arnhem", "last_updated": "2026-09-01T08:00:00Z"}
    found = night(lake, [older, location(1), location(1)])
    assert found == {"locations": counts(3, 1, 1, 1), "evses": counts(3, 1, 1, 1)}
    assert [rule for _, rule, _ in findings(lake, LOCATIONS)].count("evse_id_unique") == 0


def test_of_a_location_that_comes_twice_the_newest_stays(lake: Lake) -> None:
    newest = {**location(1), "city": "Arnhem", "last_updated": "2026-11-01T08:00:00Z"}
    found = night(lake, [location(1), location(2)], [newest, {**location(1), "id": "loc-0001"}])
    assert found["locations"] == counts(4, 2, 2)
    assert [row["city"] for row in rows(lake, "accepted", LOCATIONS, "locations")] == ["Nijmegen", "Arnhem"]
    told = [(name, rule) for name, rule, _ in findings(lake, LOCATIONS)]
    assert told == [("LOC-0001", "location_unique"), ("loc-0001", "location_unique")]


def test_identical_copies_are_one_location(lake: Lake) -> None:
    touched = {**location(1), "last_updated": "2026-11-01T08:00:00Z"}
    found = night(lake, [location(1), location(2)], [touched])
    assert found == {"locations": counts(3, 2, 0, 1), "evses": counts(3, 2, 0, 1)}
    assert [rule for _, rule, _ in findings(lake, LOCATIONS)] == ["identical_copy"]
    assert sorted(present(lake)) == ["EVSE-0001-0", "EVSE-0002-0"]
    assert len(rows(lake, "accepted", LOCATIONS, "present")) == 2


def test_a_second_night_is_judged_on_its_own(lake: Lake) -> None:
    from linda_pipeline.storage.lake import Delivery

    night(lake, [location(1)])
    second = Delivery("locations", "NL-ABC", date(2026, 11, 24))
    judged(lake, raw_pull(lake, [location(1)], delivery=second))
    assert ids(lake, "accepted", second) == ["LOC-0001"]
    assert findings(lake, second) == []


def test_locations_that_no_permission_covers_are_held_back_with_their_evses(lake: Lake) -> None:
    permission = Permission("L-1", "Zonnestad", "concession", date(2026, 1, 1), None, ("GM9901",))
    records = [
        location(1, **ZONNESTAD),
        location(2, evses=2, **LICHTDAM, city=ABSENT),
        location(3),
        location(4, latitude="north"),
    ]
    pull = raw_pull(lake, records, delivery=LOCATIONS)
    judgement = judged(lake, pull, permitted(permission), demo_areas())
    conserve(lake, LOCATIONS, pull)
    assert judgement.counts["locations"].as_dict() == counts(4, 2, 1, 0, 1)
    assert judgement.counts["evses"].as_dict() == counts(5, 2, 1, 0, 2)
    (held,) = rows(lake, "held", LOCATIONS)
    assert held == {"object": "location", "id": "LOC-0002", "reason": "no_permission", "page": 1, "position": 1}
    assert {name for name, _, _ in findings(lake, LOCATIONS)} == {"LOC-0004"}, "what is held back gets no errors"
    assert present(lake)["EVSE-0002-1"] == "held_back"


def test_of_a_location_of_which_a_permission_names_one_evse_the_others_are_held_back_alone(lake: Lake) -> None:
    permission = Permission(
        "L-1", "Zonnestad", "concession", date(2026, 1, 1), evses=("NL*ABC*E000010", "NLABCE000030")
    )
    pull = raw_pull(lake, [location(1, evses=2), location(2), location(3)], delivery=LOCATIONS)
    judgement = judged(lake, pull, permitted(permission))
    conserve(lake, LOCATIONS, pull)
    assert judgement.counts["locations"].as_dict() == counts(3, 2, 0, 0, 1)
    assert judgement.counts["evses"].as_dict() == counts(4, 2, 0, 0, 2)
    assert accepted_evses(lake) == ["EVSE-0001-0", "EVSE-0003-0"]
    assert present(lake)["EVSE-0001-1"] == "held_back"
    held = [(row["object"], row["id"], row["position"]) for row in rows(lake, "held", LOCATIONS)]
    assert held == [("location", "LOC-0002", 1), ("evse", "EVSE-0001-1", 0)]


def test_what_is_no_location_is_rejected_and_loses_no_other(lake: Lake) -> None:
    odd: list[Any] = [None, "text", [], {}, {**location(3), "evses": None}, {**location(4), "evses": "none"}]
    odd += [{**location(5), "evses": []}, {**location(6), "evses": {}}]
    found = night(lake, [location(1), *odd, location(2)])
    assert found["locations"]["received"] == 10
    assert found["locations"]["accepted"] == 2
    assert found["evses"] == counts(2, 2)
    rules = {row["position"]: row["rules"] for row in rows(lake, "rejected", LOCATIONS)}
    assert [rules[position] for position in (1, 2, 3, 5, 6, 7, 8)] == [
        ["record_unreadable"],
        ["record_unreadable"],
        ["record_unreadable"],
        ["evses_required"],
        ["evses_unreadable"],
        ["evses_required"],
        ["evses_unreadable"],
    ]


def test_an_evse_that_is_no_object_is_told_at_its_place(lake: Lake) -> None:
    found = night(lake, [with_evses(1, evse(1, 0), None, "EVSE"), location(2)])
    assert found["evses"]["received"] == 4
    assert [(rule, path) for _, rule, path in findings(lake, LOCATIONS)] == [
        ("evses_unreadable", "evses[1]"),
        ("evses_unreadable", "evses[2]"),
    ]


def test_an_empty_night_leaves_empty_typed_files(lake: Lake) -> None:
    assert night(lake) == {"locations": counts(0), "evses": counts(0)}
    for bucket, name, schema in (
        ("accepted", "locations", accepted_schema("location")),
        ("accepted", "evses", accepted_schema("evse")),
        ("accepted", "present", PRESENT),
        ("rejected", "part-00001", REJECTED),
        ("held", "part-00001", HELD),
    ):
        table = pq.read_table(lake.table(bucket, LOCATIONS, name))
        assert (table.num_rows, table.schema) == (0, schema)
    told = pq.read_table(lake.table("findings", LOCATIONS))
    assert told.schema == FINDINGS
    assert told["rule"].to_pylist() == ["delivery_late"], "the one finding is that nothing came"


def test_judging_again_gives_the_same_bytes_of_every_file(lake: Lake, tmp_path: Path) -> None:
    pages = [
        [location(1, evses=2), location(2, city=ABSENT), None],
        [location(1, evses=2), with_evses(3, evse(3, status="X"))],
    ]
    night(lake, *pages)
    elsewhere = Lake(tmp_path / "elsewhere")
    night(elsewhere, *pages)
    buckets = ("accepted", "rejected", "held", "findings", "ledger")
    assert len(bytes_of(lake, *buckets)) == 7
    assert bytes_of(lake, *buckets) == bytes_of(elsewhere, *buckets)


def test_the_evse_of_a_location_with_a_stain_elsewhere_is_returned(lake: Lake) -> None:
    stained = json.dumps(with_evses(1, evse(1, 0, status="X"), evse(1, 1), address="STAIN 3")).encode()
    stained = stained.replace(b"STAIN", b"\\ud800")
    night(lake, [stained, with_evses(2, evse(2, status="X"))])
    kept = {(row["object"], row["id"]): row["record"] for row in rows(lake, "rejected", LOCATIONS)}
    assert "EVSE-0001-0" in kept["evse", "EVSE-0001-0"]
    assert json.loads(kept["evse", "EVSE-0002-0"]) == evse(2, status="X")


def test_an_evse_of_two_cpos_is_told_to_the_one_that_comes_after_without_the_others_name(lake: Lake) -> None:
    other = replace(CPO, key="NL-DEF", parties=("NL-ABC",))
    before = Delivery("locations", "NL-DEF", NIGHT - timedelta(days=1))
    gone = evse(2, evse_id="NL*ABC*E88", status="REMOVED")
    judged(lake, raw_pull(lake, [with_evses(1, evse(1, evse_id="NL*ABC*E77"), gone)], delivery=before), other)
    night(lake, [with_evses(5, evse(5, evse_id="nl-abc-e77"), evse(5, 1, evse_id="NL*ABC*E88"), evse(5, 2))])
    assert findings(lake, LOCATIONS) == [("EVSE-0005-0", "evse_of_two_cpos", "evses[0].evse_id")]
    (told,) = rows(lake, "findings", LOCATIONS)
    assert told["value"] == "nl-abc-e77"
    judgement = judged(lake, raw_pull(lake, [location(1)], delivery=before, pulled_at=PULLED_AT), other)
    assert "evse_of_two_cpos" in {entry["rule"] for entry in judgement.rules_not_run}
