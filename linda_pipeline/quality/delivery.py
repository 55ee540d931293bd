"""Rules on a record among the others of its delivery, or beside what earlier deliveries held: texts and severity.

Here: their declarations, with examples of whole deliveries: a tuple of changes, one record each, in order. Not here: the
verdicts, which need every id at once (identity.py, overlap.py), and what is asked of a delivery as such (whole.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality.rule import Rule, Severity, Source, register

_OTHER_CONTENT: tuple[dict[str, Any], ...] = ({}, {"total_energy_kwh": 12.4, "last_updated": "2026-11-10T12:30:00Z"})
_OLDER_COPY: tuple[dict[str, Any], ...] = ({}, {"city": "Arnhem", "last_updated": "2026-09-01T08:00:00Z"})

_SECOND_SESSION: dict[str, Any] = {
    "end_date_time": "2026-11-10T13:00:00Z",
    "total_time_h": 2.0167,
    "total_parking_time_h": 0,
    "@charging_periods": [
        {"start_date_time": "2026-11-10T11:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.5}]}
    ],
    "last_updated": "2026-11-10T14:00:00Z",
}
_CREDIT: dict[str, Any] = {"cdr_id": "CDR-2026-000042-C", "credit": True, "total_cost_excl_vat": -4.0}


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
    versions: tuple[str, ...] = VERSIONS,
) -> None:
    register(
        Rule(
            id=rule_id,
            object=object_name,
            severity=dict.fromkeys(versions, severity),
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
        "nl": "Een andere CDR in deze levering heeft hetzelfde id, maar verschilt in een of meer velden.",
        "en": "Another CDR in this delivery has the same id, but one or more fields differ.",
        "fix_nl": "Geef elke CDR een eigen id. Verbeter een CDR met een credit-CDR en een nieuwe CDR.",
        "fix_en": "Give each CDR its own id. Correct a CDR by a credit CDR and a new CDR.",
        "reading": "The first by last_updated stands; the later one is refused. Ids are compared without regard to case. "
        "What was found are the fields that differ.",
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
        "nl": "Deze CDR is eerder goedgekeurd, en nu zijn er velden veranderd.",
        "en": "This CDR was accepted before, and now fields have changed.",
        "fix_nl": "Zet de CDR terug zoals hij was. Klopte hij niet? Lever dan een credit-CDR en een nieuwe CDR, elk met een "
        "eigen id.",
        "fix_en": "Put the CDR back as it was. Was it wrong? Then send a credit CDR and a new CDR, each with an id of its "
        "own.",
        "reading": "What was found are the fields that changed. Only what earlier windows accepted is looked at, so that a "
        "rerun gives the same verdict. It opens no case: the accepted CDR stands. In an example the first record was "
        "accepted in an earlier window.",
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
_declare(
    "cdr",
    "no_overlap",
    Severity.WARNING,
    "start_date_time",
    Source("L", "plausibility: one EVSE charges one car"),
    {
        "nl": "Deze sessie overlapt met een andere sessie op hetzelfde laadpunt.",
        "en": "This session overlaps another session on the same EVSE.",
        "fix_nl": "Controleer begin en einde van beide sessies, en of elk laadpunt een eigen uid heeft.",
        "fix_en": "Check the start and end of both sessions, and that each EVSE has a uid of its own.",
        "reading": "By more than 60 seconds. Over the whole delivery and what earlier windows accepted; an EVSE is told by its "
        "Location and uid, since an EVSE id may be the station's. Of two sessions in one delivery the one that starts later is "
        "told. Rejected records, copies, credit CDRs and the CDRs that they credit are set aside. Found: the id of the other.",
    },
    good=(
        ({}, {"cdr_id": "CDR-2026-000043", "evse_uid": "EVSE-0042-2"}),
        ({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:59:00Z"}),
    ),
    bad=(({}, {"cdr_id": "CDR-2026-000043", **_SECOND_SESSION, "start_date_time": "2026-11-10T10:58:59Z"}),),
)
_declare(
    "cdr",
    "credit_reference_known",
    Severity.WARNING,
    "credit_reference_id",
    Source("O", "CDR object, credit_reference_id"),
    {
        "nl": "De CDR die hier wordt gecrediteerd is niet bekend.",
        "en": "The CDR that is credited here is not known.",
        "fix_nl": "Controleer het id; een CDR die is geweigerd hoeft u niet te crediteren.",
        "fix_en": "Check the id; a CDR that was refused need not be credited.",
        "reading": "Known means: in this delivery, or accepted in an earlier window. Where no earlier window of this CPO was "
        "judged, a reference to an earlier CDR cannot be told, and the rule is not run.",
    },
    good=(({}, {**_CREDIT, "credit_reference_id": "cdr-2026-000042"}),),
    bad=(({}, {**_CREDIT, "credit_reference_id": "CDR-2026-000041"}),),
    versions=("2.2.1", "2.3.0"),
)
_declare(
    "evse",
    "removed_not_vanished",
    Severity.WARNING,
    "status",
    Source("O", "Locations module: a Location is never deleted"),
    {
        "nl": "Dit laadpunt is verdwenen zonder dat het op REMOVED is gezet.",
        "en": "This EVSE has disappeared without being set to REMOVED.",
        "fix_nl": "Blijf een laadpunt dat er niet meer is leveren met de status REMOVED.",
        "fix_en": "Keep sending an EVSE that is gone, with the status REMOVED.",
        "reading": "Told once, on the first complete night without it after a complete night with it. An EVSE is told by its "
        "Location and uid. It has no place in the delivery: found is its EVSE id. In an example the first Location was "
        "delivered on the night before.",
    },
    good=(({}, {}), ({"status": "REMOVED"}, {"evse_uid": "EVSE-0043-1", "evse_id": "NL*ABC*E00431"})),
    bad=(({}, {"evse_uid": "EVSE-0043-1", "evse_id": "NL*ABC*E00431"}),),
)
