"""The pictures of a report as SVG that stands within the page: pure functions of numbers.

Here: the bar of buckets, a rule's share. Texts inside a picture keep their size on every screen: widths are percentages
and there is no view box. Not here: the figures and the sentences; what a picture shows is always told beside it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

BAR_HEIGHT = 44
SHARE_HEIGHT = 10
SMALLEST_PERCENT = 0.8
"""What is there stays visible: no part is drawn narrower than this."""
_PHONE_BAR = 330
_DIGIT = 9.0
_ROOM = 14.0


@dataclass(frozen=True)
class Part:
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


def stacked_bar(parts: Sequence[Part], *, title: str, text: str, name: str) -> Markup:
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


def share_bar(part: int, whole: int) -> Markup:
    """A small bar that shows a part of a whole; it is hidden from screen readers, for the number stands beside it."""
    share = 100 * part / whole if whole else 0.0
    width = min(max(share, SMALLEST_PERCENT), 100.0) if part else 0.0
    return Markup(
        '<svg class="share" aria-hidden="true" width="100%" height="{0}">'
        '<rect class="share-whole" width="100%" height="{0}"/>'
        '<rect class="share-part" width="{1}%" height="{0}"/></svg>'
    ).format(SHARE_HEIGHT, f"{width:.3f}")
