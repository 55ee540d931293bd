"""JSON read with patience: what a strict decoder refuses but a person still understands, and where it can be read by nobody.

Here: one text into its value, with the names that stand twice in one object, numbers as they were sent, and the place where
it is no JSON. Not here: what a record means (shape.py), and where one record ends and the next begins (stream.py).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from linda_pipeline.ocpi.structure import brackets

LONGEST_SHOWN = 200
_INTEGER_DIGITS = 1000
"""An integer of more digits is no number that any computer here holds; Python refuses to read it at all."""
_DEEP = 500
_AT_BYTE = re.compile(r" ?\(byte (\d+)\)")
_TRUNCATED = "truncated"
_CUT_OFF = "the text ends in the middle of a record"
TOO_DEEP = "it is nested too deep to be read"
_NEAR_BYTES = 2
_ESCAPED_BYTES = range(0xDC80, 0xDD00)
"""What bytes that are no UTF-8 are read as."""
_SURROGATES = range(0xD800, 0xE000)
_PLAIN_NAME = re.compile(r"[\w$-]{1,200}")
_NAME = re.compile(
    rb'"((?:[^"\\\x00-\x1f]|\\.){1,200})"\s*:\s*("(?:[^"\\\x00-\x1f]|\\.){0,200}"|-?\d{1,40}(?=[\s,}]))?'
)

REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a strict decoder raises where it cannot read a text."""
strict = msgspec.json.Decoder().decode
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class NotJson(ValueError):
    """A text that nobody can read as JSON: at which byte, and what is wrong there."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at = at
        self.what = what


class Number(float):
    """A number with a point or an exponent, that still knows how it was written."""

    sent: str


@dataclass(frozen=True)
class NoNumber:
    """What stands where a number should and is none: NaN, Infinity, or one too large to be held."""

    sent: str


@dataclass(frozen=True)
class Twice:
    """A name that stands more than once in one object: where, and its values in the order sent, as text."""

    path: str
    values: tuple[str, ...]


@dataclass
class Patient:
    """A text that could be read. Of a name that stands twice, the first value counts."""

    value: Any
    twice: list[Twice] = field(default_factory=list)


class _Repeated(dict[str, Any]):
    """An object in which a name stands more than once."""

    pairs: list[tuple[str, Any]]


def read(raw: bytes) -> Patient:
    """The value of a text: control characters in strings, NaN and bytes that are no UTF-8 (as lone surrogates) are read too.

    Raises NotJson.
    """
    repeated: list[_Repeated] = []

    def an_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(reversed(pairs))
        if len(found) == len(pairs):
            return found
        again = _Repeated(found)
        again.pairs = pairs
        repeated.append(again)
        return again

    text = raw.decode("utf-8-sig", "surrogateescape")
    try:
        value = json.loads(
            text,
            strict=False,
            object_pairs_hook=an_object,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=NoNumber,
        )
        return Patient(value, list(_twice(value)) if repeated else [])
    except json.JSONDecodeError as error:
        raise _not_json(raw, text, error) from None
    except RecursionError:
        raise NotJson(_first_deep(raw), TOO_DEEP) from None


def wrong_in(text: bytes) -> tuple[int, str] | None:
    """Where a text that has begun goes wrong for a strict decoder, and how; None where it is fine as far as it goes."""
    try:
        strict(text)
    except RecursionError:
        return _first_deep(text), TOO_DEEP
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = _AT_BYTE.search(str(error))
        if _TRUNCATED in str(error):
            return None
        what = _AT_BYTE.sub("", str(error)).removeprefix("JSON is malformed: ").strip()
        return (int(found.group(1)) if found else 0), what
    return None


def decoded(text: bytes) -> Any:
    """The value of a text, read strictly or with patience; None where it is no JSON."""
    try:
        return strict(text)
    except REFUSALS:
        pass
    try:
        return read(text).value
    except NotJson:
        return None


def cut(elements: bytes) -> list[bytes] | None:
    """The elements of a list, given without its brackets, in one pass; None where anything of it is no JSON."""
    try:
        return [bytes(one) for one in _raws(b"[" + elements + b"]")]
    except REFUSALS:
        return None


def readable_names(raw: bytes) -> dict[str, str | None]:
    """The names of an object that is no JSON, as far as they can be told, each with its value where that is a short text or
    a whole number. Only the outermost object's; where its brackets do not match, those after that are missing."""
    if not raw.lstrip().startswith(b"{"):
        return {}
    depth = brackets(raw)
    found: dict[str, str | None] = {}
    for match in _NAME.finditer(raw):
        if depth.depth_at(match.start()) != 1:
            continue
        name, value = (None if part is None else _text(part) for part in match.groups())
        if name is not None:
            found.setdefault(name, value)
    return found


