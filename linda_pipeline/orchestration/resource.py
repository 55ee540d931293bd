"""The portal as a Dagster resource: where the lake is, who the CPOs are, what time it is.

Here: the settings and the clock, handed to the core as plain values. Nothing is read before a run or a schedule asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import dagster as dg

from linda_pipeline.areas.area_set import Areas, read_areas
from linda_pipeline.judging.known_before import PlaceRegister, read_places
from linda_pipeline.judging.pseudonyms import read_key
from linda_pipeline.ocpi.limits import Patience, patience_of
from linda_pipeline.orchestration.metadata import Served
from linda_pipeline.quality.profile import Profiles
from linda_pipeline.quality.profile_file import read_profiles
from linda_pipeline.quality.rules import changeable
from linda_pipeline.register.cpos import Cpo, RegisterMistake, read_register
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
    """Settings from the environment; `now` stops the clock for the demo and for trials."""

    now: str | None = None

    def settings(self) -> Settings:
        """The settings of this process."""
        return read_settings()

    def lake(self) -> Lake:
        """The lake, opened."""
        settings = self.settings()
        return Lake(settings.lake, memory_limit=settings.memory_limit)

    def register(self) -> dict[str, Cpo]:
        """The register of CPOs, read anew."""
        return read_register(self.settings().cpos)

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

    def areas(self) -> Areas:
        """The areas."""
        return read_areas(self.settings().areas)

    def places(self) -> PlaceRegister | None:
        """The data owner's register of places, where there is one."""
        return read_places(self.settings().places)

    def profiles(self) -> Profiles:
        """What is in force of the profile, day by day."""
        return read_profiles(self.settings().profile, changeable(), self.register().keys())

    def key(self) -> bytes:
        """The key of the pseudonyms."""
        return read_key(self.settings().pseudonym_key)

    def patience(self) -> Patience:
        """The limits to a pull, as they are set. Raises LimitUnusable."""
        return patience_of(self.settings().limits)

    def moment(self) -> datetime:
        """What time it is, in UTC and whole seconds."""
        return datetime.fromisoformat(self.now) if self.now else datetime.now(UTC).replace(microsecond=0)

    def served(self) -> Served:
        """Where documents and reports are served."""
        settings = self.settings()
        return Served(settings.docs_url, settings.reports_url)

    def tell(self, delivery: Delivery, what: str, records: int) -> None:
        """Tell whoever listens how far a delivery is."""
        listener = _listener.get()
        if listener is not None:
            listener(delivery, what, records)
