"""A letter to be signed, as PDF: headings, paragraphs, lists, and places for names and signatures, on A4.

Here: the sheet and its type, the same bytes for the same letter. Not here: what the letter says (confirmation_letter.py). The
font lies with the program and is part of the PDF, so that a name shows alike everywhere and in ten years.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from fpdf import FPDF, XPos, YPos

from linda_pipeline.errors import InputMistake

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "DejaVu"
_SIZE_PT, _HEADING_PT, _SMALL_PT = 10.5, 14.0, 8.5
_MARGIN_MM, _LINE_MM, _BETWEEN_MM, _GAP_MM = 25.0, 5.4, 3.2, 10.0
_TO_FILL_IN = ("Naam", "Functie", "Plaats en datum")
_ROW_MM, _SIGNATURE_MM = 10.0, 24.0


class LetterUnprintable(InputMistake):
    """A text has signs that the letter's font does not have."""


@dataclass(frozen=True)
class Heading:
    """The subject of the letter."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Some lines of text."""

    text: str


@dataclass(frozen=True)
class Listed:
    """Things one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Signatures:
    """Where the two sides write their names and sign."""

    giver: str
    receiver: str


LetterPart = Heading | Paragraph | Listed | Signatures


class _LetterPage(FPDF):
    """A4 with the letter's reference and the page at the foot of each page."""

    def __init__(self, reference: str) -> None:
        super().__init__(format="A4")
        self.reference = reference
        self.set_margin(_MARGIN_MM)
        self.c_margin = 0  # text and lines begin at the same edge
        self.set_auto_page_break(True, margin=_MARGIN_MM)
        self.add_font(_FAMILY, "", _FONTS / "DejaVuSansCondensed.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "DejaVuSansCondensed-Bold.ttf")

    def footer(self) -> None:
        """Reference and page."""
        self.set_y(-15)
        self.set_font(_FAMILY, "", _SMALL_PT)
        self.set_text_color(90)
        self.cell(self.epw / 2, 5, self.reference)
        self.cell(self.epw / 2, 5, f"pagina {self.page_no()} van {{nb}}", align="R")
        self.set_text_color(0)


def letter_pdf(parts: Sequence[LetterPart], reference: str, day: date) -> bytes:
    """The letter. `reference` stands at the foot of each page, `day` is when the PDF says it was made.

    Raises LetterUnprintable.
    """
    texts = [unicodedata.normalize("NFC", text) for part in parts for text in _texts(part)]
    sheet = _LetterPage(unicodedata.normalize("NFC", reference))
    _check_signs(sheet, [*texts, sheet.reference])
    sheet.set_creation_date(datetime.combine(day, time(), UTC))
    sheet.set_lang("nl")
    sheet.set_title(next((part.text for part in parts if isinstance(part, Heading)), reference))
    sheet.set_subject(reference)
    sheet.set_creator("LINDA")
    sheet.set_producer("LINDA")
    sheet.add_page()
    for part in parts:
        _draw(sheet, part)
    return bytes(sheet.output())


def _texts(part: LetterPart) -> Iterator[str]:
    if isinstance(part, Listed):
        yield from part.items
    elif isinstance(part, Signatures):
        yield from (part.giver, part.receiver)
    else:
        yield part.text


def _check_signs(sheet: FPDF, texts: Sequence[str]) -> None:
    known = sheet.fonts[_FAMILY.lower()].cmap  # type: ignore[union-attr]
    missing = sorted({sign for text in texts for sign in text if sign not in "\n\t" and ord(sign) not in known})
    if missing:
        named = ", ".join(
            f"{sign} (U+{ord(sign):04X})" if sign.isprintable() else f"U+{ord(sign):04X}" for sign in missing[:5]
        )
        raise LetterUnprintable(
            f"The letter's font has no sign for {named}. Write the name in Latin script, as it stands in the trade register."
        )


def _draw(sheet: FPDF, part: LetterPart) -> None:
    if isinstance(part, Heading):
        sheet.set_font(_FAMILY, "B", _HEADING_PT)
        _write(sheet, part.text, line_mm=7.0)
        sheet.ln(_BETWEEN_MM)
    elif isinstance(part, Paragraph):
        sheet.set_font(_FAMILY, "", _SIZE_PT)
        _write(sheet, part.text)
        sheet.ln(_BETWEEN_MM)
    elif isinstance(part, Listed):
        sheet.set_font(_FAMILY, "", _SIZE_PT)
        for item in part.items:
            sheet.cell(5, _LINE_MM, "•")
            _write(sheet, item)
        sheet.ln(_BETWEEN_MM)
    else:
        _draw_signatures(sheet, part)


def _write(sheet: FPDF, text: str, line_mm: float = _LINE_MM) -> None:
    normal = unicodedata.normalize("NFC", text)
    sheet.multi_cell(0, line_mm, normal, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _draw_signatures(sheet: FPDF, places: Signatures) -> None:
    """Two columns that stay together on a page."""
    wide = (sheet.epw - _GAP_MM) / 2
    heads = [unicodedata.normalize("NFC", text) for text in (places.giver, places.receiver)]
    sheet.set_font(_FAMILY, "B", _SIZE_PT)
    lines = max(_lines(sheet, wide, head) for head in heads)
    high = lines * _LINE_MM + len(_TO_FILL_IN) * _ROW_MM + _SIGNATURE_MM
    if sheet.will_page_break(high):
        sheet.add_page()
    top = sheet.get_y() + _BETWEEN_MM
    for number, head in enumerate(heads):
        left = sheet.l_margin + number * (wide + _GAP_MM)
        sheet.set_font(_FAMILY, "B", _SIZE_PT)
        sheet.set_xy(left, top)
        sheet.multi_cell(wide, _LINE_MM, head, align="L")
        below = top + lines * _LINE_MM
        sheet.set_font(_FAMILY, "", _SMALL_PT)
        for row, label in enumerate((*_TO_FILL_IN, "Handtekening"), start=1):
            line = (
                below + row * _ROW_MM if row <= len(_TO_FILL_IN) else below + len(_TO_FILL_IN) * _ROW_MM + _SIGNATURE_MM
            )
            sheet.set_xy(left, line - 5)
            sheet.cell(wide, 4, label)
            sheet.line(left, line, left + wide, line)
    sheet.set_xy(sheet.l_margin, top + high)


def _lines(sheet: FPDF, wide_mm: float, text: str) -> int:
    """How many lines a text takes in a column."""
    broken = sheet.multi_cell(wide_mm, _LINE_MM, text, align="L", dry_run=True, output="LINES")
    assert isinstance(broken, list)
    return len(broken)
