"""A time by which an answer must be in, whatever the server does: also where it sends its headers a byte at a time.

Here: the watch on one connection, and how it ends a read that goes on and on. Not here: what is said about it
(client_http.py).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any


class Watch:
    """Watches the connection that httpx has in use. Between two bytes a read timeout holds; over a whole answer, this."""

    def __init__(self) -> None:
        self.is_over = False
        """Whether the last time that was set ran out."""
        self._socket: socket.socket | None = None

    @property
    def extensions(self) -> dict[str, Any]:
        """What a request must carry for the connection to be seen."""
        return {"trace": self._trace}

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """A block that ends in time: else the connection is shut under it, and its read fails at once."""
        self.is_over = False
        timer = threading.Timer(max(0.0, seconds), self._strike)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _trace(self, event: str, told: dict[str, Any]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = told["return_value"].get_extra_info("socket")

    def _strike(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown, which would take TLS from under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
