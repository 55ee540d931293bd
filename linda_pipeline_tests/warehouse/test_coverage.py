"""Coverage, status and as_known_on: which deliveries a month expects, and when its figures are final."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from linda_pipeline.register.cpos import parse_register
from linda_pipeline.storage.lake import Delivery
from linda_pipeline.warehouse.coverage import Judged, expected_deliveries, reliance

WINDOWS = [date(2026, 10, 26), date(2026, 11, 9), date(2026, 11, 23)]
"""The windows that overlap November 2026."""


def judged(cpo: str, window: date, pulled: datetime, *, complete: bool = True, module: str = "cdrs") -> Judged:
    return Judged(Delivery(module, cpo, window), complete, pulled)


def told(rows: list[Judged], expected: list[Delivery], cpo: str = "ALL") -> tuple[Any, ...]:
    table = reliance(["2026-11"], rows, expected).to_pylist()
    row = next(row for row in table if row["cpo"] == cpo)
    return row["coverage"], row["status"], row["as_known_on"]


def test_coverage_is_the_share_of_the_expected_deliveries_that_is_in() -> None:
    pulled = datetime(2026, 11, 23, 2, tzinfo=UTC)
    expected = [Delivery("cdrs", cpo, window) for cpo in ("NL-ABC", "NL-XYZ") for window in WINDOWS]
    rows = [judged("NL-ABC", WINDOWS[0], pulled), judged("NL-ABC", WINDOWS[1], pulled)]
    rows.append(judged("NL-XYZ", WINDOWS[0], pulled, complete=False))
    assert told(rows, expected) == (2 / 6, "provisional", date(2026, 11, 23))
    assert told(rows, expected, "NL-ABC") == (2 / 3, "provisional", date(2026, 11, 23))
    assert told(rows, expected, "NL-XYZ") == (0.0, "provisional", date(2026, 11, 23))


def test_a_month_is_final_when_all_is_in_and_four_weeks_have_passed() -> None:
    early = [judged("NL-ABC", window, datetime(2026, 12, 7, tzinfo=UTC)) for window in WINDOWS]
    assert told(early, []) == (1.0, "provisional", date(2026, 12, 7))
    day_before = judged("NL-ABC", date(2026, 12, 28), datetime(2026, 12, 28, 22, 59, tzinfo=UTC), module="locations")
    assert told([*early, day_before], [])[1] == "provisional"
    on_the_day = judged("NL-ABC", date(2026, 12, 29), datetime(2026, 12, 28, 23, 0, tzinfo=UTC), module="locations")
    assert told([*early, on_the_day], []) == (1.0, "final", date(2026, 12, 29))
    late = [*early[:2], judged("NL-ABC", WINDOWS[2], datetime(2026, 12, 30, tzinfo=UTC), complete=False)]
    assert told(late, [])[1] == "provisional"


def test_where_nothing_is_expected_coverage_is_unknown() -> None:
    row = judged("NL-ABC", date(2026, 6, 8), datetime(2026, 12, 30, tzinfo=UTC))
    assert told([row], []) == (None, "provisional", date(2026, 12, 30))


def test_the_register_says_what_is_expected() -> None:
    permission = {"document": "D", "owner": "O", "owner_kind": "cpo", "from": date(2026, 1, 1)}
    ended = {**permission, "until": date(2026, 11, 9)}
    block = {"name": "N", "versions_url": "https://example.nl/ocpi"}
    register = parse_register(
        {
            "cpo": {
                "NL-ABC": {**block, "permission": [permission]},
                "NL-END": {**block, "permission": [ended]},
                "NL-NON": block,
                "NL-OFF": {**block, "active": False, "permission": [permission]},
            }
        }
    )
    expected = expected_deliveries(
        register, [Delivery("cdrs", "NL-ABC", WINDOWS[0]), Delivery("cdrs", "NL-ABC", WINDOWS[1])]
    )
    assert [one.window for one in expected if one.cpo == "NL-ABC"] == WINDOWS
    assert [one.window for one in expected if one.cpo == "NL-END"] == WINDOWS[:1]
    assert {one.cpo for one in expected} == {"NL-ABC", "NL-END"}
    assert expected_deliveries(register, [Delivery("locations", "NL-ABC", WINDOWS[0])]) == []
