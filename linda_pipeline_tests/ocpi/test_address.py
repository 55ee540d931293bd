"""Addresses that a server names: which are public, which are read, and how an origin is written."""

from __future__ import annotations

import ipaddress

import pytest

from linda_pipeline.ocpi.address import foreign_address, origin, written
from linda_pipeline.ocpi.gate import is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:2800:21f:cb07::1", True),
        ("64:ff9b::808:808", True),
        ("2002:808:808::1", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("192.168.1.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b:1::1", False),
        ("2002:a9fe:a9fe::1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
    ],
)
def test_an_address_is_public_only_where_all_that_it_leads_to_is(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("named_address", "read"),
    [
        ("HTTPS://Ocpi.Example.nl:443/a b", "https://ocpi.example.nl/a%20b"),
        ("https://me:word@x.nl/v#end", "https://x.nl/v"),
        (" https://x.nl/v ", "https://x.nl/v"),
        ("https://bücher.nl/v", "https://xn--bcher-kva.nl/v"),
        ("https://x.nl/\ud800", None),
        ("https://x.nl:99999/", None),
        ("https://x.nl:0/", None),
        ("https://[x/", None),
        ("https://" + "x" * 300 + ".nl/", None),
        ("https://x.nl/" + "y" * 2000, None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
        (7, None),
        (["https://x.nl"], None),
    ],
)
def test_an_address_that_a_server_names_is_read_once_for_all_or_is_none(
    named_address: object, read: str | None
) -> None:
    assert foreign_address(named_address) == read


@pytest.mark.parametrize(
    "text", ["https://x.nl", "https://x.nl:8443", "http://127.0.0.1:8000", "https://[2001:db8::1]"]
)
def test_an_origin_is_written_as_the_register_writes_it(text: str) -> None:
    found = origin(f"{text}/some/path?x=1")
    assert found is not None
    assert written(found) == text
