"""A permission given, ended or signed: file and database say the same, and where one of them fails neither changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from linda_pipeline.register import permission_changes
from linda_pipeline.register.cpos import read_register
from linda_pipeline.register.cpos_file import CposFile, PermissionNotChanged
from linda_pipeline.register.database import RegisterDatabase, address_of
from linda_pipeline.register.documents import Paper, PaperRefused, papers, read_paper
from linda_pipeline.register.permission_changes import By
from linda_pipeline.register.sql_tables import Document, Event
from linda_pipeline_tests.register.test_cpos_file import GIVEN, WRITTEN

BY = By("beheerder", datetime(2026, 11, 26, 12, tzinfo=UTC), "artikel 4")
SCAN = b"%PDF-1.4\nscan\n%%EOF\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cpos.toml"
    path.write_text(WRITTEN)
    return path


@pytest.fixture
def database(tmp_path: Path) -> RegisterDatabase:
    return RegisterDatabase(address_of(None, tmp_path / "lake"))


def _events(database: RegisterDatabase) -> list[tuple[str, str, str, str | None]]:
    with database.reading() as session:
        found = session.scalars(select(Event).order_by(Event.id)).all()
        return [(one.subject_kind, one.subject_id, one.action, one.why) for one in found]


def test_a_permission_is_given_with_its_paper_and_an_event_each(path: Path, database: RegisterDatabase) -> None:
    permission_changes.give(CposFile(path), database, "NL-ABC", GIVEN, Paper("scan.pdf", SCAN), BY)
    assert [one.document for one in read_register(path)["NL-ABC"].permissions] == ["L-1", "L-2"]
    assert _events(database) == [
        ("permission", "NL-ABC/L-2", "added", "artikel 4"),
        ("document", "L-2", "kept", "artikel 4"),
    ]
    with database.reading() as session:
        kept = papers(session, ["L-1", "L-2"])
        assert list(kept) == ["L-2"]
        assert kept["L-2"].content == SCAN
        assert kept["L-2"].sha256 == Paper("", SCAN).sha256


def test_where_the_file_cannot_be_put_in_place_the_database_keeps_nothing(
    path: Path, database: RegisterDatabase
) -> None:
    file = CposFile(path)
    path.write_text(f"{WRITTEN}# intussen\n")
    with pytest.raises(PermissionNotChanged, match="somebody else"):
        permission_changes.give(file, database, "NL-ABC", GIVEN, Paper("scan.pdf", SCAN), BY)
    assert _events(database) == []
    with database.reading() as session:
        assert session.scalars(select(Document)).all() == []


def test_a_paper_that_is_refused_leaves_the_file_as_it_was(path: Path, database: RegisterDatabase) -> None:
    permission_changes.give(CposFile(path), database, "NL-ABC", GIVEN, Paper("scan.pdf", SCAN), BY)
    before = path.read_text()
    with pytest.raises(PaperRefused, match=r"L-2 is on record already: scan\.pdf of 2026-11-26.*never replaced"):
        permission_changes.give(
            CposFile(path), database, "NL-XYZ", GIVEN, Paper("other.pdf", SCAN + b"more\n%%EOF\n"), BY
        )
    assert path.read_text() == before


def test_a_permission_ends_with_an_event_that_knows_what_stood_before(path: Path, database: RegisterDatabase) -> None:
    permission_changes.end(CposFile(path), database, "NL-ABC", "L-1", date(2026, 12, 31), BY)
    assert read_register(path)["NL-ABC"].permissions[0].until == date(2026, 12, 31)
    assert _events(database) == [("permission", "NL-ABC/L-1", "ended", "artikel 4")]


def test_a_paper_is_kept_once_and_the_same_one_again_changes_nothing(path: Path, database: RegisterDatabase) -> None:
    register = read_register(path)
    assert permission_changes.sign(register, database, "L-1", Paper("scan.pdf", SCAN), BY) is True
    assert permission_changes.sign(register, database, "L-1", Paper("scan.pdf", SCAN), BY) is False
    with pytest.raises(PermissionNotChanged, match="No permission in the register has the document 'L-7'"):
        permission_changes.sign(register, database, "L-7", Paper("scan.pdf", SCAN), BY)
    assert len(_events(database)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no PDF"),
        (b"PK\x03\x04", "is no PDF"),
        (b"%PDF-1.4\n half a scan", "is a PDF without its end"),
    ],
)
def test_what_is_no_whole_pdf_is_told_with_what_to_do(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "scan.pdf").write_bytes(content)
    with pytest.raises(PaperRefused, match=told):
        read_paper(tmp_path / "scan.pdf")


def test_a_paper_that_is_not_there_or_too_large_is_told(tmp_path: Path) -> None:
    with pytest.raises(PaperRefused, match="There is no file"):
        read_paper(tmp_path / "none.pdf")
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(PaperRefused, match="is larger than 10 MB"):
        read_paper(tmp_path / "large.pdf")
