"""Pseudonyms of drivers: what they are made of, and what makes the same person the same."""

from __future__ import annotations

import hashlib
import hmac

import pyarrow as pa
import pytest

from linda_pipeline.judging.pseudonyms import KeyUnusable, pseudonyms, read_key, session_keys
from linda_pipeline_tests.deliveries import KEY


def of(*contracts: str | None, uids: list[str | None] | None = None, key: bytes = KEY) -> list[str | None]:
    tokens = None if uids is None else pa.array(uids, pa.string())
    made: list[str | None] = pseudonyms(pa.array(contracts, pa.string()), tokens, key).to_pylist()
    return made


def test_a_pseudonym_is_the_hmac_of_the_contract_id_in_capitals_without_separators() -> None:
    expected = hmac.new(KEY, b"NLEMSC00000042", hashlib.sha256).hexdigest()
    assert of("NL-EMS-C00000042", "nlemsc00000042", "NL*EMS*C00000042", "NL EMS C00000042") == [expected] * 4


def test_with_and_without_its_check_digit_a_contract_id_is_one_person() -> None:
    emi3 = of("NL-EMS-C00000042-X", "NLEMSC00000042X", "nl-ems-c00000042", "NLEMSC00000042", "NL-EMS-C00000042-0")
    assert emi3 == of("NL-EMS-C00000042") * 5
    din_91286 = of("DE*8AA*CA2B3C*9", "DE8AACA2B3C9", "de-8aa-ca2b3c", "DE8AACA2B3CX")
    assert din_91286 == of("DE-8AA-CA2B3C") * 4


def test_what_is_no_contract_id_of_these_forms_keeps_its_last_character() -> None:
    apart = ["NL-AAA-12345678-A", "NL-AAA-12345678-B", "NL-EMS-42", "NL-EMS-43", "04A1B2C3D4E5F67", "04A1B2C3D4E5F68"]
    made = of(*apart)
    assert len(set(made)) == len(apart)
    assert None not in made


def test_a_token_uid_keeps_its_last_character_whatever_it_looks_like() -> None:
    first, second = of(None, None, uids=["NLEMSC00000042X", "NLEMSC00000042Y"])
    assert first != second


def test_the_token_uid_stands_in_where_there_is_no_contract_id() -> None:
    expected = hmac.new(KEY, b"04A1B2", hashlib.sha256).hexdigest()
    first, second, third = of("NL-EMS-C1", None, None, uids=["04A1B2", "04:a1:b2", None])
    assert (second, third) == (expected, None)
    assert first != expected


def test_without_either_there_is_no_pseudonym() -> None:
    assert of(None, None) == [None, None]
    assert of() == []


def test_another_key_gives_another_pseudonym() -> None:
    assert of("NL-EMS-C1") != of("NL-EMS-C1", key=bytes(32))


def test_ids_of_separators_alone_are_nobody() -> None:
    assert of("---", "-*-", uids=[None, "04A1B2"]) == [None, of("04A1B2")[0]]


def test_the_key_is_64_hex_digits() -> None:
    assert read_key(KEY.hex()) == KEY
    assert read_key(KEY.hex().upper()) == KEY
    for wrong in (None, ""):
        with pytest.raises(KeyUnusable, match="LINDA_PSEUDONYM_KEY is not set"):
            read_key(wrong)
    for wrong in ("geheim", "g" * 64, KEY.hex() + "\n"):
        with pytest.raises(KeyUnusable, match="must be 64 hex digits") as raised:
            read_key(wrong)
        assert wrong.strip() not in str(raised.value)


def test_a_session_has_one_key_in_whatever_case_and_another_with_another_secret() -> None:
    ids = pa.array(["Ses-1", "SES-1", "SES-2", None])
    first, same, other, none = session_keys(ids, KEY).to_pylist()
    assert first == same
    assert none is None
    assert len({first, other, *session_keys(ids, bytes(32)).to_pylist()}) == 5
