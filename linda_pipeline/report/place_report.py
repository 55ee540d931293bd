"""What a NAL region or a data owner reads: the quality of the deliveries for its charge points, per CPO.

Here: figures by place gathered per reader, as pages (rapport.html, report.html) and as tables (figures.csv, defects.csv).
Not here: where records lie (road.regions). No record, id, value or person stands in any of it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from markupsafe import Markup

from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.explained import text_of
from linda_pipeline.report.report_html import LANGUAGES, TEMPLATES, Words
from linda_pipeline.report.svg import BarPart, stacked_bar

MAX_DEFECTS = 20
_KINDS = {"cdrs": ("cdr",), "locations": ("location",), "evses": ("evse",)}
_BARS = ("accepted", "rejected", "held_back")


@dataclass(frozen=True)
class PlaceFigures:
    """What became of one CPO's records of one kind in one municipality."""

    module: str
    window: date
    complete: bool
    kind: str
    """cdrs, locations or evses."""
    cpo: str
    cpo_name: str
    owner: str | None
    nal_region: str | None
    gemeente: str | None
    """Its code; None where the place cannot be told."""
    accepted: int
    rejected: int
    held_back: int
    rules: Mapping[str, int]
    """Rejected records by rule."""

    @property
    def received(self) -> int:
        """Copies of what was there already are in none of the figures."""
        return self.accepted + self.rejected + self.held_back


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
            _write_figures(place / "figures.csv", mine, names)
            _write_defects(place / "defects.csv", mine, rules)
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
    for number, name in enumerate(_KINDS):
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
                    (rule, text_of(rules.get(f"{_KINDS[name][0]}.{rule}"), "", words) or rule, count)
                    for rule, count in sorted(total.rules.items(), key=lambda item: (-item[1], item[0]))[:MAX_DEFECTS]
                ],
                "defect_kinds": len(total.rules),
            }
        )
    incomplete = sorted({(one.cpo_name, one.window) for one in figures if not one.complete})
    return TEMPLATES.get_template("regions.html").render(
        w=words, l=words.labels, p=words.place_labels, kind=kind, reader=reader, parts=parts, incomplete=incomplete
    )


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


_FIGURES = (
    *("module", "window", "complete", "kind", "cpo", "nal_region", "owner", "gemeente_code", "gemeente"),
    *("received", "accepted", "rejected", "held_back"),
)


def _write_figures(path: Path, figures: Sequence[PlaceFigures], names: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_FIGURES)
        for one in figures:
            place = (one.nal_region, one.owner, one.gemeente, names.get(one.gemeente or ""))
            told = (one.module, one.window, str(one.complete).lower(), one.kind, one.cpo, *place)
            writer.writerow([*told, one.received, one.accepted, one.rejected, one.held_back])


def _write_defects(path: Path, figures: Sequence[PlaceFigures], rules: Mapping[str, Rule]) -> None:
    """Rejected records by CPO and rule; incomplete deliveries are left out."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for one in figures:
        for broken, count in one.rules.items():
            if one.complete:
                counted[one.kind, one.window.isoformat(), one.cpo, broken] += count
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("kind", "window", "cpo", "rule", "rejected", "message_nl", "message_en"))
        for (kind, window, cpo, rule_id), count in sorted(counted.items()):
            known = rules.get(f"{_KINDS[kind][0]}.{rule_id}")
            told = (known.nl, known.en) if known is not None else ("", "")
            writer.writerow((kind, window, cpo, rule_id, count, *told))
