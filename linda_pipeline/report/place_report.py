"""What a NAL region or a data owner reads: the quality of the deliveries for its charge points, per CPO.

Here: figures by place gathered per reader, as pages (rapport.html, report.html). Not here: the same as tables
(place_tables.py), and where records lie (judging.by_place). No record, id, value or person stands in any of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from markupsafe import Markup

from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.quality.rule import Rule
from linda_pipeline.register.cpos import slug
from linda_pipeline.report.explained import Words, sentence_of
from linda_pipeline.report.place_tables import KINDS, write_place_tables
from linda_pipeline.report.report_html import LANGUAGES
from linda_pipeline.report.svg import BarPart, stacked_bar
from linda_pipeline.report.templating import template

MAX_DEFECTS = 20
MAX_LINES = 12
"""Lines of a table that are shown at once; a longer table unfolds on demand."""
_BARS = ("accepted", "rejected", "held_back")


@dataclass(frozen=True)
class PlacePart:
    """What the page tells of CDRs, of Locations or of charge points."""

    kind: str
    windows: list[date]
    total: PlaceSum
    bar: Markup
    tables: list[tuple[str, list[PlaceSum]]]
    """Heading, and lines."""
    defects: list[tuple[str, str, int]]
    """The most frequent ones: rule, sentence, and rejected records."""


@dataclass
class PlaceSum:
    """Several figures added up."""

    name: str
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    held_back: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, figures: PlaceFigures) -> None:
        """Add the figures of one CPO in one municipality."""
        self.received += figures.received
        self.accepted += figures.accepted
        self.rejected += figures.rejected
        self.held_back += figures.held_back
        self.rules.update(figures.rules)


def write_regions(
    folder: Path, figures: Sequence[PlaceFigures], rules: Mapping[str, Rule], names: Mapping[str, str]
) -> list[Path]:
    """Write a folder per NAL region and per data owner; `names` are the municipalities' by code. Says which were written."""
    written = []
    for kind, prefix, reader_of in (("region", "nal-regio", _region), ("owner", "eigenaar", _owner)):
        for reader in sorted({name for row in figures if (name := reader_of(row)) is not None}):
            mine = [row for row in figures if reader_of(row) == reader]
            place = folder / f"{prefix}-{slug(reader)}"
            place.mkdir(parents=True, exist_ok=True)
            for words in LANGUAGES:
                (place / words.file).write_text(_html(kind, reader, mine, rules, names, words), encoding="utf-8")
            write_place_tables(place, mine, rules, names)
            written.append(place)
    return written


def _region(row: PlaceFigures) -> str | None:
    return row.nal_region


def _owner(row: PlaceFigures) -> str | None:
    return row.owner


def gathered(figures: Iterable[PlaceFigures], name_of: Callable[[PlaceFigures], str]) -> list[PlaceSum]:
    """Figures added up by a name, what has most rejected first."""
    sums: dict[str, PlaceSum] = {}
    for row in figures:
        sums.setdefault(name_of(row), PlaceSum(name_of(row))).add(row)
    return sorted(sums.values(), key=lambda line: (-line.rejected, -line.received, line.name))


def _html(
    kind: str,
    reader: str,
    figures: Sequence[PlaceFigures],
    rules: Mapping[str, Rule],
    names: Mapping[str, str],
    words: Words,
) -> str:
    """The page of one reader. An incomplete delivery is named, and none of its figures is counted."""
    parts = []
    for name in KINDS:
        rows = [row for row in figures if row.complete and row.kind == name]
        if rows:
            parts.append(_part(kind, name, rows, rules, names, words))
    incomplete = sorted({(row.cpo_name, row.window) for row in figures if not row.complete})
    return template("regions.html").render(
        w=words,
        l=words.labels,
        p=words.place_labels,
        kind=kind,
        reader=reader,
        parts=parts,
        incomplete=incomplete,
        max_lines=MAX_LINES,
    )


def _part(
    kind: str,
    name: str,
    rows: Sequence[PlaceFigures],
    rules: Mapping[str, Rule],
    names: Mapping[str, str],
    words: Words,
) -> PlacePart:
    total = gathered(rows, lambda _: "")[0]
    labels = words.place_labels
    frequent = sorted(total.rules.items(), key=lambda item: (-item[1], item[0]))[:MAX_DEFECTS]
    return PlacePart(
        kind=name,
        windows=sorted({row.window for row in rows}),
        total=total,
        bar=_bar(total, name, words),
        tables=[
            (labels["cpo"], gathered(rows, lambda row: f"{row.cpo_name} ({row.cpo})")),
            (labels["owner" if kind == "region" else "region"], gathered(rows, lambda row: _other(kind, row, words))),
            (labels["gemeente"], gathered(rows, lambda row: _gemeente(row, names, words))),
        ],
        defects=[(rule, _sentence(f"{KINDS[name]}.{rule}", rules, words), count) for rule, count in frequent],
    )


def _sentence(key: str, rules: Mapping[str, Rule], words: Words) -> str:
    rule = rules.get(key)
    return sentence_of(rule, words) if rule is not None else key.partition(".")[2]


def _other(kind: str, row: PlaceFigures, words: Words) -> str:
    """For a region the data owner, for a data owner the region."""
    if kind == "region":
        return row.owner or words.place_labels["no_owner"]
    return row.nal_region or words.place_labels["unknown"]


def _gemeente(row: PlaceFigures, names: Mapping[str, str], words: Words) -> str:
    if row.gemeente is None:
        return words.place_labels["unknown"]
    return names.get(row.gemeente, row.gemeente)


def _bar(total: PlaceSum, kind: str, words: Words) -> Markup:
    counts = {"accepted": total.accepted, "rejected": total.rejected, "held_back": total.held_back}
    parts = [BarPart(bucket, counts[bucket], words.number(counts[bucket])) for bucket in _BARS]
    text = ", ".join(f"{words.buckets[part.name]}: {part.label}" for part in parts)
    return stacked_bar(parts, title=words.bar_title(kind, total.received), text=f"{text}.", name=f"bar-{kind}")
