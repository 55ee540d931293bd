"""A delivery of CDRs judged: each bucket, trimming to the window, permissions, and that the same input gives the same bytes."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.judging.pseudonyms import pseudonyms
from linda_pipeline.ledger.entry import FindingKey
from linda_pipeline.ledger.tables import FINDINGS, HELD, REJECTED
from linda_pipeline.own_columns.accepted_schema import accepted_schema
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.quality.rules import RULES
from linda_pipeline.register.cpos import Permission
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import (
    DELIVERY,
    EVERYWHERE,
    KEY,
    LICHTDAM,
    WINDOW,
    ZONNESTAD,
    cdr,
    demo_areas,
    findings,
    ids,
    judged,
    one_of_each,
    permitted,
    raw_pull,
    rows,
)


def test_every_record_falls_in_one_bucket(lake: Lake) -> None:
    pull = raw_pull(lake, *one_of_each())
    judgement = judged(lake, pull)
    counts = judgement.counts["cdrs"]
    assert counts.as_dict() == {"received": 8, "accepted": 2, "rejected": 3, "identical": 1, "held_back": 2}
    assert judgement.outside_window == 1
    assert ids(lake, "accepted") == ["CDR-000001", "CDR-000006"]
    assert [(row["id"], row["reason"], row["page"], row["position"]) for row in rows(lake, "held")] == [
        ("CDR-000003", "reservation_only", 1, 2),
        ("CDR-000004", "home_charging", 2, 0),
    ]
    assert [(row["id"], row["rules"]) for row in rows(lake, "rejected")] == [
        ("CDR-000002", ["total_energy_unreadable"]),
        (None, ["record_unreadable"]),
        ("CDR-000001", ["cdr_id_unique"]),
    ]
    assert findings(lake) == [
        ("CDR-000002", "total_energy_unreadable", "total_energy"),
        ("CDR-000001", "identical_copy", "id"),
        (None, "record_unreadable", ""),
        ("CDR-000001", "cdr_id_unique", "id"),
        ("CDR-000006", "no_overlap", "start_date_time"),
    ]
    assert conserve(lake, DELIVERY, pull).main == counts


def test_the_first_bucket_that_fits_is_taken(lake: Lake) -> None:
    home = cdr(1, home_charging_compensation=True, total_energy_kwh="veel")
    broken = cdr(2, total_energy_kwh="veel")
    judgement = judged(lake, raw_pull(lake, [home, home, broken, broken]))
    assert judgement.counts["cdrs"].as_dict() == {
        "received": 4,
        "accepted": 0,
        "rejected": 1,
        "identical": 2,
        "held_back": 1,
    }
    assert findings(lake) == [
        ("CDR-000001", "identical_copy", "id"),
        ("CDR-000002", "total_energy_unreadable", "total_energy"),
        ("CDR-000002", "identical_copy", "id"),
    ], "what is held back gets no errors"


def test_a_warning_leaves_a_record_accepted(lake: Lake) -> None:
    judgement = judged(lake, raw_pull(lake, [cdr(contract_id="04A1B2C3D4E5F6")]))
    assert judgement.counts["cdrs"].accepted == 1
    assert judgement.findings == {FindingKey("cdr", "contract_id_format", "warning"): 1}
    assert not judgement.opens_case
    assert judgement.as_dict()["due_date"] is None


def test_rejected_records_are_kept_as_they_were_received(lake: Lake) -> None:
    stained = json.dumps(cdr(1)).encode().replace(b'"Nijmegen"', b'"\xff\\u0000"  ')
    judged(lake, raw_pull(lake, [stained, cdr(2, currency=ABSENT), cdr(3, total_time_h="3,5")]))
    kept = rows(lake, "rejected")
    assert kept[0]["record"] == stained.decode("utf-8", "backslashreplace")
    assert json.loads(kept[1]["record"]) == cdr(2, currency=ABSENT)
    assert kept[2]["rules"] == ["total_time_unreadable"]
    assert stat.S_IMODE((lake.root / "rejected").stat().st_mode) == 0o700


def test_each_of_many_rejected_records_stands_with_the_rules_that_refused_it(lake: Lake) -> None:
    wrong = [{"currency": "euro"}, {"postal_code": "6511JE"}, {"country": "NL"}, {"latitude": "51.8"}]
    refused = np.random.default_rng(1).choice(800, 100, replace=False).tolist()  # Arrow groups these in another order
    records = [cdr(number, **(wrong[number % 4] if number in refused else {})) for number in range(800)]
    judged(lake, raw_pull(lake, records))
    refused_by: dict[int, set[str]] = {}
    for found in rows(lake, "findings"):
        if found["severity"] == "error":
            refused_by.setdefault(found["position"], set()).add(found["rule"])
    rejected = rows(lake, "rejected")
    assert len(rejected) == 100
    assert [one["rules"] for one in rejected] == [sorted(refused_by[one["position"]]) for one in rejected]


def test_accepted_rows_say_where_they_came_from_and_hold_a_pseudonym(lake: Lake) -> None:
    judged(
        lake,
        raw_pull(lake, [cdr(1)], [cdr(2, contract_id="nlemsc00000042x"), cdr(3, contract_id="NL-EMS-C00000043-X")]),
    )
    accepted = rows(lake, "accepted")
    told = ("cpo", "ocpi_version", "window", "page", "position", "pulled_at")
    assert [accepted[1][name] for name in told] == [
        "NL-ABC",
        "2.2.1",
        WINDOW,
        2,
        0,
        datetime(2026, 11, 23, 3, 2, 11, tzinfo=UTC),
    ]
    expected = pseudonyms(["NL-EMS-C00000042-X"], None, KEY)[0].as_py()
    assert [row["user_pseudonym"] == expected for row in accepted] == [True, True, False]
    period = accepted[0]["charging_periods"][0]
    assert period == {
        "start_date_time": datetime(2026, 11, 10, 7, 30, tzinfo=UTC),
        "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "volume": 2.0}],
        "tariff_id": "T-1",
    }


def test_accepted_rows_name_the_rules_that_warn_that_they_are_not_plausible(lake: Lake) -> None:
    far_too_much: dict[str, Any] = {"total_energy_kwh": 1234.0, "@charging_periods[0].dimensions[0].volume": 1234.0}
    in_between: dict[str, Any] = {"start_date_time": "2026-11-10T08:00:00Z", "end_date_time": "2026-11-10T11:30:00Z"}
    judged(
        lake,
        raw_pull(
            lake,
            [cdr(1, evse_uid="EVSE-1"), cdr(2, evse_uid="EVSE-1", session_id="S-2", **in_between, **far_too_much)],
            [cdr(3, evse_uid="EVSE-9")],
        ),
    )
    assert {(name, rule) for name, rule, _ in findings(lake) if RULES[f"cdr.{rule}"].plausibility} == {
        ("CDR-000002", "energy_plausible"),
        ("CDR-000002", "no_overlap"),
        ("CDR-000002", "power_plausible"),
    }
    assert [(row["cdr_id"], row["plausibility_warnings"]) for row in rows(lake, "accepted")] == [
        ("CDR-000001", []),
        ("CDR-000002", ["energy_plausible", "no_overlap", "power_plausible"]),
        ("CDR-000003", []),
    ]


def test_accepted_rows_say_whose_they_are(lake: Lake) -> None:
    in_zonnestad = Permission("L-2", "Gemeente Zonnestad", "concession", date(2025, 1, 1), None, ("GM9901",))
    pull = raw_pull(lake, [cdr(1, **ZONNESTAD), cdr(2, **LICHTDAM)])
    judged(lake, pull, permitted(EVERYWHERE, in_zonnestad), demo_areas())
    assert [(row["owner_id"], row["permission_document"]) for row in rows(lake, "accepted")] == [
        ("gemeente-zonnestad", "L-2"),
        ("eindhoven", "L-1"),
    ]


@pytest.mark.parametrize("version", ["2.1.1", "2.3.0"])
def test_every_version_is_judged_into_the_same_tables(lake: Lake, version: str) -> None:
    pull = raw_pull(lake, [cdr(1, version), cdr(2, version, total_time_h="3,5")], version=version)
    judgement = judged(lake, pull)
    assert (judgement.counts["cdrs"].accepted, judgement.counts["cdrs"].rejected) == (1, 1)
    assert pq.read_schema(lake.table("accepted", DELIVERY)).equals(accepted_schema("cdr"))
    row = rows(lake, "accepted")[0]
    assert (row["ocpi_version"], row["end_date_time"]) == (version, datetime(2026, 11, 10, 11, tzinfo=UTC))
    assert row["user_pseudonym"]


def test_an_empty_delivery_leaves_empty_typed_files(lake: Lake) -> None:
    pull = raw_pull(lake)
    judgement = judged(lake, pull)
    assert judgement.counts["cdrs"].as_dict() == dict.fromkeys(judgement.counts["cdrs"].as_dict(), 0)
    for bucket, schema in (
        ("accepted", accepted_schema("cdr")),
        ("rejected", REJECTED),
        ("held", HELD),
    ):
        table = pq.read_table(lake.table(bucket, DELIVERY))
        assert (table.num_rows, table.schema) == (0, schema)
    assert pq.read_schema(lake.table("findings", DELIVERY)) == FINDINGS
    assert findings(lake) == [(None, "delivery_late", None)], "the one finding is that nothing came"
    conserve(lake, DELIVERY, pull)


def test_records_outside_the_window_are_trimmed_and_what_cannot_be_read_stays_in(lake: Lake) -> None:
    stamps: dict[str, Any] = {
        "before": "2026-11-08T23:59:59Z",
        "first": "2026-11-09T00:00:00Z",
        "last": "2026-11-22T23:59:59.999Z",
        "after": "2026-11-23T00:00:00Z",
        "offset": "2026-11-23T01:30:00+02:00",
        "unreadable": "gisteren",
        "missing": ABSENT,
        "number": 1794295800,
    }
    times: dict[str, Any] = {"start_date_time": "2026-11-08T07:30:00Z", "end_date_time": "2026-11-08T11:00:00Z"}
    times["@charging_periods"] = [
        {"start_date_time": "2026-11-08T07:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.5}]}
    ]
    records = [cdr(n, cdr_id=name, **times, last_updated=sent) for n, (name, sent) in enumerate(stamps.items())]
    pull = raw_pull(lake, records, version="2.2.1")
    judgement = judged(lake, pull)
    assert judgement.outside_window == 2
    assert ids(lake, "accepted") == ["first", "last"]
    assert {row["id"] for row in rows(lake, "rejected")} == {"offset", "unreadable", "missing", "number"}
    assert conserve(lake, DELIVERY, pull).outside_window == 2


def test_what_2_1_1_gives_beside_the_window_is_trimmed(lake: Lake) -> None:
    margin = [
        cdr(n, "2.1.1", last_updated=sent) for n, sent in ((1, "2026-11-08T12:00:00Z"), (2, "2026-11-23T12:00:00Z"))
    ]
    judgement = judged(lake, raw_pull(lake, [*margin, cdr(3, "2.1.1")], version="2.1.1"))
    assert (judgement.outside_window, ids(lake, "accepted"), findings(lake)) == (2, ["CDR-000003"], [])


def test_permissions_cover_by_the_end_of_the_session_and_by_municipality(lake: Lake) -> None:
    until_the_tenth = Permission("L-1", "Zonnestad", "concession", date(2026, 1, 1), date(2026, 11, 10), ("GM9901",))
    since = Permission("L-2", "Lichtdam", "concession", date(2026, 11, 11), None, ("GM9902",))

    def at(number: int, place: dict[str, str], end: str, **more: Any) -> dict[str, Any]:
        return cdr(number, **place, end_date_time=end, last_updated="2026-11-12T00:00:00Z", **more)

    records = [
        at(1, ZONNESTAD, "2026-11-10T11:00:00Z"),
        at(2, ZONNESTAD, "2026-11-10T23:00:00Z"),  # midnight in Amsterdam: the eleventh
        at(3, LICHTDAM, "2026-11-10T11:00:00Z"),
        at(4, LICHTDAM, "2026-11-10T23:00:00Z"),
        at(5, {}, "2026-11-10T23:00:00Z"),  # in no municipality that is known
        at(6, ZONNESTAD, "gisteren"),
        at(7, {"latitude": "north"}, "2026-11-10T23:00:00Z"),
    ]
    judged(lake, raw_pull(lake, records), permitted(until_the_tenth, since), demo_areas())
    assert [row["id"] for row in rows(lake, "held")] == ["CDR-000002", "CDR-000003"]
    assert {row["reason"] for row in rows(lake, "held")} == {"no_permission"}
    told = {name for name, _, _ in findings(lake)}
    assert {"CDR-000006", "CDR-000007"} <= told, "where it cannot be told, the record is judged"
    assert not told & {"CDR-000002", "CDR-000003"}


def test_an_unknown_end_is_covered_only_by_a_permission_that_is_valid_at_the_pull(lake: Lake) -> None:
    record = cdr(1, end_date_time="gisteren")
    pull = raw_pull(lake, [record])
    ended = Permission("L-1", "Eindhoven", "concession", date(2026, 1, 1), date(2026, 11, 22))
    judged(lake, pull, permitted(ended))
    assert (ids(lake, "held"), findings(lake)) == (["CDR-000001"], [])
    judged(lake, pull, permitted(EVERYWHERE))
    assert (ids(lake, "held"), ids(lake, "rejected")) == ([], ["CDR-000001"])
