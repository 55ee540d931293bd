"""The client against a CPO that fails: what is final, what passes, how long it waits, and what each is called."""

from __future__ import annotations

import gzip
import socket
import time
from dataclasses import replace

import pytest

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.failures import (
    CpoRefused,
    HostFailing,
    HostUnreachable,
    ModuleNotOffered,
    NotAuthorised,
    NotFound,
    NotOcpi,
    PageTooLarge,
    PullFailed,
)
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered
from linda_pipeline_tests.ocpi.pulled import BRISK, TOKEN, pull, records


@pytest.mark.parametrize(("status", "kind"), [(401, NotAuthorised), (403, NotAuthorised), (404, NotFound)])
def test_what_is_final_is_not_tried_again(cpo: LittleCpo, status: int, kind: type[PullFailed]) -> None:
    cpo.faults = [answers(status)] * 3
    with pytest.raises(kind):
        pull(cpo)
    assert len(cpo.pages_asked()) == 1


def test_an_envelope_that_says_no_is_a_failure_with_the_cpos_message(cpo: LittleCpo) -> None:
    cpo.faults = [
        answers(200, {"status_code": 2001, "status_message": "date_from is too\nlong ago", "data": None})
    ] * 20
    with pytest.raises(CpoRefused, match='status 2001, saying "date_from is too long ago"') as failed:
        pull(cpo)
    assert failed.value.status_code == 2001
    cpo.faults = [answers(200, {"status_code": 3000})] * 20
    with pytest.raises(CpoRefused, match="3000: its own server failed"):
        pull(cpo)


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>Onderhoud</html>", b"", b"[]", b'{"x": []}', b'"1000"'])
def test_what_is_no_ocpi_is_named_at_once(cpo: LittleCpo, body: bytes) -> None:
    cpo.faults = [answers(200, body, {"Content-Type": "text/html"})] * 3
    with pytest.raises(NotOcpi, match="does not answer with OCPI"):
        pull(cpo)
    assert len(cpo.pages_asked()) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"data": [{"id": "1"}]}', "status_code is missing"),
        (b'{"status_code": "1000", "data": []}', 'status_code is a text, "1000", and no number'),
        (b'{"status_code": 1000.5, "data": []}', "status_code is 1000.5, and no whole number"),
        (b'{"status_code": true, "data": []}', "status_code is true, and no whole number"),
        (b'{"status_code": 10000, "data": []}', "status_code is 10000, and no whole number of four digits"),
        (b'{"status_code": [1000], "data": []}', "status_code is no number"),
    ],
)
def test_a_damaged_envelope_is_named_for_what_it_is_and_nobody_is_sent_to_the_address(
    cpo: LittleCpo, body: bytes, said: str
) -> None:
    cpo.faults = [answers(200, body)] * 3
    with pytest.raises(NotOcpi) as failed:
        pull(cpo)
    assert f"OCPI in a damaged envelope: {said}" in failed.value.message
    assert "Ask the CPO to send the whole envelope" in failed.value.remedy
    assert "address" not in failed.value.remedy
    assert len(cpo.pages_asked()) == 1


def test_a_cpo_that_offers_only_sessions_is_named_with_what_to_ask(cpo: LittleCpo) -> None:
    cpo.details = {
        "version": "2.2.1",
        "endpoints": [{"identifier": "sessions", "role": "SENDER", "url": f"{cpo.url}/sessions"}],
    }
    with pytest.raises(
        ModuleNotOffered, match="no endpoint for cdrs with the role SENDER, only one for sessions"
    ) as failed:
        pull(cpo)
    assert "Ask the CPO to offer the module cdrs as well" in failed.value.remedy
    with pytest.raises(ModuleNotOffered, match=r"for locations with the role SENDER\. Ask"):
        pull(cpo, module="locations")


