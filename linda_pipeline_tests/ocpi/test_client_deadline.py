"""The watch over a whole answer: it strikes in time, once, and with one thread however many requests there are."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from linda_pipeline.ocpi.client_deadline import Watch


class Stream:
    """What httpcore hands to a trace: something that tells its socket."""

    def __init__(self, own: socket.socket) -> None:
        self._own = own

    def get_extra_info(self, name: str) -> socket.socket:
        assert name == "socket"
        return self._own


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    yield ours, theirs
    ours.close()
    theirs.close()


def connected(watch: Watch, own: socket.socket) -> None:
    watch.extensions["trace"]("connection.connect_tcp.complete", {"return_value": Stream(own)})


def test_a_read_that_goes_on_ends_at_the_time_set(ends: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch()
    connected(watch, ends[0])
    begun = time.monotonic()
    with watch.within(0.05):
        assert ends[0].recv(1) == b""
    assert watch.is_over
    assert time.monotonic() - begun < 5
    watch.close()


def test_an_earlier_time_than_the_one_before_is_kept_too(ends: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch()
    connected(watch, ends[0])
    with watch.within(60):
        pass
    with watch.within(0.05):
        assert ends[0].recv(1) == b""
    assert watch.is_over
    watch.close()


def test_a_request_that_ended_is_not_struck_afterwards(ends: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch()
    connected(watch, ends[0])
    with watch.within(0.05):
        pass
    time.sleep(0.15)
    assert not watch.is_over
    ends[1].send(b"x")
    assert ends[0].recv(1) == b"x"
    with watch.within(0.05):  # and the watch goes on watching
        assert ends[0].recv(1) == b""
    assert watch.is_over
    watch.close()


def test_a_connection_that_is_made_after_the_time_is_shut_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch()
    with watch.within(0.0):
        while not watch.is_over:
            time.sleep(0.005)
        connected(watch, ends[0])
        assert ends[0].recv(1) == b""
    watch.close()


def test_a_thousand_requests_take_one_thread_which_ends_with_the_watch() -> None:
    before, watch = threading.active_count(), Watch()
    for _ in range(1000):
        with watch.within(60):
            assert threading.active_count() <= before + 1
    watch.close()
    for _ in range(1000):
        if threading.active_count() == before:
            return
        time.sleep(0.005)
    raise AssertionError("the thread of the watch lives on")
