"""Whom the client asks: only the origins that the register names, at addresses that it names or that all may see."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import (
    NotEncrypted,
    OriginNotNamed,
    PrivateAddress,
    PullFailed,
)
from linda_pipeline.ocpi.gate import Gate
from linda_pipeline_tests.ocpi.little_cpo import Handler, LittleCpo, answers, numbered
from linda_pipeline_tests.ocpi.pulled import BRISK, CODED, TOKEN
from linda_pipeline_tests.ocpi.test_client_trust import pem, secure  # noqa: F401 (fixtures)

Start = Callable[..., LittleCpo]


def count(cpo: LittleCpo, url: str | None = None, **trust: Any) -> int:
    """The records that a pull brings in, with what the register says of the CPO."""
    said = Trust(block="[cpo.NL-ABC]", **trust)
    with connect(url or cpo.versions_url, TOKEN, patience=BRISK, trust=said) as connection:
        return sum(page.records for page in connection.pages("cdrs", limit=100))


@pytest.fixture
def victim(start_cpo: Start) -> LittleCpo:
    """A server that only the CPO names."""
    return start_cpo(records={"cdrs": numbered(4)})


def by_details(cpo: LittleCpo, victim: LittleCpo) -> None:
    cpo.versions_fault = lambda handler: handler.say([{"version": "2.2.1", "url": f"{victim.url}/details"}])


def by_endpoint(cpo: LittleCpo, victim: LittleCpo) -> None:
    endpoint = {"identifier": "cdrs", "role": "SENDER", "url": f"{victim.url}/cdrs?mutation=launchRun"}
    cpo.details = {"version": "2.2.1", "endpoints": [endpoint]}


def by_redirect_of_versions(cpo: LittleCpo, victim: LittleCpo) -> None:
    cpo.versions_fault = answers(302, headers={"Location": f"{victim.url}/versions"})


def by_redirect_of_a_page(cpo: LittleCpo, victim: LittleCpo) -> None:
    cpo.faults = [answers(307, headers={"Location": f"{victim.url}/cdrs"})] * 9


def by_next_link(cpo: LittleCpo, victim: LittleCpo) -> None:
    """A list that leads on by its link alone, which leads elsewhere."""
    cpo.records["cdrs"], cpo.total, cpo.ignores_offset = numbered(2), "nothing", True
    cpo.link = lambda *_: f'<{victim.url}/cdrs?page=2>; rel="next"'


WAYS: dict[Callable[[LittleCpo, LittleCpo], None], str] = {
    by_details: "/versions announces OCPI 2.2.1 at ",
    by_endpoint: "/details announces cdrs at ",
    by_redirect_of_versions: "/versions redirects to ",
    by_redirect_of_a_page: "/cdrs?offset=0&limit=100 redirects to ",
    by_next_link: "/cdrs has its next page at ",
}
"""Every way in which a server can name another one, and how that is told."""


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_only_the_cpo_names_is_never_asked_and_the_line_to_add_is_told(
    cpo: LittleCpo, victim: LittleCpo, way: Callable[[LittleCpo, LittleCpo], None]
) -> None:
    way(cpo, victim)
    with pytest.raises(OriginNotNamed) as failed:
        count(cpo)
    assert victim.asked == []
    assert f"{cpo.url}{WAYS[way]}{victim.url}, which the register does not name for this CPO" in failed.value.message
    assert failed.value.origin == victim.url
    assert f'put this line into [cpo.NL-ABC] of the register: origins = ["{victim.url}"]' in failed.value.remedy


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_the_register_names_is_asked_with_the_token(
    cpo: LittleCpo, victim: LittleCpo, way: Callable[[LittleCpo, LittleCpo], None]
) -> None:
    way(cpo, victim)
    assert count(cpo, origins=("https://c.example", victim.url)) >= 4
    assert {asked.headers["authorization"] for asked in victim.asked} == {f"Token {CODED}"}


def test_the_line_to_add_holds_the_origins_that_are_named_already(cpo: LittleCpo, victim: LittleCpo) -> None:
    by_endpoint(cpo, victim)
    with pytest.raises(OriginNotNamed) as failed:
        count(cpo, origins=("https://c.example",))
    assert f'origins = ["https://c.example", "{victim.url}"]' in failed.value.remedy


def test_a_link_to_another_server_is_passed_by_where_counting_leads_on(cpo: LittleCpo, victim: LittleCpo) -> None:
    cpo.records["cdrs"], cpo.cap = numbered(5), 2
    cpo.link = lambda *_: f'<{victim.url}/cdrs?offset=2>; rel="next"'
    assert count(cpo) == 5
    assert victim.asked == []


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1@{victim}/cdrs",
        "http://{cpo}\\@{victim}/cdrs",
        "http://{cpo}#@{victim}/cdrs",
        "http://{cpo}%2f@{victim}/cdrs",
        "//{victim}/cdrs",
        "http:////{victim}/cdrs",
        "ht\ttp://{victim}/cdrs",
        "http://{victim}\t/cdrs",
        "http://[::ffff:127.0.0.1]:{port}/cdrs",
        "http://2130706433:{port}/cdrs",
        "http://0177.0.0.1:{port}/cdrs",
        "http://127.1:{port}/cdrs",
        "http://①②⑦.0.0.1:{port}/cdrs",
        "http://localhost:{port}/cdrs",
        "http://0.0.0.0:{port}/cdrs",
        "HTTP://{victim}/cdrs",
        "gopher://{victim}/cdrs",
        "file:///etc/passwd",
    ],
)
def test_no_way_of_writing_an_address_leads_past_the_gate(cpo: LittleCpo, victim: LittleCpo, location: str) -> None:
    cpo.records["cdrs"] = numbered(2)
    hosts = {"victim": victim.url.removeprefix("http://"), "cpo": cpo.url.removeprefix("http://")}
    named = location.format(**hosts, port=victim.url.rpartition(":")[2])
    cpo.faults = [answers(302, headers={"Location": named.encode().decode("latin-1")})] * 9
    with pytest.raises(PullFailed):
        count(cpo)
    assert victim.asked == []


def test_nothing_leads_from_https_to_http(
    secure: LittleCpo,  # noqa: F811
    pem: Path,  # noqa: F811
    victim: LittleCpo,
) -> None:
    for origins in ((), (victim.url,)):
        secure.faults = [answers(302, headers={"Location": f"{victim.url}/cdrs"})] * 9
        with pytest.raises(NotEncrypted, match="which is http, and leads away from https"):
            count(secure, ca_bundle=pem, allow_http=True, origins=origins)
    assert victim.asked == []


def test_a_hop_over_https_leads_to_no_http_even_where_the_register_begins_with_it(
    cpo: LittleCpo,
    secure: LittleCpo,  # noqa: F811
    pem: Path,  # noqa: F811
) -> None:
    by_endpoint(cpo, secure)
    secure.faults = [answers(302, headers={"Location": f"{cpo.url}/cdrs"})] * 9
    with pytest.raises(NotEncrypted, match="leads away from https"):
        count(cpo, ca_bundle=pem, origins=(secure.url,))
    assert cpo.pages_asked() == []


def test_http_beyond_this_machine_is_not_asked_unless_the_register_allows_it() -> None:
    with pytest.raises(NotEncrypted, match=r"set allow_http = true in \[cpo\.NL-ABC\] of the register"):
        connect("http://cpo.example/versions", TOKEN, patience=BRISK, trust=Trust(block="[cpo.NL-ABC]"))
    Gate(Trust(allow_http=True), "http://cpo.example/versions").check("http://cpo.example/details", "")


class Names:
    """What names stand for, for this process: answers in turn, the last one for good."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self._truly = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._found)

    def _found(self, host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
        self.asked.append(str(host))
        turns = self.of.get(str(host))
        if turns is None:
            return self._truly(host, port, *rest, **more)
        addresses = turns.pop(0) if len(turns) > 1 else turns[0]
        return [found for one in addresses for found in self._truly(one, port, *rest, **more)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def named(cpo: LittleCpo) -> str:
    """Its versions URL by the name cpo.example."""
    return cpo.versions_url.replace("127.0.0.1", "cpo.example")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "100.64.0.1", "::1", "fe80::1", "fd00::1", "0.0.0.0"]
)
def test_a_name_that_stands_for_a_private_address_is_refused_with_the_line_to_add(
    cpo: LittleCpo, names: Names, address: str
) -> None:
    names.of["cpo.example"] = [[address]]
    with pytest.raises(PrivateAddress, match=f"cpo.example stands for {address}") as failed:
        count(cpo, named(cpo), allow_http=True)
    assert "put this line into [cpo.NL-ABC] of the register: private_network = true" in failed.value.remedy
    assert cpo.asked == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(cpo: LittleCpo, names: Names) -> None:
    names.of["cpo.example"] = [["93.184.215.14", "127.0.0.1"]]
    with pytest.raises(PrivateAddress):
        count(cpo, named(cpo), allow_http=True)
    assert cpo.asked == []


