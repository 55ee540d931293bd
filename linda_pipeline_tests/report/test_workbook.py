"""The workbook: a sheet per rule with every finding or as many as fit, names that a spreadsheet takes, nothing that runs."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from linda_pipeline.report import read_figures
from linda_pipeline.report.spreadsheet import LONGEST_TEXT
from linda_pipeline.report.workbook import write_workbook
from linda_pipeline_tests.report.made_findings import Made, made_cdrs, made_rules

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HEAD_ROWS = 6


def book(made: Made, path: Path, **more: int) -> dict[str, list[list[str]]]:
    """The workbook of a delivery, written and read back: by sheet, its rows of texts."""
    rules, delivery = made_rules(), made.write()
    figures = read_figures(made.lake, delivery, cpo_name="Voorbeeld Laden B.V.", rules=rules)
    write_workbook(path, made.lake, delivery, figures, rules, **more)
    with zipfile.ZipFile(path) as file:
        names = [
            one.get("name", "") for one in ElementTree.fromstring(file.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        assert not [name for name in file.namelist() if "vba" in name.lower() or "externalLink" in name]
        sheets = [file.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
    assert all(b"<f>" not in sheet for sheet in sheets), "a formula"
    assert all(b"<autoFilter" in sheet and b"<pane" in sheet for sheet in sheets)
    return {name: _rows(sheet) for name, sheet in zip(names, sheets, strict=True)}


def _rows(sheet: bytes) -> list[list[str]]:
    return [
        ["".join(cell.itertext()) for cell in row.iter(f"{_MAIN}c")]
        for row in ElementTree.fromstring(sheet).iter(f"{_MAIN}row")
    ]


def test_every_finding_stands_on_the_sheet_of_its_rule(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path / "lake", 2_000, 300)
    sheets = book(made, tmp_path / "findings.xlsx")
    overview, *others = sheets
    assert overview == "Overzicht - Overview"
    assert set(others) == {one["rule"] for one in made.findings}
    for name in others:
        ids = [row[0] for row in sheets[name][_HEAD_ROWS - 1 :]]
        assert ids == [one["id"] for one in made.findings if one["rule"] == name]


def test_a_sheet_that_is_full_says_how_many_there_are(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path / "lake", 4_000, 1_500)
    counted = sum(one["rule"] == "postal_code_format" for one in made.findings)
    assert counted > 500
    sheet = book(made, tmp_path / "findings.xlsx", max_rows=500)["postal_code_format"]
    assert len(sheet) == _HEAD_ROWS - 1 + 500
    assert sheet[3] == [f"getoond 500 van {counted:,}".replace(",", ".") + f" · shown 500 of {counted:,}"]


def test_names_of_sheets_are_short_and_differ_also_where_rules_begin_alike(tmp_path: Path) -> None:
    made = Made(made_cdrs(tmp_path / "lake", 0, 0).lake)
    made.count("cdrs", 3)
    rules = [
        "a_rule_with_a_name_that_is_far_too_long_for_a_sheet",
        "a_rule_with_a_name_that_is_far_too_long_indeed",
        "Short",
    ]
    for number, rule in enumerate([*rules, "short"]):
        made.find(rule, "warning", f"CDR-{number}", 1, number, path="id", value="x")
    made.find("short", "info", "CDR-0", 1, 0, path="id", value="x")
    names = list(book(made, tmp_path / "findings.xlsx"))
    assert len(names) == 6
    assert len({name.lower() for name in names}) == 6
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


def test_what_a_cpo_sent_stays_text_and_is_cut_where_a_cell_is_full(tmp_path: Path) -> None:
    made = Made(made_cdrs(tmp_path / "lake", 0, 0).lake)
    made.count("cdrs", 4, rejected=4)
    values = ['=HYPERLINK("http://evil.example")', "https://evil.example", "0012", "x" * (LONGEST_TEXT + 10)]
    for number, value in enumerate(values):
        made.find("currency_unknown_value", "error", f"CDR-{number}", 1, number, path="currency", value=value)
    path = tmp_path / "findings.xlsx"
    rows = book(made, path)["currency_unknown_value"][_HEAD_ROWS - 1 :]
    assert [row[2] for row in rows] == [value[:LONGEST_TEXT] for value in values]
    with zipfile.ZipFile(path) as file:
        assert not [name for name in file.namelist() if name.endswith("sheet2.xml.rels")], "a link out of the workbook"


def test_a_delivery_without_findings_gives_an_overview_alone(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path / "lake", 0, 0)
    made.findings.clear()
    assert list(book(made, tmp_path / "findings.xlsx")) == ["Overzicht - Overview"]
