"""The register database: fresh, upgraded, written by several processes at once, and everything that can be wrong with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select

from linda_pipeline.cases import case  # noqa: F401  (its tables belong to the register)
from linda_pipeline.location_desk.location_report import LocationReport
from linda_pipeline.post.mail_table import Mail
from linda_pipeline.register.database import DatabaseUnusable, RegisterDatabase, address_of
from linda_pipeline.register.events import events_of, note
from linda_pipeline.register.sql_tables import Base, Event
from linda_pipeline.register.upgrade import NEWEST
from linda_pipeline_tests.postgres_server import running_server

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_server() as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield address_of(None, tmp_path / "lake")
        return
    url: str = request.getfixturevalue("postgres")
    name = f"register_{abs(hash(tmp_path))}"
    _psql(url, f"CREATE DATABASE {name}")
    yield address_of(url.replace("/postgres?", f"/{name}?"), tmp_path)
    _psql(url, f"DROP DATABASE {name} WITH (FORCE)")


def _psql(url: str, statement: str) -> None:
    engine = create_engine(address_of(url, Path()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _add_events(address: str, count: int) -> None:
    database = RegisterDatabase(address)
    for _ in range(count):
        with database.writing() as session:
            newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).first()
            number = int(newest.details["number"]) + 1 if newest else 1
            note(session, NOON, "test", "counted", "counter", "1", number=number)
    database.close()


def test_a_fresh_database_is_made_whole_and_its_tables_are_those_that_are_declared(address: str) -> None:
    RegisterDatabase(address).close()
    database = RegisterDatabase(address)
    with database.reading() as session:
        bind = session.connection()
        assert {Mail.__tablename__, LocationReport.__tablename__} <= Base.metadata.tables.keys(), (
            "each room's tables are declared where they are imported"
        )
        declared = {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}
        assert declared
        found = {
            name: {column["name"] for column in inspect(bind).get_columns(name)}
            for name in inspect(bind).get_table_names()
            if name != "linda_register_version"
        }
        assert found == declared
    database.close()


def test_a_moment_comes_back_in_utc_and_details_as_they_were(address: str) -> None:
    database = RegisterDatabase(address)
    local = datetime.fromisoformat("2026-11-26T13:00:00+01:00")
    with database.writing() as session:
        note(session, local, "anna", "added", "contact", 7, "because", role="ndw")
    with database.reading() as session:
        (event,) = events_of(session, "contact", 7)
        assert (event.at, event.actor, event.why, event.details) == (NOON, "anna", "because", {"role": "ndw"})
    database.close()


def test_what_raises_leaves_nothing_behind(address: str) -> None:
    database = RegisterDatabase(address)
    with contextlib.suppress(ZeroDivisionError), database.writing() as session:
        note(session, NOON, "test", "added", "contact", 1)
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert events_of(session, "contact", 1) == []
    database.close()


def test_four_processes_that_read_and_then_write_lose_no_update(address: str) -> None:
    if not address.startswith("sqlite"):
        pytest.skip(
            "PostgreSQL's READ COMMITTED lets two readers count the same number: rows that are changed are locked"
        )
    RegisterDatabase(address).close()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_add_events, args=(address, 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    database = RegisterDatabase(address)
    with database.reading() as session:
        numbers = [event.details["number"] for event in events_of(session, "counter", 1)]
    database.close()
    assert sorted(numbers) == list(range(1, 101))


def test_two_processes_that_open_a_fresh_database_at_once_both_can(address: str) -> None:
    code = f"from linda_pipeline.register.database import RegisterDatabase; RegisterDatabase({address!r})"
    both = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said


def test_a_writer_that_waits_too_long_says_who_holds_it_and_that_nothing_changed(tmp_path: Path) -> None:
    address = address_of(None, tmp_path / "lake")
    holder, other = RegisterDatabase(address), RegisterDatabase(address, busy=timedelta(milliseconds=50))
    with holder.writing() as session:
        note(session, NOON, "test", "added", "contact", 1)
        with pytest.raises(DatabaseUnusable, match="held by another process"), other.writing():
            pass
        with other.reading() as reader:  # a reader waits for nobody
            assert events_of(reader, "contact", 1) == []


def test_a_wrong_password_is_one_sentence_that_does_not_repeat_it(tmp_path: Path) -> None:
    with running_server() as server:
        (server.folder / "pg" / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        server.stop()
        server.start()
        with pytest.raises(DatabaseUnusable) as told:
            RegisterDatabase(address_of(f"postgresql://linda:geheim@/postgres?host={server.folder}", tmp_path))
    assert "refuses this user or password" in str(told.value)
    assert "geheim" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    ["mysql://a/b", "postgresql://", "sqlite:///relative.db", "postgresql://[half/x", "register.sqlite", "sqlite://"],
)
def test_an_address_that_is_none_says_how_it_is_written(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="LINDA_DATABASE_URL names no database"):
        address_of(url, tmp_path)


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(DatabaseUnusable, match="damaged"):
        RegisterDatabase(address_of(None, tmp_path / "lake"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="Make its folder"):
        RegisterDatabase(address_of(None, tmp_path / "no" / "lake"))


def test_a_server_that_does_not_run_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable) as told:
        RegisterDatabase(address_of("postgresql://linda:geheim@127.0.0.1:1/register", tmp_path))
    assert "127.0.0.1/register cannot be reached" in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "register.sqlite") as connection:
        connection.execute("CREATE TABLE somebody_else (x)")
    with pytest.raises(DatabaseUnusable, match="not the register's"):
        RegisterDatabase(address_of(None, tmp_path / "lake"))


def test_an_older_database_waits_for_the_upgrade_and_a_newer_one_for_the_program(tmp_path: Path) -> None:
    import sqlite3

    address = address_of(None, tmp_path / "lake")
    RegisterDatabase(address).close()
    with sqlite3.connect(tmp_path / "register.sqlite") as connection:
        connection.execute("UPDATE linda_register_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="linda register upgrade"):
        RegisterDatabase(address)
    with pytest.raises(Exception, match="Upgrade the program"):
        RegisterDatabase.to_upgrade(address)
    with sqlite3.connect(tmp_path / "register.sqlite") as connection:
        connection.execute("UPDATE linda_register_version SET version_num = ?", (NEWEST,))
    assert RegisterDatabase.to_upgrade(address) == (NEWEST, NEWEST)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, who may not write the file")
def test_a_register_that_may_only_be_read_can_be_read_and_says_so_to_a_writer(tmp_path: Path) -> None:
    address = address_of(None, tmp_path / "lake")
    database = RegisterDatabase(address)
    with database.writing() as session:
        note(session, NOON, "test", "added", "contact", 1)
    database.close()
    code = (
        "import os, sqlite3, sqlalchemy.dialects.sqlite; from datetime import datetime, UTC\n"
        "from linda_pipeline.register.database import RegisterDatabase\n"
        "from linda_pipeline.register.events import events_of, note\n"
        "from linda_pipeline.register.upgrade import NEWEST\n"
        "os.setgid(65534); os.setuid(65534)\n"
        f"database = RegisterDatabase({address!r})\n"
        "with database.reading() as session: print(len(events_of(session, 'contact', 1)))\n"
        "try:\n    with database.writing() as session: note(session, datetime.now(UTC), 'x', 'y', 'z', 1)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    count, sentence = done.stdout.strip().split("\n")
    assert count == "1"
    assert sentence.startswith("DatabaseUnusable The register")
    assert "can only be read by this user" in sentence
