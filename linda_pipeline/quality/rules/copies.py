"""Rules on who is who: copies of a record, ids with more than one content, and CDRs that come back changed.

Here: the demands, with examples of whole deliveries: a tuple of changes, one record each, in order. Not here: how the records
with one id are told apart (quality.identity), which must read them again.
"""

from __future__ import annotations

from typing import Any

from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.rule import Part, Scope, Severity, Source, rule
from linda_pipeline.quality.standing import StandingCdrs

_OTHER = {"cdr_id": "CDR-2026-000043", "session_id": "SES-2026-000043", "evse_uid": "EVSE-0042-2"}
_OTHER_CONTENT: tuple[dict[str, Any], ...] = ({}, {"total_energy_kwh": 12.4, "last_updated": "2026-11-10T12:30:00Z"})
_OLDER_COPY: tuple[dict[str, Any], ...] = ({}, {"city": "Arnhem", "last_updated": "2026-09-01T08:00:00Z"})


def _of(sessions: StandingCdrs, rows: set[int]) -> Part:
    """Rows of the delivery with what changed in them, else with their ids."""
    ordered = sorted(rows)
    ids = sessions.ids(ordered)
    shown = [sessions.changes.get(row) or known for row, known in zip(ordered, ids, strict=True)]
    return Part(ordered, value=shown)


@rule(
    Severity.INFO,
    scope=Scope.DELIVERY,
    fixed=True,
    blames="cdr_id",
    nl="Deze CDR is al eerder geleverd, met dezelfde inhoud.",
    en="This CDR was delivered before, with the same content.",
    fix_nl="U hoeft niets te doen: de kopie telt niet mee.",
    fix_en="Nothing needs to be done: the copy is left out.",
    source=Source("O", "CDRs module: a CDR is never changed"),
    reading="Content is the whole record but for last_updated. Earlier means: in this delivery, or accepted in an "
    "earlier window.",
    good=(({}, _OTHER), _OTHER_CONTENT),
    bad=(({}, {}), ({}, {"last_updated": "2026-11-10T13:00:00Z"})),
)
def identical_copy(sessions: StandingCdrs) -> Part:
    return _of(sessions, sessions.identity.identical)


@rule(
    Severity.ERROR,
    scope=Scope.DELIVERY,
    fixed=True,
    blames="cdr_id",
    opens_case=False,
    nl="Een andere CDR in deze levering heeft hetzelfde id, maar verschilt in een of meer velden.",
    en="Another CDR in this delivery has the same id, but one or more fields differ.",
    fix_nl="Geef elke CDR een eigen id. Verbeter een CDR met een credit-CDR en een nieuwe CDR.",
    fix_en="Give each CDR its own id. Correct a CDR by a credit CDR and a new CDR.",
    source=Source("O", "CDR object, id"),
    reading="The first by last_updated stands; the later one is refused. Ids are compared without regard to case. "
    "What was found are the fields that differ. It opens no case: the first one is judged by itself.",
    good=(({}, _OTHER), ({}, {})),
    bad=(_OTHER_CONTENT,),
)
def cdr_id_unique(sessions: StandingCdrs) -> Part:
    return _of(sessions, sessions.identity.clashing)


@rule(
    Severity.ERROR,
    scope=Scope.DELIVERY,
    fixed=True,
    blames="cdr_id",
    opens_case=False,
    nl="Deze CDR is eerder goedgekeurd, en nu zijn er velden veranderd.",
    en="This CDR was accepted before, and now fields have changed.",
    fix_nl="Zet de CDR terug zoals hij was. Klopte hij niet? Lever dan een credit-CDR en een nieuwe CDR, elk met een "
    "eigen id.",
    fix_en="Put the CDR back as it was. Was it wrong? Then send a credit CDR and a new CDR, each with an id of its "
    "own.",
    source=Source("O", "CDRs module: a CDR is never changed"),
    reading="What was found are the fields that changed. Only what earlier windows accepted is looked at, so that a "
    "rerun gives the same verdict. It opens no case: the accepted CDR stands. In an example the first record was "
    "accepted in an earlier window.",
    good=(({}, {}),),
    bad=(_OTHER_CONTENT,),
)
def unchanged_since_accepted(sessions: StandingCdrs) -> Part:
    return _of(sessions, sessions.identity.changed)


@rule(
    Severity.INFO,
    id="identical_copy",
    object="location",
    scope=Scope.DELIVERY,
    fixed=True,
    blames="location_id",
    nl="Deze laadlocatie staat al in deze levering, met dezelfde inhoud.",
    en="This location is already in this delivery, with the same content.",
    fix_nl="U hoeft niets te doen: de kopie telt niet mee.",
    fix_en="Nothing needs to be done: the copy is left out.",
    source=Source("O", "Location object, id"),
    reading="Copies are looked for within one delivery only: a location comes back every night.",
    good=(({}, {"location_id": "LOC-0043", "@evses[0].evse_id": "NL*ABC*E00431"}), _OLDER_COPY),
    bad=(({}, {}),),
)
def location_copy(night: Nightly) -> Part:
    return Part(sorted(night.identity.identical))


@rule(
    Severity.ERROR,
    object="location",
    scope=Scope.DELIVERY,
    fixed=True,
    blames="location_id",
    nl="Een nieuwere versie van deze laadlocatie staat in dezelfde levering.",
    en="A newer version of this location is in the same delivery.",
    fix_nl="Lever elke laadlocatie één keer, met haar nieuwste inhoud.",
    fix_en="Send each location once, with its newest content.",
    source=Source("O", "Location object, id"),
    reading="The newest last_updated stays; the older copy is refused.",
    good=(({}, {"location_id": "LOC-0043", "@evses[0].evse_id": "NL*ABC*E00431"}), ({}, {})),
    bad=(_OLDER_COPY,),
)
def location_unique(night: Nightly) -> Part:
    return Part(sorted(night.identity.clashing))
