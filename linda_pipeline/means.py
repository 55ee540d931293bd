"""What an operator has set up, read for the stations: the CPOs, the areas, places, profile, key and limits.

Here: each by the setting that names it. Not here: the settings themselves (settings), and how each is read (its own room).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from linda_pipeline.areas.area_set import Areas, read_areas
from linda_pipeline.judging.known_before import PlaceRegister, read_places
from linda_pipeline.judging.pseudonyms import read_key
from linda_pipeline.ocpi.limits import Patience, patience_of
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.quality.profile_file import read_draft, read_profiles
from linda_pipeline.quality.rules import changeable
from linda_pipeline.register.cpos import Cpo, read_register
from linda_pipeline.settings import Settings

if TYPE_CHECKING:
    from linda_pipeline.post.carrier import Carrier
    from linda_pipeline.register.database import RegisterDatabase

__all__ = ["Areas", "Means", "Patience", "PlaceRegister", "Profiles"]


@dataclass(frozen=True)
class Means:
    """What is needed to judge and to publish."""

    register: Mapping[str, Cpo]
    areas: Areas
    key: bytes | None = None
    """Of the pseudonyms; needed from raw alone."""
    places: PlaceRegister | None = None
    profiles: Profiles = BUILT_IN_PROFILES


def means(settings: Settings, *, has_key: bool = True) -> Means:
    """All that is set up; without the key where nothing is judged."""
    register = cpos(settings)
    return Means(
        register=register,
        areas=areas(settings),
        key=key(settings) if has_key else None,
        places=places(settings),
        profiles=profiles(settings, register),
    )


def cpos(settings: Settings) -> dict[str, Cpo]:
    """The CPOs of the register. Raises RegisterMistake."""
    return read_register(settings.cpos)


def areas(settings: Settings) -> Areas:
    """The areas. Raises AreasUnusable."""
    return read_areas(settings.areas)


def places(settings: Settings) -> PlaceRegister | None:
    """The data owner's register of places, where there is one."""
    return read_places(settings.places)


def profiles(settings: Settings, register: Collection[str]) -> Profiles:
    """What is in force of the profile, day by day, for the CPOs of a register. Raises ProfileMistake."""
    return read_profiles(settings.profile, changeable(), register)


def trying(in_force: Profiles, draft: Path) -> Profiles:
    """The same with a draft on trial. Raises ProfileMistake."""
    return in_force.trying(read_draft(draft, changeable()))


def key(settings: Settings) -> bytes:
    """The key of the pseudonyms. Raises KeyUnusable."""
    return read_key(settings.pseudonym_key)


def patience(settings: Settings) -> Patience:
    """The limits to a pull. Raises LimitUnusable."""
    return patience_of(settings.limits)


def register_database(settings: Settings) -> RegisterDatabase:
    """The register database, open. Raises DatabaseUnusable."""
    from linda_pipeline.register.database import RegisterDatabase, address_of  # SQLAlchemy comes with it

    return RegisterDatabase(address_of(settings.database_url, settings.lake))


def carrier(settings: Settings) -> Carrier:
    """The way out of the outbox: the mail server that is set, else a folder beside the lake. Raises MailSettingsWrong."""
    from linda_pipeline.post.carrier import mail_folder_of, read_carrier

    return read_carrier(settings.smtp_url, mail_folder_of(settings.lake))


def sender(settings: Settings) -> str:
    """From whom mails come. Raises MailSettingsWrong."""
    from linda_pipeline.post.letter import read_sender

    return read_sender(settings.mail_from)
