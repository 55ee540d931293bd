"""What the letters say, to CPOs and regions, in both languages; and which delivery is news."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

from linda_pipeline.ledger.entry import FindingKey, Judgement
from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.post.delivery_letter import Receiver, ReportPlace, delivery_letter, is_news, news_of
from linda_pipeline.post.letter import Letter
from linda_pipeline.post.region_letter import region_letter
from linda_pipeline.report.figures import read_figures
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.deliveries import DELIVERY, LOCATIONS, judgement_of
from linda_pipeline_tests.report.made_findings import Made, made_cdrs, made_locations, made_rules

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SERVED = ReportPlace("https://linda.ndw.example/reports")


def letter_on(made: Made, language: str = "nl", place: ReportPlace = SERVED) -> Letter:
    rules = made_rules()
    figures = read_figures(made.lake, made.write(), cpo_name="Voorbeeld Laden B.V.", rules=rules)
    return delivery_letter(figures, rules, Receiver("Data desk", "data@abc.example", language), place)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_cpo_reads_the_verdict_the_costliest_defects_what_to_do_by_when_and_where_the_report_is(
    tmp_path: Path,
) -> None:
    letter = letter_on(made_cdrs(tmp_path, 1024, 12))
    assert letter.subject == "LINDA: 12 van 1.024 CDR's afgekeurd (periode 9 t/m 22 november 2026)"
    text = in_one_line(letter.text)
    assert text.startswith("Beste Data desk, Van de 1.024 laadsessies die u op 23 november 2026 aanleverde, zijn er 12")
    assert "lever ze uiterlijk 21 december 2026 opnieuw aan." in text
    assert "Aangeleverd 1.024 Goedgekeurd 941 Afgekeurd 12 Identiek 31 Nog niet opgenomen 40" in text
    assert (
        "- De postcode staat niet in de vorm 1111 AA (7 CDR's afgekeurd, waarvan 4 alleen hierom) Zet een spatie"
        in text
    )
    assert letter.text.count("\n- ") == 3
    assert "1. Corrigeer de CDR in uw bronsysteem." in text
    assert "\nhttps://linda.ndw.example/reports/cdrs/cpo=NL-ABC/window=2026-11-09/rapport.html\n" in letter.text


def test_the_same_letter_is_english_for_who_reads_english(tmp_path: Path) -> None:
    letter = letter_on(made_locations(tmp_path), "en")
    assert letter.subject == "LINDA: 1 of 1,234 locations rejected (night of 23 November 2026)"
    assert "Of the 3,456 charge points, 5 were rejected." in in_one_line(letter.text)
    assert "report.html" in letter.text
    assert '<html lang="en">' in letter.html


def test_without_a_place_that_serves_reports_the_letter_says_who_gives_it(tmp_path: Path) -> None:
    letter = letter_on(made_cdrs(tmp_path, 10, 1), place=ReportPlace(None))
    assert "krijgt u van NDW. Het heet cdrs/cpo=NL-ABC/window=2026-11-09/rapport.html." in in_one_line(letter.text)
    assert "href" not in letter.html


def test_a_delivery_without_defects_asks_nothing_and_an_incomplete_one_blames_nobody(tmp_path: Path) -> None:
    fine = Made(Lake(tmp_path / "fine"))
    fine.count("cdrs", 3210)
    letter = letter_on(fine)
    assert letter.subject == "LINDA: 3.210 CDR's goedgekeurd (periode 9 t/m 22 november 2026)"
    assert "U hoeft niets te doen." in letter.text
    half = Made(Lake(tmp_path / "half"))
    half.count("cdrs", 0)
    half.complete = False
    letter = letter_on(half)
    assert letter.subject.startswith("LINDA: uw levering is niet compleet")
    assert "U leverde" not in letter.text


def test_plain_text_is_narrow_and_html_asks_nothing_of_the_network(tmp_path: Path) -> None:
    letter = letter_on(made_cdrs(tmp_path, 1024, 12))
    lines = [line for line in letter.text.splitlines() if not line.startswith("https://")]
    assert max(map(len, lines)) <= 76
    assert re.findall(r'(?:src|url|href)\s*[=(]\s*"?([^")\s>]+)', letter.html) == [
        "https://linda.ndw.example/reports/cdrs/cpo=NL-ABC/window=2026-11-09/rapport.html"
    ]
    assert "<script" not in letter.html
    assert "prefers-color-scheme: dark" in letter.html


def test_what_a_cpo_wrote_stays_text_in_a_letter(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 10, 1)
    rules = made_rules()
    figures = read_figures(made.lake, made.write(), cpo_name="A<b>", rules=rules)
    receiver = Receiver("<script>x</script>\r\nBcc: all@example.nl", "data@abc.example", "nl")
    letter = delivery_letter(figures, rules, receiver, SERVED)
    assert "<script>" not in letter.html
    mail = BytesParser(policy=default).parsebytes(letter.message("LINDA <linda@ndw.example>", NOON))
    assert mail["Bcc"] is None


def test_the_same_letter_has_the_same_bytes(tmp_path: Path) -> None:
    first, second = (letter_on(made_cdrs(tmp_path / name, 1024, 12)) for name in ("a", "b"))
    assert first.message("linda@ndw.example", NOON) == second.message("linda@ndw.example", NOON)


def night(**defects: int) -> Judgement:
    """A night with findings by rule, each an error on EVSEs."""
    judgement = judgement_of(LOCATIONS)
    judgement.findings = Counter({FindingKey("evse", rule, "error"): count for rule, count in defects.items()})
    return judgement


NIGHTS = [
    (night(), None, False),
    (night(evse_id_format=3), None, True),
    (night(evse_id_format=3), night(evse_id_format=3), False),
    (night(evse_id_format=2), night(evse_id_format=3), False),
    (night(evse_id_format=4), night(evse_id_format=3), True),
    (night(power_positive=1), night(evse_id_format=3), True),
]


@pytest.mark.parametrize(("tonight", "before", "told"), NIGHTS)
def test_a_night_is_news_where_something_is_new_or_worse(
    tonight: Judgement, before: Judgement | None, told: bool
) -> None:
    assert is_news(tonight, before) is told


def test_every_window_is_news_once_and_again_when_its_outcome_changes() -> None:
    window = judgement_of(DELIVERY)
    assert is_news(window, None)
    again = judgement_of(DELIVERY)
    assert news_of(again) == news_of(window)
    again.counts["cdrs"].rejected += 1
    assert news_of(again) != news_of(window)


def row(owner: str | None, region: str | None, rejected: int, cpo_name: str = "Voorbeeld Laden B.V.") -> PlaceFigures:
    rules = {"postal_code_format": rejected}
    window = DELIVERY.window
    return PlaceFigures(
        "cdrs", window, True, "cdrs", "NL-ABC", cpo_name, owner, region, "GM0772", 100, rejected, 0, rules
    )


ROWS = [row("Eindhoven", "Zuid", 12), row("Brabant", "Zuid", 1), row("Utrecht", "Midden", 5), row(None, None, 7)]
REGION = Receiver("Regio Zuid", "zuid@example.nl", "nl")


def test_a_region_reads_how_many_of_its_own_were_rejected_and_why_with_a_text_per_owner() -> None:
    judgement = judgement_of(DELIVERY, opens_case=True)
    letter = region_letter(judgement, "Zuid", ROWS, made_rules(), REGION)
    assert letter is not None
    assert letter.subject == "LINDA: 13 CDR's afgekeurd in regio Zuid"
    text = in_one_line(letter.text)
    assert "Afgekeurde CDR's / aangeleverd 13 / 213" in text
    assert "- De postcode staat niet in de vorm 1111 AA (13 CDR's)" in text
    assert "- Eindhoven: van de 112 CDR's die Voorbeeld Laden B.V. over uw laadpunten aanleverde, zijn er 12" in text
    assert "uiterlijk 21 december 2026 gecorrigeerd opnieuw aanleveren" in text
    assert "Utrecht" not in text


def test_a_region_without_defects_or_with_an_incomplete_delivery_gets_no_letter() -> None:
    complete, half = judgement_of(DELIVERY), judgement_of(DELIVERY, complete=False)
    assert region_letter(complete, "Noord", ROWS, made_rules(), REGION) is None
    assert region_letter(half, "Zuid", ROWS, made_rules(), REGION) is None


def test_no_id_and_no_value_of_a_record_reaches_a_region(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 1024, 12)
    made.write()
    figures = read_figures(made.lake, DELIVERY, cpo_name="A", rules=made_rules())
    examples = [example for defect in figures.defects for example in defect.examples]
    shown = {value for example in examples for value in (example.id, example.value) if value and len(value) > 4}
    assert len(shown) > 10
    letter = region_letter(judgement_of(DELIVERY), "Zuid", ROWS, made_rules(), REGION)
    assert letter is not None
    assert {value for value in shown if value in letter.text or value in letter.html} == set()
