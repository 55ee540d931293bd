"""The demo's CPOs and its register fit the calendar, the areas and each other."""

from __future__ import annotations

import tomllib

from linda_pipeline.calendar import newest_ended_window, window_bounds
from linda_pipeline.register.cpos import parse_register
from linda_pipeline.simulator.clock import seconds
from linda_pipeline.simulator.demo_cpos import CPOS, PULLED_AT, WINDOWS, register_text
from linda_pipeline.simulator.plan import feeds_of


def test_the_windows_are_the_two_newest_that_have_ended() -> None:
    assert newest_ended_window(PULLED_AT) == WINDOWS[1]
    assert window_bounds(WINDOWS[0])[1] == window_bounds(WINDOWS[1])[0]


def test_the_register_of_the_demo_has_no_mistake_and_gives_one_cpo_no_permission() -> None:
    urls = {cpo.key: f"http://127.0.0.1:{8000 + number}/ocpi/versions" for number, cpo in enumerate(CPOS)}
    register = parse_register(tomllib.loads(register_text(urls)))
    assert list(register) == [cpo.key for cpo in CPOS]
    allowed = {key for key, cpo in register.items() if cpo.may_be_pulled_on(PULLED_AT.date())}
    assert allowed == {"NL-ZON", "NL-LIC", "NL-SLO"}
    assert all(register[key].versions_url == url for key, url in urls.items())


def test_both_windows_of_the_demo_are_about_equally_full_and_of_a_size_for_a_minute() -> None:
    counts = [0, 0]
    for cpo in CPOS:
        feeds = feeds_of(cpo.plan)
        assert 40 <= len(feeds["locations"]) <= 150
        for number, window in enumerate(WINDOWS):
            first, last = map(seconds, window_bounds(window))
            found = len(feeds["cdrs"].between(first, last, last_included=False))
            assert found > 0
            counts[number] += found if cpo.document else 0
    assert all(6_000 <= count <= 12_000 for count in counts)
    assert 0.85 < counts[0] / counts[1] < 1.15
