"""The ids of a whole delivery compared: within it over all its pages, and with what earlier windows accepted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linda_pipeline.judging import same
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    DELIVERY,
    WINDOW,
    bytes_of,
    cdr,
    findings,
    ids,
    judged,
    raw_pull,
    rows,
)

EARLIER = Delivery("cdrs", "NL-ABC", WINDOW - timedelta(days=14))
LATER = Delivery("cdrs", "NL-ABC", WINDOW + timedelta(days=14))


def of_window(number: int, delivery: Delivery = DELIVERY, **changes: Any) -> dict[str, Any]:
    """A good CDR that was last updated in a delivery's window; its session lies before all of them."""
    times = {
        "start_date_time": "2026-10-20T07:30:00Z",
        "end_date_time": "2026-10-20T11:00:00Z",
        "@charging_periods": [
            {"start_date_time": "2026-10-20T07:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.5}]}
        ],
    }
    moment = f"{delivery.window + timedelta(days=2)}T12:00:00Z"
    return cdr(number, **{**times, "last_updated": moment, **changes})


def test_the_record_that_stands_is_the_first_by_last_updated_wherever_it_came(lake: Lake) -> None:
    late = cdr(1, total_energy_kwh=12.4, last_updated="2026-11-12T00:00:00Z")
    later = cdr(1, total_energy_kwh=12.3, last_updated="2026-11-13T00:00:00Z")
    first = cdr(1, last_updated="2026-11-11T00:00:00Z")
    copy = cdr(1, last_updated="2026-11-14T00:00:00Z")
    judgement = judged(lake, raw_pull(lake, [late, cdr(2)], [], [first, later], [copy, cdr(3)]))
    assert ids(lake, "accepted") == ["CDR-000002", "CDR-000001", "CDR-000003"]
    assert rows(lake, "accepted")[1]["page"] == 3
    refused = rows(lake, "rejected")
    assert [(row["page"], row["position"], row["rules"]) for row in refused] == [
        (1, 0, ["cdr_id_unique"]),
        (3, 1, ["cdr_id_unique"]),
    ]
    assert '"total_energy": 12.4' in refused[0]["record"]
    assert judgement.counts["cdrs"].identical == 1
    assert judgement.of_severity("info") == {"identical_copy": 1}
    assert not judgement.opens_case, "the first one stands"


def test_with_the_same_last_updated_the_content_decides_and_not_the_order(lake: Lake) -> None:
    one, other = cdr(1), cdr(1, total_energy_kwh=12.4)
    judged(lake, raw_pull(lake, [one, other]))
    judged(lake, raw_pull(lake, [other, one], delivery=Delivery("cdrs", "NL-XYZ", WINDOW)))
    energies = [
        [row["total_energy_kwh"] for row in rows(lake, "accepted", delivery)]
        for delivery in (DELIVERY, Delivery("cdrs", "NL-XYZ", WINDOW))
    ]
    assert energies[0] == energies[1]
    assert len(energies[0]) == 1


def test_ids_are_compared_without_regard_to_case_and_owners_apart(lake: Lake) -> None:
    lower = cdr(1, cdr_id="cdr-000001", last_updated="2026-11-11T00:00:00Z")
    judged(lake, raw_pull(lake, [cdr(1), lower, cdr(1, party_id="XYZ")]))
    assert ("cdr-000001", "cdr_id_unique", "id") in findings(lake)
    assert ("CDR-000001", "cdr_id_unique", "id") not in findings(lake)


def test_the_first_stands_whatever_its_verdict(lake: Lake) -> None:
    broken = cdr(1, total_energy_kwh="veel", last_updated="2026-11-11T00:00:00Z")
    mended = cdr(1, last_updated="2026-11-12T00:00:00Z")
    judged(lake, raw_pull(lake, [broken, mended]))
    assert ids(lake, "accepted") == []
    assert [row["rules"] for row in rows(lake, "rejected")] == [["total_energy_unreadable"], ["cdr_id_unique"]]


def test_records_without_an_id_are_no_copies_of_each_other(lake: Lake) -> None:
    judgement = judged(lake, raw_pull(lake, [cdr(cdr_id=None), cdr(cdr_id=None)]))
    assert (judgement.counts["cdrs"].rejected, judgement.counts["cdrs"].identical) == (2, 0)
    assert {rule for _, rule, _ in findings(lake)} == {"cdr_id_required"}


def test_what_an_earlier_window_accepted_comes_back_as_a_copy_or_is_refused(lake: Lake) -> None:
    before = [of_window(1, EARLIER), of_window(2, EARLIER), of_window(3, EARLIER, currency=None)]
    judged(lake, raw_pull(lake, before, delivery=EARLIER))
    assert ids(lake, "accepted", EARLIER) == ["CDR-000001", "CDR-000002"]
    pull = raw_pull(lake, [of_window(1), of_window(2, total_energy_kwh=12.4), of_window(3), of_window(4)])
    judgement = judged(lake, pull)
    assert ids(lake, "accepted") == ["CDR-000003", "CDR-000004"], "3 was rejected before, so it is a correction"
    assert [(row["id"], row["rules"]) for row in rows(lake, "rejected")] == [
        ("CDR-000002", ["unchanged_since_accepted"])
    ]
    assert judgement.counts["cdrs"].identical == 1
    assert ("CDR-000001", "identical_copy", "id") in findings(lake)
    assert not judgement.opens_case, "what was accepted stands: nothing is to be delivered again"


def found(lake: Lake, rule: str) -> list[tuple[str, str]]:
    """(id, value) of the findings of a rule in the delivery."""
    return [(row["id"], row["value"]) for row in rows(lake, "findings") if row["rule"] == rule]


def test_a_cdr_that_changed_since_it_was_accepted_says_which_fields_did(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [of_window(1, EARLIER)], [of_window(2, EARLIER)], delivery=EARLIER))
    changes: dict[str, Any] = {
        "total_energy_kwh": 12.4,
        "@charging_periods[0].dimensions[0].volume": 12.4,
        "@remark": "mended",
    }
    judged(lake, raw_pull(lake, [of_window(2, currency="USD")], [of_window(1, **changes)]))
    assert found(lake, "unchanged_since_accepted") == [
        ("CDR-000002", "currency"),
        ("CDR-000001", "charging_periods[0].dimensions[0].volume, remark, total_energy"),
    ]


