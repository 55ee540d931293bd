"""Registers as earlier versions left them, with rows, upgraded whole: nothing is lost and nothing lacks.

`earlier_registers/` holds a dump of a register for each version that added tables; a version adds its own and changes none.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from linda_pipeline.cases import case  # noqa: F401  (its tables belong to the register)
from linda_pipeline.register.database import DatabaseUnusable, RegisterDatabase, address_of
from linda_pipeline.register.sql_tables import Base
from linda_pipeline.register.upgrade import NEWEST

EARLIER = sorted((Path(__file__).parent / "earlier_registers").glob("*.sql"))


def restored(dump: Path, folder: Path) -> str:
    """The address of a register made of a dump."""
    with sqlite3.connect(folder / "register.sqlite") as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    return address_of(None, folder / "lake")


def rows_of(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, the version apart."""
    with sqlite3.connect(address.removeprefix("sqlite:///")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in names}


def test_the_first_version_is_kept() -> None:
    assert EARLIER[0].stem == "0001"


@pytest.mark.parametrize("dump", EARLIER, ids=lambda path: path.stem)
def test_an_earlier_register_is_upgraded_whole_with_every_row(dump: Path, tmp_path: Path) -> None:
    address = restored(dump, tmp_path)
    before = rows_of(address)
    assert RegisterDatabase.to_upgrade(address) == (dump.stem, NEWEST)
    after = rows_of(address)
    assert before.pop("linda_register_version") == [(dump.stem,)]
    assert {name for name, rows in before.items() if rows} >= {"contact", "document", "event"}
    assert {
        name: [row[: len(old)] for row, old in zip(after[name], rows, strict=True)] for name, rows in before.items()
    } == before
    database = RegisterDatabase(address)
    with database.reading() as session:
        found = inspect(session.connection())
        tables = {name: {column["name"] for column in found.get_columns(name)} for name in Base.metadata.tables}
    assert tables == {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}
    database.close()


def test_an_upgrade_leaves_a_database_of_something_else_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "register.sqlite") as connection:
        connection.execute("CREATE TABLE somebody_else (x)")
    address = address_of(None, tmp_path / "lake")
    with pytest.raises(DatabaseUnusable, match="not the register's"):
        RegisterDatabase.to_upgrade(address)
    assert list(rows_of(address)) == ["somebody_else"]