def test_where_the_register_says_so_a_private_address_is_asked(cpo: LittleCpo, names: Names) -> None:
    names.of["cpo.example"] = [["127.0.0.1"]]
    cpo.records["cdrs"] = numbered(3)
    own = {"url": f"{cpo.url}/cdrs".replace("127.0.0.1", "cpo.example"), "identifier": "cdrs", "role": "SENDER"}
    cpo.details = {"version": "2.2.1", "endpoints": [own]}
    details = f"{cpo.url}/details".replace("127.0.0.1", "cpo.example")
    cpo.versions_fault = lambda handler: handler.say([{"version": "2.2.1", "url": details}])
    assert count(cpo, named(cpo), allow_http=True, private_network=True) == 3
    assert {asked.headers["host"].partition(":")[0] for asked in cpo.asked} == {"cpo.example"}


def test_what_a_name_stood_for_when_it_was_looked_at_is_what_is_connected_to(cpo: LittleCpo, names: Names) -> None:
    """DNS rebinding: public at the first question, this machine at the second. There is no second question."""
    names.of["cpo.example"] = [["127.0.0.1"], ["10.0.0.5"]]
    gate = Gate(Trust(private_network=True), named(cpo))
    assert gate.addresses("cpo.example", 80) == ["127.0.0.1"]
    names.asked.clear()
    names.of["cpo.example"] = [["127.0.0.1"], ["192.0.2.1"]]
    cpo.versions_fault = Handler.cut
    with pytest.raises(PullFailed, match="broke off"):
        connect(
            named(cpo),
            TOKEN,
            patience=BRISK.__class__(tries=1, connect_s=1),
            trust=Trust(allow_http=True, private_network=True),
        )
    assert names.asked.count("cpo.example") == 1, "the socket gets the address that was checked, not the name"
    assert len(cpo.asked) == 1


