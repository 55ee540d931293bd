"""How a mail is laid out: the same blocks as plain text and as HTML.

Here: the blocks, and both shapes. The HTML asks nothing of the network, reads on a phone, and is dark where the reader's mail
is. Not here: what the blocks say.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from linda_pipeline.post.mail_words import MailWords

WIDTH = 76
"""Columns of the plain text; wider lines are broken by mail programs wherever they like."""


@dataclass(frozen=True)
class Item:
    """One line of a section: what it is, in a few words what it costs, and what to do."""

    title: str
    note: str = ""
    text: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with items below it."""

    heading: str
    items: tuple[Item, ...]
    intro: str = ""
    is_numbered: bool = False


@dataclass(frozen=True)
class Body:
    """What stands in a mail between its greeting and its closing."""

    greeting: str
    paragraphs: tuple[str, ...]
    """The first says the news; it is shown large."""
    figures: tuple[tuple[str, str], ...] = ()
    """Label and number."""
    sections: tuple[Section, ...] = ()
    ending: tuple[str, ...] = ()
    address: str | None = None
    """An address that the ending names, which the HTML links."""


_PAGES = Environment(
    loader=PackageLoader("linda_pipeline.post"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def laid_out(body: Body, words: MailWords, subject: str) -> tuple[str, str]:
    """A body as plain text and as HTML."""
    html = _PAGES.get_template("mail.html").render(body=body, w=words, subject=subject)
    return _as_text(body, words), html


def _as_text(body: Body, words: MailWords) -> str:
    parts = [body.greeting, *map(_wrapped, body.paragraphs)]
    if body.figures:
        widest = max(len(label) for label, _ in body.figures)
        longest = max(len(number) for _, number in body.figures)
        parts.append("\n".join(f"  {label:<{widest}}  {number:>{longest}}" for label, number in body.figures))
    for section in body.sections:
        lines = [section.heading, "-" * len(section.heading)]
        if section.intro:
            lines += [_wrapped(section.intro), ""]
        for number, item in enumerate(section.items, start=1):
            mark = f"{number}. " if section.is_numbered else "- "
            first = f"{item.title} ({item.note})" if item.note else item.title
            lines.append(_wrapped(first, mark))
            if item.text:
                lines.append(_wrapped(item.text, " " * len(mark)))
        parts.append("\n".join(lines))
    parts += [*map(_wrapped, body.ending), f"{words.closing}\n{words.portal}", _wrapped(words.automatic)]
    return "\n\n".join(parts) + "\n"


def _wrapped(text: str, mark: str = "") -> str:
    """A paragraph in lines; an address is never broken."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
