"""The proof that nothing of a delivery was lost.

Here: `conserve`, which counts what stands in the lake again and compares it with the ledger. Not here: the ledger entry
itself (ledger.entry) and how the verdicts came about.
"""

from __future__ import annotations

from pathlib import Path

from linda_pipeline.errors import LindaError
from linda_pipeline.ledger.entry import BUCKETS, Judgement, find_judgement
from linda_pipeline.pulling.raw import Pull
from linda_pipeline.storage.lake import Delivery, Lake
from linda_pipeline.storage.parquet import read_table, rows_of


class NotConserved(LindaError):
    """Records were lost or doubled between the raw pages and the buckets: our own failure, and it blocks the road."""


def conserve(lake: Lake, delivery: Delivery, pull: Pull) -> Judgement:
    """Count everything again, from the raw pages and from the files in the lake. Raises NotConserved where it differs."""
    judgement = find_judgement(lake, delivery)
    if judgement is None:
        raise NotConserved(f"{delivery.id} was pulled, but there is no judgement on it. Judge the delivery again.")
    wrong = miscounted(lake, judgement)
    counts, in_raw = judgement.main, sum(len(records) for _, records in pull.pages())
    if counts.received + judgement.outside_window != in_raw:
        wrong.append(
            f"received: {counts.received:,} and {judgement.outside_window:,} outside the window, {in_raw:,} in raw"
        )
    if wrong:
        raise NotConserved(
            f"{delivery.id} does not add up ({'; '.join(wrong)}). Nothing of it is used. Judge it again; if that does "
            "not help, this is a mistake of the portal: report it with the file judgement.json."
        )
    return judgement


def miscounted(lake: Lake, judgement: Judgement) -> list[str]:
    """Where a judgement counts otherwise than its tables hold, or does not add up; one phrase each."""
    delivery, counts = judgement.delivery, judgement.main
    kind = delivery.module
    on_disk = {
        "accepted": _rows(lake.table("accepted", delivery, "part-00001" if kind == "cdrs" else "locations")),
        "rejected": _rows(lake.table("rejected", delivery), "object", kind[:-1]),
        "held_back": _rows(lake.table("held", delivery), "object", kind[:-1]),
    }
    judged = {bucket: counts.of(bucket) for bucket in on_disk}
    if kind == "locations":
        evses = judgement.counts["evses"]
        judged |= {"accepted EVSEs": evses.accepted, "EVSEs present": evses.received - evses.identical}
        on_disk |= {
            "accepted EVSEs": _rows(lake.table("accepted", delivery, "evses")),
            "EVSEs present": _rows(lake.table("accepted", delivery, "present")),
        }
    wrong = [
        f"{bucket}: {judged[bucket]:,} judged, {'no file' if found is None else f'{found:,}'} in the lake"
        for bucket, found in on_disk.items()
        if judged[bucket] != found
    ]
    for name, one in judgement.counts.items():
        if not one.adds_up:
            wrong.append(f"{name}: {one.received:,} received, {sum(map(one.of, BUCKETS)):,} in the buckets")
    return wrong


def _rows(path: Path, column: str | None = None, value: str | None = None) -> int | None:
    """How many rows a table in the lake has (with a value in a column); None where the file is not there."""
    if not path.is_file():
        return None
    if column is None:
        return rows_of(path)
    values = read_table(path, columns=[column])[column].to_pylist()
    return sum(1 for one in values if one == value)
