"""What is printed at the edge: whatever somebody else wrote turns no terminal round."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.cli import main
from linda_pipeline.errors import InputMistake, one_line, printable, sentence

SIGNS = "\x1b\x07\x9b\u202e\u2066\ud800\x00\x7f"
"""None of these may reach a terminal."""
ESCAPES = "\x1b]0;owned\x07\x1b[2J" + SIGNS


@given(st.text(alphabet=st.characters(), max_size=60))
def test_what_is_printable_can_be_written_and_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    assert shown.replace("\n", "").isprintable()
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert one_line(text).isprintable()


def test_a_text_without_such_signs_stays_as_it_is() -> None:
    assert printable("Köln: 3 × 22 kW\nregel 2") == "Köln: 3 × 22 kW\nregel 2"


def test_lines_that_a_server_wrote_do_not_look_like_lines_of_ours() -> None:
    assert one_line("fine\nFAILED: call\t0900\u2028now") == "fine FAILED: call 0900 now"


@pytest.mark.parametrize("kind", [InputMistake, ValueError])
def test_a_sentence_holds_no_escapes(kind: type[Exception]) -> None:
    said = sentence(kind(f"Cannot read {ESCAPES}"))
    assert said.isprintable()
    assert "owned" in said


def test_neither_the_sentence_nor_the_traceback_reaches_the_terminal_with_escapes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(*_: object) -> None:
        raise ValueError(f"Cannot read {ESCAPES}")

    monkeypatch.setenv("LINDA_TRACEBACK", "1")
    monkeypatch.setattr("linda_pipeline.cli.read_register", fails)
    monkeypatch.setattr(sys, "argv", ["linda", "check-cpos", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "owned" in shown
    assert not set(shown) & set(SIGNS)
