"""Pages that mislead: links, counts and limits that are wrong, and lists that change while they are read.

Here: what a page holds and what its headers say. Not here: answers that are no page at all (faults_answers.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from linda_pipeline.simulator.server import Answer, Fault, PageRequest

PIECE = 3
"""Records in a page of a server with small pages."""


def _headers(answer: Answer, **changed: str | None) -> Answer:
    """The answer with these headers (underscores for dashes) set, or taken out where None."""
    new = {name.replace("_", "-"): value for name, value in changed.items()}
    kept = {name: value for name, value in answer.headers.items() if name not in new}
    return replace(answer, headers=kept | {name: value for name, value in new.items() if value is not None})


def _linked(make: Callable[[PageRequest, int], str]) -> Callable[[], Fault]:
    """A fault that puts another address into the Link header, where there is one."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        if "Link" not in answer.headers:
            return answer
        return _headers(answer, Link=f'<{make(request, request.offset + request.given)}>; rel="next"')

    return lambda: fault


def no_link() -> Fault:
    """No Link header on any page."""
    return lambda request, answer: _headers(answer, Link=None)


def empty_link() -> Fault:
    """An empty Link header on the last page."""
    return lambda request, answer: answer if "Link" in answer.headers else _headers(answer, Link="")


def link_422() -> Fault:
    """A next link that the server itself refuses."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        if "cursor" in request.query:
            return Answer(422, b'{"detail": "stale cursor"}')
        return _linked(lambda asked, offset: asked.address(only={"cursor": "stale"}))()(request, answer)

    return fault


def link_opaque() -> Fault:
    """Next links that tell the place in a way of the server's own, and drop the dates."""

    def fault(request: PageRequest, answer: Answer) -> Answer:
        place = int(request.query.get("cursor", "0"), 16) if "cursor" in request.query else request.offset
        answer = request.answer(request.records, place, request.limit)
        return _linked(lambda asked, offset: asked.address(only={"cursor": f"{place + asked.limit:x}"}))()(
            request, answer
        )

    return fault


def repeats_page() -> Fault:
    """The same page for every offset."""
    return lambda request, answer: _headers(request.answer(request.records, 0, request.limit), Link=None)


def small_pages() -> Fault:
    """Three records a page, whatever is asked; X-Limit says so."""
    return lambda request, answer: request.answer(request.records, request.offset, min(PIECE, request.limit))


def limit_echoed() -> Fault:
    """Three records a page; X-Limit repeats what was asked."""
    return lambda request, answer: _headers(
        request.answer(request.records, request.offset, min(PIECE, request.limit)),
        X_Limit=request.query.get("limit"),
    )


def no_count() -> Fault:
    """No X-Total-Count."""
    return lambda request, answer: _headers(answer, X_Total_Count=None)


def count_of_page() -> Fault:
    """X-Total-Count is the number of records in the page."""
    return lambda request, answer: _headers(answer, X_Total_Count=str(request.given))


def count_too_high() -> Fault:
    """X-Total-Count counts ten that are never given."""
    return lambda request, answer: _headers(answer, X_Total_Count=str(len(request.records) + 10))


def count_too_low() -> Fault:
    """X-Total-Count leaves out ten."""
    return lambda request, answer: _headers(answer, X_Total_Count=str(max(0, len(request.records) - 10)))


def _drifting_count(by: int) -> Callable[[], Fault]:
    def make() -> Fault:
        asked = 0

        def fault(request: PageRequest, answer: Answer) -> Answer:
            nonlocal asked
            asked += 1
            return _headers(answer, X_Total_Count=str(max(0, len(request.records) + by * asked)))

        return fault

    return make


def record_added() -> Fault:
    """A record comes at the end of the list after the first request."""
    asked = 0

    def fault(request: PageRequest, answer: Answer) -> Answer:
        nonlocal asked
        asked += 1
        records = request.records[:-1] if asked == 1 else request.records
        return request.answer(records, request.offset, request.limit)

    return fault


def record_removed() -> Fault:
    """The first record of the list goes away after the first request: all others move up by one place."""
    asked = 0

    def fault(request: PageRequest, answer: Answer) -> Answer:
        nonlocal asked
        asked += 1
        records = request.records if asked == 1 else request.records[1:]
        return request.answer(records, request.offset, request.limit)

    return fault


def record_moved() -> Fault:
    """The first record moves to the end after the first request, as where a Location is changed while it is read."""
    asked = 0

    def fault(request: PageRequest, answer: Answer) -> Answer:
        nonlocal asked
        asked += 1
        records = request.records if asked == 1 else request.records[1:] + request.records[:1]
        return request.answer(records, request.offset, request.limit)

    return fault


def _shuffled(requests: int | None) -> Callable[[], Fault]:
    def make() -> Fault:
        asked = 0

        def fault(request: PageRequest, answer: Answer) -> Answer:
            nonlocal asked
            asked += 1
            records = list(request.records)
            if requests is None or asked <= requests:
                random.Random(asked).shuffle(records)
            return request.answer(records, request.offset, request.limit)

        return fault

    return make


def ignores_dates() -> Fault:
    """All that there is, whatever dates are asked."""
    return lambda request, answer: request.answer(request.everything, request.offset, request.limit)


PAGING: dict[str, Callable[[], Fault]] = {
    "link_404": _linked(lambda request, offset: request.address(path="gone", offset=str(offset))),
    "link_loops": _linked(lambda request, offset: request.address()),
    "link_other_host": _linked(lambda request, offset: f"http://127.0.0.1:9/ocpi?offset={offset}"),
    "link_other_scheme": _linked(lambda request, offset: request.address(offset=str(offset)).replace("http:", "https:", 1)),
    "link_drops_dates": _linked(lambda request, offset: request.address(only={"offset": str(offset)})),
    "link_skips": _linked(lambda request, offset: request.address(offset=str(offset + 1))),
    "count_grows": _drifting_count(1),
    "count_shrinks": _drifting_count(-1),
    "order_unstable": _shuffled(None),
    "order_settles": _shuffled(3),
    **{
        fault.__name__: fault
        for fault in (
            no_link, empty_link, link_422, link_opaque, repeats_page, small_pages, limit_echoed, no_count, count_of_page,
            count_too_high, count_too_low, record_added, record_removed, record_moved, ignores_dates,
        )
    },
}  # fmt: skip
