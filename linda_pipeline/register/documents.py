"""Papers with their bytes: a signed permission is taken in once and never changed.

Here: what a paper must be to be kept, and keeping it with the event that tells it. Not here: which permission it belongs to
(permission_changes.py), and letters that are yet to be signed (post).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from linda_pipeline.errors import InputMistake, one_line
from linda_pipeline.register.events import note
from linda_pipeline.register.sql_tables import Document

SIGNED_PERMISSION = "signed_permission"
PDF = "application/pdf"
LARGEST_PAPER_MB = 10
LONGEST_KEY, LONGEST_FILE_NAME = 100, 255
_HEAD, _END = 1024, 2048
"""So far into a PDF its first sign may stand, and so far before its end the last one: scanners add bytes of their own."""


class PaperRefused(InputMistake):
    """A file cannot be kept as a signed paper; the message says why and what can."""


@dataclass(frozen=True)
class Paper:
    """A file that was read and found fit to be kept."""

    file_name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes, 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()


def read_paper(path: Path) -> Paper:
    """A PDF from a file. Raises PaperRefused."""
    name = one_line(str(path))
    try:
        if not path.is_file():
            raise PaperRefused(f"There is no file {name}. Give the scan of the signed paper as a PDF.")
        if path.stat().st_size > LARGEST_PAPER_MB * 1_000_000:
            raise PaperRefused(
                f"{name} is larger than {LARGEST_PAPER_MB} MB. Scan the paper in grey at 200 dots per inch, or smaller."
            )
        content = path.read_bytes()
    except OSError as error:
        raise PaperRefused(f"{name} cannot be read: {error.strerror}.") from None
    if b"%PDF-" not in content[:_HEAD]:
        raise PaperRefused(f"{name} is no PDF. Scan the signed paper as a PDF, or print it into one.")
    if b"%%EOF" not in content[-_END:]:
        raise PaperRefused(f"{name} is a PDF without its end, so that part of it is missing. Copy it again.")
    return Paper(path.name[-LONGEST_FILE_NAME:], content)


def keep_paper(
    session: Session,
    key: str,
    kind: str,
    paper: Paper,
    *,
    at: datetime,
    actor: str,
    why: str | None = None,
    **told: Any,
) -> bool:
    """Keep a paper under its reference; whether it is new. The same one again changes nothing.

    Raises PaperRefused where another one is kept under that reference.
    """
    if len(key) > LONGEST_KEY:
        raise PaperRefused(f"A reference has at most {LONGEST_KEY} characters; {one_line(key)!r} has {len(key)}.")
    kept = session.get(Document, key)
    if kept is not None and kept.sha256 == paper.sha256:
        return False
    if kept is not None:
        raise PaperRefused(
            f"{key} is on record already: {kept.file_name} of {kept.received_at:%Y-%m-%d}, SHA-256 {kept.sha256}. A signed "
            "paper is never replaced; record the new one under a reference of its own."
        )
    session.add(
        Document(
            key=key,
            kind=kind,
            file_name=paper.file_name,
            media_type=PDF,
            sha256=paper.sha256,
            content=paper.content,
            received_at=at,
        )
    )
    note(
        session,
        at,
        actor,
        "kept",
        "document",
        key,
        why,
        kind=kind,
        sha256=paper.sha256,
        bytes=len(paper.content),
        **told,
    )
    session.flush()
    return True


def papers(session: Session, keys: Iterable[str]) -> dict[str, Document]:
    """The signed permissions that are kept under some references; their bytes are read when they are asked for."""
    asked = select(Document).where(Document.kind == SIGNED_PERMISSION)
    wanted = set(keys)
    return {one.key: one for one in session.scalars(asked) if one.key in wanted}
