"""The pages: what they say, that they are safe with hostile values, stay small, and ask nothing of the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from linda_pipeline.report import read_figures
from linda_pipeline.report.report_html import LANGUAGES, MAX_SECTIONS, Words, html
from linda_pipeline.storage.lake import Lake
from linda_pipeline_tests.report.delivery import Made, made_cdrs, made_locations, made_rules

NL, EN = LANGUAGES
_VOID = {"meta", "link", "br", "img", "hr", "input"}


class _Page(HTMLParser):
    """A page taken apart: it must nest well, and ids must be unique."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, attributes in self.tags:
            for name in (attributes.get("aria-labelledby") or "").split():
                assert name in ids
            target = attributes.get("href") or ""
            assert not target.startswith("#") or target[1:] in ids

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _html(made: Made, words: Words = NL, extra_rules: int = 0) -> str:
    rules = made_rules(extra_rules)
    return html(read_figures(made.lake, made.write(), cpo_name="Voorbeeld Laden B.V.", rules=rules), rules, words)


def _text(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).replace("&#39;", "'")


def test_the_first_screen_tells_the_verdict_the_day_and_the_three_worst_defects(tmp_path: Path) -> None:
    text = _text(_html(made_cdrs(tmp_path, 12_345, 212)))
    start = text.index("Van de 12.345 laadsessies die u op 23 november 2026 aanleverde, zijn er 212 afgekeurd.")
    assert "lever ze uiterlijk 21 december 2026 opnieuw aan." in text[start:]
    costly = text[text.index("De drie gebreken die het meest kosten") : text.index("Op deze pagina")]
    assert costly.index("De postcode staat niet") < costly.index("De totale tijd is niet gelijk")
    assert "Zet een spatie tussen cijfers en letters." in costly


def test_a_rule_shows_fifty_examples_and_says_how_many_there_are(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    page = _html(made)
    count = sum(one["rule"] == "postal_code_format" for one in made.findings)
    assert f"getoond 50 van {count}" in _text(page)
    article = page[page.index('id="cdr-postal_code_format-error"') :].partition("</article>")[0]
    assert article.count("<bdi>CDR-2026-") == 50


def test_a_delivery_without_defects_asks_nothing(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 3210)
    assert "Alle 3.210 CDR's zijn goedgekeurd. U hoeft niets te doen." in _text(_html(made))
    assert "All 3,210 CDRs were accepted. You need not do anything." in _text(_html(made, EN))


def test_warnings_alone_are_told(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 3210)
    made.find("power_plausible", "warning", "C-1", 1, 0, path="total_energy", value="812.4")
    assert "Alle 3.210 CDR's zijn goedgekeurd. Er zijn wel waarschuwingen." in _text(_html(made))


def test_an_empty_delivery_says_so(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    assert "U leverde in deze periode geen CDR's aan." in _text(_html(made))


def test_an_incomplete_delivery_never_blames_the_cpo(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 0)
    made.complete = False
    text = _text(_html(made))
    assert "Deze levering is niet compleet. Wij konden niet alles ophalen. Dat kan aan ons liggen" in text
    assert "U leverde in deze periode geen" not in text


def test_locations_tell_of_their_charge_points_too(tmp_path: Path) -> None:
    text = _text(_html(made_locations(tmp_path)))
    assert "is er 1 afgekeurd. Van de 3.456 laadpunten zijn er 5 afgekeurd." in text
    assert "4 laadpunten (0,1% van 3.456), 4 bevindingen" in text


def test_rules_that_were_not_run_are_listed_with_why(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 100, 3)
    made.rules_not_run = [{"rule": "postal_code_format", "why": "Er is geen lijst van plaatsen."}]
    text = _text(_html(made))
    assert "Niet gecontroleerd" in text
    assert "Er is geen lijst van plaatsen." in text


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.code)
def test_a_page_is_well_formed_and_asks_nothing_of_the_network(tmp_path: Path, words: Words) -> None:
    text = _html(made_cdrs(tmp_path, 12_345, 212), words)
    page = _Page(text)
    assert page.all("html")[0]["lang"] == words.code
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"evil\.example|http://evil", "", text))
    assert {"script", "img", "iframe", "object", "form"}.isdisjoint(name for name, _ in page.tags)
    links = {attributes["href"] for attributes in page.all("a") if not str(attributes["href"]).startswith("#")}
    assert links == {words.other_file, *(name for name, _ in words.files)}
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert all("scope" in attributes for attributes in page.all("th"))


def test_hostile_values_stay_text(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 1, rejected=1)
    hostile = "</td><script>alert(1)</script>\u202e\x00"
    made.find("postal_code_format", "error", hostile, 1, 0, path=hostile, value=hostile)
    page = _html(made)
    _Page(page)
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
    page = _html(made, NL, 300)
    parsed = _Page(page)
    assert len(page.encode()) < 600_000
    assert len(parsed.all("article")) == MAX_SECTIONS
    assert "Hierboven staan 50 van de 300 regels met bevindingen." in _text(page)
