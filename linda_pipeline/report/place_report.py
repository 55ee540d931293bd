"""What a NAL region or a data owner reads: the quality of the deliveries for its charge points, per CPO.

Here: figures by place gathered per reader, as pages (rapport.html, report.html). Not here: the same as tables
(place_tables.py), and where records lie (judging.by_place). No record, id, value or person stands in any of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.explained import Words, sentence_of
from linda_pipeline.report.place_tables import KINDS, write_place_tables
from linda_pipeline.report.report_html import LANGUAGES, template
from linda_pipeline.report.svg import BarPart, stacked_bar

MAX_DEFECTS = 20
_BARS = ("accepted", "rejected", "held_back")


@dataclass
class PlaceSum:
    """Several figures added up."""

    name: str
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    held_back: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, one: PlaceFigures) -> None:
        """Add figures."""
        self.received += one.received
        self.accepted += one.accepted
        self.rejected += one.rejected
        self.held_back += one.held_back
        self.rules.update(one.rules)


def write_regions(
    folder: Path, figures: Sequence[PlaceFigures], rules: Mapping[str, Rule], names: Mapping[str, str]
) -> list[Path]:
    """Write a folder per NAL region and per data owner; `names` are the municipalities' by code. Says which were written."""
    written = []
    readers: list[tuple[str, str, Callable[[PlaceFigures], str | None]]] = [
        ("region", "nal-regio", lambda one: one.nal_region),
        ("owner", "eigenaar", lambda one: one.owner),
    ]
    for kind, prefix, of in readers:
        for reader in sorted({name for one in figures if (name := of(one)) is not None}):
            mine = [one for one in figures if of(one) == reader]
            place = folder / f"{prefix}-{slug(reader)}"
            place.mkdir(parents=True, exist_ok=True)
            for words in LANGUAGES:
                (place / words.file).write_text(_html(kind, reader, mine, rules, names, words), encoding="utf-8")
            write_place_tables(place, mine, rules, names)
            written.append(place)
    return written


def slug(name: str) -> str:
    """A name as it stands in a path: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "x"


def gathered(figures: Iterable[PlaceFigures], name_of: Callable[[PlaceFigures], str]) -> list[PlaceSum]:
    """Figures added up by a name, what has most rejected first."""
    lines: dict[str, PlaceSum] = {}
    for one in figures:
        lines.setdefault(name_of(one), PlaceSum(name_of(one))).add(one)
    return sorted(lines.values(), key=lambda line: (-line.rejected, -line.received, line.name))


def _html(
    kind: str,
    reader: str,
    figures: Sequence[PlaceFigures],
    rules: Mapping[str, Rule],
    names: Mapping[str, str],
    words: Words,
) -> str:
    """The page of one reader. An incomplete delivery is named, and none of its figures is counted."""
    counted = [one for one in figures if one.complete]
    parts = []
    for number, name in enumerate(KINDS):
        mine = [one for one in counted if one.kind == name]
        if not mine:
            continue
        total = gathered(mine, lambda _: "")[0]
        parts.append(
            {
                "kind": name,
                "windows": sorted({one.window for one in mine}),
                "total": total,
                "bar": _bar(total, name, f"bar-{number}", words),
                "tables": [
                    (words.place_labels["cpo"], gathered(mine, lambda one: f"{one.cpo_name} ({one.cpo})")),
                    (
                        words.place_labels["owner" if kind == "region" else "region"],
                        gathered(mine, lambda one: _other(kind, one, words)),
                    ),
                    (words.place_labels["gemeente"], gathered(mine, lambda one: _gemeente(one, names, words))),
                ],
                "defects": [
                    (rule, _sentence(f"{KINDS[name]}.{rule}", rules, words), count)
                    for rule, count in sorted(total.rules.items(), key=lambda item: (-item[1], item[0]))[:MAX_DEFECTS]
                ],
                "defect_kinds": len(total.rules),
            }
        )
    incomplete = sorted({(one.cpo_name, one.window) for one in figures if not one.complete})
    return template("regions.html").render(
        w=words, l=words.labels, p=words.place_labels, kind=kind, reader=reader, parts=parts, incomplete=incomplete
    )


def _sentence(key: str, rules: Mapping[str, Rule], words: Words) -> str:
    rule = rules.get(key)
    return sentence_of(rule, words) if rule is not None else key.partition(".")[2]


def _other(kind: str, one: PlaceFigures, words: Words) -> str:
    if kind == "region":
        return one.owner or words.place_labels["no_owner"]
    return one.nal_region or words.place_labels["unknown"]


def _gemeente(one: PlaceFigures, names: Mapping[str, str], words: Words) -> str:
    if one.gemeente is None:
        return words.place_labels["unknown"]
    return names.get(one.gemeente, one.gemeente)


def _bar(total: PlaceSum, kind: str, name: str, words: Words) -> Markup:
    counts = {"accepted": total.accepted, "rejected": total.rejected, "held_back": total.held_back}
    parts = [BarPart(bucket, counts[bucket], words.number(counts[bucket])) for bucket in _BARS]
    text = ", ".join(f"{words.buckets[part.name]}: {part.label}" for part in parts)
    return stacked_bar(parts, title=words.bar_title(kind, total.received), text=f"{text}.", name=name)
