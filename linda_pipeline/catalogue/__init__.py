"""The catalogue: rules, columns and KPIs as Markdown, each made from its one declaration.

Here: docs/rules.md, docs/columns.md and docs/kpis.md; `python -m linda_pipeline.catalogue [FOLDER]` writes them. Not here:
the declarations. The test of this package fails where the files in docs/ are stale.
"""

from __future__ import annotations

from pathlib import Path

from linda_pipeline.catalogue.columns_page import columns_markdown
from linda_pipeline.catalogue.kpis_page import kpis_markdown
from linda_pipeline.catalogue.rules_page import rules_markdown

__all__ = ["columns_markdown", "documents", "kpis_markdown", "rules_markdown", "write_documents"]


def documents() -> dict[str, str]:
    """Every generated document by its file name in docs/."""
    return {"rules.md": rules_markdown(), "columns.md": columns_markdown(), "kpis.md": kpis_markdown()}


def write_documents(folder: Path) -> list[Path]:
    """Write every generated document into a folder and say which."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in documents().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
