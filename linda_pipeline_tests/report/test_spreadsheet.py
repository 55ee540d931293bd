"""What people open by a double click: nothing runs, whatever their spreadsheet takes for a separator; also in LibreOffice."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linda_pipeline.report import write_report
from linda_pipeline.report.spreadsheet import csv_writer, for_people, harmless, write_dutch_csv
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.made_findings import Made, made_rules

HOSTILE = (
    *(
        "=1+1",
        " =1+1",
        '"=1+1"',
        "\u00a0=1+1",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\u2028=1+1",
        "\t=1+1",
        "a\n=1+1",
        "a\r=1+1",
    ),
    *("A;=1+1;B", "A,=1+1,B", "A\t=1+1\tB", "A|=1+1", '";=1+1;"', 'A;"=1+1"', 'A,"=1+1', '""";=1+1', "A;;=1+1", "x|@a"),
    *("@SUM(A1)", "+1+1", "-1-1", "|calc", "＝1+1", "＋1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example")'),
)
NUMBERS = ("-0,5", "-0.5", "+31612345678", "-1e-3", "5.863410, -51.8", "0012", "1.234,56")
_FORMULA = re.compile(r"^[\s\"\u200b\ufeff\u2028\u00a0]*[=+\-@|＝＋－＠]")
_NUMBER = re.compile(r"^[\s\"]*[+-]?[0-9][0-9.,]*([eE][+-]?[0-9]+)?[\s\"]*$")  # the quotes are those around a text
TEXTS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    st.text(alphabet="=+-@|;,\"' \t\r\n\u200b\ufeff\u00a0A1"),
    st.sampled_from(HOSTILE),
)


def runs(cell: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula."""
    return bool(_FORMULA.match(cell)) and not _NUMBER.match(cell)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(list(HOSTILE))
@example(["-0|", '-0"', "-0;", "-1, 2"])
def test_no_cell_runs_by_whatever_separator_the_table_is_read(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("table") / "table.csv"
    table = pa.table({"kind": ["cdr"] * len(texts), "text": for_people(pa.array(texts, pa.string()))})
    with csv_writer(path, table.schema, delimiter=";") as writer:
        writer.write_table(table)
    content = path.read_text(encoding="utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(content), delimiter=";")][1:] == table["text"].to_pylist()
    for separator in ";,|\t":
        cells = [cell for row in csv.reader(io.StringIO(content), delimiter=separator) for cell in row]
        assert not [cell for cell in cells if runs(cell)]


@pytest.mark.parametrize(
    "text", [*NUMBERS, "Dorpsstraat 12", "NL*ABC*E1", "Súdwest-Fryslân", "1 - 2", "a = b", "'", ""]
)
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert for_people(pa.array([text, None], pa.string())).to_pylist() == [text, None]


@given(st.lists(st.none() | TEXTS, max_size=5))
def test_a_column_is_guarded_as_each_of_its_texts_is(texts: list[str | None]) -> None:
    guarded = for_people(pa.chunked_array([pa.array(texts, pa.string())])).to_pylist()
    assert guarded == [None if text is None else harmless(text) for text in texts]


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write_dutch_csv(tmp_path / "leeg.csv", ("naam", "aantal"), [])
    assert (tmp_path / "leeg.csv").read_text(encoding="utf-8-sig") == '"naam";"aantal"\n'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that starts LibreOffice, with settings of its own."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    return [program, f"-env:UserInstallation=file://{tmp_path_factory.mktemp('office')}", "--headless"]


def cells_of(path: Path, folder: Path, office: list[str], separator: str = ";") -> tuple[list[str], list[str]]:
    """A file opened by LibreOffice with Dutch settings: the formulas that it holds, and all that it shows."""
    # Separator, quote, UTF-8, first line, Dutch, quoted text is not kept text, numbers detected, formulas evaluated.
    options = f"{ord(separator)},34,76,1,,1043,false,true,false,false,false,-1,true"
    command = [*office, "--convert-to", "xlsx"]
    if path.suffix == ".csv":
        command.append(f"--infilter=Text - txt - csv (StarCalc):{options}")
    outcome = subprocess.run(
        [*command, "--outdir", str(folder), str(path)], capture_output=True, timeout=180, check=False
    )
    converted = folder / f"{path.stem}.xlsx"
    assert converted.exists(), outcome.stderr
    with zipfile.ZipFile(converted) as file:
        sheets = [file.read(name).decode() for name in file.namelist() if name.startswith("xl/worksheets/sheet")]
        texts = re.findall(r"<t[ >][^<]*", file.read("xl/sharedStrings.xml").decode())
    return [formula for sheet in sheets for formula in re.findall(r"<f[ >][^<]*", sheet)], texts


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report of a delivery in which every hostile text was found."""
    made = Made(Lake(tmp_path / "lake"))
    texts = [*HOSTILE, *NUMBERS]
    made.count("cdrs", len(texts), rejected=len(texts))
    for number, text in enumerate(texts):
        made.find("postal_code_format", "error", text, 1, number, path=text, value=text)
    with made.lake.transaction() as transaction:
        write_report(made.lake, made.write(), cpo_name="x", transaction=transaction, rules=made_rules())
    return made.lake.report(made.delivery)


@pytest.mark.parametrize("separator", [";", ","])
def test_libreoffice_finds_no_formula_in_bevindingen_csv(
    report: Path, tmp_path: Path, office: list[str], separator: str
) -> None:
    formulas, texts = cells_of(report / "bevindingen.csv", tmp_path, office, separator)
    assert formulas == []
    assert any("postal_code_format" in text for text in texts)


def test_libreoffice_finds_no_formula_in_the_workbook_and_every_value_as_it_was_sent(
    report: Path, tmp_path: Path, office: list[str]
) -> None:
    formulas, texts = cells_of(report / "findings.xlsx", tmp_path, office)
    assert formulas == []
    assert any("=1+1" in text for text in texts)


def test_libreoffice_would_have_found_a_formula(tmp_path: Path, office: list[str]) -> None:
    path = tmp_path / "unguarded.csv"
    path.write_text('"a";"A;=1+1"\n"b";=1+1\n', encoding="utf-8-sig")
    formulas, _ = cells_of(path, tmp_path / "opened", office)
    assert formulas
