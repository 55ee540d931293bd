"""What the register says of the way to a CPO's server: TLS authorities, our own certificate, and whom to ask at all.

Here: the facts, and the TLS context made of them. Not here: the law on addresses (gate.py) and requests (transport.py).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi

from linda_pipeline.ocpi.failures import CertificateUnusable


@dataclass(frozen=True)
class Trust:
    """What the register says about a CPO's connection."""

    ca_bundle: Path | None = None
    """Authorities in PEM, in place of those of the system: for a private PKI."""
    client_certificate: Path | None = None
    """Our certificate and its key in one PEM file, where the CPO asks for one."""
    allow_http: bool = False
    """Whether http is let through on other hosts than this machine."""
    origins: tuple[str, ...] = ()
    """Further origins, such as https://host:8443, that may be asked beside that of the versions URL."""
    private_network: bool = False
    """Whether the names of its hosts may stand for private addresses."""
    block: str = "the CPO's block"
    """What messages call the place where these facts are written, such as [cpo.NL-ABC]."""

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


def _no_password() -> str:
    raise ValueError("its key is locked with a password")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
