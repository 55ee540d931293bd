"""findings.xlsx: the findings for who works in a spreadsheet, one sheet per rule, with filters.

Here: the workbook, written row by row at flat memory, with the same bytes for the same input. Not here: the sentences;
findings.csv has every row, also of what is too long for a sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from linda_pipeline.quality.rule import Rule, Severity
from linda_pipeline.report.figures import ReportFigures, RuleFindings
from linda_pipeline.report.record_batches import FINDING_COLUMNS, batches
from linda_pipeline.report.spreadsheet import LONGEST_TEXT
from linda_pipeline.storage.lake import Delivery, Lake

MAX_ROWS = 50_000
"""Findings on one sheet."""
MADE_AT = datetime(2026, 1, 1)
"""A workbook says when it was made; this one always says the same, so that equal input gives equal bytes."""
_LONGEST_NAME = 31
_COLUMNS = (("id", 38), ("path", 44), ("value", 44), ("page", 15), ("position", 19))
_HEADERS = ("id", "path", "gevonden / found", "pagina / page", "positie / position")
_HEADER_ROW = 5
_BATCH_ROWS = 1 << 14
_SEVERITIES = {Severity.ERROR: "afkeuring / error", Severity.WARNING: "waarschuwing / warning", Severity.INFO: "info"}


def write_workbook(
    path: Path,
    lake: Lake,
    delivery: Delivery,
    figures: ReportFigures,
    rules: Mapping[str, Rule],
    max_rows: int = MAX_ROWS,
) -> None:
    """Write findings.xlsx; a sheet shows at most `max_rows` findings and says how many there are."""
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties({"title": f"LINDA {delivery.id}", "created": MADE_AT})
    formats = {
        "bold": book.add_format({"bold": True}),
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#F3F5F8"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "sentence": book.add_format({"indent": 1}),
        "text": book.add_format({"num_format": "@"}),  # a cell that is edited stays text too: =1+1 never becomes 2
        "link": book.add_format({"font_color": "#01509B", "underline": 1}),
    }
    names = _sheet_names(figures.defects)
    _overview(book, figures, rules, names, formats, max_rows)
    sheets = {
        (defect.object, defect.rule, defect.severity.value): _sheet(book, defect, rules, name, formats, max_rows)
        for defect, name in zip(figures.defects, names, strict=True)
    }
    rows = dict.fromkeys(sheets, 0)
    for table in batches(lake.table("findings", delivery), FINDING_COLUMNS, _BATCH_ROWS):
        columns = {name: table[name].to_pylist() for name in FINDING_COLUMNS}
        keys = zip(columns["object"], columns["rule"], columns["severity"], strict=True)
        for number, key in enumerate(keys):
            row = rows[key]
            if row < max_rows:
                values = [columns[name][number] for name, _ in _COLUMNS]
                _row(sheets[key], _HEADER_ROW + 1 + row, values, formats["text"])
                rows[key] = row + 1
    book.close()


def _row(sheet: Any, row: int, values: Sequence[Any], text: Any) -> None:
    for column, value in enumerate(values):
        if value is None:
            continue
        if isinstance(value, str):
            sheet.write_string(row, column, value[:LONGEST_TEXT], text)
        else:
            sheet.write_number(row, column, value)


def _sheet_names(defects: Sequence[RuleFindings]) -> list[str]:
    """A name per sheet: the rule's own, cut and numbered where a spreadsheet would refuse it."""
    names: list[str] = []
    taken: set[str] = set()
    for defect in defects:
        wanted = name = defect.rule[:_LONGEST_NAME]
        number = 2
        while name.lower() in taken:
            name = f"{wanted[: _LONGEST_NAME - len(str(number)) - 1]}~{number}"
            number += 1
        taken.add(name.lower())
        names.append(name)
    return names


def _overview(
    book: Any,
    figures: ReportFigures,
    rules: Mapping[str, Rule],
    names: Sequence[str],
    formats: Mapping[str, Any],
    max_rows: int,
) -> None:
    sheet = book.add_worksheet("Overzicht - Overview")
    for column, width in enumerate((54, 24, 10, 23, 25, 70, 70)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, f"LINDA · {figures.cpo_name} · {figures.judgement.delivery.id}", formats["bold"])
    sheet.write_string(
        1,
        0,
        "Elke regel heeft een eigen blad. De uitleg staat in rapport.html; alle bevindingen in één tabel in bevindingen.csv.",
    )
    sheet.write_string(
        2,
        0,
        "Each rule has its own sheet. The explanation is in report.html; all findings in one table are in findings.csv.",
    )
    heads = (
        "regel / rule",
        "zwaarte / severity",
        "records",
        "bevindingen / findings",
        "op het blad / on the sheet",
        "Nederlands",
        "English",
    )
    for column, head in enumerate(heads):
        sheet.write_string(4, column, head, formats["head"])
    for number, (defect, name) in enumerate(zip(figures.defects, names, strict=True)):
        row = 5 + number
        rule = rules.get(defect.key)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], defect.key)
        sheet.write_string(row, 1, _SEVERITIES[defect.severity])
        for column, value in enumerate((defect.records, defect.findings, min(defect.findings, max_rows)), start=2):
            sheet.write_number(row, column, value, formats["number"])
        if rule is not None:
            sheet.write_string(row, 5, rule.nl, formats["sentence"])
            sheet.write_string(row, 6, rule.en, formats["sentence"])
    _fit_for_print(sheet, 4)
    sheet.freeze_panes(5, 1)
    sheet.autofilter(4, 0, 4 + max(1, len(names)), len(heads) - 1)


def _sheet(
    book: Any, defect: RuleFindings, rules: Mapping[str, Rule], name: str, formats: Mapping[str, Any], max_rows: int
) -> Any:
    """A rule's sheet with its head; its findings follow."""
    sheet = book.add_worksheet(name)
    for column, (_, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
    rule = rules.get(defect.key)
    shown = min(defect.findings, max_rows)
    sheet.write_string(0, 0, f"{rule.nl} {rule.fix_nl}" if rule else defect.rule, formats["bold"])
    sheet.write_string(1, 0, f"{rule.en} {rule.fix_en}" if rule else "", formats["bold"])
    sheet.write_string(2, 0, f"{defect.key}, {_SEVERITIES[defect.severity]}")
    sheet.write_string(
        3, 0, f"getoond {_nl(shown)} van {_nl(defect.findings)} · shown {shown:,} of {defect.findings:,}"
    )
    for column, head in enumerate(_HEADERS):
        sheet.write_string(_HEADER_ROW, column, head, formats["head"])
    _fit_for_print(sheet, _HEADER_ROW)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A{_HEADER_ROW + 2}:C{_HEADER_ROW + 1 + max(1, shown)}"})
    sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(1, shown), len(_COLUMNS) - 1)
    return sheet


def _fit_for_print(sheet: Any, header_row: int) -> None:
    """All columns on one page, with the header on each."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)


def _nl(number: int) -> str:
    return f"{number:,}".replace(",", ".")
