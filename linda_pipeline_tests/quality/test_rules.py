"""Every rule on every one of its examples, in every OCPI version; and what holds for all rules."""

from __future__ import annotations

import pkgutil
from typing import Any

import pytest
from pandera.errors import SchemaErrors

from linda_pipeline.ocpi.columns import OBJECTS, VERSIONS, by_name
from linda_pipeline.quality import contract, rules
from linda_pipeline.quality.delivered import Delivered, judge_whole
from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.joined import JOINED
from linda_pipeline.quality.rule import NotRun, Rule, Scope, Severity, register
from linda_pipeline.quality.rules import RULES, rules_for
from linda_pipeline.quality.rules.readable import OF_ALL_TEXTS
from linda_pipeline.quality.rules.written import OF_WRITING
from linda_pipeline_tests.quality.judged import cases, is_single, judge, judged_examples

ALL = [pytest.param(rule, id=key) for key, rule in RULES.items()]


def _examples(kind: str) -> list[Any]:
    return [
        pytest.param(version, rule, number, id=f"{version}-{rule.object}.{rule.id}-{number}")
        for version in VERSIONS
        for rule, number, _ in cases(version, kind)
    ]


@pytest.mark.parametrize(("version", "rule", "number"), _examples("good"))
def test_a_good_example_gives_no_finding_at_all(version: str, rule: Rule, number: int) -> None:
    rows, judged = judged_examples(rule.object, version, "good")
    assert judged.found[rows[rule.id, number]] == []


@pytest.mark.parametrize(("version", "rule", "number"), _examples("bad"))
def test_a_bad_example_gives_its_finding_and_those_that_it_implies(version: str, rule: Rule, number: int) -> None:
    rows, judged = judged_examples(rule.object, version, "bad")
    found = judged.rules_at(rows[rule.id, number])
    assert found == {rule.id, *(other for other in rule.implies if _applies(rule, other, version))}


def _applies(rule: Rule, other: str, version: str) -> bool:
    return RULES[f"{rule.object}.{other}"].applies_to(version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", ["cdr", "location", "evse"])
@pytest.mark.parametrize("kind", ["good", "bad"])
def test_pandera_refuses_the_same_records_as_the_rules(version: str, object_name: str, kind: str) -> None:
    rows, judged = judged_examples(object_name, version, kind)
    view = judged.views[object_name]
    frame = contract.frame(view)
    places = view.table["row"].to_pylist() if object_name == "evse" else list(range(len(frame)))
    refused: dict[int, set[str]] = {}
    try:
        contract.schema(object_name, version).validate(frame, lazy=True)
    except SchemaErrors as error:
        for index, column in zip(error.failure_cases["index"], error.failure_cases["column"], strict=True):
            refused.setdefault(places[index], set()).add(column)
    gates = {f"{column.stem}_unreadable" for column in OBJECTS[object_name] if column.gate}
    rules = {rule.id for rule in contract.error_rules(object_name, version)}
    own = {rule.id for rule in rules_for(object_name, version)} - {"names_unique"}  # no column shows it
    assert rows
    for row in rows.values():
        if judged.rules_at(row) & gates:
            continue  # held back or refused by the flaw itself: its empty column never comes to the gate
        errors = {rule for rule, severity, _, _ in judged.found[row] if severity == "error" and rule in own}
        assert (row in refused) == bool(errors), judged.found[row]
        if row not in judged.flawed:
            assert refused.get(row, set()) & rules == errors


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", ["cdr", "location"])
def test_a_good_record_gives_no_finding(object_name: str, version: str) -> None:
    assert judge(object_name, version, [good_record(object_name, version)]).found == [[]]


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_says_in_both_languages_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    for text in (rule.nl, rule.en, rule.fix_nl, rule.fix_en):
        assert text[:1].isupper(), text
        assert text.endswith("."), text
        assert "  " not in text, text
    assert rule.nl != rule.en
    assert rule.fix_nl != rule.fix_en
    assert rule.source.document in "APVOL"
    assert rule.source.heading
    assert str(rule.source)


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_has_examples_unless_it_is_not_run(rule: Rule) -> None:
    if rule.not_run:
        assert rule.not_run_nl
        assert rule.body is None
    else:
        assert rule.good
        assert rule.bad


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_names_only_what_exists(rule: Rule) -> None:
    columns = by_name(rule.object) if rule.object in OBJECTS else {}
    assert set(rule.reads) <= set(columns)
    assert (
        rule.blames in columns
        or rule.id in ("record_unreadable", *OF_WRITING, *OF_ALL_TEXTS)
        or rule.object == "delivery"
    )
    assert set(rule.needs) <= set(JOINED)
    assert rule.severity
    assert set(rule.severity) <= set(VERSIONS)
    for other in rule.implies:
        assert f"{rule.object}.{other}" in RULES


def test_a_rule_without_a_body_is_judged_elsewhere() -> None:
    without = {rule.id for rule in RULES.values() if rule.body is None and not rule.id.endswith("_unreadable")}
    assert without == {"status_age", *OF_WRITING}


def test_the_examples_of_a_rule_are_what_its_scope_sees() -> None:
    for key, rule in RULES.items():
        is_of_many = rule.scope in (Scope.DELIVERY, Scope.HISTORY)
        assert is_single(rule) is not is_of_many, key


def test_only_changed_and_double_cdrs_and_what_is_asked_of_a_whole_delivery_open_no_case() -> None:
    closed = {rule.id for rule in RULES.values() if not rule.opens_case and rule.object != "delivery"}
    assert closed == {"cdr_id_unique", "credit_once", "session_once", "unchanged_since_accepted"}
    assert not any(rule.opens_case for rule in RULES.values() if rule.object == "delivery")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("object_name", ["cdr", "location", "evse"])
def test_a_rule_speaks_in_exactly_the_degrees_that_it_declares(object_name: str, version: str) -> None:
    rows, judged = judged_examples(object_name, version, "bad")
    found: dict[str, set[str]] = {}
    for (rule_id, _), row in rows.items():
        found.setdefault(rule_id, set()).update(
            severity for rule, severity, _, _ in judged.found[row] if rule == rule_id
        )
    assert found
    for rule_id, severities in found.items():
        rule = next(one for one in rules_for(object_name, version) if one.id == rule_id)
        assert severities == {str(rule.severity[version]), *map(str, rule.also)}, rule_id


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=key) for key, rule in RULES.items() if rule.object == "delivery"]
)
def test_a_rule_on_a_whole_delivery_finds_its_bad_examples_alone(rule: Rule) -> None:
    for examples, expected in ((rule.good, set()), (rule.bad, {(rule.id, rule.severity["2.2.1"])})):
        for example in examples:
            facts: dict[str, Any] = {"module": "cdrs", "version": "2.2.1", "received": 100, **example}
            found, _ = judge_whole(Delivered(**facts), [rule])
            by_rule = {(name, severity) for name, severity, _ in found if name == rule.id}
            assert by_rule == expected, example


