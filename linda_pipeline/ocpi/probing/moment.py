"""A moment as OCPI writes it.

Here: reading one, strictly. Not here: the normaliser's way with moments, which reads what it can.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
"""In UTC: the Z may be left out, and there is no offset."""


def moment_of(text: object) -> datetime | None:
    """The moment that a text names; None where it is none, or is not written in UTC."""
    if not isinstance(text, str) or FORM.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        return None


def as_asked(moment: datetime) -> str:
    """A moment as a date filter sends it: whole seconds where it has no fraction."""
    if moment.microsecond:
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
