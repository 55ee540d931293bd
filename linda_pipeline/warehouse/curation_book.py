"""What the curated files of a CPO were made of, so that they are made again only where that changed.

Here: the note of one CPO and module, and whether it still holds. Not here: the curating. As in the book of months (months.py)
a file is known again by its size and the moment at which it was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.transaction import Transaction
from linda_pipeline.warehouse.months import digest, known_by


@dataclass
class CurationNote:
    """How a CPO was curated last."""

    how: str = ""
    """Of the areas, and of the way in which it is done."""
    deliveries: dict[str, str] = field(default_factory=dict)
    """Window or night -> what was accepted of it, and its judgement."""
    months: dict[str, str] = field(default_factory=dict)
    """Month -> a sum over the rows that its file holds; for CDRs alone."""
    counts: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Each file that was made, from the lake on, and by what it is known."""

    def made_like(self, other: CurationNote, lake: Lake) -> bool:
        """Whether nothing that this one is made of differs from what another was made of, and its files stand."""
        return (self.how, self.deliveries) == (other.how, other.deliveries) and other.stands(lake)

    def stands(self, lake: Lake, only: Sequence[str] | None = None) -> bool:
        """Whether the files that were made, or those of some of them, are those that stand."""
        chosen = self.files if only is None else {name: self.files.get(name, "") for name in only}
        return all(known and known == known_by(lake.root / name) for name, known in chosen.items())


def accepted_now(lake: Lake, deliveries: Sequence[Delivery], names: Sequence[str]) -> dict[str, str]:
    """Each delivery, and by what its accepted tables and its judgement are known."""
    return {
        str(one.window): digest(
            [known_by(lake.ledger(one)), *(known_by(lake.table("accepted", one, name)) for name in names)]
        )
        for one in deliveries
    }


def read_note(lake: Lake, module: str, cpo: str) -> CurationNote:
    """The note of a CPO; an empty one where there is none that can be read."""
    try:
        return CurationNote(**json.loads(lake.curation(module, cpo).read_bytes()))
    except (OSError, ValueError, TypeError):
        return CurationNote()


def put_note(
    lake: Lake, transaction: Transaction, module: str, cpo: str, note: CurationNote, placed: Mapping[Path, Path]
) -> None:
    """Write the note with the commit. `placed`: each file of the CPO, and where it lies now."""
    note.files = {str(target.relative_to(lake.root)): known_by(path) for target, path in sorted(placed.items())}
    transaction.put(lake.curation(module, cpo)).write_text(json.dumps(asdict(note), indent=1) + "\n", encoding="utf-8")


def forget_all_but(lake: Lake, module: str, cpos: Sequence[str]) -> list[str]:
    """Take away what is curated of CPOs that no judged delivery is of any more; says of which."""
    tables = ("cdrs",) if module == "cdrs" else ("locations", "evses")
    folders = [path for table in tables for path in sorted((lake.root / "curated" / table).glob("cpo=*"))]
    gone = [path for path in folders if path.name.removeprefix("cpo=") not in cpos]
    found = [file for folder in gone for file in folder.rglob("*.parquet")]
    if found:
        with lake.transaction() as transaction:
            for file in found:
                transaction.remove(file)
            for folder in gone:
                transaction.remove(lake.curation(module, folder.name.removeprefix("cpo=")))
    return sorted({file.relative_to(lake.root / "curated").parts[1].removeprefix("cpo=") for file in found})
