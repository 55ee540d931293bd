"""A CPO's own files judged before delivery: the stations of the road on a lake that is thrown away afterwards.

Here: whose records they are, what cannot be checked without the portal's history, and findings placed by file.
Not here: any verdict; those are the road's own, so that they are the portal's. Nor the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.calendar import local_date, window_of
from linda_pipeline.judging.conservation import conserve
from linda_pipeline.judging.judge_cdrs import judge_cdrs
from linda_pipeline.judging.judge_locations import judge_locations
from linda_pipeline.judging.own_files import BrokenPlaces, FilesPull, FilesUnusable, OwnFile, Shelf, lay_out
from linda_pipeline.ledger.entry import Judgement, read_judgement
from linda_pipeline.ocpi.columns import VERSIONS
from linda_pipeline.ocpi.shape import RECORD_NOT_JSON
from linda_pipeline.quality.profile import BUILT_IN_PROFILES, Profiles
from linda_pipeline.register.cpos import Cpo, Permission
from linda_pipeline.storage.lake import Delivery, Lake

NO_PARTY = "NL-000"
"""Stands for a CPO that is named nowhere."""
_NO_KEY = bytes(32)
"""The pseudonyms of a self-check are never seen: its accepted rows go away with its lake."""
_LONG_AGO = date(1, 1, 1)
_ROWS_AT_ONCE = 1 << 13
"""Rows that are given their place at once: a rejected record may be kilobytes long."""
NEEDS_HISTORY = {
    "cdrs": ("unchanged_since_accepted",),
    "locations": (),
}
"""Rules that look at what the portal received before."""
_WHY_HISTORY = "This needs what the portal accepted before; a self-check does not have it."
_WHY_HISTORY_NL = "Hiervoor is nodig wat het portaal eerder opnam; een eigen controle heeft dat niet."
_WHY_PARTY = "No party was given (--party), so the parties were taken from the records themselves: {}."
_WHY_PARTY_NL = "Er is geen partij opgegeven (--party). De partijen komen daarom uit de records zelf: {}."


@dataclass
class Checked:
    """What a self-check found in the files of one module."""

    parties: tuple[str, ...]
    sources: list[OwnFile]
    judgement: Judgement
    folder: Path
    """Where its report stands, in the lake."""

    @property
    def module(self) -> str:
        """What was judged: cdrs or locations."""
        return self.judgement.delivery.module

    @property
    def rejected(self) -> int:
        """Records and EVSEs that the portal would reject."""
        return sum(counts.rejected for counts in self.judgement.counts.values())


@dataclass
class Table:
    """Everything that was laid out to be judged."""

    folder: Path
    counts_parties: bool = True
    """Whether it is asked whose the records are: not where the CPO says which parties are its own."""
    shelves: dict[str, Shelf] = field(default_factory=dict)
    sources: list[OwnFile] = field(default_factory=list)

    def add(self, stream: BinaryIO, name: str) -> OwnFile:
        """Read one file to its end."""
        source = lay_out(stream, name, self._shelf, self._next_number, counts_parties=self.counts_parties)
        self.sources.append(source)
        return source

    def close(self) -> None:
        """End the reading. Raises FilesUnusable where nothing that can be judged was found."""
        for shelf in self.shelves.values():
            shelf.close()
        if not self.shelves:
            raise FilesUnusable(_nothing_found(self.sources))

    def of(self, module: str) -> list[OwnFile]:
        """The files of a module."""
        return [source for source in self.sources if source.module == module]

    def _shelf(self, module: str) -> Shelf:
        if module not in self.shelves:
            self.shelves[module] = Shelf(self.folder / f"{module}.arrow")
        return self.shelves[module]

    def _next_number(self, module: str) -> int:
        return 1 + len(self.of(module))


def _nothing_found(sources: Iterable[OwnFile]) -> str:
    told = []
    for source in sources:
        first = source.breaks[0] if source.breaks else None
        place = f"; line {first.line}, column {first.column}: {first.what}" if first else ""
        told.append(f"{source.name}: {source.problem}{place}.")
    return "Nothing here can be judged. " + " ".join(told[:5])


def self_check(
    lake: Lake,
    table: Table,
    module: str,
    *,
    moment: datetime,
    version: str | None = None,
    parties: Sequence[str] = (),
    beside: Checked | None = None,
    profiles: Profiles = BUILT_IN_PROFILES,
    on_records: Callable[[int], None] | None = None,
) -> Checked:
    """Judge what lies on the table of one module into the lake.

    `moment` stands for the moment of the pull; what `profiles` has in force on its day (or on the day that it is pinned to)
    judges; `version` is the OCPI version, else it is told from the records; `parties` are the CPO's own, else those that the
    records name; `beside` are Locations that were checked before into the same lake, and that CDRs are held against, as if they
    had stood so all the time. Raises FilesUnusable.
    """
    sources = table.of(module)
    version = version or _version(sources)
    named = tuple(parties) or _parties(sources, version)
    cpo = _cpo(named, parties)
    day = local_date(moment)
    delivery = Delivery(module, cpo.key, window_of(day) if module == "cdrs" else day)
    shelf = table.shelves[module]
    pull = FilesPull(
        folder=table.folder,
        delivery=delivery,
        asked_from=None,
        asked_until=None,
        pulled_at=moment,
        ocpi_version=version,
        versions_url="",
        endpoint="",
        token_encoding="",
        complete=True,
        total_count=None,
        records=shelf.records,
        files=(),
        duration_s=0.0,
        shelf=shelf,
    )
    if module == "cdrs":
        standing = beside.judgement.delivery if beside is not None else None
        judge_cdrs(
            lake,
            cpo,
            pull,
            areas=None,
            key=_NO_KEY,
            profiles=profiles,
            on_records=on_records,
            standing=standing,
            gated=False,
        )
    else:
        judge_locations(lake, cpo, pull, areas=None, profiles=profiles, gated=False)
    conserve(lake, delivery, pull)
    told = _placed_by_file(lake, pull, sources, bool(parties), named)
    return Checked(named, sources, told, lake.report(delivery))


def _version(sources: Sequence[OwnFile]) -> str:
    versions = {source.version: source.name for source in sources}
    if len(versions) > 1:
        told = ", ".join(f"{name} looks like {version}" for version, name in versions.items())
        raise FilesUnusable(f"The files are of different OCPI versions ({told}). Judge them one version at a time.")
    return next(iter(versions))


def _parties(sources: Sequence[OwnFile], version: str) -> tuple[str, ...]:
    """The parties that the records name, the most frequent first. 2.1.1 names none."""
    if version == "2.1.1":
        return ()
    counted: Counter[str] = Counter()
    for source in sources:
        counted.update(source.parties)
    return tuple(party for party, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0])) if is_party(party))


def is_party(text: str) -> bool:
    """Whether a text is a country code and a party id, such as NL-ABC."""
    country, dash, party = text.partition("-")
    return bool(dash) and len(country) == 2 and len(party) == 3 and (country + party).isalnum() and text.isascii()


def _cpo(parties: Sequence[str], given: Sequence[str]) -> Cpo:
    """A CPO that may deliver everything: whether it may is not for a self-check to tell. Without parties given, none is
    registered, and the rule on the owner is not run."""
    return Cpo(
        key=parties[0].upper() if parties else NO_PARTY,
        name=", ".join(parties),
        versions_url="",
        ocpi="newest",
        token_encoding=None,
        parties=tuple(given),
        language="nl",
        nal_regions=(),
        quality_contact=None,
        active=True,
        permissions=(Permission("self-check", "self-check", "cpo", _LONG_AGO),),
    )


def _placed_by_file(
    lake: Lake, pull: FilesPull, sources: Sequence[OwnFile], are_given: bool, parties: Sequence[str]
) -> Judgement:
    """Turn the shelf's pages into files in everything that tells of a record; returns the ledger entry."""
    delivery = pull.delivery
    with lake.transaction() as transaction:
        for bucket in ("findings", "rejected", "held"):
            path = lake.table(bucket, delivery)
            _placed(path, transaction.put(path), pull.shelf, {source.number: source.places for source in sources})
        entry = read_judgement(lake, delivery)
        entry.files = [source.name for source in sources]
        entry.opens_case = False
        entry.tables = {}  # what is placed by file is no longer what was listed
        entry.rules_not_run += _not_run(delivery.module, are_given, parties)
        entry.write(transaction.put(lake.ledger(delivery)))
    return entry


