"""The client against a CPO on loopback: versions, tokens, what is sent and kept. Failures stand in test_client_failures.py."""

from __future__ import annotations

import gzip
import hashlib
import traceback
from collections.abc import Callable

import pytest

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.failures import (
    ModuleNotOffered,
    NotAuthorised,
    NotOcpi,
    PullFailed,
    TokenUnusable,
    VersionNotOffered,
)
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered
from linda_pipeline_tests.ocpi.pulled import BRISK, CODED, TOKEN, pull, records


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
