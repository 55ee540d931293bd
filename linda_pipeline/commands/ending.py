"""How a command ends that is told to by a signal: what it opened is closed first.

Here: the signals that end a process. Not here: Ctrl-C, which Python raises by itself.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_when_told() -> Iterator[None]:
    """A signal that ends the process lets what was opened be closed first: no scratch folder stays behind."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    asked = [signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.signal(number, end) for number in asked if signal.getsignal(number) == signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
