"""Rules on VAT and on the tariffs of a CDR: what its periods name, and one currency.

Here: one CDR at a time. Not here: the sums of its costs (amounts.py), and when a tariff changed (durations.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ocpi.columns import CDR
from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import folded
from linda_pipeline.quality.currencies import CURRENCIES
from linda_pipeline.quality.profile import AFTER_TRIALS
from linda_pipeline.quality.rule import Severity, Source, fails, rule
from linda_pipeline.quality.view import View

_WITH_VAT = tuple(column.name for column in CDR if column.name.endswith("_incl_vat"))
_SENT = "charging_periods.tariff_id"
_CENT = 0.01


@rule(
    Severity.WARNING,
    blames="total_cost_incl_vat",
    versions=("2.2.1",),
    valid_from=AFTER_TRIALS,
    nl="Het bedrag met btw past niet bij het bedrag zonder btw.",
    en="The amount with VAT does not fit the amount without VAT.",
    fix_nl="Lever in incl_vat het bedrag met btw: bij 21 % is dat 1,21 keer excl_vat. Controleer ook de komma.",
    fix_en="Send in incl_vat the amount with VAT: at 21 % that is 1.21 times excl_vat. Check the decimal point as well.",
    source=Source("L", "plausibility; OCPI, Price class"),
    reading="Between the amount without VAT and 1.5 times that, with 0.01 of rounding; for a negative amount likewise. Found: "
    "both amounts. From 2.3.0 on taxes come as a list, which is not looked at.",
    good=(
        {"total_cost_incl_vat": 4.84},
        {"total_cost_incl_vat": 4.0},
        {"total_cost_excl_vat": -4.0, "total_cost_incl_vat": -4.84, "credit": True, "credit_reference_id": "CDR-1"},
    ),
    bad=(
        {"total_cost_incl_vat": 40.84},
        {"total_cost_incl_vat": 3.0},
        {"total_energy_cost_incl_vat": -4.84},
    ),
)
def vat_plausible(view: View) -> Any:
    parts = []
    for name in _WITH_VAT:
        bare = name.replace("_incl_", "_excl_")
        if name not in view.names or bare not in view.names:
            continue
        without, with_vat = view[bare], view[name]
        most = pc.multiply(without, 1 + view.parameters.most_vat_share)
        low, high = pc.min_element_wise(without, most), pc.max_element_wise(without, most)
        fine = pc.and_(
            pc.greater_equal(with_vat, pc.subtract(low, _CENT + 1e-9)),
            pc.less_equal(with_vat, pc.add(high, _CENT + 1e-9)),
        )
        fine = pc.or_(fine, pc.is_null(without))
        amounts = (without, with_vat)
        parts.append(fails(fine, name, value=lambda rows, amounts=amounts: _both(amounts, rows)))
    return tuple(parts)


def _both(amounts: tuple[Any, Any], rows: Any) -> Any:
    without, with_vat = (pc.cast(pc.take(values, pa.array(rows)), pa.string()) for values in amounts)
    return pc.binary_join_element_wise("excl.", without, "→ incl.", with_vat, " ")


@rule(
    Severity.WARNING,
    reads=("tariffs", "charging_periods"),
    blames=_SENT,
    versions=("2.2.1", "2.3.0"),
    valid_from=AFTER_TRIALS,
    nl="De periode noemt een tarief dat niet in de CDR staat.",
    en="The period names a tariff that is not in the CDR.",
    fix_nl="Neem in tariffs elk tarief op dat een periode noemt, met hetzelfde id.",
    fix_en="Put every tariff that a period names into tariffs, with the same id.",
    source=Source("O", "ChargingPeriod class, tariff_id"),
    reading="Ids are compared without regard to case. Held where a tariff of the CDR has no id: then that is the defect.",
    good=({_SENT: "t-1"}, {_SENT: None}),
    bad=({_SENT: "T-NOT-THERE"},),
)
def tariff_id_known(view: View) -> Any:
    _, rows_of_tariffs, _ = view.elements("tariffs")
    _, rows_of_periods, _ = view.elements("charging_periods")
    known, named = folded(view["tariffs.id"]), folded(view[_SENT])
    words = pc.unique(pa.chunked_array([known, named]))
    known_at, named_at = (
        _pairs(ids, words, rows) for ids, rows in ((known, rows_of_tariffs), (named, rows_of_periods))
    )
    without_id = np.zeros(len(view), bool)
    without_id[rows_of_tariffs.filter(pc.is_null(known)).to_numpy()] = True
    silent = without_id | (np.bincount(rows_of_tariffs.to_numpy(), minlength=len(view)) == 0)
    fine = np.isin(named_at, known_at) | ~named.is_valid().to_numpy(zero_copy_only=False)
    return pa.array(fine | silent[rows_of_periods.to_numpy()])


def _pairs(ids: Any, words: Any, rows: Any) -> Any:
    """A number for each pair of a record and an id."""
    codes = pc.fill_null(pc.index_in(ids, value_set=words), -1).to_numpy().astype(np.int64)
    return rows.to_numpy() * (len(words) + 2) + codes + 1


@rule(
    Severity.WARNING,
    reads=("currency", "tariffs"),
    blames="tariffs.currency",
    valid_from=AFTER_TRIALS,
    nl="Het tarief heeft een andere valuta dan de CDR.",
    en="The tariff is in another currency than the CDR.",
    fix_nl="Lever de kosten van een CDR en haar tarieven in één valuta.",
    fix_en="Send the costs of a CDR and its tariffs in one currency.",
    source=Source("O", "CDR object, currency; Tariff object, currency"),
    reading="Held where the currency of the CDR is no known code: then that is the defect.",
    good=({"tariffs.currency": "EUR"},),
    bad=({"tariffs.currency": "USD"},),
)
def tariff_currency_agrees(view: View) -> Any:
    _, rows, _ = view.elements("tariffs")
    own = view["currency"]
    is_known = view.on_distinct("currency", lambda codes: pc.is_in(codes, value_set=CURRENCIES))
    expected = pc.take(pc.if_else(is_known, one_chunk(own), None), rows)
    return pc.equal(view["tariffs.currency"], expected)
