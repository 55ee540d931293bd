"""The register of CPOs: who may be asked for what, and which permission covers which record.

Here: cpos.toml as typed objects, every mistake in it as one clear sentence, and permissions by day and municipality.
Not here: tokens (those live in the environment only) and anything that pulls.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from linda_pipeline.errors import InputMistake
from linda_pipeline.register.block import (
    Block,
    a_day,
    a_list_of,
    a_switch,
    a_text,
    an_address,
    did_you_mean,
    ended,
    is_open_http,
    matching,
    one_of,
    origins,
)

OCPI_VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
TOKEN_WARNING_DAYS = 30
"""So long before its end a token's expiry is told."""
OWNER_KINDS = ("concession", "cpo")
"""Whose the data are: those of the authority that gave the concession, or of the CPO itself."""
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
    """Municipality codes such as GM0772. Where neither areas nor locations nor evses are named: all its charge points."""
    owner_id: str = ""
    """The owner's stable key; by default made of its name."""
    locations: tuple[str, ...] = ()
    """Ids of Locations, in place of areas."""
    evses: tuple[str, ...] = ()
    """EVSE ids such as NL*ABC*E1, in place of areas."""

    def __post_init__(self) -> None:
        if not self.owner_id:
            object.__setattr__(self, "owner_id", slug(self.owner))

    @property
    def rank(self) -> int:
        """How narrow it is, the narrowest first: of two permissions that cover a record, the narrower one counts."""
        return 0 if self.evses else 1 if self.locations else 2 if self.areas else 3

    def clashes_with(self, other: Permission) -> str | None:
        """What both cover on the same days while neither is narrower, so that nobody can tell which counts; None: nothing."""
        first, last = max(self.start, other.start), min(self.until or date.max, other.until or date.max)
        if self.rank != other.rank or first > last:
            return None
        days = f"from {first}" + (f" to {last}" if last < date.max else " on")
        mine, theirs = self._named(), other._named()
        if not mine:
            return f"all charge points {days}"
        both = [name for folded, name in mine.items() if folded in theirs]
        return f"{', '.join(both)} {days}" if both else None

    def _named(self) -> dict[str, str]:
        """What it names, by how that is compared: in capitals, and EVSE ids without their separators."""
        bare = re.compile(r"[*-]" if self.evses else r"(?!)")
        return {bare.sub("", name).upper(): name for name in (*self.evses, *self.locations, *self.areas)}

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
    origins: tuple[str, ...] = ()
    """Further origins, such as https://host:8443, that its versions and endpoints may name; no others get a request."""
    private_network: bool = False
    """Whether the names of its hosts may stand for private addresses."""

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


def slug(name: str) -> str:
    """A name as a key that can stand in paths: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "x"


def read_register(path: Path) -> dict[str, Cpo]:
    """The register at a path, by key in the file's order. Raises RegisterMistake with every mistake that it holds."""
    return register_of_text(register_text(path), path)


