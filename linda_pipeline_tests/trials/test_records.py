"""Each trial file of CDRs has the verdict of the trials' README: rule, record, path, severity; and the innocents stay clean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linda_pipeline_tests.trials.door import TRIALS, judged, judged_bodies, needs_trials

pytestmark = needs_trials

PERIOD_VOLUME = "charging_periods[1].dimensions[0].volume"
SUMS = {
    "warning parking_matches_periods total_parking_time": ["CDR-385-paid-parking", "CDR-all-parking"],
    "warning time_matches_periods total_time": ["CDR-all-parking", "CDR-time-sum"],
    f"warning period_volume_not_negative {PERIOD_VOLUME}": ["CDR-neg-volume"],
    "error energy_possible total_energy": ["CDR-40kwh-in-1s", "CDR-wh"],
    "warning power_plausible total_energy": ["CDR-40kwh-in-1s", "CDR-all-parking", "CDR-wh"],
    "warning energy_plausible total_energy": ["CDR-wh"],
    "warning energy_matches_periods total_energy": ["CDR-wh"],
    "error total_time_matches total_time": ["CDR-seconds", "CDR-wild-total-excludes"],
    "error total_parking_time_within_total_time total_parking_time": ["CDR-parking-minutes"],
    "error total_parking_time_required total_parking_time": ["CDR-parking-absent", "CDR-parking-null"],
    "error start_before_end end_date_time": ["CDR-zero-length"],
    "info no_energy total_energy": ["CDR-half-second", "CDR-zero-length"],
    "warning session_only_dimension charging_periods[1].dimensions[2].type": ["CDR-v2g"],
    "error charging_periods_required charging_periods": ["CDR-empty-periods"],
    "error charging_periods_dimensions_required charging_periods[1].dimensions": ["CDR-empty-dims"],
}
VAT_AND_TARIFFS = {
    "warning vat_plausible total_cost.incl_vat": ["CDR-inclless", "CDR-inclx10"],
    "warning tariff_id_known charging_periods[0].tariff_id": ["CDR-tariffref"],
    "warning tariff_id_known charging_periods[1].tariff_id": ["CDR-tariffref"],
    "warning tariff_currency_agrees tariffs[0].currency": ["CDR-tariffcur"],
    f"warning period_volume_not_negative {PERIOD_VOLUME}": ["CDR-negperiod"],
    "warning time_matches_periods total_time": ["CDR-timesum"],
    "warning parking_matches_periods total_parking_time": ["CDR-parksum"],
    "error energy_possible total_energy": ["CDR-1s40kwh"],
    "warning power_plausible total_energy": ["CDR-1s40kwh"],
}
VERDICTS: dict[str, tuple[tuple[int, int], dict[str, list[str]]]] = {
    "good": ((1, 0), {}),
    "sums-and-periods": ((7, 10), SUMS),
    "vat-and-tariffs": ((7, 1), VAT_AND_TARIFFS),
    "credits": (
        (6, 3),
        {
            "error credit_once credit_reference_id": ["CDR-O-C2"],
            "error credit_not_of_itself credit_reference_id": ["CDR-SELF"],
            "error credit_not_of_credit credit_reference_id": ["CDR-O-CC"],
            "warning credit_amount_negative total_cost.excl_vat": ["CDR-P-C"],
        },
    ),
    "session-twice": ((3, 1), {"error session_once id": ["CDR-B"], "warning session_once id": ["CDR-D"]}),
    "field-duplicate-under-60s": (
        (1, 1),
        {
            "error session_once id": ["D2"],
            "info no_energy total_energy": ["D1", "D2"],
            "info cost_zero_unknown total_cost.excl_vat": ["D1", "D2"],
        },
    ),
    "field-parking-minus-15s": ((1, 0), {}),
    "field-postal-no-space": (
        (0, 1),
        {"error postal_code_format cdr_location.postal_code": ["CDR-2026-000042"]},
    ),
    "field-zero-energy-11h-charging": (
        (1, 0),
        {
            "warning energy_too_little total_energy": ["Z1"],
            "info no_energy total_energy": ["Z1"],
            "info cost_zero_unknown total_cost.excl_vat": ["Z1"],
        },
    ),
    # It lasts 30 days and an hour: below the 31 days of duration_possible, and the days are no day and month swapped.
    "field-overlap-blames-innocent": (
        (6, 0),
        {
            "warning duration_plausible end_date_time": ["LONG"],
            "warning energy_too_little total_energy": ["LONG"],
        },
    ),
    "one-of-three-comments": ((2, 1), {"error record_is_json": ["CDR-1"]}),
    "one-of-three-leadzero": ((2, 1), {"error record_is_json": ["CDR-1"]}),
    "one-of-three-dupkey_id": ((2, 1), {"error names_unique cdr_location.id": ["CDR-1"]}),
    "one-of-three-dupkey_lastbad": ((2, 1), {"error names_unique total_energy": ["CDR-1"]}),
    "cdrs-beside-locations": (
        (10, 0),
        {
            "warning parking_matches_periods total_parking_time": ["CDR-all-parking"],
            "warning time_matches_periods total_time": ["CDR-all-parking"],
            "warning power_plausible total_energy": ["CDR-all-parking"],
            "warning energy_too_little total_energy": ["CDR-zero-energy-long"],
            "info no_energy total_energy": ["CDR-zero-energy-long"],
            "warning last_updated_not_in_future last_updated": ["CDR-future-lu"],
            "warning tariff_id_known charging_periods[0].tariff_id": ["CDR-tariff-other"],
        },
    ),
    # Without Locations only what no connector of its kind gives is told, and the meter's readings are no finding of their own:
    # the rule asks for ten sessions (profile.md), the file has seven, and the last of them falls again.
    "cumulative-meter": (
        (7, 0),
        {"warning power_plausible total_energy": ["CDR-E1", "CDR-E2", "CDR-E3", "CDR-E4", "CDR-E5"]},
    ),
}
"""By file: how many are accepted and rejected, and every finding with the ids that it is of."""
BESIDE_LOCATIONS: dict[str, tuple[tuple[int, int], dict[str, list[str]]]] = {
    "cdrs-beside-locations": (
        (10, 0),
        {
            **VERDICTS["cdrs-beside-locations"][1],
            "warning power_plausible total_energy": ["CDR-all-parking", "CDR-fast-11kw"],
            "warning connector_agrees cdr_location.connector_standard": ["CDR-connector-mismatch"],
            "warning connector_known cdr_location.connector_id": ["CDR-connector-id"],
            "warning evse_id_agrees cdr_location.evse_id": ["CDR-evse-mismatch", "CDR-uid-mismatch"],
        },
    ),
    "cumulative-meter": (
        (2, 5),
        {
            "error energy_possible total_energy": ["CDR-E1", "CDR-E2", "CDR-E3", "CDR-E4", "CDR-E5"],
            "warning power_plausible total_energy": ["CDR-E1", "CDR-E2", "CDR-E3", "CDR-E4", "CDR-E5"],
        },
    ),
}
"""The same, with the CPO's Locations beside them."""


