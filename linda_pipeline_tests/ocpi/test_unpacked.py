"""Gzip taken off a stream: members without end, damage that is told once, and never more than a piece in memory."""

from __future__ import annotations

import gzip
import io

import pytest

from linda_pipeline.ocpi.unpacked import Unpacked

TEXT = bytes(range(256)) * 2000
PACKED = gzip.compress(TEXT, mtime=0)


def unpacked(packed: bytes, size: int = 100_000) -> tuple[bytes, str]:
    stream = Unpacked(io.BytesIO(packed))
    pieces = []
    while piece := stream.read(size):
        assert len(piece) <= size
        pieces.append(piece)
    return b"".join(pieces), stream.problem


@pytest.mark.parametrize("packed", [TEXT, PACKED, PACKED[:0] + TEXT[:1], b""])
def test_a_stream_is_read_to_its_end_packed_or_not(packed: bytes) -> None:
    expected = TEXT if packed == PACKED else packed
    assert unpacked(packed) == (expected, "")


def test_one_gzip_may_follow_another_and_zeros_may_follow_the_last() -> None:
    assert unpacked(PACKED * 2 + b"\0" * 512) == (TEXT * 2, "")


def test_a_hundred_thousand_members_are_read_one_after_the_other() -> None:
    assert unpacked(gzip.compress(b"", mtime=0) * 100_000 + PACKED) == (TEXT, "")


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (PACKED[:-200], "its gzip breaks off"),
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "it cannot be read to its end (CRC check failed"),
        (PACKED[:-4] + b"\0\0\0\0", "it cannot be read to its end (Incorrect length of data produced"),
        (PACKED + b"and more behind it", "it cannot be read to its end (Not a gzipped file"),
    ],
)
def test_damage_ends_the_stream_and_is_told(packed: bytes, said: str) -> None:
    text, problem = unpacked(packed)
    assert problem.startswith(said)
    assert TEXT.startswith(text)


def test_damage_in_the_middle_is_told_whatever_it_unpacked_to() -> None:
    assert unpacked(PACKED[:400] + b"\xff" * 50 + PACKED[450:])[1].startswith("it cannot be read to its end (")


def test_a_stream_that_unpacks_to_much_gives_it_in_pieces() -> None:
    bomb = io.BytesIO(gzip.compress(b" " * (1 << 28), 9, mtime=0))
    stream = Unpacked(bomb)
    assert [len(stream.read(1 << 20)) for _ in range(256)] == [1 << 20] * 256
    assert (stream.read(1), stream.problem) == (b"", "")
