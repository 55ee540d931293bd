"""What the report and docs/cpo.md tell a CPO about delivering again is how the portal judges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import CPO, DELIVERY, PULLED_AT, WINDOW, cdr, ids, judged, raw_pull, rows

NEXT = Delivery("cdrs", "NL-ABC", WINDOW + timedelta(days=14))
WRONG: dict[str, Any] = {"postal_code": "6511JE"}


def in_next_window(number: int, **changes: Any) -> dict[str, Any]:
    """A good CDR with a last_updated in the window after."""
    return cdr(number, **{"last_updated": f"{NEXT.window + timedelta(days=2)}T12:00:00Z", **changes})


def test_a_rejected_cdr_comes_again_under_its_id_with_a_newer_last_updated(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1, **WRONG)]))
    assert ids(lake, "rejected") == ["CDR-000001"]
    judged(lake, raw_pull(lake, [in_next_window(1)], delivery=NEXT))
    assert ids(lake, "accepted", NEXT) == ["CDR-000001"]


def test_a_rejected_cdr_with_its_old_last_updated_comes_when_its_window_is_pulled_again(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1, **WRONG)]))
    judged(lake, raw_pull(lake, [cdr(1)], pulled_at=PULLED_AT + timedelta(days=3)))
    assert ids(lake, "accepted") == ["CDR-000001"]
    assert ids(lake, "rejected") == []


def test_an_accepted_cdr_is_corrected_by_a_credit_and_a_new_one_and_not_by_a_change(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1), cdr(2)]))
    changed = in_next_window(1, total_energy_kwh=12.4)
    credit = in_next_window(
        12, cdr_id="CDR-000002-C", credit=True, credit_reference_id="CDR-000002", total_cost_excl_vat=-4.0
    )
    credit["total_energy_cost"] = {"excl_vat": -4.0}
    new = in_next_window(22, cdr_id="CDR-000002-N")
    judged(lake, raw_pull(lake, [changed, credit, new], delivery=NEXT))
    assert [(row["id"], row["rules"]) for row in rows(lake, "rejected", NEXT)] == [
        ("CDR-000001", ["unchanged_since_accepted"])
    ]
    assert ids(lake, "accepted", NEXT) == ["CDR-000002-C", "CDR-000002-N"]


def test_an_accepted_cdr_with_only_a_new_last_updated_is_a_copy(lake: Lake) -> None:
    judged(lake, raw_pull(lake, [cdr(1)]))
    judgement = judged(lake, raw_pull(lake, [in_next_window(1)], delivery=NEXT))
    assert (judgement.main.identical, judgement.main.accepted, judgement.main.rejected) == (1, 0, 0)


def test_of_the_old_and_the_corrected_cdr_side_by_side_the_old_one_counts(lake: Lake) -> None:
    corrected = cdr(1, last_updated="2026-11-20T00:00:00Z")
    judged(lake, raw_pull(lake, [corrected, cdr(1, **WRONG)]))
    assert ids(lake, "accepted") == []
    assert ["cdr_id_unique"] in [row["rules"] for row in rows(lake, "rejected")]


def test_a_cdr_that_was_held_back_comes_in_by_itself_once_it_is_covered(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    uncovered = replace(CPO, permissions=())
    assert judge_cdrs(lake, uncovered, pull, areas=None, key=bytes(32)).main.held_back == 1
    assert judged(lake, pull).main.accepted == 1
    assert DELIVERY in lake.judged("cdrs")
