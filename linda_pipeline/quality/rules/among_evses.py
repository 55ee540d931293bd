"""Rules on EVSEs beside each other, and beside those of earlier nights: whose id they have, and which of them disappeared.

Here: the demands and their evaluators. Not here: one EVSE at a time (location.py, ids.py), and copies of a
Location (copies.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import folded_evse_ids
from linda_pipeline.quality.identity import hashes, recurring
from linda_pipeline.quality.joined import EARLIER_EVSE_ID, JOINED, OF_ANOTHER_CPO
from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.rule import NotRun, Part, Scope, Severity, Source, rule
from linda_pipeline.quality.view import View


@rule(
    Severity.ERROR,
    object="evse",
    scope=Scope.DELIVERY,
    blames="evse_id",
    nl="Dit EVSE-id hoort in deze levering bij meer dan één laadpunt.",
    en="This EVSE id belongs to more than one EVSE in this delivery.",
    fix_nl="Geef elk laadpunt een eigen EVSE-id; zet een laadpunt dat er niet meer is op REMOVED.",
    fix_en="Give each EVSE its own EVSE id; set an EVSE that is gone to REMOVED.",
    source=Source("P", "Locations, EVSE"),
    reading="One evse_id is one live EVSE over the whole delivery: every live EVSE that shares it is refused. "
    "Compared in capitals without separators. In an example each EVSE stands in a Location of its own.",
    good=(({}, {"evse_uid": "EVSE-0043-1", "status": "REMOVED"}), ({}, {"evse_id": "NL*ABC*E00431"})),
    bad=(
        ({}, {"evse_uid": "EVSE-0043-1"}),
        ({}, {"evse_uid": "EVSE-0043-1", "evse_id": "nl-abc-e00421"}),
    ),
)
def evse_id_unique(night: Nightly) -> Part:
    keys = pc.if_else(pa.array(night.evse_lives), folded_evse_ids(night.evse("evse_id")), None)
    return Part(recurring(hashes(keys)))


@rule(
    Severity.ERROR,
    object="evse",
    scope=Scope.DELIVERY,
    blames="evse_uid",
    nl="Deze uid hoort in deze levering bij meer dan één laadpunt.",
    en="This uid belongs to more than one EVSE in this delivery.",
    fix_nl="Geef elk laadpunt een eigen uid en gebruik die nooit opnieuw; zet een laadpunt dat er niet meer is op REMOVED.",
    fix_en="Give each EVSE a uid of its own, and never use a uid again; set an EVSE that is gone to REMOVED.",
    source=Source("O", "Locations module, EVSE object, uid"),
    reading="A uid names one EVSE of a CPO: every live EVSE that shares it is refused, over the whole delivery. Capitals do "
    "not count. In an example each EVSE stands in a Location of its own.",
    good=(({}, {"evse_uid": "EVSE-0043-1", "evse_id": "NL*ABC*E00431"}), ({}, {"status": "REMOVED"})),
    bad=(({}, {"evse_id": "NL*ABC*E00431"}), ({}, {"evse_uid": "evse-0042-1", "evse_id": "NL*ABC*E00431"})),
    valid_from=date(2026, 11, 1),
)
def evse_uid_unique(night: Nightly) -> Part:
    keys = pc.if_else(pa.array(night.evse_lives), pc.utf8_upper(night.evse("evse_uid")), None)
    return Part(recurring(hashes(keys)))


@rule(
    Severity.WARNING,
    object="evse",
    reads=("evse_id", "status"),
    needs=(OF_ANOTHER_CPO,),
    nl="Dit EVSE-id wordt ook door een andere CPO geleverd.",
    en="This EVSE id is delivered by another CPO as well.",
    fix_nl="Is het laadpunt niet meer van u, zet het dan op REMOVED. Is het van u, controleer dan het id en meld het bij NDW.",
    fix_en="Where the EVSE is no longer yours, set it to REMOVED. Where it is yours, check the id and tell NDW.",
    source=Source("O", "Locations module, EVSE object, evse_id"),
    reading="One EVSE id is one charge point. Told of live EVSEs that another CPO delivered, live, in its last night before "
    "this one; both CPOs hear it, each without the other's name.",
    good=({OF_ANOTHER_CPO: False}, {OF_ANOTHER_CPO: True, "status": "REMOVED"}, {OF_ANOTHER_CPO: None}),
    bad=({OF_ANOTHER_CPO: True},),
    valid_from=date(2026, 11, 1),
)
def evse_of_two_cpos(view: View) -> Any:
    return pc.or_(pc.invert(view[OF_ANOTHER_CPO]), pc.equal(view["status"], "REMOVED"))


@rule(
    Severity.WARNING,
    object="evse",
    scope=Scope.HISTORY,
    blames="status",
    nl="Dit laadpunt is verdwenen zonder dat het op REMOVED is gezet.",
    en="This EVSE has disappeared without being set to REMOVED.",
    fix_nl="Blijf een laadpunt dat er niet meer is leveren met de status REMOVED.",
    fix_en="Keep sending an EVSE that is gone, with the status REMOVED.",
    source=Source("O", "Locations module: a Location is never deleted"),
    reading="Told once, on the first complete night without it after a complete night with it. An EVSE is told by its "
    "Location and uid. It has no place in the delivery: found is its EVSE id. In an example the first Location was "
    "delivered on the night before.",
    good=(({}, {}), ({"status": "REMOVED"}, {"evse_uid": "EVSE-0043-1", "evse_id": "NL*ABC*E00431"})),
    bad=(({}, {"evse_uid": "EVSE-0043-1", "evse_id": "NL*ABC*E00431"}),),
)
def removed_not_vanished(night: Nightly) -> Part | NotRun:
    if night.before is None:
        why = JOINED[EARLIER_EVSE_ID]
        return NotRun(why.why_en, why.why_nl)
    if not night.is_complete:
        return NotRun(
            "This night is not complete: what is missing may still be there.",
            "Deze nacht is niet volledig: wat ontbreekt kan er nog staan.",
        )
    gone = night.before.vanished(night.evse_names)
    return Part(None, ids=one_chunk(gone["evse_uid"]), value=one_chunk(pc.coalesce(gone["evse_id"], gone["name"])))
