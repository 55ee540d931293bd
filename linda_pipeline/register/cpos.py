"""The register of CPOs: who may be asked for what, and which permission covers which record.

Here: cpos.toml as typed objects, every mistake in it as one clear sentence, and permissions by day and municipality.
Not here: tokens (those live in the environment only) and anything that pulls.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from linda_pipeline.errors import InputMistake

OCPI_VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
TOKEN_WARNING_DAYS = 30
"""So long before its end a token's expiry is told."""
NAL_REGIONS = ("Noord", "Noordwest", "Oost", "Zuidwest", "Zuid", "G4")


class RegisterMistake(InputMistake):
    """The register of CPOs cannot be used; `mistakes` holds one sentence each, naming block and key."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Permission:
    """A data owner's written permission: which charge points, from and until which day (both included)."""

    document: str
    owner: str
    owner_kind: str
    start: date
    until: date | None = None
    areas: tuple[str, ...] = ()
    """Municipality codes such as GM0772; none means all charge points of the CPO."""

    def holds_on(self, day: date) -> bool:
        """Whether the permission is in force on a day."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Cpo:
    """One block of the register."""

    key: str
    name: str
    versions_url: str
    ocpi: str
    token_encoding: str | None
    parties: tuple[str, ...]
    language: str
    nal_regions: tuple[str, ...]
    quality_contact: str | None
    active: bool
    permissions: tuple[Permission, ...]
    token_expires: date | None = None
    """The last day on which the CPO takes the token."""
    ca_bundle: Path | None = None
    """Authorities (PEM) that are trusted for this CPO in place of those of the system."""
    client_certificate: Path | None = None
    """Our certificate with its key (PEM), where the CPO asks for one."""
    allow_http: bool = False
    """Whether http without TLS is let through on other hosts than this machine."""

    @property
    def token_variable(self) -> str:
        """The environment variable that holds the token, such as LINDA_TOKEN_NL_ABC."""
        return "LINDA_TOKEN_" + self.key.replace("-", "_")

    def may_be_pulled_on(self, day: date) -> bool:
        """Whether the CPO is active and any permission is valid on a day (art. 1-3: else nothing is pulled)."""
        return self.active and any(permission.holds_on(day) for permission in self.permissions)

    def token_warning(self, day: date) -> str | None:
        """What to do about a token that expires within 30 days of a day, or has expired; None where all is well."""
        if self.token_expires is None or (self.token_expires - day).days > TOKEN_WARNING_DAYS:
            return None
        when = "expired" if self.token_expires < day else "expires"
        return (
            f"The token of {self.key} {when} on {self.token_expires}. Ask the CPO for a new one, set {self.token_variable}, "
            f"and put its new date as token_expires into [cpo.{self.key}] of the register."
        )


def read_register(path: Path) -> dict[str, Cpo]:
    """The register at a path, by key in the file's order. Raises RegisterMistake with every mistake that it holds."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RegisterMistake(
            [
                f"There is no register of CPOs at {path}. Copy data/reference/cpos.example.toml of the project to that place "
                "and change the copy, or point LINDA_CPOS at the right file."
            ]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RegisterMistake([f"The register {path} cannot be read: {error}."]) from None
    except tomllib.TOMLDecodeError as error:
        raise RegisterMistake([f"The register {path} is not valid TOML: {error}. Mend that line."]) from None
    return parse_register(content, path.absolute().parent)


def parse_register(content: Mapping[str, Any], folder: Path | None = None) -> dict[str, Cpo]:
    """The register from decoded TOML; paths in it start from the folder. Raises RegisterMistake."""
    mistakes: list[str] = []
    for key in content:
        if key != "cpo":
            mistakes.append(_ended(f"[{key}]: a register holds only [cpo.…] blocks{_did_you_mean(key, ['cpo'])}"))
    blocks = content.get("cpo", {})
    if not isinstance(blocks, Mapping):
        raise RegisterMistake([*mistakes, "[cpo]: write one block per CPO, such as [cpo.NL-ABC]."])
    start = folder or Path()
    found = {key: _Block(f"cpo.{key}", block, mistakes).cpo(key, start) for key, block in blocks.items()}
    if mistakes:
        raise RegisterMistake(mistakes)
    return {key: cpo for key, cpo in found.items() if cpo is not None}


