"""What reaches the terminal: no foreign text steers it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

import linda_pipeline
from linda_pipeline.commands.screen import console
from linda_pipeline.errors import visible

ATTACK = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eesrever\u200b\ufeff\r\x08"


@pytest.mark.parametrize("how", ["text", "plain", "table", "markup"])
def test_foreign_text_cannot_steer_the_terminal(how: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = console()
    table = Table()
    table.add_column("name")
    table.add_row(Text(ATTACK))
    if how == "plain":
        out.print(ATTACK, markup=False, highlight=False, soft_wrap=True)
    else:
        out.print({"text": Text(ATTACK), "table": table, "markup": f"[bold]{ATTACK}[/]"}[how])
    printed = capsys.readouterr().out
    assert "title" in printed
    assert not set(printed) & set("\x1b\x07\x08\r\x9b\u202e\u200b\ufeff")


def test_what_steers_is_written_out_and_all_else_left_alone() -> None:
    assert visible("a\x1b[2Jb") == "a\\u001b[2Jb"
    assert visible("\ud800") == "\\ud800"
    plain = "Straße\tÉén zin – “€ 5”\nnog één\xa0regel"
    assert visible(plain) == plain


def test_every_console_comes_from_the_screen() -> None:
    made = {
        path.name
        for path in Path(linda_pipeline.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Console"
    }
    assert made == {"screen.py"}
