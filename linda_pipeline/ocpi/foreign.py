"""What a CPO's server sends beside its JSON, as numbers, waits and text: the guarded way in for foreign headers.

Here: readings that give a value or none, whatever comes. Not here: JSON (patient.py), addresses (address.py) and pages
(page.py).
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TypeVar

_COUNT = re.compile(r"[0-9]{1,15}", re.ASCII)
"""No server has more records than that, and no wait or body is longer."""
_Failure = TypeVar("_Failure", bound=BaseException)


def bare(failure: _Failure) -> _Failure:
    """A failure that is to be kept: without the frames in which it was raised, and the bodies that lie in them."""
    failure.__context__ = failure.__cause__ = None
    return failure.with_traceback(None)


def count_of(header: str | None) -> int | None:
    """A header that holds a whole number from 0 up; None where it is missing or anything else."""
    text = (header or "").strip()
    return int(text) if _COUNT.fullmatch(text) else None


def wait_of(retry_after: str | None, date: str | None) -> float:
    """The seconds that a Retry-After header asks to wait; a moment is held against the answer's own Date header.

    What is no number and no moment asks for nothing.
    """
    seconds = count_of(retry_after)
    if seconds is not None:
        return float(seconds)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after or "") - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0


def text_of(value: object) -> str:
    """A text without blanks around it; anything else is no text, and empty."""
    return value.strip() if isinstance(value, str) else ""
