"""The profile in force: what is built in, what NDW sets from a day on, what only holds for those who agreed, and drafts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linda_pipeline.quality.profile import BUILT_IN, CURRENT, Parameters, ProfileChange, Profiles, profile_on
from linda_pipeline.quality.profile_file import ProfileMistake, read_draft, read_profiles
from linda_pipeline.quality.rules import changeable, rules_for

EXAMPLE = Path(__file__).parents[2] / "data" / "reference" / "profile.example.toml"
SPRING = date(2027, 4, 1)


def _file(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _tolerance(profiles: Profiles, day: date, cpo: str = "NL-ABC") -> float:
    return profiles.on(day, cpo).parameters.total_time_tolerance_s


def test_without_a_file_what_is_built_in_holds() -> None:
    profiles = read_profiles(None, changeable())
    assert profiles.on(date(2020, 1, 1)).version == BUILT_IN[0].version
    assert profiles.on(date.max) == CURRENT
    assert profile_on(date(2026, 11, 23)).parameters == CURRENT.parameters


def test_a_change_holds_from_its_day_on_and_never_before() -> None:
    profiles = Profiles((ProfileChange("spring", SPRING, {"total_time_tolerance_s": 90}),))
    assert [_tolerance(profiles, day) for day in (date(2027, 3, 31), SPRING, date(2030, 1, 1))] == [60, 90, 90]
    assert [profiles.on(day).version for day in (date(2027, 3, 31), SPRING)] == [BUILT_IN[-1].version, "spring"]


def test_a_later_change_leaves_what_it_does_not_name_as_it_was() -> None:
    profiles = Profiles(
        (
            ProfileChange("spring", SPRING, {"total_time_tolerance_s": 90}, {"cdr.address_format": "warning"}),
            ProfileChange("autumn", date(2027, 10, 1), {"longest_session_h": 48}, {"cdr.postal_code_format": "info"}),
        )
    )
    autumn = profiles.on(date(2027, 10, 1))
    assert (autumn.parameters.total_time_tolerance_s, autumn.parameters.longest_session_h) == (90, 48)
    own = {"cdr.address_format": "warning", "cdr.postal_code_format": "info"}
    assert own.items() <= autumn.severities.items()


def test_a_change_that_no_contract_covers_holds_only_for_who_agreed_and_from_that_day_on() -> None:
    agreed = {"NL-ABC": date(2027, 6, 1), "NL-DEF": date(2027, 1, 1)}
    profiles = Profiles((ProfileChange("spring", SPRING, {"total_time_tolerance_s": 90}, {}, True, agreed),))
    assert _tolerance(profiles, date(2027, 5, 31), "NL-ABC") == 60
    assert _tolerance(profiles, date(2027, 6, 1), "NL-ABC") == 90
    assert [_tolerance(profiles, day, "NL-DEF") for day in (date(2027, 3, 31), SPRING)] == [60, 90]
    assert _tolerance(profiles, date(2040, 1, 1), "NL-XYZ") == 60


def test_a_severity_that_is_set_is_that_of_the_rule_and_off_takes_it_away() -> None:
    change = ProfileChange("spring", SPRING, {}, {"cdr.address_format": "info", "cdr.postal_code_format": "off"})
    before, after = (
        {rule.id: str(rule.severity["2.2.1"]) for rule in rules_for("cdr", "2.2.1", Profiles((change,)).on(day))}
        for day in (date(2027, 3, 31), SPRING)
    )
    assert (before["address_format"], before["postal_code_format"]) == ("error", "error")
    assert after["address_format"] == "info"
    assert "postal_code_format" not in after


def test_a_draft_is_tried_as_if_its_day_had_come_for_everyone() -> None:
    draft = ProfileChange("draft", SPRING, {"total_time_tolerance_s": 90}, {}, True)
    trial = Profiles((ProfileChange("2026", date(2026, 12, 1), {"longest_session_h": 48}),)).trying(draft)
    found = trial.on(date(2025, 6, 1), "NL-ABC")
    assert (found.version, found.day, found.parameters.total_time_tolerance_s) == ("draft", SPRING, 90)
    assert found.parameters.longest_session_h == 48


def test_a_day_that_is_named_judges_whatever_was_pulled_when() -> None:
    profiles = Profiles((ProfileChange("spring", SPRING, {"total_time_tolerance_s": 90}),)).as_of(SPRING)
    assert _tolerance(profiles, date(2025, 6, 1)) == 90
    assert profiles.on(date(2030, 1, 1)).day == SPRING


def test_the_example_that_is_shipped_can_be_used_as_it_is() -> None:
    profiles = read_profiles(EXAMPLE, changeable(), {"NL-ABC"})
    (change,) = profiles.own
    assert (change.version, change.valid_from, change.needs_agreement) == ("2027-04", SPRING, True)
    assert profiles.on(SPRING, "NL-ABC").severities["cdr.delivered_in_time"] == "error"
    assert profiles.on(SPRING, "NL-XYZ") == profile_on(SPRING)
    assert read_draft(EXAMPLE, changeable()) == change


def test_a_draft_is_one_block_or_the_newest_of_a_file(tmp_path: Path) -> None:
    alone = _file(tmp_path, 'version = "t"\n[parameters]\ntotal_time_tolerance_s = 90\n')
    assert read_draft(alone, changeable()) == ProfileChange("t", BUILT_IN[0].valid_from, {"total_time_tolerance_s": 90})
    whole = _file(
        tmp_path,
        '[[profile]]\nversion = "b"\nvalid_from = 2027-04-01\n[[profile]]\nversion = "a"\nvalid_from = 2027-01-01\n',
    )
    assert read_draft(whole, changeable()).version == "b"
    assert [change.version for change in read_profiles(whole, changeable()).own] == ["a", "b"]


GOOD = '[[profile]]\nversion = "t"\nvalid_from = 2027-04-01\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("version =", "not valid TOML"),
        ('version = "t"', r"version stands outside a block.*\[\[profile\]\]"),
        ('[profile]\nversion = "t"', "two brackets"),
        ("[[profile]]", "version"),
        ('[[profile]]\nversion = "2025-04"\nvalid_from = 2027-04-01', "name of its own"),
        ('[[profile]]\nversion = "t"', "valid_from"),
        ('[[profile]]\nversion = "t"\nvalid_from = "morgen"', "valid_from"),
        (f"{GOOD}colour = 1", "colour"),
        (f"{GOOD}paramters = 1", 'did you mean "parameters"'),
        (f"{GOOD}needs_agreement = 1", "needs_agreement"),
        (f"{GOOD}document = 7", "document"),
        (f"{GOOD}[profile.agreed]\nNL-ABC = 2027-01-01", "needs_agreement = true"),
        (f"{GOOD}needs_agreement = true\n[profile.agreed]\nABC = 2027-01-01", "ABC is no CPO"),
        (f"{GOOD}needs_agreement = true\n[profile.agreed]\nNL-ABD = 2027-01-01", 'did you mean "NL-ABC"'),
        (f'{GOOD}needs_agreement = true\n[profile.agreed]\nNL-ABC = "ja"', "the day of its agreement"),
        (f"{GOOD}[profile.parameters]\nlength = 1", "no parameter length"),
        (f"{GOOD}[profile.parameters]\ntotal_time_tolerance = 1", 'did you mean "total_time_tolerance_s"'),
        (f"{GOOD}[profile.parameters]\nmax_decimals = 1.5", "max_decimals: give a whole number"),
        (f"{GOOD}[profile.parameters]\nmax_decimals = true", "max_decimals"),
        (f"{GOOD}[profile.parameters]\ntotal_time_tolerance_s = -1", "total_time_tolerance_s"),
        (f"{GOOD}[profile.parameters]\ntotal_time_tolerance_s = inf", "total_time_tolerance_s"),
        (f'{GOOD}[profile.severity]\n"cdr.adres_format" = "error"', 'did you mean "cdr.address_format"'),
        (f'{GOOD}[profile.severity]\n"cdr.cdr_id_unique" = "warning"', "cdr.cdr_id_unique"),
        (f'{GOOD}[profile.severity]\n"cdr.address_format" = "fatal"', "give one of error, warning, info, off"),
        (f"{GOOD}severity = 1", "severity"),
        (f"{GOOD}{GOOD}", "used twice"),
    ],
)
def test_a_mistake_in_a_profile_is_one_sentence_that_names_the_key(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(ProfileMistake, match=names) as told:
        read_profiles(_file(tmp_path, text), changeable(), {"NL-ABC"})
    assert "\n" not in str(told.value)


def test_a_profile_that_is_not_there_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ProfileMistake, match=r"There is no profile at .*LINDA_PROFILE"):
        read_profiles(tmp_path / "none.toml", changeable())


def test_every_parameter_can_be_set(tmp_path: Path) -> None:
    values: dict[str, Any] = vars(Parameters())
    lines = "\n".join(f"{name} = {value + 1}" for name, value in values.items())
    profiles = read_profiles(_file(tmp_path, f"{GOOD}[profile.parameters]\n{lines}\n"), changeable())
    assert vars(profiles.on(SPRING).parameters) == {name: value + 1 for name, value in values.items()}
