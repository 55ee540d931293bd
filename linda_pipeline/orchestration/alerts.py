"""The post: how an alert reaches people. A file always, mail and a webhook where settings say so.

Here: sending, and the file in which every alert stands once; it is also what tells that a thing was sent already. Not
here: what is worth an alert (watching.py).
"""

from __future__ import annotations

import fcntl
import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from linda_pipeline.errors import InputMistake
from linda_pipeline.post.carrier import CarrierUnusable, MailServer, NotTaken, read_server
from linda_pipeline.settings import Settings

AGAIN_AFTER = timedelta(days=7)
"""What still stands then is sent once more."""
_TIMEOUT_S = 20.0


class AlertSettingsWrong(InputMistake):
    """A setting LINDA_ALERT_… cannot be used; the message says which and how it is written."""


@dataclass(frozen=True)
class Alert:
    """One thing that people should know. Two alerts with the same key are about the same thing."""

    key: str
    subject: str
    text: str
    link: str


@dataclass(frozen=True)
class Post:
    """Where alerts go."""

    file: Path
    server: MailServer | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    webhook: str | None = None

    def send(self, alert: Alert, now: datetime) -> list[str]:
        """Send an alert, unless the same was sent within a week; returns what could not be reached, as sentences."""
        with _alone(self.file):
            sent = self._sent()
            before = sent.get(alert.key)
            if before is not None and now - before[0] < AGAIN_AFTER and not before[1]:
                return []
            wanted = before[1] if before is not None and now - before[0] < AGAIN_AFTER else list(self._ways())
            failed = {way: why for way in wanted if (why := self._try(way, alert)) is not None}
            line = {"at": now.isoformat(), **asdict(alert), "unreached": sorted(failed)}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            return [f"{way}: {why}" for way, why in failed.items()]

    def again(self, now: datetime) -> list[str]:
        """Try once more what was sent within a week and did not reach everybody; returns what still fails."""
        unreached: list[str] = []
        for key, (at, ways) in self._sent().items():
            if ways and now - at < AGAIN_AFTER:
                unreached += self.send(self._alert(key), now)
        return unreached

    def _alert(self, key: str) -> Alert:
        """An alert as it was sent last."""
        lines = (json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines() if line.endswith("}"))
        last = next(one for one in reversed(list(lines)) if one.get("key") == key)
        return Alert(last["key"], last["subject"], last["text"], last["link"])

    def keys_since(self, since: datetime) -> set[str]:
        """What was sent since a moment."""
        return {key for key, (at, _) in self._sent().items() if at >= since}

    def _sent(self) -> dict[str, tuple[datetime, list[str]]]:
        """By key: when it was sent last, and which ways have not been reached yet."""
        sent: dict[str, tuple[datetime, list[str]]] = {}
        if self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                try:
                    one = json.loads(line)
                    sent[one["key"]] = (datetime.fromisoformat(one["at"]), one["unreached"])
                except (ValueError, KeyError, TypeError):
                    continue  # a line that was cut off by a full disk tells nothing
        return sent

    def _ways(self) -> Mapping[str, Callable[[Alert], None]]:
        ways: dict[str, Callable[[Alert], None]] = {}
        if self.server is not None:
            ways["mail"] = self._mail
        if self.webhook:
            ways["webhook"] = self._call
        return ways

    def _try(self, way: str, alert: Alert) -> str | None:
        send = self._ways().get(way)
        if send is None:
            return None  # the setting was taken away since
        try:
            send(alert)
        except (CarrierUnusable, NotTaken) as error:
            return str(error)
        except OSError as error:
            return f"{type(error).__name__}: {getattr(error, 'reason', None) or getattr(error, 'strerror', None) or 'refused'}"
        return None

    def _mail(self, alert: Alert) -> None:
        assert self.server is not None
        message = EmailMessage(policy=policy.SMTP)
        message["Subject"], message["From"], message["To"] = alert.subject, self.sender, ", ".join(self.to)
        message.set_content(f"{alert.text}\n\n{alert.link}\n")
        with self.server.opened() as hatch:
            for receiver in self.to:
                hatch.hand_over(message.as_bytes(), "", self.sender, receiver)

    def _call(self, alert: Alert) -> None:
        body = json.dumps({**asdict(alert), "text": f"{alert.subject}\n{alert.text}\n{alert.link}"}, ensure_ascii=False)
        request = urllib.request.Request(
            self.webhook or "", body.encode(), {"Content-Type": "application/json; charset=utf-8"}
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
            pass


def read_post(settings: Settings) -> Post:
    """The post as the settings LINDA_ALERT_… say. Raises AlertSettingsWrong; no message repeats a secret."""
    smtp, webhook = settings.alert_smtp, settings.alert_webhook
    server = None if smtp is None else read_server(smtp, "LINDA_ALERT_SMTP")
    if smtp is not None and not settings.alert_to:
        raise AlertSettingsWrong(
            "LINDA_ALERT_SMTP is set, but LINDA_ALERT_TO names nobody: give addresses, with commas."
        )
    if webhook is not None and urlsplit(webhook).scheme not in ("http", "https"):
        raise AlertSettingsWrong("LINDA_ALERT_WEBHOOK is no address: it starts with https:// or http://.")
    return Post(
        file=settings.alert_file,
        server=server,
        sender=settings.alert_from,
        to=settings.alert_to,
        webhook=webhook,
    )


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One process at a time: so nothing is sent twice."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f".{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def now_utc() -> datetime:
    """The moment, for the sensors."""
    return datetime.now(UTC)