@pytest.mark.parametrize("name", VERDICTS)
def test_each_file_has_the_verdict_of_the_readme_and_no_other(tmp_path: Path, name: str) -> None:
    (accepted, rejected), told = VERDICTS[name]
    outcome = judged(tmp_path, f"{name}.json")
    assert outcome.told == told
    assert outcome.counts == {"cdrs": (accepted, rejected, 0)}
    assert set(outcome.rejected) == {one for said, ids in told.items() if said.startswith("error") for one in ids}


@pytest.mark.parametrize("name", BESIDE_LOCATIONS)
def test_beside_its_locations_a_file_has_more_to_tell(tmp_path: Path, name: str) -> None:
    (accepted, rejected), told = BESIDE_LOCATIONS[name]
    outcome = judged(tmp_path, f"{name}.json", locations=f"{name}-locations.json")
    assert outcome.told == told
    assert outcome.counts == {"cdrs": (accepted, rejected, 0)}
    assert not outcome.not_run & {"known_evse", "power_plausible", "connector_known", "evse_id_agrees"}


def test_without_locations_what_needs_them_is_not_called_fine(tmp_path: Path) -> None:
    outcome = judged(tmp_path, "cdrs-beside-locations.json")
    assert outcome.not_run >= {"known_evse", "known_location", "connector_known", "connector_agrees", "evse_id_agrees"}


@pytest.mark.parametrize(
    ("name", "id", "rule", "shown"),
    [
        ("one-of-three-dupkey_id", "CDR-1", "names_unique", '"id": "LOC-0042", "id": "LOC-0099"'),
        ("one-of-three-dupkey_lastbad", "CDR-1", "names_unique", '"total_energy": 12.5, "total_energy": -3'),
        ("one-of-three-comments", "CDR-1", "record_is_json", "125:23"),
        ("one-of-three-leadzero", "CDR-1", "record_is_json", "201:20"),
        ("sums-and-periods", "CDR-seconds", "total_time_matches", "12600 h ≠ 3.5 h (s?)"),
        ("sums-and-periods", "CDR-wh", "energy_matches_periods", "12500 kWh ≠ Σ 12.5 kWh (Wh?)"),
        ("sums-and-periods", "CDR-time-sum", "time_matches_periods", "2 h ≠ Σ 9 h"),
        ("sums-and-periods", "CDR-40kwh-in-1s", "power_plausible", "2357.6 kW > 44.16 kW"),
        ("vat-and-tariffs", "CDR-inclx10", "vat_plausible", "excl. 4 → incl. 40.84"),
        ("session-twice", "CDR-B", "session_once", "CDR-A"),
        ("field-duplicate-under-60s", "D2", "session_once", "D1"),
    ],
)
def test_a_finding_shows_what_was_sent_and_what_it_is_held_against(
    tmp_path: Path, name: str, id: str, rule: str, shown: str
) -> None:
    assert judged(tmp_path, f"{name}.json").values[id, rule] == shown


@pytest.mark.parametrize(
    ("name", "line", "column", "there"), [("comments", 125, 23, "/* plaats */"), ("leadzero", 201, 20, "12.5,")]
)
def test_the_place_of_broken_json_is_the_character_at_which_it_breaks(
    name: str, line: int, column: int, there: str
) -> None:
    lines = (TRIALS / f"one-of-three-{name}.json").read_text(encoding="utf-8").splitlines()
    assert lines[line - 1][column - 1 :].startswith(there)


def test_ten_sessions_whose_energies_only_grow_are_told_as_the_readings_of_a_meter(tmp_path: Path) -> None:
    first = json.loads((TRIALS / "cumulative-meter.json").read_text(encoding="utf-8"))[0]
    sessions = []
    for number in range(10):
        session = json.loads(json.dumps(first).replace("2026-11-10T", f"2026-11-{10 + number}T"))
        session |= {"id": f"CDR-{number}", "session_id": f"S-{number}", "total_energy": 26.911 + number / 40}
        session["charging_periods"][0]["dimensions"][0]["volume"] = session["total_energy"]
        sessions.append(session)
    of_the_meter = "warning energy_is_session_only"
    assert of_the_meter in judged_bodies(tmp_path / "ten", {"ten.json": json.dumps(sessions).encode()}).told
    assert of_the_meter not in judged_bodies(tmp_path / "nine", {"nine.json": json.dumps(sessions[1:]).encode()}).told
