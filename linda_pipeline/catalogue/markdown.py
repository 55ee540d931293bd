"""What all pages of the catalogue share: what is said at their top, their headings, a cell of a table and a field's path.

Here: these. Not here: any page.
"""

from __future__ import annotations

from collections.abc import Mapping

from linda_pipeline.ocpi.columns import Column

MADE = "<!-- Made by `python -m linda_pipeline.catalogue`. Change the declaration, not this file. -->\n"
HEADINGS = {"cdr": "CDR", "location": "Location", "evse": "EVSE", "delivery": "Delivery"}


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def path_of(columns: Mapping[str, Column], name: str, version: str) -> str:
    """The JSON path of a column from the top of its record, `[]` after each list; empty where the version lacks it."""
    column = columns.get(name)
    if column is None or version not in column.path:
        return ""
    above = name.rpartition(".")[0]
    return f"{path_of(columns, above, version)}[].{column.path[version]}" if above else column.path[version]
