"""The pictures: true to size, what is there is seen, and texts are safe."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from linda_pipeline.report.svg import SMALLEST_PERCENT, BarPart, TrendColumn, stacked_bar, trend_columns, widths_percent

_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(svg: str) -> ET.Element:
    return ET.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@given(st.lists(st.integers(0, 4_000_000), min_size=4, max_size=4))
def test_parts_fill_the_bar_and_what_is_there_is_seen(sizes: list[int]) -> None:
    widths = widths_percent(sizes)
    assert abs(sum(widths) - (100 if any(sizes) else 0)) < 0.01
    for size, width in zip(sizes, widths, strict=True):
        assert width >= SMALLEST_PERCENT - 0.001 if size else width == 0


def test_parts_are_true_to_size_where_they_are_large_enough() -> None:
    assert widths_percent([750, 250, 0, 0]) == [75, 25, 0, 0]


def test_a_bar_tells_its_numbers_as_text_too() -> None:
    parts = [BarPart("accepted", 900, "900"), BarPart("rejected", 100, "100"), BarPart("identical", 0, "0")]
    bar = _drawn(stacked_bar(parts, title="Verdeling", text="Goedgekeurd: 900, afgekeurd: 100.", name="bar"))
    assert bar.get("role") == "img"
    assert bar.get("aria-labelledby") == "bar-title bar-text"
    assert bar.findtext(f"{_SVG}desc") == "Goedgekeurd: 900, afgekeurd: 100."
    assert [rect.get("width") for rect in bar.findall(f"{_SVG}rect")] == ["90.000%", "10.000%"]


def test_a_number_is_written_in_a_part_only_where_it_fits_on_a_phone() -> None:
    parts = [BarPart("accepted", 970, "12.345"), BarPart("rejected", 30, "381")]
    texts = _drawn(stacked_bar(parts, title="", text="", name="bar")).findall(f"{_SVG}text")
    assert [text.text for text in texts] == ["12.345"]


def test_a_text_cannot_break_out_of_a_picture() -> None:
    assert "<script>" not in stacked_bar(
        [BarPart("accepted", 1, "<script>")], title="<script>", text="<script>", name="b"
    )


def test_columns_are_scaled_to_the_highest_and_what_is_unknown_or_nothing_is_not_drawn() -> None:
    columns = [
        TrendColumn(0.05, "5%", "a"),
        TrendColumn(None, "?", "b"),
        TrendColumn(0.0, "0%", "c"),
        TrendColumn(0.1, "10%", "d"),
    ]
    drawn = _drawn(trend_columns(columns, title="Trend", text="5%, 10%.", name="trend"))
    heights = [float(rect.get("height", "")) for rect in drawn.findall(f"{_SVG}rect")]
    assert heights == [heights[1] / 2, heights[1]]
    assert [text.text for text in drawn.findall(f"{_SVG}text")] == ["5%", "a", "?", "b", "0%", "c", "10%", "d"]