def test_every_new_connection_is_looked_at_anew(cpo: LittleCpo, names: Names) -> None:
    names.of["cpo.example"] = [["127.0.0.1"]]
    gate = Gate(Trust(), named(cpo))
    for _ in range(2):
        with pytest.raises(PrivateAddress):
            gate.addresses("cpo.example", 80)
    assert names.asked == ["cpo.example"] * 2


def test_a_dead_address_of_a_host_is_passed_over(cpo: LittleCpo, names: Names) -> None:
    names.of["cpo.example"] = [["127.0.0.2", "127.0.0.1"]]  # nobody listens at the first
    details = f"{cpo.url}/details".replace("127.0.0.1", "cpo.example")
    cpo.versions_fault = lambda handler: handler.say([{"version": "2.2.1", "url": details}])
    trust = Trust(allow_http=True, private_network=True)
    with connect(named(cpo), TOKEN, patience=BRISK, trust=trust) as connection:
        assert connection.version == "2.2.1"


def test_the_register_may_name_this_machine_by_its_name(cpo: LittleCpo, names: Names) -> None:
    url = cpo.versions_url.replace("127.0.0.1", "localhost")
    cpo.versions_fault = answers(403)
    with pytest.raises(PullFailed, match="403"):
        count(cpo, url)
    names.of["localhost"] = [["192.0.2.1"]]
    with pytest.raises(PrivateAddress):
        count(cpo, url)


def test_no_proxy_of_the_environment_gets_a_request(
    cpo: LittleCpo, victim: LittleCpo, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, victim.url)
        monkeypatch.setenv(name.lower(), victim.url)
    names.of["cpo.example"] = [["127.0.0.1"]]
    cpo.versions_fault = answers(403)
    with pytest.raises(PullFailed, match="403"):
        count(cpo, named(cpo), allow_http=True, private_network=True)
    assert (len(cpo.asked), victim.asked) == (1, [])


def test_the_gate_says_nothing_of_a_token_in_a_host(cpo: LittleCpo) -> None:
    cpo.faults = [answers(302, headers={"Location": f"https://{TOKEN}.example/{CODED}"})] * 9
    with pytest.raises(OriginNotNamed) as failed:
        count(cpo)
    told = json.dumps([failed.value.message, failed.value.remedy])
    assert TOKEN not in told
    assert CODED not in told