def register_of_text(text: str, path: Path) -> dict[str, Cpo]:
    """The register of a text that stands at a path, or will. Raises RegisterMistake."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegisterMistake([f"The register {path} is not valid TOML: {error}. Mend that line."]) from None
    return parse_register(content, path.absolute().parent)


def register_text(path: Path) -> str:
    """The text of the register at a path. Raises RegisterMistake where it cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RegisterMistake(
            [
                f"There is no register of CPOs at {path}. Copy data/reference/cpos.example.toml of the project to that place "
                "and change the copy, or point LINDA_CPOS at the right file."
            ]
        ) from None
    except OSError as error:
        raise RegisterMistake([f"The register {path} cannot be read: {error.strerror}."]) from None
    if content.startswith(b"\xef\xbb\xbf"):
        raise RegisterMistake(
            [
                f"The register {path} begins with a byte order mark (BOM), an invisible sign that some Windows editors put "
                'there and TOML does not allow. Save it as "UTF-8", not as "UTF-8 with BOM".'
            ]
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RegisterMistake([f"The register {path} is written in UTF-16. Save it as UTF-8."])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RegisterMistake(
            [
                f"The register {path} is not written in UTF-8: line {line} has a sign in another encoding. Save it as UTF-8."
            ]
        ) from None


def parse_register(content: Mapping[str, Any], folder: Path | None = None) -> dict[str, Cpo]:
    """The register from decoded TOML; paths in it start from the folder. Raises RegisterMistake."""
    mistakes: list[str] = []
    for key in content:
        if key != "cpo":
            mistakes.append(ended(f"[{key}]: a register holds only [cpo.…] blocks{did_you_mean(key, ['cpo'])}"))
    blocks = content.get("cpo", {})
    if not isinstance(blocks, Mapping):
        raise RegisterMistake([*mistakes, "[cpo]: write one block per CPO, such as [cpo.NL-ABC]."])
    found = {key: _cpo(key, Block(f"cpo.{key}", block, mistakes), folder or Path()) for key, block in blocks.items()}
    if mistakes:
        raise RegisterMistake(mistakes)
    return found


def _cpo(key: str, block: Block, folder: Path) -> Cpo:
    """A CPO from its block; it is of use only where the block has no mistake."""
    if not _PARTY.fullmatch(key):
        block.wrong("", "the name of a block is country code, dash, party id, in capitals, such as NL-ABC")
    versions = (*OCPI_VERSIONS, "newest")
    parties = 'a list of country_code-party_id such as "NL-ABC"'
    regions = f"a list of NAL regions out of {', '.join(NAL_REGIONS)}"
    cpo = Cpo(
        key=key,
        name=block.take("name", a_text, "the CPO's name as text", required=True, default=""),
        versions_url=block.take("versions_url", an_address, "an http(s) URL", required=True, default=""),
        ocpi=block.take("ocpi", one_of(*versions), f'one of {", ".join(OCPI_VERSIONS)} or "newest"', default="newest"),
        token_encoding=block.take("token_encoding", one_of("plain", "base64"), '"plain" or "base64"'),
        parties=tuple(block.take("parties", a_list_of(matching(_PARTY.pattern)), parties, default=[key])),
        language=block.take("language", one_of("nl", "en"), '"nl" or "en"', default="nl"),
        nal_regions=tuple(block.take("nal_regions", a_list_of(one_of(*NAL_REGIONS)), regions, default=[])),
        quality_contact=block.take("quality_contact", matching(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address"),
        active=block.take("active", a_switch, "true or false", default=True),
        permissions=tuple(_permissions(block)),
        token_expires=block.take("token_expires", a_day, "a date such as 2027-01-31"),
        ca_bundle=block.path("ca_bundle", folder),
        client_certificate=block.path("client_certificate", folder),
        allow_http=block.take("allow_http", a_switch, "true or false", default=False),
        origins=tuple(block.take("origins", origins, 'a list of origins such as "https://host:8443"', default=[])),
        private_network=block.take("private_network", a_switch, "true or false", default=False),
    )
    if is_open_http(cpo.versions_url) and not cpo.allow_http:
        block.wrong(
            "versions_url", "is http; give an https URL, or set allow_http = true if the line is safe otherwise"
        )
    for one in cpo.origins:
        if one.startswith("http:") and (
            cpo.versions_url.startswith("https:") or (not cpo.allow_http and is_open_http(one))
        ):
            block.wrong("origins", f"{one} is http; give the https origin of that server")
    block.end()
    return cpo


def _permissions(cpo: Block) -> list[Permission]:
    listed = cpo.take("permission", _a_list, f"written as [[{cpo.name}.permission]]", default=[])
    found: dict[int, Permission] = {}
    for number, content in enumerate(listed, start=1):
        before = len(cpo.mistakes)
        block = Block(f"{cpo.name}.permission no. {number}", content, cpo.mistakes)
        permission = permission_of_block(block)
        clashes = {} if len(cpo.mistakes) > before else {no: permission.clashes_with(one) for no, one in found.items()}
        for earlier, both in clashes.items():
            if both is not None:
                block.wrong(
                    "",
                    f"covers {both}, and so does no. {earlier}: which of the two counts cannot be told. Let one end before "
                    "the other begins, or name other charge points",
                )
        if len(cpo.mistakes) == before:
            found[number] = permission
    return list(found.values())


def permission_of_block(block: Block) -> Permission:
    """One permission from its block; of use only where the block has no mistake."""
    municipalities = "a list of municipality codes such as GM0772"
    ids = "a list of EVSE ids such as NL*ABC*E1"
    permission = Permission(
        document=block.take("document", a_text, "the reference of the document", required=True, default=""),
        owner=block.take("owner", a_text, "the data owner's name", required=True, default=""),
        owner_kind=block.take("owner_kind", one_of(*OWNER_KINDS), '"concession" or "cpo"', required=True),
        start=block.take("from", a_day, "a date such as 2025-01-01", required=True, default=date.min),
        until=block.take("until", a_day, "a date such as 2029-12-31"),
        areas=tuple(block.take("areas", a_list_of(matching(r"GM\d{4}")), municipalities, default=[])),
        owner_id=block.take("owner_id", matching(_SLUG), 'a key such as "gemeente-eindhoven"', default=""),
        locations=tuple(block.take("locations", a_list_of(a_text), "a list of ids of Locations", default=[])),
        evses=tuple(block.take("evses", a_list_of(matching(_EVSE)), ids, default=[])),
    )
    block.end()
    if sum(map(bool, (permission.areas, permission.locations, permission.evses))) > 1:
        block.wrong("", "names more than one of areas, locations and evses; give a permission for each")
    if permission.until is not None and permission.until < permission.start:
        block.wrong("until", f"lies before from ({permission.until} before {permission.start})")
    return permission


_PARTY = re.compile(r"[A-Z]{2}-[A-Z0-9]{3}")
_EVSE = r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[Ee][A-Za-z0-9*-]+"
_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


def _a_list(value: object) -> str | None:
    return None if isinstance(value, list) else ""
