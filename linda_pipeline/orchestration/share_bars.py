"""The picture beside a delivery: the share of rejected records over its CPO's last deliveries, as a tiny SVG.

Here: numbers into an image that Markdown metadata can carry. The interface shows Markdown in place only below 1,000
characters, so the picture is drawn with few strokes. Not here: the numbers (metadata.py reads them in the ledger).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

SHOWN_IN_PLACE = 1000
_HIGH, _WIDE, _BASE = 60, 22, 78
_ROUND_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def shares_picture(shares: Sequence[tuple[str, float]], title: str) -> str:
    """Bars of shares (0 to 1) by label, the last one in full colour, as a Markdown image of less than 1,000 characters."""
    top = next(one for one in _ROUND_TOPS if one >= min(1.0, max((share for _, share in shares), default=0.0)))
    bars = [
        f"M{number * 30} {_BASE}v-{max(1, round(_HIGH * share / top))}h{_WIDE}V{_BASE}"
        for number, (_, share) in enumerate(shares)
    ]
    width = max(30 * len(shares), 210)
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='95' font-size='11' fill='#555'>"
        f"<text y='10'>{top:.0%}</text><path d='M0 {_BASE - _HIGH}h{width}M0 {_BASE}h{width}' stroke='#bbb'/>"
        f"<path fill='#d9a79b' d='{''.join(bars[:-1])}'/><path fill='#b4442b' d='{bars[-1]}'/>"
        f"<text y='92'>{shares[0][0]}"
        + (f" – {shares[-1][0]}" if len(shares) > 1 else "")
        + f": {shares[-1][1]:.1%}</text></svg>"
    )
    return f"![{title}](data:image/svg+xml,{quote(svg, safe=_SAFE)})"


_SAFE = "/:=;,'.-_"
"""What may stand in the address of a Markdown image as it is."""
