"""Each trial file of addresses, codes and texts has the verdict of the trials' README; the same file holds its innocents."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from linda_pipeline_tests.linda_here import linda_here
from linda_pipeline_tests.trials.door import TRIALS, judged, needs_trials

pytestmark = needs_trials


def _ids(letter: str, *numbers: int) -> list[str]:
    return [f"CDR-{letter}{number:02d}" for number in numbers]


PLACE = "cdr_location"
ADDRESSES_AND_CODES = {
    f"error address_format {PLACE}.address": _ids("A", 4, 5, 12, 23, 24, 27, 31, 32, 34, 35, 38, 43, 44, 50),
    f"warning address_addition_format {PLACE}.address": _ids("A", 1, 2, 3, 9, 16),
    f"warning text_blanks {PLACE}.address": _ids("A", 21, 22),
    f"error postal_code_format {PLACE}.postal_code": _ids("P", 0, 1, *range(4, 15)),
    f"warning text_blanks {PLACE}.postal_code": _ids("P", 2, 3),
    f"warning postal_code_present {PLACE}.postal_code": _ids("P", 15),
    f"error country_is_nld {PLACE}.country": _ids("C", 0, 1, 2, 3, 4, 5),
    f"warning country_too_long {PLACE}.country": _ids("C", 2),
    f"error country_required {PLACE}.country": _ids("C", 6),
    "error currency_iso_4217 currency": _ids("M", 0, 1, 2, 3, 4),
    f"error coordinates_in_netherlands {PLACE}.coordinates.latitude": _ids("G", 1, 13),
    f"error latitude_unreadable {PLACE}.coordinates.latitude": _ids("G", 2, 3, 5, 9, 10, 11, 12),
    f"error longitude_unreadable {PLACE}.coordinates.longitude": _ids("G", 2, 5, 11, 12),
    f"warning latitude_too_long {PLACE}.coordinates.latitude": _ids("G", 6),
    f"error coordinates_metre_precise {PLACE}.coordinates.latitude": _ids("G", 7),
    f"error coordinates_metre_precise {PLACE}.coordinates.longitude": _ids("G", 7),
}
TEXTS = {
    f"error text_readable {PLACE}.address": ["CDR-fffd-address"],
    f"error text_readable {PLACE}.city": ["CDR-dashcity", "CDR-fffd-city", "CDR-nbspcity"],
    f"error text_readable {PLACE}.evse_id": ["CDR-evse-fffd"],
    f"warning text_readable {PLACE}.address": ["CDR-moji"],
    f"warning text_readable {PLACE}.city": ["CDR-moji"],
    f"warning text_blanks {PLACE}.city": ["CDR-rtl"],
    f"error address_format {PLACE}.address": ["CDR-entity", "CDR-zwsp"],
    f"error city_required {PLACE}.city": ["CDR-spaces-city"],
    "warning last_updated_not_in_future last_updated": ["CDR-futurelu"],
}
GOOD = ["CDR-2026-000042"]
VERDICTS: dict[str, tuple[tuple[int, int], dict[str, list[str]]]] = {
    "addresses-and-codes": ((47, 49), ADDRESSES_AND_CODES),
    "texts": ((13, 8), TEXTS),
    "field-address-letter-glued": ((1, 0), {f"warning address_addition_format {PLACE}.address": GOOD}),
    "field-address-bag-dash-addition": ((1, 0), {f"warning address_addition_format {PLACE}.address": GOOD}),
    "field-postal-no-space": ((0, 1), {f"error postal_code_format {PLACE}.postal_code": GOOD}),
    "field-postal-stray-space": ((1, 0), {f"warning text_blanks {PLACE}.postal_code": GOOD}),
    "field-contract-din-91286": ((4, 0), {}),
    "field-connector-standard-upper": ((1, 0), {f"warning value_in_other_case {PLACE}.connector_standard": GOOD}),
}
"""By file: how many are accepted and rejected, and every finding with the ids that it is of."""


@pytest.mark.parametrize("name", VERDICTS)
def test_each_file_has_the_verdict_of_the_readme_and_no_other(tmp_path: Path, name: str) -> None:
    (accepted, rejected), told = VERDICTS[name]
    outcome = judged(tmp_path, f"{name}.json")
    assert outcome.told == told
    assert outcome.counts == {"cdrs": (accepted, rejected, 0)}
    assert set(outcome.rejected) == {one for said, ids in told.items() if said.startswith("error") for one in ids}


@pytest.mark.parametrize(
    ("name", "id", "rule", "shown"),
    [
        ("addresses-and-codes", "CDR-A01", "address_addition_format", "Dorpsstraat 12A → Dorpsstraat 12 A"),
        ("addresses-and-codes", "CDR-A43", "address_format", "12 Dorpsstraat → Dorpsstraat 12"),
        ("addresses-and-codes", "CDR-P09", "postal_code_format", "NL-6511 JE → 6511 JE"),
        (
            "addresses-and-codes",
            "CDR-G01",
            "coordinates_in_netherlands",
            "5.863410, 51.846870 (omgewisseld? / swapped?)",
        ),
        ("field-address-bag-dash-addition", *GOOD, "address_addition_format", "Kooizandweg 6-429 → Kooizandweg 6 429"),
        ("field-postal-no-space", *GOOD, "postal_code_format", "6851SE → 6851 SE"),
        ("field-postal-stray-space", *GOOD, "text_blanks", '" 6813 HD " → "6813 HD"'),
    ],
)
def test_a_finding_on_a_form_shows_the_corrected_text(
    tmp_path: Path, name: str, id: str, rule: str, shown: str
) -> None:
    assert judged(tmp_path, f"{name}.json").values[id, rule] == shown


@pytest.mark.parametrize(
    ("name", "id", "named"),
    [
        ("addresses-and-codes", "CDR-A24", "Hoofdstraat[no-break space]12"),
        ("addresses-and-codes", "CDR-P10", "6511[no-break space]JE"),
        ("texts", "CDR-zwsp", "Plein[zero-width space] 1944 3"),
        ("texts", "CDR-nbspcity", "[no-break space]"),
    ],
)
def test_a_message_names_the_characters_that_nobody_sees(tmp_path: Path, name: str, id: str, named: str) -> None:
    linda_here("validate", str(TRIALS / f"{name}.json"), "--out", str(tmp_path))
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        (message,) = [row["message_en"] for row in csv.DictReader(file) if row["id"] == id]
    assert named in message


def test_every_trial_file_is_in_one_of_these_tests() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    files = {path.stem for path in TRIALS.glob("*.json") if not path.stem.endswith("-locations")}
    assert {name for name in files if f'"{name}' not in tests} == set()
