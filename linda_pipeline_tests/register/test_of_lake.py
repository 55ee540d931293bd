"""A lake that is looked at under another lake's register is told in one sentence, before anything is changed by it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from linda_pipeline import stations
from linda_pipeline.register.cpos import Cpo, parse_register
from linda_pipeline.register.of_lake import OtherRegister, check_register, of_strangers
from linda_pipeline.storage.lake import Delivery, Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake with judged deliveries of two CPOs."""
    lake = Lake(tmp_path / "lake")
    for delivery in (
        Delivery("cdrs", "NL-ABC", date(2026, 11, 9)),
        Delivery("locations", "NL-DEF", date(2026, 11, 23)),
    ):
        with lake.transaction() as transaction:
            transaction.put(lake.ledger(delivery)).write_text("{}")
    return lake


def register(*keys: str) -> dict[str, Cpo]:
    return parse_register({"cpo": {key: {"name": key, "versions_url": "https://ocpi.example.nl/v"} for key in keys}})


def test_a_register_of_this_lake_fits_and_has_nothing_said_of_it(lake: Lake, tmp_path: Path) -> None:
    check_register(lake, register("NL-ABC", "NL-DEF", "NL-NEW"))
    assert of_strangers(lake, register("NL-ABC", "NL-DEF")) is None
    check_register(Lake(tmp_path / "new"), register("NL-NEW"))


def test_a_cpo_that_left_the_register_is_named_and_stops_nothing(lake: Lake) -> None:
    check_register(lake, register("NL-ABC"))
    said = of_strangers(lake, register("NL-ABC"))
    assert said is not None
    assert said.startswith(f"Not in the register, but in the lake {lake.root}: NL-DEF. ")


def test_another_lakes_register_is_refused_before_anything_is_published_by_it(lake: Lake) -> None:
    with pytest.raises(OtherRegister, match=r"holds deliveries of NL-ABC, NL-DEF, and the register names none of them"):
        stations.compute_kpis(lake, register("NL-XYZ"))
    assert not lake.kpi.exists()
