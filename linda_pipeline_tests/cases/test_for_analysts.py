"""What analysts find of cases: every case and event, and no word that a person wrote."""

from __future__ import annotations

from linda_pipeline.cases.for_analysts import copies
from linda_pipeline.cases.objections import object_to_case
from linda_pipeline.location_desk.report_copies import report_copies
from linda_pipeline.warehouse.register_copies import REGISTER_TABLES, register_tables
from linda_pipeline_tests.cases.followed import FIRST, WINDOWS, Followed, broken, in_window, pull_moment


def test_every_case_and_event_is_copied_without_persons_and_reasons(road: Followed) -> None:
    road.deliver(FIRST, broken(1), broken(2))
    road.deliver(WINDOWS[1], in_window(1, WINDOWS[1]))
    with road.database.writing() as session:
        object_to_case(session, 2, "Een vertrouwelijke reden.", at=pull_moment(WINDOWS[1]), actor="Anne de Vries")
    found = dict(register_tables(copies(road.database) | report_copies(road.database)))
    first, second = found["redelivery_case"].to_pylist()
    assert (first["id"], first["record_id"], first["state"], first["closed_by"]) == (
        *(1, "CDR-000001", "corrected"),
        "cdrs/NL-ABC/2026-11-23",
    )
    assert (second["state"], second["records"]) == ("objected", 1)
    assert second["rules"] == ["total_time_matches", "total_time_not_negative"]
    told = [(one["case_id"], one["action"], one["delivery_id"]) for one in found["case_event"].to_pylist()]
    assert told == [
        (1, "opened", "cdrs/NL-ABC/2026-11-09"),
        (2, "opened", "cdrs/NL-ABC/2026-11-09"),
        (1, "corrected", "cdrs/NL-ABC/2026-11-23"),
        (2, "objected", None),
    ]
    assert "vertrouwelijke" not in str(found)
    assert "Anne" not in str(found)


def test_without_a_register_the_tables_are_there_and_empty() -> None:
    found = dict(register_tables(None))
    assert {name: table.num_rows for name, table in found.items()} == dict.fromkeys(REGISTER_TABLES, 0)
