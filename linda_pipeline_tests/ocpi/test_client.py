"""The client against a CPO on loopback: versions, tokens, faults. Paging stands in test_paging.py."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
    TokenUnusable,
    VersionNotOffered,
)
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.page import read_page
from linda_pipeline.ocpi.paging import RawPage
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered

BRISK = Patience(connect_s=2, read_s=2, answer_s=10, tries=3, first_wait_s=0.01, longest_wait_s=0.02)
TOKEN = "geheim-sleutel-7f3a"
CODED = base64.b64encode(TOKEN.encode()).decode()


def pull(cpo: LittleCpo, module: str = "cdrs", patience: Patience = BRISK, **options: Any) -> list[RawPage]:
    with connect(cpo.versions_url, TOKEN, token_name="LINDA_TOKEN_NL_ABC", patience=patience, **options) as connection:
        return list(connection.pages(module, limit=options.get("limit", 100)))


def records(pages: list[RawPage]) -> list[Any]:
    return [json.loads(record) for page in pages for record in read_page(page.body).records]


def test_the_newest_version_that_both_sides_speak_is_taken(cpo: LittleCpo) -> None:
    cpo.versions_fault = lambda handler: handler.say(
        [{"version": version, "url": f"{cpo.url}/details"} for version in ("2.1.1", "3.0", "2.2.1", "2.0")]
    )
    with connect(cpo.versions_url, TOKEN, patience=BRISK) as connection:
        assert connection.version == "2.2.1"


def test_a_version_that_the_cpo_does_not_offer_is_named_with_those_that_it_does(cpo: LittleCpo) -> None:
    with pytest.raises(VersionNotOffered, match=r"does not offer OCPI 2\.3\.0; it offers: 2\.2\.1"):
        connect(cpo.versions_url, TOKEN, ocpi="2.3.0", patience=BRISK)


@pytest.mark.parametrize(
    ("ocpi", "encoding", "sent"),
    [
        ("2.1.1", None, f"Token {TOKEN}"),
        ("2.2.1", None, f"Token {CODED}"),
        ("newest", None, f"Token {CODED}"),
        ("2.2.1", "plain", f"Token {TOKEN}"),
        ("2.1.1", "base64", f"Token {CODED}"),
    ],
)
def test_the_token_is_sent_in_the_form_of_the_version_or_of_the_register(
    start_cpo: Callable[..., LittleCpo], ocpi: str, encoding: str | None, sent: str
) -> None:
    cpo = start_cpo(records={"cdrs": numbered(3)}, version="2.2.1" if ocpi == "newest" else ocpi, authorization=sent)
    assert len(records(pull(cpo, ocpi=ocpi, token_encoding=encoding))) == 3
    assert [asked.headers["authorization"] for asked in cpo.asked] == [sent] * 3


def test_message_ids_are_sent_from_2_2_on_and_a_request_id_never_twice(start_cpo: Callable[..., LittleCpo]) -> None:
    newer = start_cpo(records={"cdrs": numbered(5)}, cap=2)
    pull(newer)
    ids = [asked.headers["x-request-id"] for asked in newer.asked]
    assert len(set(ids)) == len(ids) == 5
    assert all("x-correlation-id" in asked.headers for asked in newer.asked)
    older = start_cpo(records={"cdrs": numbered(5)}, version="2.1.1")
    pull(older, ocpi="2.1.1")
    assert not any("x-request-id" in asked.headers for asked in older.asked)


def test_from_2_2_on_the_endpoint_of_the_sender_is_read_and_never_that_of_the_receiver(cpo: LittleCpo) -> None:
    cpo.records = {"cdrs": numbered(1), "wrong": []}
    receiver = {"identifier": "cdrs", "role": "RECEIVER", "url": f"{cpo.url}/wrong"}
    sender = {"identifier": "cdrs", "role": "SENDER", "url": f"{cpo.url}/cdrs"}
    cpo.details = {"version": "2.2.1", "endpoints": [receiver, sender]}
    assert len(records(pull(cpo))) == 1
    cpo.details = {"version": "2.2.1", "endpoints": [receiver]}
    with pytest.raises(ModuleNotOffered, match="no endpoint for cdrs with the role SENDER"):
        pull(cpo)
    assert not cpo.pages_asked("wrong")


def test_the_body_is_kept_as_received_when_it_comes_gzipped(cpo: LittleCpo) -> None:
    cpo.records["cdrs"] = numbered(20)
    (plain,) = pull(cpo)
    assert gzip.decompress(plain.stored) == plain.body
    assert plain.stored == gzip.compress(plain.body, 6, mtime=0)
    assert plain.received_bytes == len(plain.body)
    cpo.gzips = True
    (zipped,) = pull(cpo)
    assert gzip.decompress(zipped.stored) == zipped.body
    assert zipped.received_bytes == len(zipped.stored) < len(zipped.body)
    assert int.from_bytes(zipped.stored[4:8], "little") > 0, (
        "these are the server's own bytes: ours have no time in them"
    )
    assert zipped.sha256 == hashlib.sha256(zipped.body).hexdigest()
    assert records([zipped]) == records([plain]) == cpo.records["cdrs"]


def test_a_redirect_within_the_origin_carries_the_token(cpo: LittleCpo) -> None:
    cpo.records["cdrs"] = numbered(4)
    cpo.authorization = f"Token {CODED}"
    cpo.faults = [answers(302, headers={"Location": "/cdrs?offset=0&limit=100"})]
    assert len(records(pull(cpo))) == 4


def test_redirects_without_end_are_named(cpo: LittleCpo) -> None:
    cpo.faults = [answers(302, headers={"Location": f"/cdrs?again={n}"}) for n in range(20)]
    with pytest.raises(NotOcpi, match="redirects again and again"):
        pull(cpo)


def test_an_unknown_token_fails_at_once_and_the_remedy_names_the_variable_and_the_other_form(cpo: LittleCpo) -> None:
    cpo.authorization = f"Token {TOKEN}"
    with pytest.raises(NotAuthorised, match="no such token") as failed:
        pull(cpo)
    assert "LINDA_TOKEN_NL_ABC" in failed.value.remedy
    assert 'token_encoding = "plain"' in failed.value.remedy
    assert "In the other form the CPO does accept it" in failed.value.remedy
    assert cpo.versions_url in failed.value.message
    assert len(cpo.asked) == 2, "once in each form, and no more"


@pytest.mark.parametrize(("status", "asked"), [(401, 2), (403, 1), (500, BRISK.tries)])
def test_the_other_form_is_tried_once_and_on_401_only(cpo: LittleCpo, status: int, asked: int) -> None:
    cpo.versions_fault = answers(status)
    with pytest.raises(PullFailed) as failed:
        pull(cpo)
    assert "does accept it" not in failed.value.remedy
    assert len(cpo.asked) == asked


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


@pytest.mark.parametrize("token", ["", " abc", "abc\n", "a\nb"])
def test_a_token_that_cannot_be_sent_is_refused_before_any_contact(cpo: LittleCpo, token: str) -> None:
    with pytest.raises(TokenUnusable, match="LINDA_TOKEN_NL_ABC"):
        connect(cpo.versions_url, token, token_name="LINDA_TOKEN_NL_ABC")
    assert cpo.asked == []


@pytest.mark.parametrize("encoding", ["plain", "base64"])
def test_no_failure_says_the_token_even_where_the_cpo_does(cpo: LittleCpo, encoding: str) -> None:
    echo = f"{TOKEN} {CODED}"
    location = {"Location": f"ftp://{TOKEN}:{CODED}@x"}
    faults = [
        answers(401, {"status_code": 2001, "status_message": echo}),
        answers(500, {"status_code": 3000, "status_message": echo}),
        answers(404, {"status_code": 2003, "status_message": echo}),
        answers(200, {"status_code": 2000, "status_message": echo}),
        answers(200, echo.encode()),
        answers(302, headers=location),
        Handler.cut,
    ]
    for fault in faults:
        cpo.faults = [fault] * 50
        with pytest.raises(PullFailed) as failed:
            pull(cpo, token_encoding=encoding)
        told = "".join(traceback.format_exception(failed.value)) + str(failed.value) + repr(failed.value)
        assert TOKEN not in told
        assert CODED not in told


def test_no_address_of_a_page_holds_the_token(cpo: LittleCpo) -> None:
    cpo.records["cdrs"] = numbered(5)
    cpo.cap = 2
    cpo.details = {
        "version": "2.2.1",
        "endpoints": [{"identifier": "cdrs", "role": "SENDER", "url": f"{cpo.url}/cdrs?token={TOKEN}"}],
    }
    with connect(cpo.versions_url, TOKEN, patience=BRISK) as connection:
        pages = list(connection.pages("cdrs"))
        assert TOKEN not in connection.endpoint("cdrs")
    assert records(pages) == numbered(5)
    assert all(TOKEN not in page.url for page in pages)
    assert cpo.pages_asked()[0].query["token"] == TOKEN
