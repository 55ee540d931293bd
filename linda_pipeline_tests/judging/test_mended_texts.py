"""Texts that are mended before they are judged: accepted is what was meant, and kept as received what was sent."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from linda_pipeline.judging.conservation import conserve
from linda_pipeline.pulling.raw import newest_pull
from linda_pipeline.quality.example import changed
from linda_pipeline.quality.profile import ProfileChange, Profiles
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import NIGHT, WINDOW, delivered, judged, raw_pull

CDRS = Delivery("cdrs", "NL-ABC", WINDOW)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _rows(lake: Lake, bucket: str, delivery: Delivery = CDRS, *name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(lake.table(bucket, delivery, *name)).to_pylist()
    return rows


def _told(lake: Lake, delivery: Delivery = CDRS) -> list[tuple[str, str, str, str | None]]:
    return [
        (row["rule"], row["severity"], row["path"], row["value"])
        for row in _rows(lake, "findings", delivery)
        if row["object"] != "delivery"
    ]


def test_a_record_is_judged_and_accepted_without_the_blanks_around_its_texts(lake: Lake) -> None:
    sent = {"postal_code": " 6813 HD ", "city": "Den\xa0Haag\xa0", "contract_id": " NL-EMS-C00000042-X"}
    judgement = delivered(lake, [changed("cdr", "2.2.1", sent)])
    assert (judgement.main.accepted, judgement.main.rejected) == (1, 0)
    assert _told(lake) == [
        ("text_blanks", "warning", "cdr_location.city", '"Den\xa0Haag\xa0" → "Den\xa0Haag"'),
        ("text_blanks", "warning", "cdr_location.postal_code", '" 6813 HD " → "6813 HD"'),
        ("text_blanks", "warning", "cdr_token.contract_id", " N… (19)"),
    ]
    (row,) = _rows(lake, "accepted")
    assert (row["postal_code"], row["city"]) == ("6813 HD", "Den\xa0Haag")
    pull = newest_pull(lake, CDRS)
    assert pull is not None
    assert b'" 6813 HD "' in next(iter(pull.pages()))[1][0]
    conserve(lake, CDRS, pull)


def test_a_driver_is_the_same_one_with_a_blank_behind_the_contract_id(lake: Lake) -> None:
    ids: dict[str, Any] = {"cdr_id": "2", "session_id": "2", "evse_uid": "2", "contract_id": "NL-EMS-C00000042-X "}
    delivered(lake, [changed("cdr", "2.2.1", {}), changed("cdr", "2.2.1", ids)])
    assert len({row["user_pseudonym"] for row in _rows(lake, "accepted")}) == 1


def test_what_is_rejected_keeps_what_was_sent(lake: Lake) -> None:
    delivered(
        lake, [changed("cdr", "2.2.1", {"city": " Nijmegen", "auth_method": "whitelist", "total_energy_kwh": -1})]
    )
    (row,) = _rows(lake, "rejected")
    assert '"city": " Nijmegen"' in row["record"]
    assert '"whitelist"' in row["record"]


def test_a_copy_is_known_by_its_id_without_blanks(lake: Lake) -> None:
    good, padded = (
        changed("cdr", "2.2.1", {}),
        changed("cdr", "2.2.1", {"cdr_id": "CDR-2026-000042 ", "city": "Arnhem"}),
    )
    judgement = delivered(lake, [good, {**padded, "last_updated": "2026-11-10T13:00:00Z"}])
    assert (judgement.main.accepted, judgement.main.rejected) == (1, 1)
    assert "cdr_id_unique" in {rule for rule, *_ in _told(lake)}


def test_a_known_value_in_another_case_is_accepted_as_ocpi_writes_it(lake: Lake) -> None:
    sent = {
        "connector_standard": "IEC_60309_2_THREE_16",
        "token_type": " rfid",
        "charging_periods.dimensions.type": "Energy",
        "connector_power_type": "AC_4_phase",
    }
    delivered(lake, [changed("cdr", "2.2.1", {k: v for k, v in sent.items() if k != "connector_power_type"})])
    assert sorted(_told(lake)) == [
        ("text_blanks", "warning", "cdr_token.type", '" rfid" → "rfid"'),
        (
            "value_in_other_case",
            "warning",
            "cdr_location.connector_standard",
            "IEC_60309_2_THREE_16 → IEC_60309_2_three_16",
        ),
        ("value_in_other_case", "warning", "cdr_token.type", "rfid → RFID"),
        ("value_in_other_case", "warning", "charging_periods[0].dimensions[0].type", "Energy → ENERGY"),
    ]
    (row,) = _rows(lake, "accepted")
    assert (row["connector_standard"], row["token_type"]) == ("IEC_60309_2_three_16", "RFID")
    assert row["charging_periods"][0]["dimensions"][0]["type"] == "ENERGY"


def test_a_value_that_is_not_known_stays_what_it_is(lake: Lake) -> None:
    judgement = delivered(lake, [changed("cdr", "2.2.1", {"connector_power_type": "ac_4_phase"})])
    assert _told(lake) == [
        ("connector_power_type_unknown_value", "error", "cdr_location.connector_power_type", "ac_4_phase")
    ]
    assert judgement.main.rejected == 1


def test_what_was_pulled_before_november_2026_is_judged_and_kept_as_it_was_sent(lake: Lake) -> None:
    sent = json.dumps(changed("cdr", "2.2.1", {"city": " Nijmegen", "location_name": "Caf\ufffd"}))
    record = json.loads(sent.replace("2026-11-10", "2026-10-15"))
    before = Delivery("cdrs", "NL-ABC", date(2026, 10, 12))
    delivered(lake, [record], window=before.window)
    assert _told(lake, before) == []
    assert [row["city"] for row in _rows(lake, "accepted", before)] == [" Nijmegen"]


def test_a_text_that_cannot_be_read_is_told_once_and_refuses_the_record_where_it_is_mandatory(lake: Lake) -> None:
    judgement = delivered(
        lake,
        [
            changed("cdr", "2.2.1", {"address": "Caf\ufffdstraat 3", "evse_id": "NL*ABC*E0\ufffd", "city": "\xa0"}),
            changed("cdr", "2.2.1", {"cdr_id": "2", "session_id": "2", "evse_uid": "2", "location_name": "-"}),
        ],
    )
    assert _told(lake) == [
        ("text_readable", "error", "cdr_location.address", "Caf\ufffdstraat 3"),
        ("text_readable", "error", "cdr_location.city", "\xa0"),
        ("text_readable", "error", "cdr_location.evse_id", "NL*ABC*E0\ufffd"),
        ("text_readable", "warning", "cdr_location.name", "-"),
    ]
    assert (judgement.main.accepted, judgement.main.rejected) == (1, 1)


def test_where_the_profile_only_warns_of_such_a_text_the_other_rules_have_their_say(lake: Lake) -> None:
    change = ProfileChange("mild", date(2026, 11, 2), severity={"cdr.text_readable": "warning"})
    records = [
        changed("cdr", "2.2.1", {"address": "Caf\ufffdstraat 3"}),
        changed("cdr", "2.2.1", {"cdr_id": "2", "session_id": "2", "evse_uid": "2", "city": "Caf\ufffd"}),
    ]
    judgement = judged(lake, raw_pull(lake, records), profiles=Profiles((change,)))
    assert sorted(_told(lake)) == [
        ("address_format", "error", "cdr_location.address", "Caf\ufffdstraat 3"),
        ("text_readable", "warning", "cdr_location.address", "Caf\ufffdstraat 3"),
        ("text_readable", "warning", "cdr_location.city", "Caf\ufffd"),
    ]
    assert (judgement.main.accepted, judgement.main.rejected) == (1, 1)


@pytest.mark.parametrize("kind", ["on_driveway", "On_Driveway ", "ON_DRIVEWAY"])
def test_a_driveway_is_no_public_place_in_whatever_case(lake: Lake, kind: str) -> None:
    judgement = delivered(
        lake, [changed("location", "2.2.1", {"location_type": kind})], module="locations", window=NIGHT
    )
    assert (judgement.main.held_back, judgement.main.accepted) == (1, 0)


def test_a_charge_point_that_was_removed_is_that_in_whatever_case(lake: Lake) -> None:
    sent = {"@evses[0].status": "Removed", "@evses[0].evse_id": "NL*ABC*E00421 ", "city": "Nijmegen\t"}
    delivered(lake, [changed("location", "2.2.1", sent)], module="locations", window=NIGHT)
    night = Delivery("locations", "NL-ABC", NIGHT)
    assert sorted(_told(lake, night)) == [
        ("text_blanks", "warning", "city", '"Nijmegen\t" → "Nijmegen"'),
        ("text_blanks", "warning", "evses[0].evse_id", '"NL*ABC*E00421 " → "NL*ABC*E00421"'),
        ("value_in_other_case", "warning", "evses[0].status", "Removed → REMOVED"),
    ]
    (evse,) = _rows(lake, "accepted", night, "evses")
    assert (evse["status"], evse["evse_id"]) == ("REMOVED", "NL*ABC*E00421")
    assert [row["city"] for row in _rows(lake, "accepted", night, "locations")] == ["Nijmegen"]
