"""The index of what a window accepted: it tells what reading would, and is made again wherever it cannot be relied upon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.judging.shadow import replay
from linda_pipeline.judging.window_index import IndexWriter, JudgedBefore, has_any, write_index
from linda_pipeline.quality.identity import hashes
from linda_pipeline.quality.profile import ProfileChange, Profiles
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import TableUnreadable, read_table
from linda_pipeline_tests.deliveries import CPO, KEY, WINDOW, bytes_of, cdr, delivered, demo_areas, findings

FIRST, SECOND, THIRD = (Delivery("cdrs", CPO.key, WINDOW + timedelta(days=14 * number)) for number in range(3))
CREDIT: dict[str, Any] = {"credit": True, "credit_reference_id": "CDR-000001", "total_cost_excl_vat": -4.0}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two windows: two CDRs, and a third with the first one again."""
    lake = Lake(tmp_path / "lake")
    delivered(lake, [cdr(1), cdr(2)])
    delivered(lake, [_of(SECOND, 1), _of(SECOND, 3)], window=SECOND.window)
    return lake


def _of(delivery: Delivery, number: int, **more: Any) -> dict[str, Any]:
    changed_at = datetime(2026, 11, 10, 12, tzinfo=UTC) + (delivery.window - WINDOW)
    return cdr(number, last_updated=f"{changed_at:%Y-%m-%dT%H:%M:%SZ}", **more)


def _deliver_third(lake: Lake) -> list[tuple[str | None, str, str | None]]:
    delivered(lake, [_of(THIRD, 2, total_energy_kwh=12.4), _of(THIRD, 3), _of(THIRD, 4)], window=THIRD.window)
    return findings(lake, THIRD)


def test_a_window_is_looked_up_only_where_it_holds_what_is_asked_for(lake: Lake) -> None:
    before = JudgedBefore(lake, CPO.key, THIRD)
    keys = {one: read_table(lake.table("accepted", one), ["cdr_id"])["cdr_id"].to_pylist() for one in before.windows}
    assert keys == {FIRST: ["CDR-000001", "CDR-000002"], SECOND: ["CDR-000003"]}
    hashed = before._indexes[SECOND].keys
    assert before.holding(hashed) == [SECOND]
    assert before.holding(np.array([1, 2], np.uint64)) == []
    sessions = before._indexes[FIRST].sessions
    assert before.of_sessions(sessions) == [FIRST]
    assert before.of_sessions(sessions[:0]) == []
    moment = int(datetime(2026, 11, 10, 8, tzinfo=UTC).timestamp() * 1000)
    assert before.with_sessions(moment, moment + 1) == [FIRST, SECOND]
    assert before.with_sessions(moment - 86_400_000, moment - 86_399_000) == []
    assert before.used_since(datetime(2026, 11, 10, 11, tzinfo=UTC)) == [FIRST, SECOND]
    assert before.used_since(datetime(2026, 11, 10, 11, 0, 1, tzinfo=UTC)) == []


def test_credits_are_known_with_what_they_take_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    delivered(lake, [cdr(1)])
    delivered(lake, [_of(SECOND, 5, **CREDIT)], window=SECOND.window)
    before = JudgedBefore(lake, CPO.key, THIRD)
    credits, credited = before.credits()
    assert len(credits) == len(credited) == 1
    assert before.holding(credited) == [FIRST]
    assert before.holding(credits) == [SECOND]


