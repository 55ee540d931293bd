"""Records cut out of a stream: every form that CPOs use, and what is broken told by line and column."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from linda_pipeline.ocpi import tape
from linda_pipeline.ocpi.patient import decoded, read
from linda_pipeline.ocpi.stream import runs

FIVE: list[dict[str, Any]] = [
    {
        "country_code": "NL",
        "party_id": "ABC",
        "id": f"C{number}",
        "start_date_time": "2026-11-10T10:00:00Z",
        "end_date_time": "2026-11-10T11:00:00Z",
        "cdr_token": {"country_code": "BE", "uid": 'a\\"b{'},
        "cdr_location": {"address": "Plein 1", "postal_code": "1111 AA", "coordinates": {}},
        "tariffs": [{"id": "[", "country_code": "NL"}],
        "charging_periods": [{"dimensions": [{"type": "ENERGY", "volume": 1.5}]}],
        "total_energy": 1.5,
    }
    for number in range(5)
]
TEXT = json.dumps(FIVE)
LINES = [json.dumps(one) for one in FIVE]


def cut(text: str | bytes) -> tuple[list[bytes], list[tuple[int, int]]]:
    """The records of a text, and where it is broken."""
    body = text.encode() if isinstance(text, str) else text
    found = list(runs(io.BytesIO(body)))
    records = [record for run in found for record in run.records]
    return records, [(one.line, one.column) for run in found for one in run.breaks]


@pytest.fixture(params=[4 << 20, 7, 300])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The same stream read in large and in tiny pieces."""
    monkeypatch.setattr(tape, "CHUNK_BYTES", request.param)
    return int(request.param)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        json.dumps(FIVE, indent=2),
        json.dumps({"status_code": 1000, "data": FIVE, "timestamp": "x"}),
        json.dumps({"data": FIVE, "x": {"data": [1]}, "status_code": 1000}, indent=1),
        json.dumps({"a": {"data": []}, "b": '"data": [', "data": FIVE}),
        "\n".join(LINES) + "\n",
        "\r\n".join(LINES),
        "".join(LINES),
        "\n".join(json.dumps(one, indent=2) for one in FIVE),
        "\n".join(json.dumps({"data": [one], "status_code": 1000}) for one in FIVE),
        "\n".join(json.dumps({"data": one, "status_code": 1000}) for one in FIVE),
        "\ufeff" + TEXT,
        "".join(f"\x1e{line}\n" for line in LINES),
        "\r\n".join(["", LINES[0], "  ", *LINES[1:], "", ""]),
    ],
)
def test_every_form_gives_the_same_records(text: str, chunk: int) -> None:
    records, breaks = cut(text)
    assert [json.loads(record) for record in records] == FIVE
    assert breaks == []


@pytest.mark.parametrize("text", ["", "[]", '{"status_code": 2000, "data": null}', '{"status_code": 1000}'])
def test_nothing_gives_no_records(text: str, chunk: int) -> None:
    assert cut(text) == ([], [])


@pytest.mark.parametrize(
    ("text", "kept", "place"),
    [
        (TEXT.replace('"C1"', '"C1'), [0, 2, 3, 4], None),
        (TEXT.replace('{"country_code": "BE", "uid": "a\\\\\\"b{"}', '{"uid": "a"', 1), [1, 2, 3, 4], None),
        (TEXT.replace('"C2",', '"C2",,'), [0, 1, 3, 4], None),
        (TEXT[:-40], [0, 1, 2, 3], (1, len(TEXT) - 39)),
        (TEXT.replace("1.5}]}]", "1.5}]", 1), [1, 2, 3, 4], None),
        ("\n".join([LINES[0], '{"id": "x" "y"', LINES[2]]), [0, 2], (2, 12)),
        ("\n".join(['{"id": "x" "y"', LINES[1], LINES[2]]), [1, 2], (1, 12)),
    ],
)
def test_a_broken_record_is_told_and_the_others_stay(
    text: str, kept: list[int], place: tuple[int, int] | None, chunk: int
) -> None:
    records, breaks = cut(text)
    clean = [json.loads(record) for record in records if _is_json(record)]
    assert clean == [FIVE[number] for number in kept]
    assert len(records) == len(kept) + 1, "the broken record is kept as it stands"
    assert len(breaks) == 1
    assert place is None or breaks == [place]


def _is_json(record: bytes) -> bool:
    try:
        json.loads(record)
    except ValueError:
        return False
    return True


def test_a_comma_too_few_or_too_many_costs_no_record(chunk: int) -> None:
    assert len(cut("[" + " ".join(LINES) + "]")[0]) == 5
    assert len(cut("[" + ",".join(LINES) + ",]")[0]) == 5
    assert len(cut("[" + " ".join(LINES) + "]")[1]) == 4


def test_elements_that_are_no_objects_are_records_too(chunk: int) -> None:
    records, breaks = cut(f"[1, {LINES[0]}, null, [2]]")
    assert [json.loads(record) for record in records] == [1, FIVE[0], None, [2]]
    assert breaks == []


def test_a_page_of_html_is_no_json_at_line_one() -> None:
    assert cut("<html>")[1] == [(1, 1)]
    assert cut("[]\n  <html>")[1] == [(2, 3)]


