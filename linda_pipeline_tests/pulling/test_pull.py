"""The pull station against a CPO on loopback: permission, what is stored, and what is told of it."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.ledger.attempts import attempts
from linda_pipeline.ocpi.failures import NotAuthorised
from linda_pipeline.pulling.pull import NotPermitted, NotThatNight, TokenMissing, newest_pull, pull_at
from linda_pipeline.storage.lake import Lake, LakeUnusable
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo, answers, no_link, numbered
from linda_pipeline_tests.ocpi.units import changed_cdr
from linda_pipeline_tests.pulling.from_a_server import (
    DELIVERY,
    PULLED_AT,
    TOKEN,
    files_of,
    pulled,
    registered,
)


def test_a_pull_stores_every_page_as_received_with_a_record_of_the_delivery(lake: Lake, server: LittleCpo) -> None:
    server.gzips = True
    got = pulled(lake, server)
    folder = "cdrs/cpo=NL-ABC/window=2026-11-09/pull=20261123T030211Z"
    assert files_of(lake) == [f"{folder}/delivery.json", *(f"{folder}/page-0000{n}.json.gz" for n in (1, 2, 3))]
    told = json.loads((got.folder / "delivery.json").read_bytes())
    assert told["delivery_id"] == "cdrs/NL-ABC/2026-11-09"
    assert told["asked"] == {"from": "2026-11-09T00:00:00Z", "until": "2026-11-23T00:00:00Z"}
    assert told["pulled_at"] == "2026-11-23T03:02:11Z"
    assert (told["ocpi_version"], told["token_encoding"]) == ("2.2.1", "base64")
    assert (told["versions_url"], told["endpoint"]) == (server.versions_url, f"{server.url}/cdrs")
    assert (told["records"], told["total_count"], told["complete"]) == (250, 250, True)
    for page in told["pages"]:
        stored = (got.folder / page["file"]).read_bytes()
        assert len(stored) == page["received_bytes"]
        body = gzip.decompress(stored)
        assert (len(body), hashlib.sha256(body).hexdigest()) == (page["bytes"], page["sha256"])
    assert got.body_bytes == sum(page["bytes"] for page in told["pages"])


def test_a_pull_reads_back_every_record_at_its_page_and_position(lake: Lake, server: LittleCpo) -> None:
    got = pulled(lake, server)
    pages = list(got.pages())
    assert [number for number, _ in pages] == [1, 2, 3]
    assert [json.loads(record) for _, records in pages for record in records] == numbered(250)
    assert json.loads(got.page(3)[7]) == {"id": "cdr-207"}
    assert got == newest_pull(lake, DELIVERY) == pull_at(lake, DELIVERY, PULLED_AT)


def test_raw_folders_are_closed_to_others_and_hold_no_token(lake: Lake, server: LittleCpo) -> None:
    got = pulled(lake, server)
    assert stat.S_IMODE(got.folder.stat().st_mode) == 0o700
    for name in files_of(lake):
        assert TOKEN.encode() not in (lake.root / "raw" / name).read_bytes()


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ({"permission": []}, "no permission is valid on 2026-11-23"),
        ({"active": False}, "it is not active"),
    ],
)
def test_a_cpo_without_permission_is_never_contacted(
    lake: Lake, server: LittleCpo, block: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotPermitted, match=f"NL-ABC was not contacted: {why}"):
        pulled(lake, server, cpo=registered(server, **block))
    assert server.asked == []
    assert files_of(lake) == []


def test_permission_is_reckoned_by_the_amsterdam_date_of_the_pull(lake: Lake, server: LittleCpo) -> None:
    until = {
        "document": "L-1",
        "owner": "E",
        "owner_kind": "cpo",
        "from": date(2026, 1, 1),
        "until": date(2026, 11, 22),
    }
    cpo = registered(server, permission=[until])
    with pytest.raises(NotPermitted):
        pulled(lake, server, cpo=cpo, pulled_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert pulled(lake, server, cpo=cpo, pulled_at=datetime(2026, 11, 22, 22, 30, tzinfo=UTC)).records == 250


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_named_by_its_variable(lake: Lake, server: LittleCpo, token: str | None) -> None:
    with pytest.raises(TokenMissing, match="LINDA_TOKEN_NL_ABC is not set"):
        pulled(lake, server, token=token)
    assert server.asked == []


def test_an_unknown_token_leaves_nothing_and_the_remedy_names_the_variable(lake: Lake, server: LittleCpo) -> None:
    server.authorization = "Token another"
    with pytest.raises(NotAuthorised, match="Check LINDA_TOKEN_NL_ABC"):
        pulled(lake, server)
    assert files_of(lake) == []


def test_ocpi_2_1_1_is_asked_for_a_day_more_on_each_side_but_never_into_the_future(
    lake: Lake, server: LittleCpo
) -> None:
    server.version = "2.1.1"
    got = pulled(lake, server, cpo=registered(server, ocpi="2.1.1"), pulled_at=PULLED_AT + timedelta(days=3))
    asked = server.pages_asked()[0].query
    assert (asked["date_from"], asked["date_to"]) == ("2026-11-08T00:00:00Z", "2026-11-24T00:00:00Z")
    pulled(lake, server, cpo=registered(server, ocpi="2.1.1"))
    assert server.pages_asked()[-1].query["date_to"] == "2026-11-23T03:02:11Z", "a list that still grows proves nothing"
    assert (got.asked_from, got.ocpi_version, got.token_encoding) == (
        datetime(2026, 11, 8, tzinfo=UTC),
        "2.1.1",
        "plain",
    )


def test_locations_are_asked_whole_and_only_for_the_night_that_it_is(lake: Lake, server: LittleCpo) -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    got = pulled(lake, server, "locations", date(2026, 11, 23), pulled_at=late)
    assert got.records == 3
    assert set(server.pages_asked("locations")[0].query) == {"offset", "limit"}
    assert (got.asked_from, got.asked_until) == (None, None)
    asked_before = len(server.asked)
    with pytest.raises(NotThatNight, match="for the night of 2026-11-22: it is 2026-11-23 now"):
        pulled(lake, server, "locations", date(2026, 11, 22), pulled_at=late)
    assert len(server.asked) == asked_before


def test_a_pull_that_stands_already_is_returned_without_any_contact(lake: Lake, server: LittleCpo) -> None:
    first = pulled(lake, server)
    before, asked = (first.folder / "delivery.json").read_bytes(), len(server.asked)
    server.records["cdrs"] = []
    assert pulled(lake, server, token=None) == first
    assert len(server.asked) == asked
    assert (first.folder / "delivery.json").read_bytes() == before


def test_a_list_that_never_comes_to_rest_is_marked_incomplete(lake: Lake, server: LittleCpo) -> None:
    whole = pulled(lake, server)
    server.link = no_link
    server.faults = []
    for first in (0, 100, 0):
        part = numbered(250)[first : first + 100]
        server.faults += [lambda handler, part=part: handler.say(part, {"X-Total-Count": "250"})]  # type: ignore[misc]
        server.faults += [lambda handler: handler.say([], {"X-Total-Count": "250"})]
    short = pulled(lake, server, pulled_at=PULLED_AT + timedelta(hours=1))
    assert (short.complete, short.records, short.total_count, short.crawls) == (False, 100, 250, 3)
    assert short.doubt is not None
    assert "counts 250 records, but its pages end after 100" in short.doubt
    assert newest_pull(lake, DELIVERY) == whole, "the newest complete pull counts"
    again = pulled(lake, server, pulled_at=PULLED_AT + timedelta(hours=2))
    assert newest_pull(lake, DELIVERY) == again
    assert [attempt.outcome for attempt in attempts(lake, DELIVERY)] == ["complete", "incomplete", "complete"]


def test_without_a_count_a_second_crawl_that_agrees_is_the_proof(lake: Lake, server: LittleCpo) -> None:
    server.total = "nothing"
    got = pulled(lake, server)
    assert (got.complete, got.proof, got.crawls, got.records) == (True, "second crawl", 2, 250)
    assert len(files_of(lake)) == 4


def test_one_bad_record_hides_only_itself_and_is_told(lake: Lake, server: LittleCpo) -> None:
    server.bad_record = 137
    got = pulled(lake, server)
    assert (got.records, got.complete, got.total_count) == (249, False, 250)
    (hidden,) = got.hidden
    assert hidden.offset == 137
    assert "offset=137&limit=1" in hidden.why
    ids = [json.loads(record) for _, records in got.pages() for record in records]
    assert ids == [record for record in numbered(250) if record["id"] != "cdr-137"]
    (attempt,) = attempts(lake, DELIVERY)
    assert (attempt.outcome, [one["offset"] for one in attempt.hidden]) == ("incomplete", [137])


def test_an_attempt_tells_window_pages_bytes_hashes_counts_and_failure(lake: Lake, server: LittleCpo) -> None:
    server.faults = [answers(401, {"status_code": 2001, "status_message": TOKEN})]
    with pytest.raises(NotAuthorised):
        pulled(lake, server)
    got = pulled(lake, server)
    path = lake.root / "attempts/cdrs/cpo=NL-ABC/window=2026-11-09"
    failed, complete = (
        json.loads(file.read_bytes()) for file in sorted(path.glob("*.json"), key=lambda file: file.stem)
    )
    assert failed["outcome"] == "failed"
    assert failed["failure"]["kind"] == "NotAuthorised"
    assert TOKEN not in json.dumps(failed)
    hashes = "".join(page.sha256 for page in got.files)
    expected = {
        "delivery_id": "cdrs/NL-ABC/2026-11-09",
        "begun_at": "2026-11-23T03:02:11Z",
        "asked": {"from": "2026-11-09T00:00:00Z", "until": "2026-11-23T00:00:00Z"},
        "ocpi_version": "2.2.1",
        "pages": 3,
        "records": 250,
        "unique_records": 250,
        "total_count": 250,
        "bytes": got.body_bytes,
        "sha256": hashlib.sha256(hashes.encode()).hexdigest(),
        "proof": "count",
        "pull": "20261123T030211Z",
        "failure": None,
    }
    assert {name: complete[name] for name in expected} == expected
    assert complete["duration_s"] > 0


def test_a_token_that_expires_within_30_days_is_told_with_the_attempt(lake: Lake, server: LittleCpo) -> None:
    pulled(lake, server, cpo=registered(server, token_expires=date(2026, 12, 23)))
    (attempt,) = attempts(lake, DELIVERY)
    assert attempt.warnings == [
        "The token of NL-ABC expires on 2026-12-23. Ask the CPO for a new one, set LINDA_TOKEN_NL_ABC, and put its new date "
        "as token_expires into [cpo.NL-ABC] of the register."
    ]


def test_an_empty_feed_is_a_whole_delivery(lake: Lake, server: LittleCpo) -> None:
    server.records["cdrs"] = []
    got = pulled(lake, server)
    assert (got.complete, got.records, list(got.pages())) == (True, 0, [(1, [])])


def test_a_damaged_page_is_named(lake: Lake, server: LittleCpo) -> None:
    got = pulled(lake, server)
    path = got.folder / "page-00002.json.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LakeUnusable, match=r"page-00002\.json\.gz cannot be read"):
        got.page(2)
    path.unlink()
    with pytest.raises(LakeUnusable, match=r"page-00002\.json\.gz cannot be read"):
        list(got.pages())


def test_a_pull_that_is_not_there_is_named(lake: Lake) -> None:
    with pytest.raises(LakeUnusable, match=r"delivery\.json, cannot be read"):
        pull_at(lake, DELIVERY, PULLED_AT)


def test_a_broken_record_on_a_page_costs_only_itself_and_is_kept_as_sent(lake: Lake, server: LittleCpo) -> None:
    clean = [json.dumps(changed_cdr(id=f"CDR-{number}", session_id=f"S-{number}")).encode() for number in range(2)]
    broken = clean[1].replace(b'"currency": "EUR",', b'"currency": "EUR"').replace(b"CDR-1", b"CDR-2")
    twice = clean[1].replace(b'"currency":', b'"currency": "USD", "currency":').replace(b"CDR-1", b"CDR-3")
    records = [clean[0], broken, b"null", twice]
    body = b'{"status_code": 1000, "data": [' + b", ".join(records) + b"]}"
    server.records["cdrs"] = numbered(4)
    server.faults = [answers(200, body, {"X-Total-Count": "4"})]
    got = pulled(lake, server)
    assert (got.complete, got.proof, got.records, got.hidden) == (True, "count", 4, ())
    assert got.page(1) == records
    judge_cdrs(lake, registered(server, parties=["NL-ABC"]), got, areas=None, key=bytes(32))
    kept = pq.read_table(lake.table("rejected", DELIVERY)).to_pylist()
    assert [(one["id"], one["rules"][0]) for one in kept] == [
        ("CDR-2", "record_is_json"),
        (None, "record_unreadable"),
        ("CDR-3", "names_unique"),
    ]
    assert [one["record"].encode() for one in kept] == records[1:]
