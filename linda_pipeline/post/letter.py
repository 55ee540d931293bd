"""A letter before it is a mail: receiver, subject, plain text and HTML, and the bytes that they make.

Here: the message as a mail server takes it, the same bytes for the same letter. Not here: what it says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from linda_pipeline.post.carrier import MailSettingsWrong

NO_REPLY_NEEDED = "auto-generated"


@dataclass(frozen=True)
class Letter:
    """One letter to one address. `key` names its news: the same news is written once."""

    key: str
    kind: str
    of: str
    receiver: str
    language: str
    subject: str
    text: str
    html: str

    @property
    def full_key(self) -> str:
        """Its news and its receiver."""
        return f"{self.key}|{self.receiver.casefold()}"

    def message_id(self, sender: str) -> str:
        """Its own id, the same whenever it is made: a repeated mail is known for what it is."""
        digest = hashlib.sha256(f"{self.full_key}".encode()).hexdigest()[:32]
        return f"<linda-{digest}@{parseaddr(sender)[1].partition('@')[2]}>"

    def message(self, sender: str, written_at: datetime) -> bytes:
        """The bytes of the mail: plain text first, then HTML, nothing that must be fetched."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, Address(addr_spec=self.receiver), self.subject
        mail["Date"] = format_datetime(written_at)
        mail["Message-ID"] = self.message_id(sender)
        mail["Content-Language"] = self.language
        mail["Auto-Submitted"] = NO_REPLY_NEEDED
        mail.set_content(self.text, cte="quoted-printable")
        mail.add_alternative(self.html, subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_linda_{hashlib.sha256((self.text + self.html).encode()).hexdigest()[:24]}")
        return mail.as_bytes()


def read_sender(given: str | None) -> str:
    """The address that mails come from, as LINDA_MAIL_FROM says. Raises MailSettingsWrong."""
    sender = given or "LINDA <linda@localhost>"
    address = parseaddr(sender)[1]
    local, at, host = address.partition("@")
    if not (local and at and host) or any(character in sender for character in "\r\n"):
        raise MailSettingsWrong("LINDA_MAIL_FROM is written as linda@ndw.example or LINDA <linda@ndw.example>.")
    return sender
