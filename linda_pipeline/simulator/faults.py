"""Misbehaviour on order: every bad habit of a CPO's server by name, when it shows, and on which module.

Here: the names, the schedule ("on the third page", "twice") and how both are written down. Not here: the habits themselves
(faults_answers.py: what goes back; faults_paging.py: which records, links and counts).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from linda_pipeline.simulator.faults_answers import ANSWERS
from linda_pipeline.simulator.faults_paging import PAGING
from linda_pipeline.simulator.server import HABITS, MODULES, Answer, Fault, PageRequest

FAULTS: Mapping[str, Callable[[], Fault]] = {**ANSWERS, **PAGING}
"""Every fault by name, each a maker: a fault may remember what it was asked. Its docstring says what it does."""
PLACES = (*MODULES, "versions", "details", "server")
"""Where a fault may sit: a module, the list of versions, the version details; `server` takes the habits of the door."""
_WRITTEN = re.compile(r"(\w+):(\w+?)(?:@(\d+))?(?:x(\d+))?")


@dataclass(frozen=True)
class Order:
    """A fault as it is ordered, written `module:name@page x times`: `cdrs:http_503@3x2`."""

    place: str
    name: str
    page: int | None = None
    """The page that it strikes, from 1 in the order in which pages are first asked; None: every page."""
    times: int | None = None
    """How often in all; None: always."""

    def __str__(self) -> str:
        page = f"@{self.page}" if self.page is not None else ""
        return f"{self.place}:{self.name}{page}" + (f"x{self.times}" if self.times is not None else "")


def read_order(text: str) -> Order:
    """An order from its text. Raises ValueError, with what can be ordered."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no fault: write it as cdrs:http_503@3x2 (module, name, page, times)")
    place, name, page, times = match.groups()
    known = HABITS if place == "server" else FAULTS
    if place not in PLACES:
        raise ValueError(f"{place!r} is no place for a fault; there are: {', '.join(PLACES)}")
    if name not in known:
        raise ValueError(f"{name!r} is no fault of {place}; there are: {', '.join(sorted(known))}")
    return Order(place, name, int(page) if page else None, int(times) if times else None)


def faults_of(orders: Iterable[str]) -> tuple[dict[str, Fault], frozenset[str]]:
    """The faults by place, and the habits of the door, that these texts order. Raises ValueError."""
    faults: dict[str, Fault] = {}
    habits = set()
    for order in map(read_order, orders):
        if order.place == "server":
            habits.add(order.name)
            continue
        fault = Scheduled(FAULTS[order.name](), order.page, order.times)
        earlier = faults.get(order.place)
        faults[order.place] = fault if earlier is None else _both(earlier, fault)
    return faults, frozenset(habits)


def _both(first: Fault, second: Fault) -> Fault:
    return lambda request, answer: second(request, first(request, answer))


class Scheduled:
    """A fault that strikes on one page, or so many times; else the answer is as it was."""

    def __init__(self, fault: Fault, page: int | None = None, times: int | None = None) -> None:
        self._fault = fault
        self._page = page
        self._left = times
        self._pages: list[int] = []
        self._lock = threading.Lock()

    def __call__(self, request: PageRequest, answer: Answer) -> Answer:
        with self._lock:
            if request.offset not in self._pages:
                self._pages.append(request.offset)
            strikes = self._page in (None, self._pages.index(request.offset) + 1) and self._left != 0
            if strikes and self._left is not None:
                self._left -= 1
            return self._fault(request, answer) if strikes else answer
