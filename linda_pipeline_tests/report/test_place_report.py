"""The reports for NAL regions and data owners: each its own figures, added up; incomplete ones not counted."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.register.cpos import slug
from linda_pipeline.report.place_report import gathered, write_regions
from linda_pipeline_tests.report.made_findings import made_rules

WINDOW = date(2026, 11, 9)
ONE = PlaceFigures(
    module="cdrs",
    window=WINDOW,
    complete=True,
    kind="cdrs",
    cpo="NL-ABC",
    cpo_name="ABC Laden",
    owner="Gemeente Zonnestad",
    nal_region="Zuid",
    gemeente="GM9901",
    accepted=90,
    rejected=10,
    held_back=0,
    rules={"postal_code_format": 9, "unknown_rule": 2},
)
FIGURES = [
    ONE,
    replace(ONE, cpo="NL-DEF", cpo_name="<b>DEF</b>", accepted=50, rejected=25, rules={"postal_code_format": 25}),
    replace(
        ONE, cpo="NL-XYZ", cpo_name="XYZ", complete=False, accepted=1000, rejected=999, rules={"address_format": 999}
    ),
    replace(ONE, nal_region="Noord", owner=None, gemeente=None, accepted=7, rejected=0, rules={}),
    replace(
        ONE, nal_region=None, owner="’s-Gravenhage / Ypenburg", accepted=0, rejected=1, rules={"postal_code_format": 1}
    ),
]
NAMES = {"GM9901": "Zonnestad"}


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """The folder of each reader, by name."""
    return {path.name: path for path in write_regions(tmp_path, FIGURES, made_rules(), NAMES)}


def lines(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """A table as a reader opens it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_there_is_a_folder_per_region_and_per_owner(folders: dict[str, Path]) -> None:
    assert set(folders) == {
        *("nal-regio-noord", "nal-regio-zuid"),
        *("eigenaar-gemeente-zonnestad", "eigenaar-s-gravenhage-ypenburg"),
    }
    files = ["aantallen.csv", "afkeuringen.csv", "defects.csv", "figures.csv", "rapport.html", "report.html"]
    assert all(sorted(path.name for path in folder.iterdir()) == files for folder in folders.values())


def test_a_reader_sees_no_figures_of_another(folders: dict[str, Path]) -> None:
    north = lines(folders["nal-regio-noord"] / "figures.csv")
    assert [(one["nal_region"], one["received"], one["gemeente"]) for one in north] == [("Noord", "7", "")]
    assert "DEF" not in (folders["nal-regio-noord"] / "rapport.html").read_text(encoding="utf-8")


def test_the_page_adds_up_what_is_complete_and_names_what_is_not(folders: dict[str, Path]) -> None:
    page = (folders["nal-regio-zuid"] / "report.html").read_text(encoding="utf-8")
    assert "Of 175 CDRs, 35 were rejected." in page
    assert "XYZ (9 November 2026)" in page
    assert "999" not in page
    assert "<b>DEF" not in page
    assert "&lt;b&gt;DEF" in page


def test_the_table_of_defects_counts_by_cpo_and_leaves_incomplete_deliveries_out(folders: dict[str, Path]) -> None:
    found = lines(folders["nal-regio-zuid"] / "defects.csv")
    assert [(one["cpo"], one["rule"], one["rejected"]) for one in found] == [
        ("NL-ABC", "postal_code_format", "9"),
        ("NL-ABC", "unknown_rule", "2"),
        ("NL-DEF", "postal_code_format", "25"),
    ]
    assert found[0]["message_en"] == "The postal code is not in the form 1111 AA."
    assert found[1]["message_en"] == ""


def test_a_dutch_spreadsheet_opens_the_same_figures(folders: dict[str, Path]) -> None:
    exact, dutch = (
        lines(folders["nal-regio-zuid"] / "figures.csv"),
        lines(folders["nal-regio-zuid"] / "aantallen.csv", ";"),
    )
    assert [(one["cpo"], one["rejected"]) for one in exact] == [(one["cpo"], one["afgekeurd"]) for one in dutch]
    assert [one["compleet"] for one in dutch] == ["ja", "ja", "nee"]
    assert (dutch[0]["soort"], dutch[0]["naam van de cpo"], dutch[0]["gemeente"]) == ("CDR's", "ABC Laden", "Zonnestad")
    exact, dutch = (
        lines(folders["nal-regio-zuid"] / "defects.csv"),
        lines(folders["nal-regio-zuid"] / "afkeuringen.csv", ";"),
    )
    assert [(one["rule"], one["rejected"]) for one in exact] == [(one["regel"], one["afgekeurd"]) for one in dutch]
    assert (dutch[0]["uitleg"], dutch[0]["wat de cpo doet"]) == (
        "De postcode staat niet in de vorm 1111 AA.",
        "Zet een spatie tussen cijfers en letters.",
    )


def test_a_name_in_the_register_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    (folder,) = write_regions(tmp_path, [replace(ONE, cpo_name="=1+1", owner=None)], made_rules(), NAMES)
    assert [one["naam van de cpo"] for one in lines(folder / "aantallen.csv", ";")] == ["'=1+1"]
    assert {one["naam van de cpo"] for one in lines(folder / "afkeuringen.csv", ";")} == {"'=1+1"}


def test_both_languages_say_the_same_figures(folders: dict[str, Path]) -> None:
    for folder in folders.values():
        dutch, english = ((folder / name).read_text(encoding="utf-8") for name in ("rapport.html", "report.html"))
        assert dutch != english
        assert 'lang="nl"' in dutch
        assert 'lang="en"' in english
    page = (folders["nal-regio-zuid"] / "rapport.html").read_text(encoding="utf-8")
    assert "Van 175 CDR's zijn er 35 afgekeurd." in unescape(page)


def test_gathered_figures_begin_with_what_has_most_rejected() -> None:
    found = gathered(FIGURES[:2], lambda one: one.cpo)
    assert [(one.name, one.received, one.rejected) for one in found] == [("NL-DEF", 75, 25), ("NL-ABC", 100, 10)]
    (total,) = gathered(FIGURES[:2], lambda _: "")
    assert (total.accepted, total.rejected, total.rules) == (140, 35, Counter(postal_code_format=34, unknown_rule=2))


@pytest.mark.parametrize(
    ("name", "told"), [("Súdwest-Fryslân", "sudwest-fryslan"), ("../../etc", "etc"), ("東京", "x"), ("A / B", "a-b")]
)
def test_a_name_in_a_path_is_harmless(name: str, told: str) -> None:
    assert slug(name) == told
