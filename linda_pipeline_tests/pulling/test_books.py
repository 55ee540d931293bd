"""The books of the deliveries: attempts, raw files that were changed afterwards, missed windows, and the table of them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

from linda_pipeline.ledger.attempts import Attempt, AttemptOutcome, write_attempt
from linda_pipeline.pulling.books import all_attempts, all_deliveries, attempts_table
from linda_pipeline.pulling.raw import Pull, attempt_of
from linda_pipeline.pulling.raw_damage import raw_damage
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import (
    DELIVERY,
    LOCATIONS,
    PULLED_AT,
    cdr,
    raw_pull,
)

DAY_AFTER = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""A day after the window of 9 November was due."""


def attempted(lake: Lake, outcome: AttemptOutcome, delivery: Delivery = DELIVERY, pull: Pull | None = None) -> Attempt:
    attempt = attempt_of(pull) if pull is not None else Attempt(delivery, PULLED_AT, outcome)
    if outcome == AttemptOutcome.FAILED:
        attempt.failure = {"kind": "HostFailing", "message": "https://x answers HTTP 503.", "remedy": ""}
    write_attempt(lake, attempt, "20261123T030211Z")
    return attempt


def damages(lake: Lake) -> list[tuple[str, str]]:
    return [(damage.path.name, damage.what) for damage in raw_damage(lake, all_deliveries(lake))]


def test_every_delivery_that_was_attempted_or_pulled_is_in_the_books(lake: Lake) -> None:
    raw_pull(lake, [cdr(1)])
    attempted(lake, AttemptOutcome.FAILED, LOCATIONS)
    assert all_deliveries(lake) == [DELIVERY, LOCATIONS]
    assert all_deliveries(lake, module="locations") == [LOCATIONS]
    assert all_deliveries(lake, cpo="NL-XYZ") == []


def test_a_pull_of_before_attempts_were_kept_counts_as_one_and_others_are_not_doubled(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)], [cdr(2)])
    (old,) = all_attempts(lake, DELIVERY)
    assert (old.outcome, old.pages, old.records, old.pull) == (AttemptOutcome.COMPLETE, 2, 2, pull.stamp)
    attempted(lake, AttemptOutcome.COMPLETE, pull=pull)
    assert len(all_attempts(lake, DELIVERY)) == 1


def test_the_table_for_analysts_has_every_attempt_with_why_it_failed(lake: Lake) -> None:
    attempted(lake, AttemptOutcome.FAILED)
    (row,) = attempts_table(lake).to_pylist()
    assert (row["delivery_id"], row["outcome"]) == (DELIVERY.id, "failed")
    assert row["failure"] == "https://x answers HTTP 503."


def test_raw_that_is_as_it_was_received_shows_no_damage(lake: Lake) -> None:
    attempted(lake, AttemptOutcome.COMPLETE, pull=raw_pull(lake, [cdr(1)], [cdr(2)]))
    assert damages(lake) == []


def test_a_page_packed_anew_with_the_same_body_is_no_damage(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    page = pull.folder / "page-00001.json.gz"
    page.write_bytes(gzip.compress(gzip.decompress(page.read_bytes()), 1))
    assert damages(lake) == []


def test_a_page_that_was_changed_afterwards_is_found(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    page = pull.folder / "page-00001.json.gz"
    page.write_bytes(gzip.compress(gzip.decompress(page.read_bytes()).replace(b"CDR-000001", b"CDR-000009")))
    assert damages(lake) == [("page-00001.json.gz", "the page was changed after it came in")]


def test_a_page_that_is_gone_or_cut_and_a_file_that_came_in_are_found(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)], [cdr(2)])
    (pull.folder / "page-00001.json.gz").unlink()
    second = pull.folder / "page-00002.json.gz"
    second.write_bytes(second.read_bytes()[:40])
    (pull.folder / "page-00003.json.gz").write_bytes(b"x")
    found = damages(lake)
    assert [name for name, _ in found] == ["page-00001.json.gz", "page-00002.json.gz", "page-00003.json.gz"]
    assert found[0][1] == "the page is gone"
    assert found[1][1].startswith("the page cannot be unpacked")
    assert found[2][1] == "this file does not belong to the pull"


def test_a_page_and_its_record_changed_together_are_found_by_the_attempt(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    attempted(lake, AttemptOutcome.COMPLETE, pull=pull)
    record = pull.folder / "delivery.json"
    told = json.loads(record.read_text())
    told["pages"][0]["sha256"] = "0" * 64
    record.write_text(json.dumps(told))
    said = "the record of the pull was changed after it came in: it and its attempt disagree on sha256"
    assert ("delivery.json", said) in damages(lake)


def test_a_whole_pull_that_is_gone_is_found_by_the_attempt(lake: Lake) -> None:
    pull = raw_pull(lake, [cdr(1)])
    attempted(lake, AttemptOutcome.COMPLETE, pull=pull)
    pull.folder.rename(pull.folder.with_name("elsewhere"))
    assert damages(lake) == [(f"pull={pull.stamp}", "the whole pull is gone")]
