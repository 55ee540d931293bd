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
    assert unpacked(gzip.compress(b"x", mtime=0) * 100_000) == (b"x" * 100_000, "")


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "its gzip is damaged: the checksum does not match"),
        (PACKED[:-4] + b"\0\0\0\0", "its gzip is damaged: the checksum does not match"),
        (PACKED + b"and more", "behind its gzip stands something that is none"),
        (PACKED[:-3], "its gzip breaks off"),
    ],
)
def test_damage_is_told_and_what_came_before_it_is_whole(packed: bytes, said: str) -> None:
    assert unpacked(packed) == (TEXT, said)


def test_a_gzip_that_breaks_off_gives_what_it_held() -> None:
    text, problem = unpacked(PACKED[:-500])
    assert problem == "its gzip breaks off"
    assert TEXT.startswith(text)
    assert len(text) > 100_000


@pytest.mark.parametrize(("mark", "name"), [(b"PK\x03\x04", "zip"), (b"BZh91", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd")])
def test_what_is_packed_in_another_way_is_called_by_its_name(mark: bytes, name: str) -> None:
    told = f"it is packed as {name}, which is not read here: unpack it, or pack it as gzip"
    assert unpacked(mark + bytes(100)) == (b"", told)


def test_a_member_may_have_a_name_a_comment_and_more_in_its_header() -> None:
    extra = b"\x04\0ab\0\0"
    header = PACKED[:3] + bytes([2 | 4 | 8 | 16]) + PACKED[4:10] + extra + b"name\0comment\0" + b"\0\0"
    assert unpacked((header + PACKED[10:]) * 2) == (TEXT * 2, "")


def test_damage_in_the_middle_is_told_whatever_it_unpacked_to() -> None:
    assert unpacked(PACKED[:400] + b"\xff" * 50 + PACKED[450:])[1].startswith("its gzip is damaged")


def test_a_stream_that_unpacks_to_much_gives_it_in_pieces() -> None:
    bomb = io.BytesIO(gzip.compress(b" " * (1 << 28), 9, mtime=0))
    stream = Unpacked(bomb)
    assert [len(stream.read(1 << 20)) for _ in range(256)] == [1 << 20] * 256
    assert (stream.read(1), stream.problem) == (b"", "")
