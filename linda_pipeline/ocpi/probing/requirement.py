"""What a requirement of the connection test is: what is demanded, of which version and module, and what to do about it.

Here: its kind. Not here: the requirements themselves (requirements.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MODULES = ("locations", "cdrs")
Group = Literal["connection", "versions", "answers", "pages", "dates", "records"]
GROUPS: tuple[Group, ...] = ("connection", "versions", "answers", "pages", "dates", "records")
FROM_2_2 = ("2.2.1", "2.3.0")
OCPI = "OCPI"
LINDA = "LINDA"


@dataclass(frozen=True)
class Requirement:
    """One demand on a CPO's server. Its id never changes meaning."""

    id: str
    group: Group
    nl: str
    en: str
    fix_nl: str
    fix_en: str
    source: str
    """OCPI (the protocol's text) or LINDA (the conditions for connecting)."""
    needs: tuple[str, ...] = ()
    """What must be passed before this can be tested; else it is not testable, and says why."""
    modules: tuple[str, ...] = ()
    """The modules about each of which it is asked; none: once for the whole server."""
    versions: tuple[str, ...] = ()
    """The OCPI versions that demand it; none: all."""

    def applies_to(self, version: str | None) -> bool:
        """Whether a version demands it; an unknown version is taken to demand all."""
        return not self.versions or version is None or version in self.versions