@pytest.mark.parametrize("spoil", ["gone", "empty", "cut", "turned", "of another table", "no index at all"])
def test_an_index_that_cannot_be_relied_upon_is_made_again_and_verdicts_are_the_same(
    lake: Lake, tmp_path: Path, spoil: str
) -> None:
    undisturbed = Lake(tmp_path / "undisturbed")
    delivered(undisturbed, [cdr(1), cdr(2)])
    delivered(undisturbed, [_of(SECOND, 1), _of(SECOND, 3)], window=SECOND.window)
    expected = _deliver_third(undisturbed)
    assert ("CDR-000002", "unchanged_since_accepted", "id") in expected
    path = lake.index(FIRST)
    whole = path.read_bytes()
    at = whole.index(np.ascontiguousarray(JudgedBefore(lake, CPO.key, SECOND)._indexes[FIRST].keys).tobytes())
    others = {
        "empty": b"",
        "cut": whole[:-100],
        "turned": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        "of another table": lake.index(SECOND).read_bytes(),
        "no index at all": b"nothing of the kind",
    }
    path.unlink()
    if spoil in others:
        path.write_bytes(others[spoil])
    assert _deliver_third(lake) == expected
    assert bytes_of(lake, "index") == bytes_of(undisturbed, "index")


def test_an_index_of_an_accepted_table_that_is_gone_does_not_hide_that(lake: Lake) -> None:
    lake.table("accepted", FIRST).unlink()
    with pytest.raises(TableUnreadable, match="damaged or gone"):
        _deliver_third(lake)


def test_a_replay_makes_what_lacks_in_its_shadow_alone_and_puts_its_own_in_place_when_it_is_applied(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path / "lake")
    off = _of(SECOND, 1, total_time_h=3.5 + 61 / 3600)
    delivered(lake, [cdr(2)])
    delivered(lake, [off, _of(SECOND, 3)], window=SECOND.window)
    lake.index(FIRST).unlink()
    before = lake.index(SECOND).read_bytes()
    draft = Profiles().trying(ProfileChange("trial", date(2025, 4, 1), parameters={"total_time_tolerance_s": 90.0}))
    with replay(lake, {CPO.key: CPO}, [SECOND], areas=demo_areas(), key=KEY, profiles=draft) as trial:
        assert not lake.index(FIRST).exists()
        assert lake.index(SECOND).read_bytes() == before
        trial.apply()
    assert lake.index(SECOND).read_bytes() != before
    made_again = IndexWriter(CPO.key)
    made_again.add(read_table(lake.table("accepted", SECOND)))
    write_index(made_again.index(), tmp_path / "again.arrow", lake.table("accepted", SECOND))
    assert (tmp_path / "again.arrow").read_bytes() == lake.index(SECOND).read_bytes()


numbers = st.lists(st.integers(min_value=2, max_value=2**64 - 2), max_size=20)


@given(held=numbers, asked=numbers)
def test_what_is_found_is_what_is_in_both(held: list[int], asked: list[int]) -> None:
    found = has_any(np.unique(np.array(asked, np.uint64)), np.array(sorted(held), np.uint64))
    assert found == bool(set(held) & set(asked))


def test_an_index_of_no_sessions_at_all_is_of_no_use_to_any_question(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    delivered(lake, [])
    before = JudgedBefore(lake, CPO.key, SECOND)
    assert before.windows == [FIRST]
    assert before.with_sessions(-(2**60), 2**60) == []
    assert before.used_since(datetime(1970, 1, 1, tzinfo=UTC)) == []
    assert before.holding(hashes(pa.array(["x"]))) == []


def test_a_session_that_begins_at_the_first_moment_of_1970_is_one_of_its_window(lake: Lake) -> None:
    accepted = read_table(lake.table("accepted", FIRST))
    at = accepted.schema.get_field_index("start_date_time")
    field = accepted.schema.field(at)
    begins = pa.array([datetime(1970, 1, 1, tzinfo=UTC)] * accepted.num_rows, field.type)
    writer = IndexWriter(CPO.key)
    writer.add(accepted.set_column(at, field, begins))
    assert writer.index().first_ms == 0


def test_a_rerun_writes_the_same_index(lake: Lake, tmp_path: Path) -> None:
    writer = IndexWriter(CPO.key)
    accepted = lake.table("accepted", FIRST)
    writer.add(read_table(accepted))
    write_index(writer.index(), tmp_path / "again.arrow", accepted)
    assert (tmp_path / "again.arrow").read_bytes() == lake.index(FIRST).read_bytes()
