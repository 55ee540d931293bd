"""The way in to a CPO: which versions it offers, which one is spoken, and the endpoints that it announces for it.

Here: the first two answers, and what is said where they do not lead on. Not here: the pages (client.py) and HTTP itself
(client_http.py).
"""

from __future__ import annotations

from typing import Any

from linda_pipeline.ocpi.address import foreign_address, without_credentials
from linda_pipeline.ocpi.client import Connection
from linda_pipeline.ocpi.client_answers import of_other_form
from linda_pipeline.ocpi.client_http import Caller, GoodAnswer
from linda_pipeline.ocpi.client_token import Token
from linda_pipeline.ocpi.client_trust import Trust
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.failures import (
    NotAuthorised,
    NotOcpi,
    PullFailed,
    VersionNotOffered,
)
from linda_pipeline.ocpi.foreign import text_of
from linda_pipeline.ocpi.limits import Patience
from linda_pipeline.ocpi.page import Page
from linda_pipeline.ocpi.patient import decoded

_ASK_VERSIONS = "Ask the CPO which versions it serves, and set ocpi in its block of the register accordingly."
_NAMES_SHOWN = 8


def connect(
    versions_url: str,
    token: str,
    *,
    ocpi: str = "newest",
    token_encoding: str | None = None,
    token_name: str = "the register",
    patience: Patience | None = None,
    trust: Trust | None = None,
) -> Connection:
    """Ask a CPO for its versions and endpoints. The connection is to be closed, best by `with`.

    `ocpi` is a version or "newest": the highest that both sides speak. `token_encoding` is "plain" or "base64"; by
    default plain for 2.1.1, else base64. `token_name` names the token in messages, such as LINDA_TOKEN_NL_ABC.
    Raises PullFailed, whose text never holds the token. On a 401 the token is tried once in its other form, only to say
    in the remedy whether that would do.
    """
    encoding = token_encoding or ("plain" if ocpi == "2.1.1" else "base64")
    caller = Caller(
        Token(token, encoding, token_name),
        patience or Patience(),
        trust or Trust(),
        versions_url,
        message_ids=ocpi != "2.1.1",
    )
    try:
        with caller.token.unseen():
            offered = _objects(_first(caller, versions_url), "versions")
            version, details_url = _choose_version(caller, versions_url, offered, ocpi)
            caller.message_ids = version != "2.1.1"
            endpoints = _objects(_first(caller, details_url), "endpoints")
    except BaseException:
        caller.close()
        raise
    return Connection(caller, versions_url, version, details_url, endpoints)


def _first(caller: Caller, url: str) -> GoodAnswer[Page]:
    """An answer at the door, where a token in the wrong form shows. Raises PullFailed."""
    try:
        return caller.get(url)
    except NotAuthorised as failure:
        if failure.status != 401:
            raise
        sent = caller.token
        try:
            caller.token = Token(sent.text, sent.other_encoding, sent.name)
            caller.get(url, tries=1)
        except PullFailed:
            raise failure from None
        finally:
            caller.token = sent
        raise of_other_form(failure, sent) from None


def _choose_version(caller: Caller, versions_url: str, offered: list[dict[str, Any]], ocpi: str) -> tuple[str, str]:
    """The version to speak and the address of its details."""
    addresses = {text_of(entry.get("version")): entry.get("url") for entry in offered}
    wanted = VERSIONS if ocpi == "newest" else (ocpi,)
    spoken = [version for version in wanted if version in addresses]
    shown = without_credentials(versions_url)
    if not spoken:
        raise VersionNotOffered(
            f"{shown} does not offer OCPI {' or '.join(wanted)}; it offers: {_few(caller.token, list(addresses))}.",
            _ASK_VERSIONS,
        )
    url = foreign_address(addresses[spoken[-1]])
    if url is None:
        raise NotOcpi(f"{shown} announces OCPI {spoken[-1]} without an http(s) address.", _ASK_VERSIONS)
    caller.gate.check(url, f"{shown} announces OCPI {spoken[-1]} at", shown)
    return spoken[-1], url


def _few(token: Token, names: list[str]) -> str:
    """Some names that a server gives, and how many more."""
    shown = [token.quoted(name, 20) for name in names[:_NAMES_SHOWN]]
    more = f" and {len(names) - len(shown):,} more" if len(names) > len(shown) else ""
    return (", ".join(shown) or "none") + more


def _objects(answer: GoodAnswer[Page], name: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer: bare (versions), or within the one object that is there (version details).

    What cannot be read is left out, as what is no object: one bad entry hides no other.
    """
    found = [decoded(record) for record in answer.page.records]
    if len(found) == 1 and isinstance(found[0], dict) and isinstance(found[0].get(name), list):
        found = found[0][name]
    return [entry for entry in found if isinstance(entry, dict)]
