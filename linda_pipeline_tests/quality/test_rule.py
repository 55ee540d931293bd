"""What a rule is: of whatever scope, one declaration is all that it takes, and it holds from its day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from linda_pipeline.quality import rules
from linda_pipeline.quality.delivered import Delivered, found
from linda_pipeline.quality.example import good_record
from linda_pipeline.quality.nightly import Nightly
from linda_pipeline.quality.profile import profile_on
from linda_pipeline.quality.rule import RULES, Part, Rule, Scope, Severity, Source, fails, rule
from linda_pipeline.quality.standing import StandingCdrs
from linda_pipeline.quality.view import View
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline_tests.deliveries import NIGHT, WINDOW, delivered

TEXTS: dict[str, Any] = {
    "nl": "Dit is een proef.",
    "en": "This is a trial.",
    "fix_nl": "U hoeft niets te doen.",
    "fix_en": "Nothing needs to be done.",
    "source": Source("L", "trial"),
}


@pytest.fixture(autouse=True)
def register_as_it_was() -> Iterator[None]:
    """A rule that a test declares is forgotten after it."""
    before = dict(RULES)
    yield
    RULES.clear()
    RULES.update(before)
    _look_again()


def _look_again() -> None:
    rules._rules_for.cache_clear()
    rules._days_of_change.cache_clear()


def _findings(lake: Lake, module: str, day: date) -> list[tuple[str, str, str | None, str | None]]:
    rows = pq.read_table(lake.table("findings", Delivery(module, "NL-ABC", day))).to_pylist()
    return [(row["rule"], row["severity"], row["id"], row["value"]) for row in rows if row["rule"].startswith("trial")]


def test_a_rule_on_a_record_is_one_declaration(tmp_path: Path) -> None:
    @rule(Severity.WARNING, reads=("city",), **TEXTS)
    def trial_of_a_record(view: View) -> Any:
        return pc.equal(view["city"], "Arnhem")

    _look_again()
    lake = Lake(tmp_path)
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert _findings(lake, "cdrs", WINDOW) == [("trial_of_a_record", "warning", "CDR-2026-000042", "Nijmegen")]


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
def test_a_rule_on_the_cdrs_of_a_delivery_is_one_declaration_and_an_error_refuses(
    tmp_path: Path, severity: Severity
) -> None:
    @rule(severity, scope=Scope.DELIVERY, reads=("total_energy_kwh",), blames="total_energy_kwh", **TEXTS)
    def trial_of_a_delivery(sessions: StandingCdrs) -> Part:
        most = sessions["total_energy_kwh"] == sessions["total_energy_kwh"].max()
        return Part(sessions.rows[most], value=["the most"])

    _look_again()
    lake = Lake(tmp_path)
    other = {**good_record("cdr", "2.2.1"), "id": "CDR-2", "total_energy": 12.55}
    other["cdr_location"]["evse_uid"] = "EVSE-2"
    judgement = delivered(lake, [good_record("cdr", "2.2.1"), other])
    assert _findings(lake, "cdrs", WINDOW) == [("trial_of_a_delivery", str(severity), "CDR-2", "the most")]
    assert judgement.main.rejected == (severity is Severity.ERROR)
    rejected = pq.read_table(lake.table("rejected", Delivery("cdrs", "NL-ABC", WINDOW))).to_pylist()
    assert [one["rules"] for one in rejected] == [["trial_of_a_delivery"]] * judgement.main.rejected


def test_a_rule_on_the_evses_of_a_night_is_one_declaration(tmp_path: Path) -> None:
    @rule(Severity.WARNING, object="evse", scope=Scope.DELIVERY, blames="evse_uid", **TEXTS)
    def trial_of_a_night(night: Nightly) -> Part:
        return Part([night.evses.num_rows - 1])

    _look_again()
    lake = Lake(tmp_path)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=NIGHT)
    assert _findings(lake, "locations", NIGHT) == [("trial_of_a_night", "warning", "EVSE-0042-1", "EVSE-0042-1")]


def test_a_rule_on_what_is_gone_is_one_declaration(tmp_path: Path) -> None:
    @rule(Severity.INFO, object="evse", scope=Scope.HISTORY, blames="evse_uid", **TEXTS)
    def trial_of_history(night: Nightly) -> Part:
        return Part(None, ids=["EVSE-9"], value=["gone"])

    _look_again()
    lake = Lake(tmp_path)
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=NIGHT)
    assert _findings(lake, "locations", NIGHT) == [("trial_of_history", "info", "EVSE-9", "gone")]


def test_a_rule_on_the_delivery_itself_is_one_declaration(tmp_path: Path) -> None:
    @rule(Severity.WARNING, object="delivery", scope=Scope.WHOLE, modules=("cdrs",), **TEXTS)
    def trial_of_the_whole(facts: Delivered) -> Part:
        return found(f"{facts.received} records")

    _look_again()
    lake = Lake(tmp_path)
    delivered(lake, [good_record("cdr", "2.2.1")])
    delivered(lake, [good_record("location", "2.2.1")], module="locations", window=NIGHT)
    assert _findings(lake, "cdrs", WINDOW) == [("trial_of_the_whole", "warning", None, "1 records")]
    assert _findings(lake, "locations", NIGHT) == []


def test_a_delivery_is_judged_by_the_rules_that_held_on_the_day_of_its_pull(tmp_path: Path) -> None:
    pulled = WINDOW.replace(day=23)

    def declare(name: str, **dates: Any) -> None:
        rule(Severity.WARNING, id=name, reads=("city",), **dates, **TEXTS)(lambda view: pc.equal(view["city"], ""))

    declare("trial_from_that_day", valid_from=pulled)
    declare("trial_from_the_next", valid_from=pulled.replace(day=24))
    declare("trial_until_that_day", valid_until=pulled)
    declare("trial_until_the_next", valid_until=pulled.replace(day=24))
    _look_again()
    lake = Lake(tmp_path)
    delivered(lake, [good_record("cdr", "2.2.1")])
    assert {name for name, *_ in _findings(lake, "cdrs", WINDOW)} == {"trial_from_that_day", "trial_until_the_next"}


def test_a_rule_that_was_mended_judges_what_was_pulled_before_as_it_did_then() -> None:
    @rule(Severity.WARNING, reads=("city",), **TEXTS)
    def trial_mended(view: View) -> Any:
        return pc.equal(view["city"], "new")

    @trial_mended.until(date(2026, 1, 1))
    def _(view: View) -> Any:
        return pc.equal(view["city"], "old")

    @_.until(date(2025, 6, 1))
    def _(view: View) -> Any:
        return fails(pc.equal(view["city"], "oldest"))

    _look_again()
    for day, kept in ((date(2025, 5, 31), "oldest"), (date(2025, 6, 1), "old"), (date(2026, 1, 1), "new")):
        assert _broken("trial_mended", day) == {"oldest", "old", "new"} - {kept}


def _broken(rule_id: str, day: date) -> set[str]:
    table = pa.table({"city": ["oldest", "old", "new", None]})
    chosen = next(one for one in rules.rules_for("cdr", "2.2.1", profile_on(day)) if one.id == rule_id)
    verdict = chosen.judge(View("cdr", "2.2.1", table, datetime(2026, 1, 1), profile=profile_on(day)))
    assert isinstance(verdict, tuple)
    return {table["city"][int(row)].as_py() for part in verdict for row in part.rows.to_pylist()}


def test_a_text_that_is_shown_belongs_to_its_row_also_where_others_hold_for_want_of_a_field() -> None:
    made = Rule(
        "trial", "cdr", {"2.2.1": Severity.WARNING}, ("city", "address"), "city", "nl", "en", "f", "f", Source("L", "x")
    )
    table = pa.table({"city": ["a", "b", "c"], "address": ["1", None, "3"]})
    seen = View("cdr", "2.2.1", table, datetime(2026, 1, 1))
    part = fails(pa.array([False, False, False]), value=table["city"])
    kept = made._where_known(seen, part)
    assert (kept.rows.to_pylist(), kept.value.to_pylist()) == ([0, 2], ["a", "c"])
