"""Rules on what a credit CDR takes back, beside the other CDRs of its delivery and of earlier windows.

Here: the demands and their evaluators. Not here: what a credit CDR must hold by itself (cdr.py, amounts.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from linda_pipeline.quality.rule import NotRun, Part, Scope, Severity, Source, rule
from linda_pipeline.quality.standing import CREDITS, StandingCdrs

_SINCE_22 = ("2.2.1", "2.3.0")
_CREDIT: dict[str, Any] = {"cdr_id": "CDR-2026-000042-C", "credit": True, "total_cost_excl_vat": -4.0}


@rule(
    Severity.WARNING,
    scope=Scope.DELIVERY,
    blames="credit_reference_id",
    versions=_SINCE_22,
    nl="De CDR die hier wordt gecrediteerd is niet bekend.",
    en="The CDR that is credited here is not known.",
    fix_nl="Controleer het id; een CDR die is afgekeurd hoeft u niet te crediteren.",
    fix_en="Check the id; a CDR that was refused need not be credited.",
    source=Source("O", "CDR object, credit_reference_id"),
    reading="Known means: in this delivery, or accepted in an earlier window. Where no earlier window of this CPO was "
    "judged, a reference to an earlier CDR cannot be told, and the rule is not run.",
    good=(({}, {**_CREDIT, "credit_reference_id": "cdr-2026-000042"}),),
    bad=(({}, {**_CREDIT, "credit_reference_id": "CDR-2026-000041"}),),
)
def credit_reference_known(sessions: StandingCdrs) -> Part | NotRun:
    if not sessions.earlier.is_known:
        return NotRun(
            "No earlier window of this CPO was judged, so that an earlier CDR cannot be known.",
            "Er is geen eerdere periode van deze CPO beoordeeld; een eerdere CDR kan dus niet bekend zijn.",
        )
    named = np.where(sessions["credit"], sessions[CREDITS], 0)
    asked = (named != 0) & ~np.isin(named, sessions.received)
    missing = sessions.rows[asked].tolist()
    known = sessions.earlier.credited(missing)
    rows = [row for row in missing if row not in known]
    return Part(rows, value=sessions.credit_references(rows))
