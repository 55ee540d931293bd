"""Rules on what a credit CDR takes back, beside the other CDRs of its delivery and of earlier windows.

Here: the demands and their evaluators. Not here: what a credit CDR must hold by itself (cdr.py, amounts.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from linda_pipeline.quality.identity import NO_IDENTITY
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import NotRun, Part, Scope, Severity, Source, rule
from linda_pipeline.quality.rules.cdr import CREDIT
from linda_pipeline.quality.standing import CREDITS, KEY, StandingCdrs

_SINCE_22 = ("2.2.1", "2.3.0")
_CREDIT: dict[str, Any] = {"cdr_id": "CDR-2026-000042-C", **CREDIT}
_OF: dict[str, Any] = {"credit_reference_id": "CDR-2026-000042"}


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


@rule(
    Severity.ERROR,
    scope=Scope.DELIVERY,
    reads=("last_updated",),
    blames="credit_reference_id",
    versions=_SINCE_22,
    valid_from=AFTER_TRIALS,
    opens_case=False,
    nl="Deze CDR is al eerder gecrediteerd.",
    en="This CDR was credited before.",
    fix_nl="Crediteer een CDR één keer, voor het hele bedrag. Lever daarna zo nodig een nieuwe CDR met een eigen id.",
    fix_en="Credit a CDR once, for the whole amount. If need be, send a new CDR with an id of its own after that.",
    source=Source("O", "CDR object, credit"),
    reading="Of two credits of one CDR the later one by last_updated is refused, or the one that comes beside a credit that an "
    "earlier window accepted. Found: what it credits. It opens no case: the CDR is credited already.",
    good=(({}, {**_CREDIT, **_OF}), ({**_CREDIT, **_OF}, {**_CREDIT, "cdr_id": "C-2", "credit_reference_id": "CDR-9"})),
    bad=(({**_CREDIT, **_OF}, {**_CREDIT, **_OF, "cdr_id": "C-2", "last_updated": "2026-11-10T13:00:00Z"}),),
)
def credit_once(cdrs: StandingCdrs) -> Part:
    credited, changed = np.where(cdrs["credit"], cdrs[CREDITS], NO_IDENTITY), cdrs["last_updated"]
    order = np.lexsort((cdrs.rows, changed, credited))
    is_again = np.zeros(len(cdrs), bool)
    is_again[order[1:]] = credited[order[1:]] == credited[order[:-1]]
    is_again |= np.isin(credited, cdrs.earlier.credits()[1])
    rows = cdrs.rows[is_again & (credited != NO_IDENTITY)]
    return Part(rows, value=cdrs.credit_references(rows.tolist()))


@rule(
    Severity.ERROR,
    scope=Scope.DELIVERY,
    blames="credit_reference_id",
    versions=_SINCE_22,
    valid_from=AFTER_TRIALS,
    nl="Deze credit-CDR crediteert een andere credit-CDR.",
    en="This credit CDR credits another credit CDR.",
    fix_nl="Crediteer alleen een CDR van een sessie. Was de creditering fout, lever dan een nieuwe CDR met een eigen id.",
    fix_en="Credit only the CDR of a session. Where the credit was wrong, send a new CDR with an id of its own.",
    source=Source("O", "CDR object, credit"),
    reading="In this delivery, or accepted in an earlier window. Found: what it credits.",
    good=(({}, {**_CREDIT, **_OF}),),
    bad=(({**_CREDIT, **_OF}, {**_CREDIT, "cdr_id": "C-2", "credit_reference_id": "CDR-2026-000042-c"}),),
)
def credit_not_of_credit(cdrs: StandingCdrs) -> Part:
    credited = np.where(cdrs["credit"], cdrs[CREDITS], NO_IDENTITY)
    of_credits = np.concatenate([cdrs[KEY][cdrs["credit"]], cdrs.earlier.credits()[0]])
    is_own = credited == cdrs[KEY]  # that is told of the record alone
    rows = cdrs.rows[np.isin(credited, of_credits) & (credited != NO_IDENTITY) & ~is_own]
    return Part(rows, value=cdrs.credit_references(rows.tolist()))
