"""The register database: how it is opened, upgraded, read and written; SQLite beside the lake, or PostgreSQL.

Here: the connection, one short transaction at a time, and the sentence for everything that can be wrong with it. Not here:
what stands in it (sql_tables.py), and who reads the environment. Writers are serialised: SQLite loses updates without an error
where several processes read and then write in its driver's own transactions.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from linda_pipeline.errors import InputMistake
from linda_pipeline.register.upgrade import NEWEST, upgrade, version_of

VARIABLE = "LINDA_DATABASE_URL"
_DRIVER = "postgresql+psycopg2"
_SCHEMES = ("postgres", "postgresql", _DRIVER)
_DAMAGED = ("not a database", "malformed")
BUSY = timedelta(seconds=30)
"""So long a writer waits for another one before it gives up."""


class DatabaseUnusable(InputMistake):
    """The register database cannot be used; the message says why and what to do, and never repeats a password."""


def address_of(url: str | None, lake: Path) -> str:
    """The address as SQLAlchemy takes it: LINDA_DATABASE_URL, else register.sqlite in the folder that holds the lake.

    Raises DatabaseUnusable where the address is of no kind that the portal speaks.
    """
    if url is None:
        return f"sqlite:///{lake.absolute().parent / 'register.sqlite'}"
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and separator and rest.startswith("//"):
        return url
    try:
        host = urlsplit(f"//{rest}").hostname
    except ValueError:
        host = None
    if scheme not in _SCHEMES or not separator or not (host or "host=" in rest):
        raise DatabaseUnusable(
            f"{VARIABLE} names no database that the portal can use. Write it as "
            "postgresql://user:password@host:5432/database or sqlite:////folder/register.sqlite, or leave it out: the "
            "register then lies beside the lake."
        )
    return f"{_DRIVER}://{rest}"


class RegisterDatabase:
    """An open register. Opening it makes a fresh database whole; an older one is left for `linda register upgrade`."""

    def __init__(self, address: str, busy: timedelta = BUSY) -> None:
        self._address = address
        self._engine = _engine(address, busy)
        with _told(address):
            with self._engine.connect() as connection:
                is_fresh = not inspect(connection).get_table_names()
                found = None if is_fresh else version_of(connection)
            if is_fresh:
                self.upgrade()
            elif found != NEWEST:
                raise DatabaseUnusable(_of_another_version(self.place, found))

    @classmethod
    def to_upgrade(cls, address: str, busy: timedelta = BUSY) -> tuple[str | None, str]:
        """Bring a database to the newest version, under a lock; says the version before and after."""
        opened = cls.__new__(cls)
        opened._address, opened._engine = address, _engine(address, busy)
        with _told(address):
            with opened._engine.connect() as connection:
                before = version_of(connection)
                if before is None and inspect(connection).get_table_names():
                    raise DatabaseUnusable(_of_another_version(opened.place, None))
            opened.upgrade()
        opened.close()
        return before, NEWEST

    @property
    def place(self) -> str:
        """Where it is, for people: the file, or the server and the database without user and password."""
        return place_of(self._address)

    def upgrade(self) -> None:
        """Carry out the migrations that lack, all or none."""
        with _told(self._address), self._engine.connect() as connection:
            upgrade(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; it takes no lock and waits for no writer."""
        with _told(self._address), Session(self._engine.execution_options(linda_reads=True)) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes become visible together when the block ends well, and not at all when it raises."""
        with _told(self._address), Session(self._engine, expire_on_commit=False) as session, session.begin():
            session.connection()  # the lock first: what is read from here on is what will be changed
            yield session

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()


def _engine(address: str, busy: timedelta) -> Engine:
    milliseconds = int(busy.total_seconds() * 1000)
    if not address.startswith("sqlite"):
        return create_engine(
            address,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={milliseconds}"},
        )
    path = Path(place_of(address))
    if path.is_file() and not os.access(path, os.W_OK):
        # Reading in WAL mode writes a file beside the database; who may not write sees it as it stands.
        engine = create_engine(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true")
    else:
        engine = create_engine(address)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver's own transactions begin too late: see the module's docstring
        connection.execute(f"PRAGMA busy_timeout={milliseconds}")
        connection.execute("PRAGMA foreign_keys=ON")
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",) and os.access(path, os.W_OK):
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get("linda_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what the driver says into a sentence for the operator. Other errors, ours, pass through."""
    try:
        yield
    except DBAPIError as error:
        said = " ".join(str(error.orig).split())
        if isinstance(error, OperationalError) or any(sign in said for sign in _DAMAGED):
            raise DatabaseUnusable(_sentence(place_of(address), said)) from None
        raise


def _sentence(place: str, said: str) -> str:
    if "readonly" in said or "read-only" in said:
        return f"The register {place} can only be read by this user. Give this user the right to write the file and its folder."
    if "database is locked" in said or "lock timeout" in said:
        return (
            f"The register {place} was held by another process for more than {int(BUSY.total_seconds())} seconds. "
            "Nothing was changed; try again when that process has ended."
        )
    if "password" in said or "authentication" in said:
        return f"The register {place} refuses this user or password. Put the right ones into {VARIABLE}."
    if "disk is full" in said or "No space left" in said:
        return f"There is no space left for the register {place}. Free some and run again; nothing was changed."
    if "unable to open database file" in said:
        return f"The register {place} cannot be opened. Make its folder, or give this user the right to read it."
    if any(sign in said for sign in _DAMAGED):
        return f"The register {place} is damaged: {said}. Restore it from the newest backup."
    return f"The register {place} cannot be reached: {said}. See that the server runs, and that {VARIABLE} names it."


def _of_another_version(place: str, found: str | None) -> str:
    if found is None:
        return (
            f"The database {place} holds tables that are not the register's. Point {VARIABLE} at a database of its own, or at "
            "an empty one."
        )
    return (
        f"The register {place} is of version {found}, and this program needs {NEWEST}. Run "
        "`linda register upgrade`; where that says it is newer than the program, upgrade the program."
    )


def place_of(address: str) -> str:
    """Where an address leads, for people: the file, or the server and the database without user and password."""
    if address.startswith("sqlite:///"):
        return address.removeprefix("sqlite:///")
    try:
        parts = urlsplit(address)
        return f"{parts.hostname or 'localhost'}{parts.path}"
    except ValueError:
        return "of that address"
