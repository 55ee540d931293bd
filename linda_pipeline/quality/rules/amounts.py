"""Rules on the energy, the measured quantities and the costs of a CDR.

Here: one CDR at a time. Not here: sums over its periods and comparisons with a Location.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import CDR, Type
from linda_pipeline.quality.currencies import CURRENCIES
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.rules.durations import times_agree
from linda_pipeline.quality.rules.moments import lasting
from linda_pipeline.quality.shown import sent_and_mended
from linda_pipeline.quality.view import View

_CDRS = Source("P", "CDRs")
_PROFILE_AMOUNTS = frozenset({"total_parking_time_h", "total_fixed_cost_excl_vat", "total_energy_cost_excl_vat"})
_PROFILE_AMOUNTS |= {"total_fixed_cost_incl_vat", "total_energy_cost_incl_vat"}
_COSTS = tuple(column.name for column in CDR if column.name.endswith("_excl_vat"))
_SESSION_ONLY = pa.array(["CURRENT", "ENERGY_EXPORT", "ENERGY_IMPORT", "FLAT", "POWER", "STATE_OF_CHARGE"])


def _energy(kwh: float, kind: str = "AC_3_PHASE") -> dict[str, Any]:
    """An example with its energy, in a session that is long enough for it, at a connector of a kind of current."""
    return {**lasting(3600 * 12, 0, kwh), "connector_power_type": kind}


def _price(name: str, amount: float) -> dict[str, Any]:
    """An example with an amount, without VAT and with it."""
    return {f"{name}_excl_vat": amount, f"{name}_incl_vat": round(amount * 1.21, 4)}


@rule(
    Severity.ERROR,
    reads=("total_energy_kwh",),
    nl="De geladen energie is negatief.",
    en="The energy charged is negative.",
    fix_nl="Lever de geladen energie in kWh als een getal van 0 of hoger.",
    fix_en="Send the energy charged in kWh, as a number of 0 or more.",
    source=Source("A", "Data verwerking"),
    reading="OCPI 2.2 and later allow a negative amount where a car fed the grid; LINDA refuses it all the same.",
    good=(_energy(5),),
    bad=({"total_energy_kwh": -0.001}, {"total_energy_kwh": -12.5}),
)
def total_energy_not_negative(view: View) -> Any:
    return pc.greater_equal(view["total_energy_kwh"], 0.0)


@rule(
    Severity.WARNING,
    plausibility=True,
    reads=("total_energy_kwh",),
    nl="Er is onwaarschijnlijk veel energie geladen.",
    en="An implausible amount of energy was charged.",
    fix_nl="Controleer of de energie in kWh staat en niet in Wh, en of het geen meterstand is.",
    fix_en="Check that the energy is in kWh and not in Wh, and that it is not a meter reading.",
    source=Source("L", "plausibility, after Qualicharge ENEU"),
    reading="More than 120 kWh with alternating current, 400 kWh with direct current, 1,000 kWh where the kind of current is "
    "not known. Before November 2026: 1,000 kWh for all.",
    good=(_energy(120), _energy(400, "DC")),
    bad=(_energy(120.1), _energy(400.1, "DC")),
)
def energy_plausible(view: View) -> Any:
    energy, limits = view["total_energy_kwh"], view.parameters
    by_kind = view.on_distinct(
        "connector_power_type",
        lambda kinds: pc.if_else(
            pc.starts_with(kinds, "AC"),
            limits.most_ac_energy_kwh,
            pc.if_else(pc.equal(kinds, "DC"), limits.most_dc_energy_kwh, limits.most_energy_kwh),
        ),
    )
    return pc.less_equal(energy, pc.fill_null(by_kind, limits.most_energy_kwh))


@rule(
    Severity.INFO,
    reads=("total_energy_kwh", "evse_uid"),  # a reservation has no EVSE
    valid_from=AFTER_TRIALS,
    nl="Er is niets geladen.",
    en="Nothing was charged.",
    fix_nl="Klopt dit, dan hoeft u niets te doen. Controleer anders of de energie wel is meegeteld.",
    fix_en="Where this is right, nothing needs to be done. Otherwise check that the energy was counted.",
    source=Source("L", "counted: sessions of 0 kWh"),
    measured="3 to 14 % of the sessions in public files of Perth, Paris and two campuses.",
    good=(_energy(1.3),),
    bad=(lasting(3600, 0, 0), {**lasting(600, 3000, 0)}),
)
def no_energy(view: View) -> Any:
    return pc.not_equal(view["total_energy_kwh"], 0.0)


@rule(
    Severity.WARNING,
    reads=("total_energy_kwh", "total_time_h", "total_parking_time_h", "start_date_time", "end_date_time", "evse_uid"),
    valid_from=AFTER_TRIALS,
    plausibility=True,
    nl="Er is urenlang geladen en toch bijna niets geleverd.",
    en="It charged for hours, and yet hardly anything was delivered.",
    fix_nl="Lever in total_parking_time alle tijd zonder laden, en controleer of de energie in kWh staat.",
    fix_en="Send all time without charging in total_parking_time, and check that the energy is in kWh.",
    source=Source("L", "plausibility, after real sessions"),
    reading="A mean power below 100 W over more than an hour of charging (total_time minus total_parking_time). Held where the "
    "times contradict each other or the energy is negative: then that is the defect.",
    good=(lasting(36000, 0, 1.0), lasting(3600, 7200, 0.09)),
    bad=(lasting(36000, 0, 0.99), lasting(3661, 0, 0.05)),
)
def energy_too_little(view: View) -> Any:
    charging = pc.subtract(view["total_time_h"], view["total_parking_time_h"])
    limits = view.parameters
    is_long = pc.greater(charging, limits.least_charging_h + 1e-6)
    enough = pc.greater_equal(view["total_energy_kwh"], pc.multiply(charging, limits.least_power_w / 1000 - 1e-9))
    odd = pc.or_(pc.less(view["total_energy_kwh"], 0.0), pc.invert(times_agree(view)))
    return pc.or_(pc.or_(enough, pc.invert(is_long)), odd)


@rule(
    Severity.WARNING,
    reads=(),
    blames="total_parking_time_h",
    nl="Het getal heeft meer dan vier decimalen.",
    en="The number has more than four decimals.",
    fix_nl="Rond het getal af op hoogstens vier decimalen.",
    fix_en="Round the number to four decimals at most.",
    source=_CDRS,
    reading="The profile says so of total_parking_time, total_fixed_cost and total_energy_cost (warning); OCPI of all "
    "numbers (for information). The volumes within charging periods are not looked at: they would drown the rest.",
    good=({"total_parking_time_h": 1.5001}, {"total_energy_kwh": 12.4567}),
    bad=({"total_parking_time_h": 1.50001}, {"total_energy_kwh": 12.45678}),
    also=(Severity.INFO,),
)
def number_precision(view: View) -> Any:
    return tuple(
        fails(
            pc.equal(pc.round(view[column.name], view.parameters.max_decimals), view[column.name]),
            column.name,
            severity=Severity.WARNING if column.name in _PROFILE_AMOUNTS else Severity.INFO,
        )
        for column in CDR
        if column.type is Type.NUMBER and view.version in column.path
    )


@rule(
    Severity.WARNING,
    reads=("charging_periods",),
    blames="charging_periods.dimensions.type",
    versions=("2.2.1", "2.3.0"),
    nl="Deze grootheid hoort niet in een CDR.",
    en="This dimension does not belong in a CDR.",
    fix_nl="Laat de grootheid weg: OCPI kent haar alleen in een lopende sessie (FLAT: alleen in versie 2.1.1).",
    fix_en="Leave the dimension out: OCPI knows it in a running session only (FLAT: in version 2.1.1 only).",
    source=Source("O", "CdrDimensionType enum"),
    good=({"charging_periods.dimensions.type": "MAX_CURRENT"},),
    bad=({"charging_periods.dimensions.type": "STATE_OF_CHARGE"}, {"charging_periods.dimensions.type": "FLAT"}),
)
def session_only_dimension(view: View) -> Any:
    name = "charging_periods.dimensions.type"
    return pc.invert(view.on_distinct(name, lambda words: pc.is_in(words, value_set=_SESSION_ONLY)))


@rule(
    Severity.ERROR,
    reads=("currency",),
    nl="De valuta is geen bekende code.",
    en="The currency is not a known code.",
    fix_nl="Gebruik een code van ISO 4217 in hoofdletters, zoals EUR.",
    fix_en="Use a code of ISO 4217 in capitals, such as EUR.",
    source=Source("O", "CDR object, currency"),
    good=({"currency": "EUR"},),
    bad=({"currency": "EU"}, {"currency": "eur"}, {"currency": "XYZ"}),
)
def currency_iso_4217(view: View) -> Any:
    fine = view.on_distinct("currency", lambda codes: pc.is_in(codes, value_set=CURRENCIES))
    return fails(fine, value=sent_and_mended(view["currency"], _in_capitals))


def _in_capitals(codes: Any) -> Any:
    capitals = pc.ascii_upper(codes)
    return pc.if_else(pc.is_in(capitals, value_set=CURRENCIES), capitals, None)


@rule(
    Severity.WARNING,
    reads=("currency",),
    nl="De kosten staan niet in euro's.",
    en="The costs are not in euros.",
    fix_nl="Controleer de valuta: bij publieke laadpunten in Nederland wordt in EUR betaald.",
    fix_en="Check the currency: public charge points in the Netherlands are paid for in EUR.",
    source=Source("L", "plausibility"),
    good=({"currency": "EUR"},),
    bad=({"currency": "DKK"},),
    implies=("tariff_currency_agrees",),
)
def currency_is_eur(view: View) -> Any:
    def is_eur_or_unknown(codes: Any) -> Any:
        return pc.or_(pc.equal(codes, "EUR"), pc.invert(pc.is_in(codes, value_set=CURRENCIES)))

    return view.on_distinct("currency", is_eur_or_unknown)


@rule(
    Severity.WARNING,
    reads=(),
    blames="total_cost_excl_vat",
    nl="Het bedrag is negatief.",
    en="The amount is negative.",
    fix_nl="Lever een bedrag van 0 of hoger; verreken een onjuist bedrag met een credit-CDR (credit is true).",
    fix_en="Send an amount of 0 or more; settle a mistake by a credit CDR (credit is true).",
    source=Source("L", "plausibility"),
    reading="Only a credit CDR has a negative total cost. The amounts without VAT are looked at.",
    good=(_price("total_cost", 0.01),),
    bad=(_price("total_cost", -4.0),),
)
def cost_not_negative(view: View) -> Any:
    is_credit = pc.fill_null(view["credit"], False) if "credit" in view.names else None
    parts = []
    for name in _COSTS:
        if name in view.names:
            fine = pc.greater_equal(view[name], 0.0)
            parts.append(fails(fine if is_credit is None else pc.or_(fine, is_credit), name))
    return tuple(parts)


@rule(
    Severity.INFO,
    reads=("total_cost_excl_vat",),
    nl="De totale kosten zijn 0; dat kan betekenen dat de prijs niet bekend is.",
    en="The total cost is 0, which may mean that the price is not known.",
    fix_nl="Was de sessie gratis, dan hoeft u niets te doen. Lever anders de echte kosten.",
    fix_en="Where the session was free, nothing needs to be done. Otherwise send the real cost.",
    source=Source("L", "field practice: 0, or the remark [?], for an unknown price"),
    good=(_price("total_cost", 0.01),),
    bad=(_price("total_cost", 0),),
)
def cost_zero_unknown(view: View) -> Any:
    return pc.not_equal(view["total_cost_excl_vat"], 0.0)


_PARTS = ("total_fixed_cost", "total_energy_cost", "total_time_cost", "total_parking_cost")
_EXTRA_PART = "total_reservation_cost"


def _costs(total: float, fixed: float, energy: float, time: float, parking: float) -> dict[str, Any]:
    amounts = dict(zip(_PARTS, (fixed, energy, time, parking), strict=True))
    prices = [_price(name, amount) for name, amount in {"total_cost": total, **amounts}.items()]
    return {column: amount for price in prices for column, amount in price.items()}


@rule(
    Severity.WARNING,
    reads=("total_cost_excl_vat", *(f"{name}_excl_vat" for name in _PARTS)),
    versions=("2.2.1", "2.3.0"),
    nl="De delen van de kosten zijn samen niet de totale kosten.",
    en="The parts of the cost do not add up to the total cost.",
    fix_nl="Lever de delen en het totaal exclusief btw, in dezelfde valuta; samen zijn de delen het totaal.",
    fix_en="Send the parts and the total without VAT, in the same currency; together the parts are the total.",
    source=Source("L", "plausibility"),
    reading="Only where all parts are sent: fixed, energy, time and parking; the cost of a reservation is added where it is "
    "sent, since most sessions have none. Amounts without VAT; 0.01 of difference is allowed per part. Never for a credit "
    "CDR, of which only total_cost is negative.",
    good=(
        _costs(4.0, 0.5, 3.0, 0.4, 0.1),
        _costs(4.04, 0.5, 3.0, 0.4, 0.1),
        {**_costs(5.0, 0.5, 3.0, 0.4, 0.1), **_price("total_reservation_cost", 1.0)},
        {
            **_costs(-4.0, 0.5, 3.0, 0.4, 0.1),
            "credit": True,
            "credit_reference_id": "CDR-2026-000041",
        },
        _price("total_cost", 9.0),
    ),
    bad=(_costs(4.05, 0.5, 3.0, 0.4, 0.1), _costs(4.84, 0.0, 4.0, 0.0, 0.0), _costs(4.0, 0.5, 3.0, 0.4, 0.2)),
)
def cost_matches_parts(view: View) -> Any:
    total = view["total_cost_excl_vat"]
    parts = view[f"{_PARTS[0]}_excl_vat"]
    for name in _PARTS[1:]:
        parts = pc.add(parts, view[f"{name}_excl_vat"])
    extra = view[f"{_EXTRA_PART}_excl_vat"]
    parts = pc.add(parts, pc.fill_null(extra, 0.0))
    count = pc.add(pc.cast(pc.is_valid(extra), pa.float64()), float(len(_PARTS)))
    limit = pc.add(pc.multiply(count, view.parameters.cost_tolerance), 1e-9)
    fine = pc.less_equal(pc.abs(pc.subtract(parts, total)), limit)
    return pc.or_(fine, pc.fill_null(view["credit"], False))