def test_what_the_portal_reads_patiently_is_read_here_as_well() -> None:
    records, breaks = cut(TEXT.replace('"C1"', '"C\n1"'))
    assert [read(record).value["id"] for record in records] == ["C0", "C\n1", "C2", "C3", "C4"]
    assert records[1] == LINES[1].replace('"C1"', '"C\n1"').encode(), "it stays as it was sent"
    assert breaks == []


def test_columns_count_characters_not_bytes() -> None:
    assert cut('\n["é", x]')[1][0] == (2, 2)
    assert cut("[]éé")[1] == [(1, 3)]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(json_values, max_size=6), st.sampled_from([None, 1]))
def test_any_list_comes_back_whole(values: list[Any], indent: int | None) -> None:
    records, breaks = cut(json.dumps(values, indent=indent))
    assert sorted(map(repr, (json.loads(record) for record in records))) == sorted(map(repr, values))
    assert breaks == []


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(TEXT)), st.binary(max_size=6), st.integers(0, 6))
def test_any_damage_is_survived_and_touches_few_records(at: int, put: bytes, cut_out: int) -> None:
    body = TEXT.encode()
    assume(at > 3 or not {0, 0xFE, 0xFF} & set(put))  # that makes it UTF-16, and nothing of it is read
    assume(
        b"[" not in put or at > TEXT.index("{")
    )  # a list opened before the first record makes one record of them all
    records, _ = cut(body[:at] + put + body[at + cut_out :])
    clean = [json.loads(record) for record in records if _is_json(record)]
    assert sum(one in clean for one in FIVE) >= 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [TEXT, LINES[0], json.dumps(FIVE, indent=1)])
def test_another_encoding_is_called_by_its_name(encoding: str, text: str, chunk: int) -> None:
    found = list(runs(io.BytesIO(text.encode(encoding))))
    assert [record for run in found for record in run.records] == []
    (one,) = [one for run in found for one in run.breaks]
    assert (one.line, one.column) == (1, 1)
    assert one.what == f"the text is {encoding[:6].upper()}, and OCPI is UTF-8; save it as UTF-8"


def test_zero_bytes_between_lines_are_told_and_are_no_record(chunk: int) -> None:
    body = "\n".join([*LINES[:2], "\0" * 50, *LINES[2:], "\0" * 9]).encode()
    records, breaks = cut(body)
    assert records == [line.encode() for line in LINES]
    assert breaks == [(3, 1), (7, 1)]


def test_a_line_separator_inside_a_text_is_no_end_of_a_line() -> None:
    lines = [line.replace("Plein 1", "Plein\u2028\u2029\u00851") for line in LINES]
    records, breaks = cut("\n".join(lines).replace("\\u", "\\u"))
    assert (records, breaks) == ([line.encode() for line in lines], [])


def test_bytes_that_are_no_utf_8_stay_where_they_stand() -> None:
    records, breaks = cut(TEXT.encode().replace(b"Plein 1", b"Caf\xe9 1"))
    assert records == [line.encode().replace(b"Plein 1", b"Caf\xe9 1") for line in LINES]
    assert breaks == []


SPOILT = [
    LINES[1].replace('"party_id": "ABC",', '"party_id": "ABC"'),
    LINES[1].replace("1.5}", "01.5}"),
    LINES[1].replace('"id": "C1"', '/* x */ "id": "C1"'),
    LINES[1][:-1] + ",}",
    LINES[1].replace('"id"', "'id'"),
    LINES[1].replace("1.5}", "NaN}"),
    LINES[1].replace("1.5}", "undefined}"),
    LINES[1].replace("1.5}", "[" * 5000 + "]" * 5000 + "}"),
]


@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("others", [0, 2])
@pytest.mark.parametrize("form", ["[{}]", '{{"status_code": 1000, "data": [{}]}}', "{}"])
def test_a_broken_record_is_the_same_record_alone_and_among_others(spoilt: str, others: int, form: str) -> None:
    if form == "{}" and others:
        pytest.skip("one object alone has no others")
    text = form.format(", ".join([*LINES[2 : 2 + others], spoilt, *LINES[4 : 4 + others]]))
    found = [run for run in runs(io.BytesIO(text.encode())) if run.records]
    records = [record for run in found for record in run.records]
    assert spoilt.encode() in records
    assert len(records) == len(set(LINES[2 : 2 + others]) | set(LINES[4 : 4 + others])) + 1
    is_broken = decoded(spoilt.encode()) is None
    told = [run.records[one.record] for run in found for one in run.breaks if one.record is not None]
    assert told == ([spoilt.encode()] if is_broken else [])


def test_the_fast_way_and_the_patient_way_cut_alike(chunk: int) -> None:
    odd = LINES[3].replace('"tariffs": [', '"tariffs": [{"country_code": "NL"}, {"country_code": "NL", "id": "x"}, ')
    lines = [*LINES, odd] * 3
    for between in (",", " ,\n ", ",\r\n"):
        records, breaks = cut("[" + between.join(lines) + "]")
        assert records == [line.encode() for line in lines]
        assert breaks == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    cut(body)
