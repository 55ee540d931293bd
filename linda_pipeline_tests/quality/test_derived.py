"""Where the derived rules keep silent, and what they find inside lists."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

import pytest

from linda_pipeline.ocpi.columns import OBJECTS, Column, Type, walk
from linda_pipeline.quality.example import good_record, set_at
from linda_pipeline.quality.rule import ABSENT
from linda_pipeline.quality.rules import RULES
from linda_pipeline.quality.rules.derived_texts import WHETHER_ZERO
from linda_pipeline_tests.quality.judged import judge


def _found(object_name: str, version: str, **changes: Any) -> list[tuple[str, str, str, str | None]]:
    record = good_record(object_name, version)
    for path, value in changes.items():
        set_at(record, path, value)
    return judge(object_name, version, [record]).found[0]


def _rules(object_name: str, version: str, changes: dict[str, Any]) -> set[str]:
    return {rule for rule, _, _, _ in _found(object_name, version, **changes)}


@pytest.mark.parametrize("missing", [ABSENT, "#NA"])
def test_a_reservation_may_leave_out_its_evse_since_2_2(missing: Any) -> None:
    place = {f"cdr_location.{leaf}": missing for leaf in ("evse_uid", "evse_id", "connector_id")}
    only = [{"start_date_time": "2026-11-10T07:30:00Z", "dimensions": [{"type": "RESERVATION_TIME", "volume": 1.0}]}]
    assert _rules("cdr", "2.2.1", {**place, "total_energy": 0.0, "charging_periods": only}) == set()
    assert _rules("cdr", "2.2.1", place) == {"evse_uid_required", "evse_id_required", "connector_id_required"}


def test_the_form_of_an_evse_id_holds_for_a_reservation_too() -> None:
    changes: dict[str, Any] = {"cdr_location.evse_uid": "#NA", "cdr_location.evse_id": "12", "total_energy": 0.0}
    changes["charging_periods[0].dimensions[0].volume"] = 0.0
    assert _rules("cdr", "2.2.1", changes) == {"evse_id_format"}


def test_a_removed_evse_needs_no_evse_id() -> None:
    assert _rules("location", "2.2.1", {"evses[0].evse_id": ABSENT, "evses[0].status": "REMOVED"}) == set()
    assert _rules("location", "2.2.1", {"evses[0].evse_id": ABSENT}) == {"evse_id_required"}


@pytest.mark.parametrize(
    ("version", "value", "shown"),
    [
        ("2.2.1", "MCS", "MCS (vanaf / from OCPI 2.3.0)"),
        ("2.1.1", "MCS", "MCS (vanaf / from OCPI 2.3.0)"),
        ("2.1.1", "CHAOJI", "CHAOJI (vanaf / from OCPI 2.2.1)"),
        ("2.2.1", "ANDERS", "ANDERS"),
    ],
)
def test_a_value_of_a_later_version_is_told_with_that_version(version: str, value: str, shown: str) -> None:
    record = good_record("location", version)
    record["evses"][0]["connectors"][0]["standard"] = value
    rule = "connectors_connector_standard_unknown_value"
    assert judge("location", version, [record]).found == [[(rule, "error", "connectors[0].standard", shown)]]


@pytest.mark.parametrize(
    ("path", "sent", "shown"),
    [
        ("country", "nl", "nl → NLD"),
        ("country", "Nederland", "Nederland → NLD"),
        ("country", "DEU", "DEU"),
        ("time_zone", "europe/amsterdam", "europe/amsterdam → Europe/Amsterdam"),
        ("time_zone", "CET+1", "CET+1"),
    ],
)
def test_a_code_that_can_mean_but_one_is_shown_with_that_one(path: str, sent: str, shown: str) -> None:
    found = {rule: value for rule, _, _, value in _found("location", "2.2.1", **{path: sent})}
    assert found[{"country": "country_is_nld", "time_zone": "time_zone_iana"}[path]] == shown


@pytest.mark.parametrize(("sent", "shown"), [("eur", "eur → EUR"), ("XYZ", "XYZ"), ("€", "€")])
def test_a_currency_in_small_letters_is_shown_in_capitals(sent: str, shown: str) -> None:
    assert _found("cdr", "2.2.1", currency=sent)[0][::3] == ("currency_iso_4217", shown)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_length_of_a_text_is_that_of_its_letters_however_these_are_put_together(
    form: Literal["NFC", "NFD"],
) -> None:
    fits, too_long = (unicodedata.normalize(form, "é" * count) for count in (45, 46))
    assert _found("cdr", "2.2.1", **{"cdr_location.city": fits}) == []
    assert _rules("cdr", "2.2.1", {"cdr_location.city": too_long}) == {"city_too_long"}


def test_the_remedy_for_a_value_of_a_later_version_says_what_to_send_until_then() -> None:
    assert "lever tot dan de waarde van uw versie" in RULES["evse.connectors_connector_standard_unknown_value"].fix_nl
    assert RULES["cdr.token_type_unknown_value"].fix_en.endswith("until then send OTHER.")
    assert "until then" not in RULES["cdr.connector_format_unknown_value"].fix_en


@pytest.mark.parametrize("empty", ["", " ", "#NA", None])
def test_text_in_a_list_that_says_nothing_is_missing_there_too(empty: str | None) -> None:
    found = _found("cdr", "2.2.1", **{"tariffs[0].id": empty, "charging_periods[1].dimensions[1].type": empty})
    assert [(rule, path) for rule, _, path, _ in found] == [
        ("tariffs_id_required", "tariffs[0].id"),
        ("charging_periods_dimensions_type_required", "charging_periods[1].dimensions[1].type"),
    ]


@pytest.mark.parametrize("empty", ["", "#NA", "1970-1-1T00:00:00Z"])
def test_a_placeholder_for_a_moment_is_missing_and_not_unreadable(empty: str) -> None:
    found = _found("cdr", "2.2.1", **{"charging_periods[1].start_date_time": empty, "start_date_time": empty})
    assert {(rule, path) for rule, _, path, _ in found} == {
        ("start_date_time_required", "start_date_time"),
        ("charging_periods_start_date_time_required", "charging_periods[1].start_date_time"),
    }


def test_an_element_that_is_no_object_is_unreadable_and_nothing_more() -> None:
    assert _found("cdr", "2.2.1", **{"charging_periods[1]": 7}) == [
        ("charging_periods_unreadable", "error", "charging_periods[1]", "7")
    ]
    assert _rules("location", "2.2.1", {"evses[0]": 7}) == {"evses_unreadable"}


def test_a_record_that_cannot_be_read_gives_one_finding() -> None:
    for object_name in ("cdr", "location"):
        for version in ("2.1.1", "2.2.1"):
            assert judge(object_name, version, [[1, 2]]).rules_at(0) == {"record_unreadable"}


def test_a_whole_location_that_cannot_be_read_gives_no_missing_fields() -> None:
    found = _rules("cdr", "2.1.1", {"location": "Plein 1944"})
    assert "location_one_evse" not in found
    assert all(rule.endswith("_unreadable") for rule in found)


def test_a_postal_code_that_cannot_be_read_is_not_also_missing() -> None:
    assert _rules("cdr", "2.2.1", {"cdr_location.postal_code": 6511}) == {"postal_code_unreadable"}


def test_two_evses_in_a_2_1_1_cdr_are_told_once() -> None:
    evse = good_record("cdr", "2.1.1")["location"]["evses"][0]
    assert _found("cdr", "2.1.1", **{"location.evses": [evse, evse]}) == [
        ("location_one_evse", "error", "location.evses", "2")
    ]


def test_a_2_1_1_tariff_needs_no_owner() -> None:
    assert "2.1.1" not in RULES["cdr.tariffs_party_id_required"].severity
    assert _rules("cdr", "2.1.1", {"tariffs[0].party_id": "ABCD"}) == {"tariffs_party_id_too_long"}


def test_a_field_is_named_as_the_version_of_the_cpo_names_it() -> None:
    assert _found("cdr", "2.1.1", stop_date_time=ABSENT)[0][2] == "stop_date_time"
    assert _found("cdr", "2.2.1", end_date_time=ABSENT)[0][2] == "end_date_time"


def test_evse_ids_and_operator_names_that_are_too_long_are_told_once() -> None:
    assert _rules("location", "2.2.1", {"evses[0].evse_id": "NL*ABC*E" + "1" * 60}) == {"evse_id_format"}
    assert _rules("location", "2.2.1", {"operator.name": "E" * 101}) == {"operator_named"}


def test_without_known_parties_the_owner_is_not_checked() -> None:
    record = good_record("cdr", "2.2.1") | {"party_id": "XYZ"}
    assert judge("cdr", "2.2.1", [record], parties=frozenset()).found == [[]]


def _mandatory_numbers(object_name: str) -> list[Column]:
    return [one for one in walk(OBJECTS[object_name]) if one.required and one.type in (Type.NUMBER, Type.INTEGER)]


def test_the_remedy_of_every_mandatory_number_says_whether_0_will_do() -> None:
    numbers = [(name, column) for name in OBJECTS for column in _mandatory_numbers(name)]
    assert {column.name for _, column in numbers} == set(WHETHER_ZERO)
    for name, column in numbers:
        rule = RULES[f"{name}.{column.stem}_required"]
        assert "0 is " in rule.fix_nl, rule.id
        assert "0 is fine" in rule.fix_en or "0 will not do" in rule.fix_en, rule.id


@pytest.mark.parametrize("column", _mandatory_numbers("cdr"), ids=lambda column: column.name)
def test_0_is_refused_exactly_where_the_remedy_says_that_it_will_not_do(column: Column) -> None:
    path = column.path["2.2.1"]
    if "." in column.name:
        path = f"charging_periods[0].dimensions[1].{path}"
    errors = {rule for rule, severity, _, _ in _found("cdr", "2.2.1", **{path: 0}) if severity == "error"}
    assert bool(errors) is ("will not do" in WHETHER_ZERO[column.name][1])
