"""Where Dagster keeps its history: SQLite files in a folder, or PostgreSQL where LINDA_POSTGRES_URL is set.

Here: the choice, made once for `dagster dev`, the daemon, the webserver and `linda run` alike; dagster.yaml names this
class, so that nobody edits a file. Not here: the data of the portal, which never go there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.settings import read_settings

VARIABLE = "LINDA_POSTGRES_URL"
_DRIVER = "postgresql+psycopg2"
_SCHEMES = ("postgres", "postgresql", _DRIVER)


class StorageUnusable(InputMistake):
    """LINDA_POSTGRES_URL cannot be used; the message says how it is written, and never repeats it."""


def with_driver(address: str) -> str:
    """The server's address as LINDA_POSTGRES_URL tells it, with the driver that is installed. Raises StorageUnusable."""
    scheme, separator, rest = address.partition("://")
    try:
        host = urlsplit(f"//{rest}").hostname
    except ValueError:
        host = None
    if scheme not in _SCHEMES or not separator or not (host or "host=" in rest):
        raise StorageUnusable(
            f"{VARIABLE} is no address of a PostgreSQL server. Write it as postgresql://user:password@host:5432/database, "
            "or leave it out to keep the history in SQLite files."
        )
    return f"{_DRIVER}://{rest}"


class PortalStorage(DagsterSqliteStorage):
    """Runs, events and schedules in one place, chosen by the environment of the process that opens it.

    What dagster.yaml names is this class; what is opened is one of Dagster's own. Dagster's own switches cannot choose: `env:`
    fills only a value, not which storage there is; and its PostgreSQL storage neither knows the driver that is installed nor
    tries a kept connection before it uses it.
    """

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """Open the storage that the environment names; `base_dir` is the folder of the SQLite files. Raises StorageUnusable."""
        address = read_settings().postgres_url
        if address is None:
            return DagsterSqliteStorage.from_local(config_value["base_dir"], inst_data)
        url = with_driver(address)
        try:
            from dagster_postgres import DagsterPostgresStorage
            from dagster_postgres.utils import DagsterPostgresException
        except ModuleNotFoundError:
            raise StorageUnusable(
                f"{VARIABLE} is set, but dagster-postgres is not installed. Install linda-pipeline[portal]."
            ) from None
        _ask_before_use()
        try:
            return DagsterPostgresStorage(url)
        except (DagsterPostgresException, DatabaseError) as refused:
            raise StorageUnusable(
                f"The PostgreSQL server of {VARIABLE} cannot be used: {_why(refused)}. Start it, or mend the address; without "
                "the setting the history is kept in SQLite files."
            ) from refused


def _why(refused: BaseException) -> str:
    """The first line of what the driver says, without SQLAlchemy's words around it; it never repeats the password."""
    told = refused.__cause__ or refused
    return one_line(str(getattr(told, "orig", None) or told).strip().partition("\n")[0])


def _ask_before_use() -> None:
    """Let a kept connection be tried before it is used. The webserver keeps some, and Dagster does not try them: after a
    restart of the database its pages would answer with error 500, one for each kept connection."""
    if not event.contains(QueuePool, "checkout", _is_alive):
        event.listen(QueuePool, "checkout", _is_alive)


def _is_alive(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT 1")
    except Exception as dead:  # whatever the driver raises: SQLAlchemy then opens another connection
        raise DisconnectionError("the connection has gone") from dead
    finally:
        cursor.close()
