"""The simulated CPO speaks OCPI honestly: token, dates, pages and totals."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from linda_pipeline.simulator.clock import text
from linda_pipeline.simulator.feed import Feed, Sent
from linda_pipeline.simulator.server import REQUESTS_PATH, Answer, OcpiServer, PageRequest, ServedCpo

NOON = 1_794_225_600
"""2026-11-09T12:00:00Z."""
TOKEN = "geheim-token"


def _feed(count: int) -> Feed:
    return Feed(Sent(NOON + number, json.dumps({"id": number}).encode()) for number in reversed(range(count)))


class _Asked:
    """A server in this process, and a client with its token."""

    def __init__(self, version: str, **settings: Any) -> None:
        feeds = {"cdrs": _feed(25), "locations": _feed(0)}
        self.cpo = ServedCpo(version, TOKEN, feeds, text(NOON), page_limit=10, **settings)
        self.server = OcpiServer(self.cpo)
        self.client = httpx.Client(headers={"Authorization": self.cpo.credential}, trust_env=False)
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def module(self, query: str = "", module: str = "cdrs") -> httpx.Response:
        return self.client.get(f"{self.server.base}/ocpi/{self.cpo.version}/{module}{query}")

    def ids(self, query: str) -> list[int]:
        return [record["id"] for record in self.module(query).json()["data"]]

    def close(self) -> None:
        self.client.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(params=["2.1.1", "2.2.1"])
def asked(request: pytest.FixtureRequest) -> Iterator[_Asked]:
    asked = _Asked(request.param)
    yield asked
    asked.close()


def test_a_client_finds_its_way_from_the_versions_to_the_modules(asked: _Asked) -> None:
    (version,) = asked.client.get(asked.server.versions_url).json()["data"]
    details = asked.client.get(version["url"]).json()["data"]
    assert details["version"] == asked.cpo.version
    urls = {endpoint["identifier"]: endpoint["url"] for endpoint in details["endpoints"]}
    assert set(urls) == {"cdrs", "locations"}
    roles = {endpoint.get("role") for endpoint in details["endpoints"]}
    assert roles == ({None} if asked.cpo.version == "2.1.1" else {"SENDER"})
    assert asked.client.get(urls["cdrs"]).json()["status_code"] == 1000


def test_following_next_gives_every_record_once_in_order(asked: _Asked) -> None:
    seen: list[int] = []
    url: str | None = f"{asked.server.base}/ocpi/{asked.cpo.version}/cdrs?limit=7"
    while url:
        answer = asked.client.get(url)
        assert answer.headers["X-Total-Count"] == "25"
        assert answer.headers["X-Limit"] == "7"
        seen += [record["id"] for record in answer.json()["data"]]
        url = answer.links.get("next", {}).get("url")
    assert seen == list(range(25))


def test_a_page_is_never_larger_than_the_server_allows(asked: _Asked) -> None:
    answer = asked.module("?limit=1000")
    assert len(answer.json()["data"]) == 10
    assert answer.headers["X-Limit"] == "10"


def test_date_from_is_included_and_date_to_is_not_save_in_2_1_1(asked: _Asked) -> None:
    ids = asked.ids(f"?date_from={text(NOON + 3)}&date_to={text(NOON + 6)}")
    assert ids == ([3, 4, 5, 6] if asked.cpo.version == "2.1.1" else [3, 4, 5])


def test_next_keeps_the_dates_that_were_asked(asked: _Asked) -> None:
    answer = asked.module(f"?date_from={text(NOON + 3)}&limit=5")
    following = asked.client.get(answer.links["next"]["url"])
    assert [record["id"] for record in following.json()["data"]] == [8, 9, 10, 11, 12]
    assert following.headers["X-Total-Count"] == "22"


def test_an_offset_past_the_end_gives_an_empty_last_page(asked: _Asked) -> None:
    answer = asked.module("?offset=99")
    assert answer.json()["data"] == []
    assert "Link" not in answer.headers


def test_an_empty_module_gives_an_empty_list(asked: _Asked) -> None:
    answer = asked.module(module="locations")
    assert answer.json()["data"] == []
    assert answer.headers["X-Total-Count"] == "0"


def test_the_same_question_gets_the_same_bytes(asked: _Asked) -> None:
    assert asked.module("?limit=3").content == asked.module("?limit=3").content


def test_the_token_goes_plain_in_2_1_1_and_in_base64_later(asked: _Asked) -> None:
    encoded = base64.b64encode(TOKEN.encode()).decode()
    tokens = ((TOKEN, asked.cpo.version == "2.1.1"), (encoded, asked.cpo.version != "2.1.1"), ("other", False))
    for token, fits in tokens:
        answer = httpx.get(asked.server.versions_url, headers={"Authorization": f"Token {token}"}, trust_env=False)
        assert answer.status_code == (200 if fits else 401)
        assert answer.json()["status_code"] == (1000 if fits else 2001)


def test_pages_are_gzipped_only_when_asked(asked: _Asked) -> None:
    url = f"{asked.server.base}/ocpi/{asked.cpo.version}/cdrs"
    zipped = asked.client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = asked.client.get(url, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.content == plain.content


def test_message_ids_come_back(asked: _Asked) -> None:
    answer = asked.client.get(asked.server.versions_url, headers={"X-Request-ID": "r-1", "X-Correlation-ID": "c-1"})
    assert (answer.headers["X-Request-ID"], answer.headers["X-Correlation-ID"]) == ("r-1", "c-1")


@pytest.mark.parametrize("query", ["?limit=0", "?limit=x", "?offset=-1", "?date_from=gisteren"])
def test_a_parameter_that_makes_no_sense_is_named_in_the_envelope(asked: _Asked, query: str) -> None:
    answer = asked.module(query)
    assert answer.status_code == 200
    assert answer.json()["status_code"] == 2001


def test_an_unknown_address_is_not_found(asked: _Asked) -> None:
    assert asked.module(module="tariffs").status_code == 404


def test_what_was_asked_can_be_read_without_a_token(asked: _Asked) -> None:
    asked.module("?limit=2")
    listed = httpx.get(asked.server.base + REQUESTS_PATH, trust_env=False).json()
    assert listed == [f"/ocpi/{asked.cpo.version}/cdrs?limit=2"]


def test_a_fault_sees_the_page_and_decides_what_is_sent() -> None:
    requests: list[PageRequest] = []

    def breaks_on_the_second_page(request: PageRequest, answer: Answer) -> Answer:
        requests.append(request)
        return answer if request.offset < 10 else Answer(503, b"later")

    asked = _Asked("2.2.1", faults={"cdrs": breaks_on_the_second_page})
    try:
        assert asked.module().status_code == 200
        assert asked.module("?offset=10").status_code == 503
        assert requests[1] == PageRequest("cdrs", 10, 10, None, None)
    finally:
        asked.close()
