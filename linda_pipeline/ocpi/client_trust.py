"""Whom the client trusts on the wire: TLS authorities, our own certificate, and where http without TLS is let through.

Here: the law for one address, and the TLS context. Not here: requests (client_http.py).
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from linda_pipeline.ocpi.failures import CertificateUnusable, NotEncrypted


@dataclass(frozen=True)
class Trust:
    """What the register says about a CPO's connection."""

    ca_bundle: Path | None = None
    """Authorities in PEM, in place of those of the system: for a private PKI."""
    client_certificate: Path | None = None
    """Our certificate and its key in one PEM file, where the CPO asks for one."""
    allow_http: bool = False
    """Whether http is let through on other hosts than this machine."""

    def context(self) -> ssl.SSLContext:
        """The TLS context: by default the system's trust, or that of SSL_CERT_FILE. Raises CertificateUnusable."""
        paths = ssl.get_default_verify_paths()
        bundle = self.ca_bundle
        if bundle is None and paths.cafile is None and paths.capath is None:
            bundle = Path(certifi.where())  # a machine without any trust of its own
        try:
            context = ssl.create_default_context(cafile=str(bundle) if bundle else None)
        except (OSError, ssl.SSLError) as error:
            raise CertificateUnusable(
                f"The CA bundle {bundle} cannot be used ({error.strerror or error}).",
                "Point ca_bundle in the register at a PEM file with the authority's certificate.",
            ) from None
        if self.client_certificate is not None:
            try:
                context.load_cert_chain(self.client_certificate, password=_no_password)
            except (OSError, ssl.SSLError, ValueError) as error:
                raise CertificateUnusable(
                    f"The client certificate {self.client_certificate} cannot be used ({_why(error)}).",
                    "Point client_certificate in the register at a PEM file with the certificate and its unlocked key.",
                ) from None
        return context

    def check(self, url: str) -> None:
        """Raises NotEncrypted where an address is http and may not be."""
        parts = urlsplit(url)
        if parts.scheme.lower() == "http" and not self.allow_http and not is_loopback(parts.hostname or ""):
            raise NotEncrypted(
                f"{url} is http: the token and the data of drivers would go over the line for all to read.",
                "Ask the CPO for an https address; or, where the line is closed in another way, set allow_http = true "
                "in its block of the register.",
            )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _no_password() -> str:
    raise ValueError("its key is locked with a password")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