def shown(value: Any) -> str:
    """A value as it was sent, as far as a finding shows it."""
    is_number = isinstance(value, Number | NoNumber)
    text = value.sent if is_number else json.dumps(value, ensure_ascii=False, default=_as_float)
    return _visible(text)[:LONGEST_SHOWN]


def written(value: Any) -> bytes:
    """A value that was read here as JSON again, which can be read here."""
    return json.dumps(value, default=_as_float).encode("ascii")


def _as_float(other: NoNumber) -> float:
    return float(other.sent)


def _visible(text: str) -> str:
    """A text with bytes that are no UTF-8, and halves of characters, as escapes."""
    if text.isascii():
        return text
    return "".join(map(_sign, text))


def _sign(sign: str) -> str:
    code = ord(sign)
    if code in _ESCAPED_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code in _SURROGATES else sign


def is_text(text: str) -> bool:
    """Whether a text was sent as UTF-8 and holds no half of a character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _number(text: str) -> Number | NoNumber:
    value = Number(text)
    value.sent = text
    return value if math.isfinite(value) else NoNumber(text)


def _integer(text: str) -> int | NoNumber:
    return int(text) if len(text) <= _INTEGER_DIGITS else NoNumber(text)


def _text(part: bytes) -> str | None:
    if part[:1] != b'"':
        return part.decode("ascii", "replace") if part[:1].isdigit() or part[:1] == b"-" else _text(b'"' + part + b'"')
    try:
        text: str = strict(part)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return text


def _twice(value: Any) -> Iterator[Twice]:
    """Every name that stands twice, outermost first; below such a name only the first value, which counts, is looked at.

    Nothing here follows the text's own depth on the stack.
    """
    waiting = [("", value)]
    while waiting:
        path, here = waiting.pop()
        if isinstance(here, list):
            waiting += [(f"{path}[{index}]", one) for index, one in reversed(list(enumerate(here)))]
            continue
        if not isinstance(here, dict):
            continue
        if isinstance(here, _Repeated):
            by_name: dict[str, list[Any]] = {}
            for name, one in here.pairs:
                by_name.setdefault(name, []).append(one)
            for name, values in by_name.items():
                if len(values) > 1:
                    yield Twice(_below(path, name), tuple(map(shown, values)))
        waiting += [(_below(path, name), one) for name, one in reversed(here.items())]


def _below(path: str, name: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        return f"{path}[{json.dumps(_visible(name), ensure_ascii=False)[:LONGEST_SHOWN]}]"
    return f"{path}.{name}" if path else name


def _not_json(raw: bytes, text: str, error: json.JSONDecodeError) -> NotJson:
    """The place that stops even the patient, in the words of the strict decoder where that stops there too."""
    at = len(text[: error.pos].encode("utf-8", "surrogateescape"))
    at += len(raw) - len(text.encode("utf-8", "surrogateescape"))  # a byte order mark
    if error.pos >= len(text.rstrip()):
        return NotJson(len(raw.rstrip()), _CUT_OFF)
    wrong = wrong_in(raw)
    if wrong is not None and abs(wrong[0] - at) <= _NEAR_BYTES:
        return NotJson(at, wrong[1])
    return NotJson(at, f"{error.msg[:1].lower()}{error.msg[1:]}")


def _first_deep(raw: bytes) -> int:
    found = brackets(raw)
    deep = (found.depth > _DEEP).nonzero()[0]
    return int(found.at[deep[0]]) if len(deep) else 0
