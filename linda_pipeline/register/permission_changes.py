"""Permissions given, ended and signed: the edit of cpos.toml, the paper, and the event that tells of them.

Here: what goes into the file and what into the database, and in which order. Not here: how the file is edited (cpos_file.py),
and what a paper must be (documents.py). The file is put in place last, within the transaction: where it fails, the database
keeps nothing; a kill between the two leaves a permission without its paper or event, never a paper without permission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from linda_pipeline.errors import one_line
from linda_pipeline.register.block import Block
from linda_pipeline.register.cpos import Cpo, Permission, RegisterMistake, permission_of_block
from linda_pipeline.register.cpos_file import CposFile, PermissionNotChanged
from linda_pipeline.register.database import RegisterDatabase
from linda_pipeline.register.documents import LONGEST_KEY, SIGNED_PERMISSION, Paper, keep_paper
from linda_pipeline.register.events import note

SUBJECT = "permission"


@dataclass(frozen=True)
class By:
    """Who changes something, when and why: of the events."""

    actor: str
    at: datetime
    why: str | None = None


def drafted(keys: Mapping[str, Any]) -> Permission:
    """A permission by its keys that stands in no register. Raises RegisterMistake."""
    mistakes: list[str] = []
    permission = permission_of_block(Block("permission", keys, mistakes))
    if mistakes:
        raise RegisterMistake(mistakes)
    return permission


def give(
    file: CposFile, database: RegisterDatabase, cpo: str, keys: Mapping[str, Any], paper: Paper | None, by: By
) -> Permission:
    """Add a permission to the register, with its signed paper where it is there. Raises, and nothing is changed."""
    permission = file.add(cpo, keys)
    if len(permission.document) > LONGEST_KEY:
        raise PermissionNotChanged(
            f"The document's reference has at most {LONGEST_KEY} characters; {one_line(permission.document)!r} has "
            f"{len(permission.document)}."
        )
    with database.writing() as session:
        told = {"owner_id": permission.owner_id, **_days(permission)}
        note(session, by.at, by.actor, "added", SUBJECT, _subject(cpo, permission.document), by.why, **told)
        if paper is not None:
            keep_paper(
                session, permission.document, SIGNED_PERMISSION, paper, at=by.at, actor=by.actor, why=by.why, cpo=cpo
            )
        session.flush()
        file.write()
    return permission


def end(
    file: CposFile, database: RegisterDatabase, cpo: str, document: str, last_day: date, by: By
) -> Sequence[Permission]:
    """Let what a document permits a CPO hold until and with a day. Raises PermissionNotChanged, and nothing is changed."""
    before = {one.document: one.until for one in file.register[cpo].permissions} if cpo in file.register else {}
    ended = file.end(cpo, document, last_day)
    with database.writing() as session:
        until = before[document]
        told = {"until": last_day.isoformat(), "before": until.isoformat() if until else None}
        note(session, by.at, by.actor, "ended", SUBJECT, _subject(cpo, document), by.why, **told)
        session.flush()
        file.write()
    return ended


def sign(register: Mapping[str, Cpo], database: RegisterDatabase, document: str, paper: Paper, by: By) -> bool:
    """Keep the signed paper of permissions that stand in the register; whether it is new. Raises PaperRefused."""
    cpos = [cpo.key for cpo in register.values() if any(one.document == document for one in cpo.permissions)]
    if not cpos:
        raise PermissionNotChanged(
            f"No permission in the register has the document {one_line(document)!r}. `linda permissions list` shows all; add "
            "one with `linda permissions add`."
        )
    with database.writing() as session:
        return keep_paper(
            session, document, SIGNED_PERMISSION, paper, at=by.at, actor=by.actor, why=by.why, cpo=", ".join(cpos)
        )


def _subject(cpo: str, document: str) -> str:
    return f"{cpo}/{document}"


def _days(permission: Permission) -> dict[str, str | None]:
    return {
        "from": permission.start.isoformat(),
        "until": permission.until.isoformat() if permission.until else None,
    }
