"""The portal as a Dagster resource: where the lake is, who the CPOs are, what time it is.

Here: the settings and the clock, handed to the core as plain values. Nothing is read before a run or a schedule asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from linda_pipeline import following, means
from linda_pipeline.orchestration.metadata import Served
from linda_pipeline.register.cpos import Cpo, RegisterMistake
from linda_pipeline.settings import Settings, read_settings
from linda_pipeline.storage.lake import Delivery, Lake

Listener = Callable[[Delivery, str, int], None]
"""Hears of a delivery: what was done (pulled, judged) and how many records so far."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear the progress of runs in this process; the command line draws it."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class Portal(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Settings from the environment; `now` stops the clock for the demo and for trials, `pulled_on` for single windows."""

    now: str | None = None
    pulled_on: dict[str, str] = {}  # noqa: RUF012  (a field of a model, which copies it)
    """By window or night, such as 2026-11-09: the moment at which it is pulled, where that is not now."""

    def settings(self) -> Settings:
        """The settings of this process."""
        return read_settings()

    def lake(self) -> Lake:
        """The lake, opened."""
        settings = self.settings()
        return Lake(settings.lake, memory_limit=settings.memory_limit)

    def register(self) -> dict[str, Cpo]:
        """The register of CPOs, read anew."""
        return means.cpos(self.settings())

    def cpo(self, key: str) -> Cpo:
        """One CPO of the register."""
        register = self.register()
        if key not in register:
            raise RegisterMistake(
                [
                    f"{key} is not in the register of CPOs ({self.settings().cpos}). Add its block, or pick another partition."
                ]
            )
        return register[key]

    def register_database(self) -> Any:
        """The register database, open; whoever takes it closes it. Raises DatabaseUnusable."""
        return means.register_database(self.settings())

    def postman(self, lake: Lake) -> Any:
        """Who writes the letters on judged deliveries of a lake. Raises MailSettingsWrong."""
        settings = self.settings()
        sender = means.sender(settings)
        return following.postman(lake, self.register(), self.areas, sender=sender, served_at=settings.reports_url)

    def remind(self, database: Any) -> dict[str, int]:
        """Write the reminders of this day; how many mails each CPO gets."""
        return dict(following.remind(database, self.register(), means.sender(self.settings()), self.moment()))

    def send_mails(self, database: Any) -> tuple[Any, str]:
        """Send what waits; what came of it, and where mails go, for people. Raises MailSettingsWrong."""
        settings = self.settings()
        carrier = means.carrier(settings)
        return following.send_mails(database, carrier, means.sender(settings), self.moment), carrier.place

    def areas(self) -> means.Areas:
        """The areas."""
        return means.areas(self.settings())

    def places(self) -> means.PlaceRegister | None:
        """The data owner's register of places, where there is one."""
        return means.places(self.settings())

    def profiles(self) -> means.Profiles:
        """What is in force of the profile, day by day."""
        return means.profiles(self.settings(), self.register())

    def key(self) -> bytes:
        """The key of the pseudonyms."""
        return means.key(self.settings())

    def patience(self) -> means.Patience:
        """The limits to a pull, as they are set. Raises LimitUnusable."""
        return means.patience(self.settings())

    def moment(self, delivery: Delivery | None = None) -> datetime:
        """What time it is, in UTC and whole seconds; where that is said, the moment at which a delivery is pulled."""
        stopped = (self.pulled_on.get(str(delivery.window)) if delivery is not None else None) or self.now
        return datetime.fromisoformat(stopped) if stopped else datetime.now(UTC).replace(microsecond=0)

    def served(self) -> Served:
        """Where documents and reports are served."""
        settings = self.settings()
        return Served(settings.docs_url, settings.reports_url)

    def tell(self, delivery: Delivery, what: str, records: int) -> None:
        """Tell whoever listens how far a delivery is."""
        listener = _listener.get()
        if listener is not None:
            listener(delivery, what, records)
