"""Whom the client trusts: a private authority, and a client certificate."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from linda_pipeline.ocpi.client_door import connect
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.failures import CertificateUnusable, HostUnreachable, PullFailed
from linda_pipeline_tests.ocpi.little_cpo import LittleCpo, numbered
from linda_pipeline_tests.ocpi.pulled import BRISK, TOKEN


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself: authority, server and client at once."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return both


@pytest.fixture
def secure(pem: Path) -> Iterator[LittleCpo]:
    cpo = LittleCpo({"cdrs": numbered(3)}).start(pem)
    yield cpo
    cpo.stop()


def count(cpo: LittleCpo, trust: Trust | None) -> int:
    with connect(cpo.versions_url, TOKEN, patience=BRISK, trust=trust) as connection:
        return sum(page.records for page in connection.pages("cdrs"))


def test_an_authority_that_nobody_knows_is_not_trusted_unless_the_register_names_it(
    secure: LittleCpo, pem: Path
) -> None:
    with pytest.raises(HostUnreachable, match="is not trusted"):
        count(secure, None)
    assert not secure.asked
    assert count(secure, Trust(ca_bundle=pem)) == 3


def test_the_authorities_of_ssl_cert_file_are_trusted(
    secure: LittleCpo, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert count(secure, None) == 3


def test_a_client_certificate_is_shown_where_the_cpo_asks_for_one(pem: Path) -> None:
    cpo = LittleCpo({"cdrs": numbered(3)}).start(pem, asks_certificate=True)
    try:
        with pytest.raises(PullFailed):  # how a server says no to this depends on its TLS version
            count(cpo, Trust(ca_bundle=pem))
        assert count(cpo, Trust(ca_bundle=pem, client_certificate=pem)) == 3
    finally:
        cpo.stop()


def test_a_file_that_is_no_certificate_is_named(cpo: LittleCpo, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for trust in (Trust(ca_bundle=wrong), Trust(client_certificate=wrong)):
        with pytest.raises(CertificateUnusable, match=r"wrong\.pem cannot be used"):
            count(cpo, trust)


def test_the_context_verifies_and_knows_hosts() -> None:
    context = Trust().context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