def _not_run(module: str, are_given: bool, parties: Sequence[str]) -> list[dict[str, str]]:
    found = [{"rule": rule, "why": _WHY_HISTORY, "why_nl": _WHY_HISTORY_NL} for rule in NEEDS_HISTORY[module]]
    if not are_given and module == "cdrs":
        named = ", ".join(parties) or "–"
        found.append(
            {
                "rule": "owner_matches_connection",
                "why": _WHY_PARTY.format(named),
                "why_nl": _WHY_PARTY_NL.format(named),
            }
        )
    return found


def _placed(source: Path, target: Path, shelf: Shelf, places: Mapping[int, BrokenPlaces]) -> None:
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as writer:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            table = pa.Table.from_batches([batch])
            page = table["page"].to_numpy()
            known = ~np.isnan(page) if page.dtype.kind == "f" else np.ones(len(page), bool)
            at = np.where(known, page, 1).astype(np.int64) - 1
            position = np.nan_to_num(table["position"].to_numpy()).astype(np.int64) + shelf.first_of[at]
            for name, values in (("page", shelf.file_of[at]), ("position", position)):
                column = pa.array(values, pa.int32(), mask=~known)
                table = table.set_column(table.schema.get_field_index(name), name, column)
            writer.write_table(_in_lines(table, places) if "value" in table.column_names else table)


def _in_lines(findings: pa.Table, places: Mapping[int, BrokenPlaces]) -> pa.Table:
    """Findings with the line and column in the file, and not in the record, where a record is no JSON."""
    broken = pc.indices_nonzero(pc.equal(findings["rule"], RECORD_NOT_JSON)).to_pylist()
    if not broken:
        return findings
    values = findings["value"].to_pylist()
    for row in broken:
        page, position = findings["page"][row].as_py(), findings["position"][row].as_py()
        values[row] = places[page].of(position) or values[row]
    return findings.set_column(findings.schema.get_field_index("value"), "value", pa.array(values, pa.string()))


def check_version(text: str) -> str:
    """An OCPI version that can be judged. Raises FilesUnusable."""
    if text not in VERSIONS:
        raise FilesUnusable(f"OCPI {text} cannot be judged. Give one of {', '.join(VERSIONS)}.")
    return text
