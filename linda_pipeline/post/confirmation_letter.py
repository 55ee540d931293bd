"""The confirmation letter (bevestigingsbrief) by which a data owner gives permission: its Dutch, and a region's own text.

Here: the placeholders, the standard texts of both chains (an owner writes to the CPO; a CPO that owns its data writes to NDW),
and the filled text. Not here: the sheet of paper (letter_pdf.py), and the permission itself (register).

A text is plain: an empty line ends a paragraph, a line that begins with "# " is a heading. `{laadpunten}` and
`{ondertekening}` on a line of their own become a list and the places to sign.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linda_pipeline.errors import InputMistake, one_line, visible
from linda_pipeline.post.letter_pdf import Heading, LetterPart, Listed, Paragraph, Signatures, letter_pdf
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.report.words_nl import Dutch

PLACEHOLDERS = {
    "kenmerk": "the reference of the document",
    "datum": "the day of the letter",
    "eigenaar": "the data owner",
    "cpo": "the CPO's name",
    "cpo_code": "the CPO's key, such as NL-ABC",
    "laadpunten": "what the permission names",
    "vanaf": "the first day",
    "tot_en_met": "the last day, or geen einddatum",
    "looptijd": "first and last day as the end of a sentence",
    "ondertekening": "the places for names and signatures",
}
"""What may stand in braces in a region's text, and what comes in its place."""
_NEEDED = ("kenmerk", "eigenaar", "cpo", "laadpunten", "ondertekening")
_PERIOD = ("looptijd", "vanaf")
_LARGEST_TEMPLATE_KB = 100
_NDW = "NDW"


class TemplateMistake(InputMistake):
    """A region's text cannot be used as a letter; the message says why and what can."""


@dataclass(frozen=True)
class Confirmation:
    """What one letter confirms. All the permissions are of one document, owner and time."""

    cpo: Cpo
    permissions: Sequence[Permission]
    day: date
    """The day of the letter, which is also the day that the PDF says it was made."""
    municipalities: Mapping[str, str]
    """Names by code; where a code has none it stands alone."""


def standard_text(owner_kind: str) -> str:
    """The standard text of a chain: `concession` or `cpo`."""
    return (Path(__file__).parent / "templates" / f"toestemming_{owner_kind}.txt").read_text(encoding="utf-8")


def read_template(path: Path) -> str:
    """A region's own text. Raises TemplateMistake."""
    name = one_line(str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TemplateMistake(f"The template {name} cannot be read: {error.strerror}.") from None
    if len(content) > _LARGEST_TEMPLATE_KB * 1000:
        raise TemplateMistake(
            f"The template {name} is larger than {_LARGEST_TEMPLATE_KB} kB; it is a text of a page or two."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TemplateMistake(
            f"The template {name} is no plain text in UTF-8. Save it as UTF-8, without layout."
        ) from None
    _check(text, name)
    return text


def confirmation_letter(confirmation: Confirmation, text: str | None = None) -> bytes:
    """The letter as a PDF, the same bytes for the same letter. `text`: a region's own, in place of the standard one.

    Raises TemplateMistake, and LetterUnprintable where a name has signs that the letter's font lacks.
    """
    first = confirmation.permissions[0]
    values = _values(confirmation)
    charge_points = _charge_points(confirmation)
    receiver = _NDW if first.owner_kind == "cpo" else values["cpo"]
    signatures = Signatures(f"Namens {values['eigenaar']}", f"Voor ontvangst, namens {receiver}")
    parts: list[LetterPart] = []
    for block in _blocks(text if text is not None else standard_text(first.owner_kind)):
        if block == "{ondertekening}":
            parts.append(signatures)
        elif block == "{laadpunten}":
            parts.append(Listed(tuple(charge_points)))
        elif block.startswith("# "):
            parts.append(Heading(block[2:].format(**values)))
        else:
            parts.append(Paragraph(block.format(**values)))
    return letter_pdf(parts, f"Kenmerk {values['kenmerk']}", confirmation.day)


def _values(confirmation: Confirmation) -> dict[str, str]:
    first, day = confirmation.permissions[0], Dutch().day
    until = None if first.until is None else day(first.until)
    start = day(first.start)
    return {
        "kenmerk": one_line(first.document),
        "datum": day(confirmation.day),
        "eigenaar": one_line(first.owner),
        "cpo": one_line(confirmation.cpo.name),
        "cpo_code": confirmation.cpo.key,
        "laadpunten": "; ".join(_charge_points(confirmation)),
        "vanaf": start,
        "tot_en_met": until or "geen einddatum",
        "looptijd": f"vanaf {start}, zonder einddatum" if until is None else f"van {start} tot en met {until}",
        "ondertekening": "",
    }


def _charge_points(confirmation: Confirmation) -> list[str]:
    named = []
    for one in confirmation.permissions:
        named += [_area(code, confirmation.municipalities.get(code)) for code in one.areas]
        named += [f"laadlocatie {one_line(location)}" for location in one.locations]
        named += [f"laadpunt {evse}" for evse in one.evses]
        if one.rank == 3:
            named.append(f"alle openbare laadpunten van {one_line(confirmation.cpo.name)}")
    return list(dict.fromkeys(named))


def _area(code: str, name: str | None) -> str:
    named = f"{one_line(name)} ({code})" if name else f"met code {code}"
    return f"alle openbare laadpunten in de gemeente {named}"


def _blocks(text: str) -> list[str]:
    """Paragraphs, headings, and the two placeholders that stand on a line of their own."""
    blocks: list[str] = []
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        stripped = line.strip()
        is_own = stripped in ("", "{ondertekening}", "{laadpunten}") or stripped.startswith("# ")
        if is_own:
            blocks += ["\n".join(lines)] if lines else []
            blocks += [stripped] if stripped else []
            lines = []
        else:
            lines.append(stripped)
    return blocks


def _check(text: str, name: str) -> None:
    """Raises TemplateMistake for the first thing that is wrong with a region's text."""
    try:
        found = list(string.Formatter().parse(text))
    except ValueError:
        raise TemplateMistake(
            f"The template {name} has a brace without its other one. A brace that is meant as such is written twice: {{{{."
        ) from None
    known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
    fields = []
    for _, field, form, conversion in found:
        if field is None:
            continue
        if field not in PLACEHOLDERS or form or conversion:
            raise TemplateMistake(
                f"The template {name} has the placeholder {{{visible(field)}}}, which is none. There are: {known}."
            )
        fields.append(field)
    lacking = [f"{{{one}}}" for one in _NEEDED if one not in fields]
    lacking += [] if any(one in fields for one in _PERIOD) else ["{looptijd}"]
    if lacking:
        raise TemplateMistake(
            f"The template {name} lacks {', '.join(lacking)}, without which the letter does not say what is permitted."
        )
    if "{ondertekening}" not in _blocks(text):
        raise TemplateMistake(f"The template {name} has {{ondertekening}} within a line. Put it on a line of its own.")
