"""What the register says of the way to a CPO: addresses, origins, certificates and when its token ends."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.register.cpos import RegisterMistake, parse_register, read_register
from linda_pipeline_tests.register.blocks import BLOCK, EXAMPLE, mistakes, written


@pytest.mark.parametrize(
    "address",
    [
        "https://user:geheim@ocpi.example.nl/versions",
        "https://user:geheim@",
        "user:geheim@ocpi.example.nl/versions",
        "ftp://geheim@ocpi.example.nl/versions",
    ],
)
def test_a_password_in_an_address_is_refused_and_never_shown(address: str) -> None:
    (said,) = mistakes(BLOCK | {"versions_url": address})
    assert "user and password" in said
    (elsewhere,) = mistakes(BLOCK | {"quality_contact": [address]})
    assert "geheim" not in said + elsewhere


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (" https://ocpi.example.nl/v", "has a blank at its start (space); take it out."),
        ("https://ocpi.example.nl/v\n", "has a blank at its end (u+000a); take it out."),
        ("https://ocpi.example.nl/ v", "has a blank in it (space); take it out."),
        ("https://ocpi.exam\u200bple.nl/v", "has a blank in it (zero width space); take it out."),
    ],
)
def test_a_blank_in_an_address_is_named_with_its_place(url: str, sentence: str) -> None:
    assert mistakes(BLOCK | {"versions_url": url}) == [f"[cpo.NL-ABC] versions_url: {sentence}"]


def test_http_is_a_mistake_unless_it_is_this_machine_or_allowed() -> None:
    (mistake,) = mistakes(BLOCK | {"versions_url": "http://ocpi.example.nl/versions"})
    assert mistake.startswith("[cpo.NL-ABC] versions_url: is http; give an https URL, or set allow_http = true")
    for fine in (
        {"versions_url": "http://127.0.0.1:8000/versions"},
        {"versions_url": "http://x.nl/v", "allow_http": True},
    ):
        assert parse_register({"cpo": {"NL-ABC": BLOCK | fine}})["NL-ABC"].versions_url == fine["versions_url"]


@pytest.mark.parametrize(
    ("origins", "told"),
    [
        ("https://b.nl", "must be a list of origins"),
        (["https://b.nl/ocpi"], "has 'https://b.nl/ocpi', which is more than an origin"),
        (["https://b.nl/"], "is more than an origin"),
        (["b.nl"], "must be a list of origins"),
        (["https://me:word@b.nl"], "which holds a user and password"),
        (["https://b.nl "], "which has a blank at its end"),
        (["http://b.nl"], "http://b.nl is http; give the https origin"),
        ([7], "must be a list of origins"),
    ],
)
def test_an_origin_is_a_scheme_a_host_and_a_port(origins: Any, told: str) -> None:
    (mistake,) = mistakes(BLOCK | {"origins": origins})
    assert mistake.startswith("[cpo.NL-ABC] origins: ")
    assert told in mistake
    assert "word" not in mistake.replace("password", "")


def test_origins_and_a_private_network_are_what_the_register_says() -> None:
    usual = parse_register({"cpo": {"NL-ABC": BLOCK}})["NL-ABC"]
    assert (usual.origins, usual.private_network) == ((), False)
    said: dict[str, Any] = {"origins": ["https://b.nl:8443", "https://[2001:db8::1]"], "private_network": True}
    cpo = parse_register({"cpo": {"NL-ABC": BLOCK | said}})["NL-ABC"]
    assert (cpo.origins, cpo.private_network) == (tuple(said["origins"]), True)
    (mistake,) = mistakes(BLOCK | {"versions_url": "http://x.nl/v", "allow_http": True, "origins": ["ftp://x.nl"]})
    assert "must be a list of origins" in mistake
    on_a_closed_line = {"versions_url": "http://x.nl/v", "allow_http": True, "origins": ["http://y.nl"]}
    assert parse_register({"cpo": {"NL-ABC": BLOCK | on_a_closed_line}})["NL-ABC"].origins == ("http://y.nl",)


def test_certificates_are_looked_for_from_the_folder_of_the_register(tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "overheid.pem").write_text("PEM")
    keys = 'ca_bundle = "pki/overheid.pem"\nclient_certificate = "pki/ours.pem"\nactive = true'
    with pytest.raises(RegisterMistake, match=r"client_certificate: there is no file .*pki/ours\.pem"):
        read_register(written(tmp_path, EXAMPLE.replace("active = true", keys)))
    (tmp_path / "pki" / "ours.pem").write_text("PEM")
    cpo = read_register(written(tmp_path, EXAMPLE.replace("active = true", keys)))["NL-ABC"]
    assert cpo.ca_bundle == tmp_path / "pki" / "overheid.pem"
    assert cpo.client_certificate == tmp_path / "pki" / "ours.pem"


@pytest.mark.parametrize(("days", "told"), [(31, None), (30, "expires on"), (0, "expires on"), (-1, "expired on")])
def test_a_token_is_warned_of_from_30_days_before_its_end(days: int, told: str | None) -> None:
    last = date(2027, 1, 31)
    cpo = parse_register({"cpo": {"NL-ABC": BLOCK | {"token_expires": last}}})["NL-ABC"]
    warning = cpo.token_warning(last - timedelta(days=days))
    assert (warning is None) if told is None else (f"The token of NL-ABC {told} 2027-01-31" in (warning or ""))
