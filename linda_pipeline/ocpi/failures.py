"""Why a pull failed: one sentence of cause that names the CPO's address, and one of remedy.

Here: the exceptions that the client raises. Not here: what is tried again before it comes to that (client_http.py).
No message ever holds a token: the client takes it out before it raises. Nor does one hold what steers a terminal or breaks a
file: whatever a CPO's server wrote is made visible as the message is made, before it is shown, stored or sent on.
"""

from __future__ import annotations

from collections.abc import Callable

from linda_pipeline.errors import Exit, LindaError, visible


class PullFailed(LindaError):
    """A pull that could not be brought to its end. `message` says what happened, `remedy` what to do about it."""

    code = Exit.NOT_PULLED
    may_pass = False
    """Whether a later pull may do better without anybody doing anything."""
    may_hide_a_record = False
    """Whether one bad record within a page may be what the server stumbles over."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = visible(message)
        self.remedy = visible(remedy)
        super().__init__(f"{self.message} {self.remedy}")

    def rewrite(self, change: Callable[[str], str]) -> None:
        """Put both sentences through a function, such as one that takes a token out."""
        self.message, self.remedy = change(self.message), change(self.remedy)
        self.args = (f"{self.message} {self.remedy}",)


class TokenUnusable(PullFailed):
    """The token cannot be sent: it is empty, or holds white space at its ends or characters that no header may hold."""


class NotAuthorised(PullFailed):
    """The CPO answers 401 or 403: `status` says which."""

    def __init__(self, message: str, remedy: str, status: int = 401) -> None:
        super().__init__(message, remedy)
        self.status = status


class NotFound(PullFailed):
    """The CPO answers 404."""


class HostUnreachable(PullFailed):
    """No connection could be made: unknown host, nobody listening, no answer in time, or a certificate not trusted."""

    may_pass = True


class NotEncrypted(PullFailed):
    """An address is http where the register allows only https."""


class OriginNotNamed(PullFailed):
    """The CPO's server leads to an origin (`origin`, such as https://host:8443) that the register does not name for it."""

    def __init__(self, message: str, remedy: str, origin: str) -> None:
        super().__init__(message, remedy)
        self.origin = origin


class PrivateAddress(PullFailed):
    """The name of the CPO's server stands for an address within a network (`address`), of which the register says nothing."""

    def __init__(self, message: str, remedy: str, address: str) -> None:
        super().__init__(message, remedy)
        self.address = address


class CertificateUnusable(PullFailed):
    """The CA bundle or the client certificate that the register names cannot be read."""


class HostFailing(PullFailed):
    """The host answers, but not well, however often it is asked: 429, 5xx, cut or endless answers."""

    may_pass = True


class NotOcpi(PullFailed):
    """The answer is no OCPI: HTML, no JSON, no envelope, or data that are not what the module promises."""


class CpoRefused(PullFailed):
    """The CPO understood the request and refused it. `status_code` is OCPI's, or HTTP's where there is no envelope."""

    may_hide_a_record = True

    def __init__(self, message: str, remedy: str, status_code: int) -> None:
        super().__init__(message, remedy)
        self.status_code = status_code


class VersionNotOffered(PullFailed):
    """The CPO does not offer the OCPI version that the register asks for, or none that the portal speaks."""


class ModuleNotOffered(PullFailed):
    """The CPO announces no endpoint for a module from which data can be pulled."""


class PageTooLarge(PullFailed):
    """One page is larger than the portal takes in."""

    may_hide_a_record = True


class ListTooLong(PullFailed):
    """A list goes on and on: more pages, records, bytes or hours than the portal takes in."""


class PagingBroken(PullFailed):
    """The CPO's pages do not lead to the end: the same page comes again where another was promised."""


class ListMoved(PullFailed):
    """A crawl that was cut off cannot go on where it stood: the CPO's list is another one by now."""
