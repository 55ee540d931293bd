"""Pages taken apart for tests: the page of a made delivery, its text as a reader sees it, and its mark-up.

Here: making and reading. Not here: any test.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from linda_pipeline.report import read_figures
from linda_pipeline.report.explained import Words
from linda_pipeline.report.past import Past
from linda_pipeline.report.report_html import LANGUAGES, html
from linda_pipeline_tests.report.made_findings import Made, made_rules

NL, EN = LANGUAGES
_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
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


def page_of(made: Made, words: Words = NL, extra_rules: int = 0, past: Past | None = None) -> str:
    """The page of a delivery, which is written into its lake first."""
    rules = made_rules(extra_rules)
    return html(read_figures(made.lake, made.write(), cpo_name="Voorbeeld Laden B.V.", rules=rules), rules, words, past)


def text_of(page: str) -> str:
    """What a page says, without its mark-up and styles."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    body = re.sub(r"</?(?:td|th|li|p|caption|h[1-3]|summary|dt|dd|small|tr)\b", r" \g<0>", body)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)).replace("&#39;", "'")
