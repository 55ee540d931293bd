"""The pages: what they say, that they are safe with hostile values, stay small, and ask nothing of the network."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from linda_pipeline.report.explained import Words
from linda_pipeline.report.past import Comparison, Past
from linda_pipeline.report.report_html import FIRST_DEFECTS, LANGUAGES
from linda_pipeline.report.rule_sections import MAX_SECTIONS
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.made_findings import Made, made_cdrs
from linda_pipeline_tests.report.pages import NL, Page, page_of, text_of


def test_the_first_screen_tells_the_verdict_the_day_and_the_three_worst_defects(tmp_path: Path) -> None:
    text = text_of(page_of(made_cdrs(tmp_path, 12_345, 212)))
    start = text.index("Van de 12.345 laadsessies die u op 23 november 2026 aanleverde, zijn er 212 afgekeurd.")
    assert "lever ze uiterlijk 21 december 2026 opnieuw aan." in text[start:]
    cards = text.rindex("De drie gebreken die het vaakst voorkomen")
    costly = text[cards : text.index("Zo levert u opnieuw aan", cards)]
    assert costly.index("De postcode staat niet") < costly.index("De totale tijd is niet gelijk")
    assert "Zet een spatie tussen cijfers en letters." in costly


def test_a_rule_shows_fifty_examples_and_says_how_many_there_are(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    page = page_of(made)
    count = sum(one["rule"] == "postal_code_format" for one in made.findings)
    assert f"50 van {count} getoond" in text_of(page)
    section = page[page.index('id="cdr-postal_code_format-error"') :].partition("</details>")[0]
    assert section.count("<bdi>CDR-2026-") == 50


def test_rules_that_were_not_run_are_listed_with_why(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 100, 3)
    made.rules_not_run = [{"rule": "postal_code_format", "why": "Er is geen lijst van plaatsen."}]
    text = text_of(page_of(made))
    assert "Niet of deels gecontroleerd" in text
    assert "Er is geen lijst van plaatsen." in text


def test_a_rule_that_was_checked_on_some_records_says_on_how_many(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 100, 3)
    made.more["checked_on"] = {
        "cdr.made_rule_0": (40, 100),
        "cdr.made_rule_1": (0, 100),
        "cdr.made_rule_2": (100, 100),
        "cdr.postal_code_format": (60, 100),
    }
    made.find("postal_code_format", "error", "CDR-2026-000000", 1, 0, path="p", value="v")
    text = text_of(page_of(made, extra_rules=3))
    unchecked = text[text.rindex("Niet of deels gecontroleerd") : text.rindex("Regels zonder bevinding")]
    assert "made_rule_0 gecontroleerd bij 40 van 100 CDR's" in unchecked
    assert "made_rule_1 gecontroleerd bij 0 van 100 CDR's" in unchecked
    assert "made_rule_2" not in unchecked
    passed = text[text.rindex("Regels zonder bevinding") :]
    assert "made_rule_2" in passed
    assert not re.search("made_rule_[01]", passed)
    errors = text[text.rindex("Afkeuringen") : text.rindex("Niet of deels gecontroleerd")]
    assert "; gecontroleerd bij 60 van 100 CDR's." in errors


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.code)
def test_a_page_is_well_formed_and_asks_nothing_of_the_network(tmp_path: Path, words: Words) -> None:
    text = page_of(made_cdrs(tmp_path, 12_345, 212), words)
    page = Page(text)
    assert page.all("html")[0]["lang"] == words.code
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"evil\.example|http://evil", "", text))
    assert {"script", "img", "iframe", "object", "form"}.isdisjoint(name for name, _ in page.tags)
    links = {attributes["href"] for attributes in page.all("a") if not str(attributes["href"]).startswith("#")}
    assert links == {words.other_file, *(name for name, _ in words.files)}
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert all("scope" in attributes for attributes in page.all("th"))


def test_hostile_values_staytext_of(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 1, rejected=1)
    hostile = "</td><script>alert(1)</script>\u202e\x00"
    made.find("postal_code_format", "error", hostile, 1, 0, path=hostile, value=hostile)
    page = page_of(made)
    Page(page)
    assert "<script" not in page
    assert "\\u202e\\u0000" in page
    assert "\u202e" not in page


def test_the_page_stays_small_at_many_rules_and_says_what_it_left_out(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 60_000, rejected=50_000)
    for number in range(50_000):
        for turn in range(2):
            rule = f"made_rule_{(number * 2 + turn) % 300}"
            made.find(
                rule, "error", f"CDR-{number:036d}", number // 100 + 1, number % 100, path="address", value="x" * 300
            )
    page = page_of(made, NL, 300)
    parsed = Page(page)
    assert len(page.encode()) < 600_000
    sections = [one for one in parsed.all("details") if str(one.get("class")).startswith("rule")]
    assert len(sections) == MAX_SECTIONS
    assert f"Van nog {300 - MAX_SECTIONS} regels met bevindingen staan hier alleen de aantallen." in text_of(page)


class _Folded(HTMLParser):
    """How deep in folded parts each rule of a page stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._depth = 0
        self.rules: list[tuple[str, int]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            assert "open" not in dict(attrs)
            name = dict(attrs).get("class") or ""
            if name.startswith("rule "):
                self.rules.append((name.split()[1], self._depth))
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "details"


def test_at_first_only_the_worst_defects_are_listed_and_all_else_is_folded(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 2_000, 300)
    for number in range(FIRST_DEFECTS + 5):
        made.find(f"made_rule_{number}", "error", f"CDR-2026-{number:06d}", 1, number, path="address", value="x")
    rules = _Folded(page_of(made, extra_rules=30)).rules
    seen = [severity for severity, depth in rules if depth == 0]
    assert seen == ["error"] * FIRST_DEFECTS
    assert {severity for severity, depth in rules if depth == 1} == {"error", "warning", "info"}


def test_a_few_defects_are_all_listed(tmp_path: Path) -> None:
    rules = _Folded(page_of(made_cdrs(tmp_path, 2_000, 300))).rules
    assert {severity for severity, depth in rules if depth == 0} == {"error"}
    assert "error" not in {severity for severity, depth in rules if depth == 1}


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.code)
def test_the_contents_name_every_section_in_order(tmp_path: Path, words: Words) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.rules_not_run = [{"rule": "made_rule_0", "why": "…"}]
    past = Past(comparison=_comparison(), trend=())
    page = page_of(made, words, 3, past)
    sections = re.findall(r'<h2 id="([^"]+)">([^<]+)</h2>', page[page.index("</nav>") :])
    listed = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', page[page.index("<nav") : page.index("</nav>")])
    assert listed == sections
    assert {"now", "again", "error", "warning", "info", "held", "since", "not-run", "passed", "files", "words"} == set(
        dict(sections)
    )


