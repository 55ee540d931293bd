"""The picture beside a delivery: the share of rejected records over its CPO's last deliveries, as a small SVG.

Here: numbers into an image that Markdown metadata can carry. Not here: the numbers (metadata.py reads them in the ledger).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 560, 190, 46, 26, 28
_ROUND_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_THIS, _EARLIER, _INK, _LINE = "#b4442b", "#d9a79b", "#3c3c3c", "#d6d6d6"


def shares_picture(shares: Sequence[tuple[str, float]], title: str) -> str:
    """Bars of shares (0 to 1) by label, the last one in full colour, as a Markdown image."""
    text = base64.b64encode(_svg(shares, title).encode()).decode("ascii")
    return f"![{title}](data:image/svg+xml;base64,{text})"


def _svg(shares: Sequence[tuple[str, float]], title: str) -> str:
    top = next(one for one in _ROUND_TOPS if one >= min(1.0, max((share for _, share in shares), default=0.0)))
    tall, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - 8
    slot = wide / max(len(shares), 1)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="8" y="15" fill="{_INK}" font-size="12">{escape(title)}</text>',
    ]
    for part in (0.0, 0.5, 1.0):
        y = TOP + tall * (1 - part)
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>')
        drawn.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{top * part * 100:g} %</text>')
    for number, (label, share) in enumerate(shares):
        x, high = LEFT + slot * number, tall * share / top
        colour = _THIS if number == len(shares) - 1 else _EARLIER
        drawn.append(
            f'<rect x="{x + slot * 0.15:.1f}" y="{TOP + tall - high:.1f}" width="{slot * 0.7:.1f}" height="{high:.1f}" '
            f'fill="{colour}"><title>{escape(label)}: {share:.1%}</title></rect>'
        )
        if len(shares) <= 7 or (len(shares) - 1 - number) % 2 == 0:
            middle = x + slot / 2
            drawn.append(
                f'<text x="{middle:.1f}" y="{HEIGHT - 10}" text-anchor="middle" fill="{_INK}">{escape(label[5:])}</text>'
            )
    return "".join([*drawn, "</svg>"])
