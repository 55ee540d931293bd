"""The register of CPOs: the contract's example, one sentence per mistake, and permissions by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.register.cpos import Permission, RegisterMistake, parse_register, read_register
from linda_pipeline_tests.register.blocks import BLOCK, EXAMPLE, PERMISSION, mistakes, written

TRIALS = Path(__file__).parents[3] / "shared" / "data" / "trials" / "registers"


def test_the_example_of_the_contract_is_read(tmp_path: Path) -> None:
    register = read_register(written(tmp_path, EXAMPLE))
    assert list(register) == ["NL-ABC"]
    cpo = register["NL-ABC"]
    assert (cpo.name, cpo.ocpi, cpo.token_encoding, cpo.language) == ("Voorbeeld Laden B.V.", "2.2.1", "base64", "nl")
    assert (cpo.parties, cpo.nal_regions) == (("NL-ABC", "NL-ABD"), ("Zuid",))
    assert cpo.permissions == (
        Permission(
            "LINDA-2026-014", "Gemeente Eindhoven", "concession", date(2025, 1, 1), date(2029, 12, 31), ("GM0772",)
        ),
    )
    assert cpo.token_variable == "LINDA_TOKEN_NL_ABC"


def test_what_may_be_left_out_has_the_defaults_of_the_contract() -> None:
    cpo = parse_register({"cpo": {"NL-ABC": {"name": "V", "versions_url": "http://127.0.0.1:8000/versions"}}})["NL-ABC"]
    assert (cpo.parties, cpo.ocpi, cpo.token_encoding, cpo.language) == (("NL-ABC",), "newest", None, "nl")
    assert (cpo.nal_regions, cpo.quality_contact, cpo.active, cpo.permissions) == ((), None, True, ())


def test_the_example_that_the_project_ships_has_no_mistake_and_asks_nobody() -> None:
    (cpo,) = read_register(Path(__file__).parents[2] / "data" / "reference" / "cpos.example.toml").values()
    assert cpo.permissions
    assert not cpo.may_be_pulled_on(cpo.permissions[0].start)


def test_blocks_keep_the_order_of_the_file() -> None:
    register = parse_register({"cpo": {"NL-XYZ": BLOCK, "NL-ABC": BLOCK}})
    assert list(register) == ["NL-XYZ", "NL-ABC"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"nmae": "V"}, '[cpo.NL-ABC] nmae: is not a key of this block; did you mean "name"?'),
        ({"token": "secret"}, "[cpo.NL-ABC] token: is not a key of this block"),
        ({"name": None}, "[cpo.NL-ABC] name: is missing; give the CPO's name as text."),
        ({"name": " "}, "[cpo.NL-ABC] name: must be the CPO's name as text, but is ' '."),
        ({"versions_url": None}, "[cpo.NL-ABC] versions_url: is missing; give an http(s) URL."),
        (
            {"versions_url": "ocpi.example.nl"},
            "[cpo.NL-ABC] versions_url: must be an http(s) URL, but is 'ocpi.example.nl'.",
        ),
        ({"versions_url": "ftp://ocpi.example.nl"}, "[cpo.NL-ABC] versions_url: must be an http(s) URL"),
        ({"versions_url": "https://"}, "[cpo.NL-ABC] versions_url: must be an http(s) URL"),
        ({"versions_url": "http://[cpo/versions"}, "[cpo.NL-ABC] versions_url: must be an http(s) URL"),
        ({"versions_url": 8000}, "[cpo.NL-ABC] versions_url: must be an http(s) URL"),
        ({"ocpi": "2.2"}, "[cpo.NL-ABC] ocpi: must be one of 2.1.1, 2.2.1, 2.3.0 or \"newest\", but is '2.2'."),
        ({"ocpi": ["2.2.1"]}, "[cpo.NL-ABC] ocpi: must be one of"),
        ({"token_encoding": "BASE64"}, '[cpo.NL-ABC] token_encoding: must be "plain" or "base64"'),
        ({"language": "de"}, '[cpo.NL-ABC] language: must be "nl" or "en"'),
        ({"nal_regions": ["Zeeland"]}, "[cpo.NL-ABC] nal_regions: must be a list of NAL regions out of Noord,"),
        ({"parties": []}, "[cpo.NL-ABC] parties: must be a list of country_code-party_id"),
        ({"parties": "NL-ABC"}, "[cpo.NL-ABC] parties: must be a list of country_code-party_id"),
        ({"quality_contact": "data at example"}, "[cpo.NL-ABC] quality_contact: must be an e-mail address"),
        ({"active": "yes"}, "[cpo.NL-ABC] active: must be true or false, but is 'yes'."),
        ({"permission": PERMISSION}, "[cpo.NL-ABC] permission: must be written as [[cpo.NL-ABC.permission]]"),
        ({"permission": ["all"]}, "[cpo.NL-ABC.permission no. 1]: must be a block with keys."),
    ],
)
def test_a_mistake_in_a_block_is_one_sentence_with_block_and_key(change: dict[str, Any], sentence: str) -> None:
    block = {key: value for key, value in (BLOCK | change).items() if value is not None}
    found = mistakes(block)
    assert len(found) == 1
    assert found[0].startswith(sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"document": None}, "document: is missing; give the reference of the document."),
        ({"owner": None}, "owner: is missing; give the data owner's name."),
        ({"owner_kind": "municipality"}, 'owner_kind: must be "concession" or "cpo", but is \'municipality\'.'),
        ({"from": None}, "from: is missing; give a date such as 2025-01-01."),
        (
            {"from": "2025-01-01"},
            "from: stands in quotes, which makes it a text; write the date without them: 2025-01-01.",
        ),
        ({"from": "1 January"}, "from: must be a date such as 2025-01-01, but is '1 January'."),
        ({"from": datetime(2025, 1, 1, 9, tzinfo=UTC)}, "from: has a time of day; give the date alone: 2025-01-01."),
        ({"from": time(9)}, "from: must be a date such as 2025-01-01, but is datetime.time(9, 0)."),
        ({"owner_id": "Gemeente Eindhoven"}, 'owner_id: must be a key such as "gemeente-eindhoven", but is'),
        ({"until": date(2024, 12, 31)}, "until: lies before from (2024-12-31 before 2025-01-01)."),
        ({"areas": ["0772"]}, "areas: must be a list of municipality codes such as GM0772, but is ['0772']."),
        ({"areas": []}, "areas: must be a list of municipality codes such as GM0772"),
        ({"area": ["GM0772"]}, 'area: is not a key of this block; did you mean "areas"?'),
        ({"locations": []}, "locations: must be a list of ids of Locations, but is []."),
        ({"evses": ["E1"]}, "evses: must be a list of EVSE ids such as NL*ABC*E1, but is ['E1']."),
    ],
)
def test_a_mistake_in_a_permission_is_one_sentence_with_its_number_and_key(
    change: dict[str, Any], sentence: str
) -> None:
    wrong = {key: value for key, value in (PERMISSION | change).items() if value is not None}
    found = mistakes(
        {**BLOCK, "permission": [{**PERMISSION, "until": date(2024, 12, 1), "from": date(2020, 1, 1)}, wrong]}
    )
    assert len(found) == 1
    assert found[0].startswith(f"[cpo.NL-ABC.permission no. 2] {sentence}")


def test_a_permission_names_areas_or_locations_or_evses_not_two_of_them() -> None:
    (said,) = mistakes({**BLOCK, "permission": [{**PERMISSION, "areas": ["GM0772"], "evses": ["NL*ABC*E1"]}]})
    assert said == (
        "[cpo.NL-ABC.permission no. 1]: names more than one of areas, locations and evses; give a permission for each."
    )


def test_the_name_of_a_block_must_be_a_party() -> None:
    assert mistakes(BLOCK, "nl-abc") == [
        "[cpo.nl-abc]: the name of a block is country code, dash, party id, in capitals, such as NL-ABC."
    ]
    assert mistakes("NL-ABC") == ["[cpo.NL-ABC]: must be a block with keys."]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(RegisterMistake) as raised:
        parse_register({"cpos": {}, "cpo": {"NL-ABC": {"name": "V"}, "NL-XYZ": {**BLOCK, "active": 1}}})
    assert raised.value.mistakes == [
        '[cpos]: a register holds only [cpo.…] blocks; did you mean "cpo"?',
        "[cpo.NL-ABC] versions_url: is missing; give an http(s) URL.",
        "[cpo.NL-XYZ] active: must be true or false, but is 1.",
    ]
    assert str(raised.value).count("\n") == 2


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('[cpo.NL-ABC]\nname = "V', "is not valid TOML: "),
        ("[cpo.NL-ABC]\nname = V\n", "line 2"),
        ("[cpo.NL-ABC]\n[[cpo.NL-ABC.permission]]\nfrom = 2025-13-01\n", "line 3"),
    ],
)
def test_broken_toml_names_the_file_and_the_line(tmp_path: Path, text: str, part: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RegisterMistake) as raised:
        read_register(path)
    assert str(path) in str(raised.value)
    assert part in str(raised.value)


def test_a_missing_register_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        RegisterMistake, match=r"no register of CPOs at .*Copy data/reference/cpos\.example\.toml.*point LINDA_CPOS"
    ):
        read_register(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xef\xbb\xbf[cpo.NL-ABC]", 'begins with a byte order mark .BOM.*Save it as "UTF-8"'),
        ("[cpo.NL-ABC]".encode("utf-16"), "is written in UTF-16. Save it as UTF-8."),
        ("#\n# München\n".encode("latin-1"), "is not written in UTF-8: line 2 has a sign in another encoding"),
    ],
)
def test_a_register_in_another_encoding_is_named_for_what_it_is(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "cpos.toml").write_bytes(content)
    with pytest.raises(RegisterMistake, match=sentence) as raised:
        read_register(tmp_path / "cpos.toml")
    assert len(raised.value.mistakes) == 1


def test_a_register_that_is_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RegisterMistake, match=r"cannot be read: Is a directory\."):
        read_register(tmp_path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bom", "begins with a byte order mark (BOM)"),
        ("datestr", "from: stands in quotes"),
        ("datetime", "from: has a time of day"),
        ("urlspace", "versions_url: has a blank at its end (space); take it out."),
        ("userinfo", "versions_url: holds a user and password"),
    ],
)
def test_each_register_of_the_trials_is_told_in_one_sentence_for_what_it_is(name: str, sentence: str) -> None:
    if not TRIALS.is_dir():
        pytest.skip("needs the trial data in ../shared")
    with pytest.raises(RegisterMistake) as raised:
        read_register(TRIALS / f"{name}.toml")
    (said,) = raised.value.mistakes
    assert sentence in said


def test_an_owner_without_a_key_of_its_own_gets_one_of_its_name() -> None:
    permissions = [PERMISSION | {"owner": "Gemeente 's-Hertogenbosch", "areas": ["GM0796"]}]
    permissions += [PERMISSION | {"owner": "Gemeente Súdwest-Fryslân", "areas": ["GM1900"]}]
    permissions += [PERMISSION | {"owner_id": "eindhoven"}]
    cpo = parse_register({"cpo": {"NL-ABC": BLOCK | {"permission": permissions}}})["NL-ABC"]
    assert [one.owner_id for one in cpo.permissions] == [
        "gemeente-s-hertogenbosch",
        "gemeente-sudwest-fryslan",
        "eindhoven",
    ]


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ({}, {}, "covers all charge points from 2025-01-01 on, and so does no. 1"),
        ({"until": date(2025, 12, 31)}, {"from": date(2026, 1, 1)}, None),
        (
            {"until": date(2026, 1, 1)},
            {"from": date(2026, 1, 1), "until": date(2026, 1, 1)},
            "covers all charge points from 2026-01-01 to 2026-01-01, and so does no. 1",
        ),
        ({"areas": ["GM0772"]}, {}, None),
        ({"areas": ["GM0772"]}, {"areas": ["GM0344"]}, None),
        ({"areas": ["GM0772", "GM0344"]}, {"areas": ["GM0344"]}, "covers GM0344 from 2025-01-01 on, and so does no. 1"),
        ({"evses": ["NL*ABC*E1"]}, {"locations": ["LOC-1"]}, None),
        ({"locations": ["LOC-1"]}, {"areas": ["GM0344"]}, None),
        ({"locations": ["LOC-1", "LOC-2"]}, {"locations": ["loc-2"]}, "covers loc-2 from 2025-01-01 on"),
        ({"evses": ["NL*ABC*E1"]}, {"evses": ["nlabce1"]}, "covers nlabce1 from 2025-01-01 on"),
        ({"evses": ["NL*ABC*E1"]}, {"evses": ["NL*ABC*E11"]}, None),
    ],
)
def test_two_permissions_of_equal_rank_for_the_same_charge_points_and_days_are_refused(
    first: dict[str, Any], second: dict[str, Any], clash: str | None
) -> None:
    block = BLOCK | {"permission": [PERMISSION | first, PERMISSION | second]}
    if clash is None:
        assert len(parse_register({"cpo": {"NL-ABC": block}})["NL-ABC"].permissions) == 2
    else:
        (said,) = mistakes(block)
        assert said.startswith(f"[cpo.NL-ABC.permission no. 2]: {clash}")


def test_a_permission_holds_on_its_first_and_its_last_day() -> None:
    cpo = parse_register({"cpo": {"NL-ABC": {**BLOCK, "permission": [{**PERMISSION, "until": date(2025, 1, 31)}]}}})[
        "NL-ABC"
    ]
    days = [date(2024, 12, 31) + timedelta(days=number) for number in range(34)]
    assert [day for day in days if cpo.may_be_pulled_on(day)] == days[1:32]


def test_a_permission_without_end_holds_on() -> None:
    assert parse_register({"cpo": {"NL-ABC": BLOCK}})["NL-ABC"].may_be_pulled_on(date(2100, 1, 1))


def test_a_cpo_that_is_not_active_or_has_no_permission_may_not_be_pulled() -> None:
    changes: list[dict[str, Any]] = [{"active": False}, {"permission": []}]
    for change in changes:
        cpo = parse_register({"cpo": {"NL-ABC": BLOCK | change}})["NL-ABC"]
        assert not cpo.may_be_pulled_on(date(2026, 1, 1))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["versions_url", "permission", "parties", "ocpi", "active", "areas", "from"]), VALUES)
def test_any_value_at_any_key_is_read_or_told(key: str, value: Any) -> None:
    block = {**BLOCK, key: value}
    if key in ("areas", "from"):
        block = {**BLOCK, "permission": [{**PERMISSION, key: value}]}
    told = ["[cpo.NL-ABC"]
    try:
        parse_register({"cpo": {"NL-ABC": block}})
    except RegisterMistake as mistake:
        told = mistake.mistakes
    assert told
    assert all(sentence.startswith("[cpo.NL-ABC") for sentence in told)
