"""The ways out of the outbox: a mail server, or a folder of .eml files where none is set.

Here: one message to one address, and whether it was taken, refused for good or for now. Not here: which mails, and when they
are tried again (sending.py). No sentence repeats a password.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from linda_pipeline.errors import InputMistake, one_line

VARIABLE = "LINDA_SMTP_URL"
_SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_TIMEOUT_S = 30.0
_LONGEST_ANSWER = 500
_NEVER = 500
"""Answers of a mail server from here on are final; those below mean: not now."""


class MailSettingsWrong(InputMistake):
    """LINDA_SMTP_URL or LINDA_MAIL_FROM cannot be used; the message says how it is written."""


class CarrierUnusable(InputMistake):
    """No mail goes out this way at present, whatever it is: the server is away, or refuses us."""


class NotTaken(Exception):
    """One message was not taken over. `answer` is what the server said; `is_final`: it never will."""

    def __init__(self, answer: str, is_final: bool) -> None:
        super().__init__(answer)
        self.answer, self.is_final = answer, is_final


class Hatch(Protocol):
    """An open way out."""

    def hand_over(self, message: bytes, message_id: str, sender: str, receiver: str) -> None:
        """Give a message away. Raises NotTaken, or CarrierUnusable where the way has closed."""


class Carrier(Protocol):
    """A way out of the outbox."""

    @property
    def place(self) -> str:
        """Where mails go, for people; without user and password."""

    def opened(self) -> contextlib.AbstractContextManager[Hatch]:
        """The way, open for several messages. Raises CarrierUnusable."""


@dataclass(frozen=True)
class MailFolder:
    """A folder that takes every mail as a file: what the demo and a portal without a mail server have."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    @contextlib.contextmanager
    def opened(self) -> Iterator[MailFolder]:
        """The folder, made where it is not there. Raises CarrierUnusable."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CarrierUnusable(
                f"The folder for mails {self.folder} cannot be made ({error.strerror}). Give this user the right to."
            ) from None
        yield self

    def hand_over(self, message: bytes, message_id: str, sender: str, receiver: str) -> None:
        """Write the message as a file of its id, whole or not at all: the same mail twice is one file."""
        path = self.folder / f"{message_id.strip('<>').partition('@')[0]}.eml"
        half = path.with_suffix(".partial")
        try:
            half.write_bytes(message)
            half.replace(path)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise CarrierUnusable(
                f"The mail {path} cannot be written ({error.strerror}). Give this user the right to, or make room."
            ) from None


@dataclass(frozen=True)
class MailServer:
    """A mail server, as LINDA_SMTP_URL names it."""

    host: str
    port: int
    scheme: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    variable: str = VARIABLE
    """The setting that names it."""

    @property
    def place(self) -> str:
        """The server, without user and password."""
        return f"{self.scheme}://{self.host}:{self.port}"

    @contextlib.contextmanager
    def opened(self) -> Iterator[_Connection]:
        """A connection for several messages. Raises CarrierUnusable."""
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError:
            raise CarrierUnusable(
                f"The mail server {self.place} refuses this user or password. Put the right ones into {self.variable}."
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise self.unreachable(error) from None
        try:
            yield _Connection(self, server)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=tls)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        try:
            if self.scheme == "smtp+starttls":
                server.starttls(context=tls)
            if self.user is not None:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def unreachable(self, error: Exception) -> CarrierUnusable:
        """What to say when no mail gets through."""
        return CarrierUnusable(
            f"The mail server {self.place} cannot be used: {_answer_of(error)}. The mails wait; see that the server "
            f"runs, and that {self.variable} names it."
        )


@dataclass(frozen=True)
class _Connection:
    """An open connection to a mail server."""

    to: MailServer
    server: smtplib.SMTP

    def hand_over(self, message: bytes, message_id: str, sender: str, receiver: str) -> None:
        """Send the message. Raises NotTaken for this one, CarrierUnusable for all."""
        try:
            self.server.sendmail(sender, [receiver], message)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, answer),) = error.recipients.values()
            raise NotTaken(_shown(code, answer), code >= _NEVER) from None
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            # SMTPException is an OSError too: what follows is about this message alone.
            if isinstance(error, smtplib.SMTPResponseException):
                raise NotTaken(_shown(error.smtp_code, error.smtp_error), error.smtp_code >= _NEVER) from None
            raise self.to.unreachable(error) from None


def read_carrier(smtp_url: str | None, folder: Path) -> Carrier:
    """The way that LINDA_SMTP_URL names, else a folder of .eml files. Raises MailSettingsWrong."""
    return MailFolder(folder) if smtp_url is None else read_server(smtp_url)


def read_server(smtp_url: str, variable: str = VARIABLE) -> MailServer:
    """The mail server that a setting names. Raises MailSettingsWrong."""
    try:
        parts = urlsplit(smtp_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in _SCHEMES:
        raise MailSettingsWrong(
            f"{variable} is written as smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host."
        )
    user = None if parts.username is None else unquote(parts.username)
    if user is not None and parts.scheme == "smtp" and host not in ("localhost", "127.0.0.1", "::1"):
        raise MailSettingsWrong(
            f"{variable} would send a password in the open to {host}. Write smtp+starttls:// or smtps:// for smtp://."
        )
    password = None if parts.password is None else unquote(parts.password)
    return MailServer(host, port or _SCHEMES[parts.scheme], parts.scheme, user, password, variable)


def mail_folder_of(lake: Path) -> Path:
    """Where mails go when no server is set: beside the lake."""
    return lake.absolute().parent / "outbox"


def _answer_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _shown(error.smtp_code, error.smtp_error)
    return one_line(str(getattr(error, "strerror", None) or error or type(error).__name__))[:_LONGEST_ANSWER]


def _shown(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {one_line(text)}"[:_LONGEST_ANSWER]
