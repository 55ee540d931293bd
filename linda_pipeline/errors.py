"""What can go wrong, told apart by whose it is: the root of every exception that reaches a person, and the exit codes.

Here: the exit codes of the contract, LindaError, the sentence that is printed at the edge, and how a text that somebody else
wrote is made fit to be shown. Not here: the exceptions of the rooms: each is a subclass where it is raised, and brings its own
sentence. What is no LindaError is our own failure and never looks like somebody else's mistake.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import ClassVar


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


def printable(text: str) -> str:
    """A text that turns no terminal, log or file round: line breaks stay, and other white space becomes a space.

    What no eye can see (terminal escapes, signs that turn the direction of writing, half a surrogate pair) becomes U+FFFD.
    For whatever somebody else wrote: servers, files and their names.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def one_line(text: str) -> str:
    """The same on one line: nothing that somebody else wrote looks like a line of our own."""
    return " ".join(printable(text).split())


def _shown(sign: str) -> str:
    if sign == "\n" or sign.isprintable():
        return sign
    return " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}"


def exit_code(failure: BaseException) -> Exit:
    """Whose failure it is."""
    if _disk_is_full(failure):
        return Exit.INPUT
    return failure.code if isinstance(failure, LindaError) else Exit.OURS


def sentence(failure: BaseException) -> str:
    """The failure as a person reads it: cause and remedy."""
    if _disk_is_full(failure):
        return "There is no space left on the disk. Free some, or point LINDA_LAKE at a larger disk, and run again."
    if exit_code(failure) != Exit.OURS:
        return printable(str(failure))
    return printable(
        f"This is a failure of the portal itself, not of a CPO: {type(failure).__name__}: {failure}. "
        "Nothing half-done is kept. Run it again with LINDA_TRACEBACK=1 and report what it prints."
    )


def _disk_is_full(failure: BaseException) -> bool:
    """Whether the failure, or one that a library wrapped in it, is that nothing fits on the disk any more."""
    wrapped = [failure, failure.__cause__, failure.__context__, *failure.args]
    return any(isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT) for one in wrapped)
