"""The connection test before any list: servers that nobody named, slow and silent ones, and tokens in every form."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import TokenUnusable
from linda_pipeline.ocpi.probing import REQUIREMENTS, Limits, Outcome, probe
from linda_pipeline.simulator.server import Answer
from linda_pipeline_tests.ocpi.probing.bent_cpo import (
    ASKED_AT,
    TOKEN,
    BentCpo,
    BentHandler,
    changed,
    dripping,
    shuffled,
)
from linda_pipeline_tests.ocpi.probing.probed import BRISK, ids, probed


def test_a_server_that_nobody_named_is_told_with_the_option_and_the_line_and_is_not_asked() -> None:
    victim = BentCpo("2.2.1")
    there = {"url": f"{victim.base}/cdrs", "identifier": "cdrs", "role": "SENDER"}
    bend = changed("2.2.1", lambda e: {**e, "data": {**e["data"], "endpoints": [e["data"]["endpoints"][0], there]}})
    with victim, BentCpo("2.2.1", bend) as cpo:
        found = probed(cpo)
        asked = list(victim.requests)
    assert asked == []
    lines = {line.id: line for line in found.lines}
    assert f"--origin {victim.base}" in lines["known_origins"].seen.nl
    assert f'origins = ["{victim.base}"]' in lines["known_origins"].seen.en
    assert lines["cdrs.module_announced"].outcome is Outcome.PASSED
    assert lines["cdrs.module_answers"].outcome is Outcome.NOT_TESTABLE
    assert f"De server verwijst naar {victim.base}." in lines["cdrs.module_answers"].seen.nl
    assert "cdrs" not in found.endpoints


def test_a_server_that_is_named_is_tested_like_the_other() -> None:
    with BentCpo("2.2.1") as other:
        there = {"url": f"{other.base}/ocpi/cpo/2.2.1/cdrs", "identifier": "cdrs", "role": "SENDER"}
        bend = changed(
            "2.2.1", lambda e: {**e, "data": {**e["data"], "endpoints": [*e["data"]["endpoints"][:1], there]}}
        )
        with BentCpo("2.2.1", bend) as cpo:
            honest = probed(other).endpoints["cdrs"]
            there["url"] = honest
            found = probed(cpo, trust=Trust(origins=(other.base,)))
    assert ids(found, Outcome.FAILED) == []
    assert found.endpoints["cdrs"] == honest


def test_a_name_that_stands_for_a_private_address_is_asked_only_where_that_was_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    truly = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: truly("127.0.0.1" if host == "cpo.example" else host, *rest, **more),
    )
    with BentCpo("2.2.1") as cpo:
        url = cpo.versions_url.replace("127.0.0.1", "cpo.example")
        options: dict[str, Any] = {"token_name": "T", "asked_at": ASKED_AT, "limits": BRISK}
        found = probe(url, TOKEN, trust=Trust(allow_http=True), **options)
        asked = list(cpo.requests)
        named = (f"http://127.0.0.1:{cpo.server_port}",)
        let_in = probe(url, TOKEN, trust=Trust(allow_http=True, private_network=True, origins=named), **options)
    assert (ids(found, Outcome.FAILED), found.reached, asked) == (["reachable"], False, [])
    (line,) = found.having(Outcome.FAILED)
    assert "127.0.0.1, een adres binnen een netwerk" in line.seen.nl
    assert "--private-network" in line.seen.en
    assert ids(let_in, Outcome.FAILED) == []


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
