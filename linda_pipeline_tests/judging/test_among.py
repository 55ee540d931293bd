"""Records among the others of their delivery, and beside what earlier windows accepted."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.example import changed, good_record
from linda_pipeline.quality.rule import Scope
from linda_pipeline.quality.rules import RULES
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import WINDOW, delivered
from linda_pipeline_tests.judging.beside_others import DELIVERY, found, not_run, rules_of, session

IN_DELIVERY = [
    rule.id
    for rule in RULES.values()
    if (rule.object, rule.scope) == ("cdr", Scope.DELIVERY) and rule.id != "unchanged_since_accepted"
]
VERSIONS = ("2.1.1", "2.2.1", "2.3.0")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


NEXT = WINDOW + timedelta(days=14)
BACK: dict[str, Any] = {"total_cost_excl_vat": -4.0, "total_cost_incl_vat": -4.84}


def _later(record: dict[str, Any]) -> dict[str, Any]:
    """A record that came in the window after."""
    return {**record, "last_updated": "2026-11-24T20:00:00Z"}


@pytest.fixture(scope="module")
def window_before(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Lake]:
    """A lake that has the window before, in an OCPI version, with one good CDR: judged once, and copied for whoever asks."""
    folder = tmp_path_factory.mktemp("before")

    def copied(version: str, to: Path) -> Lake:
        if not (folder / version).exists():
            record = good_record("cdr", version)
            delivered(Lake(folder / version), [record], version=version, window=WINDOW - timedelta(days=14))
        shutil.copytree(folder / version, to)
        return Lake(to)

    return copied


@pytest.mark.parametrize("kind", ["good", "bad"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rule_id", IN_DELIVERY)
def test_each_example_of_a_rule_within_a_delivery_is_judged_as_it_says(
    window_before: Callable[[str, Path], Lake], tmp_path: Path, rule_id: str, version: str, kind: str
) -> None:
    rule = RULES[f"cdr.{rule_id}"]
    if not rule.applies_to(version):
        pytest.skip("the version does not know it")
    examples = getattr(rule, kind)
    assert examples
    for number, example in enumerate(examples):
        lake = window_before(version, tmp_path / f"lake {number}")
        delivered(lake, [changed("cdr", version, change) for change in example], version=version)
        expected = {rule_id} if kind == "bad" else set()
        assert rules_of(lake) & {rule_id} == expected
        assert rules_of(lake) - {rule_id} <= {"identical_copy", "cdr_id_unique", "no_overlap", "credit_reference_known"}
        pull = newest_pull(lake, DELIVERY)
        assert pull is not None
        conserve(lake, DELIVERY, pull)


def test_of_two_overlapping_sessions_the_later_is_told_and_names_the_other(lake: Lake) -> None:
    delivered(
        lake,
        [session(2, "09:00:00", "12:00:00"), session(1, "08:00:00", "10:00:00"), session(3, "12:00:30", "13:00:00")],
    )
    assert found(lake) == [("no_overlap", "warning", "CDR-2", "CDR-1")]


def test_a_session_that_overlaps_what_an_earlier_window_accepted_is_told(lake: Lake) -> None:
    delivered(lake, [session(1, "09:00:00", "10:00:00")])
    later = [_later(session(2, "08:00:00", "12:00:00")), _later(session(3, "13:00:00", "14:00:00"))]
    delivered(lake, later, window=NEXT)
    assert found(lake, Delivery("cdrs", "NL-ABC", NEXT)) == [("no_overlap", "warning", "CDR-2", "CDR-1")]


def test_a_rejected_session_a_credit_and_what_it_credits_overlap_nothing(lake: Lake) -> None:
    credited = session(1, "08:00:00", "10:00:00")
    credit = copy.deepcopy(credited) | {"id": "CDR-1-C", "credit": True, "credit_reference_id": "cdr-1"}
    credit["total_cost"]["excl_vat"] = -4.0
    credit["last_updated"] = "2026-11-10T21:00:00Z"
    rejected = session(4, "08:00:00", "10:00:00")
    rejected["total_energy"] = -1
    delivered(lake, [credited, credit, rejected, session(2, "08:30:00", "10:30:00")])
    assert "no_overlap" not in rules_of(lake)


def test_a_credit_of_a_cdr_that_an_earlier_window_accepted_is_known(lake: Lake) -> None:
    delivered(lake, [session(1, "08:00:00", "10:00:00")])
    credits = [
        session(number, "08:00:00", "10:00:00", credit=True, credit_reference_id=reference, **BACK)
        for number, reference in ((2, "cdr-1"), (3, "CDR-9"))
    ]
    delivered(lake, [_later(credit) for credit in credits], window=NEXT)
    assert found(lake, Delivery("cdrs", "NL-ABC", NEXT)) == [("credit_reference_known", "warning", "CDR-3", "CDR-9")]


def test_without_an_earlier_window_a_credits_reference_is_not_judged_and_that_is_said(lake: Lake) -> None:
    credit = session(2, "08:00:00", "10:00:00", credit=True, credit_reference_id="CDR-9", **BACK)
    judgement = delivered(lake, [credit])
    assert found(lake) == []
    assert "credit_reference_known" in not_run(lake, judgement)


def _readings(readings: list[float]) -> list[dict[str, Any]]:
    """Sessions of two hours, one a day, whose energy is a reading."""
    sessions = []
    for number, reading in enumerate(readings, start=1):
        record = session(number, "08:00:00", "10:00:00", total_energy_kwh=reading)
        for name in ("start_date_time", "end_date_time", "last_updated"):
            record[name] = record[name].replace("11-10", f"11-{number + 8:02d}")
        record["charging_periods"] = [
            {"start_date_time": record["start_date_time"], "dimensions": [{"type": "TIME", "volume": 2.0}]}
        ]
        sessions.append(record)
    return sessions


@pytest.mark.parametrize(
    ("readings", "is_told"),
    [
        ([20.0 + number / 4 for number in range(10)], True),
        ([20.0 + number / 4 for number in range(9)], False),  # too few to tell
        ([20.0 + number / 4 for number in range(9)] + [3.0], False),
        ([20.0] * 10, False),
    ],
)
def test_energies_that_only_ever_grow_are_the_reading_of_the_meter(
    lake: Lake, readings: list[float], is_told: bool
) -> None:
    delivered(lake, _readings(readings))
    findings = pq.read_table(lake.table("findings", DELIVERY)).to_pylist()
    told = [row["value"] for row in findings if row["rule"] == "energy_is_session_only"]
    assert told == (["LOC-0042/EVSE-0042-1"] if is_told else [])
