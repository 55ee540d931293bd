"""Rules on a record among the others of its delivery, or beside what earlier deliveries held: texts and severity.

Here: their declarations, with examples of whole deliveries: a tuple of changes, one record each, in order. Not here: the
verdicts, which need every id at once (identity.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.rule import Rule, Severity, Source, register

_OTHER_CONTENT: tuple[dict[str, Any], ...] = ({}, {"total_energy_kwh": 12.4, "last_updated": "2026-11-10T12:30:00Z"})
_OLDER_COPY: tuple[dict[str, Any], ...] = ({}, {"city": "Arnhem", "last_updated": "2026-09-01T08:00:00Z"})


def _declare(
    object_name: str,
    rule_id: str,
    severity: Severity,
    blames: str,
    source: Source,
    texts: Mapping[str, str],
    good: tuple[Any, ...],
    bad: tuple[Any, ...],
    opens_case: bool = True,
) -> None:
    register(
        Rule(
            id=rule_id,
            object=object_name,
            severity=dict.fromkeys(VERSIONS, severity),
            reads=(blames,),
            blames=blames,
            nl=texts["nl"],
            en=texts["en"],
            fix_nl=texts["fix_nl"],
            fix_en=texts["fix_en"],
            source=source,
            reading=texts.get("reading", ""),
            good=good,
            bad=bad,
            opens_case=opens_case,
        )
    )


_declare(
    "cdr",
    "identical_copy",
    Severity.INFO,
    "cdr_id",
    Source("O", "CDRs module: a CDR is never changed"),
    {
        "nl": "Deze CDR is al eerder geleverd, met dezelfde inhoud.",
        "en": "This CDR was delivered before, with the same content.",
        "fix_nl": "U hoeft niets te doen: de kopie telt niet mee.",
        "fix_en": "Nothing needs to be done: the copy is left out.",
        "reading": "Content is the whole record but for last_updated. Earlier means: in this delivery, or accepted in an "
        "earlier window.",
    },
    good=(({}, {"cdr_id": "CDR-2026-000043"}), _OTHER_CONTENT),
    bad=(({}, {}), ({}, {"last_updated": "2026-11-10T13:00:00Z"})),
)
_declare(
    "cdr",
    "cdr_id_unique",
    Severity.ERROR,
    "cdr_id",
    Source("O", "CDR object, id"),
    {
        "nl": "Een andere CDR in deze levering heeft hetzelfde id en een andere inhoud.",
        "en": "Another CDR in this delivery has the same id and other content.",
        "fix_nl": "Geef elke CDR een eigen id. Verbeter een CDR met een credit-CDR en een nieuwe CDR.",
        "fix_en": "Give each CDR its own id. Correct a CDR by a credit CDR and a new CDR.",
        "reading": "The first by last_updated stands; the later one is refused. Ids are compared without regard to case.",
    },
    good=(({}, {"cdr_id": "CDR-2026-000043"}), ({}, {})),
    bad=(_OTHER_CONTENT,),
)
_declare(
    "cdr",
    "unchanged_since_accepted",
    Severity.ERROR,
    "cdr_id",
    Source("O", "CDRs module: a CDR is never changed"),
    {
        "nl": "Deze CDR is eerder goedgekeurd en komt nu terug met een andere inhoud.",
        "en": "This CDR was accepted before and now comes back with other content.",
        "fix_nl": "Laat de CDR zoals hij was. Verbeter hem met een credit-CDR en een nieuwe CDR.",
        "fix_en": "Leave the CDR as it was. Correct it by a credit CDR and a new CDR.",
        "reading": "Only what earlier windows accepted is looked at, so that a rerun gives the same verdict. It opens no "
        "case: the accepted CDR stands. In an example the first record was accepted in an earlier window.",
    },
    good=(({}, {}),),
    bad=(_OTHER_CONTENT,),
    opens_case=False,
)
_declare(
    "location",
    "identical_copy",
    Severity.INFO,
    "location_id",
    Source("O", "Location object, id"),
    {
        "nl": "Deze locatie staat al in deze levering, met dezelfde inhoud.",
        "en": "This location is already in this delivery, with the same content.",
        "fix_nl": "U hoeft niets te doen: de kopie telt niet mee.",
        "fix_en": "Nothing needs to be done: the copy is left out.",
        "reading": "Copies are looked for within one delivery only: a location comes back every night.",
    },
    good=(({}, {"location_id": "LOC-0043", "@evses[0].evse_id": "NL*ABC*E00431"}), _OLDER_COPY),
    bad=(({}, {}),),
)
_declare(
    "location",
    "location_unique",
    Severity.ERROR,
    "location_id",
    Source("O", "Location object, id"),
    {
        "nl": "Een nieuwere versie van deze locatie staat in dezelfde levering.",
        "en": "A newer version of this location is in the same delivery.",
        "fix_nl": "Lever elke locatie één keer, met haar nieuwste inhoud.",
        "fix_en": "Send each location once, with its newest content.",
        "reading": "The newest last_updated stays; the older copy is refused.",
    },
    good=(({}, {"location_id": "LOC-0043", "@evses[0].evse_id": "NL*ABC*E00431"}), ({}, {})),
    bad=(_OLDER_COPY,),
)
_declare(
    "evse",
    "evse_id_unique",
    Severity.ERROR,
    "evse_id",
    Source("P", "Locations, EVSE"),
    {
        "nl": "Dit EVSE-id hoort in deze levering bij meer dan één laadpunt.",
        "en": "This EVSE id belongs to more than one EVSE in this delivery.",
        "fix_nl": "Geef elk laadpunt een eigen EVSE-id; zet een laadpunt dat er niet meer is op REMOVED.",
        "fix_en": "Give each EVSE its own EVSE id; set an EVSE that is gone to REMOVED.",
        "reading": "One evse_id is one live EVSE over the whole delivery: every live EVSE that shares it is refused. "
        "Compared in capitals without separators. In an example each EVSE stands in a Location of its own.",
    },
    good=(({}, {"evse_uid": "EVSE-0043-1", "status": "REMOVED"}), ({}, {"evse_id": "NL*ABC*E00431"})),
    bad=(
        ({}, {"evse_uid": "EVSE-0043-1"}),
        ({}, {"evse_uid": "EVSE-0043-1", "evse_id": "nl-abc-e00421"}),
    ),
)
