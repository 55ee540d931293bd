"""The versions of the register database, and the way from one to the next (Alembic).

Here: which version a database has, and carrying out what lacks, under a lock so that two processes that start at once do it
once. Not here: the steps themselves (migrations/versions). The version stands in a table of its own name, since Dagster's
Alembic may live in the same server.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from linda_pipeline.errors import InputMistake

VERSION_TABLE = "linda_register_version"
_ONE_AT_A_TIME = 0x11DA
"""The number of the advisory lock under which PostgreSQL is upgraded."""


class RegisterNewer(InputMistake):
    """The database was upgraded by a later version of this program."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _newest() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the migrations of the register are not installed with the program"
    return head


NEWEST = _newest()


def version_of(connection: Connection) -> str | None:
    """The version of the register in a database; None where it holds no register."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def upgrade(connection: Connection) -> None:
    """Carry out the migrations that lack, all or none. Raises RegisterNewer."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # Altering a table in SQLite means copying it; with foreign keys on, dropping the old one would delete its children.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    try:
        with connection.begin():
            if not is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
            config = _config()
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise RegisterNewer(
                    f"The register is of a version that this program does not know ({error}). Upgrade the program."
                ) from None
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                assert not broken, f"the upgrade would leave rows without what they refer to: {broken[:3]}"
    finally:
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
