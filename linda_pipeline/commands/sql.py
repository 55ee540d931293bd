"""`linda sql`: the lake asked in SQL, read-only."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from linda_pipeline.commands.screen import console
from linda_pipeline.settings import read_settings
from linda_pipeline.storage.lake import Lake
from linda_pipeline.warehouse.sql import open_readonly


def sql(
    query: Annotated[str | None, typer.Argument(help="A query; without it, one per line from standard input.")] = None,
) -> None:
    """Ask the lake in SQL (DuckDB, read-only)."""
    out = console()
    connection = open_readonly(Lake(read_settings().lake))
    for one in [query] if query else sys.stdin:
        if one.strip():
            out.print(str(connection.sql(one)), markup=False, highlight=False)
