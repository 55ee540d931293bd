"""`linda register`: the register database of this portal.

Here: bringing it to the version that this program needs. Not here: the steps (register.upgrade), and what stands in it.
"""

from __future__ import annotations

import typer

from linda_pipeline.commands.screen import console
from linda_pipeline.register.database import RegisterDatabase, address_of, place_of
from linda_pipeline.settings import read_settings

group = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@group.callback()
def register() -> None:
    """Look after the register database, which holds contacts, cases and what happened to them."""


@group.command()
def upgrade() -> None:
    """Bring the register to the version that this program needs, all of it or nothing. A fresh one is made whole."""
    settings = read_settings()
    address = address_of(settings.database_url, settings.lake)
    before, after = RegisterDatabase.to_upgrade(address)
    place = place_of(address)
    if before == after:
        said = f"The register {place} is of version {after}, the newest."
    elif before is None:
        said = f"The register {place} was made, of version {after}."
    else:
        said = f"The register {place} was of version {before} and is of version {after} now."
    console().print(said, markup=False, highlight=False, soft_wrap=True)
