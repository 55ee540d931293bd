"""The file in which NDW sets what it changes of the profile, and from which day (data/profile.toml, or LINDA_PROFILE).

Here: reading such a file, and a draft that is tried before it holds; every mistake with the key and the remedy. Not here: what
holds on a day (profile.py), and where the file lies (settings).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from linda_pipeline.errors import InputMistake
from linda_pipeline.quality.profile import BUILT_IN, OFF, Parameters, ProfileChange, Profiles, Severity

_KEYS = ("version", "valid_from", "document", "needs_agreement", "agreed", "parameters", "severity")
_CPO = r"[A-Z]{2}-[A-Z0-9]{3}"
_SEVERITIES = (*map(str, Severity), OFF)


class ProfileMistake(InputMistake):
    """A profile cannot be used; the message names the key and the remedy."""


def read_profiles(path: Path | None, changeable: Collection[str], cpos: Collection[str] | None = None) -> Profiles:
    """The profiles in force by a file of [[profile]] blocks; without a file, what is built in.

    `changeable`: the keys of the rules whose severity may differ; `cpos`: those of the register, where it is known. Raises
    ProfileMistake.
    """
    if path is None:
        return Profiles()
    content = _content(path)
    if stray := next((key for key in content if key != "profile"), None):
        raise ProfileMistake(
            f"{path}: {stray} stands outside a block. Write each change of the profile as [[profile]]."
        )
    own = [
        _change(f"{path}, profile no. {number}", block, changeable, cpos) for number, block in _blocks(path, content)
    ]
    names = [change.version for change in (*BUILT_IN, *own)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ProfileMistake(
            f"{path}: version {twice!r} is used twice. Give each change of the profile a name of its own."
        )
    return Profiles(tuple(sorted(own, key=lambda change: change.valid_from)))


def read_draft(path: Path, changeable: Collection[str]) -> ProfileChange:
    """A draft on trial: the keys of one change at the top of the file, or the newest [[profile]] block of a whole file.

    Without valid_from it is tried as if it had always held. Raises ProfileMistake.
    """
    content = _content(path)
    if "profile" in content:
        read_profiles(path, changeable)
        changes = [_change(f"{path}, profile no. {n}", block, changeable, None) for n, block in _blocks(path, content)]
        return max(changes, key=lambda change: change.valid_from)
    return _change(str(path), {"valid_from": BUILT_IN[0].valid_from, **content}, changeable, None)


def _content(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ProfileMistake(
            f"There is no profile at {path}. Make the file, or set LINDA_PROFILE to where it is."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ProfileMistake(f"The profile {path} cannot be read ({why}).") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileMistake(f"The profile {path} is not valid TOML: {error}. Mend that line.") from None


def _blocks(path: Path, content: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    listed = content.get("profile", [])
    if not isinstance(listed, list):
        raise ProfileMistake(f"{path}: write each change of the profile as [[profile]], with two brackets.")
    return list(enumerate(listed, start=1))


def _change(
    where: str, block: Mapping[str, Any], changeable: Collection[str], cpos: Collection[str] | None
) -> ProfileChange:
    for key in block:
        if key not in _KEYS:
            meant = _did_you_mean(key, _KEYS)
            raise ProfileMistake(f"{where}: {key} is not a key of a profile{meant} It has: {', '.join(_KEYS)}.")
    version = block.get("version")
    if not isinstance(version, str) or not version.strip() or version in {change.version for change in BUILT_IN}:
        raise ProfileMistake(f'{where}: version: give the change a name of its own, such as version = "2027-04".')
    valid_from = block.get("valid_from")
    if type(valid_from) is not date:
        raise ProfileMistake(f"{where}: valid_from: give the day from which it holds, such as valid_from = 2027-04-01.")
    needs_agreement = block.get("needs_agreement", False)
    if not isinstance(needs_agreement, bool):
        raise ProfileMistake(f"{where}: needs_agreement: give true or false.")
    if not isinstance(block.get("document", ""), str):
        raise ProfileMistake(f"{where}: document: give the reference of the decision as text.")
    agreed = _agreed(where, _table(where, block, "agreed"), cpos)
    if agreed and not needs_agreement:
        raise ProfileMistake(
            f"{where}: agreed: set needs_agreement = true as well, or the change holds for every CPO from {valid_from} on."
        )
    return ProfileChange(
        version,
        valid_from,
        _parameters(where, _table(where, block, "parameters")),
        _severities(where, _table(where, block, "severity"), changeable),
        needs_agreement,
        agreed,
    )


def _table(where: str, block: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = block.get(key, {})
    if not isinstance(table, Mapping):
        raise ProfileMistake(f"{where}: {key}: write it as a table of its own, with one line per change.")
    return table


def _agreed(where: str, agreed: Mapping[str, Any], cpos: Collection[str] | None) -> dict[str, date]:
    for cpo, day in agreed.items():
        if re.fullmatch(_CPO, cpo) is None or (cpos is not None and cpo not in cpos):
            known = f" It is not in the register{_did_you_mean(cpo, cpos or ())}" if cpos is not None else ""
            raise ProfileMistake(
                f"{where}: agreed: {cpo} is no CPO; name it as in the register, such as NL-ABC.{known}"
            )
        if type(day) is not date:
            raise ProfileMistake(f"{where}: agreed: {cpo}: give the day of its agreement, such as {cpo} = 2027-02-15.")
    return dict(agreed)


def _parameters(where: str, changes: Mapping[str, Any]) -> dict[str, float]:
    names = [one.name for one in fields(Parameters)]
    standard = Parameters()
    for name, value in changes.items():
        if name not in names:
            raise ProfileMistake(
                f"{where}: parameters: there is no parameter {name}{_did_you_mean(name, names)} There are: {', '.join(names)}."
            )
        whole = isinstance(getattr(standard, name), int)
        if type(value) not in ((int,) if whole else (int, float)) or not 0 <= value < float("inf"):
            raise ProfileMistake(f"{where}: parameters: {name}: give a {'whole ' if whole else ''}number of 0 or more.")
    return dict(changes)


def _severities(where: str, changes: Mapping[str, Any], changeable: Collection[str]) -> dict[str, str]:
    for key, value in changes.items():
        if key not in changeable:
            raise ProfileMistake(
                f'{where}: severity: "{key}" is no rule, or its severity cannot change (rules on identity and on what '
                f"cannot be read decide what becomes of a record){_did_you_mean(key, changeable)} Write a rule as "
                '"cdr.address_format".'
            )
        if value not in _SEVERITIES:
            raise ProfileMistake(f'{where}: severity: "{key}": give one of {", ".join(_SEVERITIES)}.')
    return dict(changes)


def _did_you_mean(key: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else "."
