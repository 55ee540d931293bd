"""What the judge tells: the places and values of findings, personal values masked, and no echoes of a flaw."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from linda_pipeline.ocpi.normalise import normalise
from linda_pipeline.quality.example import PARTIES, PULLED_AT, good_record, set_at
from linda_pipeline.quality.judge import find, masked
from linda_pipeline.quality.profile import BUILT_IN_PROFILES
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.quality.view import View
from linda_pipeline_tests.quality.judged import judge

Found = tuple[str, str, str, str | None]


def found(version: str = "2.2.1", object_name: str = "cdr", **paths: Any) -> list[Found]:
    """(rule, severity, path, value) of what is found in a good record with JSON paths changed."""
    return found_in([paths], version, object_name)[0]


def found_in(changes: list[dict[str, Any]], version: str = "2.2.1", object_name: str = "cdr") -> list[list[Found]]:
    records = []
    for paths in changes:
        record = good_record(object_name, version)
        for path, value in paths.items():
            set_at(record, path, value)
        records.append(record)
    return judge(object_name, version, records).found


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
def test_nothing_is_found_in_a_good_record(version: str) -> None:
    assert found(version) == []
    assert found(version, "location") == []


def test_a_finding_names_the_field_as_the_version_of_the_cpo_does() -> None:
    old, new = (
        found(version, **{path: ABSENT}) for version, path in [("2.1.1", "stop_date_time"), ("2.2.1", "end_date_time")]
    )
    assert ("end_date_time_required", "error", "stop_date_time", None) in old
    assert ("end_date_time_required", "error", "end_date_time", None) in new


def test_a_finding_shows_the_value_as_it_was_sent() -> None:
    assert ("start_date_time_unreadable", "error", "start_date_time", "10 november 2026") in found(
        start_date_time="10 november 2026"
    )
    assert ("total_energy_unreadable", "error", "total_energy", '"12,5"') in found(total_energy="12,5")


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (2.75, "2.75 h ≠ 3.5 h"),
        (210, "210 h ≠ 3.5 h (min?)"),
        (12600, "12600 h ≠ 3.5 h (s?)"),
        (-3.5, "-3.5 h ≠ 3.5 h"),
    ],
)
def test_a_total_time_that_does_not_match_stands_beside_the_one_that_was_expected(sent: float, value: str) -> None:
    assert ("total_time_matches", "error", "total_time", value) in found(total_time=sent)


def test_paths_in_lists_count_from_0_on_every_level() -> None:
    first, second = found_in(
        [
            {"charging_periods[1].dimensions[1].volume": ABSENT},
            {"charging_periods[0].dimensions[1].type": "TIJD", "charging_periods[1].dimensions[0].type": "KRACHT"},
        ]
    )
    rule = "charging_periods_dimensions_volume_required"
    assert (rule, "error", "charging_periods[1].dimensions[1].volume", None) in first
    unknown = [
        (path, value) for rule, _, path, value in second if rule == "charging_periods_dimensions_type_unknown_value"
    ]
    assert unknown == [
        ("charging_periods[0].dimensions[1].type", "TIJD"),
        ("charging_periods[1].dimensions[0].type", "KRACHT"),
    ]


def test_paths_in_lists_are_right_after_records_with_other_lengths() -> None:
    outcome = found_in(
        [
            {"charging_periods": []},
            {"charging_periods": ABSENT},
            {},
            {"charging_periods[1].dimensions[0].volume": "veel"},
            {"charging_periods[1].start_date_time": "gisteren"},
        ]
    )
    assert ("charging_periods_required", "error", "charging_periods", None) in outcome[0]
    assert ("charging_periods_required", "error", "charging_periods", None) in outcome[1]
    assert outcome[2] == []
    unreadable = "charging_periods_dimensions_volume_unreadable"
    assert (unreadable, "error", "charging_periods[1].dimensions[0].volume", '"veel"') in outcome[3]
    assert (
        "charging_periods_start_date_time_unreadable",
        "error",
        "charging_periods[1].start_date_time",
        "gisteren",
    ) in outcome[4]


def test_a_rule_that_is_broken_in_two_places_gives_two_findings() -> None:
    lines = found(
        **{"charging_periods[0].dimensions[0].volume": ABSENT, "charging_periods[1].dimensions[1].volume": ABSENT}
    )
    paths = [path for rule, _, path, _ in lines if rule == "charging_periods_dimensions_volume_required"]
    assert paths == ["charging_periods[0].dimensions[0].volume", "charging_periods[1].dimensions[1].volume"]


PERSONAL: list[tuple[str, Any]] = [
    ("cdr_token.uid", "GEHEIM" * 9),
    ("cdr_token.uid", 4815162342),
    ("cdr_token", "GEHEIM-KAART"),
    ("cdr_token", ["GEHEIM-KAART"]),
    ("cdr_token.contract_id", "GEHEIM-CONTRACT"),
    ("cdr_token.contract_id", {"id": "GEHEIM-CONTRACT"}),
    ("session_id", ["GEHEIM-SESSIE"]),
    ("session_id", "GEHEIM-" * 9),
    ("meter_id", {"GEHEIM": 1}),
    ("meter_id", "GEHEIM-" * 60),
    ("remark", "GEHEIM-" * 60),
    ("remark", 4815162342),
    ("authorization_reference", "GEHEIM-é"),
    ("invoice_reference_id", "GEHEIM-" * 9),
    ("signed_data", "GEHEIM"),
    ("home_charging_compensation", "GEHEIM"),
]


def test_personal_values_are_masked_in_findings() -> None:
    outcome = found_in([{path: value} for path, value in PERSONAL])
    for (path, value), lines in zip(PERSONAL, outcome, strict=True):
        assert lines, f"{path}: {value!r} should be found"
        shown = [value for _, _, _, value in lines if value is not None]
        assert shown, f"{path}: a masked value should be shown"
        for one in shown:
            assert "GEHEIM" not in one
            assert "4815" not in one
            assert one[2:].startswith("… (")


def test_a_record_that_is_no_object_is_masked_as_a_whole() -> None:
    lines = judge("cdr", "2.2.1", ["NL-EMS-C00000042-X", None]).found
    assert lines[0] == [("record_unreadable", "error", "", '"N… (20)')]
    assert [rule for rule, _, _, _ in lines[1]] == ["record_unreadable"]


def test_a_mask_keeps_two_characters_and_the_length() -> None:
    assert masked("NL-EMS-C00000042-X") == "NL… (18)"
    assert masked("") == "… (0)"


def test_other_values_are_not_masked() -> None:
    assert ("auth_method_unknown_value", "error", "auth_method", "GEHEIM") in found(auth_method="GEHEIM")


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        ("total_energy", "12,5", {"total_energy_unreadable"}),
        ("id", 42, {"cdr_id_unreadable"}),
        ("start_date_time", 1794295800, {"start_date_time_unreadable"}),
        ("cdr_token", "none", {"token_uid_unreadable", "token_type_unreadable", "contract_id_unreadable"}),
        ("charging_periods", "none", {"charging_periods_unreadable"}),
        ("charging_periods[0].dimensions[0].volume", None, {"charging_periods_dimensions_volume_required"}),
        ("charging_periods[0].dimensions[0].volume", "x", {"charging_periods_dimensions_volume_unreadable"}),
    ],
)
def test_what_could_not_be_read_is_not_also_missing(path: str, value: Any, rules: set[str]) -> None:
    assert {rule for rule, _, _, _ in found(**{path: value})} == rules


def test_a_flaw_does_not_hide_what_is_missing_elsewhere() -> None:
    rules = {rule for rule, _, _, _ in found(**{"total_energy": "12,5", "currency": ABSENT})}
    assert {"total_energy_unreadable", "currency_required"} <= rules


def test_a_flaw_in_one_record_hides_nothing_in_another() -> None:
    outcome = found_in([{"total_energy": "12,5"}, {"total_energy": ABSENT}])
    assert [[rule for rule, _, _, _ in lines] for lines in outcome] == [
        ["total_energy_unreadable"],
        ["total_energy_required"],
    ]


def twice(*changes: tuple[bytes, bytes], day: date = date.max) -> list[Found]:
    """What is found of a good CDR, with some of its text replaced."""
    record = json.dumps(good_record("cdr", "2.2.1")).encode()
    for old, new in changes:
        assert old in record
        record = record.replace(old, new, 1)
    unit = normalise("cdr", "2.2.1", [(1, [record])])
    view = View("cdr", "2.2.1", unit.table, PULLED_AT, PARTIES, BUILT_IN_PROFILES.on(day))
    return [(one["rule"], one["severity"], one["path"], one["value"]) for one in find(view, [], unit.flaws).to_pylist()]


def test_a_name_that_stands_twice_shows_both_values_as_sent_and_hides_what_is_personal_or_unknown() -> None:
    assert twice((b'"total_energy": 12.5', b'"total_energy": 12.50, "total_energy": -3')) == [
        ("names_unique", "error", "total_energy", '"total_energy": 12.50, "total_energy": -3')
    ]
    assert twice((b'"uid": "', b'"uid": "04FF", "uid": "'))[0][2:] == (
        "cdr_token.uid",
        '"uid": "0… (6), "uid": "0… (16)',
    )
    whole = twice((b'"cdr_token": {', b'"cdr_token": {}, "cdr_token": {'))[0][3] or ""
    assert whole.startswith('"cdr_token": {}… (2), "cdr_token": {"… (')
    assert twice((b'"currency"', b'"driver": "Jansen", "driver": "Pieters", "currency"'))[0][2:] == (
        "driver",
        '"driver": "J… (8), "driver": "P… (9)',
    )


def test_a_name_that_stands_twice_is_asked_from_november_2026_on() -> None:
    change = (b'"total_energy": 12.5', b'"total_energy": 12.5, "total_energy": -3')
    assert twice(change, day=date(2026, 10, 31)) == []
    assert [rule for rule, _, _, _ in twice(change, day=date(2026, 11, 1))] == ["names_unique"]
