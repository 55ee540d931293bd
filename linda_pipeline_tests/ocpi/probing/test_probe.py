"""The connection test against the simulator: in good health everything is passed, with a fault exactly its line fails."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from linda_pipeline.ocpi.failures import TokenUnusable
from linda_pipeline.ocpi.probing import REQUIREMENTS, Limits, Outcome, Probe, probe
from linda_pipeline.simulator.feed import Feed
from linda_pipeline.simulator.server import Answer
from linda_pipeline_tests.ocpi.probing.bent_cpo import (
    ASKED_AT,
    TOKEN,
    BentCpo,
    BentHandler,
    answering,
    changed,
    dripping,
    feeds,
    filtering,
    letting_in,
    refusing,
    saying,
    shuffled,
    without,
    without_answer_headers,
)

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
BRISK = Limits(connect_s=2, read_s=1, answer_s=1.5, whole_s=20, longest_pause_s=0.1)


def probed(cpo: BentCpo, **settings: Any) -> Probe:
    options: dict[str, Any] = {"token": TOKEN, "token_name": "T", "asked_at": ASKED_AT, "limits": BRISK} | settings
    return probe(cpo.versions_url, options.pop("token"), **options)


def ids(found: Probe, outcome: Outcome) -> list[str]:
    return [line.id for line in found.having(outcome) if line.requirement.id != "sample_accepted"]


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


def test_what_rests_on_a_failure_is_not_testable_and_says_why() -> None:
    with BentCpo("2.2.1", fault=shuffled) as cpo:
        found = probed(cpo)
    (line,) = [line for line in found.lines if line.id == "cdrs.pages_complete"]
    assert line.outcome is Outcome.NOT_TESTABLE
    assert REQUIREMENTS["order_stable"].en in line.seen.en
    assert REQUIREMENTS["order_stable"].nl in line.seen.nl


def test_a_server_that_answers_a_byte_now_and_then_never_hangs_the_test() -> None:
    with BentCpo("2.2.1", dripping) as cpo:
        begun = time.monotonic()
        found = probed(cpo)
    assert time.monotonic() - begun < 10
    assert ids(found, Outcome.FAILED) == ["cdrs.module_answers"]


def test_a_server_that_is_slow_throughout_is_left_when_the_time_is_up() -> None:
    def slow(handler: BentHandler, answer: Answer) -> Answer:
        time.sleep(0.3)
        return answer

    with BentCpo("2.2.1", slow) as cpo:
        begun = time.monotonic()
        found = probed(cpo, limits=Limits(whole_s=2))
    assert time.monotonic() - begun < 5
    assert ids(found, Outcome.FAILED) == []
    last = found.lines[-1]
    assert (last.outcome, "too slow" in last.seen.en) == (Outcome.NOT_TESTABLE, True)


def test_a_server_that_cannot_be_reached_is_told_apart() -> None:
    found = probe("http://127.0.0.1:1/versions", TOKEN, token_name="T", asked_at=ASKED_AT, limits=BRISK)
    assert not found.reached
    assert ids(found, Outcome.FAILED) == ["reachable"]
    assert ids(found, Outcome.PASSED) == ["encrypted"]


def test_a_token_that_is_refused_fails_that_line_alone() -> None:
    with BentCpo("2.2.1") as cpo:
        found = probed(cpo, token="een-andere")
    assert found.reached
    assert ids(found, Outcome.FAILED) == ["token_accepted"]


@pytest.mark.parametrize(("version", "form"), [("2.2.1", "plain"), ("2.1.1", "base64")])
def test_a_token_that_is_accepted_in_the_other_form_only_is_told_and_tested_on(version: str, form: str) -> None:
    class Other(BentHandler):
        def _answer(self) -> Answer:
            import base64

            coded = base64.b64encode(TOKEN.encode()).decode()
            sent = self.headers.get("Authorization")
            del self.headers["Authorization"]
            right = f"Token {TOKEN if form == 'plain' else coded}"
            self.headers["Authorization"] = self.server.cpo.credential if sent == right else "Token x"
            return super()._answer()

    with BentCpo(version) as cpo:
        cpo.RequestHandlerClass = Other
        found = probed(cpo, ocpi=version)
    assert ids(found, Outcome.FAILED) == ["token_form"]
    assert "cdrs.pages_complete" in ids(found, Outcome.PASSED)


def test_the_token_is_never_sent_over_http_to_another_machine() -> None:
    found = probe("http://192.0.2.1/versions", TOKEN, token_name="T", asked_at=ASKED_AT, limits=BRISK)
    assert ids(found, Outcome.FAILED) == ["encrypted"]
    assert (ids(found, Outcome.PASSED), found.requests) == ([], 0)


def test_the_version_asked_is_the_one_that_is_tested() -> None:
    with BentCpo("2.2.1") as cpo:
        found = probed(cpo, ocpi="2.1.1")
    assert ids(found, Outcome.FAILED) == ["version_spoken"]


def test_the_token_stands_nowhere_in_what_is_found() -> None:
    def echoing(handler: BentHandler, answer: Answer) -> Answer:
        if handler.place != "cdrs":
            return answer
        said = {"status_code": 2001, "status_message": f"no {handler.headers.get('Authorization')}", "timestamp": "x"}
        return Answer(200, json.dumps(said).encode())

    with BentCpo("2.1.1", echoing) as cpo:
        found = probed(cpo)
    assert ids(found, Outcome.FAILED)
    assert TOKEN not in repr(found)
    assert "***" in "".join(line.seen.en for line in found.lines)


def test_a_token_that_cannot_be_sent_is_the_users_mistake() -> None:
    with pytest.raises(TokenUnusable):
        probe("http://127.0.0.1:1/versions", "twee regels\n", token_name="T", asked_at=ASKED_AT)
