"""How pages are made of templates: with everything escaped, and nothing missing in silence.

Here: the one environment of this room's pages, and its filters. Not here: what stands on a page.
"""

from __future__ import annotations

import re
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from linda_pipeline.quality.signs import named
from linda_pipeline.report.words import shown

LONGEST_SENTENCE = 1000
_FIELD = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def _fields(sentence: str) -> Markup:
    """A sentence of ours with OCPI's field names in code type."""
    return Markup(_FIELD.sub(r"<code>\g<0></code>", str(escape(sentence))))


TEMPLATES = Environment(
    loader=PackageLoader("linda_pipeline.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["shown"] = shown
TEMPLATES.filters["named"] = named
TEMPLATES.filters["fields"] = _fields
TEMPLATES.filters["long"] = partial(shown, longest=LONGEST_SENTENCE)


def template(name: str) -> Template:
    """A template by its file name, with the settings that all pages share."""
    return TEMPLATES.get_template(name)
