"""What an answer that is no data means, in words: the failure that it leads to, and how long to wait after it.

Here: the sentences. Not here: the decision to try again (client_http.py).
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from linda_pipeline.ocpi.failures import (
    CpoRefused,
    HostFailing,
    HostUnreachable,
    NotAuthorised,
    NotFound,
    NotOcpi,
    PullFailed,
)

if TYPE_CHECKING:
    from linda_pipeline.ocpi.client_http import Patience
    from linda_pipeline.ocpi.client_token import Token

_LATER = "Try again later; if it lasts, ask the CPO."


def quoted(message: str | None) -> str:
    """A CPO's own message as the end of a sentence: on one line, not too long, in quotation marks; or nothing."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in message or "").split())
    return f', saying "{text[:200]}"' if text else ""


def retry_after_s(value: str | None, date: str | None) -> float:
    """The seconds that a Retry-After header asks to wait; a moment is held against the answer's own Date header."""
    if not value:
        return 0.0
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def of_transport(shown: str, error: Exception, is_certificate: bool, patience: Patience) -> tuple[PullFailed, bool]:
    """The failure where no whole answer came, and whether it may pass."""
    if is_certificate:
        return HostUnreachable(
            f"The certificate of {shown} is not trusted ({error}).",
            "Ask the CPO to mend its certificate, or make its authority known to this machine.",
        ), False
    if "CERTIFICATE_REQUIRED" in str(error):
        return HostUnreachable(
            f"{shown} asks for a certificate of ours, and there is none.",
            "Put the path of our certificate as client_certificate into the CPO's block of the register.",
        ), False
    if isinstance(error, httpx.ConnectTimeout):
        return HostUnreachable(
            f"{shown} cannot be reached: no connection within {patience.connect_s:g} s.",
            "Check the address in the register and whether a firewall stands between; then try again.",
        ), True
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return HostUnreachable(
            f"{shown} cannot be reached ({error}).",
            "Check the address in the register, and whether the CPO's server is up; then try again.",
        ), True
    if isinstance(error, httpx.TimeoutException):
        return HostFailing(f"{shown} fell silent for {patience.read_s:g} s.", _LATER), True
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError):
        return NotOcpi(
            f"{shown} is no address that can be asked.", "Put the CPO's right address in the register."
        ), False
    if isinstance(error, httpx.LocalProtocolError):
        return NotOcpi(f"The request to {shown} could not be made.", "Check the address and the token."), False
    return cut(shown), True


def cut(shown: str) -> HostFailing:
    """The failure where an answer broke off."""
    return _may_hide_a_record(HostFailing(f"{shown} broke off in the middle of its answer.", _LATER))


def of_busy(shown: str, status: int, said: str, asked_s: float, token: Token) -> HostFailing:
    """The failure where the server answers 429, 5xx or the like."""
    if status == 429:
        wait = f" for {asked_s:g} s" if asked_s else ""
        return HostFailing(
            f"{shown} asks us to wait{wait} (HTTP 429{said}).",
            "Pull later, or ask the CPO to allow more requests.",
        )
    failure = HostFailing(
        f"{shown} answers HTTP {status}{said}.",
        f"{_LATER} Some servers answer like this to a token in the wrong form; it was sent {_form(token)}.",
    )
    return _may_hide_a_record(failure) if status == 500 else failure


def _may_hide_a_record(failure: HostFailing) -> HostFailing:
    failure.may_hide_a_record = True
    return failure


def of_status(shown: str, status: int, said: str, token: Token, redirected_from: str | None) -> PullFailed:
    """The failure where the server answers a final HTTP status."""
    if status in (401, 403):
        message = f"{shown} answers HTTP {status}{said}: it does not accept the token."
        if redirected_from:
            return NotAuthorised(
                f"{message[:-1]}, which was not sent there, because {redirected_from} redirects to another host.",
                "Ask the CPO for the right address and put it in the register.",
            )
        return NotAuthorised(
            message,
            f"Check {token.name}. It was sent {_form(token)}: where the CPO expects the other form, "
            f'set token_encoding = "{token.other_encoding}" in its block of the register.',
            status,
        )
    if status == 404:
        return NotFound(
            f"{shown} answers HTTP 404{said}: there is nothing at this address.",
            "Ask the CPO for the right address, or to announce the right one in its version details.",
        )
    return CpoRefused(f"{shown} refuses the request with HTTP {status}{said}.", "Ask the CPO what it refuses.", status)


def of_no_ocpi(shown: str, why: str, headers: httpx.Headers) -> NotOcpi:
    """The failure where a good HTTP status comes with something that is no OCPI."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        return NotOcpi(f"{shown} answers in the encoding {encoding[:20]}, not asked for.", "Ask the CPO to send gzip.")
    kind = headers.get("content-type", "nothing")[:60]
    return NotOcpi(
        f"{shown} does not answer with OCPI (it calls it {kind}): {why}.",
        "Check the address in the register: it must be the CPO's OCPI versions address, not a page for people.",
    )


def of_envelope(shown: str, status_code: int, said: str) -> CpoRefused:
    """The failure where HTTP says 200 and the envelope says no."""
    side = "its own server failed" if 3000 <= status_code < 4000 else "it does not accept the request"
    return CpoRefused(
        f"{shown} answers with OCPI status {status_code}{said}: {side}.",
        "Send this message to the CPO, and pull again when it has been solved.",
        status_code,
    )


def of_other_form(failure: NotAuthorised, token: Token) -> NotAuthorised:
    """The failure where the CPO does take the token in the form that was not asked for."""
    return NotAuthorised(
        failure.message,
        f'In the other form the CPO does accept it: set token_encoding = "{token.other_encoding}" in its block of the '
        f"register. {token.name} was sent {_form(token)}.",
        failure.status,
    )


def _form(token: Token) -> str:
    return "as it is" if token.encoding == "plain" else "base64-encoded"
