"""What can go wrong, told apart by whose it is: the root of every exception that reaches a person, and the exit codes.

Here: the exit codes of the contract, LindaError, the sentence that is printed at the edge, and how a text that somebody else
wrote is made fit to be shown. Not here: the exceptions of the rooms: each is a subclass where it is raised, and brings its own
sentence. What is no LindaError is our own failure and never looks like somebody else's mistake.
"""

from __future__ import annotations

import errno
import re
from enum import IntEnum
from typing import ClassVar

_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters but tab and line feed, signs that turn or hide text, and halves of characters."""


class Exit(IntEnum):
    """The exit codes of every command."""

    FINE = 0
    FINDINGS = 1
    INPUT = 2
    NOT_PULLED = 3
    OURS = 4


class LindaError(Exception):
    """A failure with a sentence for a person: its text says what happened, names the thing, and says what to do."""

    code: ClassVar[Exit] = Exit.OURS


class InputMistake(LindaError):
    """What the user asked, or set, cannot be used as it is; the message says what can."""

    code = Exit.INPUT


def why_unreadable(error: Exception) -> str:
    """Why one of our own files cannot be read, in words: for the brackets of a sentence that names it."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, KeyError):
        return f"it lacks {error.args[0]}"
    return "it is no JSON" if isinstance(error, ValueError) else "it has another form"


def visible(text: str) -> str:
    """A text in which signs that steer a terminal, or that nobody sees, are written as \\u001b and the like.

    For whatever somebody else wrote (servers, files and their names), before it is shown, kept or sent on.
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def one_line(text: str) -> str:
    """The same on one line: nothing that somebody else wrote looks like a line of our own."""
    return visible(" ".join(text.split()))


def exit_code(failure: BaseException) -> Exit:
    """Whose failure it is."""
    if isinstance(failure, LindaError) and failure.code != Exit.OURS:
        return failure.code
    return Exit.OURS if _by_the_machine(failure) is None else Exit.INPUT


def sentence(failure: BaseException) -> str:
    """The failure as a person reads it: cause and remedy."""
    if isinstance(failure, LindaError) and failure.code != Exit.OURS:
        return visible(str(failure))
    if by_the_machine := _by_the_machine(failure):
        return visible(by_the_machine)
    return visible(
        f"This is a failure of the portal itself, not of a CPO: {type(failure).__name__}: {failure}. "
        "Nothing half-done is kept. Run it again with LINDA_TRACEBACK=1 and report what it prints."
    )


def _by_the_machine(failure: BaseException) -> str | None:
    """What to say of a failure that neither we nor a CPO made: there is no room, or no right."""
    if disk_is_full(failure):
        return "There is no space left on the disk. Free some, or point LINDA_LAKE at a larger disk, and run again."
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what = f"{cause.filename}: {cause.strerror}" if cause.filename else str(cause)
            return (
                f"This user has not the right to what is needed ({what}). Give it the right, or run this as the user that "
                "runs the portal: raw and rejected records are for that one alone."
            )
        cause = cause.__cause__
    return None


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded", "database or disk is full", "File too large")
_LIBRARIES = ("duckdb", "_duckdb", "sqlite3", "sqlalchemy", "psycopg2", "pyarrow", "xlsxwriter")
"""Those that tell of a full disk in words alone, by an exception of their own."""


def disk_is_full(failure: BaseException) -> bool:
    """Whether the failure, or any that it wraps, is that nothing fits on the disk any more, or in what may be used of it."""
    waiting: list[object] = [failure]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, OSError) and one.errno in _FULL:
            return True
        by_library = type(one).__module__.partition(".")[0] in _LIBRARIES or isinstance(one, OSError)
        if by_library and any(words in str(one) for words in _FULL_IN_WORDS):
            return True
        waiting += [one.__cause__, one.__context__, *one.args, getattr(one, "orig", None)]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else []
    return False
