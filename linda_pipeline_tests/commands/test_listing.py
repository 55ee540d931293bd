"""Listings: a table that fits the terminal and names what it left out, and JSON and CSV with all of it."""

from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from typer.testing import CliRunner

from linda_pipeline.cli import app
from linda_pipeline.commands.listing import Field, Format, number, print_listing, print_table, records
from linda_pipeline.commands.screen import console

FIELDS = (
    Field("delivery"),
    Field("begun_at", "attempt", lambda moment: f"{moment:%Y-%m-%d}", minor=True),
    number("bytes", "MB", digits=1, per=1e6, minor=True),
    number("held_back", "held back"),
    Field("why", machines_only=True),
)
MOMENT = datetime(2026, 11, 23, 3, 2, tzinfo=UTC)
ROWS = [
    ("cdrs/NL-ABC/2026-10-26", MOMENT, 4_500_000, 12_345, 'a doubt; with "quotes" and\na line'),
    ("cdrs/NL-ABC/2026-11-09", MOMENT, None, 7, None),
]


def printed(capsys: pytest.CaptureFixture[str], form: Format, rows: Sequence[tuple[object, ...]]) -> str:
    print_listing(console(), FIELDS, rows, form, title="Deliveries", none="Nothing yet.")
    return capsys.readouterr().out


def test_a_table_with_room_shows_every_column_and_says_nothing_of_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = printed(capsys, Format.TABLE, ROWS).splitlines()
    assert lines[0] == "Deliveries"
    assert lines[1].split() == ["delivery", "attempt", "MB", "held", "back"]
    assert lines[3].split() == ["cdrs/NL-ABC/2026-10-26", "2026-11-23", "4.5", "12,345"]
    assert lines[4].split() == ["cdrs/NL-ABC/2026-11-09", "2026-11-23", "7"]
    assert len(lines) == 5


def test_what_is_the_same_in_all_rows_makes_room_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "45")
    told = printed(capsys, Format.TABLE, ROWS)
    assert "In all rows: attempt 2026-11-23." in told
    assert "Left out" not in told


def test_what_finds_no_room_is_named_minor_columns_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "34")
    told = " ".join(printed(capsys, Format.TABLE, ROWS).split())
    assert "Left out, since the terminal is 34 wide: MB." in told
    assert "12,345" in told


def test_csv_has_every_column_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, Format.CSV, ROWS)
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == [
        {"delivery": ROWS[0][0], "begun_at": "2026-11-23T03:02:00Z", "bytes": "4500000", "held_back": "12345",
         "why": ROWS[0][4]},
        {"delivery": ROWS[1][0], "begun_at": "2026-11-23T03:02:00Z", "bytes": "", "held_back": "7", "why": ""},
    ]  # fmt: skip
    assert text.count("\r\n") == 3


def test_json_has_every_column_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(printed(capsys, Format.JSON, ROWS))
    assert [list(one) for one in told] == [[field.name for field in FIELDS]] * 2
    assert told[0]["bytes"] == 4_500_000
    assert told[1]["why"] is None


def test_no_rows_are_a_sentence_or_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, Format.TABLE, []) == "Nothing yet.\n"
    assert json.loads(printed(capsys, Format.JSON, [])) == []
    assert printed(capsys, Format.CSV, []).strip() == "delivery,begun_at,bytes,held_back,why"


def test_moments_days_lists_and_truths_are_written_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    fields = [Field(name) for name in "abcd"]
    print_listing(console(), fields, [(date(2026, 1, 2), [1, {"x": MOMENT}], True, 0.1)], Format.CSV, title="", none="")
    row = next(csv.reader(io.StringIO(capsys.readouterr().out.split("\r\n", 1)[1])))
    assert row == ["2026-01-02", '[1, {"x": "2026-11-23T03:02:00Z"}]', "true", "0.1"]


def test_rows_one_below_the_other_keep_the_lines_of_a_text() -> None:
    told = list(records(["kpi_id", "sql"], [("occupancy", "SELECT 1\n  AS a")], 80))
    assert told[1:] == ["kpi_id  occupancy", "sql:", "  SELECT 1", "    AS a"]


NAMES = st.lists(st.text(string.ascii_lowercase + "_", min_size=1, max_size=20), min_size=1, max_size=12, unique=True)


@given(data=st.data(), names=NAMES, width=st.integers(24, 130))
def test_every_table_fits_and_every_column_is_shown_or_named(data: st.DataObject, names: list[str], width: int) -> None:
    value = st.one_of(st.none(), st.text(max_size=60), st.integers())
    rows = data.draw(st.lists(st.tuples(*[value] * len(names)), min_size=1, max_size=4))
    out = console()
    out.width = width
    with out.capture() as captured:
        print_table(out, [Field(name) for name in names], rows, "All is elsewhere.")
    text = captured.get()
    assert all(cell_len(line) <= width for line in text.splitlines())
    together = "".join(text.split())
    heads = "".join(sign for sign in together if sign not in "─")
    for name in names:
        parts = [part for part in name.replace("_", "_ ").split() if part]
        assert all(part in heads for part in parts)


@pytest.mark.parametrize(("command", "key"), [("rules", "id"), ("kpis", "id"), ("columns", "name")])
def test_what_docs_hold_is_listed_for_machines_and_as_a_table_too(
    command: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = json.loads(CliRunner().invoke(app, [command, "--format", "json"]).stdout)
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, [command, "--format", "csv"]).stdout)))
    assert len(told) > 5
    assert [one[key] for one in told] == [row[key] for row in rows]
    table = CliRunner().invoke(app, [command, "--format", "table"]).stdout.splitlines()
    assert max(map(len, table)) <= 80
    assert len(table) >= len(told)
    assert CliRunner().invoke(app, [command]).stdout.startswith("# ")
