"""One block of the register, read key by key: what is wrong becomes one sentence that names block and key, and reading goes on.

Here: the reading, and what a value of each kind must look like. Not here: which keys there are (cpos.py).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

Wrong = Callable[[Any], str | None]
"""What is wrong with a value, to be read after the key; an empty text: it is not what was demanded; None: nothing."""

_CREDENTIALS = re.compile(r"^([a-z]+://)?[^/?#\s]*@", re.IGNORECASE)


class Block:
    """One TOML table. Every mistake goes into `mistakes`, which the blocks of a register share."""

    def __init__(self, name: str, content: object, mistakes: list[str]) -> None:
        self.name = name
        self.content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        self.mistakes = mistakes
        self.known: list[str] = []
        self.is_block = isinstance(content, Mapping)
        if not self.is_block:
            self.wrong("", "must be a block with keys")

    def wrong(self, key: str, sentence: str) -> None:
        """Note a mistake."""
        self.mistakes.append(ended(f"[{self.name}]{f' {key}' if key else ''}: {sentence}"))

    def take(self, key: str, wrong: Wrong, demand: str, *, required: bool = False, default: Any = None) -> Any:
        """The value of a key, or the default where it is missing or wrong. `demand` says what it must be."""
        self.known.append(key)
        if key not in self.content:
            if required and self.is_block:
                self.wrong(key, f"is missing; give {demand}")
            return default
        value = self.content[key]
        why = wrong(value)
        if why is not None:
            self.wrong(key, why or f"must be {demand}, but is {shown(value)}")
            return default
        return value

    def path(self, key: str, folder: Path) -> Path | None:
        """A file named in the block, which must be there; its path starts from the folder."""
        named = self.take(key, a_text, "the path of a PEM file")
        if named is None:
            return None
        path = folder / Path(named).expanduser()
        if not path.is_file():
            self.wrong(key, f"there is no file {path}; paths start from the folder of the register")
        return path

    def end(self) -> None:
        """Note every key that no one took."""
        for key in self.content:
            if key not in self.known:
                self.wrong(key, f"is not a key of this block{did_you_mean(key, self.known)}")


def did_you_mean(key: str, known: list[str]) -> str:
    """The key that was meant, as the end of a sentence; empty where none is near."""
    near = difflib.get_close_matches(key, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def ended(sentence: str) -> str:
    """The sentence with its full stop."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def shown(value: object) -> str:
    """A value as a sentence may show it: an address never with its user and password."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, str) and ":" in value:
        return repr(_CREDENTIALS.sub(r"\1…@", value))
    return repr(value)


def is_fine(fine: bool) -> str | None:
    """For a kind of value of which there is no more to say than what it must be."""
    return None if fine else ""


def a_text(value: object) -> str | None:
    """Some text."""
    return is_fine(isinstance(value, str) and bool(value.strip()))


def a_switch(value: object) -> str | None:
    """true or false."""
    return is_fine(isinstance(value, bool))


def one_of(*known: str) -> Wrong:
    """One of some texts."""
    return lambda value: is_fine(isinstance(value, str) and value in known)


def matching(pattern: str) -> Wrong:
    """A text of a certain form."""
    return lambda value: is_fine(isinstance(value, str) and re.fullmatch(pattern, value) is not None)


def a_list_of(wrong: Wrong) -> Wrong:
    """A list with at least one value, each of them fine."""
    return lambda value: is_fine(isinstance(value, list) and bool(value) and all(wrong(one) is None for one in value))


def a_day(value: object) -> str | None:
    """A date, which in TOML stands without quotes and without a time."""
    if isinstance(value, datetime):
        return f"has a time of day; give the date alone: {value.date()}"
    if isinstance(value, date):
        return None
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            return ""
        return f"stands in quotes, which makes it a text; write the date without them: {day}"
    return ""


def an_address(value: object) -> str | None:
    """An http(s) URL, without blanks and without a user and password."""
    if not isinstance(value, str):
        return ""
    if _CREDENTIALS.match(value):
        return (
            "holds a user and password, which never stand in this file. Take them out; what a CPO gives for access is its "
            "token, and that is set in the environment"
        )
    blanks = [
        unicodedata.name(sign, f"U+{ord(sign):04X}") for sign in value if sign.isspace() or not sign.isprintable()
    ]
    if blanks:
        where = "at its end" if value.rstrip() != value else "at its start" if value.lstrip() != value else "in it"
        return f"has a blank {where} ({', '.join(dict.fromkeys(blanks)).lower()}); take it out"
    parts = split(value)
    return is_fine(parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname))


def origins(value: object) -> str | None:
    """A list of origins: each a scheme, a host and, where it is not the usual one, a port. It may be empty."""
    if not isinstance(value, list):
        return ""
    for one in value:
        why = an_address(one)
        if why is not None:
            return why and f"has {shown(one)}, which {why}"
        parts = split(one)
        if parts is None or parts.path or parts.query or parts.fragment:
            return f"has {shown(one)}, which is more than an origin; give scheme, host and port alone"
    return None


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None where it has none, such as http://[cpo, half an IPv6 address."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts


def is_open_http(url: str) -> bool:
    """Whether an address is http on another host than this machine."""
    parts = split(url)
    host = (parts.hostname if parts else None) or ""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    return parts is not None and parts.scheme == "http" and not is_here
