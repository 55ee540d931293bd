"""Which of several records with one identity stands, beside a plain reading of the design's text on identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.record_keys import cdr_keys
from linda_pipeline.quality.identity import (
    NO_IDENTITY,
    Candidate,
    hashes,
    recurring,
    resolve_cdrs,
    resolve_locations,
)

MOMENTS = st.none() | st.sampled_from([datetime(2026, 11, day, tzinfo=UTC) for day in (9, 10, 11)])
RECORDS = st.lists(st.tuples(st.sampled_from("ABC"), MOMENTS, st.sampled_from("xyz")), max_size=9)
EARLIER = st.dictionaries(st.sampled_from("ABC"), st.sampled_from("xyz"), max_size=3)


def candidates(records: Sequence[tuple[str, datetime | None, str]]) -> list[Candidate]:
    return [Candidate(row, *record) for row, record in enumerate(records)]


@given(RECORDS, EARLIER)
def test_cdrs_fall_as_the_design_says(records: list[tuple[str, datetime | None, str]], earlier: dict[str, str]) -> None:
    outcome = resolve_cdrs(candidates(records), earlier)
    for row, (key, moment, content) in enumerate(records):
        # Who comes before it, by (last_updated, content): one without a moment comes last.
        before = [
            other
            for number, (other_key, other_moment, other) in enumerate(records)
            if other_key == key
            and (other_moment is None, other_moment or datetime.min, other, number)
            < (moment is None, moment or datetime.min, content, row)
        ]
        is_copy = content in before or content == earlier.get(key)
        assert (row in outcome.identical) is is_copy
        assert (row in outcome.changed) is (not is_copy and key in earlier)
        assert (row in outcome.clashing) is (not is_copy and key not in earlier and bool(before))


@given(RECORDS)
def test_of_locations_the_newest_stays(records: list[tuple[str, datetime | None, str]]) -> None:
    outcome = resolve_locations(candidates(records))
    assert outcome.changed == set()
    for key in {key for key, _, _ in records}:
        mine = {row: (moment, content) for row, (one, moment, content) in enumerate(records) if one == key}
        standing = mine.keys() - outcome.identical - outcome.clashing
        assert len(standing) == 1
        newest, content = mine[standing.pop()]
        assert all(moment is None or (newest is not None and moment <= newest) for moment, _ in mine.values())
        assert {mine[row][1] for row in outcome.clashing & mine.keys()} == {one for _, one in mine.values()} - {content}
        assert len(outcome.clashing & mine.keys()) == len({one for _, one in mine.values()}) - 1


@given(RECORDS, st.randoms(use_true_random=False))
def test_the_outcome_does_not_depend_on_the_order_of_arrival(
    records: list[tuple[str, datetime | None, str]], random: Random
) -> None:
    def contents(outcome_rows: set[int]) -> list[tuple[str, str]]:
        return sorted((given_candidates[row].key, given_candidates[row].content) for row in outcome_rows)

    given_candidates = candidates(records)
    shuffled = list(given_candidates)
    random.shuffle(shuffled)
    one, other = resolve_cdrs(given_candidates, {}), resolve_cdrs(shuffled, {})
    assert contents(one.clashing) == contents(other.clashing)
    assert contents(one.identical) == contents(other.identical)


def test_a_record_without_an_id_is_like_no_other() -> None:
    table = pa.table({"cdr_id": pa.array([None, None, "A1"], pa.string())})
    hashed = hashes(cdr_keys(table, "NL-ABC"))
    assert hashed[0] == hashed[1] == NO_IDENTITY != hashed[2]
    assert recurring(hashed).tolist() == []


@given(st.lists(st.none() | st.text(max_size=3), max_size=30))
def test_recurring_rows_are_those_whose_key_occurs_again(keys: list[str | None]) -> None:
    hashed = hashes(pa.array(keys, pa.string()))
    expected = [row for row, key in enumerate(keys) if key is not None and keys.count(key) > 1]
    assert recurring(hashed).tolist() == expected


def test_no_keys_at_all_have_no_hashes() -> None:
    assert len(hashes(pa.array([], pa.string()))) == 0
    assert recurring(np.array([], np.uint64)).tolist() == []
