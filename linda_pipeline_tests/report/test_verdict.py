"""What a CPO reads first: the verdict, what to do now, how to deliver again; and a self-check, which delivers nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linda_pipeline.report.explained import Words
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.made_findings import Made, made_cdrs, made_locations
from linda_pipeline_tests.report.pages import EN, NL, page_of, text_of


def test_a_delivery_without_defects_asks_nothing(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 3210)
    assert "Alle 3.210 CDR's zijn goedgekeurd. U hoeft niets te doen." in text_of(page_of(made))
    assert "All 3,210 CDRs were accepted. You do not have to do anything." in text_of(page_of(made, EN))


def test_warnings_alone_are_told(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 3210)
    made.find("power_plausible", "warning", "C-1", 1, 0, path="total_energy", value="812.4")
    assert "Alle 3.210 CDR's zijn goedgekeurd. Er zijn wel waarschuwingen." in text_of(page_of(made))


def test_an_empty_delivery_says_so(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    assert "U leverde in deze periode geen CDR's aan." in text_of(page_of(made))


def test_an_incomplete_delivery_never_blames_the_cpo(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    made.complete = False
    text = text_of(page_of(made))
    assert "Deze levering is niet compleet. Wij konden niet alles ophalen. Dat kan aan ons liggen" in text
    assert "U leverde in deze periode geen" not in text


def test_locations_tell_of_their_charge_points_too(tmp_path: Path) -> None:
    text = text_of(page_of(made_locations(tmp_path)))
    assert "is er 1 afgekeurd. Van de 3.456 laadpunten zijn er 5 afgekeurd." in text
    assert "4 laadpunten (0,1% van 3.456), 4 bevindingen" in text


def test_how_to_deliver_again_stands_on_the_page_with_the_last_day_that_we_pull(tmp_path: Path) -> None:
    text = text_of(page_of(made_cdrs(tmp_path, 12_345, 212)))
    again = text[text.rindex("Zo levert u opnieuw aan") : text.rindex("Afkeuringen")]
    assert "Laat het id zoals het is" in again
    assert "Zet last_updated op het moment van de correctie, in UTC." in again
    assert "Op 21 december 2026 halen wij de CDR's op met een last_updated van vóór die dag." in again
    assert "Lever dan een credit-CDR" in again


def test_a_version_without_credits_is_told_to_ask_ndw(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.more["ocpi_version"] = "2.1.1"
    text = text_of(page_of(made))
    assert "OCPI 2.1.1 kent geen credit-CDR: neem dan contact op met NDW." in text
    assert "Lever dan een credit-CDR" not in text


def test_where_all_that_was_rejected_had_been_accepted_before_nothing_is_due(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 10, rejected=1)
    made.find("unchanged_since_accepted", "error", "C-1", 1, 0, path="id", value="total_energy")
    made.reject("C-1", 1, 0, "{}")
    made.more["opens_case"] = False
    text = text_of(page_of(made))
    assert "U hoeft niets opnieuw aan te leveren: wat eerder is goedgekeurd, blijft zoals het was." in text
    assert "Zo verbetert u een goedgekeurde CDR" in text
    assert "uiterlijk" not in text[: text.rindex("Uitleg van woorden")]


def test_locations_are_told_that_the_next_night_comes_by_itself(tmp_path: Path) -> None:
    text = text_of(page_of(made_locations(tmp_path)))
    assert "wij halen uw laadlocaties elke nacht opnieuw op" in text
    assert "credit-CDR" not in text


@pytest.mark.parametrize(
    ("words", "forbidden"),
    [
        (
            NL,
            r"aangeleverd|aanleverde|opnieuw aan|opgenomen|hadden wij al|ontvingen|uiterlijk|opgehaald|vorige levering",
        ),
        (EN, r"you delivered|\bdelivered\b(?! to the portal)|again by|included|we had it|received|due date|fetched"),
    ],
    ids=["nl", "en"],
)
def test_a_self_check_does_not_speak_as_if_anything_had_been_delivered(
    tmp_path: Path, words: Words, forbidden: str
) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.more |= {"files": ["a.json"], "opens_case": False}
    text = text_of(page_of(made, words))
    assert re.findall(forbidden, text, flags=re.I) == []
    assert f"({words.checked_buckets['received'].lower()})" in text