def test_a_cdr_whose_id_is_taken_says_which_fields_differ_from_the_one_that_stands(lake: Lake) -> None:
    later = cdr(1, total_energy_kwh=12.4, last_updated="2026-11-12T00:00:00Z")
    latest = cdr(1, currency="USD", last_updated="2026-11-13T00:00:00Z")
    judged(lake, raw_pull(lake, [latest], [later, cdr(1)]))
    assert found(lake, "cdr_id_unique") == [("CDR-000001", "currency"), ("CDR-000001", "total_energy")]


def test_what_changed_is_told_of_every_record_however_many_are_read_at_once(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(same, "_RUN_RECORDS", 2)
    before = [of_window(number, EARLIER) for number in range(7)]
    judged(lake, raw_pull(lake, before[:3], before[3:], delivery=EARLIER))
    judged(lake, raw_pull(lake, [of_window(number, total_energy_kwh=20 + number) for number in range(7)]))
    assert found(lake, "unchanged_since_accepted") == [(f"CDR-{number:06d}", "total_energy") for number in range(7)]


def test_a_rerun_of_an_earlier_window_gives_the_same_verdict(lake: Lake) -> None:
    first = raw_pull(lake, [of_window(1, EARLIER), of_window(2, EARLIER)], delivery=EARLIER)
    judged(lake, first)
    judged(lake, raw_pull(lake, [of_window(1), of_window(2, total_energy_kwh=12.4)]))
    before = bytes_of(lake, "accepted", "rejected", "held", "findings", "ledger")
    judged(lake, first)
    assert bytes_of(lake, "accepted", "rejected", "held", "findings", "ledger") == before


def test_of_several_earlier_windows_the_earliest_counts(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [of_window(1)]))
    judged(lake, raw_pull(lake, [of_window(1, EARLIER, total_energy_kwh=12.4)], delivery=EARLIER))
    judged(lake, raw_pull(lake, [of_window(1, LATER, total_energy_kwh=12.4)], delivery=LATER))
    assert [rule for _, rule, _ in findings(lake, LATER)] == ["identical_copy"]


def test_another_cpo_is_not_looked_at(lake: Lake) -> None:
    other = Delivery("cdrs", "NL-XYZ", EARLIER.window)
    judged(lake, raw_pull(lake, [of_window(1, EARLIER)], delivery=other))
    judged(lake, raw_pull(lake, [of_window(1, total_energy_kwh=12.4)]))
    assert "unchanged_since_accepted" not in {rule for _, rule, _ in findings(lake)}


def test_runs_of_records_read_again_are_put_together(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same, "_RUN_RECORDS", 2)
    pages = [[cdr(number), cdr(number + 10)] for number in range(4)] + [[cdr(number) for number in range(4)]]
    judgement = judged(lake, raw_pull(lake, *pages))
    assert (judgement.counts["cdrs"].accepted, judgement.counts["cdrs"].identical) == (8, 4)
    told = [row["id"] for row in rows(lake, "findings") if row["rule"] == "identical_copy"]
    assert told == [f"CDR-{number:06d}" for number in range(4)]
    assert date(2026, 11, 9) == WINDOW
