"""`linda columns`: docs/columns.md on the screen, or the columns as a listing.

Here: which columns the listing has. Not here: how the page is made (catalogue), and the catalogue itself (ocpi.columns).
"""

from __future__ import annotations

from linda_pipeline.catalogue import columns_markdown
from linda_pipeline.commands.listing import Field, Format, PageFormat, PageFormatOption, print_listing
from linda_pipeline.commands.screen import console, print_page
from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, walk

_FIELDS = (
    *(Field(name) for name in ("object", "name", "type", "unit", "meaning_en")),
    Field("meaning_nl", machines_only=True),
    *(Field(f"path_{version}", machines_only=True) for version in VERSIONS),
    Field("personal", shown=lambda is_personal: "personal" if is_personal else ""),
)


def columns(form: PageFormatOption = PageFormat.PAGE) -> None:
    """Look up every column: its meaning, type, unit and place in each OCPI version."""
    if form is PageFormat.PAGE:
        print_page(columns_markdown())
        return
    rows = [
        (
            *(kind, column.name, column.type.value.lower(), column.unit, column.en, column.nl),
            *(column.path.get(version) for version in VERSIONS),
            column.personal,
        )
        for kind, listed in OBJECTS.items()
        for column in walk(listed)
    ]
    print_listing(console(), _FIELDS, rows, Format(form), title="Columns", none="There are no columns.")
