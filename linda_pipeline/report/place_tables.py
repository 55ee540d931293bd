"""What became of records per place, as figures and as tables: for machines with commas, for people in Dutch with semicolons.

Here: figures.csv and defects.csv, aantallen.csv and afkeuringen.csv. Not here: the figures themselves (ledger.place_figures,
counted by judging.by_place) and the page made of the same (place_report.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from linda_pipeline.ledger.place_figures import PlaceFigures
from linda_pipeline.quality.rule import Rule
from linda_pipeline.report.spreadsheet import write_dutch_csv
from linda_pipeline.report.words_nl import Dutch

KINDS = {"cdrs": "cdr", "locations": "location", "evses": "evse"}
"""What is counted, and the object that its rules judge."""


_FIGURES = (
    *("module", "window", "complete", "kind", "cpo", "nal_region", "owner", "gemeente_code", "gemeente"),
    *("received", "accepted", "rejected", "held_back"),
)
_AANTALLEN = (
    *(
        "soort",
        "levering",
        "compleet",
        "cpo",
        "naam van de cpo",
        "nal-regio",
        "data-eigenaar",
        "gemeentecode",
        "gemeente",
    ),
    *("aangeleverd", "goedgekeurd", "afgekeurd", "nog niet opgenomen"),
)
_DEFECTS = ("kind", "window", "cpo", "rule", "rejected", "message_nl", "message_en")
_AFKEURINGEN = ("soort", "levering", "cpo", "naam van de cpo", "regel", "afgekeurd", "uitleg", "wat de cpo doet")


def write_place_tables(
    folder: Path, figures: Sequence[PlaceFigures], rules: Mapping[str, Rule], names: Mapping[str, str]
) -> None:
    """Write the four tables of a reader into its folder; `names` are the municipalities' by code."""
    _write_exact(folder / "figures.csv", _FIGURES, (_figures_row(row, names) for row in figures))
    write_dutch_csv(folder / "aantallen.csv", _AANTALLEN, [_aantallen_row(row, names) for row in figures])
    counted = _rejected_by_rule(figures)
    cpo_names = {row.cpo: row.cpo_name for row in figures}
    _write_exact(folder / "defects.csv", _DEFECTS, (_defects_row(*key, count, rules) for key, count in counted))
    write_dutch_csv(
        folder / "afkeuringen.csv",
        _AFKEURINGEN,
        [_afkeuringen_row(*key, count, rules, cpo_names) for key, count in counted],
    )


def _write_exact(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _counts(row: PlaceFigures) -> tuple[int, int, int, int]:
    return row.received, row.accepted, row.rejected, row.held_back


def _figures_row(row: PlaceFigures, names: Mapping[str, str]) -> tuple[object, ...]:
    place = (row.nal_region, row.owner, row.gemeente, names.get(row.gemeente or ""))
    return (row.module, row.window, str(row.complete).lower(), row.kind, row.cpo, *place, *_counts(row))


def _aantallen_row(row: PlaceFigures, names: Mapping[str, str]) -> tuple[str | int, ...]:
    place = (row.nal_region or "", row.owner or "", row.gemeente or "", names.get(row.gemeente or "", ""))
    delivery = (Dutch.nouns[row.kind].many, row.window.isoformat(), "ja" if row.complete else "nee")
    return (*delivery, row.cpo, row.cpo_name, *place, *_counts(row))


def _rejected_by_rule(figures: Iterable[PlaceFigures]) -> list[tuple[tuple[str, str, str, str], int]]:
    """Rejected records by kind, window, CPO and rule, in order; incomplete deliveries are left out."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for row in figures:
        for rule_id, count in row.rules.items():
            if row.complete:
                counted[row.kind, row.window.isoformat(), row.cpo, rule_id] += count
    return sorted(counted.items())


def _defects_row(
    kind: str, window: str, cpo: str, rule_id: str, count: int, rules: Mapping[str, Rule]
) -> tuple[object, ...]:
    rule = rules.get(f"{KINDS[kind]}.{rule_id}")
    return (kind, window, cpo, rule_id, count, *((rule.nl, rule.en) if rule is not None else ("", "")))


def _afkeuringen_row(
    kind: str, window: str, cpo: str, rule_id: str, count: int, rules: Mapping[str, Rule], cpo_names: Mapping[str, str]
) -> tuple[str | int, ...]:
    rule = rules.get(f"{KINDS[kind]}.{rule_id}")
    texts = (rule.nl, rule.fix_nl) if rule is not None else ("", "")
    return (Dutch.nouns[kind].many, window, cpo, cpo_names[cpo], rule_id, count, *texts)
