"""The gate: what was judged fine passes, and our own failure is told as ours."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.quality import contract
from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.view import View
from linda_pipeline_tests.quality.judged import judge


def _view(object_name: str, version: str, **changes: Any) -> View:
    record = {**good_record("location" if object_name == "evse" else object_name, version), **changes}
    return judge("cdr" if object_name == "cdr" else "location", version, [record]).views[object_name]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", ["cdr", "location", "evse"])
def test_good_records_pass_the_gate(object_name: str, version: str) -> None:
    view = _view(object_name, version)
    contract.gate(view.table, object_name, version, view)


def test_an_empty_table_passes() -> None:
    view = _view("cdr", "2.2.1")
    contract.gate(view.table.slice(0, 0), "cdr", "2.2.1", view)


def test_a_record_that_breaks_a_rule_closes_the_gate_and_the_message_blames_us() -> None:
    view = _view("cdr", "2.2.1", total_energy=-1.0)
    with pytest.raises(contract.GateFailed, match=r"total_energy_not_negative \(1 times\).*mistake in the pipeline"):
        contract.gate(view.table, "cdr", "2.2.1", view)


def test_a_rule_on_an_element_of_a_list_closes_the_gate() -> None:
    view = _view("cdr", "2.2.1", charging_periods=[{"start_date_time": "2026-11-10T07:30:00Z", "dimensions": [{}]}])
    with pytest.raises(contract.GateFailed, match="charging_periods_dimensions_type_required"):
        contract.gate(view.table, "cdr", "2.2.1", view)


def test_a_missing_mandatory_value_closes_the_gate_by_type_as_well() -> None:
    view = _view("cdr", "2.2.1", currency=None)
    with pytest.raises(contract.GateFailed, match=r"currency \(1 times\), currency_required \(1 times\)"):
        contract.gate(view.table, "cdr", "2.2.1", view)


def test_a_column_of_another_type_closes_the_gate() -> None:
    view = _view("cdr", "2.2.1")
    index = view.table.schema.get_field_index("total_energy_kwh")
    table = view.table.set_column(index, "total_energy_kwh", view.table["total_energy_kwh"].cast(pa.float32()))
    with pytest.raises(contract.GateFailed, match="total_energy_kwh"):
        contract.gate(table, "cdr", "2.2.1", view)


def test_a_warning_does_not_close_the_gate() -> None:
    view = _view("cdr", "2.2.1", total_energy=1200.0)
    contract.gate(view.table, "cdr", "2.2.1", view)


def test_the_gate_looks_at_the_table_and_not_at_that_of_the_view() -> None:
    good, bad = _view("cdr", "2.2.1"), _view("cdr", "2.2.1", total_energy=-1.0)
    contract.gate(good.table, "cdr", "2.2.1", bad)
    with pytest.raises(contract.GateFailed):
        contract.gate(bad.table, "cdr", "2.2.1", good)


def test_the_frame_has_scalars_in_arrow_types_and_a_column_of_bools_per_rule() -> None:
    frame = contract.frame(_view("cdr", "2.2.1"))
    assert isinstance(frame["address"].dtype, pd.ArrowDtype)
    assert frame["start_before_end"].dtype == bool
    assert "charging_periods" not in frame
    assert math.isclose(frame["total_energy_kwh"][0], 12.5)
