"""docs/columns.md: every column, made from its one declaration.

Here: the page. Not here: the columns (ocpi.columns, own_columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linda_pipeline.catalogue.markdown import HEADINGS, MADE, cell, path_of
from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, Column, by_name, walk
from linda_pipeline.own_columns.declared import OWN_COLUMNS


def columns_markdown() -> str:
    """docs/columns.md: every column with its type, unit, meaning, field per OCPI version, who demands it, and privacy; then
    those of our own."""
    lines = [
        "# Columns",
        "",
        MADE,
        "Every field that the portal imports, under the name that it has in our tables. *Demanded*: by OCPI (O) or by "
        "the LINDA profile (P), per version. Columns marked *personal* stay in raw and rejected records and are in "
        "nothing else.",
        "",
    ]
    for name, columns in OBJECTS.items():
        lines += [
            f"## {HEADINGS[name]}",
            "",
            "| column | type | unit | meaning | "
            + " | ".join(VERSIONS)
            + " | demanded | longest | values | personal |",
            "|---|---|---|---|" + "---|" * len(VERSIONS) + "---|---|---|---|",
        ]
        named = by_name(name)
        lines += [_column(column, named) for column in walk(columns)]
        lines.append("")
    lines += [
        "## Our own",
        "",
        "What we add: in accepted and curated files, in `linda.duckdb` and in what else is made. Where a column means "
        "something else in one table, the table stands before it.",
        "",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {own.type} | {own.unit or ''} | {cell(f'{own.nl}. *{own.en}.*')} |"
            for name, own in OWN_COLUMNS.items()
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _column(column: Column, named: Mapping[str, Column]) -> str:
    paths = [path_of(named, column.name, version) for version in VERSIONS]
    cells = [
        f"`{column.name}`",
        column.type.value,
        column.unit or "",
        f"{column.nl}. *{column.en}.*",
        *(f"`{path}`" if path else "" for path in paths),
        _per_version(column.required),
        _per_version(column.max_length),
        _per_version({version: ", ".join(values) for version, values in column.values.items()}),
        "personal" if column.personal else "",
    ]
    return "| " + " | ".join(cell(str(one)) for one in cells) + " |"


def _per_version(values: Mapping[str, Any]) -> str:
    """What holds per version: once where it is the same in all of them."""
    kept = {version: values[version] for version in VERSIONS if version in values}
    if len(kept) == len(VERSIONS) and len(set(kept.values())) == 1:
        return str(next(iter(kept.values())))
    return "; ".join(f"{version}: {value}" for version, value in kept.items())
