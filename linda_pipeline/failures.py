"""Every failure told apart: whose it is, and so which exit code and which sentence a person gets.

Here: the exit codes of the contract, and the exceptions of all packages sorted by them. Not here: the sentences themselves;
each exception brings its own. What is in no list is our own failure and never looks like somebody else's mistake.
"""

from __future__ import annotations

import errno
from enum import IntEnum

from linda_pipeline.cpos import RegisterMistake
from linda_pipeline.lake import LakeUnusable
from linda_pipeline.ocpi.failures import PullFailed
from linda_pipeline.quality.profile import ProfileMistake
from linda_pipeline.road.deliver import NotPermitted, TokenMissing
from linda_pipeline.road.files import FilesUnusable
from linda_pipeline.road.known import RegisterUnusable
from linda_pipeline.road.pseudonyms import KeyUnusable
from linda_pipeline.road.stations import NotPulled
from linda_pipeline.settings import SecretUnreadable
from linda_pipeline.warehouse.areas import AreasUnusable


class Exit(IntEnum):
    """The exit codes of every command."""

    FINE = 0
    FINDINGS = 1
    INPUT = 2
    NOT_PULLED = 3
    OURS = 4


class InputMistake(Exception):
    """What the user asked cannot be done as asked; the message says what can."""


_INPUT = (
    InputMistake,
    RegisterMistake,
    LakeUnusable,
    KeyUnusable,
    AreasUnusable,
    RegisterUnusable,
    ProfileMistake,
    FilesUnusable,
    NotPulled,
    NotPermitted,
    TokenMissing,
    SecretUnreadable,
)


def exit_code(failure: BaseException) -> Exit:
    """Whose failure it is."""
    if isinstance(failure, _INPUT) or _disk_is_full(failure):
        return Exit.INPUT
    return Exit.NOT_PULLED if isinstance(failure, PullFailed) else Exit.OURS


def sentence(failure: BaseException) -> str:
    """The failure as a person reads it: cause and remedy."""
    if _disk_is_full(failure):
        return "There is no space left on the disk. Free some, or point LINDA_LAKE at a larger disk, and run again."
    if exit_code(failure) != Exit.OURS:
        return str(failure)
    return (
        f"This is a failure of the portal itself, not of a CPO: {type(failure).__name__}: {failure}. "
        "Nothing half-done is kept. Run it again with LINDA_TRACEBACK=1 and report what it prints."
    )


def _disk_is_full(failure: BaseException) -> bool:
    """Whether the failure, or one that a library wrapped in it, is that nothing fits on the disk any more."""
    wrapped = [failure, failure.__cause__, failure.__context__, *failure.args]
    return any(isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT) for one in wrapped)