def test_a_rule_on_a_whole_delivery_that_cannot_run_says_why_in_both_languages() -> None:
    rules = rules_for("delivery", "2.2.1", scopes=[Scope.WHOLE])
    _, unable = judge_whole(Delivered("cdrs", "2.2.1", 100), rules)
    assert {rule.id for rule, _ in unable} == {"delivery_volume", "silent_charge_points", "energy_is_session_only"}
    assert all(isinstance(why, NotRun) and why.en and why.nl and why.en != why.nl for _, why in unable)


def test_every_module_of_rules_is_read() -> None:
    found = {module.name for module in pkgutil.iter_modules(rules.__path__)}
    assert found == {home.__name__.rpartition(".")[2] for home in rules._HOMES} | {"derived_examples", "derived_texts"}


def test_an_id_is_never_used_twice() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        register(RULES["cdr.start_before_end"])


def test_the_profile_is_graded_as_it_says() -> None:
    error, warning, info = Severity.ERROR, Severity.WARNING, Severity.INFO
    expected = {
        ("cdr", "address_format"): (error, error, error),
        ("location", "address_format"): (error, warning, warning),
        ("cdr", "tariffs_required"): (error, error, error),
        ("cdr", "tariffs_country_code_required"): (None, error, error),
        ("cdr", "tariffs_country_code_too_long"): (warning, warning, warning),
        ("cdr", "tariffs_type_required"): (None, error, error),
        ("cdr", "total_parking_time_required"): (error, error, error),
        ("cdr", "total_fixed_cost_excl_vat_required"): (None, error, error),
        ("cdr", "postal_code_required"): (error, None, None),
        ("cdr", "postal_code_present"): (None, warning, warning),
        ("cdr", "total_energy_unreadable"): (error, error, error),
        ("cdr", "remark_unreadable"): (warning, warning, warning),
        ("cdr", "connector_standard_unknown_value"): (error, error, info),
        ("cdr", "connector_format_unknown_value"): (error, error, error),
        ("location", "location_type_unknown_value"): (error, warning, info),
        ("cdr", "tariff_up_to_date"): (warning, None, None),
        ("cdr", "location_id_not_hashed"): (error, None, None),
        ("cdr", "owner_matches_connection"): (None, error, error),
        ("location", "operator_name_required"): (error, error, error),
        ("location", "evses_required"): (error, error, error),
    }
    for (object_name, rule_id), severities in expected.items():
        rule = RULES[f"{object_name}.{rule_id}"]
        got = tuple(rule.severity.get(version) if rule.applies_to(version) else None for version in VERSIONS)
        assert got == severities, rule_id


def test_a_rule_that_reads_a_missing_field_holds() -> None:
    record = good_record("cdr", "2.2.1")
    del record["end_date_time"]
    assert judge("cdr", "2.2.1", [record]).rules_at(0) == {"end_date_time_required"}
    record["end_date_time"] = "10-11-2026 11:00"
    assert judge("cdr", "2.2.1", [record]).rules_at(0) == {"end_date_time_unreadable"}
