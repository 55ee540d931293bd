"""The screen: the consoles that every command prints to, on which no foreign text can steer the terminal.

Here: making what is invisible visible (errors.visible), in the one place that prints. Not here: what is printed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RichCast
from rich.segment import Segment

from linda_pipeline.errors import visible


class _Visible:
    """Something to be printed, made visible while it is."""

    def __init__(self, content: ConsoleRenderable | RichCast | str) -> None:
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for one in console.render(self._content, options):
            yield one if one.control else Segment(visible(one.text), one.style)


class _OnlyVisible(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Visible(one) for one in renderables]


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or standard error."""
    made = Console(stderr=stderr)
    made.push_render_hook(_OnlyVisible())
    return made


def print_note(note: str | None) -> None:
    """Say something beside the answer, where there is something to say."""
    if note is not None:
        console(stderr=True).print(note, markup=False, highlight=False, soft_wrap=True)


def print_page(markdown: str) -> None:
    """Print a page: laid out on a terminal, as it is where something else reads it."""
    from rich.markdown import Markdown

    out = console()
    out.print(Markdown(markdown) if out.is_terminal else markdown, markup=False, highlight=False, soft_wrap=True)
