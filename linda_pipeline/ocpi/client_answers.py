"""What an answer that is no data means, in words: the failure that it leads to.

Here: the sentences. Not here: the decision to try again (client_http.py).
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.failures import (
    CpoRefused,
    HostFailing,
    HostUnreachable,
    NotAuthorised,
    NotFound,
    NotOcpi,
    PageTooLarge,
    PullFailed,
)
from linda_pipeline.ocpi.limits import Bounds
from linda_pipeline.ocpi.page import PageUnreadable, Unreadable
from linda_pipeline.ocpi.transport import NoAnswer, Why

_LATER = "Try again later; if it lasts, ask the CPO."
_RIGHT_ADDRESS = "Ask the CPO for the right address and put it in the register."
_SMALLER = (
    "Ask the CPO to honour the limit that is asked, or to send smaller pages. Where such pages are right, raise "
    "LINDA_LIMIT_RECEIVED_MB (on the wire), LINDA_LIMIT_PAGE_MB (unpacked) or LINDA_LIMIT_PAGE_RECORDS."
)


def said_by(message: str | None, token: Token) -> str:
    """A CPO's own message as the end of a sentence: on one line, not too long, in quotation marks; or nothing."""
    text = token.quoted(message or "", 200)
    return f', saying "{text}"' if text else ""


def of_no_answer(failed: NoAnswer, bounds: Bounds, token: Token) -> PullFailed:
    """The failure where no whole answer came."""
    detail = token.quoted(failed.detail, 200)
    return _OF_NO_ANSWER[failed.why](failed.url, detail, bounds)


_OF_NO_ANSWER: dict[Why, Callable[[str, str, Bounds], PullFailed]] = {
    Why.NO_ADDRESS: lambda url, _, __: NotOcpi(
        f"{url} is no address that can be asked.", "Put the CPO's right address in the register."
    ),
    Why.NOT_SENDABLE: lambda url, _, __: NotOcpi(
        f"The request to {url} could not be made.", "Check the address and the token."
    ),
    Why.UNREACHABLE: lambda url, detail, _: HostUnreachable(
        f"{url} cannot be reached ({detail}).",
        "Check the address in the register, and whether the CPO's server is up; then try again.",
    ),
    Why.NO_CONNECTION_IN_TIME: lambda url, _, bounds: HostUnreachable(
        f"{url} cannot be reached: no connection within {bounds.connect_s:g} s.",
        "Check the address in the register and whether a firewall stands between; then try again.",
    ),
    Why.UNTRUSTED: lambda url, detail, _: HostUnreachable(
        f"The certificate of {url} is not trusted ({detail}).",
        "Ask the CPO to mend its certificate, or make its authority known to this machine.",
    ),
    Why.WANTS_CERTIFICATE: lambda url, _, __: HostUnreachable(
        f"{url} asks for a certificate of ours, and there is none.",
        "Put the path of our certificate as client_certificate into the CPO's block of the register.",
    ),
    Why.SILENT: lambda url, _, bounds: HostFailing(f"{url} fell silent for {bounds.read_s:g} s.", _LATER),
    Why.SLOW: lambda url, _, bounds: HostFailing(
        f"{url} was still sending, or still being unpacked, after {bounds.answer_s:g} s.",
        "Try again later; if it lasts, ask the CPO why its server is this slow; where it has to be, raise "
        "LINDA_LIMIT_ANSWER_S.",
    ),
    Why.CUT: lambda url, _, __: _may_hide_a_record(
        HostFailing(f"{url} broke off in the middle of its answer.", _LATER)
    ),
    Why.TOO_LARGE: lambda url, detail, _: PageTooLarge(f"{url} sends a page of more than {detail}.", _SMALLER),
    Why.ROUND: lambda url, detail, _: NotOcpi(f"{url} redirects again and again, at last to {detail}.", _RIGHT_ADDRESS),
    Why.NOWHERE: lambda url, detail, _: NotOcpi(
        f"{url} redirects to something that is no http(s) address: {detail}.", _RIGHT_ADDRESS
    ),
}
FINAL = (Why.UNTRUSTED, Why.WANTS_CERTIFICATE)
"""What makes a host unreachable today and tomorrow, until somebody does something."""


def of_busy(shown: str, status: int, said: str, asked_s: float, token: Token) -> HostFailing:
    """The failure where the server answers 429, 5xx or the like."""
    if status == 429:
        wait = f" for {asked_s:.0f} s" if asked_s else ""
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


def of_status(shown: str, status: int, said: str, token: Token) -> PullFailed:
    """The failure where the server answers a final HTTP status."""
    if status in (401, 403):
        return NotAuthorised(
            f"{shown} answers HTTP {status}{said}: it does not accept the token.",
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


def of_no_ocpi(shown: str, unreadable: PageUnreadable, headers: httpx.Headers, token: Token) -> PullFailed:
    """The failure where a good HTTP status comes with something that is no OCPI, or OCPI in a damaged envelope."""
    if unreadable.what is Unreadable.TOO_MANY_RECORDS:
        return PageTooLarge(f"{shown} sends a page of {unreadable.why}.", _SMALLER)
    why = token.quoted(unreadable.why, 200)
    if unreadable.what in (Unreadable.NO_STATUS, Unreadable.BAD_STATUS):
        return NotOcpi(
            f"{shown} answers with OCPI in a damaged envelope: {why}.",
            "Ask the CPO to send the whole envelope with every answer: data, status_code as a whole number (1000 where all "
            "is well) and timestamp.",
        )
    if unreadable.what is Unreadable.TOO_DEEP:
        return NotOcpi(f"{shown} answers with JSON that cannot be read: {why}.", "Ask the CPO what it sends there.")
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        return NotOcpi(
            f"{shown} answers in the encoding {token.quoted(encoding, 20)}, not asked for.", "Ask the CPO to send gzip."
        )
    kind = token.quoted(headers.get("content-type", "nothing"), 60)
    return NotOcpi(
        f"{shown} does not answer with OCPI (it calls it {kind}): {why}; "
        f"it begins with '{token.quoted(unreadable.beginning, 60)}'.",
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