def test_retry_after_is_obeyed(cpo: LittleCpo) -> None:
    cpo.records["cdrs"] = numbered(2)
    cpo.faults = [answers(429, headers={"Retry-After": "1"})]
    begun = time.perf_counter()
    (page,) = pull(cpo)
    assert page.records == 2
    assert time.perf_counter() - begun >= 1, "our own waits are a hundredth of that"
    first, second = cpo.pages_asked()
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-correlation-id"] == second.headers["x-correlation-id"]


def test_a_wait_that_is_too_long_ends_the_pull_at_once(cpo: LittleCpo) -> None:
    cpo.faults = [answers(429, headers={"Retry-After": "86400"})] * 3
    with pytest.raises(HostFailing, match="asks us to wait for 86400 s"):
        pull(cpo)
    assert len(cpo.pages_asked()) == 1


def test_a_server_that_asks_for_one_wait_after_another_gets_no_more_than_the_longest_wait(cpo: LittleCpo) -> None:
    cpo.faults = [answers(429, headers={"Retry-After": "1"})] * 9
    with pytest.raises(HostFailing, match="asks us to wait for 1 s"):
        pull(cpo, patience=replace(BRISK, tries=6, longest_retry_after_s=1.5))
    assert len(cpo.pages_asked()) == 2


def test_faults_that_pass_are_sat_out(cpo: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(5), 2
    cut_json = answers(200, b'{"status_code": 1000, "data": [{"id": ')
    cut_gzip = answers(200, gzip.compress(b'{"status_code": 1000, "data": []}' * 9)[:-12])
    cpo.faults = [
        answers(500),
        answers(503, b"<html>"),
        lambda handler: handler.page("cdrs", {"offset": "0", "limit": "2"}),
        Handler.cut,
        cut_json,
        lambda handler: handler.page("cdrs", {"offset": "2", "limit": "2"}),
        cut_gzip,
    ]
    assert records(pull(cpo)) == numbered(5)
    assert cpo.faults == []


def test_a_server_that_keeps_failing_is_named_after_the_last_try(cpo: LittleCpo) -> None:
    cpo.faults = [answers(503, {"status_code": 3000, "status_message": "database down"})] * 9
    with pytest.raises(HostFailing, match='HTTP 503, saying "database down"'):
        pull(cpo)
    assert len(cpo.pages_asked()) == BRISK.tries


def test_a_server_that_refuses_every_page_is_named_with_its_first_refusal(cpo: LittleCpo) -> None:
    cpo.faults = [answers(500)] * 99
    with pytest.raises(HostFailing, match="offset=0&limit=100 answers HTTP 500"):
        pull(cpo)
    assert len(cpo.pages_asked()) <= BRISK.tries + 2 * (7 + 5), "down to single records, five of them, two tries each"


def test_a_host_that_is_down_is_named() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/versions"
    with pytest.raises(HostUnreachable, match=url):
        connect(url, TOKEN, patience=BRISK)


def test_an_answer_of_a_byte_at_a_time_is_given_up(cpo: LittleCpo) -> None:
    cpo.faults = [lambda handler: handler.drip(0.05, 100)]
    with pytest.raises(HostFailing, match=r"was still sending, or still being unpacked, after 0\.2 s"):
        pull(cpo, patience=replace(BRISK, answer_s=0.2, tries=1))


def test_a_silent_server_is_given_up(cpo: LittleCpo) -> None:
    cpo.faults = [lambda handler: handler.drip(0.5, 3)]
    with pytest.raises(HostFailing, match=r"fell silent for 0\.2 s"):
        pull(cpo, patience=replace(BRISK, read_s=0.2, tries=1))


def test_a_small_gzip_that_unfolds_beyond_the_limit_is_refused(cpo: LittleCpo) -> None:
    cpo.faults = [answers(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})] * 20
    with pytest.raises(PageTooLarge, match="more than 1,000,000 bytes"):
        pull(cpo, patience=replace(BRISK, largest_page_bytes=1_000_000))
