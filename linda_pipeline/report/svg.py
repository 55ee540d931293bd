"""The pictures of a report as SVG that stands within the page: pure functions of numbers.

Here: the bar of buckets and the columns of a trend. Texts inside a picture keep their size on every screen: widths are
percentages and there is no view box. Not here: the figures and the sentences; the page says in words what a picture shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

BAR_HEIGHT = 44
TREND_TOP, TREND_HEIGHT = 22, 90
FEWEST_SLOTS = 5
"""Two columns side by side are not drawn as wide as two halves."""
SMALLEST_PERCENT = 0.8
"""What is there stays visible: no part is drawn narrower than this."""
_PHONE_BAR = 330
_DIGIT = 9.0
_ROOM = 14.0


@dataclass(frozen=True)
class BarPart:
    """One part of a stacked bar: its CSS class, its size, and the number written in it where it fits."""

    name: str
    size: int
    label: str


def widths_percent(sizes: Sequence[int]) -> list[float]:
    """The widths of parts in percent, adding up to 100: true to size, but a part that is not empty stays visible."""
    total = sum(sizes)
    if total == 0:
        return [0.0 for _ in sizes]
    raised = [max(100 * size / total, SMALLEST_PERCENT) if size else 0.0 for size in sizes]
    largest = max(range(len(sizes)), key=lambda number: sizes[number])
    raised[largest] -= sum(raised) - 100
    return [round(width, 3) for width in raised]


def stacked_bar(parts: Sequence[BarPart], *, title: str, text: str, name: str) -> Markup:
    """A bar divided into parts. `title` and `text` are its alternative for who cannot see it; `name` makes ids unique."""
    drawn, left = [], 0.0
    for part, width in zip(parts, widths_percent([part.size for part in parts]), strict=True):
        if not width:
            continue
        drawn.append(
            Markup('<rect class="part-{}" x="{}%" y="0" width="{}%" height="{}"/>').format(
                part.name, f"{left:.3f}", f"{width:.3f}", BAR_HEIGHT
            )
        )
        if width / 100 * _PHONE_BAR >= _DIGIT * len(part.label) + _ROOM:
            drawn.append(
                Markup('<text class="on-{}" x="{}%" y="{}" text-anchor="middle">{}</text>').format(
                    part.name, f"{left + width / 2:.3f}", BAR_HEIGHT // 2 + 6, part.label
                )
            )
        left += width
        if left < 99.99:
            drawn.append(
                Markup('<line class="gap" x1="{0}%" x2="{0}%" y1="0" y2="{1}"/>').format(f"{left:.3f}", BAR_HEIGHT)
            )
    return Markup(
        '<svg class="bar" role="img" aria-labelledby="{name}-title {name}-text" width="100%" height="{height}">'
        '<title id="{name}-title">{title}</title><desc id="{name}-text">{text}</desc>{drawn}</svg>'
    ).format(name=name, height=BAR_HEIGHT, title=title, text=text, drawn=Markup("").join(drawn))


@dataclass(frozen=True)
class TrendColumn:
    """One column of a trend: how high (0 to 1, None: nothing to show), what stands above it, and below it."""

    height: float | None
    above: str
    below: str
    is_last: bool = False


def trend_columns(columns: Sequence[TrendColumn], *, title: str, text: str, name: str) -> Markup:
    """Columns side by side, scaled to the highest, each with its figure above and its date below."""
    highest = max((column.height or 0.0 for column in columns), default=0.0) or 1.0
    width = 100 / max(len(columns), FEWEST_SLOTS)
    drawn = []
    for number, column in enumerate(columns):
        middle = (number + 0.5) * width
        tall = round(TREND_HEIGHT * (column.height or 0.0) / highest, 1)
        top = TREND_TOP + TREND_HEIGHT - tall
        kind = "trend-none" if column.height is None else "trend-now" if column.is_last else "trend-then"
        if column.height:
            drawn.append(
                Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                    kind, f"{middle - width * 0.3:.3f}", top, f"{width * 0.6:.3f}", tall
                )
            )
        for y, label in ((top - 6, column.above), (TREND_TOP + TREND_HEIGHT + 18, column.below)):
            drawn.append(
                Markup('<text class="{}" x="{}%" y="{}" text-anchor="middle">{}</text>').format(
                    kind, f"{middle:.3f}", round(y, 1), label
                )
            )
    return Markup(
        '<svg class="trend" role="img" aria-labelledby="{name}-title {name}-text" width="100%" height="{height}">'
        '<title id="{name}-title">{title}</title><desc id="{name}-text">{text}</desc>{drawn}'
        '<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/></svg>'
    ).format(
        name=name,
        height=TREND_TOP + TREND_HEIGHT + 26,
        title=title,
        text=text,
        drawn=Markup("").join(drawn),
        base=TREND_TOP + TREND_HEIGHT,
    )
