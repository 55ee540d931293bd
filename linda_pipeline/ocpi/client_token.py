"""The authorisation key of a CPO: how it is sent, and how it is kept out of every text.

Here: its forms, and texts and failures without it. Not here: where it comes from (settings) and where it is sent
(client_http.py).
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from linda_pipeline.errors import one_line
from linda_pipeline.ocpi.failures import PullFailed, TokenUnusable


class Token:
    """The authorisation key of a CPO, in the form in which it is sent. Shows itself nowhere."""

    def __init__(self, text: str, encoding: str, name: str) -> None:
        """`name` is what messages call it, such as LINDA_TOKEN_NL_ABC. Raises TokenUnusable."""
        if not text or text != text.strip() or not text.isprintable():
            raise TokenUnusable(
                f"The token in {name} is empty, or has white space or a line break in it.",
                f"Set {name} again, without anything before or after the token.",
            )
        coded = base64.b64encode(text.encode("utf-8")).decode("ascii")
        if encoding == "plain" and not text.isascii():
            raise TokenUnusable(
                f"The token in {name} has characters beyond ASCII, which cannot be sent as they are.",
                'Set token_encoding = "base64" for this CPO in the register, or correct the token.',
            )
        self.text = text
        self.encoding = encoding
        self.name = name
        self.header = "Token " + (coded if encoding == "base64" else text)
        self._secrets = _forms(text)

    def in_form(self, encoding: str) -> Token:
        """The same token in the form "plain" or "base64". Raises TokenUnusable."""
        return Token(self.text, encoding, self.name)

    @property
    def other_encoding(self) -> str:
        """The form in which it is not sent."""
        return "plain" if self.encoding == "base64" else "base64"

    def hide(self, text: str) -> str:
        """The text with the token, in whatever form, taken out."""
        return _without(self._secrets, text)

    def quoted(self, text: str, longest: int) -> str:
        """What a CPO's server wrote, fit for a sentence: without the token, on one line, and cut. Nothing is cut before the
        token is out: half a token is still a secret.
        """
        shown = one_line(self.hide(text)[: 8 * longest])
        return shown if len(shown) <= longest else shown[: longest - 1] + "…"

    @contextlib.contextmanager
    def unseen(self) -> Iterator[None]:
        """Whatever PullFailed leaves the block says nothing of the token."""
        try:
            yield
        except PullFailed as failure:
            failure.rewrite(self.hide)
            raise

    def __repr__(self) -> str:
        return f"Token({self.name})"


@contextlib.contextmanager
def unquoted(text: str, *known: type[Exception]) -> Iterator[None]:
    """Whatever failure leaves the block does not quote the token `text`, nor does any failure that led to it.

    A mistake of our own, or of a library, may quote what it had in hand. Its place is told, its text without the token.
    Failures of the types `known` have no token in their text, and pass as they are.
    """
    try:
        yield
    except known:
        raise
    except Exception as failure:
        secrets, chain = _forms(text), list[BaseException]()
        cause: BaseException | None = failure
        while cause is not None and cause not in chain:
            chain.append(cause)
            cause = cause.__cause__ or cause.__context__
        if all(_without(secrets, f"{cause!r} {cause}") == f"{cause!r} {cause}" for cause in chain):
            raise
        place = failure.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f" ({place.tb_frame.f_code.co_filename}:{place.tb_lineno})"
        message = " after ".join(f"{type(cause).__name__}: {_without(secrets, str(cause))}" for cause in chain)
        raise QuotedToken(f"{message}{where}") from None


class QuotedToken(Exception):
    """A failure of our own that quoted a token; this one tells of it without."""


def _forms(text: str) -> list[str]:
    """The token as it may stand in a text (in an address, in JSON, on a web page), the longest form first."""
    coded = base64.b64encode(text.encode("utf-8")).decode("ascii").rstrip("=")
    url_safe = coded.replace("+", "-").replace("/", "_")
    forms = {text, coded, url_safe}
    for form in (text, coded):
        forms |= {
            quote(form, safe=""),
            quote(form),
            form.replace("/", "\\/"),
            json.dumps(form)[1:-1],
            html.escape(form),
        }
    return sorted(forms, key=len, reverse=True)


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
