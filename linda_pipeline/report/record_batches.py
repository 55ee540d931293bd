"""The findings and the rejected records of a delivery, read batch by batch in the order in which the judge wrote them.

Here: batches that never cut a record in two, so that whatever is counted per record is exact at flat memory.
Not here: what is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linda_pipeline.ledger.tables import FINDINGS
from linda_pipeline.storage.parquet import batches as read_batches

FINDING_COLUMNS = tuple(FINDINGS.names)
_TYPES = {"page": pa.int64(), "position": pa.int64(), "index": pa.int64(), "rules": pa.list_(pa.string())}


NOWHERE = int(np.iinfo(np.int64).max)
"""The place of what belongs to no record: such rows come last."""


def batches(path: Path, columns: tuple[str, ...], rows: int) -> Iterator[pa.Table]:
    """The rows of a table in batches of about `rows`, plainly typed. Raises TableUnreadable."""
    for batch in read_batches(path, columns, rows):
        yield pa.table({name: batch[name].cast(_TYPES.get(name, pa.string())) for name in columns})


def whole_records(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, cut only between records; a record is a page and a position, and its rows stand together.

    Rows that belong to no record may be cut anywhere. Raises ValueError where the rows are not in order.
    """
    kept: pa.Table | None = None
    for table in tables:
        table = pa.concat_tables([kept, table]).combine_chunks() if kept is not None else table
        if table.num_rows == 0:
            continue
        at = place(table)
        if (np.diff(at) < 0).any():
            raise ValueError("findings and rejected records must stand in order of page and position")
        end = len(at) if at[-1] == NOWHERE else int(np.searchsorted(at, at[-1]))
        if end:
            yield table.slice(0, end)
        kept = table.slice(end) if end < len(at) else None
    if kept is not None:
        yield kept


def place(table: pa.Table) -> Any:
    """One number per row that orders by page and position; NOWHERE where the row belongs to no record."""
    page, position = table.column("page"), table.column("position")
    known = pc.and_(pc.is_valid(page), pc.is_valid(position))
    pages = pc.fill_null(page, 0).to_numpy().astype(np.int64)
    positions = pc.fill_null(position, 0).to_numpy().astype(np.int64)
    return np.where(known.to_numpy(), pages << 36 | positions, NOWHERE)


def evse_index(objects: Any, paths: Any) -> Any:
    """The index of the EVSE that a finding is about, from its path; -1 where it is about the record itself."""
    index = pc.struct_field(pc.extract_regex(paths, r"^evses\[(?P<index>\d{1,9})\]"), "index")
    of_evse = pc.if_else(pc.equal(objects, "evse"), index, pa.scalar(None, pa.string()))
    return pc.fill_null(of_evse.cast(pa.int64()), -1)
