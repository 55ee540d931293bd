"""Where a row counts: for its CPO and for all CPOs together, in the nation and in each area that it lies in.

Here: the scopes, and the view that shows every row once for each of them. Not here: what is counted. Two laws hold for every
relation with the columns cpo, counts_in_all and the areas: a row counts for its own CPO unless that is ALL, and for all CPOs
together where counts_in_all. Figures are reckoned scope by scope (aggregates.py); the view is there to read and to paste.
"""

from __future__ import annotations

from typing import NamedTuple

AREAS = ("nal_region", "gemeente_code", "cbs_cell_500m")
"""The columns that say where a row lies."""
ALL = "ALL"
"""All CPOs together, in the column cpo."""
SCOPED = "_scope"
"""What the view that shows a relation's rows per scope has after the relation's name."""


class Cut(NamedTuple):
    """One area level, for each CPO or for all together."""

    level: str
    code: str
    """The column with the area's code; empty: the nation."""
    per_cpo: bool

    @property
    def area_code(self) -> str:
        """SQL: the code of the area."""
        return self.code or "'NL'"

    @property
    def cpo(self) -> str:
        """SQL: the CPO for which a row counts."""
        return "cpo" if self.per_cpo else f"'{ALL}'"

    @property
    def counts(self) -> str:
        """SQL: whether a row counts in it."""
        whose = f"cpo <> '{ALL}'" if self.per_cpo else "counts_in_all"
        return f"{whose} AND {self.code} IS NOT NULL" if self.code else whose


_LEVELS = (("nation", ""), ("nal_region", "nal_region"), ("gemeente", "gemeente_code"))
SCOPES = (
    *(Cut(level, code, per_cpo) for level, code in _LEVELS for per_cpo in (True, False)),
    Cut("cell_500m", "cbs_cell_500m", per_cpo=False),
)
"""Every cut of today. Cells are not crossed with CPOs."""


def scoped(relation: str) -> str:
    """SQL: each row of a relation once for every area and CPO in which it counts; own_cpo is that of the row."""
    listed = ", ".join(
        f"{{'area_level': '{scope.level}', 'area_code': {scope.area_code}, 'cpo': {scope.cpo}, 'counts': {scope.counts}}}"
        for scope in SCOPES
    )
    return f"""
SELECT scope.area_level, scope.area_code, scope.cpo, {relation}.cpo AS own_cpo, {relation}.* EXCLUDE (cpo)
FROM {relation}, unnest([{listed}]) AS scopes(scope)
WHERE scope.counts
"""
