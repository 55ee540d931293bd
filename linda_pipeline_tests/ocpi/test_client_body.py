"""Bodies with and without gzip: told apart by their bytes, whole or named broken."""

from __future__ import annotations

import contextlib
import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.ocpi.client_body import BodyBroken, BodyTooLarge, decoded, stored

JSON = b'{"status_code": 1000, "data": []}'


@given(st.binary(max_size=300), st.integers(1, 3))
def test_what_was_zipped_comes_back_also_in_several_parts(body: bytes, parts: int) -> None:
    assert decoded(gzip.compress(body) * parts, 1000) == body * parts
    assert body.startswith(b"\x1f\x8b") or gzip.decompress(stored(body)) == body


@pytest.mark.parametrize("kept", range(2, len(gzip.compress(JSON))))
def test_gzip_that_breaks_off_anywhere_is_broken(kept: int) -> None:
    with pytest.raises(BodyBroken):
        decoded(gzip.compress(JSON)[:kept], 1000)


def test_gzip_with_something_else_behind_it_is_broken() -> None:
    with pytest.raises(BodyBroken):
        decoded(gzip.compress(JSON) + b"<html>", 1000)


def test_a_body_may_be_as_large_as_the_limit_and_not_a_byte_larger() -> None:
    assert len(decoded(gzip.compress(b"x" * 1000), 1000)) == 1000
    with pytest.raises(BodyTooLarge):
        decoded(gzip.compress(b"x" * 500) + gzip.compress(b"x" * 501), 1000)


def test_zeros_may_stand_behind_gzip_and_between_its_parts() -> None:
    zipped = gzip.compress(JSON)
    assert decoded(zipped + b"\0" * 100 + zipped + b"\0", 1000) == JSON * 2


def test_a_body_in_very_many_parts_is_too_large_however_little_is_in_them() -> None:
    assert decoded(gzip.compress(b"x") * 10_000, 10_000) == b"x" * 10_000
    with pytest.raises(BodyTooLarge, match="10,000 parts"):
        decoded(gzip.compress(b"") * 10_001, 1000)


def test_unpacking_ends_between_two_parts_when_the_time_is_over() -> None:
    left = [False, False, True]
    with pytest.raises(TimeoutError):
        decoded(gzip.compress(JSON) * 4, 1000, lambda: left.pop(0))
    assert left == []


@given(st.lists(st.binary(max_size=20_000), min_size=2, max_size=5), st.integers(0, 9))
def test_parts_of_any_length_come_back_in_order(bodies: list[bytes], level: int) -> None:
    assert decoded(b"".join(gzip.compress(body, level) for body in bodies), 10**6) == b"".join(bodies)


def test_parts_larger_than_a_feed_come_back() -> None:
    noise = random.Random(7).randbytes(50_000)
    assert decoded(gzip.compress(noise) * 3, 10**6) == noise * 3
    with pytest.raises(BodyBroken):
        decoded(gzip.compress(noise) * 3 + gzip.compress(noise)[:-30_000], 10**6)


@pytest.mark.parametrize("place", range(10, len(gzip.compress(JSON))))
def test_gzip_with_a_wrong_byte_is_broken_or_unchanged(place: int) -> None:
    zipped = bytearray(gzip.compress(JSON))
    zipped[place] ^= 0x10
    with contextlib.suppress(BodyBroken):
        assert decoded(bytes(zipped), 1000) == JSON
