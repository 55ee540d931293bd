"""Signs that nobody sees, or that tell that a text was damaged: what they are called, and how a text reads without them.

Here: invisible characters by name, letters that were composed or taken apart, UTF-8 that was read as Latin-1, and texts that
look empty. Not here: any demand on a text (rules/readable.py and its neighbours).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

REPLACEMENT = "\ufffd"
"""What stands where a letter was lost."""
_INVISIBLE = (
    r"\p{Cf}\p{Cc}\p{Zl}\p{Zp}\x{A0}\x{115F}\x{1160}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{2800}\x{3000}"
    r"\x{3164}\x{FFA0}"
)
INVISIBLE = f"[{_INVISIBLE}]"
"""A character that shows nothing and is no ordinary space."""
_WIDE_SIGNS = (
    r"\t-\r\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{2800}\x{3000}\x{3164}\x{FFA0}"
)
_WIDE = f"[{_WIDE_SIGNS}]"
"""An invisible character that stands for a space; the others stand for nothing."""
AROUND = rf"^[ \p{{Cf}}{_WIDE_SIGNS}]+|[ \p{{Cf}}{_WIDE_SIGNS}]+$"
"""Blanks before and behind a text."""
LOOKS_EMPTY = rf"^[ {_INVISIBLE}\x{{2D}}\x{{2010}}-\x{{2015}}\x{{2212}}]*$"
"""A text of invisible characters or dashes alone."""
NAMES: dict[str, tuple[str, str]] = {
    "\t": ("tab", "tab"),
    "\n": ("regeleinde", "line break"),
    "\r": ("regeleinde (CR)", "line break (CR)"),
    "\xa0": ("vaste spatie", "no-break space"),
    "\xad": ("zacht afbreekstreepje", "soft hyphen"),
    "\u200b": ("spatie zonder breedte", "zero-width space"),
    "\u200c": ("scheidingsteken zonder breedte", "zero-width non-joiner"),
    "\u200d": ("verbindingsteken zonder breedte", "zero-width joiner"),
    "\u200e": ("teken voor links naar rechts", "left-to-right mark"),
    "\u200f": ("teken voor rechts naar links", "right-to-left mark"),
    "\u2028": ("regelscheiding", "line separator"),
    "\u2029": ("alineascheiding", "paragraph separator"),
    "\u202a": ("begin van links naar rechts", "left-to-right embedding"),
    "\u202b": ("begin van rechts naar links", "right-to-left embedding"),
    "\u202c": ("einde van een schrijfrichting", "pop directional formatting"),
    "\u202d": ("dwang tot links naar rechts", "left-to-right override"),
    "\u202e": ("dwang tot rechts naar links", "right-to-left override"),
    "\u202f": ("smalle vaste spatie", "narrow no-break space"),
    "\u2060": ("woordverbinder", "word joiner"),
    "\u3000": ("brede spatie", "ideographic space"),
    "\ufeff": ("byte order mark", "byte order mark"),
    REPLACEMENT: ("verloren letter", "lost letter"),
}
"""By sign: its name in Dutch and in English. Others are named by their number."""
_UNSEEN = frozenset(("Cf", "Cc", "Zl", "Zp", "Zs"))
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def with_names(texts: Any, language: str) -> Any:
    """Texts (null stays null) with each sign that nobody sees as its name in a language (nl or en), such as [tab]."""
    return _changed(texts, _plain, lambda text: named(text, language))


def named(text: str, language: str) -> str:
    """One text with each sign that nobody sees as its name in a language (nl or en)."""
    if text.isascii() and text.isprintable():
        return text
    place = ("nl", "en").index(language)
    return "".join(_shown(sign, place) for sign in text)


def _plain(texts: Any) -> Any:
    return pc.and_(pc.string_is_ascii(texts), pc.ascii_is_printable(texts))


def _shown(sign: str, place: int) -> str:
    if sign in NAMES:
        return f"[{NAMES[sign][place]}]"
    is_unseen = sign in _BLANK_LETTERS or unicodedata.category(sign) in _UNSEEN
    return f"[U+{ord(sign):04X}]" if is_unseen and sign != " " else sign


def is_ascii(values: Any) -> bool:
    """Whether all of a text array is ASCII: one look at its bytes, which costs far less than one at each text."""
    content = values.buffers()[2]
    return content is None or not (np.frombuffer(content, np.uint8) & 0x80).any()


def beyond_ascii(values: Any) -> Any:
    """The rows of a text array with a sign beyond ASCII, told by its bytes: only those cost a look at the text."""
    _, offsets, content = values.buffers()
    if content is None or not len(values):
        return np.array([], np.int64)
    bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    signs = np.frombuffer(content, np.uint8)[bounds[0] : bounds[-1]]
    if signs.max(initial=0) < 0x80:
        return np.array([], np.int64)
    at = np.flatnonzero(signs & 0x80) + bounds[0]
    return np.unique(np.searchsorted(bounds, at, side="right")).astype(np.int64) - 1


def composed(texts: Any) -> Any:
    """Texts as they are compared: an é of two signs is the é of one (NFC)."""
    return texts if is_ascii(texts) else pc.utf8_normalize(texts, form="NFC")


def visible(texts: Any) -> Any:
    """Texts with an ordinary space, or nothing, in place of each invisible character."""
    return pc.replace_substring_regex(pc.replace_substring_regex(texts, _WIDE, " "), INVISIBLE, "")


_TAIL = "".join(dict.fromkeys(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xC0)))
_TAIL += "".join(chr(code) for code in range(0x80, 0xA0) if chr(code) not in _TAIL)
MISREAD = f"[ÂÃ][{_TAIL}]|â[€‚„\x80\x82\x84][{_TAIL}]|ï»¿"
"""UTF-8 that was read as Latin-1 or Windows-1252, such as Ã© for é."""
_MISREAD = re.compile(MISREAD)


def repaired(texts: Any) -> Any:
    """Texts with UTF-8 that was read as Latin-1 read as UTF-8 again."""
    if is_ascii(texts):
        return texts
    return _changed(texts, lambda some: pc.invert(pc.match_substring_regex(some, MISREAD)), _read_again)


def _read_again(text: str) -> str:
    return _MISREAD.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    sent = b"".join(sign.encode("latin-1") if ord(sign) < 256 else sign.encode("cp1252") for sign in found.group())
    try:
        return sent.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return found.group()


def _changed(texts: Any, is_fine: Callable[[Any], Any], change: Callable[[str], str]) -> Any:
    """Texts with those that are not fine changed, one by one: there are few."""
    rows = pc.indices_nonzero(pc.invert(pc.fill_null(is_fine(texts), True)))
    if not len(rows):
        return texts
    mask = np.zeros(len(texts), bool)
    mask[rows.to_numpy()] = True
    return pc.replace_with_mask(
        texts, pa.array(mask), pa.array([change(text) for text in texts.take(rows).to_pylist()], pa.string())
    )
