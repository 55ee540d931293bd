"""Bodies with and without gzip: told apart by their bytes, whole or named broken."""

from __future__ import annotations

import contextlib
import gzip

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


@pytest.mark.parametrize("place", range(10, len(gzip.compress(JSON))))
def test_gzip_with_a_wrong_byte_is_broken_or_unchanged(place: int) -> None:
    zipped = bytearray(gzip.compress(JSON))
    zipped[place] ^= 0x10
    with contextlib.suppress(BodyBroken):
        assert decoded(bytes(zipped), 1000) == JSON
