"""The connection test against the simulator: in good health everything is passed, with a fault exactly its line fails."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from linda_pipeline.ocpi.probing import REQUIREMENTS, Outcome
from linda_pipeline.simulator.feed import Feed
from linda_pipeline.simulator.server import Answer
from linda_pipeline_tests.ocpi.probing.bent_cpo import (
    Bend,
    BentCpo,
    BentHandler,
    answering,
    changed,
    feeds,
    filtering,
    letting_in,
    refusing,
    saying,
    shuffled,
    without,
    without_answer_headers,
)
from linda_pipeline_tests.ocpi.probing.probed import VERSIONS, ids, probed


def seconds_later(text: str, seconds: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cpo_in_good_health_passes_everything(version: str) -> None:
    with BentCpo(version) as cpo:
        begun = time.monotonic()
        found = probed(cpo)
    assert time.monotonic() - begun < 30
    assert (ids(found, Outcome.FAILED), ids(found, Outcome.NOT_TESTABLE)) == ([], [])
    assert found.ocpi_version == version
    named = {line.requirement.id for line in found.lines}
    expected = {name for name, requirement in REQUIREMENTS.items() if requirement.applies_to(version)}
    assert named == expected
    assert {module: len(records) for module, records in found.samples.items()} == {"locations": 12, "cdrs": 60}


def test_a_small_cpo_that_fits_on_one_page_fails_nothing() -> None:
    one = {module: Feed(feed.records[:3]) for module, feed in feeds("2.2.1").items()}
    with BentCpo("2.2.1", feeds=one) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == []


def test_a_cpo_without_records_leaves_what_needs_records_untested() -> None:
    with BentCpo("2.2.1", feeds={"cdrs": Feed(), "locations": Feed()}) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == []
    untested = ids(found, Outcome.NOT_TESTABLE)
    assert {"cdrs.pages_complete", "cdrs.dates_honoured", "locations.total_count"} <= set(untested)
    assert "module_announced" not in untested


PAGE_FAULTS = {
    "no X-Total-Count": (without("X-Total-Count"), "cdrs.total_count"),
    "the total is that of the page": (saying("X-Total-Count", lambda r, _: str(min(r.limit, 30))), "cdrs.total_count"),
    "the total grows": (saying("X-Total-Count", lambda r, v: str(int(v) + r.offset)), "cdrs.total_count"),
    "the total is one too many": (saying("X-Total-Count", lambda _, v: str(int(v) + 1)), "cdrs.total_count"),
    "no X-Limit": (without("X-Limit"), "cdrs.limit_told"),
    "an X-Limit below what is given": (saying("X-Limit", lambda *_: "1"), "cdrs.limit_told"),
    "no Link": (without("Link"), "cdrs.next_link"),
    "an empty Link": (saying("Link", lambda *_: ""), "cdrs.next_link"),
    "a Link to another host": (
        saying("Link", lambda _, v: v.replace("127.0.0.1", "localhost")),
        "cdrs.next_link",
    ),
    "a Link to another scheme": (saying("Link", lambda _, v: v.replace("http://", "https://")), "cdrs.next_link"),
    "a Link to nothing": (saying("Link", lambda _, v: v.replace("/cdrs?", "/gone?")), "cdrs.next_link"),
    "a Link that loops": (
        saying("Link", lambda r, v: v.replace(f"offset={r.offset + r.limit}", "offset=0")),
        "cdrs.next_link",
    ),
    "a Link that skips": (
        saying("Link", lambda r, v: v.replace(f"offset={r.offset + r.limit}", f"offset={r.offset + r.limit + 1}")),
        "cdrs.next_link",
    ),
    "a Link that forgets the dates": (
        saying("Link", lambda _, v: v.replace("date_to=", "was=")),
        "cdrs.next_link",
    ),
    "no stable order": (shuffled, "cdrs.order_stable"),
    "a refusal in the envelope": (refusing, "cdrs.module_answers"),
    "a server error on every page": (answering(500), "cdrs.module_answers"),
    "no JSON": (answering(200, content=b"<html>"), "cdrs.module_answers"),
    "half an answer": (answering(200, content=b'{"data":[{"id":'), "cdrs.module_answers"),
    "a server error further on": (answering(500, from_offset=25), "answers_steadily"),
    "a content type of HTML": (saying("Content-Type", lambda *_: "text/html"), "content_type"),
}


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1"])
@pytest.mark.parametrize("name", PAGE_FAULTS)
def test_a_fault_in_the_pages_fails_exactly_its_line(name: str, version: str) -> None:
    fault, line = PAGE_FAULTS[name]
    if line == "content_type":
        honest = fault
        fault = lambda r, a: honest(r, Answer(a.status, a.body, {**a.headers, "Content-Type": "x"}))  # noqa: E731
    with BentCpo(version, fault=fault) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == [line]


def with_offset(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "last_updated": record["last_updated"].replace("Z", "+00:00")}


def ignoring_limit(handler: BentHandler, answer: Answer) -> Answer:
    if handler.place != "cdrs" or answer.status != 200:
        return answer
    return handler.page({k: v for k, v in handler.query.items() if k != "limit"})


def ignoring_offset(handler: BentHandler, answer: Answer) -> Answer:
    if handler.place != "cdrs" or answer.status != 200:
        return answer
    return handler.page({k: v for k, v in handler.query.items() if k != "offset"})


def elsewhere(named: dict[str, Any]) -> dict[str, Any]:
    return {**named, "url": f"https://elders.example:8443/{named['url'].rpartition('/')[2]}"}


def as_sessions(endpoint: dict[str, Any]) -> dict[str, Any]:
    return {**endpoint, "identifier": endpoint["identifier"].replace("cdrs", "sessions")}


def losing_between_pages(handler: BentHandler, answer: Answer) -> Answer:
    """Every page but the first begins one record late, unless it is asked for alone."""
    asked = handler.query
    if (
        handler.place != "cdrs"
        or answer.status != 200
        or asked.get("offset", "0") == "0"
        or asked["limit"] in ("1", "2")
    ):
        return answer
    page = handler.page({**asked, "offset": str(int(asked["offset"]) + 1)})
    return Answer(200, page.body, answer.headers)


BENDS = {
    "an unknown token is let in": (letting_in(lambda sent: sent is not None), "wrong_token_refused"),
    "no token is let in": (letting_in(lambda sent: sent is None), "no_token_refused"),
    "an unknown token is refused with 500": (letting_in(lambda sent: sent is not None, 500), "wrong_token_refused"),
    "no token is refused with 403": (letting_in(lambda sent: sent is None, 403), "no_token_refused"),
    "the list of versions is wrapped": (
        changed("versions", lambda e: {**e, "data": {"versions": e["data"]}}),
        "versions_listed",
    ),
    "no version that we speak": (
        changed("versions", lambda e: {**e, "data": [{"version": "9.9", "url": "https://example.nl/9"}]}),
        "version_spoken",
    ),
    "details without endpoints": (changed("2.2.1", lambda e: {**e, "data": {"version": "2.2.1"}}), "version_details"),
    "details of another version": (
        changed("2.2.1", lambda e: {**e, "data": {**e["data"], "version": "2.2"}}),
        "version_details",
    ),
    "no cdrs": (
        changed("2.2.1", lambda e: {**e, "data": {**e["data"], "endpoints": e["data"]["endpoints"][:1]}}),
        "cdrs.module_announced",
    ),
    "no timestamp": (
        changed("cdrs", lambda e: {k: v for k, v in e.items() if k != "timestamp"}),
        "envelope",
    ),
    "a timestamp in local time": (
        changed("cdrs", lambda e: {**e, "timestamp": "2026-11-21T10:30:00+01:00"}),
        "envelope",
    ),
    "a module on a server that nobody named": (
        changed(
            "2.2.1", lambda e: {**e, "data": {**e["data"], "endpoints": list(map(elsewhere, e["data"]["endpoints"]))}}
        ),
        "known_origins",
    ),
    "details on a server that nobody named": (
        changed("versions", lambda e: {**e, "data": list(map(elsewhere, e["data"]))}),
        "known_origins",
    ),
    "only sessions": (
        changed(
            "2.2.1",
            lambda e: {**e, "data": {**e["data"], "endpoints": [as_sessions(one) for one in e["data"]["endpoints"]]}},
        ),
        "cdrs.module_announced",
    ),
    "versions without status_code": (
        changed("versions", lambda e: {k: v for k, v in e.items() if k != "status_code"}),
        "envelope",
    ),
    "status_code as a text": (changed("cdrs", lambda e: {**e, "status_code": "1000"}), "cdrs.module_answers"),
    "data that is no list": (changed("cdrs", lambda e: {**e, "data": e["data"][0]}), "cdrs.module_answers"),
    "message ids do not come back": (without_answer_headers, "message_ids"),
    "limit is ignored": (ignoring_limit, "cdrs.limit_honoured"),
    "offset is ignored": (ignoring_offset, "cdrs.offset_honoured"),
    "records are lost between pages": (losing_between_pages, "cdrs.pages_complete"),
    "dates are ignored": (filtering(date_from=lambda _: None, date_to=lambda _: None), "cdrs.dates_honoured"),
    "date_from is exclusive": (filtering(date_from=lambda text: seconds_later(text, 1)), "cdrs.date_from_inclusive"),
    "date_to is inclusive": (filtering(date_to=lambda text: seconds_later(text, 1)), "cdrs.date_to_exclusive"),
    "a last_updated in local time": (
        changed(
            "cdrs",
            lambda e: {
                **e,
                "data": [
                    {**r, "last_updated": r["last_updated"][:-1] + "+00:00"} if not n % 3 else r
                    for n, r in enumerate(e["data"])
                ],
            },
        ),
        "cdrs.last_updated_readable",
    ),
}


@pytest.mark.parametrize("name", BENDS)
def test_a_fault_in_the_answers_fails_exactly_its_line(name: str) -> None:
    bend, line = BENDS[name]
    with BentCpo("2.2.1", bend) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == [line]


def test_a_server_error_that_passes_fails_the_line_on_steadiness_alone() -> None:
    with BentCpo("2.2.1", fault=answering(503, from_offset=1, times=1)) as cpo:
        found = probed(cpo)
    assert (ids(found, Outcome.FAILED), ids(found, Outcome.NOT_TESTABLE)) == (["answers_steadily"], [])


def test_every_requirement_has_a_fault_that_fails_it() -> None:
    """Save the sample (below), and the two about reaching the server and its encryption (below)."""
    seen = {line.rpartition(".")[2] for _, line in [*PAGE_FAULTS.values(), *BENDS.values()]}
    assert set(REQUIREMENTS) - seen == {"reachable", "encrypted", "token_accepted", "token_form", "sample_accepted"}


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ({"data": [{"id": "1"}]}, "the server gave its data, in an envelope without a good status_code"),
        ({"data": [{"id": "1"}], "status_code": "1000"}, "the server gave its data, in an envelope"),
        ({"data": []}, "HTTP 200, and no refusal. status_code is missing from the OCPI envelope."),
        ([{"id": "1"}], "HTTP 200, and no refusal. The answer is JSON without an OCPI envelope"),
        ({"status_code": 2001}, "refused, but with HTTP 200 / OCPI 2001."),
    ],
)
def test_a_damaged_envelope_is_never_read_as_a_refusal(envelope: object, said: str) -> None:
    def open_to_all(handler: BentHandler, answer: Answer) -> Answer:
        return Answer(200, json.dumps(envelope).encode()) if answer.status == 401 else answer

    with BentCpo("2.2.1", open_to_all) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == ["wrong_token_refused", "no_token_refused"]
    for line in found.having(Outcome.FAILED):
        assert f"cdrs: {said}" in line.seen.en
        assert ("refused" in line.seen.en) is ("2001" in said)


@pytest.mark.parametrize(
    ("bend", "line", "said"),
    [
        (
            changed("versions", lambda e: {k: v for k, v in e.items() if k != "status_code"}),
            "envelope",
            "In de OCPI-envelop ontbreekt status_code.",
        ),
        (lambda h, a: Answer(200, b"<html>"), "versions_listed", "Het antwoord is geen JSON."),
        (
            lambda h, a: Answer(200, b'{"data": [{"id":'),
            "answers_steadily",
            "De server brak het antwoord halverwege af.",
        ),
    ],
)
def test_what_tells_nothing_of_the_token_is_not_blamed_on_it(bend: Bend, line: str, said: str) -> None:
    with BentCpo("2.2.1", bend) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED) == [line]
    seen = {one.id: one for one in found.lines}
    assert seen[line].seen.nl == said
    assert (seen["token_accepted"].outcome, seen["token_accepted"].seen.nl) == (Outcome.NOT_TESTABLE, said)


FOREIGN = {
    "an endless total": saying("X-Total-Count", lambda *_: "9" * 5000),
    "an endless limit": saying("X-Limit", lambda *_: "9" * 5000),
    "a total in other digits": saying("X-Total-Count", lambda *_: "٣".encode().decode("latin-1")),
    "an endless number in an envelope": lambda r, a: Answer(
        200, a.body[:-1] + b',"n":' + b"9" * 5000 + b"}", a.headers
    ),
    "a deep envelope": lambda r, a: Answer(200, a.body[:-1] + b',"n":' + b"[" * 9999 + b"]" * 9999 + b"}", a.headers),
    "a deep timestamp": lambda r, a: Answer(
        200, json.dumps({**json.loads(a.body), "timestamp": {"x": [[[1]]]}}).encode(), a.headers
    ),
    "escapes in a type": saying("Content-Type", lambda *_: "text/\x1b[2J\x07"),
    "halves of characters": lambda r, a: Answer(
        200, b'{"status_code":2000,"status_message":"\\ud800\\u001b[2J","timestamp":"\\udfff"}', a.headers
    ),
    "a party of another world": lambda r, a: Answer(
        200,
        json.dumps(
            {**json.loads(a.body), "data": [{"id": "1", "country_code": "\ud800", "party_id": "x" * 999}]}
        ).encode(),
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_whatever_a_server_sends_ends_in_lines_that_can_be_written_and_shown(name: str) -> None:
    with BentCpo("2.2.1", fault=FOREIGN[name]) as cpo:
        found = probed(cpo)
    assert len(found.lines) == len(REQUIREMENTS) + sum(len(r.modules) - 1 for r in REQUIREMENTS.values() if r.modules)
    for text in (*(text for line in found.lines for text in line.seen), *found.parties, *found.endpoints.values()):
        text.encode("utf-8")
        assert "\x1b" not in text
        assert len(text) < 700
