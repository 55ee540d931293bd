"""The letter by which a data owner gives permission, read from the PDF as its receiver would."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from linda_pipeline.post.confirmation_letter import Confirmation, TemplateMistake, confirmation_letter, read_template
from linda_pipeline.post.letter_pdf import LetterUnprintable
from linda_pipeline.register.cpos import Permission
from linda_pipeline_tests.deliveries import CPO

DAY = date(2026, 11, 26)
OWN = "# Brief\n\nVan {eigenaar} aan {cpo}, {kenmerk}, {looptijd}.\n\n{laadpunten}\n\n{ondertekening}\n"


def _permission(**more: Any) -> Permission:
    usual: dict[str, Any] = {"areas": ("GM0772",), "until": date(2030, 12, 31)}
    return replace(
        Permission("LINDA-2026-014", "Gemeente Eindhoven", "concession", date(2026, 12, 1)), **{**usual, **more}
    )


def _letter(*permissions: Permission, text: str | None = None) -> tuple[str, PdfReader]:
    letter = Confirmation(CPO, permissions or (_permission(),), DAY, {"GM0772": "Eindhoven"})
    reader = PdfReader(io.BytesIO(confirmation_letter(letter, text)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


def test_an_owner_writes_to_the_cpo_what_it_permits_and_for_how_long() -> None:
    text, reader = _letter()
    assert "Van: Gemeente Eindhoven" in text
    assert "Aan: Voorbeeld Laden B.V. (NL-ABC)" in text
    assert "alle openbare laadpunten in de gemeente Eindhoven (GM0772)" in text
    assert "van 1 december 2026 tot en met 31 december 2030" in text
    assert "Kenmerk LINDA-2026-014" in text
    assert "Namens Gemeente Eindhoven" in text
    assert "Voor ontvangst, namens Voorbeeld Laden B.V." in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Toestemming voor het leveren van laadpaalgebruiksgegevens aan LINDA"
    assert len(reader.pages) == 1


def test_a_cpo_that_owns_its_data_writes_to_ndw() -> None:
    text, _ = _letter(_permission(owner="Voorbeeld Laden B.V.", owner_kind="cpo", areas=(), until=None))
    assert "Aan: NDW" in text
    assert "Voor ontvangst, namens NDW" in text
    assert "vanaf 1 december 2026, zonder einddatum" in text
    assert "alle openbare laadpunten van Voorbeeld Laden B.V." in text


def test_the_same_letter_is_the_same_bytes() -> None:
    letter = Confirmation(CPO, (_permission(),), DAY, {})
    assert confirmation_letter(letter) == confirmation_letter(letter)


def test_a_long_list_goes_on_over_pages_and_the_places_to_sign_stay_together() -> None:
    evses = tuple(f"NL*ABC*E{number:06d}" for number in range(120))
    text, reader = _letter(_permission(areas=(), evses=evses))
    assert len(reader.pages) > 2
    last = reader.pages[-1].extract_text()
    assert "Namens Gemeente Eindhoven" in last
    assert last.count("Handtekening") == 2
    assert all(evse in text for evse in evses)
    assert f"pagina 1 van {len(reader.pages)}" in text


def test_a_name_with_braces_stands_as_it_is_and_one_in_another_script_is_refused() -> None:
    text, _ = _letter(_permission(owner="Stichting {kenmerk} & Zn"))
    assert "Van: Stichting {kenmerk} & Zn" in text
    with pytest.raises(LetterUnprintable, match=r"has no sign for 漢 \(U\+6F22\)"):
        _letter(_permission(owner="漢"))


def test_a_region_may_have_a_text_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_text(OWN, encoding="utf-8-sig")
    text, _ = _letter(text=read_template(tmp_path / "brief.txt"))
    assert "Van Gemeente Eindhoven aan Voorbeeld Laden B.V., LINDA-2026-014, van 1 december 2026" in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OWN.replace("{kenmerk}", "{reference}"), r"has the placeholder \{reference\}, which is none. There are: "),
        (OWN.replace("{eigenaar}", "de eigenaar"), r"lacks \{eigenaar\}"),
        (OWN.replace("{looptijd}", "altijd"), r"lacks \{looptijd\}"),
        (OWN + "{", "has a brace without its other one"),
        (OWN.replace("\n\n{ondertekening}", " {ondertekening}"), "on a line of its own"),
        (OWN + "{cpo!r}", "which is none"),
        (OWN + "x" * 100_001, "is larger than 100 kB"),
    ],
)
def test_a_text_that_cannot_be_a_letter_is_told_with_what_it_lacks(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "brief.txt").write_text(text, encoding="utf-8")
    with pytest.raises(TemplateMistake, match=told):
        read_template(tmp_path / "brief.txt")


def test_a_text_that_is_not_utf_8_or_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_bytes("beëindigen".encode("latin-1"))
    with pytest.raises(TemplateMistake, match="no plain text in UTF-8"):
        read_template(tmp_path / "brief.txt")
    with pytest.raises(TemplateMistake, match="cannot be read: No such file"):
        read_template(tmp_path / "none.txt")
