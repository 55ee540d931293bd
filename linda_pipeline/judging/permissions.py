"""Permissions that change after a delivery was judged: what a judgement rested on, and the proof of what a change moved.

Here: the fingerprint of permissions, the ledger entry with it, and what a change moved. Not here: what is judged again
(again.py), and which record a permission covers (holding.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.calendar import local_date
from linda_pipeline.judging.conservation import NotConserved
from linda_pipeline.judging.holding import NO_PERMISSION
from linda_pipeline.ledger.entry import Judgement, JudgementUnreadable, find_judgement
from linda_pipeline.ledger.follow_up import hash_of
from linda_pipeline.ledger.manifest import changed_tables, listed
from linda_pipeline.ledger.moves import moves, put_moves
from linda_pipeline.ocpi.record_keys import folded_text
from linda_pipeline.register.cpos import Cpo
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import TableUnreadable, read_table
from linda_pipeline.storage.transaction import Transaction

_IDS = {"cdrs": "cdr_id", "locations": "location_id"}
_PLACES = {"cdrs": "part-00001", "locations": "locations"}


def bearing(cpo: Cpo, delivery: Delivery, pulled_at: datetime) -> list[dict[str, Any]]:
    """The permissions that can cover a record of a delivery, in order; `until` only where it ends before the pull.

    For CDRs those that began by the day of the pull, since no session ended after it; for Locations those of the night.
    """
    day = local_date(pulled_at)
    found = [
        {
            "document": one.document,
            "owner_id": one.owner_id,
            "from": one.start.isoformat(),
            "until": None if one.until is None or one.until >= day else one.until.isoformat(),
            "areas": sorted(one.areas),
            **{name: sorted(named) for name, named in (("locations", one.locations), ("evses", one.evses)) if named},
        }
        for one in cpo.permissions
        if (one.holds_on(delivery.window) if delivery.module == "locations" else one.start <= day)
    ]
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True))


def fingerprint(module: str, permissions: Iterable[Mapping[str, Any]]) -> str:
    """What the permissions amount to for a delivery of a module: SHA-256 in hex.

    Accepted CDRs carry their owner and document, so these count there; for Locations it does not matter what a document is
    called.
    """
    names = ("from", "until", "areas", *(("owner_id", "document") if module == "cdrs" else ()))
    told = sorted(
        json.dumps(
            [*(one[name] for name in names), *({name: one[name]} for name in ("locations", "evses") if name in one)]
        )
        for one in permissions
    )
    told = list(dict.fromkeys(told))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def enter(
    lake: Lake,
    transaction: Transaction,
    judgement: Judgement,
    cpo: Cpo,
    held: Path,
    refused: Path,
    judged_at: datetime | None = None,
) -> None:
    """Write the ledger entry of a judgement, with what it leaves to be followed; and where it moves records of an earlier one
    over the gate, the proof of it.

    `held` is the new table of held-back records and `refused` the one of ledger.follow_up, not yet in the lake; `judged_at`
    stands in the proof.
    """
    delivery = judgement.delivery
    permissions = bearing(cpo, delivery, judgement.pulled_at)
    judgement.permissions = {"fingerprint": fingerprint(delivery.module, permissions), "bearing": permissions}
    before, moved = _standing(lake, delivery), {}
    if before is not None:
        with contextlib.suppress(TableUnreadable):  # as of a version that did not list its tables
            moved = _moved(lake, delivery, held, same_pull=before.pull == judgement.pull)
        if any(moved.values()):
            line = {
                "delivery_id": delivery.id,
                "at": None if judged_at is None else judged_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                **moved,
                "permissions_before": before.permissions.get("bearing"),
                "permissions_after": permissions,
                "pull_before": before.pull,
                "pull_after": judgement.pull,
            }
            put_moves(lake, transaction, delivery, [*moves(lake, delivery), line])
    judgement.tables = listed(lake, delivery, transaction.staged())
    entry = transaction.put(lake.ledger(delivery))
    judgement.write(entry)
    refused.rename(transaction.put(lake.follow_up(delivery, hash_of(entry))))


def _standing(lake: Lake, delivery: Delivery) -> Judgement | None:
    """The judgement that stands, or None: there is none, or it is damaged, so that nothing can be compared with it."""
    try:
        before = find_judgement(lake, delivery)
    except JudgementUnreadable:
        return None
    return None if before is None or any(changed_tables(lake, before)) else before


def prove_withdrawals(lake: Lake, module: str = "cdrs") -> int:
    """Look in what is curated for records that were withdrawn, and note in each open proof that none is left.

    Returns how many proofs were closed. Raises NotConserved where a withdrawn record is still there.
    """
    closed = 0
    for delivery in lake.judged(module):
        lines = moves(lake, delivery)
        open_lines = [line for line in lines if line["withdrawn"] and "curated_rows_left" not in line]
        if not open_lines:
            continue
        left = _held_but_curated(lake, delivery) if module == "cdrs" else _held_but_in_history(lake, delivery)
        if left:
            raise NotConserved(
                f"{left:,} records of {delivery.id} are held back for want of a permission, but still curated. Curate again; "
                "if that does not help, this is a mistake of the portal."
            )
        for line in open_lines:
            line["curated_rows_left"] = left
            closed += 1
        with lake.transaction() as transaction:
            put_moves(lake, transaction, delivery, lines)
    return closed


def _moved(lake: Lake, delivery: Delivery, held: Path, *, same_pull: bool) -> dict[str, Any]:
    """How many records the gate let in and took out, against what stands in the lake; with a hash over those taken out."""
    name = _IDS[delivery.module]
    was_in = read_table(lake.table("accepted", delivery, _PLACES[delivery.module]), columns=[name, "page", "position"])
    was_in = was_in.rename_columns(["id", "page", "position"])
    was_held = _held(lake.table("held", delivery))
    now_held = _held(held)
    key = _place if same_pull else _id
    withdrawn = was_in.filter(pa.array(np.isin(key(was_in), key(now_held))))
    released = int((~np.isin(key(was_held), key(_held(held, for_any_reason=True)))).sum())
    ids = sorted(str(one) for one in withdrawn["id"].to_pylist())
    return {
        "released": released if same_pull else 0,
        "withdrawn": withdrawn.num_rows,
        "withdrawn_sha256": hashlib.sha256("\n".join(ids).encode()).hexdigest() if ids else None,
    }


def _held(path: Path, *, for_any_reason: bool = False) -> pa.Table:
    """The CDRs or Locations that are held back for want of a permission. EVSEs are counted with their Location."""
    table = read_table(path, columns=["object", "id", "page", "position", "reason"])
    table = table.filter(pc.not_equal(table["object"], "evse"))
    return table if for_any_reason else table.filter(pc.equal(table["reason"], NO_PERMISSION))


def _place(table: pa.Table) -> Any:
    return (table["page"].to_numpy().astype(np.int64) << 32) | table["position"].to_numpy().astype(np.int64)


def _id(table: pa.Table) -> Any:
    return np.array([folded_text(str(one)) for one in table["id"].to_pylist()], dtype=object)


def _held_but_curated(lake: Lake, delivery: Delivery) -> int:
    held = _place(_held(lake.table("held", delivery)))
    left = 0
    for path in sorted((lake.root / "curated" / "cdrs" / f"cpo={delivery.cpo}").glob("month=*/*.parquet")):
        table = read_table(path, columns=["window", "page", "position"])
        table = table.filter(pc.equal(table["window"], pa.scalar(delivery.window, pa.date32())))
        left += int(np.isin(_place(table), held).sum())
    return left


def _held_but_in_history(lake: Lake, delivery: Delivery) -> int:
    """Versions of Locations and EVSEs that say what only this night said, of Locations that are held back on it."""
    accepted = read_table(lake.table("accepted", delivery, "locations"), columns=["location_id"])
    held = np.setdiff1d(_id(_held(lake.table("held", delivery))), _id(accepted.rename_columns(["id"])))
    left = 0
    for name in ("locations", "evses"):
        path = lake.curated(name, delivery.cpo)
        if path.exists():
            table = read_table(path, columns=["location_id", "valid_from"])
            table = table.filter(pc.equal(table["valid_from"], pa.scalar(delivery.window, pa.date32())))
            left += int(np.isin(_id(table.rename_columns(["id", "valid_from"])), held).sum())
    return left
