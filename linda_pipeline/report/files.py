"""The files of a report beside its pages and workbook: summary.json, findings.csv, bevindingen.csv and rejected.jsonl.gz.

Here: writing each of them as a stream at flat memory, with the same bytes for the same input. findings.csv is for machines:
every value exactly as it was found. bevindingen.csv is for who opens it in a Dutch spreadsheet. Not here: the pages.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ledger.entry import Judgement
from linda_pipeline.ocpi.nested import elements_of, one_chunk
from linda_pipeline.quality.rules.written import OF_WRITING
from linda_pipeline.report.messages import MESSAGE_COLUMNS, Messages, json_text
from linda_pipeline.report.record_batches import FINDING_COLUMNS, NOWHERE, batches, evse_index, place, whole_records
from linda_pipeline.report.spreadsheet import csv_writer, for_people
from linda_pipeline.report.words_nl import Dutch
from linda_pipeline.storage.lake import Delivery, Lake

CSV_COLUMNS = ("object", "id", "rule", "severity", "path", "value", *MESSAGE_COLUMNS, "page", "position")
DUTCH_COLUMNS = {
    "soort": "object",
    "id": "id",
    "regel": "rule",
    "zwaarte": "severity",
    "pad": "path",
    "gevonden": "value",
    "bevinding": "message_nl",
    "wat u doet": "fix_nl",
    "pagina": "page",
    "positie": "position",
}
"""The columns of bevindingen.csv, and those of findings.csv that they show."""
_IN_DUTCH = {
    "object": {name: Dutch.nouns[name].one for name in ("cdr", "location", "evse", "delivery")},
    "severity": {severity: word.lower() for severity, word in Dutch.severities.items()},
}
_FOREIGN = ("id", "path", "value", "message_nl")
"""What a CPO wrote, or what repeats it."""
_NUMBERS = ("page", "position", "pagina", "positie")
_CSV_ROWS = 1 << 15
_REJECTED_ROWS = 4096
_REJECTED_COLUMNS = ("object", "id", "page", "position", "index", "rules", "record")
OWNER_ONLY = 0o600


def write_summary(path: Path, judgement: Judgement) -> None:
    """Write summary.json."""
    path.write_text(json.dumps(judgement.summary(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_findings(path: Path, dutch_path: Path, lake: Lake, delivery: Delivery, messages: Messages) -> None:
    """Write every finding twice: findings.csv for machines and, in Dutch, bevindingen.csv for people."""
    exact, dutch = _schema(CSV_COLUMNS), _schema(DUTCH_COLUMNS)
    with csv_writer(path, exact) as for_machines, csv_writer(dutch_path, dutch, delimiter=";") as for_readers:
        for table in batches(lake.table("findings", delivery), FINDING_COLUMNS, _CSV_ROWS):
            sentences = messages.of(table["object"], table["rule"], table["value"])
            columns = {name: table[name] for name in FINDING_COLUMNS} | sentences
            for_machines.write_table(pa.table({name: columns[name] for name in CSV_COLUMNS}, schema=exact))
            for name, words in _IN_DUTCH.items():
                columns[name] = _translated(columns[name], words)
            for name in _FOREIGN:
                columns[name] = for_people(columns[name])
            for_readers.write_table(pa.table([columns[name] for name in DUTCH_COLUMNS.values()], schema=dutch))


def _schema(names: Iterable[str]) -> pa.Schema:
    return pa.schema([(name, pa.int64() if name in _NUMBERS else pa.string()) for name in names])


def _translated(words: Any, dutch: Mapping[str, str]) -> Any:
    """Words out of a small fixed set in Dutch; one that is not in it stays as it is."""
    known = pc.index_in(words, value_set=pa.array(dutch.keys(), pa.string()))
    return pc.coalesce(pa.array(dutch.values(), pa.string()).take(known), words)


def write_rejected(path: Path, lake: Lake, delivery: Delivery, messages: Messages) -> None:
    """Write rejected.jsonl.gz: every rejected record as received, on one line, with its findings. Its owner alone reads it."""
    findings = _Cursor(whole_records(batches(lake.table("findings", delivery), FINDING_COLUMNS, _CSV_ROWS)))
    path.touch(OWNER_ONLY)
    path.chmod(OWNER_ONLY)
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as out:
        tables = batches(lake.table("rejected", delivery), _REJECTED_COLUMNS, _REJECTED_ROWS)
        for table in whole_records(tables):
            out.write(_bytes_of(_lines(table, findings.until(int(place(table)[-1])), messages)))


class _Cursor:
    """The findings in order, handed out up to a place."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._waiting: list[pa.Table] = []
        self._read = -1

    def until(self, last: int) -> pa.Table | None:
        """The findings not handed out yet of all records up to and including the one at a place; None where none is."""
        while self._read <= last:
            table = next(self._tables, None)
            if table is None:
                self._read = NOWHERE
                break
            self._waiting.append(table)
            self._read = int(place(table)[-1])
        if not self._waiting:
            return None
        table = pa.concat_tables(self._waiting).combine_chunks()
        cut = int(np.searchsorted(place(table), last, side="right"))
        self._waiting = [table.slice(cut)] if cut < table.num_rows else []
        return table.slice(0, cut)


