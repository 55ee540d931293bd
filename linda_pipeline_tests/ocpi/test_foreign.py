"""The one way in for what servers send: numbers, waits, JSON and messages, whatever they hold."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.address import foreign_address, next_link
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.failures import HostFailing, NotOcpi, PullFailed
from linda_pipeline.ocpi.foreign import count_of, wait_of
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered
from linda_pipeline_tests.ocpi.pulled import TOKEN, pull

ENDLESS = b"9" * 5000
DEEP = b"[" * 100_000 + b"]" * 100_000
DATE = "Mon, 23 Nov 2026 03:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "count"),
    [
        ("0", 0),
        (" 250 ", 250),
        ("9" * 15, 10**15 - 1),
        ("9" * 16, None),
        ("9" * 5000, None),
        ("-1", None),
        ("1.0", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        (None, None),
        ("12, 12", None),
    ],
)
def test_a_count_is_a_whole_number_or_none(header: str | None, count: int | None) -> None:
    assert count_of(header) == count


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", DATE, 120.0),
        ("Mon, 23 Nov 2026 03:01:00 GMT", DATE, 60.0),
        ("Mon, 23 Nov 2026 02:00:00 GMT", DATE, 0.0),
        ("Mon, 23 Nov 2026 03:01:00 GMT", None, 0.0),
        ("9" * 5000, DATE, 0.0),
        ("inf", DATE, 0.0),
        ("-5", DATE, 0.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", DATE, 0.0),
        (None, None, 0.0),
    ],
)
def test_a_wait_is_a_number_of_seconds_whatever_is_asked(
    retry_after: str | None, date: str | None, seconds: float
) -> None:
    assert wait_of(retry_after, date) == seconds


@given(st.text(alphabet=st.characters(), max_size=40), st.text(alphabet=st.characters(), max_size=40))
def test_no_header_breaks_its_reading(one: str, other: str) -> None:
    for header in (one, f"<{one}>; rel=next", f'<https://x.nl/{one}>; rel="{other} next"', f"{one}, {other}"):
        link = next_link(header, "https://x.nl/cdrs")
        assert link is None or link.isascii()
    assert 0 <= wait_of(one, other) < 10**15
    assert count_of(one) is None or one.strip().isascii()
    named = foreign_address(f"https://{one}/{other}")
    assert named is None or (named.isascii() and named.isprintable())


def at_versions(cpo: LittleCpo, body: bytes) -> None:
    cpo.versions_fault = answers(200, body)


def at_details(cpo: LittleCpo, body: bytes) -> None:
    cpo.details_fault = answers(200, body.replace(b'"data":[{', b'"data":{').replace(b"}]}", b"}}"))


def at_a_page(cpo: LittleCpo, body: bytes) -> None:
    cpo.faults = [answers(200, body)] * 99


BODIES = {
    "an endless number": b'{"status_code":1000,"data":[{"version":"2.2.1","url":%b}]}' % ENDLESS,
    "an endless status": b'{"status_code":%b,"data":[]}' % ENDLESS,
    "a list of thousands of levels": b'{"status_code":1000,"data":[%b]}' % DEEP,
    "an object of thousands of levels": b'{"status_code":1000,"data":[{"version":"2.2.1","url":%b}]}' % DEEP,
    "half a character": b'{"status_code":1000,"data":[{"version":"\\ud800","url":"https://x.nl/\\udfff"}]}',
    "half a character in a message": b'{"status_code":2000,"status_message":"\\ud800","data":[]}',
    "escapes": b'{"status_code":2000,"status_message":"\\u001b[2J\\u202e","data":[]}',
    "a message that is no text": b'{"status_code":2000,"status_message":{"x":%b},"data":[]}'
    % (b"[" * 500 + b"]" * 500),
    "a message as long as a book": b'{"status_code":2000,"status_message":"%b","data":[]}' % (b"x" * 1_000_000),
}


@pytest.mark.parametrize("door", [at_versions, at_details, at_a_page])
@pytest.mark.parametrize("name", BODIES)
def test_whatever_a_server_says_ends_in_data_or_in_a_failure_that_can_be_written(
    cpo: LittleCpo, name: str, door: Callable[[LittleCpo, bytes], None]
) -> None:
    door(cpo, BODIES[name])
    try:
        pages = pull(cpo)
    except PullFailed as failure:
        told = str(failure)
        told.encode("utf-8")
        assert "\x1b" not in told
        assert "\u202e" not in told
        assert len(told) < 1000
    else:
        assert len(pages) >= 1


@pytest.mark.parametrize("name", ["X-Total-Count", "X-Limit", "Retry-After", "Content-Length", "Date", "Link"])
def test_a_header_of_thousands_of_digits_is_no_header(cpo: LittleCpo, name: str) -> None:
    def endless(handler: Handler) -> None:
        body = b'{"status_code": 1000, "data": [{"id": "1"}, {"id": "2"}]}'
        handler.send_response(200)
        for header, value in {"Content-Length": str(len(body)), name: "9" * 5000}.items():
            handler.send_header(header, value)
        handler.end_headers()
        handler.wfile.write(body)

    cpo.faults = [endless] * (1 if name == "Content-Length" else 99)
    cpo.records["cdrs"] = numbered(2)
    assert next(page.records for page in pull(cpo)) == 2


def test_a_wait_of_thousands_of_digits_is_never_told_as_endless(cpo: LittleCpo) -> None:
    cpo.faults = [answers(429, headers={"Retry-After": "9" * 5000})] * 99
    with pytest.raises(HostFailing, match=r"asks us to wait \(HTTP 429\)"):
        pull(cpo)


@pytest.mark.parametrize("encoding", ["plain", "base64"])
@pytest.mark.parametrize("length", range(150, 230, 3))
def test_a_token_that_a_server_says_back_is_taken_out_before_the_text_is_cut(
    cpo: LittleCpo, length: int, encoding: str
) -> None:
    cpo.faults = [answers(200, {"status_code": 2001, "status_message": "x" * length + TOKEN})] * 99
    with pytest.raises(PullFailed) as failed:
        pull(cpo, token_encoding=encoding)
    assert TOKEN[:6] not in str(failed.value)
    cpo.faults = [
        answers(200, b"<html>" + b"y" * (length - 150) + TOKEN.encode(), {"Content-Type": "z" * 50 + TOKEN})
    ] * 99
    with pytest.raises(NotOcpi) as unread:
        pull(cpo, token_encoding=encoding)
    assert TOKEN[:6] not in str(unread.value)


@pytest.mark.parametrize("text", ["geheim/sleutel+7f3a?x=ü&", 'met"aanhaling\\en<haken>', "abc"])
def test_a_token_is_taken_out_in_every_form_that_servers_write_it_in(text: str) -> None:
    token = Token(text, "base64", "T")
    coded = base64.b64encode(text.encode()).decode()
    for form in (
        text,
        coded,
        coded.rstrip("="),
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        quote(text, safe=""),
        quote(text),
        quote(coded, safe=""),
        json.dumps(text)[1:-1],
        json.dumps(coded).replace("/", "\\/")[1:-1],
    ):
        shown = token.quoted(f"no such token: {form} (unknown)", 200)
        assert "***" in shown
        assert form not in shown


def test_no_failure_keeps_what_steers_a_terminal_or_breaks_a_file() -> None:
    failure = PullFailed("x \x1b[2J", "\ud800.")
    assert (failure.message, failure.remedy, str(failure)) == ("x \\u001b[2J", "\\ud800.", "x \\u001b[2J \\ud800.")


def test_what_is_quoted_is_one_short_line() -> None:
    token = Token("geheim", "base64", "T")
    assert token.quoted("a\nb\x1b[2J  c", 200) == "a b\\u001b[2J c"
    assert token.quoted("x" * 300, 20) == "x" * 19 + "…"
    assert token.quoted("geheim" * 100, 20) == "***" * 6 + "*…"
