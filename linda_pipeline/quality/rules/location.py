"""Rules on a Location and its EVSEs that no subject module holds, and the one that a nightly pull cannot check.

Here: the operator's name, the power of connectors, what changed when, and how old a status may be. Not here: addresses,
places and ids.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.nested import field_of
from linda_pipeline.ocpi.record_keys import folded_evse_ids
from linda_pipeline.quality.joined import EARLIER_EVSE_ID
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.signs import composed
from linda_pipeline.quality.view import View

OPERATOR_NAME_LONGEST = 100
_UNPRINTABLE = r"[\p{Cc}\p{Cs}\x{FFFD}]"


def operator_named(view: View) -> Any:
    """Printable, and at most 100 characters."""

    def is_name(texts: Any) -> Any:
        return pc.and_not(
            pc.less_equal(pc.utf8_length(composed(texts)), OPERATOR_NAME_LONGEST),
            pc.match_substring_regex(texts, _UNPRINTABLE),
        )

    return view.on_distinct("operator_name", is_name)


_OPERATOR: dict[str, Any] = {
    "reads": ("operator_name",),
    "nl": "De naam van de exploitant is te lang of bevat onleesbare tekens.",
    "en": "The name of the operator is too long or holds unreadable characters.",
    "fix_nl": "Schrijf de naam in hoogstens 100 gewone tekens, zonder regeleinden of tabs.",
    "fix_en": "Write the name in 100 ordinary characters at most, without line breaks or tabs.",
    "reading": "That the name is there at all is asked by operator_name_required; its length is asked here alone, since "
    "the profile makes it an error.",
    "good": ({"operator_name": "Súdwest Laden & Zn. B.V."}, {"operator_name": "É" * 100}),
    "bad": (
        {"operator_name": "E" * 101},
        {"operator_name": "Laden\nB.V."},
    ),
}
rule(Severity.ERROR, object="location", source=Source("P", "Locations"), **_OPERATOR)(operator_named)
rule(Severity.ERROR, object="cdr", versions=("2.1.1",), source=Source("P", "Locations"), **_OPERATOR)(operator_named)

rule(
    Severity.WARNING,
    id="status_age",
    object="evse",
    reads=("status",),
    nl="De status van het laadpunt is ouder dan 30 seconden.",
    en="The status of the EVSE is more than 30 seconds old.",
    fix_nl="Houd de status van uw laadpunten steeds bij; het profiel vraagt een status van hoogstens 30 seconden oud.",
    fix_en="Keep the status of your EVSEs up to date; the profile asks for a status that is 30 seconds old at most.",
    source=Source("P", "Locations, EVSE"),
    reading="Listed so that it is known: it is not checked.",
    not_run="The profile asks for a status that is 30 seconds old at most; a nightly pull cannot see that.",
    not_run_nl="Het profiel vraagt een status van hoogstens 30 seconden oud; dat is bij een levering per nacht niet te zien.",
)(None)


_POWER = "connectors.max_electric_power_w"


@rule(
    Severity.WARNING,
    object="evse",
    reads=("connectors",),
    blames=_POWER,
    versions=("2.2.1", "2.3.0"),
    nl="Het vermogen van de connector is onwaarschijnlijk hoog.",
    en="The power of the connector is implausibly high.",
    fix_nl="Lever max_electric_power in watt: 11 kW is 11000. Is het echt zo hoog, dan hoeft u niets te doen.",
    fix_en="Send max_electric_power in watts: 11 kW is 11000. Where it is really that high, nothing needs to be done.",
    source=Source("L", "plausibility: W and kW mixed"),
    reading="Above 1 MW, or above 44.16 kW with alternating current (3 × 230 V × 64 A); before November 2026: 44 kW.",
    good=(
        {_POWER: 44160},
        {_POWER: 1_000_000, "connectors.connector_power_type": "DC"},
        {_POWER: None},
    ),
    bad=(
        {_POWER: 44161},
        {_POWER: 11_000_000},
        {_POWER: 1_000_001, "connectors.connector_power_type": "DC"},
    ),
)
def power_unit_plausible(view: View) -> Any:
    watts = view[_POWER]
    is_ac = view.on_distinct("connectors.connector_power_type", lambda kinds: pc.starts_with(kinds, "AC"))
    limit = pc.if_else(pc.fill_null(is_ac, False), view.parameters.most_ac_power_w, view.parameters.most_power_w)
    return pc.less_equal(pc.cast(watts, pa.float64()), limit)


_LATER = "2026-10-01T08:00:01Z"
_PARENT: dict[str, Any] = {
    "id": "last_updated_parent",
    "blames": "last_updated",
    "reads": ("last_updated",),
    "source": Source("O", "Locations module, last_updated of Location, EVSE and Connector"),
    "reading": "A change of a part is a change of the whole. Found: when the newest part changed.",
}


def _newest_part(view: View, list_name: str) -> Any:
    """Per record the newest last_updated of the elements of a list, as microseconds since 1970; NaN where there is none."""
    elements, rows, _ = view.elements(list_name)
    newest = np.full(len(view), np.nan)
    if pa.types.is_struct(elements.type) and "last_updated" in [field.name for field in elements.type]:
        moments = pc.cast(field_of(elements, "last_updated"), pa.int64()).to_numpy(zero_copy_only=False)
        np.fmax.at(newest, rows.to_numpy(), moments.astype(np.float64))
    return newest


def _not_older(view: View, list_name: str) -> Any:
    own = pc.cast(view["last_updated"], pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64)
    newest = _newest_part(view, list_name)
    older = own < newest

    def shown(rows: Any) -> Any:
        return pc.strftime(pa.array(newest[rows].astype(np.int64)).cast(pa.timestamp("us")), "%Y-%m-%dT%H:%M:%SZ")

    return fails(pa.array(~older), value=shown)


rule(
    Severity.INFO,
    object="location",
    nl="De laadlocatie zegt eerder te zijn gewijzigd dan een van haar laadpunten.",
    en="The location says that it changed earlier than one of its EVSEs.",
    fix_nl="Zet last_updated van de laadlocatie gelijk aan de nieuwste wijziging van haar laadpunten.",
    fix_en="Set last_updated of the location to the newest change of its EVSEs.",
    good=({"last_updated": _LATER},),
    bad=({"@evses[0].last_updated": _LATER},),
    **_PARENT,
)(lambda view: _not_older(view, "evses"))
rule(
    Severity.INFO,
    object="evse",
    nl="Het laadpunt zegt eerder te zijn gewijzigd dan een van zijn connectoren.",
    en="The EVSE says that it changed earlier than one of its connectors.",
    fix_nl="Zet last_updated van het laadpunt gelijk aan de nieuwste wijziging van zijn connectoren.",
    fix_en="Set last_updated of the EVSE to the newest change of its connectors.",
    good=({"connectors.last_updated": "2026-10-01T07:59:59Z"},),
    bad=({"connectors.last_updated": _LATER},),
    **_PARENT,
)(lambda view: _not_older(view, "connectors"))


@rule(
    Severity.WARNING,
    object="evse",
    reads=("evse_id",),
    needs=(EARLIER_EVSE_ID,),
    nl="Het EVSE-id van dit laadpunt is anders dan in de vorige levering.",
    en="The EVSE id of this EVSE differs from that in the delivery before.",
    fix_nl="Houd het EVSE-id van een laadpunt gelijk. Was het fout en is het verbeterd, dan hoeft u niets te doen.",
    fix_en="Keep the EVSE id of an EVSE the same. Where it was wrong and is mended now, nothing needs to be done.",
    source=Source("P", "Locations, EVSE"),
    reading="The profile wants an EVSE id that does not change; a warning, because a change cannot be told from the mending "
    "of a mistake. Compared, in capitals without separators, with the same Location and uid on the night before.",
    good=({EARLIER_EVSE_ID: "nl-abc-e00421"}, {EARLIER_EVSE_ID: None}),
    bad=({EARLIER_EVSE_ID: "NL*ABC*E00422"},),
)
def evse_id_stable(view: View) -> Any:
    fine = pc.equal(folded_evse_ids(view["evse_id"]), folded_evse_ids(view[EARLIER_EVSE_ID]))

    def shown(rows: Any) -> Any:
        return pc.binary_join_element_wise(
            *(pc.take(view[name], pa.array(rows)) for name in (EARLIER_EVSE_ID, "evse_id")), " → "
        )

    return fails(fine, value=shown)
