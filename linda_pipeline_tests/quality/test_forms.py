"""The forms of addresses, postal codes and ids: what careless patterns refuse must pass."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linda_pipeline.quality.address_form import (
    has_other_addition,
    is_address,
    is_postal_code,
    mended_addresses,
    mended_postal_codes,
    was_address,
    with_spaced_addition,
)
from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.rules.ids import looks_hashed
from linda_pipeline_tests.quality.judged import judge

STREETS = (
    "De Hoek",
    "Hoek",
    "Rode Hoek",
    "Hoekstraat",
    "1e Jan Steenstraat",
    "2e Kostverlorenkade",
    "Plein 1944",
    "'s-Gravenweg",
    "’t Zand",
    "Berg en Dalseweg",
    "Burg. van Haarenlaan",
    "Ds. J.J. Addingstraat",
    "Nabijstraat",
    "De Paal",
    "Bij de Kerk",
    "Achter de Hoven",
    "Tegenoverdiep",
    "Súdwesterwei",
    "Rue de la Ruïne",
    "Rijksweg A2",
    "Laan van Nieuw Oost-Indië",
    "Weg en Land",
    "Kruising",
    "Oude Rijn (OZ)",
    "Hoek van Hollandlaan",
    "Burgemeester van der Hoekplein",
    "Laan 1940-1945",
    "Ds. T.O. Hylkemaweg",
    "Prof. T.H.V. Janssenlaan",
)
ADDITIONS = ("", " B", " A-1", " bis", " bis A", " 2", " hs", " II", " ZW", " zwart")
DESCRIBED = (
    "2e paal Dorpsstraat 12",
    "Dorpsstraat 12 2e paal",
    "Dorpsstraat 2e laadpaal 12",
    "Dorpsstraat 12 laadpaal",
    "t.o. Dorpsstraat 12",
    "T.o. Dorpsstraat 12",
    "Dorpsstraat t.o. 12",
    "Dorpsstraat 12 t.o. kerk",
    "t/o Dorpsstraat 12",
    "thv Dorpsstraat 12",
    "tegenover Dorpsstraat 12",
    "nabij Dorpsstraat 12",
    "Dorpsstraat nabij 12",
    "Dorpsstraat (nabij 12)",
    "Dorpsstraat 12 hoek Kerkweg 3",
    "hoek Dorpsstraat 12",
    "Hoek van de Dorpsstraat 12",
    "Dorpsstraat hoek Kerkweg 12",
    "Dorpsstraat hoek 12",
    "Dorpsstraat/Kerkweg 12",
    "Dorpsstraat / Kerkweg 12",
    "Dorpsstraat - Kerkweg 12",
    "Vondelpark / Overtoom 12",
    "Dorpsstraat en Kerkweg 12",
    "Dorpsstraat & Kerkweg 12",
    "Dorpsstraat 12 / Kerkweg 3",
    "Dorpsstraat 12A hoek Kerkweg 3A",
    "T.O. DORPSSTRAAT 12",
)
OTHER_ADDITIONS = {
    "Blankenburgerstraat 38j": "Blankenburgerstraat 38 j",
    "F.Rooseveltlaan 3A": "F.Rooseveltlaan 3 A",
    "Dorpsstraat 33-A": "Dorpsstraat 33 A",
    "Dorpsstraat 37/b": "Dorpsstraat 37 b",
    "Kooizandweg 6-429": "Kooizandweg 6 429",
    "Dorpsstraat 11-13": "Dorpsstraat 11 13",
    "Dorpsstraat 12 - 14": "Dorpsstraat 12 14",
    "Dorpsstraat 12bis": "Dorpsstraat 12 bis",
    "Dorpsstraat 12-A-1": "Dorpsstraat 12 A-1",
    "Dorpsstraat 12a/b": None,
}
"""Addresses with their addition in another way, and as the profile wants them where that can be told."""
MENDABLE = {
    "Dorpsstraat12": "Dorpsstraat 12",
    "Dorpsstraat, 12": "Dorpsstraat 12",
    "12 Dorpsstraat": "Dorpsstraat 12",
    "12A Dorpsstraat": "Dorpsstraat 12 A",
    "Hoofdstraat\xa012\xa0A": "Hoofdstraat 12 A",
    "Plein\u200b 1944 3": "Plein 1944 3",
    "Dorpsstraat": None,
    "t.o. Dorpsstraat 12": None,
    "Dorpsstraat 6511 JE": None,
}
"""What is no address, and the address that it becomes by mending one mistake in writing."""
UNFORMED = (
    "",
    "12",
    "1944 3",
    "Dorpsstraat",
    "Dorpsstraat12",
    "Dorpsstraat 0",
    "Dorpsstraat 6511 JE",
    "Dorpsstraat 6511JE",
    "Laan 1940-1945",
    "Plein 40-45",
    "A 12",
    "Rijksweg A 2",
    "Rijksweg A2",
    "Dorpsstraat, 12",
    "Dorpsstraat 12, Utrecht",
    "Dorpsstraat 12 t/m 14",
    "Dorpsstraat 123456",
    "Dorpsstraat nr. 12 bij de ingang van het zwembad",
)


def _one(test: Callable[[Any], Any], text: str) -> bool:
    return bool(test(pa.array([text]))[0].as_py())


@pytest.mark.parametrize("addition", ADDITIONS)
@pytest.mark.parametrize("street", STREETS)
def test_a_street_with_a_number_and_an_addition_is_an_address(street: str, addition: str) -> None:
    assert _one(is_address, f"{street} 12{addition}")


@pytest.mark.parametrize("text", DESCRIBED)
def test_a_description_beside_street_and_number_is_no_address(text: str) -> None:
    assert not _one(is_address, text)


@pytest.mark.parametrize("text", UNFORMED)
def test_what_is_not_street_space_number_is_no_address(text: str) -> None:
    assert not _one(is_address, text)


@pytest.mark.parametrize(("text", "spaced"), OTHER_ADDITIONS.items())
def test_an_addition_in_another_way_is_told_with_the_address_that_is_meant(text: str, spaced: str | None) -> None:
    assert not _one(is_address, text)
    assert _one(has_other_addition, text)
    assert with_spaced_addition(pa.array([text])).to_pylist() == [spaced]


@pytest.mark.parametrize("text", [*UNFORMED, *DESCRIBED])
def test_what_lacks_a_number_or_describes_a_place_has_no_addition_in_another_way(text: str) -> None:
    assert not _one(has_other_addition, text)


@pytest.mark.parametrize(("text", "mended"), MENDABLE.items())
def test_an_address_with_one_mistake_is_shown_as_it_should_be(text: str, mended: str | None) -> None:
    assert not _one(is_address, text)
    assert mended_addresses(pa.array([text])).to_pylist() == [mended]


def test_until_november_2026_initials_were_a_description_and_the_number_of_a_road_that_of_a_house() -> None:
    texts = pa.array(["Ds. T.O. Hylkemaweg 5", "Rijksweg A 2", "Dorpsstraat 6511 JE", "Dorpsstraat 12"])
    assert was_address(texts).to_pylist() == [False, True, True, True]
    assert is_address(texts).to_pylist() == [True, False, False, True]


@given(
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzéëï"), min_size=1, max_size=12),
    st.sampled_from(["straat", "weg", "laan", "plein", "hoek", "paal"]),
    st.integers(1, 99999),
)
def test_any_street_with_any_number_is_an_address(name: str, kind: str, number: int) -> None:
    street = f"{name.capitalize()}{kind}"
    assume("laadpaal" not in street.lower())
    texts = [f"{street} {number}", f"{street}{number}", f"{street} {number}e paal"]
    assert is_address(pa.array(texts)).to_pylist() == [True, False, False]


@given(st.text(max_size=60))
def test_no_text_breaks_the_address_pattern(text: str) -> None:
    if _one(is_address, text):
        assert any(sign.isalpha() for sign in text)
        assert any(sign.isdigit() for sign in text)


@given(st.integers(1000, 9999), st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=2, max_size=2))
def test_a_postal_code_is_four_digits_a_space_and_two_capitals(digits: int, letters: str) -> None:
    assert _one(is_postal_code, f"{digits} {letters}") == (letters not in ("SA", "SD", "SS"))
    assert not _one(is_postal_code, f"{digits}{letters}")
    assert not _one(is_postal_code, f"{digits} {letters.lower()}")
    assert not _one(is_postal_code, f"0{digits % 1000:03d} {letters}")
    assert not _one(is_postal_code, f"{digits} {letters}\n")


@pytest.mark.parametrize(
    "sent", ["6511JE", "6511 je", "6511  JE", "6511-JE", "NL-6511 JE", "6511\xa0JE", "6511\u200bJE"]
)
def test_a_postal_code_that_is_written_otherwise_is_shown_as_it_should_be(sent: str) -> None:
    assert mended_postal_codes(pa.array([sent])).to_pylist() == ["6511 JE"]


@pytest.mark.parametrize("sent", ["0511 JE", "6511 SA", "6511 J", "1234567", "BE-2000", "6511", "", "6511 \u0132E"])
def test_of_what_is_no_dutch_postal_code_no_other_is_made(sent: str) -> None:
    assert mended_postal_codes(pa.array([sent])).to_pylist() == [None]


@given(st.text(max_size=60))
def test_what_an_address_or_postal_code_is_mended_to_is_always_right(text: str) -> None:
    for mend, is_right in (
        (mended_addresses, is_address),
        (with_spaced_addition, is_address),
        (mended_postal_codes, is_postal_code),
    ):
        mended = mend(pa.array([text]))[0].as_py()
        assert mended is None or _one(is_right, mended)


def _degree(text: str) -> str:
    surely_none, none = (mask.to_pylist() for mask in looks_hashed(pa.array([text, None])))
    assert surely_none[1] is not False
    assert none[1] is not False
    return "error" if surely_none[0] is False else "fine" if none[0] else "warning"


@given(st.binary(), st.sampled_from(["sha1", "sha224", "sha256", "sha384", "sha512"]), st.booleans())
def test_a_long_digest_is_always_an_error(content: bytes, algorithm: str, capitals: bool) -> None:
    text = hashlib.new(algorithm, content).hexdigest()
    assert _degree(text.upper() if capitals else text) == "error"


@given(st.binary(), st.sampled_from(["sha1", "sha224", "sha256", "sha512"]), st.booleans())
def test_the_base64_of_a_long_digest_is_always_an_error(content: bytes, algorithm: str, for_urls: bool) -> None:
    encode = base64.urlsafe_b64encode if for_urls else base64.b64encode
    assert _degree(encode(hashlib.new(algorithm, content).digest()).decode()) == "error"


@given(st.binary(min_size=16, max_size=16))
def test_sixteen_bytes_are_a_warning_only_where_they_are_no_uuid(content: bytes) -> None:
    is_uuid = 1 <= content[6] >> 4 <= 8 and content[8] >> 6 == 2
    expected = "fine" if is_uuid else "warning"
    assert _degree(base64.b64encode(content).decode()) == expected
    if not content.hex().isdigit():
        assert _degree(content.hex()) == expected


@given(st.uuids(version=4))
def test_a_uuid_passes_with_and_without_its_dashes(made: uuid.UUID) -> None:
    for text in (str(made), made.hex, made.hex.upper(), f"{{{made}}}"):
        assert _degree(text) == "fine"


@pytest.mark.parametrize("text", ["1" * 32, "1" * 40, "CDR-2026-000042", "04A1B2C3D4E5F6", "Z" * 32, ""])
def test_an_ordinary_id_is_no_hash(text: str) -> None:
    assert _degree(text) == "fine"


def test_a_sha256_in_a_cdr_id_is_both_a_hash_and_too_long() -> None:
    record = good_record("cdr", "2.2.1")
    record["id"] = hashlib.sha256(b"CDR-2026-000042").hexdigest()
    assert judge("cdr", "2.2.1", [record]).rules_at(0) == {"cdr_id_not_hashed", "cdr_id_too_long"}


def test_a_frisian_municipality_is_a_city() -> None:
    record = good_record("cdr", "2.2.1")
    record["cdr_location"]["city"] = "Súdwest-Fryslân"
    record["cdr_location"]["name"] = "Ljouwert, it plein"
    assert judge("cdr", "2.2.1", [record]).found == [[]]
