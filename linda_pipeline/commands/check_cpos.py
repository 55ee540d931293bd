"""`linda check-cpos`: the register of CPOs, looked through before it is used.

Here: the mistakes and warnings on the screen. Not here: what is a mistake (register.cpos).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from linda_pipeline.calendar import local_date
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import Exit
from linda_pipeline.orchestration.alerts import read_post
from linda_pipeline.register.cpos import RegisterMistake, read_register
from linda_pipeline.settings import read_settings


def check_cpos(path: Annotated[Path | None, typer.Argument(help="The register; default LINDA_CPOS.")] = None) -> None:
    """Find every mistake in your register of CPOs, one sentence each, naming block and key; and in the settings of alerts."""
    settings = read_settings()
    place = path or settings.cpos
    out, err = console(), console(stderr=True)
    try:
        register = read_register(place)
    except RegisterMistake as mistake:
        for one in mistake.mistakes:
            err.print(one, highlight=False, soft_wrap=True, markup=False)
        err.print(f"{len(mistake.mistakes)} mistake(s) in {place}.", markup=False, soft_wrap=True)
        raise typer.Exit(Exit.INPUT) from None
    read_post(settings)
    today = local_date(datetime.now(UTC))
    allowed = [cpo.key for cpo in register.values() if cpo.may_be_pulled_on(today)]
    out.print(
        f"{place}: {len(register)} CPOs, no mistakes. With a permission that is valid today: {', '.join(allowed) or 'none'}.",
        markup=False,
        soft_wrap=True,
    )
    for cpo in register.values():
        if warning := cpo.token_warning(today):
            err.print(warning, highlight=False, soft_wrap=True, markup=False)
