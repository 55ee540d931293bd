"""The settings of the contract. This is the only place that reads the environment of the process.

Here: every LINDA_… setting with its default, secrets from the environment or from files, and the whole environment where one
process hands it to another. Not here: what a setting means to the room that uses it; the core gets values handed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from linda_pipeline.errors import InputMistake


class MemoryUnusable(InputMistake):
    """LINDA_MEMORY is no amount of memory, or too little to work with."""


class SecretUnreadable(InputMistake):
    """A file in the secrets folder is there, but cannot be read."""


@dataclass(frozen=True)
class Settings:
    """Where things are, whom to tell, and what to show. Secrets are read when they are asked for, and never printed."""

    lake: Path
    cpos: Path
    areas: Path
    memory_limit: str
    """What one station may hold in memory before it spills to disk, such as 1GB."""
    places: Path
    """The data owner's register of places; it need not be there."""
    profile: Path | None
    """What NDW changed of the profile; None: nothing but what is built in."""
    dagster_url: str
    """Where people find Dagster's interface, without a slash at the end; for the links in alerts."""
    docs_url: str | None
    """Where docs/ is served, without a slash at the end; None: nowhere."""
    reports_url: str | None
    """Where the lake's folder reports/ is served, for those who may see every report; None: nowhere."""
    mail_from: str | None
    """Whom mails come from; None: the outbox has a name for it."""
    alert_file: Path
    alert_to: tuple[str, ...]
    alert_from: str
    traceback: bool
    """Whether the traceback of a failure of the portal itself is shown."""
    limits: Mapping[str, str]
    """What is set of the limits to a pull: LINDA_LIMIT_… by their names, as they were written."""
    dagster_home: Path | None
    secrets: Path | None
    """The folder with a file per secret, named as its variable."""
    _environment: Mapping[str, str] = field(repr=False)

    def secret(self, name: str) -> str | None:
        """A secret: from the environment, else from the file of that name in the secrets folder; None: from neither.

        Raises SecretUnreadable.
        """
        given = self._environment.get(name)
        if given or self.secrets is None:
            return given or None
        try:
            return (self.secrets / name).read_text(encoding="utf-8").rstrip("\r\n") or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise SecretUnreadable(
                f"The secret {self.secrets / name} cannot be read ({why}). Give this user the right to read it."
            ) from None

    @property
    def pseudonym_key(self) -> str | None:
        """64 hex digits with which drivers become pseudonyms."""
        return self.secret("LINDA_PSEUDONYM_KEY")

    @property
    def postgres_url(self) -> str | None:
        """The PostgreSQL server of Dagster's history; None: SQLite files."""
        return (self.secret("LINDA_POSTGRES_URL") or "").strip() or None

    @property
    def database_url(self) -> str | None:
        """The register database; None: SQLite beside the lake."""
        return (self.secret("LINDA_DATABASE_URL") or "").strip() or None

    @property
    def smtp_url(self) -> str | None:
        """The mail server that mails go to; None: a folder beside the lake."""
        return (self.secret("LINDA_SMTP_URL") or "").strip() or None

    @property
    def alert_smtp(self) -> str | None:
        """The mail server that alerts go to."""
        return self.secret("LINDA_ALERT_SMTP")

    @property
    def alert_webhook(self) -> str | None:
        """The address that alerts are posted to."""
        return self.secret("LINDA_ALERT_WEBHOOK")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings with the defaults of the contract; by default those of this process. Raises MemoryUnusable."""
    given = os.environ if environment is None else environment
    lake = Path(given.get("LINDA_LAKE") or "data/lake")
    return Settings(
        lake=lake,
        cpos=_own(given.get("LINDA_CPOS"), "data/cpos.toml", shipped="data/reference/cpos.toml"),
        memory_limit=_memory(given.get("LINDA_MEMORY") or "1GB"),
        areas=_own(given.get("LINDA_AREAS"), "data/areas", shipped="data/reference/areas"),
        places=_own(given.get("LINDA_PLACES"), "data/places.csv", shipped="data/reference/places.csv"),
        profile=_profile(given.get("LINDA_PROFILE")),
        # LINDA_PORTAL_URL was its name before; the portal's own address will take that one.
        dagster_url=_address(given, "LINDA_DAGSTER_URL")
        or _address(given, "LINDA_PORTAL_URL")
        or "http://localhost:3000",
        docs_url=_address(given, "LINDA_DOCS_URL"),
        reports_url=_address(given, "LINDA_REPORTS_URL"),
        mail_from=given.get("LINDA_MAIL_FROM") or None,
        alert_file=Path(given.get("LINDA_ALERT_FILE") or lake.absolute().parent / "alerts.jsonl"),
        alert_to=tuple(one.strip() for one in given.get("LINDA_ALERT_TO", "").split(",") if one.strip()),
        alert_from=given.get("LINDA_ALERT_FROM") or "linda@localhost",
        traceback=bool(given.get("LINDA_TRACEBACK")),
        limits={name: value for name, value in given.items() if name.startswith("LINDA_LIMIT_")},
        dagster_home=Path(given["DAGSTER_HOME"]) if given.get("DAGSTER_HOME") else None,
        secrets=Path(given["LINDA_SECRETS"]) if given.get("LINDA_SECRETS") else None,
        _environment=dict(given),
    )


def _memory(given: str) -> str:
    """An amount of memory as DuckDB takes it."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([MG])B", given.strip(), re.ASCII | re.IGNORECASE)
    if found is None or float(found[1]) * (1 if found[2].upper() == "M" else 1000) < 200:
        raise MemoryUnusable(
            f"LINDA_MEMORY is {given!r}. Give what a station may hold in memory, at least 200MB, such as 800MB or 4GB."
        )
    return f"{found[1]}{found[2].upper()}B"


def _profile(given: str | None) -> Path | None:
    """The file that was set, whether it is there or not; else the operator's own, where there is one."""
    own = Path("data/profile.toml")
    return Path(given) if given else own if own.exists() else None


def _own(given: str | None, own: str, *, shipped: str) -> Path:
    """The path that was set, else the operator's own file; what lies among the tracked examples only where there is no own."""
    if given:
        return Path(given)
    return Path(shipped) if Path(shipped).exists() and not Path(own).exists() else Path(own)


def _address(given: Mapping[str, str], name: str) -> str | None:
    return given.get(name, "").rstrip("/") or None


def environment_to_hand_on() -> dict[str, str]:
    """The whole environment of this process, for one that works for it."""
    return dict(os.environ)


def take_over(environment: Mapping[str, str]) -> None:
    """Let the environment of this process be another one: that of the process it works for, or that of the demo."""
    os.environ.clear()
    os.environ.update(environment)