def _did_you_mean(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


class _Block:
    """One TOML table that is read key by key; what is wrong is noted as a sentence, and reading goes on."""

    def __init__(self, name: str, content: object, mistakes: list[str]) -> None:
        self.name = name
        self.content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        self.mistakes = mistakes
        self.known: list[str] = []
        self.is_block = isinstance(content, Mapping)
        if not self.is_block:
            self.wrong("", "must be a block with keys")

    def wrong(self, key: str, sentence: str) -> None:
        self.mistakes.append(_ended(f"[{self.name}]{f' {key}' if key else ''}: {sentence}"))

    def take(
        self,
        key: str,
        fits: Callable[[Any], bool],
        demand: str,
        *,
        required: bool = False,
        default: Any = None,
    ) -> Any:
        self.known.append(key)
        if key not in self.content:
            if required and self.is_block:
                self.wrong(key, f"is missing; give {demand}")
            return default
        value = self.content[key]
        if not fits(value):
            self.wrong(key, f"must be {demand}, but is {value!r}")
            return default
        return value

    def end(self) -> None:
        for key in self.content:
            if key not in self.known:
                self.wrong(key, f"is not a key of this block{_did_you_mean(key, self.known)}")

    def path(self, key: str, folder: Path) -> Path | None:
        """A file named in the block, which must be there."""
        named = self.take(key, _is_text, "the path of a PEM file")
        if named is None:
            return None
        path = folder / Path(named).expanduser()
        if not path.is_file():
            self.wrong(key, f"there is no file {path}; paths start from the folder of the register")
        return path

    def cpo(self, key: str, folder: Path) -> Cpo | None:
        before = len(self.mistakes)
        if not _is_party(key):
            self.wrong("", "the name of a block is country code, dash, party id, in capitals, such as NL-ABC")
        cpo = Cpo(
            key=key,
            name=self.take("name", _is_text, "the CPO's name as text", required=True, default=""),
            versions_url=self.take("versions_url", _is_url, "an http(s) URL", required=True, default=""),
            ocpi=self.take(
                "ocpi",
                lambda v: v in (*OCPI_VERSIONS, "newest"),
                f'one of {", ".join(OCPI_VERSIONS)} or "newest"',
                default="newest",
            ),
            token_encoding=self.take("token_encoding", lambda v: v in ("plain", "base64"), '"plain" or "base64"'),
            parties=tuple(
                self.take(
                    "parties", _is_list_of(_is_party), 'a list of country_code-party_id such as "NL-ABC"', default=[key]
                )
            ),
            language=self.take("language", lambda v: v in ("nl", "en"), '"nl" or "en"', default="nl"),
            nal_regions=tuple(
                self.take(
                    "nal_regions",
                    _is_list_of(lambda v: v in NAL_REGIONS),
                    f"a list of NAL regions out of {', '.join(NAL_REGIONS)}",
                    default=[],
                )
            ),
            quality_contact=self.take("quality_contact", _is_mail, "an e-mail address"),
            active=self.take("active", lambda v: isinstance(v, bool), "true or false", default=True),
            permissions=tuple(self._permissions()),
            token_expires=self.take("token_expires", _is_day, "a date such as 2027-01-31"),
            ca_bundle=self.path("ca_bundle", folder),
            client_certificate=self.path("client_certificate", folder),
            allow_http=self.take("allow_http", lambda v: isinstance(v, bool), "true or false", default=False),
        )
        if _is_open_http(cpo.versions_url) and not cpo.allow_http:
            self.wrong(
                "versions_url", "is http; give an https URL, or set allow_http = true if the line is safe otherwise"
            )
        self.end()
        return cpo if len(self.mistakes) == before else None

    def _permissions(self) -> list[Permission]:
        listed = self.take(
            "permission", lambda v: isinstance(v, list), f"written as [[{self.name}.permission]]", default=[]
        )
        found = []
        for number, content in enumerate(listed, start=1):
            block = _Block(f"{self.name}.permission no. {number}", content, self.mistakes)
            permission = Permission(
                document=block.take("document", _is_text, "the reference of the document", required=True, default=""),
                owner=block.take("owner", _is_text, "the data owner's name", required=True, default=""),
                owner_kind=block.take(
                    "owner_kind", lambda v: v in ("concession", "cpo"), '"concession" or "cpo"', required=True
                ),
                start=block.take("from", _is_day, "a date such as 2025-01-01", required=True, default=date.min),
                until=block.take("until", _is_day, "a date such as 2029-12-31"),
                areas=tuple(
                    block.take(
                        "areas",
                        _is_list_of(_is_municipality),
                        "a list of municipality codes such as GM0772",
                        default=[],
                    )
                ),
            )
            block.end()
            if permission.until is not None and permission.until < permission.start:
                block.wrong("until", f"lies before from ({permission.until} before {permission.start})")
            found.append(permission)
        return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: object) -> bool:
    return type(value) is date


def _is_party(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{3}", value) is not None


def _is_municipality(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"GM\d{4}", value) is not None


def _is_mail(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


def _is_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:  # such as http://[cpo, half an IPv6 address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_open_http(url: str) -> bool:
    """Whether an address is http on another host than this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    return parts.scheme == "http" and not is_here


def _is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(fits(item) for item in value)
