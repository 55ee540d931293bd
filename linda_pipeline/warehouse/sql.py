"""linda.duckdb opened to be read, from any folder.

Here: the connection of `linda sql` and of whoever reads the database in Python. Not here: how the database is made.
"""

from __future__ import annotations

import duckdb

from linda_pipeline.errors import InputMistake
from linda_pipeline.storage.engine import prepare
from linda_pipeline.storage.lake import Lake


class NoDatabase(InputMistake):
    """There is no linda.duckdb yet: the message says how to make it."""


def open_readonly(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the lake's database, with moments in UTC and the view `cdrs` found. Raises NoDatabase."""
    if not lake.database.exists():
        raise NoDatabase(f"There is no {lake.database.name} in {lake.root} yet. Run linda run or linda demo first.")
    connection = duckdb.connect(str(lake.database), read_only=True)
    prepare(connection, lake.root)
    return connection
