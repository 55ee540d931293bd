"""Every fault that the simulator knows by name, against the connection test: the right line fails, or it is no fault."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from linda_pipeline.ocpi.probing import Limits, Outcome, probe
from linda_pipeline.simulator.faults import FAULTS, faults_of
from linda_pipeline.simulator.server import HABITS, OcpiServer, ServedCpo
from linda_pipeline_tests.ocpi.probing.bent_cpo import ASKED_AT, TOKEN, feeds

BRISK = Limits(connect_s=2, read_s=1, answer_s=1.5, whole_s=25, longest_pause_s=0.5)
BY_LINE = {
    "content_type": ["wrong_content_type", "gzip_unannounced", "gzip_only_said"],
    "cdrs.next_link": [
        *("link_404", "link_422", "link_loops", "link_other_host", "link_other_scheme", "link_drops_dates"),
        *("link_skips", "link_opaque", "no_link"),
    ],
    "cdrs.total_count": [
        *("no_count", "count_of_page", "count_too_high", "count_too_low", "count_grows", "count_shrinks"),
        "record_added",
    ],
    "cdrs.order_stable": ["order_unstable", "order_settles", "record_moved", "record_removed"],
    "cdrs.offset_honoured": ["repeats_page"],
    "cdrs.limit_told": ["limit_echoed"],
    "cdrs.dates_honoured": ["ignores_dates"],
    "known_origins": ["redirect_elsewhere"],
}
ALLOWED = {"redirect", "empty_link", "small_pages"}
"""What OCPI lets a server do: a redirect on its own host, an empty Link on the last page, smaller pages than asked."""
DOOR = {
    "any_token": ["wrong_token_refused", "no_token_refused"],
    "other_token_form": ["token_form"],
    "no_message_ids": ["message_ids"],
    "receiver_only": ["locations.module_announced", "cdrs.module_announced"],
}


def cases() -> Iterator[tuple[str, list[str]]]:
    """Every fault as it is ordered, with the lines that it fails; what is in no list spoils the answer as a whole."""
    lines = {name: [line] for line, names in BY_LINE.items() for name in names}
    for name in FAULTS:
        yield f"cdrs:{name}", [] if name in ALLOWED else lines.get(name, ["cdrs.module_answers"])
    for name in sorted(HABITS):
        yield f"server:{name}", DOOR[name]


@pytest.mark.parametrize(("order", "lines"), list(cases()))
def test_a_named_fault_fails_exactly_its_line(order: str, lines: list[str]) -> None:
    faults, habits = faults_of([order])
    server = OcpiServer(
        ServedCpo("2.2.1", TOKEN, feeds("2.2.1"), "2026-11-20T00:00:00Z", page_limit=60, faults=faults, habits=habits)
    )
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        found = probe(server.versions_url, TOKEN, token_name="T", asked_at=ASKED_AT, limits=BRISK)
    finally:
        server.shutdown()
        server.server_close()
    assert [line.id for line in found.having(Outcome.FAILED)] == lines