def _lines(rejected: pa.Table, findings: pa.Table | None, messages: Messages) -> Any:
    """One line of JSON per rejected record."""
    rejected = rejected.combine_chunks()
    listed = _findings_of(rejected, findings, messages) if findings is not None else None
    parts = [
        '{"object":',
        json_text(rejected["object"]),
        ',"id":',
        pc.fill_null(json_text(rejected["id"]), "null"),
        ',"page":',
        rejected["page"].cast(pa.string()),
        ',"position":',
        rejected["position"].cast(pa.string()),
        ',"findings":[',
        listed if listed is not None else "",
        '],"record":',
        _embedded(rejected["record"], rejected["rules"]),
        "}\n",
    ]
    return pc.binary_join_element_wise(*parts, "")


def _embedded(records: Any, rules: Any) -> Any:
    """Records as received, each on one line: as they are where they are JSON, else as one JSON text.

    Line breaks between fields become blanks. Only what could break a line of JSON is looked at one by one: what was refused for
    how it is written, and what holds a control character, bytes that are no UTF-8 or a number that JSON does not have.
    """
    records, rules = one_chunk(records), one_chunk(rules)
    suspect = one_chunk(pc.match_substring_regex(records, r"[\x00-\x1f\x7f]|\\x|\bNaN\b|\bInfinity\b"))
    suspect = suspect.to_numpy(zero_copy_only=False).copy()
    names, rows, _ = elements_of(rules)
    suspect[rows.filter(pc.is_in(names, value_set=pa.array(OF_WRITING))).to_numpy()] = True
    if not suspect.any():
        return records
    mended = [_on_one_line(record) for record in records.filter(pa.array(suspect)).to_pylist()]
    return pc.replace_with_mask(records, pa.array(suspect), pa.array(mended, pa.string()))


def _on_one_line(record: str) -> str:
    try:
        json.loads(record, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return json.dumps(record, ensure_ascii=False)
    return record.replace("\r", " ").replace("\n", " ").replace("\t", " ")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _findings_of(rejected: pa.Table, findings: pa.Table, messages: Messages) -> Any:
    """Per rejected record its findings as JSON, joined by commas.

    A finding on an EVSE belongs to that EVSE where it was rejected alone, else to its Location where that was rejected.
    """
    places, rank = np.unique(place(rejected), return_inverse=True)
    key = _key(rank, pc.fill_null(rejected["index"], -1))
    order = np.argsort(key, kind="stable")
    found_at = place(findings)
    rank = np.minimum(np.searchsorted(places, found_at), len(places) - 1)
    here = places[rank] == found_at
    own = _position(key, order, _key(rank, evse_index(findings["object"], findings["path"])))
    whole = _position(key, order, _key(rank, np.full(findings.num_rows, -1)))
    owner = np.where(here, np.where(own >= 0, own, whole), -1)
    kept = np.flatnonzero(owner >= 0)
    owner = owner[kept]
    by_owner = np.argsort(owner, kind="stable")
    texts = _finding_texts(findings.take(pa.array(kept[by_owner])), messages)
    counts = np.bincount(owner, minlength=rejected.num_rows)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ",")


def _key(rank: Any, index: Any) -> Any:
    """One number for the record at the place of a rank and, within it, the EVSE of an index (-1: the record itself)."""
    return rank.astype(np.int64) << 31 | np.asarray(index, dtype=np.int64) + 1


def _position(keys: Any, order: Any, wanted: Any) -> Any:
    """The row at which each wanted key stands among keys (`order` sorts them); -1 where it is not among them."""
    at = order[np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)]
    return np.where(keys[at] == wanted, at, -1)


def _finding_texts(findings: pa.Table, messages: Messages) -> Any:
    """Each finding as a JSON object; `value` only where something was found."""
    made = messages.of(findings["object"], findings["rule"], findings["value"])
    value = pc.fill_null(pc.binary_join_element_wise(',"value":', json_text(findings["value"]), ""), "")
    parts: list[Any] = [
        '{"rule":',
        json_text(findings["rule"]),
        ',"severity":',
        json_text(findings["severity"]),
        ',"path":',
        pc.fill_null(json_text(findings["path"]), "null"),
        value,
    ]
    for name in MESSAGE_COLUMNS:
        parts += [f',"{name}":', json_text(made[name])]
    joined = pc.binary_join_element_wise(*parts, "}", "")
    return pa.concat_arrays(joined.chunks) if joined.num_chunks else pa.array([], pa.string())


def _bytes_of(lines: Any) -> bytes:
    """The texts of a column one after the other."""
    return b"".join(_chunk_bytes(chunk) for chunk in (lines.chunks if isinstance(lines, pa.ChunkedArray) else [lines]))


def _chunk_bytes(lines: Any) -> bytes:
    if len(lines) == 0:
        return b""
    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), "")
    return bytes(whole[0].as_buffer())
