"""Rules that hold the EVSE and connector of a CDR beside the CPO's own Locations, as they were around the session's start.

Here: whether ids and kinds agree, and whether the EVSE was still there. Not here: whether Location and EVSE are known at all,
places and power (known.py), and where the columns come from (judging).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.record_keys import folded_evse_ids
from linda_pipeline.quality import joined
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.view import View

_SINCE = date(2026, 11, 1)
_OWN = Source("L", "comparison with the CPO's own Locations")
_BESIDE = "Beside the EVSE as it was delivered around the start of the session; a session whose EVSE is not known is let pass."


@rule(
    Severity.WARNING,
    reads=("evse_id", "evse_uid"),
    needs=(joined.EVSE_IN_LOCATIONS,),
    nl="Het EVSE-id in de CDR hoort in uw Locations bij een ander laadpunt dan de uid in de CDR.",
    en="The EVSE id in the CDR belongs to another EVSE in your Locations than the uid in the CDR.",
    fix_nl="Neem uid en EVSE-id van hetzelfde laadpunt over in de CDR.",
    fix_en="Put the uid and the EVSE id of one and the same EVSE into the CDR.",
    source=_OWN,
    reading=f"{_BESIDE} Compared in capitals without separators. Found: the CDR's id, and that of its uid; where the Location "
    "is known and has no such uid, the Location and uid at which the id stands. An id that stands nowhere is let pass there: "
    "known_evse tells of it.",
    good=({joined.EVSE_IN_LOCATIONS: "NLABCE00421"}, {joined.EVSE_IN_LOCATIONS: None}),
    bad=({joined.EVSE_IN_LOCATIONS: "NLABCE00422"}, {joined.EVSE_IN_LOCATIONS: "LOC-0042/EVSE-0042-2"}),
    valid_from=_SINCE,
)
def evse_id_agrees(view: View) -> Any:
    fine = pc.equal(folded_evse_ids(view["evse_id"]), view[joined.EVSE_IN_LOCATIONS])

    def shown(rows: Any) -> Any:
        return pc.binary_join_element_wise(
            *(pc.take(view[name], pa.array(rows)) for name in ("evse_id", joined.EVSE_IN_LOCATIONS)), " ↔ "
        )

    return fails(fine, value=shown)


def _beside_connectors(view: View, sent: Any, fits: Callable[[str, str], bool]) -> Any:
    """The mask of a test on (a text of the record in capitals, the connectors of its EVSE), asked once per distinct pair."""
    pairs = pc.dictionary_encode(pc.binary_join_element_wise(pc.utf8_upper(sent), view[joined.KNOWN_CONNECTORS], "\n"))
    answers = [fits(*pair.split("\n", 1)) for pair in pairs.dictionary.to_pylist()]
    return pc.take(pa.array(answers, pa.bool_()), pairs.indices)


@rule(
    Severity.WARNING,
    reads=("connector_id",),
    needs=(joined.KNOWN_CONNECTORS,),
    nl="Deze connector staat in uw Locations niet bij het laadpunt van de sessie.",
    en="This connector does not stand with the EVSE of the session in your Locations.",
    fix_nl="Lever in de CDR het id van de connector zoals het in Locations staat.",
    fix_en="Send the id of the connector in the CDR as it stands in Locations.",
    source=_OWN,
    reading=f"{_BESIDE} Capitals do not count.",
    good=({joined.KNOWN_CONNECTORS: "|1=IEC_62196_T2|"}, {joined.KNOWN_CONNECTORS: None}),
    bad=({joined.KNOWN_CONNECTORS: "|2=IEC_62196_T2|"}, {joined.KNOWN_CONNECTORS: "|11=IEC_62196_T2|"}),
    valid_from=_SINCE,
)
def connector_known(view: View) -> Any:
    return _beside_connectors(view, view["connector_id"], lambda name, known: f"|{name}=" in known)


@rule(
    Severity.WARNING,
    reads=("connector_id", "connector_standard"),
    blames="connector_standard",
    needs=(joined.KNOWN_CONNECTORS,),
    nl="Deze connector is in uw Locations van een andere soort.",
    en="This connector is of another kind in your Locations.",
    fix_nl="Lever in CDR en Locations dezelfde soort connector.",
    fix_en="Send the same kind of connector in CDR and Locations.",
    source=_OWN,
    reading=f"{_BESIDE} A connector that is not known there is told by connector_known alone. Capitals do not count.",
    good=({joined.KNOWN_CONNECTORS: "|1=IEC_62196_T2|"}, {joined.KNOWN_CONNECTORS: "|1=|"}),
    bad=({joined.KNOWN_CONNECTORS: "|1=IEC_62196_T2_COMBO|"},),
    valid_from=_SINCE,
)
def connector_agrees(view: View) -> Any:
    both = pc.binary_join_element_wise(view["connector_id"], view["connector_standard"], "=")

    def agrees(sent: str, known: str) -> bool:
        name = sent.rpartition("=")[0]
        return f"|{name}=" not in known or f"|{name}=|" in known or f"|{sent}|" in known

    return _beside_connectors(view, both, agrees)


@rule(
    Severity.WARNING,
    plausibility=True,
    reads=("evse_uid",),
    needs=(joined.EVSE_REMOVED, joined.EVSE_KNOWN, joined.LOCATION_KNOWN),
    nl="Dit laadpunt stond vóór het begin van de sessie al op REMOVED.",
    en="This EVSE was REMOVED before the session began.",
    fix_nl="Controleer het laadpunt van de sessie, of zet het in Locations pas op REMOVED als het weg is.",
    fix_en="Check the EVSE of the session, or set it to REMOVED in Locations only when it is gone.",
    source=_OWN,
    reading="In the last complete night before the session's start. An EVSE that is gone is not known either: known_evse says "
    "so too.",
    good=({joined.EVSE_REMOVED: False, joined.EVSE_KNOWN: True, joined.LOCATION_KNOWN: True},),
    bad=({joined.EVSE_REMOVED: True, joined.EVSE_KNOWN: False, joined.LOCATION_KNOWN: True},),
    implies=("known_evse",),
    valid_from=_SINCE,
)
def session_after_removed(view: View) -> Any:
    return pc.invert(view[joined.EVSE_REMOVED])
