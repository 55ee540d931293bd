"""Signs that nobody sees, and texts that were damaged on their way."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.quality.signs import NAMES, composed, named, repaired, visible, with_names

WORDS = ("Café", "Súdwest-Fryslân", "Reüniestraat", "’s-Gravenhage", "Curaçao", "Åland", "Às")


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_was_read_as_latin_1_or_windows_1252_is_read_as_utf_8_again(word: str) -> None:
    sent = word.encode("utf-8")
    damaged = [sent.decode("latin-1"), "".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in sent)]
    assert word not in damaged
    assert repaired(pa.array(damaged)).to_pylist() == [word, word]


@given(st.text())
def test_a_text_without_such_damage_stays_as_it_is(text: str) -> None:
    if not set(text) & set("ÂÃâï"):
        assert repaired(pa.array([text])).to_pylist() == [text]


@pytest.mark.parametrize("word", [*WORDS, "Ĳsselkade", "SÃO TOMÉ", "Âldewei", "Vâlâ", "CAFÉ–BAR"])
def test_a_sound_word_stays_as_it_is(word: str) -> None:
    assert repaired(pa.array([word])).to_pylist() == [word]


@given(st.text())
def test_letters_that_were_taken_apart_are_put_together(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert composed(pa.array([apart, None])).to_pylist() == [unicodedata.normalize("NFC", text), None]


def test_what_nobody_sees_becomes_a_space_or_nothing() -> None:
    sent = ["Plein\u00a01", "Ple\u00adin\u200b 1", "\ufeffPlein\u20281", "Plein 1", None]
    assert visible(pa.array(sent)).to_pylist() == ["Plein 1", "Plein 1", "Plein 1", "Plein 1", None]


def test_every_sign_has_a_name_in_both_languages() -> None:
    for sign, names in NAMES.items():
        assert [named(f"a{sign}b", language) for language in ("nl", "en")] == [f"a[{name}]b" for name in names]


@given(st.text())
def test_no_sign_that_nobody_sees_is_left_where_a_reader_looks(text: str) -> None:
    for language in ("nl", "en"):
        seen = with_names(pa.array([text]), language)[0].as_py()
        assert seen == named(text, language)
        assert not any(unicodedata.category(sign) in ("Cf", "Cc", "Zl", "Zp") for sign in seen)
        assert "\ufffd" not in seen
