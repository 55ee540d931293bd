"""What a judgement leaves to be followed: which refused records are to come again, and which of earlier ones have come.

Here: the file that a judgement's commit carries, named by the judgement's hash, which waits in the lake until the register has
taken it in; and what of the judged tables mends what was refused before. Not here: the cases that are made of it (cases).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from linda_pipeline.ocpi.nested import one_chunk
from linda_pipeline.ocpi.record_keys import cdr_keys, evse_names, location_keys
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import TableUnreadable, opened, read_table

REFUSED = pa.schema(
    [
        ("object", pa.string()),
        ("identity", pa.string()),
        ("id", pa.string()),
        ("nal_region", pa.string()),
        ("rules", pa.list_(pa.string())),
    ]
)
"""The records that their CPO is asked to deliver again. `identity` is null where a record has no id to be followed by."""
_ACCEPTED = ["country_code", "party_id", "cdr_id", "credit", "credit_reference_id"]
_BATCH = 1 << 17


@dataclass(frozen=True)
class FollowUp:
    """A judgement that the register has not taken in yet."""

    path: Path
    delivery: Delivery
    judgement: str
    """SHA-256 of its ledger entry."""
    pull: str
    pulled_at: datetime
    complete: bool
    is_standing: bool
    """Whether it is the judgement that stands; a later one of the same delivery may have taken its place already."""
    refused: pa.Table
    """What is to come again, as REFUSED."""

    def done(self) -> None:
        """It was taken in."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class MadeGood:
    """What of a standing judgement mends what was refused before."""

    identities: Any
    """Of records that were accepted; of EVSEs also those whose Location alone was refused."""
    credited: Any
    """Of CDRs that an accepted credit takes back."""


def schema_of(pull: str, pulled_at: datetime, complete: bool) -> pa.Schema:
    """The schema of the file, with what it has to say of the delivery as a whole."""
    told = {"pull": pull, "pulled_at": pulled_at.isoformat(), "complete": "yes" if complete else "no"}
    return REFUSED.with_metadata(told)


def hash_of(entry: Path) -> str:
    """What names a judgement: the hash of its ledger entry."""
    return hashlib.sha256(entry.read_bytes()).hexdigest()


def waiting(lake: Lake) -> list[FollowUp]:
    """Every judgement that the register has not taken in, by module, window and CPO; of one delivery the standing one last.

    A file that is damaged is set aside, and noted in the lake with what brings it back.
    """
    found = []
    for path in lake.follow_ups():
        delivery = Delivery.of_folder(path.parent)
        if delivery is None:
            continue
        try:
            found.append(_read(lake, path, delivery))
        except TableUnreadable:
            lake.noted.append(
                f"What {delivery.id} left to be followed was damaged, and lies in {lake.set_aside(path)} now. Cases may lack: "
                f"`linda rebuild --from-raw --cpo {delivery.cpo}` brings them back."
            )
    return sorted(found, key=_in_turn)


def _in_turn(one: FollowUp) -> tuple[bool, date, str, bool, str, str]:
    delivery = one.delivery
    return (delivery.module != "locations", delivery.window, delivery.cpo, one.is_standing, one.pull, one.judgement)


def _read(lake: Lake, path: Path, delivery: Delivery) -> FollowUp:
    refused = read_table(path)
    told = {key.decode(): value.decode() for key, value in refused.schema.metadata.items()}
    return FollowUp(
        path,
        delivery,
        path.stem,
        told["pull"],
        datetime.fromisoformat(told["pulled_at"]),
        told["complete"] == "yes",
        is_standing(lake, delivery, path.stem),
        refused,
    )


def is_standing(lake: Lake, delivery: Delivery, judgement: str) -> bool:
    """Whether a judgement, by its hash, is the one that stands."""
    try:
        return hash_of(lake.ledger(delivery)) == judgement
    except FileNotFoundError:
        return False


def mended(lake: Lake, delivery: Delivery) -> MadeGood:
    """What the judgement of a delivery that stands accepted, as it is compared with what was refused before."""
    if delivery.module == "locations":
        return MadeGood(_mended_places(lake, delivery), pa.array([], pa.string()))
    identities, credited = [], []
    for table in _accepted(lake, delivery):
        identities.append(cdr_keys(table, delivery.cpo))
        credits = table.filter(pc.fill_null(table["credit"], False))
        credited.append(cdr_keys(credits, delivery.cpo, "credit_reference_id"))
    return MadeGood(_joined(identities), _joined(credited))


def _accepted(lake: Lake, delivery: Delivery) -> Iterator[pa.Table]:
    with opened(lake.table("accepted", delivery)) as file:
        for batch in file.iter_batches(batch_size=_BATCH, columns=_ACCEPTED):
            yield pa.Table.from_batches([batch])


def _mended_places(lake: Lake, delivery: Delivery) -> Any:
    locations = read_table(lake.table("accepted", delivery, "locations"), ["country_code", "party_id", "location_id"])
    evses = read_table(lake.table("accepted", delivery, "present"), ["location_id", "evse_uid", "bucket"])
    evses = evses.filter(pc.not_equal(evses["bucket"], "held_back"))
    return _joined([of_places("location", location_keys(locations)), of_places("evse", one_chunk(evse_names(evses)))])


def of_places(object_name: str, keys: Any) -> Any:
    """The identities of Locations or EVSEs, told apart from each other."""
    return one_chunk(pc.binary_join_element_wise(object_name, keys, " "))


def _joined(parts: list[Any]) -> Any:
    return one_chunk(pa.chunked_array(parts, pa.string())).drop_null()


def write_places(path: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    """Write the file of a night."""
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")