def _comparison() -> Comparison:
    then = {"solved": 0, "still_there": 1, "held_back": 0, "absent": 265, "without_id": 8}
    return Comparison(date(2026, 10, 26), then, {"again": 1, "new": 203, "without_id": 8}, {})


def test_what_was_rejected_before_and_now_is_told_in_figures_that_add_up(tmp_path: Path) -> None:
    text = text_of(page_of(made_cdrs(tmp_path, 12_345, 212), past=Past(comparison=_comparison())))
    then, _, now = text[text.rindex("Toen afgekeurd") :].partition("Nu afgekeurd")
    assert then.strip() == (
        "Toen afgekeurd: 274 nu goedgekeurd 0 nu weer afgekeurd 1 niet in deze levering 265 zonder id, dus niet te volgen 8"
    )
    assert now.startswith(
        ": 212 vorige keer ook afgekeurd 1 vorige keer niet afgekeurd 203 zonder id, dus niet te volgen 8 "
    )


def test_what_fell_outside_the_window_stands_beside_the_buckets_with_why(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.more |= {"outside_window": 14, "ocpi_version": "2.1.1"}
    page = page_of(made)
    text = text_of(page)
    assert "14 buiten de periode" in text[: text.index("Op deze pagina")]
    assert "Samen (aangeleverd) 12.345 100% Buiten de periode (niet meegeteld) 14" in text
    assert "Daarom vragen wij aan elke kant een dag extra. Die horen bij een andere levering" in text
    assert "Buiten de periode" not in text_of(page_of(made_cdrs(tmp_path / "none", 12_345, 212)))
