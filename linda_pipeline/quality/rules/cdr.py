"""Rules on a CDR as a whole: whose it is, which EVSE it is of, and what it credits; and the names in its Location.

Here: what has no subject module of its own. Not here: times, amounts, ids, addresses and places.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.record_keys import folded
from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import ABSENT, Severity, Source, fails, rule
from linda_pipeline.quality.view import View

_SINCE_22 = ("2.2.1", "2.3.0")


@rule(
    Severity.ERROR,
    reads=("country_code", "party_id"),
    blames="party_id",
    nl="De eigenaar van de CDR hoort niet bij deze aansluiting.",
    en="The owner of the CDR does not belong to this connection.",
    fix_nl="Lever alleen CDR's van de partijen waarvoor u bij NDW staat geregistreerd, met landcode en partij-id van de "
    "CPO.",
    fix_en="Send only CDRs of the parties for which you are registered with NDW, with the CPO's country code and party "
    "id.",
    source=Source("O", "CDR object, country_code and party_id"),
    reading="Also asked by the Aansluitvoorwaarden: one connection per CPO. In 2.1.1 the connection itself is the owner. "
    "Not checked where no registration is known (files judged offline).",
    good=({"country_code": "nl", "party_id": "abc"},),
    bad=({"party_id": "XYZ"}, {"country_code": "DE"}),
)
def owner_matches_connection(view: View) -> Any:
    if not view.parties:
        return pa.repeat(True, len(view))
    owner = pc.utf8_upper(pc.binary_join_element_wise(view["country_code"], view["party_id"], "-"))
    registered = pa.array(sorted(party.upper() for party in view.parties))
    return fails(pc.is_in(owner, value_set=registered), value=owner)


_EVSES = good_record("cdr", "2.1.1")["location"]["evses"]
_TWO_CONNECTORS = [{**_EVSES[0], "connectors": _EVSES[0]["connectors"] * 2}]


@rule(
    Severity.ERROR,
    reads=(),
    blames="evse_uid",
    versions=("2.1.1",),
    nl="De laadlocatie in de CDR bevat niet precies één laadpunt met één connector.",
    en="The location in the CDR does not hold exactly one EVSE with one connector.",
    fix_nl="Neem in de CDR alleen het laadpunt en de connector van deze sessie op.",
    fix_en="Put only the EVSE and the connector of this session into the CDR.",
    source=Source("O", "CDR object, location"),
    reading="An error where the EVSE of the session cannot be told, or where the mandatory connector is missing. With "
    "more than one connector the EVSE is known all the same: a warning.",
    good=({"@location.evses": _EVSES},),
    bad=(
        {"@location.evses": []},
        {"@location.evses": ABSENT},
        {"@location.evses": _EVSES * 2},
        {"@location.evses": [{**_EVSES[0], "connectors": []}]},
        {"@location.evses": _TWO_CONNECTORS},
    ),
    also=(Severity.WARNING,),
)
def location_one_evse(view: View) -> Any:
    evses, connectors = view["evse_count"], view["connector_count"]
    is_told = pc.and_(pc.equal(evses, 1), pc.greater_equal(connectors, 1))
    silent = pc.or_(pc.or_(view.is_flawed("evse_uid"), view.is_flawed("connector_id")), pc.invert(view["readable"]))
    place = "location.evses"
    several = pc.invert(pc.and_(is_told, pc.greater(connectors, 1)))
    return (
        fails(pc.or_(is_told, silent), value=pc.cast(evses, pa.string()), path=place),
        fails(
            pc.or_(several, silent),
            "connector_id",
            value=pc.cast(connectors, pa.string()),
            severity=Severity.WARNING,
            path=f"{place}[0].connectors",
        ),
    )


CREDIT: dict[str, Any] = {"credit": True, "total_cost_excl_vat": -4.0, "total_cost_incl_vat": -4.84}
"""An example of a credit CDR, without what it takes back."""


@rule(
    Severity.ERROR,
    reads=("credit",),
    blames="credit_reference_id",
    versions=_SINCE_22,
    nl="Deze credit-CDR zegt niet welke CDR hij crediteert.",
    en="This credit CDR does not say which CDR it credits.",
    fix_nl="Vul het id van de gecrediteerde CDR in.",
    fix_en="Fill in the id of the CDR that is credited.",
    source=Source("O", "CDR object, credit_reference_id"),
    reading="A reference that cannot be read is no reference: the credit could not be applied.",
    good=({**CREDIT, "credit_reference_id": "CDR-2026-000041"}, {"credit": False}, {"credit": None}),
    bad=(CREDIT, {**CREDIT, "credit_reference_id": "#NA"}),
)
def credit_has_reference(view: View) -> Any:
    return pc.or_(pc.invert(view["credit"]), pc.is_valid(view["credit_reference_id"]))


@rule(
    Severity.ERROR,
    reads=("credit", "credit_reference_id", "cdr_id"),
    blames="credit_reference_id",
    versions=_SINCE_22,
    valid_from=AFTER_TRIALS,
    nl="Deze credit-CDR crediteert zichzelf.",
    en="This credit CDR credits itself.",
    fix_nl="Geef de credit-CDR een eigen id, en noem in credit_reference_id het id van de CDR die wordt gecrediteerd.",
    fix_en="Give the credit CDR an id of its own, and name in credit_reference_id the id of the CDR that is credited.",
    source=Source("O", "CDR object, credit_reference_id"),
    reading="Ids are compared without regard to case.",
    good=({**CREDIT, "credit_reference_id": "CDR-2026-000041"},),
    bad=({**CREDIT, "credit_reference_id": "cdr-2026-000042"},),
)
def credit_not_of_itself(view: View) -> Any:
    is_other = pc.not_equal(folded(view["credit_reference_id"]), folded(view["cdr_id"]))
    return pc.or_(is_other, pc.invert(view["credit"]))


@rule(
    Severity.WARNING,
    reads=("credit", "total_cost_excl_vat"),
    blames="total_cost_excl_vat",
    versions=_SINCE_22,
    valid_from=AFTER_TRIALS,
    nl="Het bedrag van deze credit-CDR is niet negatief.",
    en="The amount of this credit CDR is not negative.",
    fix_nl="Lever in total_cost van een credit-CDR het bedrag dat wordt teruggegeven, met een minteken.",
    fix_en="Send in total_cost of a credit CDR the amount that is given back, with a minus sign.",
    source=Source("O", "CDR object, credit"),
    reading="0 is let pass: a session that was free is credited by 0.",
    good=({**CREDIT, "credit_reference_id": "CDR-2026-000041"}, {"total_cost_excl_vat": 4.0}),
    bad=({"credit": True, "credit_reference_id": "CDR-2026-000041"},),
)
def credit_amount_negative(view: View) -> Any:
    return pc.or_(pc.less_equal(view["total_cost_excl_vat"], 0.0), pc.invert(view["credit"]))
