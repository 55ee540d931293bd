"""A time by which an answer must be in, whatever the server does: also where it sends its headers a byte at a time.

Here: the watch on one connection, and how it ends a read that goes on and on. Not here: what is said about it
(client_http.py).
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any


class Watch:
    """Watches the connection that httpx has in use. Between two bytes a read timeout holds; over a whole answer, this.

    One thread for all requests, asleep until the first moment at which one of them may be over: a thread for each would
    cost more than the request. To be closed.
    """

    def __init__(self) -> None:
        self.is_over = False
        """Whether the last time that was set ran out."""
        self._socket: socket.socket | None = None
        self._changed = threading.Condition()
        self._until: float | None = None
        """By when the request in hand must be over; None: there is none."""
        self._looks_at = 0.0
        """When the thread looks next."""
        self._thread: threading.Thread | None = None

    @property
    def extensions(self) -> dict[str, Any]:
        """What a request must carry for the connection to be seen."""
        return {"trace": self._trace}

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """A block that ends in time: else the connection is shut under it, and its read fails at once."""
        with self._changed:
            self.is_over = False
            self._until = time.monotonic() + max(0.0, seconds)
            if self._thread is None:
                self._looks_at = self._until
                self._thread = threading.Thread(target=self._look, daemon=True)
                self._thread.start()
            elif self._until < self._looks_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._until = None

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._until, self._looks_at = None, 0.0
            self._changed.notify()

    def _look(self) -> None:
        with self._changed:
            while self._until is not None or self._looks_at > time.monotonic():
                if self._until is not None and self._until <= time.monotonic():
                    self._until = None
                    self._strike()
                else:
                    self._looks_at = self._until if self._until is not None else self._looks_at
                    self._changed.wait(max(0.0, self._looks_at - time.monotonic()))
            self._thread = None

    def _trace(self, event: str, told: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")
            if self.is_over:  # while it was being made
                self._strike()

    def _strike(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown, which would take TLS from under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
