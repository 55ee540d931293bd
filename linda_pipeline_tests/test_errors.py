"""What is shown, kept and sent on of what somebody else wrote: nothing of it steers a terminal or breaks a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.errors import InputMistake, one_line, sentence, visible

SIGNS = "\x1b\x07\x9b\u202e\u2066\ud800\x00\x7f"
"""None of these may reach a terminal."""


@given(st.text(alphabet=st.characters(), max_size=60))
def test_what_is_visible_can_be_written_and_steers_nothing(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not set(shown) & set(SIGNS)
    assert "\n" not in one_line(text)


def test_a_text_without_such_signs_stays_as_it_is() -> None:
    assert visible("Köln: 3 × 22 kW\n\tregel 2") == "Köln: 3 × 22 kW\n\tregel 2"


def test_a_sign_that_steers_is_written_out() -> None:
    assert visible("\x1b[2J\ud800") == "\\u001b[2J\\ud800"


def test_lines_that_a_server_wrote_do_not_look_like_lines_of_ours() -> None:
    assert one_line("fine\nFAILED: call\t0900\u2028now") == "fine FAILED: call 0900 now"


@pytest.mark.parametrize("kind", [InputMistake, ValueError])
def test_a_sentence_holds_no_escapes(kind: type[Exception]) -> None:
    said = sentence(kind(f"Cannot read \x1b]0;owned{SIGNS}"))
    assert not set(said) & set(SIGNS)
    assert "owned" in said
