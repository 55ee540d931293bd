"""The generated documents: fresh, complete, and sound as tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linda_pipeline.catalogue import columns_markdown, documents, kpis_markdown, rules_markdown, write_documents
from linda_pipeline.ocpi.columns import OBJECTS, walk
from linda_pipeline.own_columns.declared import OWN_COLUMNS
from linda_pipeline.quality.rule import RULES

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["rules.md", "columns.md", "kpis.md"])
def test_the_documents_in_the_project_are_fresh(name: str) -> None:
    path = DOCS / name
    assert path.exists(), f"docs/{name} is missing: run python -m linda_pipeline.catalogue"
    stale = f"docs/{name} is stale: run python -m linda_pipeline.catalogue"
    assert path.read_text(encoding="utf-8") == documents()[name], stale


def test_every_rule_stands_in_the_document_with_both_languages_and_its_source() -> None:
    text = rules_markdown()
    for key, rule in RULES.items():
        section = text.partition(f'<a id="{key.replace(".", "-", 1)}"></a>')[2].partition("\n### ")[0]
        for expected in (rule.nl, rule.en, rule.fix_nl, rule.fix_en, rule.source.heading):
            assert expected in section, f"{key}: {expected!r}"
        for severity in set(rule.severity.values()):
            assert severity in section, key


def test_every_column_stands_in_the_document() -> None:
    text = columns_markdown()
    for columns in OBJECTS.values():
        for column in walk(columns):
            assert f"| `{column.name}` |" in text
    for name, own in OWN_COLUMNS.items():
        assert f"| `{name}` | {own.type} |" in text


@pytest.mark.parametrize("make", [rules_markdown, columns_markdown, kpis_markdown])
def test_every_row_of_a_table_has_as_many_cells_as_its_heading(make: object) -> None:
    assert callable(make)
    width = None
    for line in make().split("\n"):
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        assert cells == width, line


def test_a_link_leads_to_a_place_that_is_there() -> None:
    links: set[str] = set()
    for text in documents().values():
        places = set(re.findall(r'<a id="([^"]+)"', text)) | set(re.findall(r"^## (\S+)$", text, flags=re.M))
        here = set(re.findall(r"\]\(#([^)]+)\)", text))
        assert here <= places
        links |= here
    assert links


def test_writing_the_documents_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_documents(tmp_path)}
    assert {path.name: path.read_bytes() for path in write_documents(tmp_path)} == first
