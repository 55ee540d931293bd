"""The pages: what they say, that they are safe with hostile values, stay small, and ask nothing of the network."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from linda_pipeline.report import read_figures
from linda_pipeline.report.explained import Words
from linda_pipeline.report.past import Comparison, Past
from linda_pipeline.report.report_html import FIRST_DEFECTS, LANGUAGES, html
from linda_pipeline.report.rule_sections import MAX_SECTIONS
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


def _html(made: Made, words: Words = NL, extra_rules: int = 0, past: Past | None = None) -> str:
    rules = made_rules(extra_rules)
    return html(read_figures(made.lake, made.write(), cpo_name="Voorbeeld Laden B.V.", rules=rules), rules, words, past)


def _text(page: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    body = re.sub(r"</?(?:td|th|li|p|caption|h[1-3]|summary|dt|dd|small|tr)\b", r" \g<0>", body)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).replace("&#39;", "'")


def test_the_first_screen_tells_the_verdict_the_day_and_the_three_worst_defects(tmp_path: Path) -> None:
    text = _text(_html(made_cdrs(tmp_path, 12_345, 212)))
    start = text.index("Van de 12.345 laadsessies die u op 23 november 2026 aanleverde, zijn er 212 afgekeurd.")
    assert "lever ze uiterlijk 21 december 2026 opnieuw aan." in text[start:]
    cards = text.rindex("De drie gebreken die het vaakst voorkomen")
    costly = text[cards : text.index("Zo levert u opnieuw aan", cards)]
    assert costly.index("De postcode staat niet") < costly.index("De totale tijd is niet gelijk")
    assert "Zet een spatie tussen cijfers en letters." in costly


def test_a_rule_shows_fifty_examples_and_says_how_many_there_are(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    page = _html(made)
    count = sum(one["rule"] == "postal_code_format" for one in made.findings)
    assert f"50 van {count} getoond" in _text(page)
    section = page[page.index('id="cdr-postal_code_format-error"') :].partition("</details>")[0]
    assert section.count("<bdi>CDR-2026-") == 50


def test_a_delivery_without_defects_asks_nothing(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 3210)
    assert "Alle 3.210 CDR's zijn goedgekeurd. U hoeft niets te doen." in _text(_html(made))
    assert "All 3,210 CDRs were accepted. You do not have to do anything." in _text(_html(made, EN))


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
    text = _text(_html(made, extra_rules=3))
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
    sections = [one for one in parsed.all("details") if str(one.get("class")).startswith("rule")]
    assert len(sections) == MAX_SECTIONS
    assert f"Van nog {300 - MAX_SECTIONS} regels met bevindingen staan hier alleen de aantallen." in _text(page)


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
    rules = _Folded(_html(made, extra_rules=30)).rules
    seen = [severity for severity, depth in rules if depth == 0]
    assert seen == ["error"] * FIRST_DEFECTS
    assert {severity for severity, depth in rules if depth == 1} == {"error", "warning", "info"}


def test_a_few_defects_are_all_listed(tmp_path: Path) -> None:
    rules = _Folded(_html(made_cdrs(tmp_path, 2_000, 300))).rules
    assert {severity for severity, depth in rules if depth == 0} == {"error"}
    assert "error" not in {severity for severity, depth in rules if depth == 1}


@pytest.mark.parametrize("words", LANGUAGES, ids=lambda words: words.code)
def test_the_contents_name_every_section_in_order(tmp_path: Path, words: Words) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.rules_not_run = [{"rule": "made_rule_0", "why": "…"}]
    past = Past(comparison=_comparison(), trend=())
    page = _html(made, words, 3, past)
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
    text = _text(_html(made_cdrs(tmp_path, 12_345, 212), past=Past(comparison=_comparison())))
    then, _, now = text[text.rindex("Toen afgekeurd") :].partition("Nu afgekeurd")
    assert then.strip() == (
        "Toen afgekeurd: 274 nu goedgekeurd 0 nu weer afgekeurd 1 niet in deze levering 265 zonder id, dus niet te volgen 8"
    )
    assert now.startswith(
        ": 212 vorige keer ook afgekeurd 1 vorige keer niet afgekeurd 203 zonder id, dus niet te volgen 8 "
    )


def test_how_to_deliver_again_stands_on_the_page_with_the_last_day_that_we_pull(tmp_path: Path) -> None:
    text = _text(_html(made_cdrs(tmp_path, 12_345, 212)))
    again = text[text.rindex("Zo levert u opnieuw aan") : text.rindex("Afkeuringen")]
    assert "Laat het id zoals het is" in again
    assert "Zet last_updated op het moment van de correctie, in UTC." in again
    assert "Op 21 december 2026 halen wij de CDR's op met een last_updated van vóór die dag." in again
    assert "Lever dan een credit-CDR" in again


def test_a_version_without_credits_is_told_to_ask_ndw(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.more["ocpi_version"] = "2.1.1"
    text = _text(_html(made))
    assert "OCPI 2.1.1 kent geen credit-CDR: neem dan contact op met NDW." in text
    assert "Lever dan een credit-CDR" not in text


def test_where_all_that_was_rejected_had_been_accepted_before_nothing_is_due(tmp_path: Path) -> None:
    made = Made(Lake(tmp_path))
    made.count("cdrs", 10, rejected=1)
    made.find("unchanged_since_accepted", "error", "C-1", 1, 0, path="id", value="total_energy")
    made.reject("C-1", 1, 0, "{}")
    made.more["opens_case"] = False
    text = _text(_html(made))
    assert "U hoeft niets opnieuw aan te leveren: wat eerder is goedgekeurd, blijft zoals het was." in text
    assert "Zo verbetert u een goedgekeurde CDR" in text
    assert "uiterlijk" not in text[: text.rindex("Uitleg van woorden")]


def test_locations_are_told_that_the_next_night_comes_by_itself(tmp_path: Path) -> None:
    text = _text(_html(made_locations(tmp_path)))
    assert "wij halen uw laadlocaties elke nacht opnieuw op" in text
    assert "credit-CDR" not in text


def test_what_fell_outside_the_window_stands_beside_the_buckets_with_why(tmp_path: Path) -> None:
    made = made_cdrs(tmp_path, 12_345, 212)
    made.more |= {"outside_window": 14, "ocpi_version": "2.1.1"}
    page = _html(made)
    text = _text(page)
    assert "14 buiten de periode" in text[: text.index("Op deze pagina")]
    assert "Samen (aangeleverd) 12.345 100% Buiten de periode (niet meegeteld) 14" in text
    assert "Daarom vragen wij aan elke kant een dag extra. Die horen bij een andere levering" in text
    assert "Buiten de periode" not in _text(_html(made_cdrs(tmp_path / "none", 12_345, 212)))


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
    text = _text(_html(made, words))
    assert re.findall(forbidden, text, flags=re.I) == []
    assert f"({words.checked_buckets['received'].lower()})" in text
